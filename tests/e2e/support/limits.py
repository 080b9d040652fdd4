"""Bounds of memory and time as promised, and wider ones for builds with sanitizers, which cost several times as much."""

import os

SANITIZED = bool(os.environ.get("RIVERD_SANITIZE"))


def memory(size):
    return size * 8 if SANITIZED else size


def seconds(time):
    return time * 6 if SANITIZED else time
