"""The web page, driven in a real Chromium: read, filtered, searched, live, opened, without JavaScript, and attacked."""

import base64
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


# Text below AA's ratio (WCAG 2.2, 1.4.3), controls without a name, pictures without alt, what must be there once.
CONTRAST = """
    const luminance = (c) => { const [r, g, b] = c.map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
                               return .2126 * r + .7152 * g + .0722 * b; };
    const colour = (text) => text.match(/[\\d.]+/g).map(Number);
    const behind = (e) => { for (; e; e = e.parentElement) { const c = colour(getComputedStyle(e).backgroundColor);
                                                             if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
    const low = [];
    for (const e of document.querySelectorAll('body *')) {
      const text = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || e.placeholder;
      if (!text || !e.getClientRects().length) continue;
      for (const part of e.placeholder ? [null, '::placeholder'] : [null]) {
        const a = luminance(colour(getComputedStyle(e, part).color).slice(0, 3)), b = luminance(behind(e));
        const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        if (ratio < 4.5) low.push(e.className + ': ' + e.textContent.trim().slice(0, 30) + ' ' + ratio.toFixed(2));
      }
    }
    return low;"""
STRUCTURE = """
    const wrong = [], one = (selector) => document.querySelectorAll(selector).length === 1 || wrong.push(selector + ': not one');
    one('main'); one('h1'); one('header.head'); one('title');
    document.documentElement.lang || wrong.push('no language');
    for (const e of document.querySelectorAll('nav')) e.ariaLabel || wrong.push('a nav without a name');
    for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea')) e.labels.length || wrong.push('unlabelled ' + e.name);
    for (const e of document.querySelectorAll('button, a')) e.hidden || e.textContent.trim() || e.ariaHidden || wrong.push('nameless ' + e.outerHTML.slice(0, 60));
    for (const e of document.querySelectorAll('img')) e.hasAttribute('alt') || wrong.push('no alt');
    for (const e of document.querySelectorAll('img')) (e.loading === 'lazy' && e.referrerPolicy === 'no-referrer') || wrong.push('eager or referring image');
    let level = 0;
    for (const e of document.querySelectorAll('main :is(h1, h2, h3):not(.content *)')) {
      const next = +e.tagName[1];
      if (next > level + 1) wrong.push('heading ' + e.textContent + ' skips a level');
      level = next;
    }
    if (document.documentElement.scrollWidth > innerWidth) wrong.push('wider than the window: ' + document.documentElement.scrollWidth);
    return wrong;"""
DOT = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
PICTURE = escaped("<p>See:</p><img src='ORIGIN/dot.gif'>")
SETTINGS = [(width, dark) for width in (1280, 390) for dark in (False, True)]

LONG = [item(7000, "Donaudampfschifffahrtselektrizit\u00e4tenhauptbetriebswerkbauunterbeamtengesellschaft" * 4, description="x" * 900),
        item(7001, "\u0645\u062f\u064a\u0646\u0629 \u062a\u0642\u0631\u0623 \u202e override \u2066isolate"), item(7002, "\U0001F680\U0001F30A" * 60),
        item(7003, "Z\u0351\u036b\u0343a\u0321\u0350l\u0354\u0347g\u0322o" + "\u0301" * 80), item(7004, "W " * 400),
        item(7005, "A table", description=escaped("<table><tr>" + "<td>cell that is wide</td>" * 40 + "</tr></table><pre>" + "y" * 600 + "</pre>"))]


@unittest.skipUnless(webdriver.available(), "needs chromium and chromedriver")
class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        news = [item(n, f"Story {n}", day=n % 28 + 1) for n in range(1, 61)]
        cls.origin = Origin({"/news": rss("The News", *news), "/cloud": rss("Clouds", item(900, "Tencent opens a region", 29, category="cloud")),
                             "/live": rss("Live", item(5000, "Earlier", 1)), "/long": rss("L" * 200, *LONG),
                             "/pictures": rss("Pictures", item(8000, "With a picture", description=PICTURE)), "/dot.gif": ("image/gif", DOT),
                             "/hostile": rss("Hostile " + escaped(ATTACKS[0]), *hostile_items())})
        cls.origin.__enter__()
        cls.river = River({"news": cls.origin.url + "/news", "cloud": cls.origin.url + "/cloud", "live": cls.origin.url + "/live",
                           "hostile": cls.origin.url + "/hostile", "broken": cls.origin.url + "/missing", "long": cls.origin.url + "/long",
                           "pictures": cls.origin.url + "/pictures"}, extra=QUICK)
        cls.origin.pages["/pictures"] = rss("Pictures", item(8000, "With a picture", description=PICTURE.replace("ORIGIN", cls.origin.url)))
        cls.river.__enter__()
        wanted = len(news) + 3 + len(ATTACKS) + len(LONG)
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
        self.assertIn("2024", self.browser.texts(".story time")[0], "of an old story, its day is told too")
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
        self.assertEqual(self.browser.script("return document.activeElement.getAttribute('aria-expanded')"), "true")
        self.assertEqual(self.browser.script("return getComputedStyle(document.activeElement).outlineStyle"), "solid", "where one is, is seen")
        self.browser.keys("o")
        self.browser.wait("it closed", lambda: self.browser.script("return document.querySelectorAll('.post.open').length") == 0)
        self.browser.keys("/")
        self.browser.wait("the search field", lambda: self.browser.script("return document.activeElement.id") == "q")
        self.assert_quiet()

    def test_a_new_story_is_announced_and_shown_when_asked_for(self):
        self.open("/?source=live")
        self.browser.wait("the event stream", lambda: self.browser.script("return document.querySelector('#river').dataset.events"))
        places = "return [...document.querySelectorAll('.post')].map(p => p.id + p.getBoundingClientRect().top)"
        before = self.browser.script(places)
        self.origin.pages["/live"] = rss("Live", *(item(5000 + n, f"Breaking {n}", 27 + n) for n in (3, 2, 1)), item(5000, "Earlier", 1))
        self.browser.wait("the announcement", lambda: self.browser.texts("#fresh") == ["\u2191\u00a03 new posts"]
                          or self.browser.texts("#fresh") == ["3 new posts"], 30)
        self.assertEqual(self.browser.script(places), before, "nothing moves before the reader asks")
        self.assertTrue(self.browser.title().startswith("(3) "))
        self.browser.click("#fresh")
        self.browser.wait("the stories", lambda: self.browser.texts(".post h3") == ["Breaking 3", "Breaking 2", "Breaking 1", "Earlier"])
        self.assertFalse(self.browser.title().startswith("("))
        self.assert_quiet()

    def test_a_failing_source_says_why(self):
        self.open("/sources")
        self.assertIn("404", self.browser.texts("#s-broken .why")[0])
        self.assertEqual(self.browser.texts("#s-broken .state"), ["failing"])
        self.assertIn("since", self.browser.texts("#s-broken")[0])
        self.assertRegex(self.browser.script("return document.querySelector('#s-news .spark').ariaLabel"), r"^0 posts in 30 days$")  # they are of 2024
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

    def every_page(self):
        posts = [self.river.json(f"/api/v1/posts?q={q}&limit=1")["posts"][0]["id"] for q in ("Tencent", "table")]
        return ["/", "/?source=news", "/?source=long", "/?q=nothinghasthisword", "/sources", "/sign-in", "/sign-in?wrong=1", "/no/such/page", "/?cursor=x",
                *("/posts/" + post for post in posts)]

    def test_every_page_can_be_read_and_used_by_everybody(self):
        """Contrast, names, headings, and nothing wider than the window: wide and narrow, light and dark."""
        try:
            for width, dark in SETTINGS:
                self.browser.resize(width, 900)
                self.browser.dark(dark)
                for target in self.every_page():
                    self.open(target)
                    with self.subTest(target=target, width=width, dark=dark):
                        self.assertEqual(self.browser.script(STRUCTURE), [])
                        self.assertEqual(self.browser.script(CONTRAST), [])
            bad = [entry for entry in self.browser.log() if entry["level"] == "SEVERE" and "status of 40" not in entry["message"]]
            self.assertEqual(bad, [])  # of the error pages, Chromium says that they are errors
        finally:
            self.browser.dark(False)
            self.browser.cdp("Emulation.clearDeviceMetricsOverride", {})

    def test_on_a_narrow_page_an_open_story_stays_within_it(self):
        try:
            self.browser.resize(390, 844)
            self.open("/?source=long&q=table")
            self.browser.click(".post h3 a")
            self.browser.wait("the content", lambda: self.browser.texts(".post .content"))
            self.assertEqual(self.browser.script(STRUCTURE), [])
        finally:
            self.browser.cdp("Emulation.clearDeviceMetricsOverride", {})

    def test_pictures_come_late_and_not_at_all_where_they_are_off(self):
        self.open("/?source=pictures")
        picture = "return [...document.images].map(i => [i.complete && i.naturalWidth, i.loading, i.referrerPolicy])"
        self.browser.wait("the picture", lambda: self.browser.script(picture) == [[1, "lazy", "no-referrer"]])
        self.assert_quiet()
        with River({"pictures": self.origin.url + "/pictures"}, server='images = "off"') as river:
            river.wait_until(lambda: river.json("/api/v1/posts")["posts"], 20)
            for target in ("/", "/posts/" + river.json("/api/v1/posts")["posts"][0]["id"]):
                self.browser.open(river.url + target)
                self.assertEqual(self.browser.script("return document.images.length"), 0)
            self.assertEqual(self.browser.script("return document.querySelectorAll('.content p').length"), 1)
            self.assert_quiet()

    def test_signing_in_leads_to_where_one_wanted_to_go(self):
        with River({"news": self.origin.url + "/news"}, server='token = "open-sesame"\nprotect_reads = true') as river:
            self.browser.open(river.url + "/sources?x=1")
            self.assertIn("/sign-in", self.browser.url())
            self.browser.type("#token", "wrong\n")
            self.browser.wait("the refusal", lambda: any("not the token" in text for text in self.browser.texts(".wrong")))
            self.browser.log()  # the 401 itself is an error to Chromium
            self.browser.type("#token", "open-sesame\n")
            self.browser.wait("the page asked for first", lambda: self.browser.texts("h1") == ["Sources"])
            self.assertTrue(self.browser.url().endswith("/sources?x=1"))
            self.assertEqual(self.browser.script("return document.cookie"), "", "no script reads the session")
            self.browser.click(".foot button")
            self.browser.wait("the door", lambda: self.browser.texts("h1") == ["Sign in"])
            self.assert_quiet()

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
