"""The command line: what it prints, where, and with which exit status."""

import json
import os
import re
import shutil
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.cli import RIVERD, SOURCE_DIR, Folder, riverd  # noqa: E402
from support.limits import memory  # noqa: E402
from support.origin import Origin, rss  # noqa: E402

OK, SOME_FAILED, USAGE, NOT_A_FEED, NO_INPUT, IO, CONFIG = 0, 1, 64, 65, 66, 74, 78
COMMANDS = ["serve", "update", "parse", "article", "check", "import", "add", "export", "sources", "query", "vacuum", "backup"]
FEED = rss("T", {"title": "One &amp; only", "link": "https://example.org/1", "guid": "1",
                 "pubDate": "Wed, 18 Sep 2024 18:37:16 GMT", "description": "&lt;p&gt;Text&lt;/p&gt;"})[1]


class Usage(unittest.TestCase):
    def test_help_and_version_are_results(self):
        for arguments in [["--help"], ["--version"], *([command, "--help"] for command in COMMANDS)]:
            done = riverd(*arguments)
            self.assertEqual((done.status, done.err), (OK, ""), arguments)
            self.assertTrue(done.out)
        self.assertRegex(riverd("--version").out, r"^riverd \d+\.\d+\.\d+\n$")
        help_text = riverd("--help").out
        for command in COMMANDS:
            self.assertIn(command, help_text)

    def test_a_wrong_command_line_is_64_and_says_why(self):
        for arguments in [[], ["nonsense"], ["parse"], ["check"], ["serve"], ["check", "--config"], ["parse", "--nonsense", "-"],
                          ["parse", "-", "extra"], ["parse", "--source", "x", "-"], ["parse", "--config", "x", "-"],
                          ["export", "--config", "x", "--format", "pdf", "--out", "y"], ["export", "--config", "x", "--format", "json"],
                          ["article", "--format", "pdf", "-"], ["query", "--config", "x", "--limit", "many"]]:
            done = riverd(*arguments)
            self.assertEqual(done.status, USAGE, (arguments, done))
            self.assertEqual(done.out, "", arguments)
            self.assertTrue(done.err.startswith("riverd: "), (arguments, done))

    def test_a_word_that_is_no_command_is_named(self):
        for arguments, said in [(["chekc", "--config", "x"], 'unknown command "chekc"; did you mean "check"?'), (["help"], 'unknown command "help"'),
                                (["frobnicate"], 'unknown command "frobnicate"'), (["--versoin"], 'unknown option "--versoin"; did you mean "--version"?'),
                                (["--frob"], 'unknown option "--frob"')]:
            done = riverd(*arguments)
            self.assertEqual((done.status, done.out, done.err.splitlines()[0]), (USAGE, "", f"riverd: {said}"))

    def test_an_argument_that_cannot_be_one_is_64_and_named(self):
        with Folder() as folder:
            config = folder.write("a.toml", "# mine\n")
            export = ["export", "--config", config, "--out", "-", "--format"]
            for arguments, names in [(["query", "--config", config, "--limit", "-5"], "--limit"), (["query", "--config", config, "--limit", "0x10"], "--limit"),
                                     (["query", "--config", config, "--limit", "18446744073709551617"], "--limit"),
                                     ([*export, "json", "--limit", "-1"], "--limit"), ([*export, "opml", "--source", "x"], "--format opml"),
                                     ([*export, "opml", "--limit", "1"], "--format opml"), ([*export, "json", "--delete"], "--delete"),
                                     (["parse", "--base", "notaurl", "-"], "--base"), (["article", "--url", "foo", "-"], "--url"),
                                     (["add", "--config", config, "--name", "Bad Name", "http://127.0.0.1:1/"], "--name: must be 1 to 100")]:
                done = riverd(*arguments, input=FEED)
                self.assertEqual((done.status, done.out), (USAGE, ""), (arguments, done))
                self.assertIn(names, done.err)

    def test_output_that_nobody_takes_is_74_and_no_signal(self):
        with open("/dev/full", "w") as full:
            self.assertEqual(subprocess.run([RIVERD, "--help"], stdout=full, stderr=subprocess.DEVNULL).returncode, IO)
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([RIVERD, "--help"], stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        self.assertEqual((done.returncode, done.stderr), (IO, b""))
        closed = subprocess.run(["sh", "-c", '"$0" --help >&-', RIVERD], stderr=subprocess.PIPE)
        self.assertEqual(closed.returncode, IO)


class Parse(unittest.TestCase):
    def test_a_feed_becomes_json(self):
        for arguments, text in [(["-"], FEED), (["/dev/stdin"], FEED)]:
            done = riverd("parse", *arguments, input=text)
            self.assertEqual(done.status, OK, done)
            document = json.loads(done.out)
            self.assertEqual(list(document), ["feed", "posts", "warnings"])
            self.assertEqual(document["feed"]["format"], "rss-2.0")
            self.assertEqual(document["posts"][0]["title"], "One & only")
            self.assertEqual(document["posts"][0]["content"].strip(), "Text")

    def test_hints_are_used(self):
        body = '<rss version="2.0"><channel><item><title>Caf\xe9</title><link>/a</link></item></channel></rss>'.encode("latin-1")
        done = riverd("parse", "--base", "https://example.org/feed", "--content-type", 'text/xml; charset="ISO-8859-1"', "-", input=body)
        post = json.loads(done.out)["posts"][0]
        self.assertEqual((post["title"], post["link"]), ("Caf\xe9", "https://example.org/a"))

    def test_what_is_no_feed_is_65_and_names_the_page_s_feeds(self):
        page = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>'
        done = riverd("parse", "--base", "https://example.org/", "-", input=page)
        self.assertEqual((done.status, done.out), (NOT_A_FEED, ""))
        self.assertIn("https://example.org/feed.xml", done.err)
        self.assertEqual(riverd("parse", "-").status, NOT_A_FEED)

    def test_a_file_that_is_not_there_is_66(self):
        done = riverd("parse", "/nowhere/feed.xml")
        self.assertEqual(done.status, NO_INPUT)
        self.assertIn("/nowhere/feed.xml", done.err)
        self.assertEqual(riverd("parse", "/").status, IO)

    def test_a_source_s_rules_are_applied(self):
        with Folder() as folder:
            config = folder.write("riverd.toml", '[rules]\nexclude = ["^Ad"]\n[[source]]\nname = "a"\nurl = "https://example.org/feed"\n'
                                                 'tags = ["t"]\ncategories = ["c"]\nrewrite_title = [{ match = " & only", replace = "" }]\n')
            feed = rss("T", {"title": "Ad: buy", "link": "https://example.org/2"}, {"title": "One &amp; only", "link": "/1"})[1]
            document = json.loads(riverd("parse", "--config", config, "--source", "a", "-", input=feed).out)
            self.assertEqual([post["title"] for post in document["posts"]], ["One"])
            post = document["posts"][0]
            self.assertEqual((post["tags"], post["categories"], post["link"]), (["t"], ["c"], "https://example.org/1"))
            self.assertEqual(riverd("parse", "--config", config, "--source", "b", "-", input=feed).status, USAGE)

    def test_what_rules_do_is_said(self):
        with Folder() as folder:
            config = folder.write("riverd.toml", '[rules]\nexclude = ["^Ad"]\n[[source]]\nname = "a"\nurl = "https://example.org/feed"\nmax_posts = 2\n'
                                                 'rewrite_title = [{ match = " - Example$", replace = "" }]\nrewrite_tags = [{ match = "^k8s$", replace = "kubernetes" }]\n')
            feed = rss("T", {"title": "Ad: buy", "guid": "1"}, {"title": "One - Example", "guid": "2", "category": "k8s"},
                       {"title": "Two", "guid": "3"}, {"title": "Three", "guid": "4"})[1]
            done = riverd("parse", "--config", config, "--source", "a", "-", input=feed)
            self.assertEqual([post["title"] for post in json.loads(done.out)["posts"]], ["One"])
            self.assertEqual(done.err.splitlines(), ["riverd: left out by a rule: Ad: buy", "riverd: title: One - Example -> One",
                                                     "riverd: tags of One: k8s -> kubernetes", "riverd: 2 more left out by max_posts"])


    def test_memory_stays_under_twelve_times_the_document_and_32_mib(self):
        size = 8 << 20
        in_body = lambda unit: "<rss><channel><item><description>" + unit * (size // len(unit)) + "</description></item></channel></rss>"
        xhtml = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>"
        documents = {"backslashes": in_body("\\"), "elements": xhtml + "<b/>" * (size // 4), "images": in_body("&lt;img src=http://e.example/i>"),
                     "entries": "<rss><channel>" + "<item><title>x</title></item>" * (size // 29), "open entries": "<rss><channel>" + "<item>" * (size // 6),
                     "JSON": '{"version":"https://jsonfeed.org/version/1","items":[' + '{"id":"x"},' * (size // 11) + "{}]}"}
        with Folder() as folder:
            for name, text in documents.items():
                done = subprocess.Popen([RIVERD, "parse", folder.write("feed", text)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                _, status, usage = os.wait4(done.pid, 0)
                done.returncode = os.waitstatus_to_exitcode(status)
                self.assertIn(done.returncode, (OK, NOT_A_FEED), name)
                self.assertLess(usage.ru_maxrss * 1024, memory(12 * len(text) + (32 << 20)), name)


class Check(unittest.TestCase):
    def test_five_mistakes_are_five_lines_with_line_and_column(self):
        with Folder() as folder:
            config = folder.write("bad.toml", '[server]\nlistne = "x"\n[fetch]\ntimeout = "soon"\nconcurrency = "many"\n'
                                              '[[source]]\nname = "a"\nurl = "nowhere"\n[[source]]\nname = "a"\nurl = "https://example.org/"\n')
            done = riverd("check", "--config", config)
            self.assertEqual((done.status, done.out), (CONFIG, ""))
            places = [line.split(": ")[0].removeprefix(f"{config}:") for line in done.err.splitlines() if line.startswith(str(config))]
            self.assertEqual(places, ["2:1", "4:11", "5:15", "8:7", "10:8"])

    def test_configs_that_cannot_be_used(self):
        with Folder() as folder:
            for text in [b"[", b"\xff\xfe", b"a = 1", b"\0" * 1000, b"a." * 100000 + b"b = 1", b"x = [" * 5000, b'[server]\nlisten = ""',
                         b"[[source]]\n", b"source = 3", os.urandom(5000)]:
                done = riverd("check", "--config", folder.write("bad.toml", text))
                self.assertEqual(done.status, CONFIG, (text[:50], done))
                self.assertTrue(done.err)
            self.assertEqual(riverd("check", "--config", folder.path / "gone.toml").status, NO_INPUT)
            self.assertEqual(riverd("check", "--config", folder.path).status, CONFIG)

    def test_what_cannot_work_as_it_is_written_is_a_warning(self):
        with Folder() as folder:
            config = folder.write("a.toml", '[server]\nprotect_reads = true\nsocket_group = "no-such-group"\n'
                                            '[[source]]\nname = "a"\nurl = "https://example.org/"\n[[source]]\nname = "b"\nurl = "https://example.org/"\n'
                                            '[[source]]\nname = "c"\nurl = "https://example.org/"\nenabled = false\n')
            done = riverd("check", "--config", config)
            self.assertEqual((done.status, done.out), (OK, f"{config}: ok, 3 sources\n"))
            warnings = done.err.splitlines()
            self.assertEqual(len(warnings), 3, done)
            for line, about in zip(warnings, ["protect_reads is set and there is no token", '"no-such-group"', '"a" and "b" have the same URL']):
                self.assertTrue(line.startswith(f"riverd: {config}: ") and line.endswith(" (warning)") and about in line, line)
            folder.write("riverd.token", "s3cret")
            self.assertNotIn("token", riverd("check", "--config", config, env={"CREDENTIALS_DIRECTORY": str(folder.path)}).err)

    def test_a_config_that_cannot_be_read_now_is_74(self):
        done = riverd("check", "--config", "/proc/self/mem")
        self.assertEqual((done.status, done.out), (IO, ""))
        self.assertIn("/proc/self/mem", done.err)

    def test_the_sample_is_valid(self):
        done = riverd("check", "--config", SOURCE_DIR / "config/riverd.toml")
        self.assertEqual((done.status, done.err), (OK, ""))
        self.assertIn("15 sources", done.out)

    def test_the_resolved_config_shows_no_secret_and_is_valid(self):
        with Folder() as folder:
            config = folder.write("a.toml", '[server]\ntoken = "${TOKEN}"\n[[source]]\nurl = "https://u:s3cret@example.org/"\n'
                                            'headers = { Cookie = "s3cret" }\n')
            done = riverd("check", "--config", config, "--resolved", env={"TOKEN": "s3cret"})
            self.assertEqual(done.status, OK, done)
            self.assertNotIn("s3cret", done.out)
            self.assertEqual(riverd("check", "--config", folder.write("b.toml", done.out)).status, OK)


class Import(unittest.TestCase):
    OPML = ('<opml version="2.0"><head><title>L</title></head><body><outline text="Tech"><outline text="Cloud &amp; co">'
            '<outline type="rss" text="A" xmlUrl="https://example.org/a"/></outline></outline>'
            '<outline type="rss" text="B" xmlUrl="https://example.org/b" category="t1,t2"/>'
            '<outline type="rss" text="There" xmlUrl="http://www.zdnet.com/topic/cloud/rss.xml"/></body></opml>')

    def test_feeds_are_appended_and_the_rest_is_kept_byte_for_byte(self):
        with Folder() as folder:
            before = (SOURCE_DIR / "config/riverd.toml").read_bytes() + b"# no newline at the end"
            config = folder.write("riverd.toml", before)
            config.chmod(0o640)
            done = riverd("import", "--config", config, folder.write("l.opml", self.OPML))
            self.assertEqual(done.status, OK, done)
            self.assertIn("added 2 feeds", done.out)
            self.assertIn("kill -HUP", done.out)
            self.assertIn("1 feed there already", done.out)
            after = config.read_bytes()
            self.assertTrue(after.startswith(before))
            self.assertEqual(config.stat().st_mode & 0o777, 0o640)
            self.assertIn('categories = ["Tech", "Cloud & co"]', after.decode())
            self.assertEqual(riverd("check", "--config", config).status, OK)
            again = riverd("import", "--config", config, "-", input=self.OPML)
            self.assertEqual(again.status, OK, again)
            self.assertNotIn("kill -HUP", again.out)
            self.assertEqual(config.read_bytes(), after)
            self.assertEqual([path.name for path in folder.path.iterdir() if path.name.startswith(".")], [])

    def test_a_list_survives_the_way_in_and_out_and_in_again(self):
        with Folder() as folder:
            config = folder.write("riverd.toml", "")
            self.assertEqual(riverd("import", "--config", config, "-", input=self.OPML).status, OK)
            first = riverd("export", "--config", config, "--format", "opml", "--out", "-")
            self.assertEqual(first.status, OK, first)
            other = folder.write("other.toml", "")
            self.assertEqual(riverd("import", "--config", other, "-", input=first.out).status, OK)
            second = riverd("export", "--config", other, "--format", "opml", "--out", "-")
            self.assertEqual(first.out, second.out)
            outlines = {o.get("xmlUrl"): o.get("title") for o in ET.fromstring(second.out).iter("outline") if o.get("xmlUrl")}
            self.assertEqual(outlines, {"https://example.org/a": "A", "https://example.org/b": "B",
                                        "http://www.zdnet.com/topic/cloud/rss.xml": "There"})

    def test_what_cannot_be_imported_changes_nothing(self):
        with Folder() as folder:
            config = folder.write("riverd.toml", "# mine\n")
            self.assertEqual(riverd("import", "--config", config, "-", input="no list").status, NOT_A_FEED)
            self.assertEqual(riverd("import", "--config", config, "/nowhere").status, NO_INPUT)
            self.assertEqual(riverd("import", "--config", folder.path / "gone", "-", input=self.OPML).status, NO_INPUT)
            self.assertEqual(riverd("import", "--config", config, "--dry-run", "-", input=self.OPML).status, OK)
            self.assertEqual(config.read_text(), "# mine\n")
            static = folder.write("static.toml", 'source = [{ url = "https://example.org/" }]\n')
            self.assertEqual(riverd("import", "--config", static, "-", input=self.OPML).status, CONFIG)

    def test_newsboat_s_urls_are_imported(self):
        with Folder() as folder:
            config = folder.write("riverd.toml", "")
            done = riverd("import", "--config", config, "-", input='https://example.org/n tech "~News"\n"query:a:b"\n')
            self.assertEqual(done.status, OK, done)
            self.assertIn('title = "News"\ntags = ["tech"]', config.read_text())


class River(unittest.TestCase):
    """Commands on a store that `update` filled."""

    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(Folder())
        cls.origin = cls.enterClassContext(Origin({
            "/a.xml": rss("Feed A", {"title": "First cloud", "link": "https://example.org/1", "guid": "1", "category": "edge",
                                     "pubDate": "Wed, 18 Sep 2024 18:37:16 GMT", "description": "About \x1b[31mclouds"},
                          {"title": "Second", "link": "https://example.org/2", "guid": "2", "pubDate": "Thu, 19 Sep 2024 10:00:00 GMT",
                           "description": "&lt;p&gt;Body &lt;b&gt;two&lt;/b&gt;&lt;/p&gt;"}),
            "/page": ("text/html", '<html><head><link rel="alternate" type="application/rss+xml" href="/a.xml"></head></html>'),
            "/gone.xml": 404}))
        cls.config = cls.folder.write("riverd.toml", f'[storage]\npath = "{cls.folder.path}/river.db"\n[fetch]\nallow_private_networks = true\n'
                                      f'[[source]]\nname = "a"\nurl = "{cls.origin.url}/a.xml"\ncategories = ["tech"]\n'
                                      f'[[source]]\nname = "gone"\nurl = "{cls.origin.url}/gone.xml"\n')
        done = riverd("update", "--config", cls.config)
        assert done.status == SOME_FAILED, done

    def run_ok(self, command, *arguments):
        done = riverd(command, "--config", self.config, *arguments)
        self.assertEqual(done.status, OK, done)
        return done.out

    def test_sources_are_a_table(self):
        lines = self.run_ok("sources").splitlines()
        self.assertEqual(lines[0].split()[:2], ["NAME", "STATE"])
        self.assertRegex(lines[1], r"^a +ok ")
        self.assertRegex(lines[2], r"^gone +failing .*404")
        self.assertEqual([s["name"] for s in json.loads(self.run_ok("sources", "--json", "--failing"))["sources"]], ["gone"])

    def test_query_filters_and_prints_no_control_characters(self):
        text = self.run_ok("query")
        self.assertLess(text.index("Second"), text.index("First cloud"))
        self.assertNotIn("\x1b", text)
        posts = json.loads(self.run_ok("query", "--json", "--source", "a", "--category", "tech", "cloud"))["posts"]
        self.assertEqual([post["title"] for post in posts], ["First cloud"])
        self.assertEqual(self.run_ok("query", "--tag", "none"), "")
        self.assertEqual(len(json.loads(self.run_ok("query", "--json", "--since", "2024-09-19"))["posts"]), 1)
        self.assertIn("Body **two**", self.run_ok("query", "--content", "--limit", "1"))
        self.assertEqual(riverd("query", "--config", self.config, "--since", "yesterday").status, USAGE)

    def test_a_source_that_nobody_knows_is_64(self):
        self.assertEqual(self.run_ok("query", "--source", "gone"), "")
        emptied = self.folder.write("emptied.toml", f'[storage]\npath = "{self.folder.path}/river.db"\n')
        self.assertIn("Second", riverd("query", "--config", emptied, "--source", "a").out)
        for command in [["query"], ["export", "--format", "json", "--out", "-"]]:
            done = riverd(*command, "--config", self.config, "--source", "a", "--source", "nope")
            self.assertEqual((done.status, done.out), (USAGE, ""), done)
            self.assertIn('--source: there is no source named "nope"', done.err)

    def test_feeds_are_exported(self):
        for form in ["json", "atom", "rss"]:
            out = self.folder.path / f"river.{form}"
            self.run_ok("export", "--format", form, "--out", out)
            posts = json.loads(riverd("parse", out).out)["posts"]
            self.assertEqual([post["title"] for post in posts], ["Second", "First cloud"], form)
        self.assertEqual(self.run_ok("export", "--format", "json", "--out", "-", "--limit", "1").count('"title":"Second"'), 1)
        self.assertEqual(riverd("export", "--config", self.config, "--format", "rss", "--out", "/nowhere/x").status, IO)

    def test_opml_carries_what_the_feeds_told(self):
        outlines = ET.fromstring(self.run_ok("export", "--format", "opml", "--out", "-")).iter("outline")
        self.assertIn("Feed A", [outline.get("title") for outline in outlines])

    def test_hexo_posts_are_written_once_and_deleted_when_gone(self):
        out = self.folder.path / "site/source/_posts"
        self.assertIn("2 written", self.run_ok("export", "--format", "hexo", "--out", out))
        files = sorted(out.iterdir())
        self.assertEqual([path.suffix for path in files], [".md", ".md"])
        self.assertTrue(all(path.read_text().startswith("---\n") for path in files))
        stamps = [path.stat().st_mtime_ns for path in files]
        self.assertIn("0 written", self.run_ok("export", "--format", "hexo", "--out", out))
        self.assertEqual(stamps, [path.stat().st_mtime_ns for path in files])
        files[0].write_text("changed by hand")
        mine = out / ("a" * 26 + ".md")
        mine.write_text("---\ntitle: mine\n---\n")
        self.assertIn("1 written, 0 deleted", self.run_ok("export", "--format", "hexo", "--out", out, "--delete"))
        self.assertIn("0 written, 1 deleted", self.run_ok("export", "--format", "hexo", "--out", out, "--delete", "--limit", "1"))
        self.assertTrue(mine.exists())
        self.assertEqual(riverd("export", "--config", self.config, "--format", "hexo", "--out", "-").status, USAGE)

    def test_a_page_s_feed_is_found_shown_and_added(self):
        config = self.folder.write("add.toml", "[fetch]\nallow_private_networks = true\n")
        shown = riverd("add", "--config", config, "--dry-run", f"{self.origin.url}/page")
        self.assertEqual(shown.status, OK, shown)
        self.assertIn("Feed A", shown.out)
        self.assertIn("2024-09-19  Second", shown.out)
        self.assertEqual(config.read_text(), "[fetch]\nallow_private_networks = true\n")
        added = riverd("add", "--config", config, "--category", "c", "--tag", "t", "--name", "mine", f"{self.origin.url}/page")
        self.assertEqual(added.status, OK, added)
        self.assertIn("kill -HUP", added.out)
        self.assertIn(f'name = "mine"\nurl = "{self.origin.url}/a.xml"\ntitle = "Feed A"\ncategories = ["c"]\ntags = ["t"]\n', config.read_text())
        self.assertIn("there already, as mine", riverd("add", "--config", config, f"{self.origin.url}/a.xml").out)
        self.assertEqual(riverd("add", "--config", config, f"{self.origin.url}/gone.xml").status, IO)

    def test_the_store_is_copied_and_tidied(self):
        copy = self.folder.path / "copy.db"
        self.run_ok("backup", copy)
        other = self.folder.write("copy.toml", f'[storage]\npath = "{copy}"\n')
        self.assertEqual(len(json.loads(riverd("query", "--config", other, "--json").out)["posts"]), 2)
        self.run_ok("vacuum")
        nothing = self.folder.write("nothing.toml", f'[storage]\npath = "{self.folder.path}/nothing.db"\n')
        for command in [["query"], ["sources"], ["vacuum"], ["backup", "x"]]:
            done = riverd(command[0], "--config", nothing, *command[1:], cwd=self.folder.path)
            self.assertEqual(done.status, NO_INPUT, done)
            self.assertIn("riverd update", done.err)

    def test_a_backup_replaces_an_older_one_and_nothing_else(self):
        copy = self.folder.path / "older.db"
        self.run_ok("backup", copy)
        self.run_ok("backup", copy)
        included = self.folder.write("included.toml", "")
        notes = self.folder.write("notes.txt", "SQLite format 3, in my own words")
        config = self.folder.write("including.toml", self.config.read_text().replace("[storage]", 'include = ["included.toml"]\n[storage]', 1))
        store = f"{self.folder.path}/river.db"
        for out in [config, included, notes, f"{store}-wal", f"{store}-shm", f"{self.folder.path}/./river.db.lock", store, "-", self.folder.path]:
            before = Path(out).read_bytes() if Path(out).is_file() else None
            done = riverd("backup", "--config", config, out, cwd=self.folder.path)
            self.assertEqual((done.status, done.out), (USAGE, ""), (out, done))
            self.assertIn(str(out), done.err)
            self.assertEqual(Path(out).read_bytes() if Path(out).is_file() else None, before, out)
        self.assertFalse((self.folder.path / "-").exists())


class Manual(unittest.TestCase):
    """riverd(1) and the completions name every option that exists, and none that does not."""

    @staticmethod
    def options_of(command):
        return set(re.findall(r"--[a-z][a-z-]*", riverd(*command, "--help").out)) - {"--help"}

    def test_riverd_1(self):
        text = (SOURCE_DIR / "packaging/man/riverd.1").read_text()
        named = {"--" + name for name in re.findall(r"Fl Fl ([a-z][a-z-]*)", text)}
        existing = set().union(*(self.options_of([command]) for command in COMMANDS)) | {"--help", "--version"}
        self.assertEqual(named, existing)
        self.assertEqual(re.findall(r"^\.It Cm ([a-z]+)$", text, re.M), COMMANDS)

    def test_the_synopsis_of_each_command(self):
        text = (SOURCE_DIR / "packaging/man/riverd.1").read_text()
        synopsis = text[text.index(".Sh SYNOPSIS"):text.index(".Sh DESCRIPTION")]
        filters = {"--" + name for name in re.findall(r"Fl Fl ([a-z]+)", text[text.index(".Ss Filters"):text.index(".Sh ENVIRONMENT")])}
        for command in COMMANDS:
            part = re.search(rf"(?s)\.Cm {command}\n(.*?)\n\.Nm", synopsis)[1]
            named = {"--" + name for name in re.findall(r"Fl Fl ([a-z][a-z-]*)", part)} | (filters if ".Op Ar filters" in part else set())
            self.assertEqual(named, self.options_of([command]), command)

    def test_the_examples_of_riverd_1_are_commands_that_exist(self):
        text = (SOURCE_DIR / "packaging/man/riverd.1").read_text()
        lines = re.findall(r"(?m)^riverd ([a-z].*)$", "\n".join(re.findall(r"(?ms)^\.Bd .*?\n(.*?)^\.Ed", text)))
        self.assertGreater(len(lines), 3)
        for line in lines:
            words = line.split()
            self.assertIn(words[0], COMMANDS, line)
            self.assertLessEqual({word for word in words if word.startswith("--")}, self.options_of([words[0]]), line)

    def test_completions(self):
        for name in ["riverd.bash", "_riverd"]:
            text = (SOURCE_DIR / "packaging/completions" / name).read_text()
            named = set(re.findall(r"--[a-z][a-z-]*", text))
            existing = set().union(*(self.options_of([command]) for command in COMMANDS)) | {"--help", "--version"}
            self.assertEqual(named, existing, name)
            for command in COMMANDS:
                self.assertRegex(text, rf"\b{command}\b", name)

    def test_bash_completes_each_command_s_own_options(self):
        script = SOURCE_DIR / "packaging/completions/riverd.bash"
        for command in COMMANDS:
            line = ["riverd", command, "--"]
            code = f'source {script}; COMP_WORDS=({" ".join(line)}); COMP_CWORD=2; _riverd; printf "%s\\n" "${{COMPREPLY[@]}}"'
            offered = set(subprocess.run(["bash", "-c", code], capture_output=True, text=True).stdout.split()) - {"--help"}
            self.assertEqual(offered, self.options_of([command]), command)

    def test_zsh_completes_each_command_s_own_options(self):
        text = (SOURCE_DIR / "packaging/completions/_riverd").read_text()
        filters = set(re.findall(r"--[a-z]+", re.search(r"(?s)filters=\((.*?)\n  \)", text)[1]))
        offered = {}
        for commands, line in re.findall(r"(?m)^ +([a-z|]+)\) _arguments (.*) ;;$", text):
            options = set(re.findall(r"--[a-z][a-z-]*", line)) | ({"--config"} if "$config" in line else set()) | (filters if "$filters" in line else set())
            offered.update({command: options - {"--help"} for command in commands.split("|")})
        self.assertEqual(offered, {command: self.options_of([command]) for command in COMMANDS})

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_takes_its_completion(self):
        done = subprocess.run(["zsh", "-n", SOURCE_DIR / "packaging/completions/_riverd"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    @unittest.skipUnless(shutil.which("mandoc") or shutil.which("man"), "no reader of man pages is installed")
    def test_the_man_pages_are_well_formed(self):
        for name in ["riverd.1", "riverd.toml.5"]:
            page = SOURCE_DIR / "packaging/man" / name
            command = ["mandoc", "-T", "lint", "-W", "warning", page] if shutil.which("mandoc") else ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page]
            done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "MANROFFSEQ": ""})
            self.assertEqual((done.returncode, done.stderr if command[0] == "man" else done.stdout), (0, ""), name)


if __name__ == "__main__":
    unittest.main()
