"""`riverd update`: one round of polls, its totals and its manners."""

import json
import os
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.cli import RIVERD, Folder, riverd  # noqa: E402
from support.polling import config, source, update  # noqa: E402
from support.scripted_origin import ScriptedOrigin, answer, feed, until  # noqa: E402

SHIM = str(Path(os.environ["RIVERD_BUILD_DIR"]) / "tests" / "libriverd_shim.so")
KEYS = ["sources", "polled", "not_modified", "failed", "new_posts", "updated_posts", "bytes", "seconds"]


def conditional(body, etag='"v1"'):
    """A page that answers 304 to its own ETag."""
    def page(request, _):
        if request.headers.get("if-none-match") == etag:
            return answer(status="304 Not Modified", headers=[f"ETag: {etag}"], length=False)
        return answer(body, headers=[f"ETag: {etag}"])
    return page


class UpdateTest(unittest.TestCase):
    def setUp(self):
        self.folder = Folder().__enter__()
        self.addCleanup(self.folder.__exit__)

    def test_the_second_time_nothing_is_new(self):
        with ScriptedOrigin({"/a": conditional(feed(1, 2)), "/b": answer(feed(3))}) as origin:
            path = config(self.folder, source("a", origin.url + "/a"), source("b", origin.url + "/b"))
            done, first = update(path)
            self.assertEqual((done.status, done.err), (0, ""))
            self.assertEqual(list(first), KEYS)
            self.assertEqual([first[k] for k in KEYS[:6]], [2, 2, 0, 0, 3, 0])
            self.assertGreater(first["bytes"], 500)
            done, second = update(path)
            self.assertEqual(done.status, 0)
            self.assertEqual([second[k] for k in KEYS[:6]], [2, 2, 2, 0, 0, 0])

    def test_a_web_page_is_left_for_the_feed_that_it_names_first(self):
        page = """<html><head><title>Home</title><link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">
            <link rel="alternate" type="application/rss+xml" href="/feed"><link rel="alternate" type="application/atom+xml" href="/comments">
            </head><body>Hello</body></html>"""
        with ScriptedOrigin({"/": answer(page), "/feed": conditional(feed(1, 2))}) as origin:
            path = config(self.folder, source("site", origin.url + "/"))
            done, totals = update(path)
            self.assertIn(f"riverd: site: a web page, not a feed: asking {origin.url}/feed from now on", done.err)
            self.assertEqual(done.status, 0)
            self.assertEqual([totals[k] for k in KEYS[:6]], [1, 1, 0, 0, 2, 0])
            _, totals = update(path)
            self.assertEqual([totals[k] for k in KEYS[:6]], [1, 1, 1, 0, 0, 0])
            self.assertEqual([r.target for r in origin.asked()], ["/", "/feed", "/feed"])

    def test_a_changed_story_is_updated(self):
        with ScriptedOrigin({"/a": [answer(feed(1)), answer(feed(1).replace("story 1", "story one"))]}) as origin:
            path = config(self.folder, source("a", origin.url + "/a"))
            update(path)
            _, totals = update(path)
            self.assertEqual((totals["new_posts"], totals["updated_posts"]), (0, 1))

    def test_failures_are_named_the_others_go_on_and_the_status_is_1(self):
        with ScriptedOrigin({"/good": answer(feed(1)), "/page": answer("<html><body>hello</body></html>")}) as origin:
            path = config(self.folder, source("good", origin.url + "/good"), source("missing", origin.url + "/missing"),
                          source("page", origin.url + "/page"), source("dead", "http://127.0.0.1:1/feed"))
            done, totals = update(path)
            self.assertEqual(done.status, 1)
            self.assertEqual((totals["polled"], totals["failed"], totals["new_posts"]), (4, 3, 1))
            self.assertRegex(done.err, r"riverd: missing: .*404")
            self.assertRegex(done.err, r"riverd: page: .*not a feed|riverd: page: .*HTML")
            self.assertIn("riverd: dead: connect to 127.0.0.1:1: connection refused", done.err)

    def test_without_json_a_summary_and_no_bar_off_a_terminal(self):
        with ScriptedOrigin({"/a": answer(feed(1))}) as origin:
            done = riverd("update", "--config", config(self.folder, source("a", origin.url + "/a")))
            self.assertEqual((done.status, done.err), (0, ""))
            self.assertRegex(done.out, r"^1 of 1 sources polled in [\d.]+ s: 1 new posts, 0 updated, 0 sources unchanged, 0 failed\n$")

    def test_only_the_sources_named(self):
        with ScriptedOrigin({"/a": answer(feed(1)), "/b": answer(feed(2))}) as origin:
            path = config(self.folder, source("a", origin.url + "/a"), source("b", origin.url + "/b"))
            _, totals = update(path, "--source", "b")
            self.assertEqual((totals["sources"], totals["polled"]), (1, 1))
            self.assertEqual([r.target for r in origin.asked()], ["/b"])
            done = riverd("update", "--config", path, "--source", "nobody")
            self.assertEqual(done.status, 64)

    def test_due_keeps_the_interval_and_all_does_not(self):
        with ScriptedOrigin({"/a": conditional(feed(1))}) as origin:
            path = config(self.folder, source("a", origin.url + "/a"))
            self.assertEqual(update(path, "--due")[1]["polled"], 1)
            self.assertEqual(update(path, "--due")[1]["polled"], 0)
            self.assertEqual(update(path)[1]["polled"], 1)
            self.assertEqual(len(origin.asked()), 2)

    def test_a_retry_after_is_never_broken(self):
        with ScriptedOrigin({"/a": answer(status="429 Too Many Requests", headers=["Retry-After: 3600"])}) as origin:
            path = config(self.folder, source("a", origin.url + "/a"))
            self.assertEqual(update(path)[0].status, 1)
            done, totals = update(path)
            self.assertEqual((done.status, totals["polled"], totals["failed"]), (0, 0, 0))
            self.assertEqual(len(origin.asked()), 1)

    def test_two_sources_with_one_url_are_one_request(self):
        with ScriptedOrigin({"/a": answer(feed(1, 2))}) as origin:
            path = config(self.folder, source("one", origin.url + "/a", tags='["x"]'), source("two", origin.url + "/a"))
            _, totals = update(path)
            self.assertEqual(len(origin.asked()), 1)
            self.assertEqual((totals["sources"], totals["polled"]), (2, 2))

    def test_an_interrupt_ends_it_soon_and_keeps_what_came(self):
        def hang(request, connection):
            origin.closing.wait(30)
        with ScriptedOrigin({"/good": answer(feed(1)), "/hang": hang}) as origin:
            path = config(self.folder, source("good", origin.url + "/good"), source("hang", origin.url + "/hang"),
                          fetch='connect_timeout = "20s"')
            path.write_text(path.read_text().replace('timeout = "5s"', 'timeout = "30s"', 1))
            process = subprocess.Popen([RIVERD, "update", "--config", path, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            until(lambda: len(origin.asked()) == 2)
            time.sleep(0.3)  # the good one's record; nothing shows it from outside
            start = time.monotonic()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)
            self.assertLess(time.monotonic() - start, 6)
            self.assertEqual(process.returncode, 1)
            self.assertEqual(json.loads(out)["new_posts"], 1, err)

    def test_what_an_interrupt_cut_off_has_not_failed(self):
        def hang(request, connection):
            origin.closing.wait(30)
        names = ["a", "b", "c", "d", "e"]
        with ScriptedOrigin({f"/{name}": hang for name in names}) as origin:
            path = config(self.folder, *(source(name, f"{origin.url}/{name}") for name in names), fetch="per_host = 5")
            for arguments in [["--json"], []]:
                asked = len(origin.asked())
                process = subprocess.Popen([RIVERD, "update", "--config", path, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                until(lambda: len(origin.asked()) == asked + 5)
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=20)
                self.assertEqual((process.returncode, err), (1, "riverd: interrupted; what was polled is kept\n"))
                if arguments:
                    totals = json.loads(out)
                    self.assertEqual((list(totals), [totals[k] for k in KEYS[:6]]), (KEYS, [5, 0, 0, 0, 0, 0]))
                else:
                    self.assertRegex(out, r"^0 of 5 sources polled in .* 0 failed, 5 interrupted\n$")

    def test_a_disk_that_is_full_for_a_while_is_said_once_and_waited_for(self):
        full = self.folder.path / "full"
        shim = {"LD_PRELOAD": SHIM, "SHIM_DISK": "do=enospc,on=riverd.db", "SHIM_DISK_FLAG": str(full)}

        def fill(request, connection):
            full.touch()
            return answer(feed(1))
        with ScriptedOrigin({"/a": fill}) as origin:
            path = config(self.folder, source("a", origin.url + "/a"))
            process = subprocess.Popen([RIVERD, "update", "--config", path, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       text=True, env={**os.environ, **shim})
            said = process.stderr.readline()
            self.assertRegex(said, r"^riverd: the store does not take what was read: .*database or disk is full; trying again\n$")
            full.unlink()
            out, err = process.communicate(timeout=20)
            self.assertEqual((process.returncode, err, json.loads(out)["new_posts"]), (0, "", 1))

    def test_a_disk_that_fills_up_while_pages_are_fetched_is_said_and_waited_for(self):
        full = self.folder.path / "full"
        shim = {"LD_PRELOAD": SHIM, "SHIM_DISK": "do=enospc,on=riverd.db", "SHIM_DISK_FLAG": str(full)}
        text = "A sentence of a story that goes on, with a comma or two, and says something. " * 20

        def fill(request, connection):
            full.touch()
            return answer(f"<html><head><title>One</title></head><body><article><p>{text}</p><p>{text}</p></article></body></html>",
                          headers=["Content-Type: text/html"])
        with ScriptedOrigin({"/story": fill}) as origin:
            item = f"<item><title>One</title><link>{origin.url}/story</link><guid>1</guid></item>"
            origin.pages["/a"] = answer(f'<rss version="2.0"><channel><title>A</title>{item}</channel></rss>')
            path = config(self.folder, source("a", origin.url + "/a", full_text="true"))
            process = subprocess.Popen([RIVERD, "update", "--config", path, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       text=True, env={**os.environ, **shim})
            said = process.stderr.readline()
            self.assertRegex(said, r"^riverd: the store does not take what was read: .*database or disk is full; trying again\n$")
            full.unlink()
            out, err = process.communicate(timeout=60)
            self.assertEqual((process.returncode, err, json.loads(out)["articles"]), (0, "", 1))

    def test_a_database_in_a_folder_that_cannot_be_made_is_74(self):
        path = self.folder.write("riverd.toml", '[storage]\npath = "/proc/nowhere/riverd.db"\n' + source("a", "https://example.org/"))
        done = riverd("update", "--config", path)
        self.assertEqual(done.status, 74)
        self.assertIn("/proc/nowhere", done.err)

    def test_a_private_address_is_refused_unless_allowed(self):
        with ScriptedOrigin({"/a": answer(feed(1))}) as origin:
            path = config(self.folder, source("a", origin.url + "/a"), source("b", f"http://localhost:{origin.port}/a"),
                          source("c", f"http://[::ffff:127.0.0.1]:{origin.port}/a"), source("d", f"http://0x7f.1:{origin.port}/a"))
            path.write_text(path.read_text().replace("allow_private_networks = true", "allow_private_networks = false"))
            _, totals = update(path)
            self.assertEqual(totals["failed"], 4)
            self.assertEqual(origin.asked(), [])


if __name__ == "__main__":
    unittest.main()
