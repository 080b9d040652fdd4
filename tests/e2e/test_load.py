"""Everything at once: ten thousand polls, as fast as two thousand sources of one second give them, 200 API requests a second and a
thousand event clients. No error, no event lost, memory and descriptors flat. Ten minutes of it with RIVERD_HEAVY."""

import http.client
import os
import random
import re
import resource
import selectors
import shutil
import socket
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.cli import Folder, riverd  # noqa: E402
from support.limits import INSTRUMENTED, memory  # noqa: E402
from support.polling import FAST, source  # noqa: E402
from support.river import River  # noqa: E402

HEAVY = os.environ.get("RIVERD_HEAVY") == "1"
SECONDS = 600 if HEAVY else 15
POLLS = 500_000 if HEAVY and not INSTRUMENTED else 10_000
MOST = 660 if HEAVY else 150  # seconds, where the machine is busy with other tests
SOURCES, HOSTS, STREAMS, REQUESTS = 2000, 8, 1000, 200
MiB = 1 << 20
TARGETS = ["/api/v1/posts", "/api/v1/posts?limit=5&source=s7", "/api/v1/posts?q=story", "/feed.atom", "/", "/api/v1/posts?order=arrival&after=100&limit=20", "/healthz", "/feed.json?limit=10"]


class Nginx:
    """Static feeds on a few loopback addresses; a context manager."""

    def __init__(self, root):
        self.root = root
        (root / "feeds").mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.2.1", 0))
            self.port = probe.getsockname()[1]
        listen = " ".join(f"listen 127.0.2.{n + 1}:{self.port} backlog=1024;" for n in range(HOSTS))
        scratch = " ".join(f"{name}_temp_path {root}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root;" if os.geteuid() == 0 else ""
        (root / "nginx.conf").write_text(f"daemon off; {user} worker_processes 1; pid {root}/pid; error_log {root}/error.log; events {{ worker_connections 4096; }} "
                                         f"http {{ access_log off; keepalive_requests 1000000; {scratch} server {{ {listen} root {root}/feeds; }} }}")
        self.numbers = [3] * SOURCES
        for n in range(SOURCES):
            self.write(n)

    def write(self, n):
        items = "".join(f"<item><title>story {n} {k}</title><link>https://s{n}.example/{k}</link><guid>https://s{n}.example/{k}</guid><description>{'words ' * 40}</description></item>"
                        for k in range(max(0, self.numbers[n] - 10), self.numbers[n]))
        new = self.root / f"new-{n}"
        new.write_text(f"<rss version='2.0'><channel><title>s{n}</title>{items}</channel></rss>")
        new.rename(self.root / "feeds" / f"{n}.xml")

    def publish(self):
        n = random.randrange(SOURCES)
        self.numbers[n] += 1
        self.write(n)

    def tables(self):
        return "".join(source(f"s{n}", f"http://127.0.2.{n % HOSTS + 1}:{self.port}/{n}.xml", interval='"1s"') for n in range(SOURCES))

    def __enter__(self):
        self.process = subprocess.Popen(["nginx", "-c", str(self.root / "nginx.conf"), "-e", str(self.root / "error.log")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)


class Streams:
    """A thousand event clients in one thread, which counts what each of them got."""

    def __init__(self, river):
        self.counts, self.selector = {}, selectors.DefaultSelector()
        for _ in range(STREAMS):
            client = river.connect()
            client.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            client.setblocking(False)
            self.selector.register(client, selectors.EVENT_READ)
            self.counts[client] = 0
        self.ended = 0

    def read(self, wait):
        for key, _ in self.selector.select(wait):
            try:
                data = key.fileobj.recv(262_144)
            except BlockingIOError:
                continue
            if not data:
                self.ended += 1
                self.selector.unregister(key.fileobj)
            self.counts[key.fileobj] += data.count(b"event: post\n")

    def close(self):
        self.selector.close()
        for client in self.counts:
            client.close()


@unittest.skipUnless(shutil.which("nginx"), "needs nginx")
class LoadTest(unittest.TestCase):
    def ask(self, river, rate):
        """API requests at a steady rate over one connection."""
        client = http.client.HTTPConnection("127.0.0.1", river.port, timeout=20)
        due = time.monotonic()
        while not self.stop.is_set():
            due += 1 / rate
            start = time.monotonic()
            client.request("GET", random.choice(TARGETS))
            answered = client.getresponse()
            answered.read()
            self.times.append(time.monotonic() - start)
            if answered.status != 200:
                self.bad.append(answered.status)
            self.stop.wait(max(0, due - time.monotonic()))
        client.close()

    def watch(self, river, streams):
        while not self.stop.is_set():
            streams.read(0.2)

    @staticmethod
    def polls(river):
        return int(re.search(rb"(?m)^riverd_polls_total (\d+)", river.get("/metrics")[2])[1])

    def test_polls_requests_and_events_at_once(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        self.stop, self.times, self.bad = threading.Event(), [], []
        with Folder() as folder, Nginx(folder.path) as nginx:
            river = River(server='max_connections = 3000\ntoken = "secret"', extra="per_host = 64\n" + FAST + nginx.tables())
            river.write_config()
            first = riverd("update", "--config", river.path / "riverd.toml", "--json", timeout=120)
            self.assertEqual(first.status, 0, first)
            with river:
                descriptors = river.descriptors()
                streams = Streams(river)
                river.wait_until(lambda: b"riverd_http_event_streams 1000" in river.get("/metrics")[2])
                began = self.newest(river)
                threads = [threading.Thread(target=self.watch, args=(river, streams)), *(threading.Thread(target=self.ask, args=(river, REQUESTS / 4)) for _ in range(4))]
                for thread in threads:
                    thread.start()
                start, before, sizes, cpu = time.monotonic(), self.polls(river), [], river.cpu()
                while (passed := time.monotonic() - start) < MOST and (passed < SECONDS or self.polls(river) - before < POLLS):
                    nginx.publish()
                    sizes.append(river.memory())
                    time.sleep(0.2)
                polls, cpu = self.polls(river) - before, river.cpu() - cpu
                river.wait_until(lambda: self.everything_is_there(river, nginx), 30)
                ended = self.newest(river)
                until = time.monotonic() + 10
                while time.monotonic() < until and min(streams.counts.values()) < ended - began:
                    time.sleep(0.05)
                self.stop.set()
                for thread in threads:
                    thread.join()
                states = [s for s in river.json("/api/v1/sources")["sources"] if s["state"] != "ok"]
                counts = set(streams.counts.values())
                streams.close()
                river.wait_until(lambda: river.descriptors() <= descriptors + 64 * HOSTS + 70, 20)
                self.assertEqual(river.stop()[0], 0)
        steady = sizes[len(sizes) // 3:]
        print(f"{passed:.0f} s: {polls / passed:.0f} polls/s, {len(self.times) / passed:.0f} requests/s (median {sorted(self.times)[len(self.times) // 2] * 1000:.1f} ms, "
              f"99 % {sorted(self.times)[len(self.times) * 99 // 100] * 1000:.0f} ms), {STREAMS} event clients with {ended - began} events each; "
              f"processor {cpu / passed * 100:.0f} %, memory {steady[0] / MiB:.0f} to {max(steady) / MiB:.0f} MiB; errors {len(self.bad)}", file=sys.stderr)
        self.assertEqual((states[:3], self.bad[:3], streams.ended), ([], [], 0))
        self.assertEqual(counts, {ended - began})
        self.assertGreaterEqual(polls, POLLS)
        self.assertLess(max(steady) - steady[0], memory(24 * MiB))
        self.assertLess(max(sizes), memory(256 * MiB))

    @staticmethod
    def newest(river):
        return int(re.search(rb"(?m)^riverd_store_seq (\d+)", river.get("/metrics")[2])[1])

    @staticmethod
    def everything_is_there(river, nginx):
        return int(re.search(rb"(?m)^riverd_posts (\d+)", river.get("/metrics")[2])[1]) == sum(nginx.numbers)


if __name__ == "__main__":
    unittest.main()
