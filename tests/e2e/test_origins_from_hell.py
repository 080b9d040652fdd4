"""Origins from hell against one running riverd: each behaviour ends as documented, while a control source keeps its rhythm,
the memory stays small and no descriptor leaks."""

import socket
import sys
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support import hostile_documents, hostile_http2, hostile_transport  # noqa: E402
from support.cli import Folder  # noqa: E402
from support.hostile import MiB, fails, host_of, served  # noqa: E402
from support.http2_origin import Http2Origin, certificate, server_context  # noqa: E402
from support.limits import memory, seconds  # noqa: E402
from support.polling import source, state  # noqa: E402
from support.river import River  # noqa: E402
from support.scripted_origin import ScriptedOrigin, answer, feed  # noqa: E402

AUTHORISED = {"Authorization": "Bearer secret"}
FETCH = 'timeout = "3s"\nconnect_timeout = "2s"\nper_host = 500\nconcurrency = 500\n'
AT_ONCE = 40      # rows under way: all these origins are one process, which shares the machine with other tests
DEALT_WITH = 15  # seconds that one hostile answer may take riverd, with all the others going on


class Control:
    """A healthy source with a new story every second; remembers how long each took to be served."""

    def __init__(self, river, origin):
        self.river, self.numbers, self.delays, self.health = river, [0], [], []
        origin.pages["/control"] = lambda r, c: answer(feed(*self.numbers[-50:]))
        self.stop = threading.Event()
        self.failure = None

    def begin(self):
        """Its first poll comes now, and not when its turn among hundreds of new sources would be."""
        poll(self.river, "control")
        self.river.wait_until(lambda: self.delays or self.failure, seconds(20))
        self.delays.clear()

    def watch(self):
        try:
            while not self.stop.is_set():
                self.numbers.append(self.numbers[-1] + 1)
                start = time.monotonic()
                wanted = f"story {self.numbers[-1]}"
                self.river.wait_until(lambda: any(p["title"] == wanted for p in self.river.json("/api/v1/posts?source=control&limit=5")["posts"]), seconds(30))
                self.delays.append(time.monotonic() - start)
                start = time.monotonic()
                assert self.river.get("/healthz")[0] == 200
                self.health.append(time.monotonic() - start)
        except Exception as error:  # to the test's own thread
            self.failure = error

    def __enter__(self):
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def poll(river, name):
    """Asks for a poll now; when that was asked."""
    start = time.monotonic()
    status = river.get(f"/api/v1/sources/{name}/poll", method="POST", headers=AUTHORISED)[0]
    assert status in (202, 409), (name, status)
    return start


class Rounds:
    """Polls every row as often as it wants, by hand, and measures how long each took."""

    def __init__(self, river, rows):
        self.river, self.rows = river, rows
        self.asked, self.posts = {}, []
        self.slowest = (0, "")

    def step(self, pool):
        known = {s["name"]: s for s in self.river.json("/api/v1/sources")["sources"]}
        due = []
        for row in self.rows:
            polls = known[row.name]["polls"]
            wanted = self.wanted(row, known[row.name])
            before = self.asked.get(row.name)
            if before and polls > before[0]:
                self.slowest = max(self.slowest, (time.monotonic() - before[1], row.name))
                before = None
                del self.asked[row.name]
            if before is None and polls < wanted and self.under_way(known) + len(due) < AT_ONCE:
                self.asked[row.name] = (polls, time.monotonic())
                due.append(row.name)
        self.posts += [pool.submit(self.post, name) for name in due]
        return all(known[row.name]["polls"] >= self.wanted(row, known[row.name]) for row in self.rows)

    def post(self, name):
        start = poll(self.river, name)
        if (asked := self.asked.get(name)) is not None:
            self.asked[name] = (asked[0], start)

    @staticmethod
    def wanted(row, shown):
        """How many polls: some more where a busy machine let one run out of its time."""
        return row.polls if row.is_shown_by(shown) else row.polls + 4

    def under_way(self, known):
        return sum(1 for name, (polls, _) in self.asked.items() if known[name]["polls"] == polls)

    def run(self):
        with ThreadPoolExecutor(8) as pool:
            self.river.wait_until(lambda: self.step(pool), seconds(120))
        for post in self.posts:
            post.result()


class OriginsFromHellTest(unittest.TestCase):
    hell = None

    def test_each_ends_as_documented_while_a_control_source_keeps_its_rhythm(self):
        rows = hostile_transport.ROWS + hostile_documents.ROWS
        self.assertGreaterEqual(len(rows), 60)
        self.assertEqual(len({row.name for row in rows}), len(rows))
        with ScriptedOrigin(address="0.0.0.0") as hell, ScriptedOrigin(address="127.0.0.2") as healthy:
            self.hell = hell
            hell.pages.update({"/" + row.name: served(row, host_of(n, hell)) for n, row in enumerate(rows)})
            hell.pages["/good"] = answer(feed(1, 2))
            tables = [source(row.name, f"http://{host_of(n, hell)}/{row.name}", **{"interval": '"1h"', **row.keys}) for n, row in enumerate(rows)]
            river = River(server='token = "secret"', extra=FETCH + "".join(tables) + source("control", healthy.url + "/control", interval='"1s"'))
            control = Control(river, healthy)
            with river, control:
                control.begin()
                before = river.descriptors()
                rounds = Rounds(river, rows)
                rounds.run()
                self.assertIsNone(control.failure)
                self.judge(river, rows)
                self.bounded(river, control, rounds, before)
                control.stop.set()
                control.thread.join()
                status, took = river.stop()
                self.assertEqual(status, 0, river.read_log())
                self.assertLess(took, seconds(5))
        self.report(rows, rounds, control)

    def test_over_tls_and_http_2_too(self):
        with Folder() as folder, ExitStack() as origins:
            good = certificate(folder)
            contexts = {"untrusted": certificate(folder, "untrusted"), "another-name": certificate(folder, "other", "DNS:other.example"),
                        "expired": certificate(folder, "expired", before=("faketime", "2020-01-01"))}
            trusted = folder.write("trusted.pem", b"".join(c.read_bytes() for c, _ in [good, contexts["another-name"], contexts["expired"]]))
            rows, tables, asked = list(hostile_http2.ROWS), [], []
            for row in rows:
                origin = origins.enter_context(Http2Origin(row.page, server_context(*good)))
                tables.append(source(row.name, origin.url, interval='"1h"'))
            for name, pair in contexts.items():
                asked.append(origins.enter_context(ScriptedOrigin({"/": answer(feed(1))}, tls=server_context(*pair))))
                tables.append(source("tls-" + name, asked[-1].url + "/", interval='"1h"'))
                rows.append(fails("tls-" + name, None, "TLS with 127.0.0.1:.*certificate"))
            silent = origins.enter_context(socket.create_server(("127.0.0.1", 0)))
            tables.append(source("tls-silent", f"https://127.0.0.1:{silent.getsockname()[1]}/", interval='"1h"'))
            rows.append(fails("tls-silent", None, "TLS with 127.0.0.1:.* timed out after 2 s"))
            plain = origins.enter_context(ScriptedOrigin())
            tables.append(source("tls-plain", f"https://127.0.0.1:{plain.port}/", interval='"1h"'))
            rows.append(fails("tls-plain", None, "TLS with 127.0.0.1"))
            healthy = origins.enter_context(ScriptedOrigin(address="127.0.0.2"))
            river = River(server='token = "secret"', env={"SSL_CERT_FILE": str(trusted)},
                          extra=FETCH + "".join(tables) + source("control", healthy.url + "/control", interval='"1s"'))
            control = Control(river, healthy)
            with river, control:
                control.begin()
                before, rounds = river.descriptors(), Rounds(river, rows)
                rounds.run()
                self.assertIsNone(control.failure)
                self.judge(river, rows)
                self.bounded(river, control, rounds, before)
                self.assertEqual([origin.asked() for origin in asked], [[]] * len(asked))
        self.report(rows, rounds, control)

    def report(self, rows, rounds, control):
        print(f"{len(rows)} behaviours; slowest dealt with in {rounds.slowest[0]:.1f} s ({rounds.slowest[1]}); peak {self.peak / MiB:.0f} MiB; "
              f"control: {len(control.delays)} stories, at most {max(control.delays):.1f} s late; healthz at most {max(control.health) * 1000:.0f} ms", file=sys.stderr)

    def judge(self, river, rows):
        known = {s["name"]: s for s in river.json("/api/v1/sources")["sources"]}
        for row in rows:
            with self.subTest(row.name):
                shown = known[row.name]
                self.assertEqual(shown["state"], row.state, shown)
                if row.error is None:
                    self.assertIsNone(shown["error"])
                else:
                    self.assertRegex(shown["error"], f"(?i){row.error}")
                    self.assertNotIn("\n", shown["error"])
                if row.status is not None:
                    self.assertEqual(shown["http_status"], row.status)
                if row.posts is not None:
                    self.assertEqual(shown["posts"], row.posts)
                if row.check:
                    posts = river.json(f"/api/v1/posts?source={row.name}&limit=1000")["posts"] if shown["posts"] <= 1000 else []
                    row.check(self, shown, posts, self.hell.asked("/" + row.name) if self.hell else [])

    def bounded(self, river, control, rounds, descriptors):
        self.peak = river.peak_memory()
        self.assertLess(self.peak, memory(256 * MiB))
        self.assertLess(rounds.slowest[0], seconds(DEALT_WITH), rounds.slowest)
        river.wait_until(lambda: len(control.delays) >= 3, seconds(10))
        self.assertLess(max(control.delays), seconds(1 + 4))
        self.assertLess(max(control.health), seconds(2))
        river.wait_until(lambda: river.descriptors() <= descriptors + 70, 10)  # at most 64 idle connections are kept
        self.assertEqual(state(river, "control")["state"], "ok")


if __name__ == "__main__":
    unittest.main()
