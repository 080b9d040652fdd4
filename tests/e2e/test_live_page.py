"""The river's page while things happen: stories come in, change, come late; streams end, sessions end, days end. In a real Chromium."""

import contextlib
import signal
import threading
import unittest

from support import webdriver
from support.origin import Origin, rss
from support.proxy import Proxy
from support.river import River

QUICK = '[schedule]\nmin_interval = "1s"\nhinted_min_interval = "1s"\nmax_interval = "1s"\nbudget = 0\n'
DAYS = """return [...document.querySelectorAll('.day')].map(day => [day.querySelector('h2').textContent,
                  ...[...day.querySelectorAll('h3')].map(h3 => h3.textContent)])"""

HURRY = "const every = setInterval; window.setInterval = (call, time) => every(call, time / 100);"  # what happens each minute


def story(number, when=None, title="Story"):
    """Of the 18th of September 2024, each a minute after the one before; or of another time, `19 Sep 2024 02:00:00`."""
    return {"title": f"{title} {number}", "link": f"https://example.org/{number}", "guid": f"https://example.org/{number}",
            "description": f"Words of {title} {number}.",
            "pubDate": (when or f"18 Sep 2024 {6 + number // 60:02d}:{number % 60:02d}:00") + " GMT"}


@unittest.skipUnless(webdriver.available(), "needs chromium and chromedriver")
class LivePageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = webdriver.Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()

    def start(self, *stories, token=None):
        self.origin = self.enterContext(Origin({"/feed": rss("Feed", *stories)}))
        server = f'token = "{token}"\nprotect_reads = true' if token else ""
        self.river = self.enterContext(River({"feed": self.origin.url + "/feed"}, server=server, extra=QUICK))
        self.wait_stored(len(stories), Authorization=f"Bearer {token}")

    def publish(self, *stories):
        self.origin.pages["/feed"] = rss("Feed", *stories)

    def wait_stored(self, count, **headers):
        self.river.wait_until(lambda: len(self.river.json("/api/v1/posts?limit=1000", headers=headers)["posts"]) == count, 20)

    def stored_title(self, number):
        return next(post["title"] for post in self.river.json("/api/v1/posts?limit=1000")["posts"] if post["link"].endswith(f"/{number}"))

    def open(self, target="/", url=None):
        """The river, with its stream open."""
        self.browser.open((url or self.river.url) + target)
        self.wait_streams(1)

    @contextlib.contextmanager
    def before_scripts(self, source):
        """Pages opened meanwhile run `source` first."""
        script = self.browser.cdp("Page.addScriptToEvaluateOnNewDocument", {"source": source})["identifier"]
        try:
            yield
        finally:
            self.browser.cdp("Page.removeScriptToEvaluateOnNewDocument", {"identifier": script})

    def wait_streams(self, count):
        line = f"riverd_http_event_streams {count}\n".encode()
        self.river.wait_until(lambda: line in self.river.get("/metrics")[2], 20)

    def titles(self):
        return self.browser.script("return [...document.querySelectorAll('.post h3')].map(h3 => h3.textContent)")

    def announced(self):
        return self.browser.script("const b = document.querySelector('#fresh'); return b.hidden ? null : b.textContent")

    def wait_announced(self, text):
        self.browser.wait(text, lambda: self.announced() == text)

    def show_new(self):
        self.browser.click("#fresh")
        self.browser.wait("the new stories", lambda: self.announced() is None)

    def scroll_to_the_end(self, count):
        def there():
            self.browser.script("scrollTo(0, document.body.scrollHeight)")
            return len(self.titles()) >= count
        self.browser.wait(f"{count} stories", there)

    def sign_in(self, token):
        self.browser.type("#token", token + "\n")
        self.browser.wait("the way in", lambda: "/sign-in" not in self.browser.url())

    def change_token(self, token):
        """Every session ends."""
        self.river.server = f'token = "{token}"\nprotect_reads = true'
        self.river.write_config()
        self.river.process.send_signal(signal.SIGHUP)
        self.river.wait_until(lambda: self.river.get("/api/v1/posts", headers={"Authorization": "Bearer " + token})[0] == 200)

    def test_of_more_new_stories_than_a_page_has_none_is_missing(self):
        self.start(*(story(n) for n in range(60)))
        self.open()
        self.publish(*(story(n) for n in range(60, 190)))
        self.wait_announced("130 new posts")
        self.show_new()
        self.scroll_to_the_end(190)
        self.assertEqual(self.titles(), [f"Story {n}" for n in reversed(range(190))])

    def test_new_stories_leave_what_was_scrolled_to_where_it_is(self):
        self.start(*(story(n) for n in range(120)))
        self.open()
        self.scroll_to_the_end(120)
        self.publish(*(story(n) for n in range(120, 125)))
        self.wait_announced("5 new posts")
        self.show_new()
        self.assertEqual(self.titles(), [f"Story {n}" for n in reversed(range(125))])
        self.assertEqual(self.browser.script("return document.querySelectorAll('.older').length"), 0)

    def test_a_page_that_one_goes_back_to_lives_on(self):
        self.start(story(1))
        self.open()
        self.browser.script("window.kept = true; location.assign('/sources')")
        self.browser.wait("the sources", lambda: self.browser.url().endswith("/sources"))
        self.wait_streams(0)
        self.publish(story(2))
        self.wait_stored(2)
        self.browser.script("history.back()")
        self.browser.wait("the river", lambda: self.titles() == ["Story 1"])
        self.assertTrue(self.browser.script("return window.kept ?? null"), "from the browser's memory, not loaded again")
        self.wait_announced("1 new post")
        self.publish(story(3))
        self.wait_announced("2 new posts")

    def test_a_stream_that_was_refused_comes_back(self):
        self.start(story(1))
        with Proxy(self.river.port) as proxy:
            refused = []
            proxy.gate = lambda path: refused.append(path) or 502 if "/events" in path and len(refused) < 2 else None
            self.browser.open(proxy.url)
            self.publish(story(2))
            self.wait_announced("1 new post")
            self.assertEqual(len(refused), 2)

    def test_a_story_that_comes_between_the_page_and_its_stream_is_announced(self):
        self.start(story(1))
        stored = threading.Event()
        with Proxy(self.river.port) as proxy:
            proxy.gate = lambda path: stored.wait(30) and None if "/events" in path else None
            self.browser.open(proxy.url + "/?source=feed")
            self.publish(story(2))
            self.wait_stored(2)
            stored.set()
            self.wait_announced("1 new post")

    def test_when_the_session_has_ended_one_is_asked_to_sign_in(self):
        self.start(*(story(n) for n in range(60)), token="first")
        self.browser.open(self.river.url)
        self.sign_in("first")
        self.browser.wait("the river", lambda: len(self.titles()) == 50)

        self.change_token("second")
        self.browser.click("h3 a")
        self.browser.wait("the form", lambda: self.browser.texts("h1") == ["Sign in"])
        self.sign_in("second")
        self.assertEqual(self.browser.texts("h1"), ["Story 59"])

        self.browser.open(self.river.url)
        self.publish(story(60))
        self.wait_announced("1 new post")
        self.change_token("third")
        self.browser.click("#fresh")
        self.browser.wait("the form", lambda: self.browser.texts("h1") == ["Sign in"])
        self.sign_in("third")
        self.assertEqual(self.titles()[0], "Story 60")

        self.change_token("fourth")
        asked = "return performance.getEntriesByType('resource').filter(e => e.name.includes('cursor=')).length"
        self.scroll_to_the_end(50)
        self.browser.wait("the older stories are asked for", lambda: self.browser.script(asked))
        self.assertEqual(self.browser.script("return document.querySelectorAll('.older').length"), 1, "the way to them stays")

    def test_a_change_of_a_story_is_shown_with_the_next_new_one_and_not_counted(self):
        self.start(*(story(n) for n in range(60)))
        self.open()
        self.browser.click("#river .post:nth-child(2) h3 a")
        self.browser.wait("the open story", lambda: self.browser.texts(".content"))
        self.publish(story(0, title="Edited"), story(58, title="Edited"), story(59, title="Edited"))
        self.river.wait_until(lambda: self.stored_title(59) == "Edited 59")
        self.publish(story(60))
        self.wait_announced("1 new post")
        self.show_new()
        self.assertEqual(self.titles()[:4], ["Story 60", "Edited 59", "Story 58", "Story 57"], "the open one is left to its reader")
        self.assertEqual(len(self.browser.texts(".content")), 1)
        self.browser.click(".post.open h3 a")
        self.publish(story(61))
        self.wait_announced("1 new post")
        self.show_new()
        self.assertEqual(self.titles()[:4], ["Story 61", "Story 60", "Edited 59", "Edited 58"])

    def test_a_late_story_stands_where_it_belongs(self):
        self.start(story(1, "18 Sep 2024 10:00:00"), story(2, "18 Sep 2024 12:00:00"), story(3, "15 Sep 2024 12:00:00"))
        self.open()
        self.publish(story(4, "18 Sep 2024 11:00:00"), story(5, "16 Sep 2024 12:00:00"), story(6, "14 Sep 2024 12:00:00"))
        self.wait_announced("3 new posts")
        self.show_new()
        shown = self.browser.script(DAYS)
        self.assertEqual([day[1:] for day in shown], [["Story 2", "Story 4", "Story 1"], ["Story 5"], ["Story 3"], ["Story 6"]])
        self.open()
        self.assertEqual(self.browser.script(DAYS), shown, "as after a reload")

    def test_a_story_too_old_for_the_first_page_is_not_announced(self):
        self.start(*(story(n) for n in range(60)))
        self.open()
        self.publish(story(100, "1 Sep 2024 12:00:00"), story(101))
        self.wait_announced("1 new post")

    def test_a_page_that_nobody_sees_holds_no_stream_and_misses_nothing(self):
        self.start(story(1))
        self.open()
        self.browser.hide()
        try:
            self.wait_streams(0)
            self.publish(story(2))
            self.wait_stored(2)
        finally:
            self.browser.show()
        self.wait_streams(1)
        self.wait_announced("1 new post")

    def test_a_page_that_nobody_sees_says_in_its_title_what_is_new(self):
        self.start(story(1))
        with self.before_scripts(HURRY):
            self.open()
        title = self.browser.title()
        self.browser.hide()
        try:
            self.publish(story(2), story(3))
            self.browser.wait("the title", lambda: self.browser.title() == "(2) " + title)
            self.assertEqual(self.titles(), ["Story 1"])
        finally:
            self.browser.show()
        self.show_new()
        self.assertEqual(self.titles(), ["Story 3", "Story 2", "Story 1"])

    def test_seven_open_rivers_leave_room_for_an_eighth(self):
        self.start(story(1))
        with webdriver.Browser() as browser:
            for number in range(8):
                if number:
                    browser.hide()
                    browser.new_window()
                browser.open(self.river.url + f"/?tag=t{number}")
                self.assertTrue(browser.texts(".empty"))

    def test_days_are_those_of_the_reader(self):
        self.start(story(1, "18 Sep 2024 12:00:00"), story(2, "19 Sep 2024 03:00:00"), story(3, "19 Sep 2024 09:00:00"))
        self.browser.timezone("America/Los_Angeles")
        try:
            self.open()
            self.assertEqual(self.browser.script(DAYS), [["Thursday, Sep 19, 2024", "Story 3"],
                                                         ["Wednesday, Sep 18, 2024", "Story 2", "Story 1"]])
            self.publish(story(4, "19 Sep 2024 05:00:00"))
            self.wait_announced("1 new post")
            self.show_new()
            self.assertEqual(self.browser.script(DAYS)[1], ["Wednesday, Sep 18, 2024", "Story 4", "Story 2", "Story 1"])
        finally:
            self.browser.timezone()

    def test_a_story_of_this_minute_is_not_told_in_the_servers_time(self):
        self.start(story(1, "18 Sep 2024 12:00:00"))
        self.browser.timezone("Asia/Tokyo")
        try:
            with self.before_scripts("Date.now = () => Date.parse('2024-09-18T12:00:10Z');"):
                self.open()
            self.assertEqual(self.browser.script("return document.querySelector('.post time').textContent"), "this minute")
        finally:
            self.browser.timezone()

    def test_after_midnight_today_is_yesterday(self):
        self.start(story(1, "18 Sep 2024 12:00:00"))
        self.browser.timezone("UTC")
        try:
            with self.before_scripts("let at = Date.parse('2024-09-18T23:59:00Z'); Date.now = () => at;"
                                     "window.setClock = (text) => { at = Date.parse(text); };" + HURRY):
                self.open()
            self.assertEqual(self.browser.script(DAYS), [["today", "Story 1"]])
            self.browser.script("setClock('2024-09-19T00:01:00Z')")
            self.browser.wait("the new day", lambda: self.browser.script(DAYS) == [["yesterday", "Story 1"]])
            self.publish(story(2, "19 Sep 2024 00:00:30"))
            self.wait_announced("1 new post")
            self.show_new()
            self.assertEqual(self.browser.script(DAYS), [["today", "Story 2"], ["yesterday", "Story 1"]])
        finally:
            self.browser.timezone()

    def test_keys_act_on_the_story_that_has_the_focus(self):
        self.start(story(1), story(2), story(3))
        self.open()
        self.browser.script("document.querySelectorAll('.post h3 a')[1].focus()")
        self.browser.keys("o")
        self.browser.wait("the story", lambda: "Words of Story 2" in "".join(self.browser.texts(".post.open .content")))
        self.browser.keys("j")
        self.browser.keys("v")
        self.browser.wait("its page", lambda: self.browser.texts("h1") == ["Story 1"])


if __name__ == "__main__":
    unittest.main()
