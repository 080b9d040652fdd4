"""What an administrator sees of the daemon: its sockets, its journal, its token, and a log that says a thing once."""

import datetime
import email.utils
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support import journal  # noqa: E402
from support.cli import RIVERD, Folder, riverd  # noqa: E402
from support.polling import FAST, config, daemon, source, state, update  # noqa: E402
from support.scripted_origin import ScriptedOrigin, answer, feed, until  # noqa: E402

SHIM = str(Path(os.environ["RIVERD_BUILD_DIR"]) / "tests" / "libriverd_shim.so")


class Unix(unittest.TestCase):
    """listen = "unix:PATH"."""

    def setUp(self):
        self.folder = self.enterContext(Folder())
        self.path = self.folder.path / "river.sock"

    def start(self, server=""):
        config = self.folder.write("riverd.toml", f'[server]\nlisten = "unix:{self.path}"\n{server}\n[storage]\npath = "{self.folder.path}/riverd.db"\n')
        process = subprocess.Popen([RIVERD, "serve", "--config", config], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        process.first = process.stdout.readline()
        return process

    def ask(self):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(str(self.path))
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return client.recv(100)[:12]

    def mode(self):
        return stat.S_IMODE(self.path.stat().st_mode)

    def test_the_socket_is_the_group_s_unless_the_config_says_more(self):
        process = self.start()
        self.assertEqual(process.first, f"riverd: the river is at unix:{self.path}\n")
        self.assertEqual(self.mode(), 0o660)
        self.assertEqual(self.ask(), b"HTTP/1.1 200")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(10), 0)
        self.assertFalse(self.path.exists(), "the socket is left behind")
        self.start('socket_mode = "0666"')
        self.assertEqual(self.mode(), 0o666)

    @unittest.skipUnless(os.geteuid() == 0, "only root may give a file to any group")
    def test_the_socket_is_given_to_a_group(self):
        self.start('socket_group = "nogroup"')
        self.assertEqual(self.path.group(), "nogroup")

    def test_a_group_that_is_not_there_is_a_sentence(self):
        process = self.start('socket_group = "nobody-has-this"')
        self.assertEqual(process.wait(10), 78)
        self.assertIn("nobody-has-this", process.stderr.read())
        self.assertFalse(self.path.exists())

    def test_a_socket_that_a_killed_one_left_is_replaced_one_in_use_is_not(self):
        first = self.start()
        second = self.start()
        self.assertEqual(second.wait(10), 74)
        self.assertIn(str(self.path), second.stderr.read())
        self.assertEqual(self.ask(), b"HTTP/1.1 200")
        first.kill()
        first.wait()
        self.assertTrue(self.path.exists())
        self.start()
        self.assertEqual(self.ask(), b"HTTP/1.1 200")

    def test_what_is_no_socket_is_never_removed(self):
        self.path.write_text("mine")
        self.assertEqual(self.start().wait(10), 74)
        self.assertEqual(self.path.read_text(), "mine")


class Journal(unittest.TestCase):
    @unittest.skipUnless(journal.unshare(), "no mount namespaces here")
    def test_what_happens_to_a_source_can_be_asked_for_by_field(self):
        with Folder() as folder, ScriptedOrigin() as origin:
            config = folder.write("riverd.toml", f'[server]\nlisten = "127.0.0.1:0"\n[storage]\npath = "{folder.path}/riverd.db"\n[fetch]\nallow_private_networks = true\n'
                                  + source("one", origin.url + "/missing") + source("two", origin.url + "/missing"))
            entries = journal.entries(RIVERD, config, "serves", "failing")
            start = next(entry for entry in entries if "serves" in entry["MESSAGE"][0])
            self.assertEqual((start["PRIORITY"], start["SYSLOG_IDENTIFIER"]), (["6"], ["riverd"]))
            self.assertTrue(start["URL"][0].startswith("http://127.0.0.1:"))
            failing = next(entry for entry in entries if entry["MESSAGE"][0].startswith("failing"))
            self.assertEqual(sorted(failing["SOURCE"]), ["one", "two"])
            self.assertEqual((failing["URL"], failing["STATUS"]), ([origin.url + "/missing"], ["404"]))
            for entry in entries:
                self.assertNotRegex(entry["MESSAGE"][0], r"^<\d>|\d\d:\d\d:\d\d")

    def test_mistakes_at_the_start_have_a_priority_where_the_journal_reads_along(self):
        with Folder() as folder, open(folder.path / "stream", "w+b") as stream:
            status = os.fstat(stream.fileno())
            config = folder.write("riverd.toml", "[fetch]\ntimeout = 'soon'\n")
            subprocess.run([RIVERD, "serve", "--config", config], stderr=stream, env={**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
            lines = (folder.path / "stream").read_text().splitlines()
            self.assertTrue(lines[0].startswith(f"<3>{config}:2:11: "), lines)
            self.assertTrue(all(line.startswith("<3>") for line in lines), lines)


class Token(unittest.TestCase):
    def test_a_credential_of_systemd_allows_writes(self):
        with ScriptedOrigin({"/feed": answer(feed(1))}) as origin, Folder() as credentials:
            credentials.write("riverd.token", "s3cret\n")
            before = os.environ.get("CREDENTIALS_DIRECTORY")
            os.environ["CREDENTIALS_DIRECTORY"] = str(credentials.path)
            try:
                with daemon(source("s", origin.url + "/feed"), rest="") as river:
                    river.wait_until(lambda: state(river, "s")["polls"] == 1)
                    poll = "/api/v1/sources/s/poll"
                    self.assertEqual(river.get(poll, method="POST", headers={"Authorization": "Bearer wrong"})[0], 401)
                    self.assertLess(river.get(poll, method="POST", headers={"Authorization": "Bearer s3cret"})[0], 300)
                    self.assertNotIn("s3cret", riverd("check", "--resolved", "--config", river.path / "riverd.toml").out)
            finally:
                os.environ.pop("CREDENTIALS_DIRECTORY")
                if before is not None:
                    os.environ["CREDENTIALS_DIRECTORY"] = before


class ProtectedReads(unittest.TestCase):
    def test_that_nobody_can_read_is_logged(self):
        with daemon(server="protect_reads = true", rest="") as river:
            self.assertEqual(river.get("/api/v1/posts")[0], 403)
            self.assertRegex(river.read_log(), r"warning server\.protect_reads is set and there is no token: nobody can read")
            river.server = 'protect_reads = true\ntoken = "secret"'
            river.write_config()
            river.process.send_signal(signal.SIGHUP)
            river.wait_until(lambda: river.get("/api/v1/posts", headers={"Authorization": "Bearer secret"})[0] == 200)
            self.assertEqual(river.read_log().count("nobody can read"), 1)


class OncePerChange(unittest.TestCase):
    def test_a_source_that_goes_on_failing_is_logged_once_and_once_when_it_is_back(self):
        page = {"now": answer("gone", "500 Internal Server Error")}
        with ScriptedOrigin({"/feed": lambda r, c: page["now"]}) as origin, daemon(source("s", origin.url + "/feed", interval='"1s"')) as river:
            until(lambda: len(origin.asked()) >= 3, 30)
            page["now"] = answer(feed(1))
            river.wait_until(lambda: state(river, "s")["state"] == "ok", 30)
            until(lambda: len(origin.asked()) >= 6, 30)
            log = river.read_log()
            about = [line for line in log.splitlines() if "source=s" in line]
            self.assertEqual(len(about), 2, log)
            self.assertRegex(about[0], r" failing: .*500.* source=s url=\S+ status=500$")
            self.assertRegex(about[1], r" source=s url=\S+ status=200$")

    def test_a_full_disk_is_logged_when_polling_pauses_and_when_it_goes_on(self):
        with Folder() as folder, ScriptedOrigin({"/feed": lambda r, c: answer(feed(*range(len(origin.asked()))))}) as origin:
            full = folder.path / "full"
            shim = {"LD_PRELOAD": SHIM, "SHIM_DISK": "do=enospc,on=riverd.db", "SHIM_DISK_FLAG": str(full)}
            with daemon(source("s", origin.url + "/feed", interval='"1s"'), env=shim) as river:
                river.wait_until(lambda: state(river, "s")["state"] == "ok")
                for turn in [1, 2]:
                    full.touch()
                    river.wait_until(lambda: river.read_log().count(" error polling is paused") == turn, 20)
                    river.wait_until(lambda: river.get("/healthz")[0] == 503)
                    full.unlink()
                    river.wait_until(lambda: river.read_log().count(" info polling goes on") == turn, 20)
                log = river.read_log()
                self.assertRegex(log, r"(?m) error polling is paused.*: .*database or disk is full$")
                self.assertEqual(len(re.findall(r"polling (is paused|goes on)", log)), 4, log)


class Retention(unittest.TestCase):
    def test_rounds_from_a_timer_drop_old_posts_too_and_none_comes_back(self):
        def item(name, days):
            date = email.utils.format_datetime(datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days))
            return f"<item><title>{name}</title><guid>{name}</guid><pubDate>{date}</pubDate></item>"

        def document(name):
            items = "".join(item(f"{name} {days}", days) for days in [1, 10, 60])
            return answer(f'<rss version="2.0"><channel><title>{name}</title>{items}</channel></rss>')
        with Folder() as folder, ScriptedOrigin({f"/{name}": document(name) for name in ["long", "short", "plain"]}) as origin:
            path = config(folder, source("long", origin.url + "/long", keep='"90d"'), source("short", origin.url + "/short", keep='"2d"'),
                          source("plain", origin.url + "/plain"))
            path.write_text(path.read_text().replace("[storage]", '[storage]\nkeep = "30d"'))
            _, totals = update(path)
            self.assertEqual(totals["new_posts"], 9)

            def titles():
                posts = json.loads(riverd("query", "--config", path, "--json").out)["posts"]
                return sorted(post["title"] for post in posts)
            expected = ["long 1", "long 10", "long 60", "plain 1", "plain 10", "short 1"]
            self.assertEqual(titles(), expected)
            changed = document("plain").split(b"\r\n\r\n", 1)[1].replace(b"<guid>", b"<author>somebody</author><guid>")
            origin.pages["/plain"] = answer(changed)
            _, totals = update(path)
            self.assertEqual((totals["new_posts"], totals["failed"]), (0, 0))
            self.assertEqual(titles(), expected)
            path.write_text(path.read_text().replace('keep = "30d"', 'keep = "30d"\nkeep_posts = 2', 1))
            update(path)
            self.assertEqual(len(titles()), 2)  # the newest; those of a day ago are three
            self.assertTrue(all(title.endswith(" 1") for title in titles()), titles())


class Reload(unittest.TestCase):
    def test_the_others_keep_their_state_a_renamed_source_its_history_and_a_removed_one_its_posts(self):
        feeds = {f"/{name}": answer(feed(number, title=name), headers=[f'ETag: "{name}"']) for number, name in enumerate("abc")}
        with ScriptedOrigin(feeds) as origin, daemon(*(source(name, f"{origin.url}/{name}") for name in "abc"), rest="") as river:
            for name in "abc":
                river.wait_until(lambda n=name: state(river, n)["state"] == "ok")
            before = {name: state(river, name) for name in "abc"}
            river.extra = source("a", origin.url + "/a") + source("renamed", origin.url + "/b", tags='["t"]') + source("d", origin.url + "/d")
            origin.pages["/d"] = answer(feed(3, title="d"))
            river.write_config()
            river.process.send_signal(signal.SIGHUP)
            river.wait_until(lambda: {s["name"] for s in river.json("/api/v1/sources")["sources"]} >= {"a", "renamed", "d"})
            river.wait_until(lambda: state(river, "d")["state"] == "ok")
            self.assertEqual(state(river, "a"), before["a"])
            kept = {key: value for key, value in before["b"].items() if key not in ("name",)}
            now = state(river, "renamed")
            self.assertEqual({key: now[key] for key in kept}, kept)
            self.assertEqual(len(origin.asked("/a")) + len(origin.asked("/b")), 2, "nothing was asked again")
            titles = {post["title"]: [s["name"] for s in post["sources"]] for post in river.json("/api/v1/posts")["posts"]}
            self.assertEqual(titles, {"story 0": ["a"], "story 1": ["renamed"], "story 2": ["c"], "story 3": ["d"]})


if __name__ == "__main__":
    unittest.main()
