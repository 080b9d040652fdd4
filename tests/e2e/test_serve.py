"""`riverd serve` as a service: starts, reloads, stops, and what it says when it cannot."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.cli import RIVERD, Folder, riverd  # noqa: E402
from support.polling import FAST, config, daemon, source, state, update  # noqa: E402
from support.scripted_origin import ScriptedOrigin, answer, feed, until  # noqa: E402

AUTHORISED = {"Authorization": "Bearer secret"}


class ServeTest(unittest.TestCase):
    def test_new_stories_arrive_by_themselves(self):
        numbers = [1]
        with ScriptedOrigin({"/feed": lambda r, c: answer(feed(*numbers))}) as origin, daemon(source("s", origin.url + "/feed", interval='"1s"')) as river:
            river.wait_until(lambda: len(river.json("/api/v1/posts")["posts"]) == 1)
            numbers.append(2)
            river.wait_until(lambda: len(river.json("/api/v1/posts")["posts"]) == 2)
            self.assertEqual(state(river, "s")["state"], "ok")

    def test_poll_now_is_conditional_and_needs_the_token(self):
        page = [answer(feed(1), headers=['ETag: "1"']), answer(status="304 Not Modified", length=False)]
        with ScriptedOrigin({"/feed": page}) as origin, daemon(source("s", origin.url + "/feed"), rest="", server='token = "secret"') as river:
            poll = "/api/v1/sources/s/poll"
            self.assertEqual(river.get(poll, method="POST")[0], 401)
            river.wait_until(lambda: state(river, "s")["polls"] == 1)  # the first one comes by itself
            self.assertLess(river.get(poll, method="POST", headers=AUTHORISED)[0], 300)
            river.wait_until(lambda: state(river, "s")["polls"] == 2)
            self.assertEqual(origin.asked()[1].headers["if-none-match"], '"1"')
            self.assertEqual(state(river, "s")["not_modified"], 1)
            self.assertEqual(river.get("/api/v1/sources/nobody/poll", method="POST", headers=AUTHORISED)[0], 404)

    def test_it_ends_with_0_within_5_s_of_a_signal_whatever_hangs(self):
        for sign in [signal.SIGTERM, signal.SIGINT]:
            with self.subTest(sign=sign), ScriptedOrigin() as origin:
                origin.pages["/hang"] = lambda r, c: origin.closing.wait(60) and None
                with daemon(source("s", origin.url + "/hang", interval='"1s"'), fetch='timeout = "30s"') as river:
                    events = river.connect()
                    events.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    idle = river.connect()
                    until(lambda: origin.asked())
                    status, seconds = river.stop(sign)
                    self.assertEqual(status, 0, river.read_log())
                    self.assertLess(seconds, 5)
                    events.close()
                    idle.close()

    def test_a_reload_adds_and_removes_sources_and_a_bad_file_changes_nothing(self):
        with ScriptedOrigin({"/a": answer(feed(1)), "/b": answer(feed(2))}) as origin, daemon(source("a", origin.url + "/a", interval='"1s"')) as river:
            until(lambda: len(origin.asked("/a")) >= 1)
            river.extra = FAST + source("b", origin.url + "/b", interval='"1s"')
            river.write_config()
            river.process.send_signal(signal.SIGHUP)
            until(lambda: len(origin.asked("/b")) >= 2)
            removed = len(origin.asked("/a"))
            polled = len(origin.asked("/b"))
            (river.path / "riverd.toml").write_text('[server]\nlisten = 5\nnonsense = 1\n')
            river.process.send_signal(signal.SIGHUP)
            until(lambda: "stays" in river.read_log())
            self.assertIn("riverd.toml:2:", river.read_log())
            self.assertIn("riverd.toml:3:", river.read_log())
            os.unlink(river.path / "riverd.toml")
            river.process.send_signal(signal.SIGHUP)
            until(lambda: len(origin.asked("/b")) >= polled + 2)
            self.assertLessEqual(len(origin.asked("/a")), removed + 1)
            self.assertEqual(len(river.json("/api/v1/posts")["posts"]), 2)  # what a removed source wrote stays

    def test_what_waits_for_a_restart_is_named_at_each_reload_until_it_is_as_it_was(self):
        with daemon(rest="") as river:
            written = (river.path / "riverd.toml").read_text()
            elsewhere = written.replace("127.0.0.1:0", "127.0.0.1:1").replace("riverd.db", "other.db")
            for text, warnings in [(elsewhere, 1), (elsewhere, 2), (written, 2), (written.replace("127.0.0.1:0", "127.0.0.1:1"), 3)]:
                loaded = river.read_log().count("the config was read again")
                (river.path / "riverd.toml").write_text(text)
                river.process.send_signal(signal.SIGHUP)
                river.wait_until(lambda: river.read_log().count("the config was read again") > loaded)
                self.assertEqual(river.read_log().count("server.listen changes with a restart only wanted=127.0.0.1:1 in_effect=127.0.0.1:0"), warnings)
                self.assertEqual(river.read_log().count("storage.path changes with a restart only"), min(warnings, 2))

    def test_a_port_in_use_is_74_and_a_sentence(self):
        with Folder() as folder, socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            path = folder.write("riverd.toml", f'[server]\nlisten = "127.0.0.1:{port}"\n[storage]\npath = "{folder.path}/riverd.db"\n')
            done = riverd("serve", "--config", path, timeout=20)
            self.assertEqual(done.status, 74)
            self.assertIn(str(port), done.err)

    def test_an_address_that_is_not_there_yet_is_74_for_the_service_manager_to_try_again(self):
        with Folder() as folder:
            for listen in ["192.0.2.1:8380", "not-there.invalid:8380"]:
                path = folder.write("riverd.toml", f'[server]\nlisten = "{listen}"\n[storage]\npath = "{folder.path}/riverd.db"\n')
                done = riverd("serve", "--config", path, timeout=60)
                self.assertEqual(done.status, 74, done)
                self.assertIn(f"listen at {listen}: ", done.err)
            path.write_text('[server]\nlisten = "127.0.0.1:far"\n')
            self.assertEqual(riverd("serve", "--config", path).status, 78)

    def test_a_database_that_cannot_be_used_is_said(self):
        with Folder() as folder:
            for where, content in [("/proc/nowhere/riverd.db", None), (f"{folder.path}/broken.db", b"not a database, by far" * 1000)]:
                if content:
                    Path(where).write_bytes(content)
                path = folder.write("riverd.toml", f'[server]\nlisten = "127.0.0.1:0"\n[storage]\npath = "{where}"\n')
                done = riverd("serve", "--config", path, timeout=20)
                self.assertIn(done.status, (70, 74, 78), done)
                self.assertIn(Path(where).name if content else "/proc/nowhere", done.err)
                if content:
                    self.assertEqual(Path(where).read_bytes(), content)

    def test_a_bad_config_is_78(self):
        with Folder() as folder:
            done = riverd("serve", "--config", folder.write("riverd.toml", "[fetch]\ntimeout = 'soon'\n"), timeout=20)
            self.assertEqual(done.status, 78)
            self.assertIn("riverd.toml:2:", done.err)

    def test_the_url_is_printed_and_a_unix_socket_serves(self):
        with Folder() as folder:
            path = folder.write("riverd.toml", f'[server]\nlisten = "unix:{folder.path}/s"\n[storage]\npath = "{folder.path}/riverd.db"\n')
            process = subprocess.Popen([RIVERD, "serve", "--config", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            try:
                self.assertEqual(process.stdout.readline().decode(), f"riverd: the river is at unix:{folder.path}/s\n")
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(f"{folder.path}/s")
                    client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    self.assertTrue(client.recv(100).startswith(b"HTTP/1.1 200"))
            finally:
                process.terminate()
                self.assertEqual(process.wait(10), 0)
                process.stdout.close()

    def test_update_works_beside_it(self):
        with ScriptedOrigin({"/feed": answer(feed(1))}) as origin, daemon(source("s", origin.url + "/feed"), rest="") as river:
            done, totals = update(river.path / "riverd.toml")
            self.assertEqual((done.status, totals["failed"]), (0, 0), done.err)
            river.wait_until(lambda: state(river, "s")["state"] == "ok")
            self.assertEqual(len(river.json("/api/v1/posts")["posts"]), 1)
            # The daemon's own first poll, and the one asked for unless that was under way: never both at once.
            self.assertLessEqual(len(origin.asked()), 2)

    def test_the_log_names_the_source_and_no_password(self):
        with ScriptedOrigin() as origin:
            url = f"http://user:hunter2@127.0.0.1:{origin.port}/feed"
            with daemon(source("s", url, interval='"1s"'), source("dead", "http://user:hunter2@127.0.0.1:1/"), rest='[log]\nlevel = "debug"\n' + FAST) as river:
                river.wait_until(lambda: state(river, "s")["state"] == "failing")
                river.wait_until(lambda: state(river, "dead")["state"] == "failing")
                log = river.read_log()
                self.assertRegex(log, r"info failing: .*404.* source=s url=http://127\.0\.0\.1:\d+/feed status=404")
                self.assertRegex(log, r"debug polled source=s url=\S+ status=404 ms=\d+")
                self.assertNotIn("hunter2", log)
                self.assertNotIn(b"hunter2", river.get("/api/v1/sources")[2])

    def test_in_the_journal_a_line_has_a_priority_and_no_time(self):
        with Folder() as folder:
            path = config(folder, source("dead", "http://127.0.0.1:1/"), rest="")
            path.write_text('[server]\nlisten = "127.0.0.1:0"\n' + path.read_text())
            log = open(folder.path / "journal", "wb")
            status = os.fstat(log.fileno())
            process = subprocess.Popen([RIVERD, "serve", "--config", path], stdout=subprocess.DEVNULL, stderr=log,
                                       env={**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
            try:
                until(lambda: b"serves" in (folder.path / "journal").read_bytes())
                self.assertRegex((folder.path / "journal").read_text(), r"(?m)^<6>riverd \d+\.\d+\.\d+ serves url=")
            finally:
                process.terminate()
                process.wait(10)
                log.close()

    def test_systemd_hears_when_it_is_ready_reloads_and_stops(self):
        with Folder() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(f"{folder.path}/notify")
            notify.settimeout(10)
            path = folder.write("riverd.toml", f'[server]\nlisten = "127.0.0.1:0"\n[storage]\npath = "{folder.path}/riverd.db"\n')
            process = subprocess.Popen([RIVERD, "serve", "--config", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       env={**os.environ, "NOTIFY_SOCKET": f"{folder.path}/notify", "WATCHDOG_USEC": "600000"})

            def hears(word):
                while word not in (message := notify.recv(4096).decode()):
                    pass
                return message
            try:
                self.assertIn("STATUS=", hears("READY=1"))
                hears("WATCHDOG=1")
                hears("WATCHDOG=1")
                process.send_signal(signal.SIGHUP)
                self.assertIn("MONOTONIC_USEC=", hears("RELOADING=1"))
                hears("READY=1")
                process.terminate()
                hears("STOPPING=1")
            finally:
                process.terminate()
                self.assertEqual(process.wait(10), 0)

    def test_killed_while_it_polls_it_polls_again_after_one_interval(self):
        with ScriptedOrigin() as origin:
            origin.pages["/feed"] = lambda r, c: (origin.closing.wait(60) and None) if len(origin.asked()) == 1 else answer(feed(1))
            with daemon(source("s", origin.url + "/feed", interval='"2s"'), fetch='timeout = "30s"') as river:
                until(lambda: len(origin.asked()) == 1)
                river.stop(signal.SIGKILL)
                river.start()
                until(lambda: len(origin.asked()) >= 2, 10)
                self.assertGreaterEqual(origin.asked()[1].at - origin.asked()[0].at, 1.9)


if __name__ == "__main__":
    unittest.main()
