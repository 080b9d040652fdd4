"""The HTTP interface of a running riverd, as /openapi.json describes it."""

import gzip
import json
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.origin import Origin, rss  # noqa: E402
from support.river import River  # noqa: E402


def items(count, word="story"):
    return [{"title": f"{word} {i}", "link": f"https://example.org/{word}/{i}", "category": f"tag{i % 3}",
             "description": "&lt;p&gt;Some text, &lt;b&gt;bold&lt;/b&gt; " + "x" * 300 + "&lt;/p&gt;",
             "pubDate": f"Wed, 18 Sep 2024 18:{i % 60:02}:00 GMT"} for i in range(count)]


class Schema:
    """As much of JSON Schema as openapi.json uses."""

    def __init__(self, document):
        self.document = document

    def resolve(self, schema):
        while "$ref" in schema:
            found = self.document
            for part in schema["$ref"][2:].split("/"):
                found = found[part]
            schema = found
        return schema

    def check(self, value, schema, at="$"):
        schema = self.resolve(schema)
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        names = {"object": dict, "array": list, "string": str, "integer": int, "null": type(None), "boolean": bool}
        assert not kinds or any(isinstance(value, names[k]) for k in kinds), f"{at}: {value!r} is not {kinds}"
        if "enum" in schema:
            assert value in schema["enum"], f"{at}: {value!r}"
        if isinstance(value, dict):
            for key in schema.get("required", []):
                assert key in value, f"{at}.{key} is missing"
            for key, part in value.items():
                properties = schema.get("properties")
                if properties is None:
                    continue
                assert key in properties or schema.get("additionalProperties", True), f"{at}.{key} is not described"
                if key in properties:
                    self.check(part, properties[key], f"{at}.{key}")
        if isinstance(value, list):
            for i, part in enumerate(value):
                self.check(part, schema.get("items", {}), f"{at}[{i}]")


class HttpTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = Origin({"/one": rss("One", *items(120)), "/two": rss("Two", *items(30, "tale"))}).__enter__()
        cls.river = River({"one": cls.origin.url + "/one", "two": cls.origin.url + "/two", "gone": cls.origin.url + "/none"},
                          server='token = "secret"').__enter__()
        cls.river.wait_until(lambda: len(cls.river.json("/api/v1/posts?limit=1000")["posts"]) == 150, 30)
        cls.openapi = cls.river.json("/openapi.json")
        cls.schema = Schema(cls.openapi)

    @classmethod
    def tearDownClass(cls):
        cls.river.__exit__()
        cls.origin.__exit__()

    def test_every_path_of_the_description_answers_as_described(self):
        post = self.river.json("/api/v1/posts?limit=1")["posts"][0]["id"]
        for path, methods in self.openapi["paths"].items():
            target = path.replace("{id}", post).replace("{name}", "one")
            if path == "/api/v1/events":
                continue  # it does not end
            for method, operation in methods.items():
                headers = {"Authorization": "Bearer secret"} if method == "post" else {}
                status, fields, body = self.river.get(target, headers=headers, method=method.upper())
                with self.subTest(path=path, method=method):
                    self.assertIn(str(status), operation["responses"])
                    described = self.schema.resolve(operation["responses"][str(status)])["content"]
                    self.assertIn(fields["content-type"], described)
                    if "json" in fields["content-type"]:
                        self.schema.check(json.loads(body), described[fields["content-type"]]["schema"])
                    other = "PUT"
                    status, fields, body = self.river.get(target, method=other)
                    self.assertEqual(status, 405)
                    self.assertIn(method.upper(), fields["allow"])
                    self.schema.check(json.loads(body), {"$ref": "#/components/schemas/Problem"})

    def test_a_problem_is_as_described_and_names_the_parameter(self):
        parameters = self.openapi["components"]["parameters"]
        for query, name in [("limit=0", "limit"), ("order=up", "order"), ("since=x", "since"), ("cursor=x", "cursor"), ("after=x", "after")]:
            self.assertIn(name, parameters)
            status, fields, body = self.river.get("/api/v1/posts?" + query)
            self.assertEqual((status, fields["content-type"]), (400, "application/problem+json"))
            self.schema.check(json.loads(body), {"$ref": "#/components/schemas/Problem"})
            self.assertEqual(json.loads(body)["parameter"], name)

    def test_pages_by_cursor_give_every_post_once(self):
        for order in ["date", "arrival"]:
            seen, cursor = [], ""
            while True:
                page = self.river.json(f"/api/v1/posts?limit=17&order={order}" + cursor)
                seen += [post["id"] for post in page["posts"]]
                if page["next_cursor"] is None:
                    break
                cursor = "&cursor=" + page["next_cursor"]
            self.assertEqual(len(seen), 150)
            self.assertEqual(len(set(seen)), 150)

    def test_made_up_cursors_are_told_from_ours(self):
        cursor = self.river.json("/api/v1/posts?limit=5")["next_cursor"]
        for made_up in [cursor[:-1], cursor + "A", cursor[::-1], "0", "-1", "%27%20or%201=1", "A" * 900, "%F0%9F%92%A9"]:
            status, _, body = self.river.get("/api/v1/posts?cursor=" + made_up)
            self.assertEqual(status, 400, made_up)
            json.loads(body)

    def test_any_search_is_answered(self):
        for q in ["story", "%22story%201%22", "-story", "sto*", "%22", "*", "(", ")", "AND", "OR%20NOT", "NEAR(", "a:b", "title:x", "%5E", "'", "%25",
                  "-", "--", "%22%22", "+", "{}", "%E6%97%A5", "\\", "x" * 3000, "a%20" * 500, "%26%7C%21", "story%20-tale", "%00", "%FF"]:
            status, _, body = self.river.get("/api/v1/posts?q=" + q)
            self.assertEqual(status, 200, q)
            json.loads(body)

    def test_filters_take_no_wildcards(self):
        for value in ["%25", "_ne", "o%25", "*", "one'--", "%27%20OR%20%271%27=%271", "ONE%00"]:
            status, _, body = self.river.get("/api/v1/posts?source=" + value)
            if status == 200:
                self.assertEqual(json.loads(body)["posts"], [], value)
            else:
                self.assertEqual(status, 400)

    def test_reads_are_conditional_and_compressed(self):
        for target in ["/", "/api/v1/posts", "/api/v1/sources", "/feed.atom", "/feed.rss", "/feed.json", "/opml", "/openapi.json"]:
            with self.subTest(target=target):
                status, fields, body = self.river.get(target)
                self.assertEqual(status, 200)
                self.assertRegex(fields["etag"], r'^"[^"]+"$')
                self.assertIn("last-modified", fields)
                if target.startswith("/feed."):
                    self.assertRegex(fields["cache-control"], r"max-age=[1-9]")
                again = self.river.get(target, headers={"If-None-Match": fields["etag"]})
                if target not in ("/", "/api/v1/sources"):  # these show times that go on
                    self.assertEqual((again[0], again[2]), (304, b""))
                packed = self.river.get(target, headers={"Accept-Encoding": "gzip"})
                self.assertIn("accept-encoding", packed[1]["vary"].lower())
                if len(body) > 1024:  # smaller ones gain nothing
                    self.assertEqual(packed[1].get("content-encoding"), "gzip")
                    self.assertGreater(len(gzip.decompress(packed[2])), len(packed[2]))
                head = self.river.get(target, method="HEAD")
                self.assertEqual((head[0], head[2]), (200, b""))

    def test_feeds_page_backwards_to_the_end(self):
        target, titles = "/feed.atom?limit=40", 0
        while target:
            body = self.river.get(target)[2].decode()
            titles += body.count("<entry>")
            found = re.search(r'<link rel="next"[^>]*href="[^"]*(/feed\.atom\?[^"]*)"', body) or \
                re.search(r'<link href="[^"]*(/feed\.atom\?[^"]*)" rel="next"', body)
            target = found[1].replace("&amp;", "&") if found else None
        self.assertEqual(titles, 150)

    def test_polling_now_needs_the_token_and_happens(self):
        polls = lambda: next(s for s in self.river.json("/api/v1/sources")["sources"] if s["name"] == "two")["polls"]  # noqa: E731
        before = polls()
        self.assertEqual(self.river.get("/api/v1/sources/two/poll", method="POST")[0], 401)
        status, _, _ = self.river.get("/api/v1/sources/two/poll", method="POST", headers={"Authorization": "Bearer secret"})
        self.assertEqual(status, 202)
        self.river.wait_until(lambda: polls() > before)


if __name__ == "__main__":
    unittest.main()
