"""Clients that mean no good, against a running riverd: each is dealt with, and a good client never notices."""

import random
import resource
import socket
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.limits import memory, seconds  # noqa: E402
from support.origin import Origin, rss  # noqa: E402
from support.river import River  # noqa: E402

MiB = 1 << 20
GOOD = b"GET /api/v1/posts HTTP/1.1\r\nHost: localhost\r\n\r\n"


def origin_of_posts(count=50):
    return Origin({"/one": rss("One", *({"title": f"story {i}", "link": f"https://example.org/{i}",
                                         "description": "text " * 400} for i in range(count)))})


def ask(river, data, half_close=False):
    """What comes back for these bytes until the server closes or falls silent."""
    with river.connect() as client:
        client.settimeout(3)
        out = b""
        try:
            client.sendall(data)
            if half_close:
                client.shutdown(socket.SHUT_WR)
            while chunk := client.recv(65536):
                out += chunk
        except OSError:
            pass
        return out


def open_many(river, count, data=b""):
    clients = []
    for _ in range(count):
        client = river.connect()
        if data:
            client.sendall(data)
        clients.append(client)
    return clients


def close_all(clients):
    for client in clients:
        client.close()


class HellTest(unittest.TestCase):
    def setUp(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        self.origin = origin_of_posts().__enter__()
        self.addCleanup(self.origin.__exit__)
        self.rivers = []

    def river(self, **options):
        river = River({"one": self.origin.url + "/one"}, **options).__enter__()
        self.addCleanup(river.__exit__)
        river.wait_until(lambda: len(river.json("/api/v1/posts?limit=100")["posts"]) == 50, 20)
        return river

    def assert_quick(self, river, limit=1.0):
        start = time.monotonic()
        self.assertEqual(river.get("/api/v1/posts")[0], 200)
        self.assertLess(time.monotonic() - start, seconds(limit))

    def test_malformed_and_smuggled_requests(self):
        river = self.river()
        rows = [
            b"\x00" * 100, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\nHost: localhost\n\n", b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nA : b\r\n\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nA: \x00\r\n\r\n", b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * 70_000 + b"\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"A: b\r\n" * 5000 + b"\r\n",
            b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"CONNECT evil:80 HTTP/1.1\r\nHost: evil:80\r\n\r\n",
        ]
        for row in rows:
            with self.subTest(row=row[:80]):
                out = ask(river, row + GOOD)
                statuses = [line.split()[1] for line in out.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
                self.assertLessEqual(len(statuses), 1)  # what follows is not answered
                for status in statuses:
                    self.assertTrue(status.startswith(b"4") or status in (b"501", b"505"), status)
        self.assert_quick(river)

    def test_injection_in_every_parameter_and_path(self):
        river = self.river()
        vectors = ["'\"><script>alert(1)</script>", "%0d%0aSet-Cookie:%20a=1", "..%2f..%2f..%2fetc%2fpasswd", "'; DROP TABLE posts; --", "%00",
                   "${jndi:x}", "{{7*7}}", "%25%30%30", "%c0%ae%c0%ae/", "\\..\\..", "%e2%80%ae"]
        for vector in vectors:
            vector = vector.replace(" ", "%20").replace("<", "%3C").replace(">", "%3E").replace('"', "%22")
            for target in [f"/{vector}", f"/api/v1/posts/{vector}", f"/posts/{vector}"] + [
                    f"{path}?{name}={vector}" for path in ("/api/v1/posts", "/feed.atom", "/") for name in
                    ("source", "category", "tag", "author", "q", "since", "until", "limit", "cursor", "order", "after", "x")]:
                status, fields, body = river.get(target)
                self.assertIn(status, (200, 400, 404), target)
                self.assertNotIn("set-cookie", fields)
                self.assertNotIn(b"<script>alert", body)
                self.assertNotIn(b"root:", body)
        self.assertEqual(len(river.json("/api/v1/posts?limit=100")["posts"]), 50)

    def test_a_thousand_idle_connections_cost_little(self):
        river = self.river(server="max_connections = 3000")
        before, fds = river.memory(), river.descriptors()
        idle = open_many(river, 500) + open_many(river, 500, GOOD)
        self.assert_quick(river)
        self.assertLess(river.memory() - before, memory(64 * MiB))
        cpu = river.cpu()
        time.sleep(2)
        self.assertLess(river.cpu() - cpu, seconds(0.3))
        close_all(idle)
        river.wait_until(lambda: river.descriptors() <= fds + 5)

    def test_ten_thousand_connections_against_a_limit_of_one_thousand(self):
        river = self.river(server="max_connections = 1000")
        held = []
        slowest = 0
        for i in range(10_000):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", river.port))
            held.append(client)
            if len(held) > 4000:
                held.pop(0).close()
            if i % 1000 == 500:
                start = time.monotonic()
                self.assertEqual(river.get("/healthz")[0], 200)
                slowest = max(slowest, time.monotonic() - start)
        self.assertLess(river.descriptors(), 1150)
        self.assertLess(slowest, seconds(2))
        self.assert_quick(river)
        close_all(held)
        river.wait_until(lambda: river.descriptors() < 100)

    def test_unfinished_requests_non_readers_and_silent_event_clients(self):
        river = self.river(server="max_connections = 3000")
        fds = river.descriptors()
        clients = open_many(river, 100, b"GET /api/v1/posts HTTP/1.1\r\nHost: local")
        clients += open_many(river, 100, b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc")
        clients += open_many(river, 100, b"GET /api/v1/posts?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
        clients += open_many(river, 200, b"GET /api/v1/events?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for _ in range(10):
            self.assert_quick(river)
        for client in clients[::2]:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        close_all(clients)
        river.wait_until(lambda: river.descriptors() <= fds + 5, 20)

    def test_header_dribblers_are_dropped_within_a_minute(self):
        river = self.river()
        with river.connect() as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
            start = time.monotonic()
            try:
                while time.monotonic() - start < 60:
                    client.sendall(b"A: b\r\n")
                    client.settimeout(1)
                    try:
                        if client.recv(100) == b"":
                            break
                    except TimeoutError:
                        pass
            except OSError:
                pass
            self.assertLess(time.monotonic() - start, 30)

    def test_half_close_and_pipelining(self):
        river = self.river()
        out = ask(river, GOOD * 30, half_close=True)
        self.assertEqual(out.count(b"HTTP/1.1 200 OK"), 30)

    def test_out_of_descriptors_is_survived_without_spinning(self):
        river = self.river(server="max_connections = 3000",
                           limits=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (120, 120)))
        clients = []
        for _ in range(300):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", river.port))
            clients.append(client)
        time.sleep(0.5)
        cpu = river.cpu()
        time.sleep(2)
        self.assertLess(river.cpu() - cpu, seconds(0.6))
        close_all(clients)
        river.wait_until(lambda: river.get("/healthz")[0] == 200)
        self.assert_quick(river, 2)

    def test_fuzzed_requests_never_give_a_500(self):
        river = self.river()
        chance = random.Random(20240918)
        seeds = [GOOD, b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\ntoken=a",
                 b"GET /feed.atom?q=%22a%22&limit=5&since=2024-01-01 HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: \"x\"\r\nAccept-Encoding: gzip\r\n\r\n"]
        statuses = set()

        def fuzz(seed):
            data = bytearray(chance.choice(seeds))
            for _ in range(chance.randint(1, 8)):
                at = chance.randrange(len(data))
                data[at:at + chance.randint(0, 3)] = bytes(chance.randrange(256) for _ in range(chance.randint(0, 3)))
            with river.connect() as client:
                client.settimeout(0.3)
                try:
                    client.sendall(data)
                    client.shutdown(socket.SHUT_WR)
                    out = client.recv(100)
                except OSError:
                    return
                if out:
                    statuses.add(out.split()[1])

        for seed in range(2000):
            fuzz(seed)
        self.assertTrue(all(s[:1] in b"234" or s in (b"501", b"505") for s in statuses), statuses)
        self.assert_quick(river)

    def test_foreign_hosts_and_guessed_tokens(self):
        river = self.river(server='token = "secret"')
        for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "192.0.2.1"]:
            out = ask(river, f"GET /api/v1/posts HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            self.assertTrue(out.startswith(b"HTTP/1.1 421"), out[:60])
            self.assertNotIn(host.encode(), out)
        answers = []

        def guess():
            answers.append(river.get("/api/v1/sources/one/poll", method="POST", headers={"Authorization": "Bearer guess"})[0])

        start = time.monotonic()
        guessers = [threading.Thread(target=guess) for _ in range(20)]
        for guesser in guessers:
            guesser.start()
        for guesser in guessers:
            guesser.join()
        self.assertTrue(set(answers) <= {401, 429}, answers)
        for _ in range(3):
            guess()
        self.assertGreater(time.monotonic() - start, 2)
        self.assertIn(river.get("/api/v1/sources/one/poll", method="POST", headers={"Authorization": "Bearer secret"})[0], (202, 409))


if __name__ == "__main__":
    unittest.main()
