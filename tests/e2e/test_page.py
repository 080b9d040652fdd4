"""The web page, driven in a real Chromium: read, filtered, searched, live, opened, without JavaScript, and attacked."""

import unittest

from support import webdriver
from support.origin import Origin, rss
from support.river import River

QUICK = '[schedule]\nmin_interval = "1s"\nhinted_min_interval = "1s"\nmax_interval = "1s"\nbudget = 0\n'

# Each would raise the flag if it ran; classic shapes, through every field that the page shows.
ATTACKS = [
    "<script>window.hit=1</script>", "<img src=x onerror='window.hit=1'>", "<svg/onload=window.hit=1>",
    "<a href='javascript:window.hit=1'>click</a>", "<iframe srcdoc='<script>parent.hit=1</script>'></iframe>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.hit=1>", "<body onload=window.hit=1>",
    "\"><script>window.hit=1</script>", "'><img src=x onerror=window.hit=1>", "<details open ontoggle=window.hit=1>",
    "<noscript><p title='</noscript><img src=x onerror=window.hit=1>'>", "<form action=javascript:window.hit=1><button>x</button></form>",
]


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;")


def item(number, title, day=1, **more):
    return {"title": title, "link": f"https://example.org/{number}", "guid": f"https://example.org/{number}",
            "pubDate": f"{day:02d} Sep 2024 12:00:00 GMT",
            "description": escaped(f"<p>Words of {title} with a <a href='https://example.org/x'>link</a>.</p>"), **more}


def hostile_items():
    for number, attack in enumerate(ATTACKS):
        yield {"title": escaped(attack) + f" {number}", "link": "javascript:window.hit=1" if number % 2 else f"https://example.org/h{number}",
               "guid": f"h{number}", "author": escaped(attack), "category": escaped(attack),
               "description": escaped(attack) + escaped(f"<p>body {number}</p>")}


@unittest.skipUnless(webdriver.available(), "needs chromium and chromedriver")
class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        news = [item(n, f"Story {n}", day=n % 28 + 1) for n in range(1, 61)]
        cls.origin = Origin({"/news": rss("The News", *news), "/cloud": rss("Clouds", item(900, "Tencent opens a region", 29, category="cloud")),
                             "/live": rss("Live", item(5000, "Earlier", 1)),
                             "/hostile": rss("Hostile " + escaped(ATTACKS[0]), *hostile_items())})
        cls.origin.__enter__()
        cls.river = River({"news": cls.origin.url + "/news", "cloud": cls.origin.url + "/cloud", "live": cls.origin.url + "/live",
                           "hostile": cls.origin.url + "/hostile", "broken": cls.origin.url + "/missing"}, extra=QUICK)
        cls.river.__enter__()
        wanted = len(news) + 2 + len(ATTACKS)
        cls.river.wait_until(lambda: len(cls.river.json("/api/v1/posts?limit=1000")["posts"]) == wanted, 30)
        cls.browser = webdriver.Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()
        cls.river.__exit__()
        cls.origin.__exit__()

    def setUp(self):
        self.browser.log()

    def open(self, target):
        self.browser.open(self.river.url + target)

    def assert_quiet(self):
        """No error on the console, and nothing that the Content-Security-Policy had to stop."""
        bad = [entry for entry in self.browser.log() if entry["level"] == "SEVERE" and "favicon" not in entry["message"]]
        self.assertEqual(bad, [])

    def test_the_newest_story_of_a_source_stands_first(self):
        self.open("/?source=news")
        titles = self.browser.texts(".post h3")
        self.assertEqual(len(titles), 50)
        self.assertIn(titles[0], ("Story 27", "Story 55"))  # both on the 28th; the fiftieth is on the 5th or before
        self.assertNotIn("Story 1", titles)
        self.assert_quiet()

    def test_a_source_link_shows_that_source_alone(self):
        self.open("/")
        self.browser.click(".browse a[href='/?source=cloud']")
        self.browser.wait("one post", lambda: self.browser.texts(".post h3") == ["Tencent opens a region"])
        self.assertIn("Clouds", self.browser.texts("h1")[0])
        self.assert_quiet()

    def test_a_search_finds_a_story_and_says_what_was_searched(self):
        self.open("/")
        self.browser.type("#q", "tencent\n")
        self.browser.wait("the result", lambda: self.browser.texts(".post h3") == ["Tencent opens a region"])
        self.assertIn("tencent", self.browser.texts("h1")[0])
        self.open("/?q=nothinghasthisword")
        self.assertIn("Nothing here matches.", self.browser.texts(".empty")[0])
        self.assert_quiet()

    def test_a_story_opens_in_place_and_on_a_page_of_its_own(self):
        self.open("/?source=cloud")
        self.browser.click(".post h3 a")
        self.browser.wait("the content", lambda: "Words of Tencent" in "".join(self.browser.texts(".post .content")))
        self.open(self.browser.script("return new URL(document.querySelector('.post h3 a').href).pathname"))
        self.assertEqual(self.browser.texts("h1"), ["Tencent opens a region"])
        self.assertIn("link", self.browser.texts(".content a")[0])
        self.assert_quiet()

    def test_older_stories_come_while_scrolling(self):
        self.open("/?source=news")
        self.browser.script("scrollTo(0, document.body.scrollHeight)")
        self.browser.wait("all sixty", lambda: len(self.browser.texts(".post h3")) == 60)
        self.assertEqual(len(set(self.browser.texts(".post h3"))), 60)
        self.assert_quiet()

    def test_keys_move_and_open(self):
        self.open("/?source=news")
        self.browser.keys("jj")
        self.browser.wait("the second", lambda: self.browser.script(
            "return [...document.querySelectorAll('.post')].findIndex(p => p.classList.contains('here'))") == 1)
        self.browser.keys("k")
        self.browser.keys("o")
        self.browser.wait("an open post", lambda: self.browser.script("return document.querySelectorAll('.post.open').length") == 1)
        self.assert_quiet()

    def test_a_new_story_is_announced_and_shown_when_asked_for(self):
        self.open("/?source=live")
        self.browser.wait("the event stream", lambda: self.browser.script("return document.querySelector('#river').dataset.events"))
        before = self.browser.texts(".post h3")[0]
        self.origin.pages["/live"] = rss("Live", item(5001, "Breaking", 30), item(5000, "Earlier", 1))
        self.browser.wait("the announcement", lambda: self.browser.texts("#fresh") == ["1 new post"], 30)
        self.assertEqual(self.browser.texts(".post h3")[0], before, "nothing moves before the reader asks")
        self.browser.click("#fresh")
        self.browser.wait("the story", lambda: self.browser.texts(".post h3")[:1] == ["Breaking"])
        self.assert_quiet()

    def test_a_failing_source_says_why(self):
        self.open("/sources")
        self.assertIn("404", self.browser.texts("#s-broken .why")[0])
        self.assertEqual(self.browser.texts("#s-broken .state"), ["failing"])
        self.assert_quiet()

    def test_nothing_of_a_hostile_feed_runs(self):
        for target in ("/?source=hostile", "/sources", "/?q=%3Cscript%3Ewindow.hit%3D1%3C/script%3E",
                       "/?tag=%22%3E%3Cscript%3Ewindow.hit%3D1%3C/script%3E"):
            self.open(target)
            self.assertIsNone(self.browser.script("return window.hit ?? null"), target)
        for post in self.river.json("/api/v1/posts?source=hostile")["posts"]:
            self.open("/posts/" + post["id"])
            # Events a reader could cause, sent to everything.
            self.browser.script("for (const e of document.querySelectorAll('*')) for (const t of ['click','mouseover','focus','error','load','toggle'])"
                                " if (e.tagName !== 'A' && e.tagName !== 'BUTTON') e.dispatchEvent(new Event(t))")
            self.assertIsNone(self.browser.script("return window.hit ?? null"), post)
            self.assertEqual(self.browser.script("return document.querySelectorAll('.content script, .content iframe, .content form').length"), 0)

    def test_text_has_the_contrast_that_people_need(self):
        measure = """
            const luminance = (c) => { const [r, g, b] = c.map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
                                       return .2126 * r + .7152 * g + .0722 * b; };
            const colour = (text) => text.match(/[\\d.]+/g).map(Number);
            const behind = (e) => { for (; e; e = e.parentElement) { const c = colour(getComputedStyle(e).backgroundColor);
                                                                     if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
            const low = [];
            for (const e of document.querySelectorAll('body *')) {
              if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || !e.getClientRects().length) continue;
              const a = luminance(colour(getComputedStyle(e).color).slice(0, 3)), b = luminance(behind(e));
              const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
              if (ratio < 4.5) low.push(e.className + ': ' + e.textContent.trim().slice(0, 30) + ' ' + ratio.toFixed(2));
            }
            return low;"""
        try:
            for dark in (False, True):
                self.browser.dark(dark)
                for target in ("/", "/sources"):
                    self.open(target)
                    self.assertEqual(self.browser.script(measure), [], f"dark: {dark}, {target}")
        finally:
            self.browser.dark(False)

    def test_the_page_is_whole_without_javascript(self):
        with webdriver.Browser(width=400, height=800, javascript=False) as browser:
            browser.open(self.river.url + "/?source=news")
            self.assertEqual(len(browser.texts(".post h3")), 50)
            browser.click(".older")
            browser.wait("the rest", lambda: 10 <= len(browser.texts(".post h3")) <= 12)
            browser.click(".post h3 a")
            browser.wait("the story", lambda: "Words of Story" in "".join(browser.texts(".content")))


if __name__ == "__main__":
    unittest.main()
