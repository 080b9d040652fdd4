"""The HTTP contract line by line, of the real daemon, over raw sockets; every answer is held against /openapi.json."""

import gzip
import json
import re
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import jsonschema  # noqa: E402
from support.openapi import Openapi, strict  # noqa: E402
from support.origin import Origin, rss  # noqa: E402
from support.river import River  # noqa: E402
from support.scripted_origin import until  # noqa: E402

TOKEN = "s3cret"
READS = ["/api/v1/posts", "/api/v1/posts/{id}", "/api/v1/posts/{id}.md", "/api/v1/sources", "/feed.json", "/feed.atom", "/feed.rss", "/opml", "/healthz",
         "/metrics", "/openapi.json"]
PAGES = ["/", "/?q=story", "/sources", "/posts/{id}", "/sign-in"]


def parse(data, bodyless=False):
    """(status, fields, body, rest) of the first answer in data; field names in lower case."""
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = {}
    for line in lines:
        name, _, value = line.partition(": ")
        fields[name.lower()] = f"{fields[name.lower()]}, {value}" if name.lower() in fields else value
    length = 0 if bodyless else int(fields.get("content-length", 0))
    return int(first.split()[1]), fields, rest[:length], rest[length:]


def story(number, word="story", **more):
    return {"title": f"{word} {number}", "link": f"https://example.org/{word}/{number}", "guid": f"tag:example.org,2024:{word}{number}",
            "category": f"tag{number % 3}", "author": f"a{number % 2}@example.org (Ann {number % 2})", "pubDate": f"Wed, 18 Sep 2024 18:{number % 60:02}:00 GMT", **more}


TEXTS = [
    story(0, "Zürich", description="Straßenbahn über den Fluß, naïve café, Ærø, Ελλάδα"), story(0, "plain", description="Zurich by tram, cafe, ελλαδα, naive"),
    story(1, "phrase", description="the quick brown fox jumps"), story(2, "phrase", description="brown the quick jumps fox"),
    story(0, "cjk", description="東京の古書店街を歩く。腾讯云新区域"), story(1, "cjk", description="서울의 밤과 한국어 검색"), story(0, "prefix", description="internationalisation matters"),
]


class ContractTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = Origin({"/one": rss("One", *(story(i) for i in range(120))), "/two": rss("Two", *(story(i, "tale") for i in range(30))),
                             "/texts": rss("Texts", *TEXTS)}).__enter__()
        tables = "".join(f'[[source]]\nname = "{n}"\nurl = "{cls.origin.url}/{n}"\ncategories = {c}\n'
                         for n, c in (("one", '["news"]'), ("two", '["art", "news"]'), ("texts", '["words"]')))
        cls.river = River({"broken": cls.origin.url + "/none"}, server=f'token = "{TOKEN}"', extra=tables).__enter__()
        cls.river.wait_until(lambda: len(cls.river.json("/api/v1/posts?limit=1000")["posts"]) == 150 + len(TEXTS), 30)
        cls.openapi = Openapi(cls.river.json("/openapi.json"))
        cls.id = cls.river.json("/api/v1/posts?limit=1&source=one")["posts"][0]["id"]

    @classmethod
    def tearDownClass(cls):
        cls.river.__exit__()
        cls.origin.__exit__()

    def raw(self, data, river=None):
        """All that comes back until the server closes."""
        with (river or self.river).connect() as connection:
            connection.sendall(data)
            out = b""
            while chunk := connection.recv(65536):
                out += chunk
            return out

    def ask(self, target, *fields, method="GET", river=None, check=True):
        target = target.replace("{id}", self.id)
        lines = "".join(field + "\r\n" for field in fields)
        data = self.raw(f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{lines}\r\n".encode(), river)
        status, headers, body, rest = parse(data, method == "HEAD")
        self.assertEqual(rest, b"")
        if check and method in ("GET", "POST") and not target.startswith(("/posts", "/sign", "/?", "/sources", "/favicon")) and target != "/":
            if headers.get("content-encoding") != "gzip":
                self.openapi.check(target, method, status, headers, body)
        return status, headers, body

    def posts(self, query):
        status, _, body = self.ask("/api/v1/posts?limit=1000&" + query)
        self.assertEqual(status, 200, body)
        return json.loads(body)["posts"]

    def titles(self, query):
        return sorted(post["title"] for post in self.posts(query))

    def problem(self, answer, status, parameter=None):
        self.assertEqual((answer[0], answer[1]["content-type"]), (status, "application/problem+json"), answer)
        said = json.loads(answer[2])
        self.openapi.validate(said, {"$ref": "#/components/schemas/Problem"})
        self.assertEqual((said["status"], said.get("parameter")), (status, parameter), said)
        if parameter:
            self.assertIn(parameter, said["detail"])
        return answer

    # ---- the description itself

    def test_the_description_is_openapi_and_its_schemas_are_schemas(self):
        document = self.openapi.document
        self.assertRegex(document["openapi"], r"^3\.1\.")
        for schema in document["components"]["schemas"].values():
            jsonschema.Draft202012Validator.check_schema(schema)
        for reference in re.findall(r'"\$ref":\s*"([^"]+)"', json.dumps(document)):
            self.openapi.resolve({"$ref": reference})
        for path, operations in document["paths"].items():
            for operation in operations.values():
                inside = {p["name"] for p in map(self.openapi.resolve, operation.get("parameters", [])) if p["in"] == "path"}
                self.assertEqual(inside, set(re.findall(r"\{(\w+)\}", path)), path)
        self.assertEqual({path.split("{")[0] for path in document["paths"]},
                         {"/api/v1/posts", "/api/v1/posts/", "/api/v1/sources", "/api/v1/sources/", "/api/v1/events", "/feed.json", "/feed.atom",
                          "/feed.rss", "/opml", "/healthz", "/metrics", "/openapi.json"})

    def test_every_path_answers_as_described(self):
        for target in READS:
            self.assertEqual(self.ask(target)[0], 200, target)
        self.assertEqual(self.ask("/api/v1/sources/one/poll", f"Authorization: Bearer {TOKEN}", "Content-Length: 0", method="POST")[0], 202)
        self.problem(self.ask("/api/v1/sources/nobody/poll", f"Authorization: Bearer {TOKEN}", "Content-Length: 0", method="POST"), 404)
        self.problem(self.ask("/api/v1/sources/one/poll", "Content-Length: 0", method="POST"), 401)
        self.problem(self.ask("/api/v1/posts/nosuchid"), 404)
        # A key that the description does not know would be found: the check itself is held to account.
        with self.assertRaises(jsonschema.ValidationError):
            self.openapi.validate({"posts": [], "next_cursor": None, "more": 1}, strict({"$ref": "#/components/schemas/PostPage"}))

    # ---- filters

    def test_repeats_mean_any_of_them_and_different_parameters_are_anded(self):
        everything = self.posts("")
        def expected(true):
            return sorted(post["title"] for post in everything if true(post))
        names = lambda post: {source["name"] for source in post["sources"]}  # noqa: E731
        people = lambda post: {author["name"] for author in post["authors"]}  # noqa: E731
        for query, true in [
            ("source=one", lambda p: "one" in names(p)), ("source=one&source=two", lambda p: names(p) & {"one", "two"}),
            ("category=art", lambda p: "art" in p["categories"]), ("category=art&category=words", lambda p: {"art", "words"} & set(p["categories"])),
            ("tag=tag1", lambda p: "tag1" in p["tags"]), ("tag=TAG1&tag=tag2", lambda p: {"tag1", "tag2"} & set(p["tags"])),
            ("author=ann%201", lambda p: "Ann 1" in people(p)), ("source=two&tag=tag0&author=Ann+0", lambda p: "two" in names(p) and "tag0" in p["tags"] and "Ann 0" in people(p)),
            ("category=news&source=two&q=tale&tag=tag2", lambda p: "two" in names(p) and "tag2" in p["tags"]),
            ("since=2024-09-18T18:30:00Z", lambda p: p["date"] >= "2024-09-18T18:30:00Z"), ("until=2024-09-18T18:30:00Z", lambda p: p["date"] < "2024-09-18T18:30:00Z"),
            ("since=2024-09-18T20:30:00%2B02:00&until=2024-09-18T18:31:00Z&source=one", lambda p: "one" in names(p) and p["date"] == "2024-09-18T18:30:00Z"),
            ("since=2024-09-19", lambda p: False), ("source=nobody", lambda p: False), ("source=one&category=words", lambda p: False),
            ("source=&category=&tag=&author=&q=&since=&until=", lambda p: True), ("utm_source=x&unknown=1&unknown=2", lambda p: True),
        ]:
            with self.subTest(query=query):
                self.assertEqual(self.titles(query), expected(true))

    def test_the_order_is_by_date_or_by_arrival(self):
        dates = [post["date"] for post in self.posts("")]
        self.assertEqual(dates, sorted(dates, reverse=True))
        changes = [post["seq"] for post in self.posts("order=arrival")]
        self.assertEqual(changes, sorted(set(changes)))
        self.assertEqual([post["seq"] for post in self.posts(f"after={changes[20]}")], changes[21:])

    def test_limits_and_cursors_have_their_bounds(self):
        self.assertEqual(len(json.loads(self.ask("/api/v1/posts")[2])["posts"]), 50)
        for limit in (1, 7, 1000):
            page = json.loads(self.ask(f"/api/v1/posts?limit={limit}")[2])
            self.assertEqual(len(page["posts"]), min(limit, 157))
        cursor = json.loads(self.ask("/api/v1/posts?limit=7&source=one")[2])["next_cursor"]
        self.assertEqual(self.ask(f"/api/v1/posts?limit=9&source=one&cursor={cursor}")[0], 200)
        garbage = [f"{cursor[:i]}{'A' if cursor[i] != 'A' else 'B'}{cursor[i + 1:]}" for i in range(len(cursor))] + [cursor[:-1], cursor + "A", "", "x", "0", "%20", "A" * 5000]
        for bad in garbage:  # no digit of it can be changed
            self.problem(self.ask(f"/api/v1/posts?source=one&cursor={bad}"), 400, "cursor")
        for other in ("source=two", "source=one&order=arrival", "source=one&q=x", ""):  # a cursor of another query is none of this one's
            self.problem(self.ask(f"/api/v1/posts?{other}&cursor={cursor}"), 400, "cursor")

    def test_a_parameter_that_cannot_be_used_is_named(self):
        for name, value in [("limit", "0"), ("limit", "1001"), ("limit", "-1"), ("limit", "1.0"), ("limit", "%201"), ("limit", ""), ("limit", "9" * 30), ("order", "seq"), ("order", ""),
                            ("since", "yesterday"), ("since", "2024-02-30"), ("until", "2024-13-01T00:00:00Z"), ("after", "x"), ("after", "-1"), ("after", "9" * 30)]:
            self.problem(self.ask(f"/api/v1/posts?{name}={value}"), 400, name)
            self.problem(self.ask(f"/feed.atom?{name}={value}"), 400, name)
            if name in ("since", "until", "after"):
                self.problem(self.ask(f"/api/v1/events?{name}={value}"), 400, name)
        for name, value in (("limit", "1"), ("order", "date"), ("cursor", "x"), ("q", "x"), ("since", "2024-01-01"), ("until", "2024-01-01"), ("after", "1")):
            self.problem(self.ask(f"/api/v1/posts?{name}={value}&{name}={value}"), 400, name)
        self.problem(self.ask("/api/v1/posts?after=1&order=date"), 400, "after")
        for broken, name in [("tag=%zz", "tag"), ("q=%", "q"), ("source=%ff", "source"), ("category=%00", "category")]:
            self.problem(self.ask("/api/v1/posts?" + broken), 400, name)

    def test_following_by_arrival_misses_and_repeats_no_change_while_posts_are_written(self):
        pages = {"/live": rss("Live", story(0, "live"))}
        with Origin(pages) as origin, River({"live": origin.url + "/live"}, server=f'token = "{TOKEN}"') as river:
            river.wait_until(lambda: river.json("/api/v1/posts")["posts"], 20)
            done = threading.Event()

            def poll():
                return river.get("/api/v1/sources/live/poll", headers={"Authorization": f"Bearer {TOKEN}"}, method="POST")

            def publish():  # new posts and changes of old ones; a poll that is asked for is yet to come, so the last stories end it
                try:
                    for count in range(2, 60):
                        origin.pages["/live"] = rss("Live", *(story(i, "live", description=f"version {count if i == count // 2 else 0}") for i in range(count * 3)))
                        poll()
                        time.sleep(0.01)
                    until(lambda: poll() and len(river.json("/api/v1/posts?limit=1000")["posts"]) == 59 * 3, 60)
                finally:
                    done.set()

            writer = threading.Thread(target=publish)
            writer.start()
            seen, cursor, after, last_round = [], None, 0, False
            while True:
                page = river.json("/api/v1/posts?order=arrival&limit=7" + (f"&cursor={cursor}" if cursor else f"&after={after}"))
                seen += [post["seq"] for post in page["posts"]]
                cursor, after = page["next_cursor"], seen[-1] if seen else 0
                if cursor is None and last_round:
                    break
                last_round = cursor is None and done.is_set()
            writer.join()
            self.assertEqual(seen, sorted(set(seen)), "in order and once")
            final = {post["id"]: post["seq"] for post in river.json("/api/v1/posts?order=arrival&limit=1000")["posts"]}
            self.assertLessEqual(set(final.values()), set(seen), "the last version of each is among them")
            self.assertEqual(len(final), 59 * 3)
            self.assertGreater(len(seen), len(final) - 1)

    # ---- search

    def test_search_knows_words_phrases_without_and_prefixes(self):
        for query, found in [("quick+fox", ["phrase 1", "phrase 2"]), ("%22quick+brown+fox%22", ["phrase 1"]), ("quick+-%22brown+fox%22", ["phrase 2"]),
                             ("internat*", ["prefix 0"]), ("internat", []), ("%22international%22*", ["prefix 0"]), ("QUICK+Brown", ["phrase 1", "phrase 2"]),
                             ("quick+-jumps", []), ("-story+-tale+-phrase+-cjk+-prefix", ["Zürich 0", "plain 0"])]:
            with self.subTest(query=query):
                self.assertEqual(self.titles("q=" + query), found)

    def test_search_folds_diacritics_and_finds_what_has_no_spaces(self):
        both = ["Zürich 0", "plain 0"]
        for query in ("zurich", "Zürich", "ZÜRICH", "cafe", "café", "naive", "ελλαδα", "Ελλάδα", "zu%CC%88rich"):
            self.assertEqual(self.titles("q=" + query), both, query)
        for query, found in [("東", ["cjk 0"]), ("東京", ["cjk 0"]), ("古書店", ["cjk 0"]), ("く", ["cjk 0"]), ("腾讯云", ["cjk 0"]), ("域", ["cjk 0"]), ("京東", []), ("서울", ["cjk 1"]),
                             ("한", ["cjk 1"]), ("검색", ["cjk 1"]), ("東京+-腾讯", []), ("%22東京の古%22", ["cjk 0"])]:
            self.assertEqual(self.titles("q=" + query), found, query)

    def test_no_input_of_a_search_is_an_error(self):
        for q in ["%00", "a%00b", "%FF%FE", "%ED%A0%80", "-x", "-", "--", "-%22", "*", "**", "%22", "%22%22", "%22%22%22", "(", ")", "()", "AND", "OR", "NOT", "NEAR(a+b)", "NEAR/2",
                  "a+AND+b", "title:x", "%7Btitle%7D:x", "%5Etitle", "a+%2B+b", "'", "%25", "_", ";", "--+drop", "%5C", "%0A%0D", "%E2%80%AE", "%F0%9F%98%80", "x" * 7000, "a+" * 3500,
                  "%22" * 2000, "-a+" * 2000, "*+" * 3000, "%E6%97%A5" * 800]:
            with self.subTest(q=q[:40]):
                began = time.monotonic()
                self.assertEqual(self.ask("/api/v1/posts?q=" + q)[0], 200)
                self.assertLess(time.monotonic() - began, 2)
        self.problem(self.ask("/api/v1/posts?q=" + "x" * 100_000, check=False), 414)

    # ---- HTTP

    def test_head_is_get_without_its_body(self):
        for target in [*READS, *PAGES, "/favicon.ico", "/no/such/page", "/api/v1/posts/none", "/api/v1/posts?limit=0"]:
            if target == "/metrics":
                continue  # counts the questions themselves
            with self.subTest(target=target):
                got, head = (self.ask(target, method=method, check=False) for method in ("GET", "HEAD"))
                self.assertEqual(head[2], b"")
                self.assertEqual({k: v for k, v in head[1].items() if k != "date"}, {k: v for k, v in got[1].items() if k != "date"})
                self.assertEqual(int(got[1]["content-length"]), len(got[2]))

    def test_every_read_is_conditional(self):
        for target in [*READS, *PAGES, "/favicon.ico"]:
            with self.subTest(target=target):
                status, fields, _ = self.ask(target)
                self.assertEqual(status, 200)
                tag = fields["etag"]
                self.assertRegex(tag, r'^"[!#-~]+"$')
                self.assertRegex(fields["last-modified"], r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")
                same = [tag, "W/" + tag, f'"other", {tag}', f'"a" , W/{tag},"b"'] if target != "/metrics" else []  # it counts this very question
                for value in [*same, "*"]:
                    again = self.ask(target, "If-None-Match: " + value)
                    self.assertEqual((again[0], again[2]), (304, b""), value)
                    self.assertNotIn("content-length", again[1])
                    if value != "*":
                        self.assertEqual(again[1]["etag"], tag)
                for value in ['"other"', tag.strip('"'), '""', "garbage"]:
                    self.assertEqual(self.ask(target, "If-None-Match: " + value)[0], 200, value)
                # If-None-Match goes before If-Modified-Since (RFC 9110, 13.1.3).
                self.assertEqual(self.ask(target, 'If-None-Match: "other"', "If-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT")[0], 200)
                self.assertEqual(self.ask(target, "If-Modified-Since: Mon, 01 Jan 1990 00:00:00 GMT")[0], 200)
        for target in [*(t for t in READS if t not in ("/healthz", "/metrics")), *PAGES, "/favicon.ico"]:
            # Until the second of the last change is over, another could follow in it.
            self.river.wait_until(lambda: self.ask(target, "If-Modified-Since: " + self.ask(target)[1]["last-modified"])[0] == 304, 5)

    def test_gzip_is_for_who_asks_and_caches_are_told(self):
        for target in [*READS, *PAGES]:
            plain, packed = self.ask(target), self.ask(target, "Accept-Encoding: br, gzip;q=0.5")
            self.assertIn("accept-encoding", plain[1]["vary"].lower())
            self.assertIn("accept-encoding", packed[1]["vary"].lower())
            self.assertEqual((plain[1].get("content-encoding"), packed[1].get("content-encoding")), (None, "gzip"))
            if target != "/metrics":
                self.assertEqual(gzip.decompress(packed[2]), plain[2], target)
                self.assertNotEqual(plain[1]["etag"], packed[1]["etag"])
            self.assertNotIn("content-encoding", self.ask(target, "Accept-Encoding: gzip;q=0, identity")[1])

    def test_connections_are_kept_and_pipelined_requests_answered_in_order(self):
        with self.river.connect() as connection:
            for _ in range(3):
                connection.sendall(b"GET /api/v1/posts?limit=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
                data = b""
                while not data.endswith(b"}\n"):
                    data += connection.recv(65536)
                self.assertTrue(data.startswith(b"HTTP/1.1 200 "))
        targets = ["/api/v1/posts?limit=3", "/healthz", "/api/v1/posts?limit=0", "/no", "/feed.rss", "/api/v1/posts?q=slow", "/openapi.json"]
        data = self.raw("".join(f"GET {t} HTTP/1.1\r\nHost: localhost\r\n{'Connection: close' if t == targets[-1] else 'A: b'}\r\n\r\n" for t in targets).encode())
        kinds = []
        while data:
            status, fields, _, data = parse(data)
            kinds.append((status, fields["content-type"].split(";")[0]))
        self.assertEqual(kinds, [(200, "application/json"), (200, "application/json"), (400, "application/problem+json"), (404, "application/problem+json"),
                                 (200, "application/rss+xml"), (200, "application/json"), (200, "application/json")])

    def test_methods_that_are_not_known_are_405_with_what_is(self):
        for target in [*READS, *PAGES, "/api/v1/events"]:
            for method in ("PUT", "DELETE", "PATCH", "TRACE", "BREW", *([] if target == "/sign-in" else ["POST"])):
                answer = self.problem(self.ask(target, "Content-Length: 0", method=method, check=False), 405)
                self.assertEqual(answer[1]["allow"], "GET, HEAD, POST, OPTIONS" if target == "/sign-in" else "GET, HEAD, OPTIONS")
        for method in ("GET", "HEAD", "PUT"):
            answer = self.ask("/api/v1/sources/one/poll", method=method, check=False)
            self.assertEqual((answer[0], answer[1]["allow"]), (405, "POST, OPTIONS"))

    def test_options_and_cors_for_reads(self):
        for target in [*READS, *PAGES, "*"]:
            status, fields, body = self.ask(target, method="OPTIONS")
            self.assertEqual((status, body), (204, b""), target)
            self.assertIn("GET, HEAD", fields["allow"])
        preflight = self.ask("/api/v1/posts", "Origin: https://reader.example", "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: if-none-match", method="OPTIONS")[1]
        self.assertEqual((preflight["access-control-allow-origin"], preflight["access-control-allow-methods"]), ("*", "GET, HEAD, OPTIONS"))
        self.assertIn("If-None-Match", preflight["access-control-allow-headers"])
        self.assertEqual(self.ask("/feed.json", "Origin: https://reader.example")[1]["access-control-allow-origin"], "*")
        write = self.ask("/api/v1/sources/one/poll", "Origin: https://evil.example", "Access-Control-Request-Method: POST", method="OPTIONS")[1]
        self.assertNotIn("access-control-allow-methods", write)
        with River(server='cors_origins = ["https://ours.example"]') as river:
            ours, other = (self.ask("/api/v1/posts", f"Origin: https://{name}.example", river=river)[1] for name in ("ours", "other"))
            self.assertEqual(ours["access-control-allow-origin"], "https://ours.example")
            self.assertNotIn("access-control-allow-origin", other)
            self.assertIn("origin", other["vary"].lower())

    def test_what_is_too_large_has_its_status(self):
        for data, status in [(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414), (b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * 40000 + b"\r\n\r\n", 431),
                             (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431),
                             (b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000\r\n\r\n", 413),
                             (b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + b"10000\r\n" + b"a" * 65536 + b"\r\n1\r\na\r\n0\r\n\r\n", 413)]:
            answer = parse(self.raw(data))
            self.problem(answer, status)
            self.assertEqual(answer[1]["connection"], "close")

    def test_paths_are_taken_strictly(self):
        for path in ("/%", "/%zz", "/%00", "/%ff", "/%c0%af", "/a/../b", "/%2e%2e/etc/passwd", "/a%0d%0ab"):
            self.problem(self.ask(path, check=False), 400)
        for path in ("/api", "/api/", "/api/v1", "/api/v1/posts/", "/api/v2/posts", "/API/v1/posts", "//api/v1/posts", "/api/v1/posts/a/b", "/feed.atom/", "/assets/none", "/etc/passwd"):
            self.problem(self.ask(path, check=False), 404)
        page = self.ask("/no/such/page", "Accept: text/html,*/*;q=0.8", check=False)
        self.assertEqual((page[0], page[1]["content-type"]), (404, "text/html; charset=utf-8"))

    def test_another_host_is_refused_and_none_is_reflected(self):
        for host, status in [("localhost", 200), ("127.0.0.1:8380", 200), ("[::1]:80", 200), ("evil.example", 421), ("localhost.evil.example", 421), ("127.0.0.1.evil.example", 421),
                             ("a b", 400), ("", 400), ("evil.example/", 400)]:
            data = self.raw(f"GET /feed.atom HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n".encode())
            self.assertEqual(parse(data)[0], status, host)
            self.assertNotIn(b"evil", data)
        for data in (b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"):
            self.problem(parse(self.raw(data)), 400)
        self.problem(parse(self.raw(b"GET http://evil.example/api/v1/posts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")), 421)
        with River(server='hosts = ["river.example"]') as river:
            data = b"GET /healthz HTTP/1.1\r\nHost: River.Example:80\r\nConnection: close\r\n\r\n"
            self.assertEqual(parse(self.raw(data, river))[0], 200)

    # ---- auth

    def test_protected_reads_need_the_token_but_for_the_health(self):
        with River({"one": self.origin.url + "/one"}, server=f'token = "{TOKEN}"\nprotect_reads = true') as river:
            good = f"Authorization: Bearer {TOKEN}"
            river.wait_until(lambda: json.loads(self.ask("/api/v1/posts", good, river=river)[2])["posts"], 20)
            for target in [*READS, "/", "/sources", "/posts/{id}", "/api/v1/events"]:
                answer = self.ask(target, river=river, check=False)
                if target in ("/healthz",):
                    self.assertEqual(answer[0], 200)
                    continue
                self.problem(answer, 401)
                self.assertTrue(answer[1]["www-authenticate"].startswith("Bearer"))
                self.problem(self.ask(target, "If-None-Match: *", river=river, check=False), 401)
                if target != "/api/v1/events":
                    self.assertEqual(self.ask(target, good, river=river, check=False)[0], 200, target)
            self.assertEqual(self.ask("/sources", "Accept: text/html", river=river)[1]["location"], "/sign-in?next=%2Fsources")
            form = f"token={TOKEN}&next=%2Fsources"
            data = f"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n{form}"
            status, fields, _, _ = parse(self.raw(data.encode(), river))
            self.assertEqual((status, fields["location"]), (303, "/sources"))
            self.assertIn("; HttpOnly; SameSite=Strict", fields["set-cookie"])
            cookie = "Cookie: " + fields["set-cookie"].split(";")[0]
            self.assertEqual(self.ask("/api/v1/posts", cookie, river=river)[0], 200)
            self.problem(self.ask("/api/v1/sources/one/poll", cookie, "Content-Length: 0", method="POST", river=river), 401)

    # ---- metrics, health

    def test_metrics_are_prometheus_text_and_tell_what_they_should(self):
        text = self.ask("/metrics")[2].decode()
        self.assertTrue(text.endswith("\n"))
        types, helps, samples = {}, set(), {}
        for line in text.splitlines():
            if line.startswith("# HELP "):
                name, help_ = line[7:].split(" ", 1)
                self.assertNotIn(name, helps)
                self.assertTrue(help_)
                helps.add(name)
            elif line.startswith("# TYPE "):
                name, kind = line[7:].split(" ")
                self.assertIn(kind, ("counter", "gauge", "histogram"))
                self.assertNotIn(name, types, "a family stands together")
                types[name] = kind
                current = name
            else:
                found = re.fullmatch(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)*\})? (-?\d+(?:\.\d+)?(?:e[+-]\d+)?|\+Inf|NaN)', line)
                self.assertTrue(found, line)
                base = re.sub(r"_(bucket|sum|count)$", "", found[1]) if types[current] == "histogram" else found[1]
                self.assertEqual(base, current, line)
                self.assertNotIn((found[1], found[2]), samples, "each sample once")
                samples[found[1], found[2]] = float(found[3])
        self.assertEqual(helps, set(types))
        for name, kind in types.items():
            self.assertEqual(kind == "counter", name.endswith("_total"), name)
            if kind != "histogram":
                continue
            buckets = [(labels, value) for (sample, labels), value in samples.items() if sample == name + "_bucket"]
            self.assertEqual([value for _, value in buckets], sorted(value for _, value in buckets), "cumulated")
            self.assertEqual((buckets[-1][0], buckets[-1][1]), ('{le="+Inf"}', samples[name + "_count", None]))
            self.assertIn((name + "_sum", None), samples)
        self.assertLessEqual({"riverd_build_info", "riverd_polls_total", "riverd_poll_bytes_total", "riverd_poll_transfer_seconds", "riverd_poll_parse_seconds", "riverd_posts",
                              "riverd_posts_new_total", "riverd_poll_queue", "riverd_http_queue", "riverd_poll_lateness_seconds", "riverd_poll_overdue_seconds",
                              "riverd_store_record_seconds", "riverd_store_read_seconds", "riverd_http_handling_seconds", "riverd_http_received_bytes_total"}, set(types))
        self.assertEqual(samples["riverd_posts", None], 157)
        self.assertGreaterEqual(samples["riverd_polls_total", None], 4)

    def test_health_has_a_body_that_says_which_part(self):
        health = json.loads(self.ask("/healthz")[2])
        self.assertEqual((health["status"], health["polling"]["status"], health["store"]["status"]), ("ok", "ok", "ok"))
        self.assertEqual((health["store"]["posts"], health["store"]["sources"], health["store"]["failing"]), (157, 4, 1))

    # ---- events

    def test_events_have_an_id_resume_and_filter(self):
        changes = [post["seq"] for post in self.posts("order=arrival&source=two")]
        with self.river.connect() as connection:
            connection.sendall(f"GET /api/v1/events?source=two HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: {changes[9]}\r\n\r\n".encode())
            stream, seen = connection.makefile("rb"), []
            self.assertTrue(stream.readline().startswith(b"HTTP/1.1 200 "))
            while len(seen) < 20:
                line = stream.readline().decode()
                if line.startswith("id: "):
                    seen.append(int(line[4:]))
                    self.assertEqual(stream.readline(), b"event: post\n")
                    post = json.loads(stream.readline().decode().removeprefix("data: "))
                    self.openapi.validate(post, {"$ref": "#/components/schemas/Post"})
                    self.assertEqual((post["seq"], stream.readline()), (seen[-1], b"\n"))
            self.assertEqual(seen, changes[10:])
            began = time.monotonic()
            while not stream.readline().startswith(b":"):
                pass
            self.assertLess(time.monotonic() - began, 15, "a comment at least every 15 s")
            stream.close()


if __name__ == "__main__":
    unittest.main()
