"""Moving in and out: the lists that other readers write, into a config that stays otherwise byte for byte, and out again."""

import os
import stat
import sys
import tomllib
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.cli import Folder, riverd  # noqa: E402

# As each of them exports, in its own dialect; one story of a move: the same feeds everywhere.
FEEDLY = """<?xml version="1.0" encoding="UTF-8"?>

<opml version="1.0">
    <head>
        <title>Ann subscriptions in feedly Cloud</title>
    </head>
    <body>
        <outline text="Tech" title="Tech">
            <outline type="rss" text="Cloud &amp; Co" title="Cloud &amp; Co" xmlUrl="https://example.org/cloud?a=1&amp;b=2" htmlUrl="https://example.org/"/>
            <outline type="rss" text="Both" title="Both" xmlUrl="https://example.org/both" htmlUrl="https://example.org/b"/>
        </outline>
        <outline text="News" title="News">
            <outline type="rss" text="Both" title="Both" xmlUrl="https://example.org/both" htmlUrl="https://example.org/b"/>
        </outline>
    </body>
</opml>
"""
FRESHRSS = """<?xml version="1.0" encoding="UTF-8"?>
<opml xmlns:frss="https://freshrss.org/opml" version="2.0">
  <head><title>FreshRSS</title><dateCreated>Wed, 18 Sep 2024 18:37:16 +0000</dateCreated></head>
  <body>
    <outline text="Tech">
      <outline text="Cloud &amp; Co" type="rss" xmlUrl="https://example.org/cloud?a=1&amp;b=2" htmlUrl="https://example.org/" description="All &quot;clouds&quot;"
        frss:priority="important" frss:cssFullContent="article"/>
      <outline text="Scraped" type="HTML+XPath" xmlUrl="https://example.org/page" htmlUrl="https://example.org/page" frss:xPathItem="//li"/>
    </outline>
  </body>
</opml>
"""
MINIFLUX = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
    <head><title>Miniflux</title><dateCreated>Wed, 18 Sep 2024 18:37:16 UTC</dateCreated></head>
    <body>
        <outline text="Tech"><outline title="Cloud &amp; Co" text="Cloud &amp; Co" xmlUrl="https://example.org/cloud?a=1&amp;b=2" htmlUrl="https://example.org/" type="rss"></outline></outline>
        <outline text="日本"><outline title="新聞" text="新聞" xmlUrl="https://example.jp/feed" htmlUrl="https://example.jp/" type="rss"></outline></outline>
    </body>
</opml>
"""
NESTED = """<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="A"><outline text="B"><outline text="C"><outline type="rss" text="deep" xmlUrl="https://example.org/deep" htmlUrl="https://example.org/d?x=$%7BHOME%7D"/></outline></outline>
<outline type="rss" text="half" xmlUrl="https://example.org/half?${HOME}" category="red,green"/></outline>
<outline type="rss" text="top &lt;b&gt; &quot;q&quot; \\ ' #" xmlUrl="https://example.org/top"/>
<outline type="rss" xmlUrl="https://example.org/untitled" text="https://example.org/untitled"/>
</body></opml>
"""
NEWSBOAT = """# my feeds
https://example.org/cloud?a=1&b=2 tech "~Cloud & Co"
"https://example.org/spaced" "two words" !
"query:Unread:unread = \\"yes\\""
exec:~/bin/feed.sh tech
filter:~/bin/clean:https://example.org/dirty
file:///home/me/feed.xml
"""


def outlines(opml):
    """Path of folders, title, URL and page of each feed."""
    found = []

    def walk(node, path):
        for outline in node.findall("outline"):
            if outline.get("xmlUrl"):
                found.append((path, outline.get("title") or outline.get("text"), outline.get("xmlUrl"), outline.get("htmlUrl") or "", outline.get("category") or ""))
            walk(outline, path if outline.get("xmlUrl") else (*path, outline.get("text")))
    walk(ET.fromstring(opml).find("body"), ())
    return sorted(found)


class Import(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(Folder())
        self.config = self.folder.write("riverd.toml", "")

    def run_import(self, text, *arguments, status=0):
        done = riverd("import", "--config", self.config, *arguments, "-", input=text)
        self.assertEqual(done.status, status, done)
        return done

    def sources(self):
        return tomllib.loads(self.config.read_text()).get("source", [])

    def test_other_readers_lists(self):
        for text, expected in [
                (FEEDLY, [("Cloud & Co", "https://example.org/cloud?a=1&b=2", ["Tech"]), ("Both", "https://example.org/both", ["Tech", "News"])]),
                (FRESHRSS, [("Cloud & Co", "https://example.org/cloud?a=1&b=2", ["Tech"]), ("Scraped", "https://example.org/page", ["Tech"])]),
                (MINIFLUX, [("Cloud & Co", "https://example.org/cloud?a=1&b=2", ["Tech"]), ("新聞", "https://example.jp/feed", ["日本"])])]:
            self.config.write_text("")
            self.run_import(text)
            self.assertEqual([(source["title"], source["url"], source["categories"]) for source in self.sources()], expected)
            self.assertEqual(self.sources()[0]["site_url"], "https://example.org/")

    def test_newsboat_s_specials_are_named_and_left_out(self):
        done = self.run_import(NEWSBOAT)
        self.assertEqual([(s["url"], s.get("title"), s["tags"]) for s in self.sources()],
                         [("https://example.org/cloud?a=1&b=2", "Cloud & Co", ["tech"]), ("https://example.org/spaced", None, ["two words"])])
        for special in ["query:", "exec:", "filter:", "file:"]:
            self.assertIn(special, done.err)

    def test_one_move_after_the_other_adds_each_feed_once(self):
        for text, added in [(FEEDLY, 2), (FRESHRSS, 1), (MINIFLUX, 1), (NEWSBOAT, 1), (FEEDLY, 0), (NEWSBOAT, 0)]:
            before = self.config.read_bytes()
            done = self.run_import(text)
            self.assertIn(f"added {added} feed", done.out)
            self.assertTrue(self.config.read_bytes().startswith(before))
            if added == 0:
                self.assertEqual(self.config.read_bytes(), before)
        names = [source["name"] for source in self.sources()]
        self.assertEqual(len(set(names)), 5, names)

    def test_every_other_byte_stays(self):
        for before in [b"# mine", b"# caf\xc3\xa9\r\n[server]\r\ntitle = \"x\"\t# here\r\n\r\n", b"[[source]]\nurl = 'https://example.org/x'", b"\n\n\n", b"[log]\nlevel = 'info' # end"]:
            self.config.write_bytes(before)
            self.run_import(NESTED)
            after = self.config.read_bytes()
            self.assertTrue(after.startswith(before), before)
            added = after[len(before):]
            if b"\r\n" in before:
                self.assertEqual(added.count(b"\r\n"), added.count(b"\n"))
            else:
                self.assertNotIn(b"\r", added)
            self.assertEqual(riverd("check", "--config", self.config).status, 0)

    def test_opml_to_config_to_opml_loses_nothing(self):
        for text in [FEEDLY, MINIFLUX, NESTED]:
            self.config.write_text("")
            self.run_import(text)
            out = riverd("export", "--config", self.config, "--format", "opml", "--out", "-").out
            expected = outlines(text)
            if text is FEEDLY:  # one feed in two folders is one source in both: a path of folders on the way out
                expected = [row for row in expected if row[2] != "https://example.org/both"]
                expected = sorted([*expected, (("Tech", "News"), "Both", "https://example.org/both", "https://example.org/b", "")])
            self.assertEqual(outlines(out), expected)

            again = self.folder.write("again.toml", "")
            self.assertEqual(riverd("import", "--config", again, "-", input=out).status, 0)
            self.assertEqual(riverd("export", "--config", again, "--format", "opml", "--out", "-").out, out)
            direct = self.folder.write("direct.toml", f'opml = ["{self.folder.write("list.opml", out)}"]\n')
            self.assertEqual(riverd("export", "--config", direct, "--format", "opml", "--out", "-").out, out)

    def test_a_pipe_or_a_device_is_written_to_and_never_replaced(self):
        self.run_import(NESTED)
        pipe = self.folder.path / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.assertEqual(riverd("export", "--config", self.config, "--format", "opml", "--out", pipe).status, 0)
        self.assertEqual(os.read(reader, 1 << 16).decode(), riverd("export", "--config", self.config, "--format", "opml", "--out", "-").out)
        self.assertTrue(stat.S_ISFIFO(pipe.stat().st_mode))

    def test_a_backup_needs_a_file(self):
        self.config.write_text(f'[storage]\npath = "{self.folder.path}/riverd.db"\n')
        self.assertEqual(riverd("update", "--config", self.config).status, 0)
        pipe = self.folder.path / "pipe"
        os.mkfifo(pipe)
        done = riverd("backup", "--config", self.config, pipe)
        self.assertNotEqual(done.status, 0)
        self.assertIn("that is not a file", done.err)
        self.assertTrue(stat.S_ISFIFO(pipe.stat().st_mode))
        self.assertEqual({path.name for path in self.folder.path.glob("pipe*")}, {"pipe"})


if __name__ == "__main__":
    unittest.main()
