"""Origins that mean no good, or are merely broken: an error, a bound, and the control source goes on."""

import gzip
import random
import ssl
import subprocess
import sys
import time
import unittest
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.cli import Folder  # noqa: E402
from support.limits import memory  # noqa: E402
from support.polling import config, daemon, source, state, update  # noqa: E402
from support.scripted_origin import ScriptedOrigin, answer, feed, until  # noqa: E402

MiB = 1 << 20


def chunked(data, headers=()):
    lines = ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def endless(first, piece, pause=0.0):
    """Writes for ever, or until the other side has had enough."""
    def page(request, connection):
        connection.sendall(first)
        while True:
            connection.sendall(piece)
            if pause:
                time.sleep(pause)
    return page


def hang(request, connection):
    connection.settimeout(60)
    connection.recv(1)


def reset(request, connection):
    import socket
    import struct
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


GZIPPED = gzip.compress(feed(*range(200)).encode())
BODY = feed(*range(200)).encode()

# What a page answers, and what the error says of it.
FAULTY = {
    "closed": (lambda r, c: None, "closed without an answer"),
    "reset": (reset, "reset|closed|recv failure"),
    "not-http": (b"220 ftp.example.org ready\r\n\r\n", "no HTTP"),
    "http-0.9": (feed(1).encode(), "no HTTP|not HTTP"),
    "cut": (lambda r, c: c.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(BODY)}\r\n\r\n".encode() + BODY[:3000]), "whole body"),
    "cut-chunked": (lambda r, c: c.sendall(chunked(b"800\r\n" + BODY[:0x800] + b"\r\n")), "whole body|closed"),
    "bad-chunk": (lambda r, c: c.sendall(chunked(b"xyz\r\n" + BODY)), "chunk|fetch|read"),
    "cut-gzip": (answer(GZIPPED[:len(GZIPPED) // 2], headers=["Content-Encoding: gzip"]), "cut short"),
    "no-gzip": (answer(BODY, headers=["Content-Encoding: gzip"]), "cut short"),
    "no-brotli": (answer(BODY, headers=["Content-Encoding: br"]), "cut short"),
    "no-zstd": (answer(BODY, headers=["Content-Encoding: zstd"]), "cut short"),
    "empty": (answer(b""), "not a feed|empty|without a feed"),
    "binary": (answer(bytes(random.Random(1).randbytes(5000))), "not a feed"),
    "page": (answer("<html><body><p>hello</p></body></html>"), "not a feed"),
    "other-xml": (answer("<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>"), "not a feed"),
    "other-json": (answer('{"hello":["world"]}'), "not a feed"),
    "500": (answer("x", "500 Oops"), "500"),
    "unasked-304": (answer(status="304 Not Modified", length=False), "304"),
    "206": (answer(BODY, "206 Partial Content"), "206"),
    "circle": (answer(status="301 Moved", headers=["Location: /circle"]), "circle"),
    "to-file": (answer(status="302 Found", headers=["Location: file:///etc/passwd"]), "http"),
    "headers": (endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000), "too large"),
    "header-line": (endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536), "too large|too long|header"),
    "interim": (endless(b"", b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n"), "too large|header"),
    "body": (endless(b"HTTP/1.1 200 OK\r\n\r\n", b"<rss><channel>" + b"x" * 65536), "larger than 16 MiB"),
    "announced": (b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n", "larger than 16 MiB"),
    "bomb": (lambda r, c: c.sendall(BOMB), "larger than 16 MiB"),
    "hang": (hang, "no answer after 3 s"),
    "dribble": (endless(b"HTTP/1.1 200 OK\r\n\r\n<rss>", b"x", 0.1), "timed out after 3 s"),
    "dribbled-header": (endless(b"HTTP/1.1 200 OK\r\nX: ", b"x", 0.1), "after 3 s"),
}


def bomb(size):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    out = b"".join(packer.compress(bytes(MiB)) for _ in range(size // MiB)) + packer.flush()
    return answer(out, headers=["Content-Encoding: gzip"])


BOMB = bomb(300 * MiB)


class OriginsTest(unittest.TestCase):
    def test_every_fault_is_one_failed_source_with_its_cause_and_stores_nothing(self):
        with ScriptedOrigin({f"/{name}": page for name, (page, _) in FAULTY.items()}) as origin, Folder() as folder:
            origin.pages["/good"] = answer(feed(1, 2))
            path = config(folder, *(source("f-" + name.replace(".", "-"), f"{origin.url}/{name}") for name in FAULTY),
                          source("good", origin.url + "/good"), fetch="per_host = 50")
            path.write_text(path.read_text().replace('timeout = "5s"', 'timeout = "3s"', 1))
            start = time.monotonic()
            done, totals = update(path)
            self.assertLess(time.monotonic() - start, 15)
            self.assertEqual((done.status, totals["failed"], totals["new_posts"]), (1, len(FAULTY), 2), done.err)
            for name, (_, cause) in FAULTY.items():
                self.assertRegex(done.err, rf"(?im)^riverd: f-{name.replace('.', '-')}: .*({cause})")

    def test_what_is_odd_but_whole_is_read(self):
        pages = {
            "gzip": answer(GZIPPED, headers=["Content-Encoding: gzip"]),
            "deflate": answer(zlib.compress(BODY), headers=["Content-Encoding: deflate"]),
            "raw-deflate": answer(zlib.compress(BODY)[2:-4], headers=["Content-Encoding: deflate"]),
            "members": answer(gzip.compress(BODY[:500]) + gzip.compress(BODY[500:]), headers=["Content-Encoding: gzip"]),
            "charset-as-encoding": answer(BODY, headers=["Content-Encoding: UTF-8"]),
            "until-close": lambda r, c: c.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + BODY),
            "chunked": chunked(b"".join(b"%x\r\n" % len(BODY[i:i + 99]) + BODY[i:i + 99] + b"\r\n" for i in range(0, len(BODY), 99)) + b"0\r\n\r\n"),
            "wrong-type": answer(BODY, headers=["Content-Type: image/png"]),
            "interim": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer(BODY),
        }
        with ScriptedOrigin({f"/{name}": page for name, page in pages.items()}) as origin, Folder() as folder:
            path = config(folder, *(source(name, f"{origin.url}/{name}") for name in pages))
            done, totals = update(path)
            self.assertEqual((done.status, totals["failed"]), (0, 0), done.err)

    def test_a_certificate_that_cannot_be_verified_is_refused(self):
        with Folder() as folder:
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                            "subjectAltName=IP:127.0.0.1", "-keyout", folder.path / "key.pem", "-out", folder.path / "cert.pem"],
                           check=True, capture_output=True)
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(folder.path / "cert.pem", folder.path / "key.pem")
            with ScriptedOrigin({"/feed": answer(feed(1))}, tls=tls) as origin:
                done, _ = update(config(folder, source("s", origin.url + "/feed")))
                self.assertEqual(origin.asked(), [])
                self.assertRegex(done.err, r"s: TLS with 127\.0\.0\.1:\d+: .*certificate")

    def test_https_does_not_fall_to_http(self):
        with Folder() as folder:
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                            "subjectAltName=IP:127.0.0.1", "-keyout", folder.path / "key.pem", "-out", folder.path / "cert.pem"],
                           check=True, capture_output=True)
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(folder.path / "cert.pem", folder.path / "key.pem")
            with ScriptedOrigin({"/feed": answer(feed(1))}) as plain, ScriptedOrigin(tls=tls) as origin:
                origin.pages["/feed"] = answer(status="301 Moved", headers=[f"Location: {plain.url}/feed"])
                path = config(folder, source("s", origin.url + "/feed"))
                env = {"SSL_CERT_FILE": str(folder.path / "cert.pem")}
                from support.cli import riverd
                done = riverd("update", "--config", path, env=env)
                self.assertIn("from https to", done.err)
                self.assertEqual((len(origin.asked()), plain.asked()), (1, []))

    def test_hostile_bodies_leave_the_daemon_small_and_the_others_on_time(self):
        pages = {name: FAULTY[name][0] for name in ["body", "bomb", "hang", "dribble", "headers", "interim", "cut", "binary"]}
        pages["deep"] = answer(b"<rss>" + b"<a>" * 2_000_000)
        pages["entities"] = answer('<!DOCTYPE r [<!ENTITY a "' + "a" * 1000 + '">' + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(8))
                                   + "]><rss><channel><title>&i;</title></channel></rss>")
        with ScriptedOrigin({f"/{name}": page for name, page in pages.items()}) as origin:
            numbers = [1]
            origin.pages["/control"] = lambda r, c: answer(feed(*numbers))
            hostile = [source(f"h-{name}", f"{origin.url}/{name}", interval='"1s"') for name in pages]
            with daemon(*hostile, source("control", origin.url + "/control", interval='"1s"'), fetch='timeout = "3s"\nper_host = 20') as river:
                before = river.descriptors()
                peak = 0
                for n in range(2, 7):
                    numbers.append(n)
                    wanted = time.monotonic()
                    river.wait_until(lambda: any(p["title"] == f"story {n}" for p in river.json("/api/v1/posts?source=control")["posts"]), 15)
                    self.assertLess(time.monotonic() - wanted, 8)
                    asked = time.monotonic()
                    self.assertEqual(river.get("/healthz")[0], 200)
                    self.assertLess(time.monotonic() - asked, 2)
                    peak = max(peak, river.memory())
                self.assertLess(peak, memory(256 * MiB))
                self.assertLess(river.descriptors(), before + 60)
                self.assertEqual(state(river, "h-bomb")["state"], "failing")
                status, seconds = river.stop()
                self.assertEqual(status, 0)
                self.assertLess(seconds, 5)


if __name__ == "__main__":
    unittest.main()
