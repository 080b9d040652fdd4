"""Vectors of scripts through every field of a feed, loaded in a real Chromium from the API, from Markdown and from the page, without
the Content-Security-Policy that the page has besides: none runs. And what else a title may try to break out of."""

import html.parser
import http.server
import json
import re
import subprocess
import sys
import threading
import unittest
import xml.dom.minidom
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support import webdriver  # noqa: E402
from support.cli import riverd  # noqa: E402
from support.polling import source  # noqa: E402
from support.river import River  # noqa: E402
from support.scripted_origin import ScriptedOrigin, answer  # noqa: E402
from support.vectors import VECTORS, armed, javascript_urls  # noqa: E402

# Shows documents, each in a frame of its own, and does to them what a reader might: every event to every element, a click on every
# link that stays on the page, focus. What runs calls top.hit.
BENCH = r"""<!DOCTYPE html><meta charset=utf-8><script>
window.hits = new Set(); window.hit = n => hits.add(n); window.alert = () => {};
const EVENTS = 'load error click dblclick mousedown mouseup mouseover mouseout mousemove mouseenter mouseleave wheel keydown keypress keyup focus focusin focusout blur input change beforeinput submit reset invalid select copy cut paste drag dragstart dragend drop scroll resize animationstart animationend animationiteration transitionstart transitionend transitionrun toggle beforetoggle pointerdown pointerup pointerover pointerenter pointermove touchstart touchend play playing pause canplay canplaythrough durationchange ended loadstart loadeddata loadedmetadata progress ratechange seeked stalled suspend timeupdate volumechange waiting cuechange contextmenu auxclick search slotchange begin end repeat finish start bounce hashchange message pageshow popstate close'.split(' ');
function provoke(frame) {
  const page = frame.contentDocument;
  if (!page) return;
  page.addEventListener('click', e => { const a = e.target.closest && e.target.closest('a,area'); const to = a && (a.href.baseVal ?? a.href); if (to && !/^javascript:/i.test(to)) e.preventDefault(); }, true);
  page.addEventListener('submit', e => { if (!/^javascript:/i.test(e.target.action)) e.preventDefault(); }, true);
  for (const element of [frame.contentWindow, ...page.querySelectorAll('*')]) {
    for (const name of EVENTS) { try { element.dispatchEvent(new frame.contentWindow.Event(name, {bubbles: true, cancelable: true})); } catch (e) {} }
    try { element.click && element.click(); element.focus && element.focus(); } catch (e) {}
  }
}
async function show(documents) {
  for (let at = 0; at < documents.length; at += 60) {
    const frames = documents.slice(at, at + 60).map(text => { const f = document.createElement('iframe'); f.srcdoc = text; document.body.append(f); return f; });
    await Promise.race([Promise.all(frames.map(f => new Promise(done => f.onload = done))), new Promise(done => setTimeout(done, 3000))]);
    frames.forEach(provoke);
    await new Promise(done => setTimeout(done, 60));
    frames.forEach(f => f.remove());
  }
}
</script><body>"""


class Bench:
    """Serves the page above, and drives a Chromium that looks at it; a context manager."""

    def __enter__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = BENCH.encode() if self.path == "/" else b"<p>"
                self.send_response(200 if self.path == "/" else 404)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.browser = webdriver.Browser(arguments=["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]).__enter__()
        return self

    def __exit__(self, *_):
        self.browser.__exit__()
        self.server.shutdown()
        self.server.server_close()

    def hits(self, documents):
        """The numbers of the vectors that ran while these were shown."""
        self.browser.open(f"http://127.0.0.1:{self.server.server_address[1]}/")
        self.browser.script("window.done = false; show(arguments[0]).then(() => { window.done = true; })", documents)
        self.browser.wait("all to be shown", lambda: self.browser.script("return window.done"), 120)
        return set(self.browser.script("return [...window.hits]"))


class Leftovers(html.parser.HTMLParser):
    """Active markup in what should have none."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "iframe", "object", "embed", "applet", "form", "button", "base", "meta", "link", "style", "frame", "frameset", "svg", "math", "template", "noscript", "textarea", "xmp", "plaintext"):
            self.found.append(tag)
        for name, value in attributes:
            if name.startswith("on") or name in ("srcdoc", "style", "formaction", "xlink:href", "background"):
                self.found.append(name)
            if name in ("href", "src", "cite", "poster", "action", "data", "longdesc") and not re.match(r"(?i)(https?:|mailto:|tel:|#|data:image/(png|gif|jpeg|webp|avif);)", value or ""):
                self.found.append(f"{name}={value}")


def as_json(number, vector):
    return {"id": f"j{number}", "url": f"https://j.example/{number}", "title": f"j{number} {vector}", "content_html": f"<p>before {number}</p>{vector}<p>after {number}</p>",
            "authors": [{"name": vector, "url": vector}], "tags": [vector[:200]], "summary": vector, "image": vector, "attachments": [{"url": vector, "mime_type": vector}]}


def cdata(text):
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>").replace("\0", "") + "]]>"


def as_rss(number, vector):
    return (f"<item><guid>r{number}</guid><title>{cdata(f'r{number} ' + vector)}</title><link>{cdata(f'https://r.example/{number}')}</link><author>{cdata(vector)}</author>"
            f"<category>{cdata(vector[:200])}</category><description>{cdata(f'<p>before {number}</p>{vector}<p>after {number}</p>')}</description></item>")


def as_link(number, url):
    return {"id": f"u{number}", "url": url, "external_url": url, "title": f"u{number}", "content_text": "x", "image": url, "banner_image": url, "authors": [{"name": "a", "url": url, "avatar": url}],
            "attachments": [{"url": url, "mime_type": "audio/mpeg"}]}


@unittest.skipUnless(webdriver.available(), "needs chromium and chromedriver")
class HostileContentTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.vectors = [armed(vector, number) for number, vector in enumerate(VECTORS)]
        cls.urls = [armed(url, 10_000 + number) for number, url in enumerate(javascript_urls())]
        hostile = "<script>top.hit(20000)</script>\"><img src=x onerror=top.hit(20001)>"
        rss = f"<rss version='2.0'><channel><title>{cdata(hostile)}</title><link>{cdata('javascript:top.hit(20002)')}</link>" + "".join(as_rss(n, v) for n, v in enumerate(cls.vectors)) + "</channel></rss>"
        page = {"version": "https://jsonfeed.org/version/1.1", "title": hostile, "home_page_url": "javascript:top.hit(20003)", "icon": "javascript:top.hit(20004)"}
        cls.origin = ScriptedOrigin({"/json": answer(json.dumps({**page, "items": [as_json(n, v) for n, v in enumerate(cls.vectors)]})), "/rss": answer(rss),
                                     "/links": answer(json.dumps({**page, "items": [as_link(n, u) for n, u in enumerate(cls.urls)]}))}).__enter__()
        cls.river = River(server='token = "secret"', extra="".join(source(name, f"{cls.origin.url}/{name}", interval='"1h"') for name in ("json", "rss", "links"))).__enter__()
        cls.river.wait_until(lambda: {s["name"]: s["posts"] for s in cls.river.json("/api/v1/sources")["sources"]} == {"json": len(cls.vectors), "rss": len(cls.vectors), "links": len(cls.urls)}, 30)
        cls.posts = {name: cls.everything(name) for name in ("json", "rss", "links")}
        cls.bench = Bench().__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.bench.__exit__()
        cls.river.__exit__()
        cls.origin.__exit__()

    @classmethod
    def everything(cls, name):
        posts, more = [], ""
        while more is not None:
            page = cls.river.json(f"/api/v1/posts?source={name}&limit=200{more}")
            posts += page["posts"]
            more = page["next_cursor"] and "&cursor=" + page["next_cursor"]
        return posts

    def test_the_bench_sees_what_runs(self):
        ran = self.bench.hits(self.vectors)
        print(f"{len(self.vectors)} vectors, of which {len(ran)} run in Chromium as they are", file=sys.stderr)
        self.assertGreater(len(ran), len(self.vectors) * 0.4)

    def test_no_content_html_runs(self):
        for name in ("json", "rss"):
            bodies = [post["content_html"] or "" for post in self.posts[name]]
            self.assertEqual(len(bodies), len(self.vectors))
            self.assertEqual(self.bench.hits(bodies), set(), name)

    def test_no_markdown_runs_when_rendered_with_raw_html(self):
        for name in ("json", "rss"):
            with ThreadPoolExecutor(4) as pool:
                pages = list(pool.map(lambda post: subprocess.run(["cmark", "--unsafe"], input=(post["content"] or "").encode(), capture_output=True, check=True).stdout.decode(), self.posts[name]))
            self.assertEqual(self.bench.hits(pages), set(), name)

    def test_no_page_runs_even_without_its_policy(self):
        # The scripts of the page itself are other people's tests: what is wanted here is its markup, and all that hangs on it.
        targets = ["/", "/sources", "/?source=json", "/?source=rss", "/?source=links", "/?q=before"]
        targets += [f"/?source=json&limit=200&cursor={c}" for c in self.cursors("json")]
        for value in ("%22%3E%3Cscript%3Etop.hit(30000)%3C/script%3E", "%27%20onmouseover=top.hit(30001)%20x=%27", "javascript:top.hit(30002)", "%3C/title%3E%3Csvg%20onload=top.hit(30003)%3E"):
            targets += [f"/?{name}={value}" for name in ("q", "source", "tag", "category", "author", "since", "cursor")] + [f"/{value}", f"/posts/{value}", f"/api/v1/posts/{value}"]
        targets += [f"/posts/{post['id']}" for name in ("json", "links") for post in self.posts[name][::7]]
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(self.river.get, targets))
        for status, fields, body in answers:
            self.assertIn(status, (200, 400, 404))
            if fields["content-type"].startswith("text/html"):
                self.assertIn("script-src", fields["content-security-policy"])
                self.assertNotIn("unsafe-inline", fields["content-security-policy"])
        pages = [re.sub(rb"<script [^>]*src=[^>]*></script>", b"", body).decode() for _, _, body in answers]
        self.assertEqual(self.bench.hits(pages), set())

    def cursors(self, name):
        more = self.river.json(f"/api/v1/posts?source={name}&limit=200")["next_cursor"]
        while more:
            yield more
            more = self.river.json(f"/api/v1/posts?source={name}&limit=200&cursor={more}")["next_cursor"]

    def test_the_pages_themselves_run_nothing_with_their_scripts(self):
        browser = self.bench.browser
        browser.cdp("Page.addScriptToEvaluateOnNewDocument", {"source": "window.hits = []; window.hit = n => hits.push(n);"})
        for target in ("/?source=json", "/?source=rss", "/?source=links", "/sources"):
            browser.open(self.river.url + target)
            for _ in range(3):
                browser.script("scrollTo(0, document.body.scrollHeight)")
            browser.script("for (const a of [...document.querySelectorAll('.post h3 a')].slice(0, 20)) a.click()")
            self.assertEqual(browser.script("return window.hits"), [], target)

    def test_no_active_markup_is_left(self):
        for name in ("json", "rss"):
            for post in self.posts[name]:
                self.assertEqual(Leftovers(post["content_html"] or "").found, [], post["title"])

    def test_urls_are_absolute_http_or_null(self):
        for posts in self.posts.values():
            for post in posts:
                urls = [post["link"], post["thumbnail"], *(e["url"] for e in post["enclosures"]), *(a["url"] for a in post["authors"]), *(s["url"] for s in post["sources"])]
                for url in filter(None, urls):
                    self.assertRegex(url, r"^https?://[^\s\"<>\\^`{|}\x00-\x1f]+$")

    def test_words_around_a_vector_stay(self):
        kept = after = 0
        for name in ("json", "rss"):
            for post in self.posts[name]:
                number = int(re.match(r"[jr](\d+)", post["title"])[1])
                text = re.sub(r"<[^>]*>", "", post["content_html"] or "")
                kept += f"before {number}" in text
                after += f"after {number}" in text
        count = 2 * len(self.vectors)
        print(f"words before a vector kept in {kept} of {count}, after it in {after}", file=sys.stderr)
        self.assertEqual(kept, count)
        self.assertGreater(after, count * 0.9)  # the others were left open: a script, a comment, an attribute

    def test_feeds_and_markdown_are_well_formed_whatever_the_titles(self):
        for target in ("/feed.atom", "/feed.rss", "/opml"):
            status, _, body = self.river.get(target + "?limit=1000")
            self.assertEqual(status, 200)
            xml.dom.minidom.parseString(body)
        import yaml
        for post in self.posts["json"][::5] + self.posts["rss"][::5]:
            text = self.river.get(f"/api/v1/posts/{post['id']}.md")[2].decode()
            front = yaml.safe_load(text.split("\n---\n")[0].removeprefix("---\n"))
            self.assertEqual(front["title"], post["title"])
            self.assertLessEqual(set(front), {"title", "date", "updated", "tags", "categories", "thumbnail", "link", "authors", "source", "id", "disableNunjucks"})

    def test_terminals_and_logs_get_no_control_characters(self):
        path = self.river.path / "riverd.toml"
        for arguments in (["query", "--config", path, "--limit", "1000"], ["sources", "--config", path]):
            done = riverd(*arguments)
            self.assertEqual(done.status, 0, done)
            self.assertEqual(re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", done.out + done.err), [])
        self.assertEqual(re.findall(r"[\x00-\x08\x0b-\x1f\x7f]", (self.river.path / "log").read_text()), [])


class EscapesTest(unittest.TestCase):
    """Terminal escape sequences, carriage returns and the like in all that a feed or an origin can say."""

    ESCAPES = ["\x1b[31mred", "\x1b]0;title\x07", "\x9b31m", "\x1b[2J\x1b[H", "a\rb", "a\x08b", "\x1bP$q\x1b\\", "\x1b]8;;http://x\x1b\\", "a\u202eb", "\x7f", "=cmd|' /C calc'!A0"]

    def test_none_reaches_a_terminal_or_breaks_a_log_line(self):
        items = [{"id": f"{n}\x1b[31m", "title": f"{n} {text}", "url": f"https://example.org/{n}", "authors": [{"name": text}], "tags": [text], "content_text": text} for n, text in enumerate(self.ESCAPES)]
        feed = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "feed " + "".join(self.ESCAPES[:4]), "items": items})
        pages = {"/feed": answer(feed), "/moved": b"HTTP/1.1 302 Found\r\nLocation: /\x1b[31m\r\nContent-Length: 0\r\n\r\n", "/encoding": answer("x", headers=["Content-Encoding: gzip, \x1b[31m"]),
                 "/root": answer("<\x1b[31m/>"), "/type": answer("<html><title>\x1b[31m</title>", headers=["Content-Type: text/\x1b[31m"]), "/status": b"HTTP/1.1 200 \x1b[31m\r\nX: \x1b[31m\r\nContent-Length: 0\r\n\r\n"}
        with ScriptedOrigin(pages) as origin, River(extra="".join(source(path[1:], origin.url + path, interval='"1h"') for path in pages)) as river:
            river.wait_until(lambda: all(s["state"] != "new" for s in river.json("/api/v1/sources")["sources"]), 20)
            path = river.path / "riverd.toml"
            said = "".join(done.out + done.err for done in (riverd(*arguments) for arguments in (
                ["query", "--config", path, "--limit", "100"], ["sources", "--config", path], ["update", "--config", path], ["add", "--config", path, origin.url + "/feed"], ["check", "--config", path])))
            log = (river.path / "log").read_text()
        self.assertEqual(re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", said), [])
        self.assertNotIn("\u202e", said)
        self.assertEqual(re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", log), [])
        for line in log.splitlines():
            self.assertRegex(line, r"^(\d{4}-\d\d-\d\dT|riverd: )")


if __name__ == "__main__":
    unittest.main()
