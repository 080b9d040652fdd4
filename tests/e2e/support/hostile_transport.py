"""Behaviours of origins below the document: connections, framing, encodings, redirects, statuses, validators."""

import gzip
import random
import time
import zlib

from .hostile import (BODY, BROTLI, GZIPPED, MiB, OK, ZSTD, Row, brotli, chunked, chunks, encoded, endless, fails, gzip_bomb, hang, moved,
                      reset_after, with_length, works, write, zstd_bomb)
from .scripted_origin import answer, feed


def dribbled_redirect(request, connection):
    """After a while, to another URL of the same kind."""
    time.sleep(0.8)
    return moved(302, request.target + ("x" if "?" in request.target else "?x"))


CONNECTIONS = [
    fails("closed", write(), "closed without an answer|connection died"),
    fails("reset", reset_after(), "reset|closed|recv failure"),
    fails("reset-in-header", reset_after(OK + b"X: y"), "reset|closed|recv failure"),
    fails("reset-in-body", reset_after(with_length(len(BODY), BODY[:2000])), "reset|closed|recv failure"),
    fails("hang", hang, "no answer after 3 s"),
    fails("hang-in-header", write(OK + b"X: y\r\n", then_wait=True), "no answer after 3 s"),
    fails("hang-in-body", write(with_length(len(BODY), BODY[:2000]), then_wait=True), "timed out after 3 s"),
    fails("hang-between-chunks", write(chunked(b"800\r\n" + BODY[:0x800] + b"\r\n"), then_wait=True), "timed out after 3 s"),
    fails("dribbled-header", endless(OK + b"X: ", b"x", 0.1), "after 3 s"),
    fails("dribbled-body", endless(OK + b"\r\n<rss>", b"x", 0.1), "timed out after 3 s"),
    fails("dribbled-interim", endless(b"", b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n", 0.2), "after 3 s"),
    fails("dribbled-redirects", dribbled_redirect, "after 3 s"),
    fails("not-http", write(b"220 ftp.example.org ready\r\n\r\n"), "no HTTP"),
    fails("http-0-9", write(BODY), "no HTTP|not HTTP"),
    fails("tls-instead", write(b"\x15\x03\x01\x00\x02\x02\x28"), "no HTTP|HTTP"),
    fails("status-of-letters", write(b"HTTP/1.1 OK\r\n\r\n" + BODY), "no HTTP|HTTP|answer"),
    fails("status-2000", write(b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"), "no HTTP|HTTP|answer"),
    fails("http-9", write(b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n"), "no HTTP|HTTP"),
]

TOO_MUCH = "larger than 16 MiB|timed out after 3 s"  # whichever comes first, with two hundred others going on

FRAMING = [
    fails("cut", write(with_length(len(BODY), BODY[:3000])), "whole body"),
    fails("length-too-long", write(with_length(len(BODY) + 1)), "whole body"),
    fails("length-negative", write(with_length(-5)), "length|HTTP"),
    fails("length-beyond-64-bits", write(with_length("9" * 30)), "larger than 16 MiB"),
    fails("length-stated-twice", write(OK + b"Content-Length: 5\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY), "two different lengths"),
    works("length-repeated", write(OK + b"Content-Length: %d\r\n" % len(BODY) * 2 + b"\r\n" + BODY), 200),
    fails("length-announced", write(OK + b"Content-Length: 999999999999\r\n\r\n"), "larger than 16 MiB"),
    fails("cut-chunked", write(chunked(b"800\r\n" + BODY[:0x800] + b"\r\n")), "whole body|closed"),
    fails("chunk-without-end", write(chunked(chunks(BODY)[:-5])), "whole body|closed"),
    fails("chunk-size-of-letters", write(chunked(b"xyz\r\n" + BODY)), "chunk|fetch|read"),
    fails("chunk-size-negative", write(chunked(b"-5\r\n" + BODY)), "chunk|fetch|read"),
    fails("chunk-size-huge", write(chunked(b"f" * 40 + b"\r\n" + BODY)), "chunk|fetch|read"),
    fails("chunk-longer-than-said", write(chunked(b"5\r\n" + BODY)), "chunk|fetch|read|whole"),
    fails("chunk-extension-endless", endless(chunked(b"5;x="), b"y" * 65536), "chunk|after 3 s|too large"),
    fails("trailers-endless", endless(chunked(chunks(BODY)[:-2]), b"X: y\r\n" * 1000), "too large|header"),
    fails("headers-endless", endless(OK, b"X: y\r\n" * 1000), "too large"),
    fails("header-line-endless", endless(OK + b"X: ", b"x" * 65536), "too large|too long|header"),
    fails("headers-many", answer(BODY, headers=[f"X-{n}: y" for n in range(5000)]), "too large"),
    fails("interim-endless", endless(b"", b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n"), "too large|header"),
    fails("body-endless", endless(OK + b"\r\n", b"<rss><channel>" + b"x" * 65536), TOO_MUCH),
    fails("chunks-endless", endless(chunked(b""), b"1000\r\n" + b"x" * 0x1000 + b"\r\n"), TOO_MUCH),
    works("chunked-by-byte", chunked(chunks(BODY[:-1] + b">", 7)), 200),
    works("until-close", write(b"HTTP/1.0 200 OK\r\n\r\n" + BODY), 200),
    works("interim", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer(BODY), 200),
    works("bare-line-ends", write(OK.replace(b"\r\n", b"\n") + b"Content-Length: %d\n\n" % len(BODY) + BODY), 200),
]

ENCODINGS = [
    works("gzip", encoded("gzip", GZIPPED), 200),
    works("deflate", encoded("deflate", zlib.compress(BODY)), 200),
    works("deflate-raw", encoded("deflate", zlib.compress(BODY)[2:-4]), 200),
    works("brotli", encoded("br", BROTLI), 200),
    works("zstd", encoded("zstd", ZSTD), 200),
    works("gzip-members", encoded("gzip", gzip.compress(BODY[:500]) + gzip.compress(BODY[500:])), 200),
    works("encoding-unknown", encoded("UTF-8", BODY), 200),
    fails("gzip-cut", encoded("gzip", GZIPPED[:len(GZIPPED) // 2]), "cut short"),
    fails("gzip-without-trailer", encoded("gzip", GZIPPED[:-4]), "cut short"),
    fails("gzip-sum-wrong", encoded("gzip", GZIPPED[:-8] + bytes(8)), "broken"),
    fails("gzip-claimed", encoded("gzip", BODY), "broken"),
    fails("gzip-twice", encoded("gzip", gzip.compress(GZIPPED)), "not a feed"),
    fails("gzip-bomb", encoded("gzip", gzip_bomb(600 * MiB)), "larger than 16 MiB"),
    fails("gzip-bomb-of-feed", encoded("gzip", gzip.compress(b"<rss><channel>" + b"<item><title>x</title></item>" * 700_000)), "larger than 16 MiB"),
    fails("deflate-cut", encoded("deflate", zlib.compress(BODY)[:-50]), "cut short"),
    fails("brotli-cut", encoded("br", BROTLI[:-20]), "cut short"),
    fails("brotli-claimed", encoded("br", BODY), "broken"),
    fails("brotli-bomb", encoded("br", brotli(bytes(200 * MiB))), "larger than 16 MiB"),
    fails("zstd-cut", encoded("zstd", ZSTD[:-20]), "cut short"),
    fails("zstd-claimed", encoded("zstd", BODY), "broken"),
    fails("zstd-bomb", encoded("zstd", zstd_bomb(1024 * MiB)), "larger than 16 MiB"),
    fails("zstd-window-huge", encoded("zstd", b"\x28\xb5\x2f\xfd\x00\xa8" + zstd_bomb(MiB)[6:]), "broken"),
]


def redirect_is_not_remembered(test, source, posts, requests):
    test.assertEqual(source["effective_url"], source["url"])


def asked_twice_at_least(test, source, posts, requests):
    test.assertGreaterEqual(len(requests), 2)


REDIRECTS = [
    works("moved-301", moved(301, "/good"), 2),
    works("moved-302", moved(302, "good"), 2, check=redirect_is_not_remembered, polls=4),
    works("moved-303", moved(303, "./good?x#fragment"), 2, check=redirect_is_not_remembered),
    works("moved-307", moved(307, "/good"), 2, check=redirect_is_not_remembered, polls=4),
    works("moved-308", moved(308, "//{host}/good"), 2),
    works("moved-to-the-same-elsewhere", moved(301, "http://user:secret@{host}/good"), 2,
          check=lambda test, source, posts, requests: test.assertNotIn("secret", str(source))),
    fails("circle", moved(301, "/circle"), "circle"),
    fails("chain-endless", lambda r, c: moved(302, r.target + "x" if "?" in r.target else r.target + "?x"), "more than 10 redirects"),
    fails("to-file", moved(302, "file:///etc/passwd"), "http"),
    fails("to-ftp", moved(302, "ftp://{host}/feed"), "http"),
    fails("to-gopher", moved(302, "gopher://{host}/_feed"), "http"),
    fails("to-dict", moved(302, "dict://{host}/info"), "http"),
    fails("to-javascript", moved(302, "javascript:alert(1)"), "http"),
    fails("to-data", moved(302, "data:text/xml,<rss/>"), "http"),
    fails("to-no-host", moved(302, "http://"), "redirect|URL"),
    fails("to-no-port", moved(302, "http://127.0.0.1:99999/"), "redirect|URL"),
    fails("to-control-characters", answer(status="302 Found", headers=["Location: /good\x01\x7f"]), "control"),
    fails("to-a-very-long-url", moved(302, "/" + "x" * 20_000), "longer than 8 KiB"),
    fails("to-nowhere", answer(status="302 Found"), "leads nowhere"),
    fails("to-emptiness", answer(status="302 Found", headers=["Location: "]), "leads nowhere|circle"),
    fails("to-a-closed-port", moved(302, "http://127.0.0.1:1/"), "connect to 127.0.0.1:1"),
    fails("many-choices", answer("x", "300 Multiple Choices"), "300"),
]


def waits_within(least, most):
    """The next poll is this far from the last one: neither a storm nor an overflow."""
    def check(test, source, posts, requests):
        from datetime import datetime
        gap = (datetime.fromisoformat(source["next_poll"][:-1]) - datetime.fromisoformat(source["last_poll"][:-1])).total_seconds()
        test.assertGreaterEqual(gap, least, source)
        test.assertLessEqual(gap, most, source)
    return check


DAY = 86_400


def throttles(name, value, least, most, status="429 Too Many Requests"):
    """Retry-After; asked once, since not even "poll now" comes before it."""
    return fails(name, answer("x", status, headers=[f"Retry-After: {value}"]), status[:3], check=waits_within(least, most), polls=1, keys={"interval": '"1s"'})


STATUSES = [
    *(fails(f"status-{code}", answer("x", f"{code} No"), str(code), status=code) for code in
      (204, 205, 206, 400, 401, 403, 404, 406, 418, 451, 500, 501, 502, 504, 505, 511, 599, 999)),
    Row("status-410", answer("x", "410 Gone"), "gone", "gone for good", status=410),
    fails("304-unasked", answer(status="304 Not Modified", length=False), "304"),
    works("304-unasked-then-well", [answer(status="304 Not Modified", length=False), answer(BODY)], 200),
    fails("401-with-a-challenge", answer("x", "401 No", headers=['WWW-Authenticate: Negotiate, NTLM, Basic realm="x"']), "401"),
    fails("407-without-a-proxy", answer("x", "407 No", headers=["Proxy-Authenticate: Basic"]), "407"),
    fails("error-page-endless", endless(b"HTTP/1.1 500 Oops\r\n\r\n", b"x" * 65536), "500"),
    fails("error-page-hangs", write(b"HTTP/1.1 404 No\r\nContent-Length: 10\r\n\r\nx", then_wait=True), "404"),
    throttles("retry-after-an-hour", "3600", 3600, 3600 + 600),
    throttles("retry-after-30-digits", "9" * 30, DAY, 7 * DAY + 600),
    throttles("retry-after-year-9999", "Fri, 31 Dec 9999 23:59:59 GMT", DAY, 7 * DAY + 600),
    throttles("retry-after-negative", "-3600", 1, 60),
    throttles("retry-after-words", "soon", 1, 60),
    throttles("retry-after-past", "Sun, 06 Nov 1994 08:49:37 GMT", 1, 60),
    throttles("retry-after-503", "600", 600, 660, status="503 Busy"),
]


def back_or_not_at_all(value):
    """The validator comes back byte for byte, or not at all."""
    def check(test, source, posts, requests):
        test.assertGreaterEqual(len(requests), 2)
        test.assertNotIn("if-none-match", requests[0].headers)
        test.assertIn(requests[1].headers.get("if-none-match"), (value, None))
    return check


def etag(name, value, sent=True):
    def check(test, source, posts, requests):
        back_or_not_at_all(value)(test, source, posts, requests)
        if sent:
            test.assertEqual(requests[1].headers.get("if-none-match"), value)
            test.assertEqual(source["etag"], value)
    return works("etag-" + name, answer(feed(1, 2), headers=["ETag: " + value]), 2, check=check)


def never_conditional(test, source, posts, requests):
    test.assertGreaterEqual(len(requests), 2)
    for request in requests:
        test.assertFalse({"if-none-match", "if-modified-since"} & set(request.headers), request)


def last_modified_comes_back(value):
    def check(test, source, posts, requests):
        test.assertIn(requests[1].headers.get("if-modified-since"), (value, None))
    return check


TAGGED = ['ETag: "short"', "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"]

VALIDATORS = [
    etag("weak", 'W/"a"'), etag("bare", "abc"), etag("empty-quotes", '""'), etag("half-quoted", '"abc'), etag("comma", '"a", "b"'),
    etag("quotes-within", '"a"b"c"'), etag("star", "*"), etag("latin-1", '"\xe9\xff"', sent=False), etag("tab", '"a\tb"', sent=False),
    etag("4-kib", '"' + "x" * 4000 + '"'), etag("long", '"' + "x" * 20_000 + '"', sent=False), etag("control", '"a\x01b"', sent=False),
    *(works(f"last-modified-{n}", answer(feed(1), headers=["Last-Modified: " + value]), 1, check=last_modified_comes_back(value))
      for n, value in enumerate(["yesterday", "Fri, 31 Dec 9999 23:59:59 GMT", "0", "-1", "1994-11-06T08:49:37Z", "Sun, 99 Foo 1994 88:49:37 GMT"])),
    # Validators of a body that did not come whole, or of an error, must not be kept: what they stand for was never read.
    fails("validators-of-a-cut-body", write(OK + "\r\n".join(TAGGED).encode() + b"\r\nContent-Length: 9999\r\n\r\n" + BODY[:500]), "whole body", check=never_conditional),
    fails("validators-of-cut-gzip", answer(GZIPPED[:-30], headers=[*TAGGED, "Content-Encoding: gzip"]), "cut short", check=never_conditional),
    fails("validators-of-a-page", answer("<html>no feed", headers=TAGGED), "not a feed", check=never_conditional),
    fails("validators-of-a-404", answer("x", "404 No", headers=TAGGED), "404", check=never_conditional),
    works("validators-change-all-the-time", lambda r, c: answer(feed(1, 2), headers=[f'ETag: "{random.random()}"']), 2),
    works("304-with-another-etag", [answer(feed(1), headers=['ETag: "1"']), answer(status="304 Not Modified", headers=['ETag: "2"'], length=False)], 1,
          check=lambda test, source, posts, requests: test.assertEqual(source["etag"], '"2"')),
    works("304-with-a-body", [answer(feed(1), headers=['ETag: "1"']), answer(feed(2), "304 Not Modified")], 1, polls=3),
]

ROWS = CONNECTIONS + FRAMING + ENCODINGS + REDIRECTS + STATUSES + VALIDATORS
