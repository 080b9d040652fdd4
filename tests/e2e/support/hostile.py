"""What hostile origins are made of: ways to write an answer wrongly, slowly or without an end, and the row that says what
riverd makes of it."""

import gzip
import json
import re
import socket
import struct
import subprocess
import time
import zlib

from .scripted_origin import answer, feed

MiB = 1 << 20
OK = b"HTTP/1.1 200 OK\r\n"
BODY = feed(*range(200)).encode()


class Row:
    """One behaviour. page: as in ScriptedOrigin.pages. state, error (a pattern), status: what /api/v1/sources says of the
    source afterwards; None: not looked at. posts: how many it has then. check: called with (test, source, posts, requests)."""

    def __init__(self, name, page, state, error=None, posts=0, status=None, check=None, keys=None, polls=2):
        self.name, self.page, self.state, self.error, self.posts = name, page, state, error, posts
        self.status, self.check, self.keys, self.polls = status, check, keys or {}, polls

    def is_shown_by(self, shown):
        """Whether its outcome is there already; on a busy machine a poll may run out of its time first."""
        if self.error is None:
            return shown["state"] == self.state
        return shown["state"] == self.state and re.search(f"(?i){self.error}", shown["error"] or "") is not None


def fails(name, page, error, **more):
    return Row(name, page, "failing", error, **more)


def works(name, page, posts, **more):
    return Row(name, page, "ok", None, posts, **more)


# --- transport ---

def write(*pieces, pause=0.0, then_wait=False):
    """Writes the pieces, and closes, or waits until the other side does."""
    def page(request, connection):
        for piece in pieces:
            connection.sendall(piece)
            if pause:
                time.sleep(pause)
        if then_wait:
            hang(request, connection)
    return page


BREATH = 0.005  # between bursts of what floods: the other origins of the test run in this process, too


def endless(first, piece, pause=BREATH):
    """Writes for ever, or until the other side has had enough."""
    burst = piece if pause != BREATH else piece * max(1, 262_144 // len(piece))

    def page(request, connection):
        connection.sendall(first)
        while True:
            connection.sendall(burst)
            time.sleep(pause)
    return page


def hang(request, connection):
    connection.settimeout(60)
    try:
        connection.recv(1)
    except OSError:
        pass


def reset_after(data=b""):
    def page(request, connection):
        if data:
            connection.sendall(data)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return page


def chunked(data, headers=()):
    return "\r\n".join(["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", *headers]).encode() + b"\r\n\r\n" + data


def chunks(body, size=99):
    return b"".join(b"%x\r\n" % len(body[i:i + size]) + body[i:i + size] + b"\r\n" for i in range(0, len(body), size)) + b"0\r\n\r\n"


def with_length(length, body=BODY):
    """An answer that claims this Content-Length."""
    return OK + f"Content-Length: {length}\r\nConnection: close\r\n\r\n".encode() + body


def moved(status, location):
    return answer(status=f"{status} Moved", headers=[f"Location: {location}"])


# --- encodings ---

def encoded(coding, data):
    return answer(data, headers=[f"Content-Encoding: {coding}", 'ETag: "packed"'])


def gzip_bomb(size):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(MiB)
    return b"".join(packer.compress(block) for _ in range(size // MiB)) + packer.flush()


def run(*command, data):
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def brotli(data):
    return run("brotli", "-c", "-q", "5", "-", data=data)


def zstd(data):
    return run("zstd", "-c", "-q", "-", data=data)


def zstd_bomb(size):
    """A frame of RLE blocks (RFC 8878, 3.1.1.2): 128 KiB from four bytes each."""
    block = ((128 * 1024) << 3 | 1 << 1).to_bytes(3, "little") + b"x"
    last = ((128 * 1024) << 3 | 1 << 1 | 1).to_bytes(3, "little") + b"x"
    return b"\x28\xb5\x2f\xfd" + bytes([0x00, 0x38]) + block * (size // (128 * 1024) - 1) + last


GZIPPED = gzip.compress(BODY)
BROTLI = brotli(BODY)
ZSTD = zstd(BODY)


# --- documents ---

def rss(*items, head="", before=""):
    return (f'<?xml version="1.0"?>{before}<rss version="2.0"><channel><title>Feed</title><link>https://example.org/</link>'
            f'{head}{"".join(items)}</channel></rss>')


def item(**parts):
    return "<item>" + "".join(f"<{name}>{text}</{name}>" for name, text in parts.items()) + "</item>"


def json_feed(items, **more):
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Feed", "items": items, **more})


def counting(make):
    """A document made anew for each request, from its number."""
    count = [0]

    def page(request, connection):
        count[0] += 1
        return make(count[0])
    return page


def in_turn(*documents):
    """One document a request; after the last, all of them again."""
    return counting(lambda n: documents[(n - 1) % len(documents)])


def host_of(number, origin):
    """Each row is a server of its own: one that closes kept connections unannounced is no other's trouble."""
    return f"127.3.{number // 200}.{number % 200 + 1}:{origin.port}"


def served(row, host):
    """The row's page at this host: its address where the page says {host}; documents get links of their own, so that no
    row's stories are another's."""

    def finish(page):
        if isinstance(page, str):
            return answer(page.replace("{host}", host).replace("//example.org", f"//{row.name}.example.org"))
        return page.replace(b"{host}", host.encode()) if isinstance(page, bytes) else page

    if isinstance(row.page, list):
        return [finish(page) for page in row.page]
    if callable(row.page):
        return lambda request, connection: finish(row.page(request, connection))
    return finish(row.page)
