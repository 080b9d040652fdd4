"""`export --format hexo`: front matter that a YAML parser reads back, files that are stable and safe, and, with RIVERD_INSTALL=1,
a site that Hexo itself builds."""

import datetime
import html
import json
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parent))
from support.cli import Folder, riverd  # noqa: E402
from support.origin import Origin, rss  # noqa: E402

INSTALL = os.environ.get("RIVERD_INSTALL") == "1"

# What publishers write, and what would break a front matter that is pasted together.
TITLES = [
    "plain", "- leading dash", "--- three", "colon: in it", "ends with colon:", '"quoted" and \'single\'', "back\\slash \\n",
    "# hash", "a # hash", "null", "yes", "2024-01-02", "12:30", "1e3", "{ brace: x }", "[list]", "&anchor *alias !tag %percent @at `tick`",
    "| pipe", "> greater", "? question", "two\nlines", "tab\there", "emoji 🦀🏳️‍🌈", "日本語のタイトル", "עברית", "trailing space ", "{{ nunjucks }} {% if %}",
    "{# comment", "<b>bold</b> & <script>x</script>", "nel\u0085ls\u2028ps\u2029", "\ufeffbom", "../../etc/passwd", "C:\\CON", "",
    "very " * 200 + "long", "$$math$$ ~~x~~ __y__ [a](b) ![c](d)", "…“curly”–", "\u202eoverride", "~", "=", "<<", "0x1F", ".inf",
]
TAGS = ["c++", "a: b", "- dash", "null", "#hash", "quote\"s", "slash/y", "123", "日本", "true"]


def items():
    for number, title in enumerate(TITLES):
        yield {"title": html.escape(title), "guid": f"g{number}", "link": f"https://example.org/{number}?a=1&amp;b=\"'#x",
               "pubDate": f"Wed, {1 + number % 28:02} Sep 2024 {number % 24:02}:07:06 GMT", "author": "O'Neil: \"Mac\" &lt;me@example.org&gt;",
               "category": html.escape(TAGS[number % len(TAGS)]),
               "description": html.escape(f"<h2>Part</h2><p>{html.escape(title)} {{{{ x }}}} {{% raw %}} <img src='https://example.org/i.png'></p>"
                                          "<pre><code>---\n{% endraw %}</code></pre><p>---</p>")}


def front_matter(path):
    """What YAML reads between the two lines of dashes, and the text behind them."""
    text = path.read_text("utf-8")
    assert text.startswith("---\n"), text[:100]
    matter, dashes, body = text[4:].partition("\n---\n")
    assert dashes, text[:300]
    return yaml.safe_load(matter), body


class Hexo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(Folder())
        cls.origin = cls.enterClassContext(Origin({"/feed": rss("T: \"it\"", *items())}))
        cls.config = cls.folder.write("riverd.toml", f'[storage]\npath = "{cls.folder.path}/riverd.db"\n[fetch]\nallow_private_networks = true\n'
                                      f'[[source]]\nname = "s"\nurl = "{cls.origin.url}/feed"\ncategories = ["a: b", "- c"]\n')
        done = riverd("update", "--config", cls.config)
        assert done.status == 0, done
        cls.posts = {post["id"]: post for post in json.loads(riverd("query", "--config", cls.config, "--json", "--limit", "0").out)["posts"]}
        assert len(cls.posts) == len(TITLES), len(cls.posts)

    def export(self, out, *arguments):
        done = riverd("export", "--config", self.config, "--format", "hexo", "--out", out, *arguments)
        self.assertEqual(done.status, 0, done)
        return done.out

    def test_front_matter_is_read_back_as_it_was_meant(self):
        out = self.folder.path / "front/_posts"
        self.export(out)
        files = list(out.iterdir())
        self.assertEqual({path.stem for path in files}, set(self.posts))
        for path in files:
            matter, body = front_matter(path)
            post = self.posts[path.stem]
            with self.subTest(title=post["title"]):
                self.assertLessEqual(set(matter), {"title", "date", "updated", "tags", "categories", "thumbnail", "link", "authors", "source", "id", "disableNunjucks"})
                self.assertEqual((matter["title"], matter["id"], matter["link"], matter["source"]), (post["title"], post["id"], post["link"], "s"))
                self.assertEqual(matter["date"], datetime.datetime.fromisoformat(post["date"].rstrip("Z")))
                self.assertEqual((matter.get("tags", []), matter.get("categories", [])), (post["tags"], post["categories"]))
                self.assertEqual((matter["thumbnail"], matter["authors"]), (post["thumbnail"], [author["name"] for author in post["authors"]]))
                self.assertTrue(body.startswith("\n## "), body[:80])
                self.assertIn(post["content"].strip()[:40], body)

    def test_the_same_markdown_is_served(self):
        # What GET /api/v1/posts/{id}.md answers is made by the same writer; here: that an export is stable to the byte.
        first, second = self.folder.path / "one", self.folder.path / "two"
        self.export(first)
        self.export(second)
        self.assertEqual({path.name: path.read_bytes() for path in first.iterdir()}, {path.name: path.read_bytes() for path in second.iterdir()})

    def test_file_names_are_safe_and_what_is_not_ours_is_left_alone(self):
        site = self.folder.path / "safe"
        out = site / "source/_posts"
        out.mkdir(parents=True)
        mine = {out / "hello.md": "---\ntitle: mine\n---\n", out / ("b" * 26 + ".md"): "---\ntitle: looks like an id\n---\n",
                out / "sub" / ("c" * 26 + ".md"): f"---\ntitle: x\nid: \"{'c' * 26}\"\n---\n", site / ("d" * 26 + ".md"): f"---\nid: \"{'d' * 26}\"\n---\n",
                out / "notes.txt": "text"}
        for path, text in mine.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        target = site / "target.md"
        target.write_text(f"---\nid: \"{'e' * 26}\"\n---\n")
        (out / ("e" * 26 + ".md")).symlink_to(target)
        self.export(out)
        self.export(out, "--delete", "--limit", "1")
        left = {path.name for path in out.glob("*.md") if not path.is_symlink()}
        self.assertEqual(len(left), 3, left)
        for path, text in mine.items():
            self.assertEqual(path.read_text(), text)
        self.assertTrue(target.exists() and (out / ("e" * 26 + ".md")).is_symlink())
        self.export(out)
        self.assertRegex(" ".join(path.name for path in out.glob("*.md")), r"^([a-z2-7]{26}\.md ?|hello\.md ?)+$")

    @unittest.skipUnless(INSTALL, "RIVERD_INSTALL is not 1")
    @unittest.skipUnless(shutil.which("npm"), "npm is not installed")
    def test_hexo_builds_a_site_of_it(self):
        if subprocess.run(["npm", "view", "hexo@7", "name"], capture_output=True, timeout=120).returncode != 0:
            self.skipTest("npm's packages cannot be reached")
        site = self.folder.path / "site"
        packages = ["hexo@7", "hexo-renderer-marked@6", "hexo-renderer-ejs@2", "hexo-generator-index@4", "hexo-generator-tag@2",
                    "hexo-generator-category@2", "hexo-generator-archive@2"]
        for name, text in {"package.json": '{"name": "site", "private": true, "hexo": {"version": ""}}',
                           "_config.yml": "title: River\ntheme: plain\nurl: http://example.org\nsyntax_highlighter: ''\nper_page: 10\n",
                           "themes/plain/layout/index.ejs": "<% page.posts.each(post => { %><a href='<%- url_for(post.path) %>'><%= post.title %></a><% }) %>",
                           "themes/plain/layout/post.ejs": "<title><%= page.title %></title><time><%= page.date.toISOString() %></time>"
                                                           "<p id=tags><%= page.tags.map(tag => tag.name).join('|') %></p><article><%- page.content %></article>"}.items():
            path = site / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.export(site / "source/_posts")
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--no-progress", *packages], cwd=site, check=True, capture_output=True, timeout=300)
        done = subprocess.run(["npx", "--no-install", "hexo", "generate", "--bail"], cwd=site, capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotRegex(done.stdout + done.stderr, r"ERROR|FATAL|WARN")
        pages = {path.parent.name: path.read_text() for path in (site / "public").rglob("index.html") if len(path.parent.name) == 26}
        self.assertEqual(set(pages), set(self.posts))
        for name, page in pages.items():
            post = self.posts[name]
            with self.subTest(title=post["title"]):
                self.assertIn(f"<title>{html.escape(post['title'], quote=False)}</title>", page.replace("&#34;", '"').replace("&#39;", "'"))
                self.assertIn(post["date"].rstrip("Z"), page)
                self.assertIn("{{ x }}", html.unescape(page), "template marks are text")
                self.assertNotIn("<script>", page)
        index = (site / "public/index.html").read_text()
        self.assertEqual(index.count("<a href="), 10)
        self.assertTrue((site / "public/tags").is_dir() and (site / "public/categories").is_dir() and (site / "public/archives").is_dir())


if __name__ == "__main__":
    unittest.main()
