"""The river as a feed: valid by the specifications whatever came in, paged, filtered, and read by readers as it is."""

import json
import re
import sqlite3
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support import feed_rules  # noqa: E402
from support.feed_rules import ATOM  # noqa: E402
from support.origin import Origin, rss  # noqa: E402
from support.river import River  # noqa: E402

try:
    import feedparser
except ImportError:
    feedparser = None

# What publishers really write, and worse: each entry breaks a rule that the river's own feeds must keep.
ODD_RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"><channel>
<title>Odd &amp;amp; &lt;b&gt;bold&lt;/b&gt;</title><link>https://odd.example/</link><description/><language>en_US!!</language>
<item><title>Tencent &amp;lt;tags&amp;gt; &amp;amp; more</title><link>https://odd.example/1</link><guid>1</guid><pubDate>Wed, 18 Sep 2024 18:37:16 +0200</pubDate>
  <author>ada@odd.example (Ada &lt;3)</author><category>AT&amp;T</category><category></category><description>&lt;p&gt;Body &amp;amp; soul&lt;/p&gt;</description>
  <enclosure url="https://odd.example/a b.mp3" length="-5" type="audio"/><enclosure url="https://odd.example/b.mp3" length="many" type="audio/mpeg"/>
  <media:thumbnail url="https://odd.example/t.jpg?a=1&amp;b=2"/></item>
<item><link>https://odd.example/2</link><guid>2</guid></item>
<item><title>No link, no date</title><guid>urn:x</guid><description>Only text.</description></item>
<item><title>Two people</title><guid>4</guid><link>javascript:alert(1)</link><author>not an address</author><dc:creator>Bob</dc:creator><dc:creator>Cy</dc:creator><pubDate>yesterday</pubDate></item>
<item><title>   </title><guid>5</guid><link>https://odd.example/5?q=&quot;&lt;&gt; {x}|^</link><description>&lt;img src="/rel.png"&gt;words here</description><pubDate>Fri, 31 Dec 9999 23:59:59 GMT</pubDate></item>
<item><title>Control \u0085 and \uFFFD \U0001F680 日本</title><guid>6 ]]&gt; &amp;</guid><link>https://odd.example/6#ä</link><description>]]&gt; &lt;![CDATA[x]]&gt;</description></item>
</channel></rss>"""

ODD_ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Atom</title><id>tag:atom.example,2024:f</id><updated>2024-01-01T00:00:00Z</updated>
<author><name/><email>nobody</email></author>
<entry><id>tag:atom.example,2024:1</id><title type="html">&lt;i&gt;Schräg&lt;/i&gt;</title><updated>2024-05-05T05:05:05.5+05:30</updated>
  <author><name></name><email>only-a-name</email><uri>not a url</uri></author><author><name>Eva</name><email>eva@atom.example</email><uri>https://atom.example/eva</uri></author>
  <link href="https://atom.example/1"/><link rel="enclosure" href="https://atom.example/x.pdf" type="pdf" length="12"/>
  <category term="" label="Etwas"/><category term="t" scheme="nonsense"/>
  <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Ja <br/>doch</p></div></content></entry>
<entry><id>tag:atom.example,2024:2</id><title/><updated>2024-05-06T00:00:00Z</updated></entry>
</feed>"""

FORMS = {"/feed.atom": feed_rules.atom, "/feed.rss": feed_rules.rss, "/feed.json": feed_rules.json_feed}
TYPES = {"/feed.atom": "application/atom+xml; charset=utf-8", "/feed.rss": "application/rss+xml; charset=utf-8", "/feed.json": "application/feed+json"}


def items(count):
    return [{"title": f"story {i}", "link": f"https://example.org/{i}", "guid": f"tag:example.org,2024:{i}", "category": f"c{i % 3}",
             "description": f"&lt;p&gt;Body of {i} with &lt;b&gt;bold&lt;/b&gt; words&lt;/p&gt;", "pubDate": f"Wed, 18 Sep 2024 18:{i % 60:02}:00 GMT"} for i in range(count)]


class FeedsOutTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = Origin({"/plain": rss("Plain", *items(120)), "/odd": ("application/rss+xml", ODD_RSS), "/atom": ("application/atom+xml", ODD_ATOM)}).__enter__()
        cls.river = River({"plain": cls.origin.url + "/plain", "odd": cls.origin.url + "/odd", "atom": cls.origin.url + "/atom"}).__enter__()
        cls.river.wait_until(lambda: len(cls.river.json("/api/v1/posts?limit=1000")["posts"]) == 128, 30)

    @classmethod
    def tearDownClass(cls):
        cls.river.__exit__()
        cls.origin.__exit__()

    def document(self, target):
        status, fields, body = self.river.get(target)
        self.assertEqual(status, 200, body[:300])
        self.assertEqual(fields["content-type"], TYPES[target.split("?")[0]])
        return body.decode()

    def test_every_feed_is_valid_whatever_came_in(self):
        for path, check in FORMS.items():
            for query in ("", "?source=odd", "?source=atom", "?limit=1000", "?q=nosuchword", "?category=x%22%26%3C&tag=c1&q=%3Cb%3E", "?order=arrival&after=3"):
                with self.subTest(target=path + query):
                    self.assertEqual(check(self.document(path + query)), [])

    def test_each_filter_is_a_feed_of_its_own(self):
        for path, entry in (("/feed.atom", "<entry"), ("/feed.rss", "<item>"), ("/feed.json", '"id":"urn:')):
            self.assertEqual(self.document(path + "?tag=c1&q=story&limit=100").count(entry), 40)
            self.assertEqual(self.document(path + "?source=odd&q=tencent").count(entry), 1)

    def test_pages_link_to_the_next_and_the_first_and_are_one_feed(self):
        target, titles, ids, firsts = "/feed.atom?source=plain&limit=40", [], set(), set()
        while target:
            feed = ElementTree.fromstring(self.document(target))
            links = {link.get("rel"): link.get("href") for link in feed.findall(ATOM + "link")}
            self.assertEqual(links["self"], self.river.url + target)
            ids.add(feed.findtext(ATOM + "id"))
            firsts.add(links["first"])
            titles += [entry.findtext(ATOM + "title") for entry in feed.findall(ATOM + "entry")]
            target = links["next"].removeprefix(self.river.url) if "next" in links else None
        self.assertEqual(sorted(titles), sorted(f"story {i}" for i in range(120)))
        self.assertEqual((len(ids), len(firsts)), (1, 1))
        page, seen = self.document("/feed.json?source=plain&limit=40"), 0
        while page:
            page = json.loads(page)
            seen += len(page["items"])
            page = self.document(page["next_url"].removeprefix(self.river.url)) if "next_url" in page else None
        self.assertEqual(seen, 120)

    def test_an_entry_keeps_its_id_and_says_where_it_came_from(self):
        post = self.river.json("/api/v1/posts?q=tencent")["posts"][0]
        atom = ElementTree.fromstring(self.document("/feed.atom?q=tencent")).find(ATOM + "entry")
        item = ElementTree.fromstring(self.document("/feed.rss?q=tencent"))[0].find("item")
        feed = json.loads(self.document("/feed.json?q=tencent"))["items"][0]
        self.assertEqual({atom.findtext(ATOM + "id"), item.findtext("guid"), feed["id"]}, {atom.findtext(ATOM + "id")})
        self.assertEqual(feed["_riverd"]["id"], post["id"])
        self.assertEqual(atom.findtext(f"{ATOM}source/{ATOM}title"), item.findtext("source"))
        self.assertEqual(item.find("source").get("url"), self.origin.url + "/odd")
        self.assertEqual(item.findtext(feed_rules.CONTENT + "encoded"), post["content_html"])
        self.assertEqual(atom.findtext(ATOM + "content"), post["content_html"])
        self.assertEqual(item.find(feed_rules.MEDIA + "thumbnail").get("url"), "https://odd.example/t.jpg?a=1&b=2")
        self.assertEqual([a.findtext(ATOM + "name") for a in atom.findall(ATOM + "author")], [post["authors"][0]["name"]])
        self.assertEqual([link.get("href") for link in atom.findall(ATOM + "link") if link.get("rel") == "enclosure"], [e["url"] for e in post["enclosures"]])

    @unittest.skipUnless(feedparser, "needs feedparser")
    def test_feedparser_reads_all_of_them(self):
        posts = self.river.json("/api/v1/posts?limit=1000")["posts"]
        for path in FORMS:
            if path.endswith("json"):
                continue  # feedparser knows XML alone
            read = feedparser.parse(self.document(path + "?limit=1000"))
            self.assertFalse(read.bozo, getattr(read, "bozo_exception", None))
            self.assertEqual(len(read.entries), len(posts))
            for entry, post in zip(read.entries, posts):
                if post["link"]:
                    self.assertEqual(entry.link, post["link"])
            dates = [post["date"] for post in posts if post["date"]]
            self.assertEqual(sum("published_parsed" in entry and entry.published_parsed is not None for entry in read.entries), len(dates))

    def test_riverd_reads_what_it_wrote(self):
        for path in FORMS:
            done = subprocess.run([__import__("os").environ["RIVERD"], "parse", "-"], input=self.document(path + "?source=plain&limit=1000").encode(), capture_output=True, check=True)
            read = json.loads(done.stdout)
            self.assertEqual((len(read["posts"]), read["warnings"]), (120, []), path)

    def test_newsboat_shows_the_posts(self):
        posts = {post["title"]: post for post in self.river.json("/api/v1/posts?source=plain&limit=1000")["posts"]}
        for path in ("/feed.atom", "/feed.rss"):
            with self.subTest(path=path):
                shown = {title: (url, content, date) for title, url, content, date in self.newsboat(path + "?source=plain&limit=1000")}
                self.assertEqual(shown.keys(), posts.keys())
                url, content, date = shown["story 7"]
                self.assertEqual((url, date), (posts["story 7"]["link"], 1726682820))
                self.assertEqual(re.sub(r"\s+", " ", content).strip(), posts["story 7"]["content_html"])

    def newsboat(self, target):
        """What newsboat has of a feed after it reloaded it twice: the second time nothing doubles."""
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            (folder / "urls").write_text(self.river.url + target + "\n")
            (folder / "config").touch()
            command = ["newsboat", "-u", folder / "urls", "-c", folder / "cache.db", "-C", folder / "config", "-x", "reload"]
            environment = {"HOME": str(folder), "LC_ALL": "C.UTF-8", "TERM": "dumb", "PATH": "/usr/bin:/bin"}
            for _ in range(2):
                subprocess.run(command, check=True, timeout=60, stdout=subprocess.DEVNULL, env=environment)
            cache = sqlite3.connect(folder / "cache.db")
            rows = cache.execute("SELECT title, url, content, pubDate FROM rss_item WHERE deleted = 0").fetchall()
            cache.close()
            self.assertEqual(len(rows), len({row[0] for row in rows}))
            return rows


if __name__ == "__main__":
    unittest.main()
