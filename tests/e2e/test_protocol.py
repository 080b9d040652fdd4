"""Requests that two programs could read in two ways, and those at the edge of the grammar, over a real socket: each is answered as
documented, and what follows a request that was refused is never answered."""

import re
import socket
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.river import River  # noqa: E402

NEXT = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
HOST = b"Host: localhost\r\n"


def get(fields=b"", target=b"/healthz", line=None, body=b""):
    return (line or b"GET " + target + b" HTTP/1.1\r\n") + HOST + fields + b"\r\n" + body


def post(fields, body=b""):
    return b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Content-Type: application/x-www-form-urlencoded\r\n" + fields + b"\r\n" + body


def long(size):
    return b"x" * size


# A name, the bytes, the statuses that are right for it (none: closing without an answer is right, too), and whether the request
# after it is answered: only where there is no doubt about where this one ends.
GOOD = [
    ("plain", get(), {200}), ("two spaces after a colon", get(b"A:  b \r\n"), {200}), ("no space after a colon", get(b"A:b\r\n"), {200}), ("an empty field", get(b"A:\r\n"), {200}),
    ("a line before", b"\r\n" + get(), {200}), ("obs-text in a field", get(b"A: \xe9\xff\r\n"), {200}), ("a query", get(target=b"/healthz?a=b"), {200}), ("an absolute target", get(target=b"http://localhost/healthz"), {200}),
    ("upper case in the Host", b"GET /healthz HTTP/1.1\r\nhost: LOCALHOST\r\n\r\n", {200}), ("a Host with a port", b"GET /healthz HTTP/1.1\r\nHost: localhost:8380\r\n\r\n", {200}), ("HEAD", b"HEAD /healthz HTTP/1.1\r\n" + HOST + b"\r\n", {200}),
    ("an unknown path", get(target=b"/nothing/here"), {404}), ("another method", b"DELETE /api/v1/posts HTTP/1.1\r\n" + HOST + b"\r\n", {405}), ("OPTIONS", b"OPTIONS /api/v1/posts HTTP/1.1\r\n" + HOST + b"\r\n", {200, 204, 405}),
    ("a body that GET does not need", get(b"Content-Length: 5\r\n", body=b"hello"), {200}), ("a chunked body that GET does not need", get(b"Transfer-Encoding: chunked\r\n", body=b"5\r\nhello\r\n0\r\n\r\n"), {200}),
    ("a chunk extension", get(b"Transfer-Encoding: chunked\r\n", body=b"5;a=b\r\nhello\r\n0\r\n\r\n"), {200, 400}), ("a trailer", get(b"Transfer-Encoding: chunked\r\n", body=b"5\r\nhello\r\n0\r\nA: b\r\n\r\n"), {200, 400}),
    ("Expect", post(b"Content-Length: 7\r\nExpect: 100-continue\r\n", b"token=a"), {100, 200, 302, 303, 400, 401, 403, 404, 405, 417}),
    ("If-None-Match with rubbish", get(b"If-None-Match: \"\r\n"), {200}), ("Range", get(b"Range: bytes=0-1\r\n"), {200}), ("Accept-Encoding with rubbish", get(b"Accept-Encoding: ;;q=,gzip;q=x\r\n"), {200}),
    ("Connection: upgrade", get(b"Connection: upgrade\r\nUpgrade: websocket\r\n"), {200}), ("h2c", get(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"), {200}),
    ("X-Forwarded-Host", get(b"X-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\n"), {200}), ("X-Original-URL", get(b"X-Original-URL: /admin\r\nX-Rewrite-URL: /admin\r\n"), {200}), ("X-HTTP-Method-Override", get(b"X-HTTP-Method-Override: DELETE\r\n"), {200}),
]

BAD = [
    ("nothing of HTTP", b"hello\r\n\r\n", {400}), ("TLS", b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + bytes(160), {400}), ("zeros", bytes(400), {400}), ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 405, 505}),
    ("HTTP/0.9", b"GET /healthz\r\n\r\n", {400}), ("HTTP/1.2 and no Host", b"GET / HTTP/1.2\r\n\r\n", {400, 505}), ("HTTP/2.0 in text", get(line=b"GET / HTTP/2.0\r\n"), {400, 505}), ("HTTP/9.9", get(line=b"GET / HTTP/9.9\r\n"), {400, 505}), ("HTTP/1.10", get(line=b"GET / HTTP/1.10\r\n"), {400, 505}),
    ("http in lower case", get(line=b"GET / http/1.1\r\n"), {400}), ("no version's dot", get(line=b"GET / HTTP/11\r\n"), {400, 505}), ("two spaces in the line", get(line=b"GET  / HTTP/1.1\r\n"), {400}), ("a tab in the line", get(line=b"GET\t/\tHTTP/1.1\r\n"), {400}),
    ("a space in the target", get(line=b"GET /a b HTTP/1.1\r\n"), {400}), ("a space after the line", get(line=b"GET / HTTP/1.1 \r\n"), {400}), ("no method", get(line=b" / HTTP/1.1\r\n"), {400}), ("a method with a quote", get(line=b"G\"T / HTTP/1.1\r\n"), {400}),
    ("a target without a slash", get(line=b"GET healthz HTTP/1.1\r\n"), {400}), ("a target with a fragment", get(target=b"/a#b"), {400}), ("a target with a NUL", get(target=b"/\0"), {400}), ("a target with bytes", get(target=b"/\xff\xfe"), {400, 404}), ("a target with %00", get(target=b"/%00"), {400, 404}),
    ("a target with %zz", get(target=b"/%zz"), {400}), ("a target with %", get(target=b"/%"), {400}), ("a target with dots", get(target=b"/../../etc/passwd"), {400, 404}), ("a target with coded dots", get(target=b"/%2e%2e/%2e%2e/etc/passwd"), {400, 404}), ("a target with backslashes", get(target=b"\\..\\etc"), {400, 404}),
    ("CONNECT", get(line=b"CONNECT localhost:80 HTTP/1.1\r\n"), {400, 405, 501}), ("TRACE", get(line=b"TRACE / HTTP/1.1\r\n"), {400, 405, 501}), ("an asterisk", get(line=b"GET * HTTP/1.1\r\n"), {400, 404}),
    ("no Host", b"GET / HTTP/1.1\r\n\r\n", {400}), ("two Hosts", get(HOST), {400}), ("an empty Host", b"GET / HTTP/1.1\r\nHost:\r\n\r\n", {400}), ("a Host with a path", b"GET / HTTP/1.1\r\nHost: localhost/x\r\n\r\n", {400, 421}), ("a Host with a user", b"GET / HTTP/1.1\r\nHost: a@localhost\r\n\r\n", {400, 421}),
    ("a foreign Host", b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", {421}), ("a foreign absolute target", b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", {400, 421}), ("a Host with a NUL", b"GET / HTTP/1.1\r\nHost: local\0host\r\n\r\n", {400}),
    ("bare line feeds", b"GET / HTTP/1.1\nHost: localhost\n\n", {400}), ("a bare line feed", b"GET / HTTP/1.1\r\nHost: localhost\nA: b\r\n\r\n", {400}), ("a bare carriage return", get(b"A: b\rC: d\r\n"), {400}), ("a folded field", get(b"A: b\r\n c\r\n"), {400}), ("a space before the colon", get(b"A : b\r\n"), {400}),
    ("a space before the name", get(b" A: b\r\n"), {400}), ("no colon", get(b"A\r\n"), {400}), ("no name", get(b": b\r\n"), {400}), ("a NUL in a value", get(b"A: \0\r\n"), {400}), ("a control character in a value", get(b"A: \x01\r\n"), {400}), ("a control character in a name", get(b"A\x01: b\r\n"), {400}),
    ("bytes in a name", get(b"\xe9: b\r\n"), {400}), ("a long line", get(target=b"/" + long(70_000)), {400, 414, 431}), ("a long field", get(b"A: " + long(70_000) + b"\r\n"), {400, 431}), ("many fields", get(b"A: b\r\n" * 5000), {400, 431}), ("a long name", get(long(70_000) + b": b\r\n"), {400, 431}),
    ("CL and TE", post(b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), {400}), ("TE and CL", post(b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", b"0\r\n\r\n"), {400}), ("two lengths", post(b"Content-Length: 4\r\nContent-Length: 5\r\n", b"abcde"), {400}),
    ("one length twice", post(b"Content-Length: 4\r\nContent-Length: 4\r\n", b"abcd"), {400}), ("a list of lengths", post(b"Content-Length: 4, 4\r\n", b"abcd"), {400}), ("a length with a sign", post(b"Content-Length: +4\r\n", b"abcd"), {400}), ("a negative length", post(b"Content-Length: -4\r\n"), {400}),
    ("a length in hex", post(b"Content-Length: 0x4\r\n", b"abcd"), {400}), ("a length of nothing", post(b"Content-Length:\r\n"), {400}), ("a length of words", post(b"Content-Length: four\r\n", b"abcd"), {400}), ("a length with a space", post(b"Content-Length: 4 4\r\n"), {400}),
    ("a length beyond numbers", post(b"Content-Length: 99999999999999999999\r\n"), {400, 413}), ("a length beyond bounds", post(b"Content-Length: 9999999999\r\n"), {413}),
    ("TE twice", post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), {400, 501}), ("TE: chunked, chunked", post(b"Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n"), {400, 501}), ("TE: gzip", post(b"Transfer-Encoding: gzip\r\n"), {400, 501}),
    ("TE: gzip, chunked", post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"), {400, 501}), ("TE: chunked, gzip", post(b"Transfer-Encoding: chunked, gzip\r\n", b"0\r\n\r\n"), {400, 501}), ("TE: identity", post(b"Transfer-Encoding: identity\r\nContent-Length: 4\r\n", b"abcd"), {400, 501}),
    ("TE: xchunked", post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"), {400, 501}), ("TE: \"chunked\"", post(b"Transfer-Encoding: \"chunked\"\r\n", b"0\r\n\r\n"), {400, 501}), ("TE with a vertical tab", post(b"Transfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n"), {400, 501}),
    ("TE with a space before the colon", post(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"), {400}), ("TE folded", post(b"Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n"), {400}), ("TE in HTTP/1.0", b"POST /sign-in HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400, 501}),
    ("a chunk size of letters", post(b"Transfer-Encoding: chunked\r\n", b"xyz\r\n"), {400}), ("a chunk size in hex", post(b"Transfer-Encoding: chunked\r\n", b"0x1\r\na\r\n0\r\n\r\n"), {400}), ("a negative chunk", post(b"Transfer-Encoding: chunked\r\n", b"-1\r\na\r\n0\r\n\r\n"), {400}),
    ("a chunk beyond numbers", post(b"Transfer-Encoding: chunked\r\n", b"fffffffffffffffff\r\n"), {400, 413}), ("a chunk longer than said", post(b"Transfer-Encoding: chunked\r\n", b"1\r\nabc\r\n0\r\n\r\n"), {400}), ("a chunk with a bare line feed", post(b"Transfer-Encoding: chunked\r\n", b"1\na\n0\n\n"), {400}),
    ("a chunk size with a space", post(b"Transfer-Encoding: chunked\r\n", b"1 \r\na\r\n0\r\n\r\n"), {400}), ("a chunk extension without an end", post(b"Transfer-Encoding: chunked\r\n", b"1;" + long(70_000)), {400, 413, 431}), ("a chunked body beyond bounds", post(b"Transfer-Encoding: chunked\r\n", (b"10000\r\n" + long(0x10000) + b"\r\n") * 40), {413}),
]


class ProtocolTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.river = River(server='token = "secret"').__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.river.__exit__()

    def exchange(self, data):
        """The statuses that come back, and the bytes."""
        with self.river.connect() as client:
            client.settimeout(15)
            out = b""
            try:
                client.sendall(data)
                client.shutdown(socket.SHUT_WR)
                while chunk := client.recv(65536):
                    out += chunk
            except OSError:
                pass
        return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", out)], out

    def rows(self, table, after):
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda row: self.exchange(row[1] + after), table))
        return zip(table, answers)

    def test_what_is_right_is_answered_and_so_is_what_follows(self):
        for (name, _, allowed), (statuses, out) in self.rows(GOOD, NEXT):
            with self.subTest(name):
                self.assertIn(statuses[0], allowed)
                self.assertEqual(statuses[-1], 200)
                self.assertEqual(len([s for s in statuses if s != 100]), 2)
                self.assertNotIn(b"evil.example", out)

    def test_what_is_wrong_is_refused_and_what_follows_is_not_answered(self):
        closed = 0
        for (name, data, allowed), (statuses, out) in self.rows(BAD, NEXT):
            with self.subTest(name):
                if not statuses:
                    closed += 1
                    continue
                self.assertIn(statuses[0], allowed, out[:200])
                self.assertNotIn(b"root:", out)
                self.assertNotIn(b"evil.example", out)
                # A line too many is still a whole request where its end is in no doubt.
                certain = statuses[0] in (404, 405, 421) or name.startswith(("a target", "a foreign", "an asterisk", "CONNECT", "TRACE"))
                self.assertEqual(statuses[1:], [200] if certain and len(statuses) > 1 else [])
        self.assertLess(closed, len(BAD) / 10)
        self.assertEqual(self.river.get("/healthz")[0], 200)
        print(f"{len(GOOD) + len(BAD)} rows; {closed} closed without an answer", file=sys.stderr)


if __name__ == "__main__":
    unittest.main()
