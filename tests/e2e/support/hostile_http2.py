"""Behaviours of origins that speak HTTP/2. A page returns True where its connection may go on."""

import os
import time

from .hostile import BREATH, Row, fails, works
from .http2_origin import (CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, PUSH_PROMISE, RST_STREAM, SETTINGS, STATUS_200, literal)
from .scripted_origin import feed

FEED = feed(1, 2).encode()
ERROR = "HTTP/2|HTTP2|closed|stream|fetch|read"


def well(c):
    c.frame(HEADERS, END_HEADERS, STATUS_200)
    c.frame(DATA, END_STREAM, FEED)
    return True


def reset(code):
    def page(c):
        c.frame(RST_STREAM, payload=code.to_bytes(4, "big"))
        return True
    return page


def reset_in_body(c):
    c.frame(HEADERS, END_HEADERS, STATUS_200)
    c.frame(DATA, payload=FEED[:100])
    c.frame(RST_STREAM, payload=b"\0\0\0\2")
    return True


def closed_in_body(c):
    c.frame(HEADERS, END_HEADERS, STATUS_200)
    c.frame(DATA, payload=FEED[:100])


def goaway(c):
    c.frame(GOAWAY, payload=bytes(8), stream=0)


def goaway_in_body(c):
    c.frame(HEADERS, END_HEADERS, STATUS_200)
    c.frame(DATA, payload=FEED[:100])
    c.frame(GOAWAY, payload=bytes(4) + b"\0\0\0\1", stream=0)


def wrong_length(length):
    def page(c):
        c.frame(HEADERS, END_HEADERS, STATUS_200 + literal(b"content-length", str(length).encode()))
        c.frame(DATA, END_STREAM, FEED)
        return True
    return page


def garbage(c):
    c.socket.sendall(os.urandom(20_000))
    c.wait()


def for_ever(c, *frame, **parts):
    while True:
        for _ in range(50):
            c.frame(*frame, **parts)
        time.sleep(BREATH)


def flood(*frame, **parts):
    return lambda c: for_ever(c, *frame, **parts)


def continuation_flood(c):
    c.frame(HEADERS, 0, STATUS_200)
    for_ever(c, CONTINUATION, 0, literal(b"x", b"y" * 100) * 20)


def packed_header_bomb(c):
    """One field of 4000 bytes goes into the table; then a byte each time asks for it again (RFC 7541, 6.1)."""
    field = b"\x40\x01x\x7f" + bytes([(4000 - 127) % 128 | 128, (4000 - 127) // 128]) + b"y" * 4000
    c.frame(HEADERS, END_HEADERS, STATUS_200 + field + b"\xbe" * 12_000)
    c.wait()


def interim_flood(c):
    for_ever(c, HEADERS, END_HEADERS, literal(b":status", b"103") + literal(b"x", b"y" * 100))


def empty_data_flood(c):
    c.frame(HEADERS, END_HEADERS, STATUS_200)
    for_ever(c, DATA)


def window_ignored(c):
    c.frame(HEADERS, END_HEADERS, STATUS_200)
    for_ever(c, DATA, payload=b"x" * 16_000)


def frame_too_large(c):
    c.frame(HEADERS, END_HEADERS, STATUS_200)
    c.frame(DATA, payload=b"x" * 1_000_000)
    c.wait()


def push(c):
    c.frame(PUSH_PROMISE, END_HEADERS, b"\0\0\0\2" + STATUS_200)
    c.wait()


def hang(c):
    c.wait()


def no_status(c):
    c.frame(HEADERS, END_HEADERS, literal(b"x", b"y"))
    c.frame(DATA, END_STREAM, FEED)
    return True


ROWS: list[Row] = [
    works("h2-well", well, 2),
    fails("h2-reset-internal-error", reset(2), ERROR),
    fails("h2-reset-refused", reset(7), ERROR),
    fails("h2-reset-calm", reset(11), ERROR),
    fails("h2-reset-http11-required", reset(13), ERROR),
    fails("h2-reset-in-body", reset_in_body, ERROR),
    fails("h2-closed-in-body", closed_in_body, ERROR),
    fails("h2-goaway", goaway, ERROR),
    fails("h2-goaway-in-body", goaway_in_body, ERROR),
    fails("h2-length-too-long", wrong_length(len(FEED) + 1), ERROR),
    fails("h2-length-too-short", wrong_length(10), ERROR),
    fails("h2-garbage", garbage, ERROR),
    fails("h2-settings-flood", flood(SETTINGS, stream=0), ERROR),
    fails("h2-ping-flood", flood(PING, payload=bytes(8), stream=0), ERROR),
    fails("h2-continuation-flood", continuation_flood, ERROR),
    fails("h2-packed-header-bomb", packed_header_bomb, ERROR),
    fails("h2-interim-flood", interim_flood, ERROR),
    fails("h2-empty-data-flood", empty_data_flood, ERROR),
    fails("h2-window-ignored", window_ignored, ERROR),
    fails("h2-frame-too-large", frame_too_large, ERROR),
    fails("h2-push", push, ERROR),
    fails("h2-hang", hang, "no answer after 3 s"),
    fails("h2-no-status", no_status, ERROR),
]
