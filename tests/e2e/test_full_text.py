"""From a teaser to a complete post: pages of stories, as a publisher and a reader see them."""

import json
import signal
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.cli import SOURCE_DIR, Folder, riverd  # noqa: E402
from support.polling import config, daemon, source, state, update  # noqa: E402
from support.river import River  # noqa: E402
from support.scripted_origin import ScriptedOrigin, answer, feed, until  # noqa: E402

# Polls come once; pages that fail are tried again after a second, then four.
SOON = '[schedule]\nmin_interval = "1h"\nhinted_min_interval = "1s"\nmax_interval = "1h"\n'
PAGE = (SOURCE_DIR / "tests/fixtures/article/zdnet.html").read_text()
EVERY = 'interval = "1s"'


def html(body, headers=()):
    return answer(body, headers=["Content-Type: text/html; charset=utf-8", *headers])


def page(title, words="", head=""):
    body = "".join(f"<p>{words} This is sentence {n} of the story that is called {title}, and it is long enough to be one.</p>" for n in range(6))
    return html(f"<html><head><title>{title}</title>{head}</head><body><nav><a href=/>Home</a></nav><article><h1>{title}</h1>{body}</article></body></html>")


def rss(origin, *stories, teaser="A teaser.", title="Story {}", at=None):
    """A feed of stories at /story/N, as ZDNET writes it: a teaser and a media:thumbnail."""
    items = "".join(
        f"<item><title>{title.format(n)}</title><link>{at or origin.url}/story/{n}</link><guid isPermaLink=\"false\">id-{n}</guid>"
        f"<description><![CDATA[{teaser}]]></description><pubDate>Wed, 18 Sep 2024 18:37:16 GMT</pubDate>"
        f"<media:thumbnail url=\"{origin.url}/thumb-{n}.jpg\"/></item>" for n in stories)
    return answer('<?xml version="1.0"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>ZNews</title>'
                  f"<link>{origin.url}/</link>{items}</channel></rss>")


def posts(river, query=""):
    return river.json("/api/v1/posts?order=arrival" + query)["posts"]


class FullTextTest(unittest.TestCase):
    def test_a_teaser_becomes_the_complete_post_that_a_static_site_can_publish(self):
        with ScriptedOrigin({"/story/1": html(PAGE)}) as origin:
            origin.pages["/feed"] = rss(origin, 1, title="Five ways to cut your cloud bill")
            table = source("zdnet", origin.url + "/feed", categories='["tech"]', tags='["daily"]', full_text="true")
            with daemon(table, rest=SOON) as river:
                river.wait_until(lambda: "Turn it off" in (posts(river) or [{"content": ""}])[0]["content"])
                out = river.path / "posts"
                done = riverd("export", "--config", river.path / "riverd.toml", "--format", "hexo", "--out", out)
                self.assertEqual(done.status, 0, done)
                [name] = out.glob("*.md")
                text = name.read_text()
                front, _, body = text.partition("\n---\n")
                self.assertEqual(state(river, "zdnet")["articles"], {"waiting": 0, "complete": 1, "failed": 0, "problem": None, "problem_at": None})
                self.assertIn(b"riverd_articles_total 1", river.get("/metrics")[2])
                self.assertIn(b"1 articles", river.get("/sources")[2])
        for line in ["title: Five ways to cut your cloud bill", "date: 2024-09-18 18:37:16", "updated: 2024-09-19 08:00:00", "  - daily",
                     "  - cloud", "  - costs", "  - storage", "categories:", "  - tech", f"thumbnail: {origin.url}/thumb-1.jpg"]:
            self.assertIn(line, front.replace('"', "").replace("'", ""))
        for words in ["## 1. Turn it off at night", "Cloud invoices grow quietly.", "[sensible set of tags](https://docs.example/tags)",
                      "- Logs after thirty days.\n", "- Backups after a week.\n", "## 3. Read the bill", "the discount that your neighbour already has."]:
            self.assertIn(words, body)
        for words in ["Advertisement", "newsletter", "Subscribe", "Innovation", "Related coverage", "serverless", "tram line", "Privacy", "Facebook", "Contributing Writer"]:
            self.assertNotIn(words, body)
        asked = [r.target for r in origin.asked()]
        self.assertEqual(asked, ["/feed", "/robots.txt", "/story/1"])
        for request in origin.asked()[1:]:
            self.assertEqual(set(request.headers), {"host", "user-agent", "accept", "accept-encoding"})
        self.assertIn("text/html", origin.asked("/story/1")[0].headers["accept"])

    def test_a_post_is_there_at_once_and_takes_a_new_seq_with_its_article(self):
        import threading
        go = threading.Event()

        def later(request, connection):
            go.wait(20)
            return page("Story 1")
        with ScriptedOrigin({"/story/1": later}) as origin:
            origin.pages["/feed"] = rss(origin, 1)
            with daemon(source("s", origin.url + "/feed", full_text="true"), rest=SOON) as river:
                river.wait_until(lambda: posts(river))
                [before] = posts(river)
                self.assertEqual(before["content"].strip(), "A teaser.")
                until(lambda: origin.asked("/story/1"))
                go.set()
                river.wait_until(lambda: "sentence 5" in posts(river)[0]["content"])
                [after] = posts(river, f"&after={before['seq']}")
                self.assertEqual((after["id"], after["date"]), (before["id"], before["date"]))

    def test_with_wait_nobody_sees_a_post_before_its_article(self):
        import threading
        go = threading.Event()

        def later(request, connection):
            go.wait(20)
            return page("Story 1")
        with ScriptedOrigin({"/story/1": later, "/story/2": answer("none", "404 Not Found")}) as origin:
            origin.pages["/feed"] = rss(origin, 1)
            origin.pages["/other"] = rss(origin, 2)
            with daemon(source("s", origin.url + "/feed", full_text='"wait"'), source("t", origin.url + "/other", full_text='"wait"'), rest=SOON) as river:
                until(lambda: origin.asked("/story/1"))
                river.wait_until(lambda: all("articles" in state(river, name) for name in "st"))
                self.assertEqual(posts(river), [])
                self.assertEqual(posts(river, "&q=teaser"), [])
                self.assertEqual(state(river, "s")["posts"], 0)
                self.assertNotIn(b"Story 1", river.get("/feed.atom")[2])
                self.assertNotIn(b"Story 1", river.get("/")[2])
                done = riverd("export", "--config", river.path / "riverd.toml", "--format", "json", "--out", "-")
                self.assertEqual(json.loads(done.out).get("items", []), [])
                go.set()
                river.wait_until(lambda: len(posts(river)) == 2, 30)  # the other one's page is given up
                one, two = sorted(posts(river), key=lambda p: p["title"])
                self.assertIn("sentence 5", one["content"])
                self.assertEqual(two["content"].strip(), "A teaser.")

    def test_a_page_that_is_missing_is_tried_three_times_and_the_teaser_stays(self):
        with ScriptedOrigin() as origin:
            origin.pages["/feed"] = rss(origin, 1)
            with daemon(source("s", origin.url + "/feed", full_text="true"), rest=SOON) as river:
                river.wait_until(lambda: state(river, "s").get("articles", {}).get("failed") == 1, 30)
                self.assertEqual(posts(river)[0]["content"].strip(), "A teaser.")
                articles = state(river, "s")["articles"]
                self.assertIn("404", articles["problem"])
                self.assertIn("/story/1", articles["problem"])
                listed = riverd("sources", "--config", river.path / "riverd.toml")
                self.assertIn("404", listed.out)
                times = [r.at for r in origin.asked("/story/1")]
                self.assertEqual(len(times), 3)
                self.assertGreater(times[2] - times[1], times[1] - times[0])
                self.assertEqual(len(origin.asked("/robots.txt")), 1)

    def test_what_is_no_article_keeps_the_teaser_and_says_so(self):
        wall = html('<html><head><script type="application/ld+json">{"@type":"NewsArticle","headline":"Story 3","isAccessibleForFree":false}</script>'
                    "</head><body><article><h1>Story 3</h1>" + "<p>The first lines of a story that goes on for those who pay for it.</p>" * 3 + "</article></body></html>")
        pages = {"/story/1": answer(b"%PDF-1.7", headers=["Content-Type: application/pdf"]), "/story/2": html("<html><body></body></html>"), "/story/3": wall}
        with ScriptedOrigin(pages) as origin:
            names = []
            for n in (1, 2, 3):
                origin.pages[f"/feed{n}"] = rss(origin, n)
                names.append(source(f"s{n}", f"{origin.url}/feed{n}", full_text="true"))
            with daemon(*names, rest=SOON) as river:
                river.wait_until(lambda: all(state(river, f"s{n}").get("articles", {}).get("failed") == 1 for n in (1, 2, 3)), 30)
                for post in posts(river):
                    self.assertEqual(post["content"].strip(), "A teaser.")
                for n, why in [(1, "application/pdf"), (2, "no article"), (3, "not free")]:
                    self.assertIn(why, state(river, f"s{n}")["articles"]["problem"])
                    self.assertEqual(len(origin.asked(f"/story/{n}")), 1)

    def test_robots_txt_is_obeyed(self):
        robots = answer("User-agent: *\nDisallow: /story/1\n\nUser-agent: riverd\nDisallow: /story/2\nAllow: /story/2$\nDisallow: /story/3\n")
        with ScriptedOrigin({"/robots.txt": robots} | {f"/story/{n}": page(f"Story {n}") for n in (1, 2, 3)}) as origin:
            origin.pages["/feed"] = rss(origin, 1, 2, 3)
            with daemon(source("s", origin.url + "/feed", full_text="true"), rest=SOON) as river:
                river.wait_until(lambda: state(river, "s").get("articles", {}).get("waiting") == 0, 30)
                self.assertEqual(sorted(r.target for r in origin.asked() if "story" in r.target), ["/story/1", "/story/2"])
                self.assertIn("robots.txt", state(river, "s")["articles"]["problem"] or "robots.txt")
                self.assertEqual(state(river, "s")["articles"]["failed"], 1)

    def test_of_a_long_robots_txt_the_beginning_counts(self):
        robots = answer("User-agent: riverd\nDisallow: /story/1\n" + "# padding, and more of it\n" * 40000 + "Disallow: /story/2\n")
        with ScriptedOrigin({"/robots.txt": robots} | {f"/story/{n}": page(f"Story {n}") for n in (1, 2)}) as origin, Folder() as folder:
            origin.pages["/feed"] = rss(origin, 1, 2)
            update(config(folder, source("s", origin.url + "/feed", full_text="true")))
            self.assertEqual([r.target for r in origin.asked() if "story" in r.target], ["/story/2"])

    def test_a_host_whose_robots_txt_fails_is_not_asked_until_it_answers(self):
        with ScriptedOrigin({"/robots.txt": [answer("", "500 Oops"), answer("", "404 Not Found")], "/story/1": page("Story 1")}) as origin:
            origin.pages["/feed"] = rss(origin, 1)
            with daemon(source("s", origin.url + "/feed", full_text="true"), rest=SOON) as river:
                river.wait_until(lambda: "sentence 5" in (posts(river) or [{"content": ""}])[0]["content"], 30)
                self.assertEqual([r.target for r in origin.asked()], ["/feed", "/robots.txt", "/robots.txt", "/story/1"])

    def test_pages_of_one_host_come_one_at_a_time_and_apart_and_as_crawl_delay_says(self):
        import threading
        running, most, lock = [0], [0], threading.Lock()

        def slow(request, connection):
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            time.sleep(0.1)
            with lock:
                running[0] -= 1
            return page("Story")
        robots = answer("User-agent: *\nCrawl-delay: 2\n")
        with ScriptedOrigin({"/robots.txt": robots} | {f"/story/{n}": slow for n in range(4)}) as origin:
            origin.pages["/feed"] = rss(origin, *range(4))
            with daemon(source("s", origin.url + "/feed", full_text="true"), rest=SOON) as river:
                river.wait_until(lambda: state(river, "s").get("articles", {}).get("complete") == 4, 40)
            times = [r.at for r in origin.asked() if "story" in r.target]
            self.assertEqual((len(times), most[0]), (4, 1))
            for before, after in zip(times, times[1:]):
                self.assertGreaterEqual(after - before, 2)

    def test_a_retry_after_of_a_page_is_kept(self):
        with ScriptedOrigin({"/story/1": [answer("", "429 Slow", headers=["Retry-After: 5"]), page("Story 1")]}) as origin:
            origin.pages["/feed"] = rss(origin, 1)
            with daemon(source("s", origin.url + "/feed", full_text="true"), rest=SOON) as river:
                river.wait_until(lambda: "sentence 5" in (posts(river) or [{"content": ""}])[0]["content"], 30)
                first, second = origin.asked("/story/1")
                self.assertGreaterEqual(second.at - first.at, 5)

    def test_a_retry_after_of_a_later_page_counts_for_its_whole_host(self):
        host = "http://news.example.org"
        with ScriptedOrigin({host + "/story/1": page("Story 1", head='<link rel="next" href="/story/1/2">'),
                             host + "/story/1/2": answer("", "429 Slow", headers=["Retry-After: 3600"])}) as origin:
            origin.pages[host + "/feed"] = rss(origin, 1, at=host)
            table = source("s", host + "/feed", full_text="true", interval='"1s"')
            with daemon(table, fetch=f'proxy = "{origin.url}"', rest=SOON) as river:
                river.wait_until(lambda: state(river, "s")["next_poll_reason"] == "its host asked to be left alone", 60)
                self.assertEqual(len(origin.asked(host + "/story/1/2")), 1)
                self.assertIn("sentence 5", posts(river)[0]["content"])

    def test_a_page_is_not_asked_for_when_its_host_was_told_to_be_left_alone_meanwhile(self):
        host, elsewhere = "http://news.example.org", "http://elsewhere.example.com/feed"
        begun, told = threading.Event(), threading.Event()

        def robots(request, connection):
            begun.set()
            told.wait(30)
            return answer("", "404 Not Found")

        def throttled(request, connection):
            begun.wait(30)
            return answer("", "429 Slow", headers=["Retry-After: 3600"])
        with ScriptedOrigin({host + "/robots.txt": robots, host + "/story/1": page("Story 1"), host + "/other": throttled,
                             elsewhere: answer(feed(1))}) as origin:
            origin.pages[host + "/feed"] = rss(origin, 1, at=host)
            with daemon(source("s", host + "/feed", full_text="true"), source("other", host + "/other"),
                        source("elsewhere", elsewhere, interval='"1s"'),
                        fetch=f'timeout = "30s"\nproxy = "{origin.url}"', rest=SOON) as river:
                river.wait_until(lambda: state(river, "other")["http_status"] == 429, 40)
                told.set()
                before = len(origin.asked(elsewhere))
                until(lambda: len(origin.asked(elsewhere)) >= before + 4)
                self.assertEqual(origin.asked(host + "/story/1"), [])
                self.assertEqual(state(river, "s")["articles"]["waiting"], 1)

    def test_restarts_and_kills_lose_nothing_and_repeat_nothing(self):
        hang = []

        def first(request, connection):
            if not hang:
                hang.append(request)
                time.sleep(20)
            return page("Story 1")
        with ScriptedOrigin({"/story/1": first} | {f"/story/{n}": page(f"Story {n}") for n in (2, 3)}) as origin:
            origin.pages["/feed"] = rss(origin, 3, 2, 1)
            with daemon(source("s", origin.url + "/feed", full_text='"wait"'), rest=SOON) as river:
                until(lambda: hang)
                for _ in range(3):
                    river.stop(signal.SIGKILL)
                    river.start()
                river.wait_until(lambda: len(posts(river)) == 3, 40)
                river.stop()
                river.start()
                self.assertEqual(len(posts(river)), 3)
                self.assertEqual(len({p["seq"] for p in posts(river)}), 3)
                self.assertEqual(len(origin.asked("/feed")), 1)
                river.stop()
                update(river.path / "riverd.toml")  # asks for every page that is still wanted before it ends
                self.assertEqual([len(origin.asked(f"/story/{n}")) for n in (1, 2, 3)], [2, 1, 1])

    def test_another_teaser_leaves_the_article_and_another_headline_asks_again(self):
        with ScriptedOrigin({"/story/1": [page("Story 1"), page("Story 1", "Changed.")]}) as origin:
            origin.pages["/feed"] = [rss(origin, 1), rss(origin, 1, teaser="Another teaser."), rss(origin, 1, teaser="A third one.", title="New headline")]
            with Folder() as folder:
                path = config(folder, source("s", origin.url + "/feed", full_text="true"), rest=SOON)

                def post():
                    return json.loads(riverd("query", "--config", path, "--json").out)["posts"][0]
                update(path)
                before = post()
                self.assertIn("sentence 5", before["content"])
                update(path)
                self.assertEqual((post()["summary"], post()["content"]), ("Another teaser.", before["content"]))
                self.assertEqual(len(origin.asked("/story/1")), 1)
                update(path)
                self.assertEqual(post()["title"], "New headline")
                self.assertIn("Changed.", post()["content"])
                self.assertEqual(len(origin.asked("/story/1")), 2)

    def test_update_fetches_the_articles_of_what_it_found(self):
        with ScriptedOrigin({f"/story/{n}": page(f"Story {n}") for n in (1, 2)}) as origin, Folder() as folder:
            origin.pages["/feed"] = rss(origin, 1, 2, 3)
            path = config(folder, source("s", origin.url + "/feed", full_text='"wait"'))
            done, totals = update(path)
            self.assertEqual(done.status, 0, done)
            self.assertEqual((totals["new_posts"], totals["articles"], totals["articles_failed"]), (3, 2, 0))
            self.assertEqual(list(totals)[:8], ["sources", "polled", "not_modified", "failed", "new_posts", "updated_posts", "bytes", "seconds"])
            found = json.loads(riverd("query", "--config", path, "--json").out)["posts"]
            self.assertEqual(sorted(p["title"] for p in found), ["Story 1", "Story 2"])
            done, totals = update(path)
            self.assertEqual([len(origin.asked(f"/story/{n}")) for n in (1, 2)], [1, 1])
            done = riverd("update", "--config", path)
            self.assertRegex(done.out, r"; 0 articles fetched, \d failed\n$")

    def test_an_update_that_is_interrupted_keeps_what_it_has(self):
        import subprocess
        from support.cli import RIVERD
        with ScriptedOrigin({f"/story/{n}": page(f"Story {n}") for n in range(30)}) as origin, Folder() as folder:
            origin.pages["/feed"] = rss(origin, *range(30))
            path = config(folder, source("s", origin.url + "/feed", full_text="true"))
            with subprocess.Popen([RIVERD, "update", "--config", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
                until(lambda: len([r for r in origin.asked() if "story" in r.target]) >= 2)
                start = time.monotonic()
                running.send_signal(signal.SIGINT)
                self.assertEqual(running.wait(20), 1)
                self.assertLess(time.monotonic() - start, 6)
            self.assertLess(len(origin.asked()), 10)
            found = json.loads(riverd("query", "--config", path, "--json", "--limit", "100").out)["posts"]
            self.assertEqual(len(found), 30)

    def test_no_page_reaches_a_private_network(self):
        # The feed comes through a proxy that the source names; its stories' pages are asked for the same way, and refused by
        # the address that they name.
        with ScriptedOrigin({"/story/1": page("Story 1")}) as inner, ScriptedOrigin() as proxy, Folder() as folder:
            proxy.pages["http://93.184.216.34/feed"] = rss(proxy, 1, at=inner.url)
            path = config(folder, source("s", "http://93.184.216.34/feed", proxy=f'"{proxy.url}"', full_text="true"))
            path.write_text(path.read_text().replace("allow_private_networks = true", "allow_private_networks = false"))
            done, totals = update(path)
            self.assertEqual((totals["new_posts"], totals["articles"]), (1, 0), done)
            self.assertEqual(inner.asked(), [])
            self.assertEqual([r.target for r in proxy.asked()], ["http://93.184.216.34/feed"])
            [listed] = json.loads(riverd("sources", "--config", path, "--json").out)["sources"]
            self.assertIn("private address", listed["articles"]["problem"])
            self.assertIn("A teaser.", riverd("query", "--config", path, "--json").out)

    def test_a_rule_sees_the_story_with_its_article(self):
        with ScriptedOrigin({"/story/1": page("Story 1", "Sponsored."), "/story/2": page("Story 2")}) as origin:
            origin.pages["/feed"] = rss(origin, 1, 2)
            with daemon(source("s", origin.url + "/feed", full_text='"wait"', exclude='[{ content = "Sponsored" }]'), rest=SOON) as river:
                river.wait_until(lambda: state(river, "s").get("articles", {}).get("waiting") == 0 and posts(river), 30)
                self.assertEqual([p["title"] for p in posts(river)], ["Story 2"])

    def test_an_article_in_several_pages_is_put_together(self):
        link = '<link rel="next" href="/story/{}">'
        pages = {"/story/1": page("Story 1", "One.", link.format("1/2")), "/story/1/2": page("Story 1", "Two.", link.format("1/3")),
                 "/story/1/3": page("Story 1", "Three.", link.format("1/2")), "/story/4": page("Story 4", "Four.", link.format("5")), "/story/5": page("Story 5")}
        with ScriptedOrigin(pages) as origin, Folder() as folder:
            origin.pages["/feed"] = rss(origin, 1, 4)
            path = config(folder, source("s", origin.url + "/feed", full_text="true"))
            update(path)
            found = {p["title"]: p["content"] for p in json.loads(riverd("query", "--config", path, "--json").out)["posts"]}
            for words in ["One.", "Two.", "Three."]:
                self.assertIn(words, found["Story 1"])
            self.assertNotIn("called Story 5", found["Story 4"])
            self.assertEqual([len(origin.asked(f"/story/1/{n}")) for n in (2, 3)], [1, 1])
            self.assertEqual(origin.asked("/story/5"), [])

    def test_a_reload_turns_it_on_and_off(self):
        with ScriptedOrigin({f"/story/{n}": page(f"Story {n}") for n in (1, 2, 3)}) as origin:
            origin.pages["/feed"] = rss(origin, 1)
            tables = {mode: SOON + source("s", origin.url + "/feed", interval='"1s"', full_text=mode) for mode in ("false", "true")}
            river = River(extra=tables["false"])
            with river:
                river.wait_until(lambda: posts(river))
                river.extra = tables["true"]
                river.write_config()
                river.process.send_signal(signal.SIGHUP)
                origin.pages["/feed"] = rss(origin, 1, 2)
                river.wait_until(lambda: any("sentence 5" in p["content"] for p in posts(river)), 20)
                self.assertEqual(origin.asked("/story/1"), [])  # it was no new story
                river.extra = tables["false"]
                river.write_config()
                river.process.send_signal(signal.SIGHUP)
                until(lambda: b"read again" in river.read_log().encode() and river.read_log().count("read again") >= 2)
                origin.pages["/feed"] = rss(origin, 1, 2, 3)
                river.wait_until(lambda: len(posts(river)) == 3, 20)
                self.assertEqual(origin.asked("/story/3"), [])


if __name__ == "__main__":
    unittest.main()
