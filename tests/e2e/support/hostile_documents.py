"""Behaviours of origins in what they publish: bombs, depths, lies about charsets, dates and links, and entries without a
lasting identity."""

import json
import random

from .hostile import Row, counting, fails, in_turn, item, json_feed, rss, works
from .scripted_origin import answer, feed


def doctype(entities):
    return "<!DOCTYPE rss [" + entities + "]>"


LAUGHS = doctype('<!ENTITY a "' + "ha" * 500 + '">' + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(8)))
QUADRATIC = doctype('<!ENTITY a "' + "x" * 100_000 + '">')


def shows_no_file(test, source, posts, requests):
    test.assertNotIn("root:", json.dumps(posts))


def asks_for_nothing_else(test, source, posts, requests):
    shows_no_file(test, source, posts, requests)
    test.assertEqual(test.hell.asked("/evil"), [])


BOMBS = [
    works("entities-laughing", rss(item(title="&i;", guid="1"), item(title="after", guid="2"), before=LAUGHS), 2),
    works("entities-quadratic", rss(item(title="&a;" * 1000, guid="1"), before=QUADRATIC), 1),
    works("entities-recursive", rss(item(title="&a;", guid="1"), before=doctype('<!ENTITY a "&b;"><!ENTITY b "&a;">')), 1),
    works("entity-of-a-file", rss(item(title="&x;", guid="1"), before=doctype('<!ENTITY x SYSTEM "file:///etc/passwd">')), 1, check=shows_no_file),
    works("entity-of-a-url", rss(item(title="&x;", guid="1"), before=doctype('<!ENTITY x SYSTEM "http://{host}/evil">')), 1, check=asks_for_nothing_else),
    works("parameter-entities", rss(item(title="&x;", guid="1"), before=doctype('<!ENTITY % d SYSTEM "http://{host}/evil"> %d;')), 1, check=asks_for_nothing_else),
    works("dtd-elsewhere", rss(item(title="a", guid="1"), before='<!DOCTYPE rss SYSTEM "http://{host}/evil">'), 1, check=asks_for_nothing_else),
    works("stylesheet", rss(item(title="a", guid="1"), before='<?xml-stylesheet href="http://{host}/evil" type="text/xsl"?>'), 1, check=asks_for_nothing_else),
    works("xinclude", rss(item(title="a", guid="1", description='<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" href="file:///etc/passwd"/>')), 1,
          check=asks_for_nothing_else),
    works("images", rss(item(title="a", guid="1", description="&lt;img src='http://{host}/evil'&gt;"), head="<image><url>http://{host}/evil</url></image>"), 1,
          check=asks_for_nothing_else),
    works("deep-in-an-entry", rss("<item><title>a</title><description>" + "<b>" * 1_000_000 + "x", item(title="b")), 1),
    works("deep-html", rss(item(title="a", description="&lt;div&gt;" * 500_000 + "x"), item(title="b")), 2),
    works("deep-json-content", json_feed([{"id": "1", "content_html": "<blockquote>" * 800_000}]), 1),
    works("deep-xml", "<rss>" + "<a>" * 4_000_000, 0),
    fails("deep-json", "[" * 10_000_000, "not a feed"),
    fails("deep-json-feed", '{"version":"https://jsonfeed.org/version/1.1","items":' + "[" * 5_000_000, "not a feed"),
    works("entries-by-the-million", "<rss><channel><title>m</title>" + "".join(f"<item><guid>{n:x}</guid>" for n in range(600_000)), 20_000),
    fails("json-entries-by-the-million", '{"version":"https://jsonfeed.org/version/1.1","items":[' + ",".join(f'{{"id":"{n:x}"}}' for n in range(900_000)) + "]}", "not a feed"),
    works("title-of-ten-megabytes", rss(item(title="word " * 2_000_000, guid="1")), 1),
    works("guid-of-a-megabyte", rss(item(title="a", guid="g" * 1_000_000)), 1),
    works("attributes-by-the-million", rss("<item " + " ".join(f"a{n}='1'" for n in range(1_000_000)) + "><title>a</title></item>"), 1),
    works("namespaces-by-the-thousand", rss("".join(f"<item xmlns:n{n}='urn:{n}'><title>{n}</title></item>" for n in range(5000))), 5000),
    works("categories-by-the-thousand", rss(item(title="a", guid="1") [:-7] + "<category>c</category>" * 100_000 + "</item>"), 1),
    works("enclosures-by-the-thousand", rss("<item><title>a</title>" + "".join(f'<enclosure url="https://example.org/{n}"/>' for n in range(50_000)) + "</item>"), 1),
    works("comment-without-an-end", rss(item(title="a", guid="1")).replace("</channel></rss>", "<!--" + "x" * 5_000_000), 1),
    works("cdata-without-an-end", rss(item(title="a", guid="1")).replace("</channel></rss>", "<item><title><![CDATA[" + "x" * 100_000), 1),  # the second one is cut off
    works("html-of-open-tables", rss(item(title="a", description="&lt;table&gt;&lt;tr&gt;&lt;td&gt;x" * 100_000)), 1),
    works("html-of-attributes", rss(item(title="a", description="&lt;p " + "a=b " * 500_000 + "&gt;x")), 1),
    works("html-of-formatting", rss(item(title="a", description="&lt;b&gt;&lt;i&gt;&lt;p&gt;x" * 100_000)), 1),
]

NOT_FEEDS = [
    *(fails("not-a-feed-" + name, answer(body), "not a feed|empty|without a feed") for name, body in {
        "empty": b"", "spaces": b" \n" * 1000, "binary": bytes(random.Random(1).randbytes(5000)), "zeros": bytes(1_000_000), "png": b"\x89PNG\r\n\x1a\n" + bytes(500),
        "page": b"<html><body><p>hello</p></body></html>", "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>", "sitemap": b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'/>",
        "opml": b"<opml version='2.0'><body/></opml>", "json": b'{"hello":["world"]}', "null": b"null", "text": b"hello, world", "truncated-json": b'{"version":"https://json',
    }.items()),
    works("wrong-type", answer(feed(1), headers=["Content-Type: image/png"]), 1),
    works("no-type", answer(feed(1)), 1),
    works("type-of-rubbish", answer(feed(1), headers=["Content-Type: ;;;=\"\"; charset=\xff"]), 1),
]

CHARSETS = [
    works("utf-16", answer(rss(item(title="Grüße", guid="1")).encode("utf-16")), 1, check=lambda test, source, posts, r: test.assertEqual(posts[0]["title"], "Grüße")),
    works("utf-8-broken", answer(rss(item(title="a\udcff\udcc0b", guid="1")).encode("utf-8", "surrogateescape")), 1),
    works("zeros-within", answer(rss(item(title="a\0b", guid="1"))), 1, check=lambda test, source, posts, r: test.assertNotIn("\0", json.dumps(posts[0], ensure_ascii=False))),
    works("charset-impossible", answer(rss(item(title="a", guid="1")), headers=["Content-Type: text/xml; charset=klingon"]), 1),
    works("charset-utf-7", answer(rss(item(title="+ADw-script+AD4-", guid="1")), headers=["Content-Type: text/xml; charset=utf-7"]), 1,
          check=lambda test, source, posts, r: test.assertNotIn("<script", posts[0]["title"])),
    works("junk-around", answer(b"\xef\xbb\xbf \n\n" + rss(item(title="a &amp; b & c &nbsp;", guid="1")).encode() + b"</rss><p>bye"), 1),
]


def all_posts(key, allowed):
    def check(test, source, posts, requests):
        for post in posts:
            test.assertTrue(allowed(post[key]), (post["title"], post[key]))
    return check


DATES = ["9999-12-31T23:59:59Z", "0000-00-00T00:00:00Z", "Fri, 31 Dec 292277026596 00:00:00 GMT", "Mon, 30 Feb 2024 25:61:61 GMT", "-1", "now", "2038-01-19T03:14:08Z",
         "1969-12-31T23:59:59Z", "99999999999999999999", "2024-13-45", "٢٠٢٤-٠١-٠١", "Thu, 01 Jan 1970 00:00:00 +9999", "2024-02-29T23:59:60Z", "x" * 10_000]
LINKS = ["javascript:alert(1)", "JaVa\tScRiPt:alert(1)", " \x0bjavascript:alert(1)", "data:text/html,<script>", "file:///etc/passwd", "vbscript:x", "http://", "http:///x", "https://exa mple.org/",
         "https://user:pw@example.org/", "//example.org/x", "?", "https://example.org/\"><script>", "blob:https://example.org/x", "javascript&colon;alert(1)", "x" * 20_000]


def plain_or_null(link):
    return link is None or (link.startswith(("http://", "https://")) and not set(link) & set(" \"<>\t\r\n"))


def date_or_null(date):
    return date is None or (len(date) == 20 and date[:4] < "2040" and date.endswith("Z"))


VALUES = [
    works("dates-of-all-kinds", rss(*(item(title=f"{n}", guid=str(n), pubDate=date) for n, date in enumerate(DATES))), len(DATES), check=all_posts("date", date_or_null)),
    works("links-of-all-kinds", rss(*(item(title=f"{n}", guid=str(n), link=link.replace("&", "&amp;").replace("<", "&lt;")) for n, link in enumerate(LINKS))), len(LINKS),
          check=all_posts("link", plain_or_null)),
    works("enclosures-of-all-kinds", json_feed([{"id": str(n), "title": "x", "image": link, "attachments": [{"url": link, "mime_type": "a/b"}]} for n, link in enumerate(LINKS)]), len(LINKS),
          check=lambda test, source, posts, r: [test.assertTrue(plain_or_null(e["url"])) for p in posts for e in [*p["enclosures"], {"url": p["thumbnail"]}]]),
    works("numbers-of-all-kinds", '{"version":"https://jsonfeed.org/version/1.1","items":[{"id":1e999},{"id":-0.0},{"id":123456789012345678901234567890},{"id":true},{"id":null,"title":"t"},{"id":[]},'
          '{"id":{"a":1},"title":"u"}]}', None),
]


def one(n, **parts):
    return item(**{"title": f"story {n}", "link": f"https://example.org/{n}", "guid": f"g{n}", **parts})


def without(n, *names):
    return item(**{name: text for name, text in {"title": f"story {n}", "link": f"https://example.org/{n}", "guid": f"g{n}"}.items() if name not in names})


def is_updated(test, source, posts, requests):
    test.assertEqual([p["title"] for p in posts], ["edited story"])


STORIES = range(1, 11)

IDENTITIES = [
    works("guids-missing", counting(lambda n: rss(*(without(s, "guid") for s in STORIES), head=f"<!--{n}-->")), 10, polls=4),
    works("guids-and-links-missing", counting(lambda n: rss(*(without(s, "guid", "link") for s in STORIES), head=f"<!--{n}-->")), 10, polls=4),
    works("guids-repeated", counting(lambda n: rss(*(one(s, guid="same") for s in STORIES), head=f"<!--{n}-->")), 10, polls=4),
    works("guids-new-each-time", counting(lambda n: rss(*(one(s, guid=f"{n}-{s}") for s in STORIES))), 10, polls=4),
    works("guids-of-another-scheme", in_turn(rss(*(one(s, guid=f"http://example.org/?p={s}") for s in STORIES)), rss(*(one(s, guid=f"https://example.org/?p={s}") for s in STORIES))), 10, polls=4),
    works("guids-empty", counting(lambda n: rss(*(one(s, guid=" ") for s in STORIES), head=f"<!--{n}-->")), 10, polls=4),
    works("links-that-are-one", counting(lambda n: rss(*(one(s, link="https://example.org/") for s in STORIES), head=f"<!--{n}-->")), 10, polls=4),
    works("links-that-are-tracked", counting(lambda n: rss(*(item(title=f"story {s}", link=f"https://example.org/{s}?utm_source=rss&amp;utm_id={n}") for s in STORIES))), 10, polls=4),
    works("dates-that-move", counting(lambda n: rss(*(one(s, pubDate=f"Wed, {n:02d} Sep 2024 00:00:0{s % 10} GMT") for s in STORIES))), 10, polls=4),
    works("shuffled", counting(lambda n: rss(*(one(s) for s in random.Random(n).sample(STORIES, 10)))), 10, polls=4),
    works("emptied-and-restored", in_turn(rss(*(one(s) for s in STORIES)), rss(), rss(*(one(s) for s in STORIES))), 10, polls=4),
    works("cut-and-restored", in_turn(rss(*(one(s) for s in STORIES)), rss(one(1)), rss(*(one(s) for s in STORIES))), 10, polls=4),
    works("guid-with-new-content", [rss(one(1)), rss(one(1, title="edited story"))], 1, check=is_updated, polls=3),
    works("headlines-edited", counting(lambda n: rss(*(item(title=f"story {s} of the day, edition {n}", link=f"https://example.org/{s}", guid=f"g{s}") for s in STORIES))), 10, polls=4),
    works("a-window-that-rolls", counting(lambda n: rss(*(one(s) for s in range(n, n + 10)))), None, polls=4,
          check=lambda test, source, posts, requests: test.assertEqual(len(posts), 9 + source["polls"] - source["not_modified"])),
    works("two-documents-in-turn", in_turn(rss(*(one(s) for s in STORIES)), json_feed([{"id": f"g{s}", "title": f"story {s}", "url": f"https://example.org/{s}"} for s in STORIES])), 10, polls=4),
]

ROWS: list[Row] = BOMBS + NOT_FEEDS + CHARSETS + VALUES + IDENTITIES
