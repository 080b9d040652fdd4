#!/usr/bin/python3
"""Pictures of the web page, to be looked at: every kind of page, wide and narrow, light and dark.

    RIVERD=build/riverd tests/tools/screenshots.py FOLDER [NAME...]

Posts and images are made up and come from loopback; NAMEs choose among the pages.
"""

import struct
import sys
import time
import zlib
from email.utils import formatdate
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "e2e"))
from support.origin import Origin, rss  # noqa: E402
from support.river import River  # noqa: E402
from support.webdriver import Browser  # noqa: E402

WIDTHS = {"wide": (1280, 900), "phone": (390, 844)}

STORIES = [
    ("The quiet return of the reading list", "After a decade of feeds that choose for you, a small group of editors goes back to "
     "choosing for themselves, and finds that readers come along. What they ask for is modest: a list, in order, with an end."),
    ("Submarine cable between Lagos and Lisbon goes live", "The 9,600 km system adds 240 Tbit/s of capacity; the first operators "
     "move traffic over this week."),
    ("How a lighthouse keeper’s log became a climate record", "Four generations wrote down wind, swell and the first ice of each "
     "winter. A team at the polytechnic has now read all 41,000 lines of it."),
    ("Postgres 17 at scale: what changed for us", "Vacuum memory, incremental backup, and the one planner regression we hit on the way."),
    ("Recipe: rye bread with caraway, for people who do not bake", "No kneading, one pot, eighteen hours in which you do nothing."),
    ("Ein Fluss wird wieder breit", "Nach hundert Jahren im Kanal bekommt die Isen ihre Auen zurück; Biber und Eisvogel waren schneller als die Bagger."),
    ("東京の古書店街を歩く", "神田神保町には今も百を超える古書店が並ぶ。店主たちに、本の未来を聞いた。"),
    ("مدينة تقرأ: مكتبات الأحياء تعود", "تفتح خمس مكتبات صغيرة أبوابها هذا الأسبوع في أحياء لم تعرف مكتبة من قبل."),
    ("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsgründungsversammlung" * 2,
     "A title that does not break by itself, and a summary with https://example.org/" + "a-very-long-path/" * 12),
    ("🚀🌊📚 Emoji, everywhere 👩‍👩‍👧‍👦🏳️‍🌈", "Short."),
    ("", "A post without a title: a thought in passing, as microblogs have them, long enough to show how its first words stand in for the headline."),
]


def picture(width, height, colour):
    row = b"\0" + b"".join(bytes((colour[0], min(255, colour[1] + x * 60 // width), colour[2])) for x in range(width))
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b""))


PICTURES = {"/wide.png": (640, 280, (40, 90, 140)), "/square.png": (400, 400, (180, 90, 60)), "/tall.png": (300, 620, (70, 110, 70))}


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def items(origin, name, count, stories):
    now = time.time()
    for n in range(count):
        title, summary = stories[n % len(stories)]
        image = list(PICTURES)[n % 3] if n % 3 != 2 or n % 5 == 0 else None
        body = f"<p>{summary}</p>" + (f"<figure><img src='{origin.url}{image}' alt='A picture'><figcaption>What it shows.</figcaption></figure>" if image else "")
        body += ("<h2>What happened</h2><p>It began with <a href='https://example.org/a'>a note</a> and some <code>code</code>.</p>"
                 "<blockquote><p>Nothing is as slow as a thing that nobody waits for.</p></blockquote>"
                 "<ul><li>First, the list.</li><li>Then, its end.</li></ul><pre><code>for (auto post : river)\n  read(post);</code></pre>"
                 "<table><tr><th>Year</th><th>Readers</th></tr><tr><td>2023</td><td>1,204</td></tr><tr><td>2024</td><td>3,981</td></tr></table>")
        yield {"title": escaped(title), "link": f"https://example.org/{name}/{n}", "guid": f"{name}-{n}", "author": escaped("Mara Lindqvist"),
               "pubDate": formatdate(now - n * 5000 - len(name) * 900, usegmt=True), "description": escaped(body),
               "category": ["reading", "networks", "climate", "databases", "bread"][n % 5]}


def pages(river):
    post = river.json("/api/v1/posts?q=lighthouse&limit=1")["posts"][0]["id"]
    return {"river": "/", "source": "/?source=field-notes", "search": "/?q=bread", "nothing": "/?q=nosuchword&tag=bread", "odd": "/?source=odd",
            "sources": "/sources", "post": "/posts/" + post, "missing": "/no/such/page", "bad": "/?cursor=made-up", "sign-in": "/sign-in",
            "wrong": "/sign-in?wrong=1", "open": "/?source=field-notes#open"}


def full(browser, width, height):
    browser.cdp("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})


def shoot(browser, path):
    import base64
    data = browser.cdp("Page.captureScreenshot", {"format": "png"})["data"]
    path.write_bytes(base64.b64decode(data))


def main():
    folder = Path(sys.argv[1])
    wanted = sys.argv[2:]
    folder.mkdir(parents=True, exist_ok=True)
    with Origin({path: ("image/png", picture(*args)) for path, args in PICTURES.items()}) as origin:
        for name, title, count, stories in (("field-notes", "Field Notes", 70, STORIES[:5]), ("weltblick", "Weltblick", 12, STORIES[5:8]),
                                            ("odd", "Odd things", 14, STORIES[7:])):
            origin.pages["/" + name] = rss(title, *items(origin, name, count, stories))
        extra = ('[schedule]\nmin_interval = "1s"\nhinted_min_interval = "1s"\nmax_interval = "2s"\nbudget = 0\n'
                 f'[[source]]\nname = "field-notes"\nurl = "{origin.url}/field-notes"\ncategories = ["culture"]\n'
                 f'[[source]]\nname = "weltblick"\nurl = "{origin.url}/weltblick"\ncategories = ["world"]\n'
                 f'[[source]]\nname = "odd"\nurl = "{origin.url}/odd"\ncategories = ["culture", "odd"]\n'
                 f'[[source]]\nname = "broken"\nurl = "{origin.url}/none"\n'
                 f'[[source]]\nname = "resting"\nurl = "{origin.url}/field-notes?x"\nenabled = false\n')
        with River({}, server='token = "secret"\ntitle = "Morning river"', extra=extra) as river, Browser() as browser:
            river.wait_until(lambda: len(river.json("/api/v1/posts?limit=1000")["posts"]) == 96, 30)
            river.wait_until(lambda: any(s["error"] for s in river.json("/api/v1/sources")["sources"]), 30)
            for name, target in pages(river).items():
                if wanted and name not in wanted:
                    continue
                for size, (width, height) in WIDTHS.items():
                    full(browser, width, height)
                    for dark in (False, True):
                        browser.dark(dark)
                        browser.open(river.url + target)
                        if name == "open":
                            browser.open("about:blank")
                            browser.open(river.url + target)
                            browser.click(".post:nth-of-type(2) h3 a")
                            browser.wait("content", lambda: browser.texts(".post .content"))
                        browser.script("return Promise.all([...document.images].map(i => i.loading = 'eager'))")
                        browser.wait("images", lambda: browser.script("return [...document.images].every(i => i.complete)"))
                        shoot(browser, folder / f"{name}-{size}-{'dark' if dark else 'light'}.png")


if __name__ == "__main__":
    main()
