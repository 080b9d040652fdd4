"""What publishers want of a poller, line by line; the origin's log is the judge."""

import calendar
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import unittest
from email.utils import formatdate
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.cli import Folder, riverd  # noqa: E402
from support.polling import FAST, config, daemon, source, state, update  # noqa: E402
from support.scripted_origin import ScriptedOrigin, answer, feed, until  # noqa: E402

NOT_MODIFIED = "304 Not Modified"


class PolitenessTest(unittest.TestCase):
    """Each test scripts what one page answers, poll by poll, and runs `update` once for each."""

    def setUp(self):
        self.folder = Folder().__enter__()
        self.addCleanup(self.folder.__exit__)

    def polls(self, *answers, count=None):
        """The requests that so many updates send when the page answers thus, one a poll."""
        origin = ScriptedOrigin({"/feed": list(answers)}).__enter__()
        self.addCleanup(origin.__exit__)
        path = config(self.folder, source("s", origin.url + "/feed"))
        for _ in range(count or len(answers)):
            update(path)
        return origin.asked()

    def validators(self, requests):
        return [(r.headers.get("if-none-match"), r.headers.get("if-modified-since")) for r in requests]

    def test_the_first_poll_is_exactly_one_get(self):
        asked = self.polls(answer(feed(1)))
        self.assertEqual([(r.method, r.target) for r in asked], [("GET", "/feed")])
        self.assertEqual(self.validators(asked), [(None, None)])

    PAGE = '<html><head><link rel="alternate" type="application/rss+xml" href="/real"></head><body>page</body></html>'

    def test_a_page_instead_of_a_feed_is_one_get_too(self):
        asked = self.polls(answer("<html><body>page</body></html>"))
        self.assertEqual([r.target for r in asked], ["/feed"])

    def test_the_daemon_asks_for_the_feed_that_a_page_names_at_the_next_poll(self):
        with ScriptedOrigin({"/feed": answer(self.PAGE), "/real": answer(feed(1, 2))}) as origin:
            with daemon(source("s", origin.url + "/feed"), rest="") as river:
                until(lambda: state(river, "s")["polls"] == 1, what="the first poll")
                self.assertIn(origin.url + "/real", state(river, "s")["error"])
                self.assertEqual([r.target for r in origin.asked()], ["/feed"])

    def test_an_update_asks_for_a_page_once_and_for_the_feed_that_it_names_from_then_on(self):
        with ScriptedOrigin({"/feed": answer(self.PAGE), "/real": answer(feed(1, 2))}) as origin:
            path = config(self.folder, source("s", origin.url + "/feed"))
            update(path)
            update(path)
            self.assertEqual([r.target for r in origin.asked()], ["/feed", "/real", "/real"])

    def test_validators_go_back_byte_for_byte(self):
        for etag, modified in [('W/"weak"', "Tue, 01 Sep 2026 00:00:00 GMT"), ('"abc-gzip"', "yesterday"), ("bare", "0"), ('"a b,c;\\"', "not a date")]:
            with self.subTest(etag=etag):
                self.folder.__exit__()
                self.folder = Folder().__enter__()
                asked = self.polls(answer(feed(1), headers=[f"ETag: {etag}", f"Last-Modified: {modified}"]), count=2)
                self.assertEqual(self.validators(asked), [(None, None), (etag, modified)])

    def test_only_what_was_received_is_sent(self):
        asked = self.polls(answer(feed(1), headers=['ETag: "1"']), answer(feed(2), headers=["Last-Modified: x"]), answer(feed(3)), answer(feed(4)))
        self.assertEqual(self.validators(asked), [(None, None), ('"1"', None), (None, "x"), (None, None)])

    def test_the_last_validator_wins_also_one_of_a_304_or_of_the_same_body(self):
        asked = self.polls(answer(feed(1), headers=['ETag: "1"']), answer(status=NOT_MODIFIED, headers=['ETag: "2"'], length=False),
                           answer(feed(1), headers=['ETag: "3"']), answer(feed(1)))
        self.assertEqual([r.headers.get("if-none-match") for r in asked], [None, '"1"', '"2"', '"3"'])

    def test_nothing_is_taken_from_errors_or_from_bodies_that_could_not_be_read(self):
        asked = self.polls(answer(feed(1), headers=['ETag: "1"']), answer("oops", "500 Oops", headers=['ETag: "2"']),
                           answer("no feed", headers=['ETag: "3"']), answer(feed(1)))
        self.assertNotIn('"2"', [r.headers.get("if-none-match") for r in asked])
        self.assertNotIn('"3"', [r.headers.get("if-none-match") for r in asked])

    def test_a_body_that_was_cut_short_leaves_no_validator(self):
        body = feed(*range(50)).encode()

        def cut(request, connection):
            connection.sendall(f"HTTP/1.1 200 OK\r\nETag: \"cut\"\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body[:700])
        asked = self.polls(cut, answer(feed(1)), count=2)
        self.assertEqual([r.headers.get("if-none-match") for r in asked], [None, None])

    def test_a_feed_that_breaks_off_in_an_entry_leaves_no_validator_and_no_half_of_a_post(self):
        whole = feed(2, 1)
        cut = whole[:whole.rindex("<guid")]  # well-framed
        self.assertIn("story 1", cut)
        with ScriptedOrigin({"/feed": [answer(cut, headers=['ETag: "cut"']), answer(whole, headers=['ETag: "whole"'])]}) as origin:
            path = config(self.folder, source("s", origin.url + "/feed"))
            self.assertEqual([update(path)[1]["new_posts"] for _ in range(2)], [1, 1])
            update(path)
            self.assertEqual([r.headers.get("if-none-match") for r in origin.asked()], [None, None, '"whole"'])

    def test_nothing_else_is_sent(self):
        asked = self.polls(answer(feed(1), headers=["Set-Cookie: a=b"]), answer(feed(2)))
        for request in asked:
            self.assertEqual(set(request.headers), {"host", "user-agent", "accept", "accept-encoding"}, request)
            self.assertRegex(request.headers["user-agent"], r"^riverd/\d+\.\d+\.\d+ \(\+https?://[^)]+\)$")
            self.assertIn("application/atom+xml", request.headers["accept"])
            self.assertEqual(request.headers["accept-encoding"], "gzip, br, zstd")

    def test_the_path_and_query_are_as_configured_and_the_fragment_is_not_sent(self):
        with ScriptedOrigin({"/a%2Fb/../c": answer(feed(1))}) as origin:
            update(config(self.folder, source("s", origin.url + "/a%2Fb/../c?z=1&a=%C3%A9&a=2#top")))
            self.assertEqual([r.target for r in origin.asked()], ["/a%2Fb/../c?z=1&a=%C3%A9&a=2"])

    def test_one_request_a_poll_whatever_goes_wrong(self):
        def close(request, connection):
            return None
        for page in [close, answer("x", "500 Oops"), answer("x", "503 Busy"), answer("x", "404 Not Found")]:
            with self.subTest(page=page):
                self.folder.__exit__()
                self.folder = Folder().__enter__()
                self.assertEqual(len(self.polls(page)), 1)

    def test_conditional_fields_and_credentials_do_not_cross_to_another_origin(self):
        with ScriptedOrigin({"/new": answer(feed(1, 2))}) as other, ScriptedOrigin() as origin:
            origin.pages["/feed"] = [answer(feed(1), headers=['ETag: "1"']), answer(status="302 Found", headers=[f"Location: {other.url}/new"])]
            path = config(self.folder, source("s", origin.url + "/feed", headers='{ "X-Key" = "secret" }', basic_auth='"user:password"'))
            update(path)
            update(path)
            self.assertEqual(origin.asked()[1].headers["x-key"], "secret")
            self.assertEqual(origin.asked()[1].headers["if-none-match"], '"1"')
            crossed = other.asked()[0].headers
            for name in ["x-key", "authorization", "if-none-match", "if-modified-since"]:
                self.assertNotIn(name, crossed)

    def test_nothing_is_taken_from_a_redirect_hop(self):
        with ScriptedOrigin({"/old": answer(status="302 Found", headers=["Location: /new", 'ETag: "hop"', "Last-Modified: hop"]),
                             "/new": answer(feed(1))}) as origin:
            path = config(self.folder, source("s", origin.url + "/old"))
            update(path)
            update(path)
            self.assertEqual(self.validators(origin.asked()), [(None, None)] * 4)

    def test_a_new_url_is_first_asked_without_conditions(self):
        with ScriptedOrigin({"/a": answer(feed(1), headers=['ETag: "a"']), "/b": answer(feed(1), headers=['ETag: "b"'])}) as origin:
            for page in ["/a", "/a", "/b", "/b"]:
                update(config(self.folder, source("s", origin.url + page)))
            self.assertEqual([r.headers.get("if-none-match") for r in origin.asked()], [None, '"a"', None, '"b"'])

    def test_images_icons_and_enclosures_are_never_fetched(self):
        with ScriptedOrigin() as origin:
            origin.pages["/feed"] = answer(
                f'<rss version="2.0"><channel><title>t</title><link>{origin.url}/</link><image><url>{origin.url}/logo.png</url></image><item>'
                f'<title>s</title><link>{origin.url}/1</link><description>&lt;img src="{origin.url}/a.png"&gt;</description>'
                f'<enclosure url="{origin.url}/a.mp3" type="audio/mpeg" length="1"/></item></channel></rss>')
            path = config(self.folder, source("s", origin.url + "/feed"))
            self.assertEqual(update(path)[1]["new_posts"], 1)
            self.assertEqual([r.target for r in origin.asked()], ["/feed"])

    def test_https_is_asked_over_http_2_where_the_server_speaks_it(self):
        seen = []

        def frame(kind, flags, stream, payload=b""):
            return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload

        def serve(listener, tls):
            with tls.wrap_socket(listener.accept()[0], server_side=True) as connection:
                stream = connection.makefile("rb")
                seen.append(stream.read(24))
                connection.sendall(frame(4, 0, 0))  # our SETTINGS
                while True:
                    head = stream.read(9)
                    kind, payload = head[3], stream.read(int.from_bytes(head[:3], "big"))
                    seen.append((kind, len(payload)))
                    if kind == 1:  # HEADERS: answered by `:status: 200` and the body
                        return connection.sendall(frame(1, 4, 1, b"\x88") + frame(0, 1, 1, feed(1, 2).encode())) or connection.recv(1)
        certificate, key = self.folder.path / "cert.pem", self.folder.path / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, capture_output=True)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        tls.set_alpn_protocols(["h2", "http/1.1"])
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=serve, args=(listener, tls), daemon=True).start()
            path = config(self.folder, source("s", f"https://127.0.0.1:{listener.getsockname()[1]}/feed"))
            done = riverd("update", "--config", path, "--json", env={"SSL_CERT_FILE": str(certificate)})
        self.assertEqual(seen[0], b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        self.assertIn('"new_posts":2', done.out, done)

    def test_a_permanent_redirect_is_remembered_only_when_it_held_and_a_temporary_one_never(self):
        for status, expected in [("301 Moved", 3), ("308 Moved", 3), ("302 Found", 6), ("307 Later", 6), ("303 Other", 6)]:
            with self.subTest(status=status), ScriptedOrigin() as origin, Folder() as folder:
                origin.pages = {"/old": answer(status=status, headers=["Location: /new"]), "/new": answer(feed(1))}
                path = config(folder, source("s", origin.url + "/old"))
                for _ in range(6):
                    update(path)
                self.assertEqual(len(origin.asked("/old")), expected)
                self.assertEqual(len(origin.asked("/new")), 6)

    def test_a_410_ends_polling(self):
        with ScriptedOrigin({"/gone": answer(status="410 Gone"), "/ok": answer(feed(1))}) as origin:
            with daemon(source("gone", origin.url + "/gone", interval='"1s"'), source("ok", origin.url + "/ok", interval='"1s"')) as river:
                until(lambda: len(origin.asked("/ok")) >= 4)
                self.assertEqual(len(origin.asked("/gone")), 1)
                gone = state(river, "gone")
                self.assertEqual((gone["state"], gone["next_poll"], gone["http_status"]), ("gone", None, 410))
                self.assertIn("410", gone["error"])


class DaemonTest(unittest.TestCase):
    def test_requests_for_one_url_are_never_closer_than_the_interval(self):
        with ScriptedOrigin({"/feed": answer(feed(1))}) as origin, daemon(source("s", origin.url + "/feed", interval='"2s"')):
            until(lambda: len(origin.asked()) >= 4, 30)
            times = [r.at for r in origin.asked()]
            for before, after in zip(times, times[1:]):
                self.assertGreater(after - before, 1.95)

    def test_what_a_publisher_asks_for_is_waited_for_and_told_as_the_reason(self):
        hours = time.gmtime().tm_hour
        skipped = "".join(f"<hour>{(hours + n) % 24}</hour>" for n in range(12))
        in_two_hours = formatdate(time.time() + 7210, usegmt=True)
        rss = feed(1).replace("<channel>", "<channel>{}").replace("<rss ", '<rss xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" ')
        wishes = {
            "max-age": (answer(feed(1), headers=["Cache-Control: public, max-age=7200"]), 7200, "the publisher asks for 2 h"),
            "expires": (answer(feed(1), headers=["Date: Mon, 05 Jan 2026 00:00:00 GMT", "Expires: Mon, 05 Jan 2026 03:00:00 GMT"]), 10800,
                        "the publisher asks for 3 h"),
            "ttl": (answer(rss.format("<ttl>240</ttl>")), 14400, "the publisher asks for 4 h"),
            "sy": (answer(rss.format("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>")), 21600,
                   "the publisher asks for 6 h"),
            "skip": (answer(rss.format(f"<skipHours>{skipped}</skipHours>")), 10 * 3600, "skip these hours"),
            "seconds": (answer(status="429 Slow down", headers=["Retry-After: 7200"]), 7200, "the server asked to wait 2 h"),
            "date": (answer(status="503 Busy", headers=[f"Retry-After: {in_two_hours}"]), 7190, "the server asked to wait 2 h"),
            "garbage": (answer(status="503 Busy", headers=["Retry-After: soon"]), 3600, "it failed 1 time"),
        }
        with ScriptedOrigin({"/" + name: page for name, (page, _, _) in wishes.items()}) as origin:
            with daemon(*(source(name, f"{origin.url}/{name}") for name in wishes), rest="[schedule]\nbudget = 0\n") as river:
                river.wait_until(lambda: all(state(river, name)["polls"] == 1 for name in wishes), 30)
                for name, (_, least, reason) in wishes.items():
                    with self.subTest(name):
                        one = state(river, name)
                        last, following = (calendar.timegm(time.strptime(one[key], "%Y-%m-%dT%H:%M:%SZ")) for key in ("last_poll", "next_poll"))
                        self.assertGreaterEqual(following - last, least)
                        self.assertIn(reason, one["next_poll_reason"])
                        self.assertTrue(one["next_poll_reason"])
                self.assertEqual(len(origin.asked()), len(wishes))

    def test_a_retry_after_is_kept_while_the_others_go_on(self):
        limited = [answer(status="429 Slow down", headers=["Retry-After: 8"]), answer(feed(1))]
        with ScriptedOrigin({"/limited": limited, "/free": answer(feed(2))}) as origin:
            with daemon(source("limited", origin.url + "/limited", interval='"1s"'), source("free", origin.url + "/free", interval='"1s"'), server='token = "secret"') as river:
                until(lambda: len(origin.asked("/limited")) >= 1)
                river.wait_until(lambda: state(river, "limited")["http_status"] == 429)
                poll = river.get("/api/v1/sources/limited/poll", method="POST", headers={"Authorization": "Bearer secret"})
                self.assertGreaterEqual(poll[0], 400)
                self.assertIn(b"asked not to be polled", poll[2])
                until(lambda: len(origin.asked("/limited")) >= 2, 20)
                first, second = origin.asked("/limited")[:2]
                self.assertGreaterEqual(second.at - first.at, 7.9)
                # Times are whole seconds, so it comes every two at the latest: at 0, 2, 4 and 6.
                self.assertGreaterEqual(len(origin.asked("/free")), 4)

    def test_many_restarts_add_no_request(self):
        with ScriptedOrigin({"/feed": answer(feed(1))}) as origin:
            with daemon(source("s", origin.url + "/feed", interval='"1h"'), rest="") as river:
                river.wait_until(lambda: state(river, "s")["polls"] == 1)  # the first one comes by itself
                for _ in range(5):
                    river.stop()
                    river.start()
                time.sleep(0.5)  # the daemon's first look at what is due comes right after it answers
                self.assertEqual(len(origin.asked()), 1)

    def test_a_thousand_sources_do_not_start_together(self):
        with ScriptedOrigin({f"/{i}": answer(feed(i)) for i in range(300)}) as origin:
            tables = [source(f"s{i}", f"{origin.url}/{i}") for i in range(300)]
            with daemon(*tables, rest='[schedule]\nmin_interval = "20s"\nhinted_min_interval = "20s"\n'):
                until(lambda: len(origin.asked()) >= 100, 30)
                first = origin.asked()[0].at
                self.assertLess(len([r for r in origin.asked() if r.at < first + 1]), 100)

    def test_per_host_bounds_what_runs_at_once(self):
        running, most, lock = [0], [0], threading.Lock()

        def slow(request, connection):
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            time.sleep(0.05)
            with lock:
                running[0] -= 1
            return answer(feed(1))
        with ScriptedOrigin({f"/{i}": slow for i in range(20)}) as origin, Folder() as folder:
            path = config(folder, *(source(f"s{i}", f"{origin.url}/{i}") for i in range(20)), fetch="per_host = 3")
            _, totals = update(path)
            self.assertEqual((totals["polled"], totals["failed"]), (20, 0))
            self.assertEqual(most[0], 3)


if __name__ == "__main__":
    unittest.main()
