"""Bounds of memory and time as promised, and wider ones for builds with sanitizers or counters, which cost several times as much."""

import os

INSTRUMENTED = os.environ.get("RIVERD_INSTRUMENTED") == "1"


def memory(size):
    return size * 8 if INSTRUMENTED else size


def seconds(time):
    return time * 6 if INSTRUMENTED else time
