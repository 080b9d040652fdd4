"""Server-Sent Events of a running riverd, while sources publish."""

import json
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.origin import Origin, rss  # noqa: E402
from support.river import River  # noqa: E402


class Stream:
    """One event client; reads on demand."""

    def __init__(self, river, query="", last=None):
        self.socket = river.connect()
        field = f"Last-Event-ID: {last}\r\n" if last is not None else ""
        self.socket.sendall(f"GET /api/v1/events{query} HTTP/1.1\r\nHost: localhost\r\n{field}\r\n".encode())
        self.file = self.socket.makefile("rb")
        while self.file.readline() not in (b"\r\n", b""):
            pass

    def next(self):
        """(seq, post) of the next event; None at the end."""
        fields = {}
        for line in self.file:
            line = line.decode().rstrip("\n")
            if not line and "data" in fields:
                return int(fields["id"]), json.loads(fields["data"])
            name, _, value = line.partition(": ")
            if name:
                fields[name] = value
        return None

    def close(self):
        self.file.close()
        self.socket.close()


def items(numbers):
    return [{"title": f"story {i}", "link": f"https://example.org/{i}", "guid": f"tag:example.org,2024:{i}"} for i in numbers]


class EventsTest(unittest.TestCase):
    def test_a_thousand_clients_get_a_new_post_at_once(self):
        with Origin({"/one": rss("One", *items(range(3)))}) as origin, \
                River({"one": origin.url + "/one"}, server='token = "secret"\nmax_connections = 3000') as river:
            river.wait_until(lambda: len(river.json("/api/v1/posts")["posts"]) == 3, 20)
            streams = [Stream(river) for _ in range(1000)]
            arrived = []
            done = threading.Event()

            def listen(stream):
                stream.next()
                arrived.append(time.monotonic())
                if len(arrived) == len(streams):
                    done.set()

            for stream in streams:
                threading.Thread(target=listen, args=(stream,), daemon=True).start()
            origin.pages["/one"] = rss("One", *items(range(4)))
            river.get("/api/v1/sources/one/poll", method="POST", headers={"Authorization": "Bearer secret"})
            self.assertTrue(done.wait(20))
            spread = max(arrived) - min(arrived)
            print(f"1000 event clients: {spread * 1000:.0f} ms from the first to the last", file=sys.stderr)
            self.assertLess(spread, 2)  # of Python's threads, mostly
            for stream in streams:
                stream.close()
            river.wait_until(lambda: river.descriptors() < 200)

    def test_a_client_that_breaks_off_again_and_again_misses_and_repeats_nothing(self):
        with Origin({"/one": rss("One", *items(range(5)))}) as origin, \
                River({"one": origin.url + "/one"}, server='token = "secret"') as river:
            river.wait_until(lambda: len(river.json("/api/v1/posts")["posts"]) == 5, 20)
            stop = threading.Event()

            def publish():
                count = 5
                while not stop.is_set() and count < 400:
                    count += 7
                    origin.pages["/one"] = rss("One", *items(range(count)))
                    river.get("/api/v1/sources/one/poll", method="POST", headers={"Authorization": "Bearer secret"})
                    time.sleep(0.02)

            publisher = threading.Thread(target=publish)
            publisher.start()
            seen, last, end = [], 0, time.monotonic() + 8
            while time.monotonic() < end and len(seen) < 200:
                stream = Stream(river, last=last)
                for _ in range(9):
                    last, post = stream.next()
                    seen.append(last)
                stream.close()
            stop.set()
            publisher.join()
            expected = [p["seq"] for p in river.json("/api/v1/posts?order=arrival&limit=1000")["posts"]]
            self.assertEqual(seen, expected[:len(seen)])
            self.assertGreater(len(seen), 50)

    def test_filters_choose_events(self):
        with Origin({"/a": rss("A", *items(range(2))), "/b": rss("B", *items(range(100, 102)))}) as origin, \
                River({"a": origin.url + "/a", "b": origin.url + "/b"}) as river:
            river.wait_until(lambda: len(river.json("/api/v1/posts")["posts"]) == 4, 20)
            stream = Stream(river, "?source=b&after=0")
            for _ in range(2):
                self.assertEqual(stream.next()[1]["sources"][0]["name"], "b")
            stream.close()

    def test_stopping_ends_streams(self):
        with Origin({"/one": rss("One", *items(range(2)))}) as origin, River({"one": origin.url + "/one"}) as river:
            streams = [Stream(river) for _ in range(50)]
            status, seconds = river.stop()
            self.assertEqual(status, 0)
            self.assertLess(seconds, 5)
            for stream in streams:
                while stream.next() is not None:  # what was on its way when it stopped; then the end
                    pass
                stream.close()


if __name__ == "__main__":
    unittest.main()
