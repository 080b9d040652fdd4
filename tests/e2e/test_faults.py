"""The real binary on disks that are full, broken, slow to be had or not ours, beside other processes, and under signals: reads go
on, nothing acknowledged is lost, and it recovers by itself."""

import contextlib
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.cli import RIVERD, Folder, riverd  # noqa: E402
from support.limits import seconds  # noqa: E402
from support.polling import config, daemon, source, state, update  # noqa: E402
from support.river import River  # noqa: E402
from support.scripted_origin import ScriptedOrigin, answer, feed, until  # noqa: E402
from support.witness import Autopsy, Crowd, Publishers  # noqa: E402

SHIM = str(Path(os.environ["RIVERD_BUILD_DIR"]) / "tests" / "libriverd_shim.so")
EXTRA = 'timeout = "5s"\nper_host = 200\n'
NOBODY = 65534


def may_mount():
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], stderr=subprocess.DEVNULL).returncode == 0


def crowded(publishers, **options):
    return River(server='token = "secret"', extra=EXTRA + publishers.tables(), **options)


class FaultyDiskTest(unittest.TestCase):
    def outage(self, river, begin, end):
        """Half a minute of a river's life with a fault in the middle; what was shown before, and what was published meanwhile."""
        with Publishers(20) as publishers, crowded(publishers, **river) as river, Crowd(river, publishers) as crowd:
            river.wait_until(lambda: len(crowd.listed) > 100, 20)
            before = dict(crowd.listed)
            begin(river)
            river.wait_until(lambda: river.get("/healthz")[0] == 503, 20)
            self.assertIn(b"failing", river.get("/healthz")[2])
            for target in ("/api/v1/posts", "/api/v1/sources", "/", "/feed.atom", "/api/v1/posts?q=story"):
                self.assertEqual(river.get(target)[0], 200, target)
            meanwhile = {title for n in range(20) for title in publishers.titles(n)}
            end(river)
            river.wait_until(lambda: river.get("/healthz")[0] == 200, 20)
            publishers.quiet = True
            wanted = {title for n in range(20) for title in publishers.titles(n)} | {t for t in meanwhile if ", edition" not in t and publishers.answered.get(t)}
            river.wait_until(lambda: wanted <= {p["title"] for p in river.everything()}, 30)
            crowd.stop.set()
            self.assertEqual(river.stop()[0], 0)
            found = Autopsy(river.path / "riverd.db", river.path)
            self.assertEqual((found.faults, found.repeated(), found.lost(crowd)), ([], [], []))
            self.assertLessEqual(set(before), set(found.posts))
            numbers = [seq for seq, _ in crowd.seen]
            self.assertEqual(numbers, sorted(set(numbers)))

    def fault(self, deed):
        with Folder() as folder:
            flag = folder.path / "flag"
            self.outage({"env": {"LD_PRELOAD": SHIM, "SHIM_DISK": f"do={deed},on=riverd.db", "SHIM_DISK_FLAG": str(flag)}},
                        lambda river: flag.touch(), lambda river: flag.unlink())

    def test_a_full_disk_pauses_polling_and_nothing_is_dropped(self):
        self.fault("enospc")

    def test_io_errors_pause_polling_and_nothing_is_dropped(self):
        self.fault("eio")

    def test_a_limit_on_the_size_of_files_is_a_full_disk(self):
        def limit(river):
            size = max(path.stat().st_size for path in river.path.glob("riverd.db*"))
            resource.prlimit(river.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

        def lift(river):
            resource.prlimit(river.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self.outage({}, limit, lift)

    @unittest.skipUnless(may_mount(), "may not mount a file system")
    def test_a_file_system_without_a_free_byte(self):
        def fill(river):
            with open(river.path / "ballast", "wb", buffering=0) as ballast:
                with contextlib.suppress(OSError):
                    while True:
                        ballast.write(b"x" * 4096)
        self.outage({"disk": "64m"}, fill, lambda river: (river.path / "ballast").unlink())

    @unittest.skipUnless(may_mount(), "may not mount a file system")
    def test_a_file_system_that_the_river_itself_fills(self):
        chance = random.Random(1)

        def story(n, k):
            text = " ".join(f"{chance.getrandbits(32):08x}" for _ in range(4000))
            return f"<item><title>story {n} {k}</title><guid>{n}-{k}</guid><description>{text}</description></item>"
        pages = {f"/{n}": answer("<rss version='2.0'><channel><title>F</title>" + "".join(story(n, k) for k in range(40)) + "</channel></rss>") for n in range(40)}
        wanted = sorted(f"story {n} {k}" for n in range(40) for k in range(40))
        with ScriptedOrigin(pages) as origin, daemon(*(source(f"s{n}", f"{origin.url}/{n}") for n in range(40)), disk="48m") as river:
            river.wait_until(lambda: river.get("/healthz")[0] == 503, seconds(60))
            before = {post["id"] for post in river.everything()}
            self.assertLess(len(before), len(wanted))
            for target in ("/", "/feed.atom", "/api/v1/sources", "/api/v1/posts?q=story"):
                self.assertEqual(river.get(target)[0], 200, target)
            subprocess.run(["mount", "-o", "remount,size=400m", river.path], check=True)
            river.wait_until(lambda: river.get("/healthz")[0] == 200, seconds(30))
            river.wait_until(lambda: sorted(post["title"] for post in river.everything()) == wanted, seconds(60))
            self.assertLessEqual(before, {post["id"] for post in river.everything()})
            self.assertEqual(river.stop()[0], 0)

    def test_another_process_that_holds_the_write_lock_is_waited_for(self):
        def lock(river):
            self.other = sqlite3.connect(river.path / "riverd.db", isolation_level=None, check_same_thread=False)
            self.other.execute("BEGIN IMMEDIATE")

        def unlock(river):
            self.other.execute("ROLLBACK")
            self.other.close()
        self.outage({}, lock, unlock)


class UnusableStoreTest(unittest.TestCase):
    """A store that cannot be used: a message and an exit status, or it goes on; never a signal, a hang or an overwritten file."""

    def whole_store(self, folder):
        with ScriptedOrigin({"/feed": answer(feed(*range(300)))}) as origin:
            path = config(folder, source("s", origin.url + "/feed"))
            self.assertEqual(update(path)[0].status, 0)
        return path, folder.path / "riverd.db"

    def run_for_a_while(self, path, seconds=1.0, limits=None, binary=RIVERD):
        """`serve`: its exit status (None: still up, with /healthz answered) and what it said."""
        import subprocess
        log = open(Path(path).parent / "log", "w+b")
        process = subprocess.Popen([binary, "serve", "--config", str(path)], stdout=log, stderr=log, preexec_fn=limits)
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.terminate()
            self.assertEqual(process.wait(10), 0)
            status = None
        with log:
            log.seek(0)
            return status, log.read().decode("utf-8", "replace")

    def test_damaged_files(self):
        chance = random.Random(3)

        def noise(at, length):
            return lambda data: data[:at] + chance.randbytes(length) + data[at + length:]

        with Folder() as folder:
            path, store = self.whole_store(folder)
            path.write_text('[server]\nlisten = "127.0.0.1:0"\n' + path.read_text())
            whole = store.read_bytes()
            size = len(whole)
            damages = {"no header": noise(0, 16), "all noise": lambda d: chance.randbytes(size), "page size 0": lambda d: d[:16] + b"\0\0" + d[18:], "zeros": lambda d: bytes(size),
                       "text": lambda d: b"hello\n" * 1000, "one byte": lambda d: b"x", "first page only": lambda d: d[:4096], "cut in the middle": lambda d: d[:size // 2 + 7],
                       "schema page": noise(100, 3000), "no schema": lambda d: d[:100] + bytes(3996) + d[4096:], "second page": noise(4096, 4096),
                       **{f"noise at {at}": noise(at, 2000) for at in range(8192, size - 4096, max(4096, size // 12))}}
            ended = 0
            for name, damage in damages.items():
                with self.subTest(name):
                    bad = damage(whole)
                    store.write_bytes(bad)
                    for suffix in ("-wal", "-shm"):
                        Path(str(store) + suffix).unlink(missing_ok=True)
                    status, said = self.run_for_a_while(path)
                    if status is not None:
                        ended += 1
                        self.assertIn(status, (70, 74, 78), said)
                        self.assertIn("riverd.db", said)
                        self.assertEqual(store.read_bytes(), bad)  # nobody's file was replaced
                    self.assertGreaterEqual(store.stat().st_size, 1)
                    done = riverd("query", "--config", path, timeout=20)
                    self.assertGreaterEqual(done.status, 0, done)  # no signal
            self.assertGreater(ended, 5)

    def test_foreign_and_newer_stores(self):
        with Folder() as folder:
            path, store = self.whole_store(folder)
            path.write_text('[server]\nlisten = "127.0.0.1:0"\n' + path.read_text())
            for name, statements in {"newer": ["PRAGMA user_version = 9999"], "foreign": ["PRAGMA user_version = 0", "PRAGMA application_id = 1", "CREATE TABLE a(b)"]}.items():
                with self.subTest(name):
                    store.unlink()
                    if name == "newer":
                        path, store = self.whole_store(folder)
                        path.write_text('[server]\nlisten = "127.0.0.1:0"\n' + path.read_text())
                    db = sqlite3.connect(store, isolation_level=None)
                    for statement in statements:
                        db.execute(statement)
                    db.close()
                    before = store.read_bytes()
                    status, said = self.run_for_a_while(path)
                    self.assertIn(status, (70, 74, 78), said)
                    self.assertIn("riverd.db", said)
                    self.assertEqual(store.read_bytes(), before)

    @unittest.skipUnless(os.geteuid() == 0, "gives up root's rights for nobody's")
    def test_a_folder_that_may_not_be_written_to(self):
        with Folder() as folder:
            path, store = self.whole_store(folder)
            path.write_text('[server]\nlisten = "127.0.0.1:0"\n' + path.read_text())
            for entry in folder.path.iterdir():
                entry.chmod(0o444)
            folder.path.chmod(0o755)
            binary = shutil.copy(RIVERD, folder.path)  # a checkout in /root is nobody's
            before = store.read_bytes()

            def nobody():
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            status, said = self.run_for_a_while(path, limits=nobody, binary=binary)
            if status is not None:
                self.assertIn(status, (70, 74, 78), said)
                self.assertIn("riverd.db", said)
            self.assertEqual(store.read_bytes(), before)

    def test_two_daemons_with_one_store(self):
        with Publishers(10) as publishers, crowded(publishers) as one, Crowd(one, publishers) as crowd:
            one.wait_until(lambda: len(crowd.listed) > 50, 20)
            two = crowded(publishers)
            two.path = one.path  # its config, its log and its store
            port, url, process = one.port, one.url, one.process
            two.launch()
            try:
                end = time.monotonic() + 3
                while two.process.poll() is None and time.monotonic() < end:
                    time.sleep(0.02)
                self.assertIn(two.process.poll(), (None, 70, 74, 78), one.read_log())
            finally:
                if two.process.poll() is None:
                    self.assertEqual(two.stop()[0], 0)
                two.log.close()
                two._folder.cleanup()
            self.assertEqual((one.port, one.url, one.process), (port, url, process))
            crowd.stop.set()
            self.assertEqual(one.stop()[0], 0)
            found = Autopsy(one.path / "riverd.db", one.path)
            self.assertEqual((found.faults, found.repeated(), found.lost(crowd)), ([], [], []))


class SignalsUnderLoadTest(unittest.TestCase):
    def test_it_stops_in_time_with_all_that_it_showed(self):
        for sign in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(sign=sign), Publishers(30) as publishers, crowded(publishers) as river, Crowd(river, publishers) as crowd:
                river.wait_until(lambda: len(crowd.listed) > 200, 20)
                status, seconds = river.stop(sign)
                self.assertEqual(status, 0, river.read_log())
                self.assertLess(seconds, 5)
                found = Autopsy(river.path / "riverd.db", river.path)
                self.assertEqual((found.faults, found.repeated(), found.lost(crowd)), ([], [], []))

    def test_reloads_fail_no_request(self):
        with Publishers(30) as publishers, crowded(publishers) as river:
            stop, failures, answered = threading.Event(), [], [0]

            def read():
                while not stop.is_set():
                    try:
                        if river.get("/api/v1/posts?limit=5")[0] != 200:
                            failures.append("status")
                        answered[0] += 1
                    except OSError as error:
                        failures.append(error)
            readers = [threading.Thread(target=read) for _ in range(4)]
            for reader in readers:
                reader.start()
            whole = river.extra
            for n in range(20):
                river.extra = whole + source(f"more-{n}", f"{publishers.origin.url}/0?{n}", interval='"1s"')
                river.write_config()
                river.process.send_signal(signal.SIGHUP)
                until(lambda: f"more-{n}" in str(river.json("/api/v1/sources")), 10)
            river.wait_until(lambda: state(river, "more-19")["polls"] > 0, 10)
            stop.set()
            for reader in readers:
                reader.join()
            self.assertEqual(failures, [])
            self.assertGreater(answered[0], 50)


if __name__ == "__main__":
    unittest.main()
