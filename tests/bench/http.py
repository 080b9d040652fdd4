#!/usr/bin/python3
"""How fast the river is served, beside nginx and against the goals: the newest page, filtered pages and searches at 10,000
and 1,000,000 posts, a thousand event clients, memory.

    cmake --build build --target riverd bench_store
    RIVERD=build/riverd tests/bench/http.py [newest] [pages] [events] [memory] [--stores FOLDER] [--seconds 5] [--rounds 3]

All parts run where none is named; each takes less than three minutes. The servers run on core 0, who asks them on core 1.
The stores are made up by build/bench/store the first time (a million posts: some ten minutes, 2.5 GB) and used again after
that; FOLDER is /var/tmp/riverd-bench unless told. A figure that misses its goal is marked, and the status is 1.
"""

import sys
from pathlib import Path

# In place of this folder, where `http` would be this file.
sys.path[0] = str(Path(__file__).resolve().parent.parent / "e2e")

import argparse  # noqa: E402
import contextlib  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import re  # noqa: E402
import shutil  # noqa: E402
import socket  # noqa: E402
import sqlite3  # noqa: E402
import statistics  # noqa: E402
import subprocess  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
import urllib.parse  # noqa: E402
import urllib.request  # noqa: E402

from support.origin import Origin, rss  # noqa: E402
from support.river import RIVERD, River  # noqa: E402

SIZES = {"10k": 10_000, "1m": 1_000_000}
SOURCES = 2000  # as bench/store makes them
missed = []


def goal(reached, text):
    """Prints a figure; one that misses its goal is remembered."""
    print(("  " if reached else "! ") + text, flush=True)
    if not reached:
        missed.append(text)


# ---- what is measured

def stores(folder):
    """The folders of the made-up stores, built where they are missing."""
    builder = Path(RIVERD).resolve().parent / "bench" / "store"
    for name, posts in SIZES.items():
        place = folder / name
        if (place / "whole").exists():
            continue
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        print(f"making up {posts} posts in {place}", flush=True)
        subprocess.run([builder, str(posts), str(place)], env={**os.environ, "WRITE_ONLY": "1"}, stdout=subprocess.DEVNULL, check=True)
        settle(place / "store.db")
        (place / "whole").touch()
    return {name: folder / name / "store.db" for name in SIZES}


def settle(store):
    """Lets a daemon put the search index in order, which it does a minute after posts came while nothing else is written."""
    with Served(store), contextlib.closing(sqlite3.connect(store)) as db:
        began, seen, quiet = time.monotonic(), None, 0
        while quiet < 10 or time.monotonic() - began < 75:
            # How FTS5 describes what lists there are: another one after each step.
            now = [db.execute(f"SELECT block FROM {index}_data WHERE id = 10").fetchone() for index in ("search", "pairs")]
            seen, quiet = now, quiet + 1 if now == seen else 0
            time.sleep(1)


def pin(pid, core):
    for task in os.listdir(f"/proc/{pid}/task"):
        subprocess.run(["taskset", "-pc", str(core), task], stdout=subprocess.DEVNULL, check=False)


class Served(River):
    """The daemon on a made-up store, on core 0; nothing is polled."""

    def __init__(self, store):
        self.store = store
        tables = "".join(f'[[source]]\nname = "source-{i}"\nurl = "https://site{i}.example/feed"\nenabled = false\n' for i in range(SOURCES))
        super().__init__(extra=tables)
        (self.path / "riverd.db").symlink_to(store)

    def start(self):
        with open(self.store, "rb") as file:  # what is measured is the server, not the disk
            while file.read(1 << 24):
                pass
        super().start()
        pin(self.process.pid, 0)
        return self


class Asker:
    """One keep-alive connection; get() gives a body and the milliseconds it took."""

    def __init__(self, river):
        self.socket = river.connect()
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, target):
        request = f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        began = time.perf_counter()
        self.socket.sendall(request)
        data = self.socket.recv(1 << 20)
        while b"\r\n\r\n" not in data:
            data += self.socket.recv(1 << 20)
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(re.search(rb"Content-Length: (\d+)", head)[1])
        parts, have = [body], len(body)
        while have < length:
            parts.append(self.socket.recv(1 << 20))
            have += len(parts[-1])
        took = (time.perf_counter() - began) * 1000
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{target}: {head[:200]!r} {b''.join(parts)[:200]!r}")
        return b"".join(parts), took


# ---- the newest page, beside nginx

class Nginx:
    """One worker on core 0 that serves a folder, with keep-alive for ever and no log."""

    def __init__(self, folder):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
        self.folder = folder
        (folder / "nginx.conf").write_text(
            f"worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
            "events { worker_connections 4096; }\n"
            f"http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; root {folder}/www;\n"
            "open_file_cache max=16; types { application/json json; }\n"
            f"client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;\n"
            f"uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;\n"
            f"server {{ listen 127.0.0.1:{self.port}; }} }}\n")

    def __enter__(self):
        self.process = subprocess.Popen(["taskset", "-c", "0", "/usr/sbin/nginx", "-c", str(self.folder / "nginx.conf")],
                                        stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except OSError:
                self.process.poll()
                time.sleep(0.02)
        raise SystemExit("nginx does not start: " + (self.folder / "error.log").read_text())

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def wrk(url, seconds, etag=None):
    command = ["taskset", "-c", "1", "wrk", "-t1", "-c32", f"-d{seconds}s", *(["-H", f"If-None-Match: {etag}"] if etag else []), url]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Socket errors" in out or "Non-2xx" in out:  # a 304 is not among these
        raise SystemExit(out)
    return float(re.search(r"Requests/sec:\s*([\d.]+)", out)[1])


def newest(paths, options):
    if not shutil.which("wrk") or not Path("/usr/sbin/nginx").exists():
        raise SystemExit("needs wrk and nginx")
    with tempfile.TemporaryDirectory() as folder, Served(paths["1m"]) as river:
        folder = Path(folder)
        _, fields, body = river.get("/api/v1/posts")
        (folder / "www").mkdir()
        os.chmod(folder, 0o755)
        (folder / "www" / "posts.json").write_bytes(body)
        with Nginx(folder) as nginx:
            static, ours = f"http://127.0.0.1:{nginx.port}/posts.json", river.url + "/api/v1/posts"
            tag = urllib.request.urlopen(static).headers["ETag"]
            figures = {name: [] for name in ("nginx page", "riverd page", "nginx 304", "riverd 304")}
            for _ in range(options.rounds):
                figures["nginx page"].append(wrk(static, options.seconds))
                figures["riverd page"].append(wrk(ours, options.seconds))
                figures["nginx 304"].append(wrk(static, options.seconds, tag))
                figures["riverd 304"].append(wrk(ours, options.seconds, fields["etag"]))
    print(f"the newest page of 50 posts, {len(body)} bytes")
    medians = {name: statistics.median(values) for name, values in figures.items()}
    for name, value in medians.items():
        print(f"  {name:12} {value:9.0f} requests/s  ({', '.join(f'{v:.0f}' for v in figures[name])})")
    for kind, least in (("page", 0.7), ("304", 0.8)):
        ratio = medians["riverd " + kind] / medians["nginx " + kind]
        goal(ratio >= least, f"{kind}: {ratio:.2f} of nginx (goal {least})")


# ---- pages at two sizes

def day(i):
    return f"{2020 + i % 5}-{1 + i % 12:02d}-{1 + i % 28:02d}"


def han(i):
    """Text that the Chinese posts have: bench/store takes characters so."""
    return "".join(chr(0x4e00 + rank * 7 % 3000) for rank in (1 + i % 40, 1 + i % 7))


def commonest(i, count):
    """Some of the ten commonest words, which nearly every post has; next to each other they are mostly rare."""
    return " ".join(f"w{(i * 7 + k * 3 + i // 10 * k) % 10}" for k in range(count))


# name, goal in ms, query of the i-th request. The n= makes every target new, so that no kept answer is given. With a cursor,
# the query begins a chain of pages, and those after the first are measured.
FILTERED, SEARCH = 2.0, 20.0
CHAIN = 8
KINDS = [
    ("cursor after cursor", FILTERED, lambda i: {"until": day(i), "cursor": None}),
    ("category, cursor", FILTERED, lambda i: {"category": f"category {i % 12}", "until": day(i), "cursor": None}),
    ("arrival, cursor", FILTERED, lambda i: {"order": "arrival", "after": i * 700, "cursor": None}),
    ("source", FILTERED, lambda i: {"source": f"source-{i * 17 % SOURCES}"}),
    ("20 sources", FILTERED, lambda i: {"source": [f"source-{i + s * 50}" for s in range(20)]}),
    ("category", FILTERED, lambda i: {"category": f"category {i % 12}"}),
    ("tag, common", FILTERED, lambda i: {"tag": f"tag {1 + i % 5}"}),
    ("tag, rare", FILTERED, lambda i: {"tag": f"tag {3000 + i}"}),
    ("author", FILTERED, lambda i: {"author": f"author {i}"}),
    ("category and tag", FILTERED, lambda i: {"category": f"category {i % 12}", "tag": f"tag {1 + i % 40}"}),
    ("two categories, two tags", FILTERED, lambda i: {"category": [f"category {i % 12}", f"category {(i + 5) % 12}"],
                                                      "tag": [f"tag {1 + i % 9}", f"tag {2 + i % 7}"]}),
    ("source and tag", FILTERED, lambda i: {"source": f"source-{i * 17 % SOURCES}", "tag": f"tag {1 + i % 5}"}),
    ("category, since and until", FILTERED, lambda i: {"category": f"category {i % 12}", "since": "2020-01-01", "until": day(i)}),
    ("arrival, category", FILTERED, lambda i: {"order": "arrival", "category": f"category {i % 12}", "after": i * 60}),
    ("arrival, rare tag", FILTERED, lambda i: {"order": "arrival", "tag": f"tag {3000 + i}"}),
    ("arrival, category, cursor", FILTERED, lambda i: {"order": "arrival", "category": f"category {i % 12}", "cursor": None}),
    ("category, Atom", FILTERED * 2, lambda i: {"category": f"category {i % 12}", "/": "/feed.atom"}),
    ("category, the page", FILTERED * 2, lambda i: {"category": f"category {i % 12}", "/": "/"}),
    ("q: common word", SEARCH, lambda i: {"q": f"w{i % 10}"}),
    ("q: rare word", SEARCH, lambda i: {"q": f"w{20_000 + i}"}),
    ("q: no such word", SEARCH, lambda i: {"q": f"nosuchword{i}"}),
    ("q: two words", SEARCH, lambda i: {"q": f"w{20 + i} w{400 + i}"}),
    ("q: phrase", SEARCH, lambda i: {"q": f'"w{i % 10} w{5 + i}"'}),
    ("q: phrase of rare words", SEARCH, lambda i: {"q": f'"w{900 + i} w{800 + i}"'}),
    ("q: word without word", SEARCH, lambda i: {"q": f"w{20 + i} -w1"}),
    ("q: only without", SEARCH, lambda i: {"q": f"-w{i % 10}"}),
    ("q: prefix", SEARCH, lambda i: {"q": f"w{100 + i}*"}),
    ("q: prefix of one letter", SEARCH, lambda i: {"q": "w*"}),
    ("q: one Chinese character", SEARCH, lambda i: {"q": han(i)[0]}),
    ("q: two Chinese characters", SEARCH, lambda i: {"q": han(i)}),
    ("q and category", SEARCH, lambda i: {"q": f"w{50 + i}", "category": f"category {i % 12}"}),
    ("q and tag and until", SEARCH, lambda i: {"q": f"w{5 + i % 50}", "tag": f"tag {1 + i % 9}", "until": day(i)}),
    ("q: rare and common word", SEARCH, lambda i: {"q": f"w{9000 + i} w1"}),
    ("q: prefix and rare word", SEARCH, lambda i: {"q": f"w1* w{20_000 + i}"}),
    ("q: phrase that is nowhere", SEARCH, lambda i: {"q": f'"w{i % 10} w{5 + i} w{9 + i}"'}),
    ("q: three commonest, phrase", SEARCH, lambda i: {"q": f'"{commonest(i, 3)}"'}),
    ("q: four commonest, phrase", SEARCH, lambda i: {"q": f'"{commonest(i, 4)}"'}),
    ("q: rare without commonest", SEARCH, lambda i: {"q": f"w{9000 + i} -w{i % 3}"}),
    ("q: two prefixes", SEARCH, lambda i: {"q": f"w{12 + i % 50}* w{20 + i % 70}*"}),
    ("q: phrase with prefix", SEARCH, lambda i: {"q": f'"w{i % 10} w{10 + i % 80}"*'}),
    ("q: word without prefix", SEARCH, lambda i: {"q": f"w{20 + i} -w{1 + i % 9}{i % 10}*"}),
    ("q, arrival", SEARCH, lambda i: {"q": f"w{20 + i}", "order": "arrival", "after": i * 60}),
    ("arrival: rare and common", SEARCH, lambda i: {"q": f"w{9000 + i} w1", "order": "arrival"}),
    ("arrival: prefix, rare word", SEARCH, lambda i: {"q": f"w1* w{20_000 + i}", "order": "arrival"}),
    ("arrival: two words", SEARCH, lambda i: {"q": f"w{20 + i} w{400 + i}", "order": "arrival"}),
    ("arrival: four words", SEARCH, lambda i: {"q": f"w{20 + i} w{30 + i} w{40 + i} w{50 + i}", "order": "arrival"}),
    ("arrival: phrase", SEARCH, lambda i: {"q": f'"w{i % 10} w{5 + i}"', "order": "arrival", "after": i * 60}),
    ("arrival: three, phrase", SEARCH, lambda i: {"q": f'"{commonest(i, 3)}"', "order": "arrival"}),
    ("arrival: four, phrase", SEARCH, lambda i: {"q": f'"{commonest(i, 4)}"', "order": "arrival"}),
    ("arrival: phrase and category", SEARCH, lambda i: {"q": f'"{commonest(i, 3)}"', "category": f"category {i % 12}", "order": "arrival"}),
    ("arrival: word without word", SEARCH, lambda i: {"q": f"w{20 + i} -w1", "order": "arrival"}),
    ("arrival: Chinese character", SEARCH, lambda i: {"q": han(i)[0], "order": "arrival"}),
    ("arrival: q, tag and until", SEARCH, lambda i: {"q": f"w{5 + i % 50}", "tag": f"tag {1 + i % 9}", "until": day(i), "order": "arrival"}),
]


def target(query, i):
    query = dict(query)
    path = query.pop("/", "/api/v1/posts")
    return path + "?" + urllib.parse.urlencode({**query, "n": i}, doseq=True)


def chain(asker, query, i):
    """The milliseconds of one page and its posts, again and again: those after the first of a chain, where there are any."""
    chained = query.pop("cursor", False) is None
    for step in range(CHAIN if chained else 1):
        body, took = asker.get(target(query, i))
        if step > 0 or not chained:
            yield took, body.count(b'"seq":') + body.count(b"<entry>") + body.count(b'<li class="post')
        if chained:
            query["cursor"] = json.loads(body)["next_cursor"]
            if not query["cursor"]:
                return


def measure(askers, query_of):
    """Of each asker median and worst milliseconds of 101 pages, and the posts a page. They ask in turn, so that an hour in which
    the machine is slow is one for both."""
    pages = [[] for _ in askers]
    for i in range(101):
        for asker, seen in zip(askers, pages):
            seen += chain(asker, query_of(i), i)
        if all(len(seen) >= 101 for seen in pages):
            break
    for seen in pages:
        times = sorted(took for took, _ in seen)
        yield times[len(times) // 2], times[-1], sum(posts for _, posts in seen) / len(seen)


def compared(askers, name, most, query_of):
    small, large = measure(askers, query_of)
    ratio = large[0] / small[0]
    # The ratio means something where both give pages alike.
    fair = most > FILTERED or abs(large[2] - small[2]) > 2 or ratio <= 1.3
    goal(large[0] < most and fair, f"{name:28} {small[0]:7.2f} ({small[1]:6.2f})  {large[0]:7.2f} ({large[1]:6.2f})  "
         f"x{ratio:5.2f}  {small[2]:4.0f}, {large[2]:3.0f}  (goal {most:.0f} ms)")


@contextlib.contextmanager
def both(paths):
    """Daemons on the small and the large store that were asked for their newest page, and nothing else."""
    with Served(paths["10k"]) as few, Served(paths["1m"]) as many:
        os.sched_setaffinity(0, {1})
        askers = [Asker(few), Asker(many)]
        for asker in askers:
            asker.get("/api/v1/posts")
        yield askers, many
    os.sched_setaffinity(0, set(range(os.cpu_count())))


def pages(paths, _):
    print("ms: median (worst) at 10,000 posts, at 1,000,000, their ratio; posts a page")
    for kind in KINDS:
        if kind[1] < SEARCH:  # each of daemons just begun: of a small store most posts would be kept from the kinds before
            with both(paths) as (askers, _):
                compared(askers, *kind)
    with both(paths) as (askers, many):
        for kind in KINDS:
            if kind[1] == SEARCH:
                compared(askers, *kind)
        print_memory(many)


# ---- a thousand event clients

def events(_, options):
    import selectors
    clients = 1000
    item = "<item><title>story {0}</title><link>https://example.org/{0}</link><guid>tag:example.org,2024:{0}</guid></item>"
    with Origin({"/feed": rss("Bench")}) as origin, \
            River({"bench": origin.url + "/feed"}, server=f'token = "secret"\nmax_connections = {clients + 100}') as river:
        pin(river.process.pid, 0)
        os.sched_setaffinity(0, {1})
        ready = selectors.DefaultSelector()
        sockets = []
        for _ in range(clients):
            one = river.connect()
            one.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            one.setblocking(False)
            ready.register(one, selectors.EVENT_READ)
            sockets.append(one)
        river.wait_until(lambda: f"riverd_http_event_streams {clients}\n" in river.get("/metrics")[2].decode(), 20)
        spans = []
        for round_ in range(10 * options.rounds):
            while ready.select(0.05):  # welcomes and comments
                for key, _ in ready.select(0):
                    key.fileobj.recv(1 << 16)
            document = rss("Bench")
            sent = []
            origin.pages["/feed"] = (document[0], document[1].replace("</channel>", item.format(round_) + "</channel>"))
            origin.served = lambda: sent.append(time.perf_counter())
            river.get("/api/v1/sources/bench/poll", method="POST", headers={"Authorization": "Bearer secret"})
            waiting, last = set(sockets), 0.0
            deadline = time.perf_counter() + 10
            while waiting and time.perf_counter() < deadline:
                for key, _ in ready.select(0.1):
                    if b"event: post" in key.fileobj.recv(1 << 16):
                        waiting.discard(key.fileobj)
                        last = time.perf_counter()
            if waiting:
                raise SystemExit(f"{len(waiting)} clients heard nothing")
            spans.append((last - sent[0]) * 1000)
        for one in sockets:
            one.close()
    os.sched_setaffinity(0, set(range(os.cpu_count())))
    spans.sort()
    print(f"{clients} event clients, from the source's answer to the last client's event")
    goal(spans[-1] < 100, f"median {spans[len(spans) // 2]:.1f} ms, worst of {len(spans)} {spans[-1]:.1f} ms (goal 100 ms)")


# ---- memory

def print_memory(river):
    mib = river.memory() / (1 << 20)
    goal(mib <= 128, f"{mib:.0f} MiB resident with 1,000,000 posts, after these (goal 128)")


def memory(paths, _):
    with Served(paths["1m"]) as river:
        print(f"  {river.memory() / (1 << 20):.0f} MiB resident with 1,000,000 posts after the start")
        askers = [Asker(river) for _ in range(50)]
        for i in range(2000):  # what fills every cache
            name, _, query_of = KINDS[i % len(KINDS)]
            query = {key: value for key, value in query_of(i).items() if key != "cursor"}
            if i % 10 == 0:
                query["limit"] = 1000 if "/" not in query else 50
            askers[i % len(askers)].get(target(query, 10_000 + i))
        print_memory(river)


def main():
    parts = {"newest": newest, "pages": pages, "events": events, "memory": memory}
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("parts", nargs="*", choices=[*parts, []])
    options.add_argument("--stores", type=Path, default=Path("/var/tmp/riverd-bench"))
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--rounds", type=int, default=3)
    options = options.parse_args()
    chosen = options.parts or list(parts)
    paths = stores(options.stores) if set(chosen) != {"events"} else None
    for part in chosen:
        parts[part](paths, options)
    if missed:
        raise SystemExit(f"{len(missed)} figures miss their goal")


if __name__ == "__main__":
    main()
