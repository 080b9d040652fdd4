"""Fifty publishers, those who make riverd poll them, and those who watch what it shows: what was shown must stay."""

import http.client
import json
import random
import shutil
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

from .polling import source
from .scripted_origin import ScriptedOrigin, answer

WINDOW = 20      # stories in a feed
EDITORS = 5      # of the publishers, that change their first story again and again
SHOWN_BY = 1.5   # seconds from a whole answer to its stories being safe


class Publishers:
    """`count` sources; about every third answer has a new story, the others are 304 where that was asked for."""

    def __init__(self, count=50, seed=1):
        self.count, self.random = count, random.Random(seed)
        self.lock = threading.Lock()
        self.numbers = [1] * count
        self.editions = [0] * count
        self.answered = {}  # title -> when an answer to this run of riverd that held it was first written
        self.safe = set()
        self.quiet = False
        self.origin = ScriptedOrigin({f"/{n}": self.page(n) for n in range(count)})

    def __enter__(self):
        self.origin.__enter__()
        return self

    def __exit__(self, *_):
        self.origin.__exit__()

    def tables(self):
        return "".join(source(f"s{n}", f"{self.origin.url}/{n}", interval='"1h"') for n in range(self.count))

    def titles(self, n):
        """What the feed of a publisher holds now."""
        edited = [f"s{n} first, edition {self.editions[n]}"] if n < EDITORS else []
        return edited + [f"s{n} story {k}" for k in range(max(1, self.numbers[n] - WINDOW + 1), self.numbers[n] + 1)]

    def page(self, n):
        def serve(request, connection):
            with self.lock:
                if not self.quiet and self.random.random() < 0.35:
                    self.numbers[n] += 1
                    self.editions[n] += 1
                tag = f'"{self.numbers[n]}"'
                titles = self.titles(n)
            if request.headers.get("if-none-match") == tag:
                return answer(status="304 Not Modified", headers=[f"ETag: {tag}"], length=False)
            items = "".join(f"<item><title>{t}</title><guid>{self.guid(t)}</guid><description>{t} {'words ' * 30}</description></item>" for t in titles)
            connection.sendall(answer(f"<rss version='2.0'><channel><title>s{n}</title>{items}</channel></rss>", headers=[f"ETag: {tag}"]))
            with self.lock:
                now = time.monotonic()
                for title in titles:
                    self.answered.setdefault(title, now)
            return b""
        return serve

    @staticmethod
    def guid(title):
        return title.split(",")[0].replace(" ", "-")

    def killed(self, when):
        """Tells of a kill; the titles that are safe: one run of riverd had them whole SHOWN_BY seconds before its end. Edited ones
        may have been replaced since."""
        with self.lock:
            self.safe |= {title for title, at in self.answered.items() if at < when - SHOWN_BY and ", edition" not in title}
            self.answered.clear()
            return set(self.safe)


class Crowd:
    """Threads that ask a river, which comes and goes, for polls and for posts. A context manager."""

    def __init__(self, river, publishers, pollers=3):
        self.river, self.publishers = river, publishers
        self.stop = threading.Event()
        self.seen = []     # (seq, id) of each event, in order
        self.listed = {}   # id -> the highest seq that the API showed
        self.polls = 0
        self.failure = None
        self.threads = [threading.Thread(target=self.forever, args=(work,)) for work in [*[self.ask_for_polls] * pollers, self.listen, self.follow]]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def forever(self, work):
        while not self.stop.is_set():
            try:
                work()
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.01)  # it was killed: again
            except Exception as error:
                self.failure = error
                return

    def connection(self):
        return closing(http.client.HTTPConnection("127.0.0.1", self.river.port, timeout=2))

    def ask_for_polls(self):
        with self.connection() as client:
            while not self.stop.is_set():
                name = random.randrange(self.publishers.count)
                client.request("POST", f"/api/v1/sources/s{name}/poll", headers={"Authorization": "Bearer secret"})
                client.getresponse().read()
                self.polls += 1
                time.sleep(0.001)

    def listen(self):
        last = self.seen[-1][0] if self.seen else 0
        with self.connection() as client:
            client.request("GET", "/api/v1/events", headers={"Last-Event-ID": str(last)})
            stream, number = client.getresponse(), None
            if stream.status != 200:
                raise ValueError("not yet")
            while not self.stop.is_set():
                line = stream.readline()
                if not line:
                    return
                if line.startswith(b"id: "):
                    number = int(line[4:])
                elif line.startswith(b"data: ") and line.endswith(b"\n"):
                    try:
                        post = json.loads(line[6:])
                    except ValueError:
                        return  # cut off in the middle: nobody acts on that
                    self.seen.append((number, post["id"]))

    def follow(self):
        last = max(self.listed.values(), default=0)
        with self.connection() as client:
            while not self.stop.is_set():
                client.request("GET", f"/api/v1/posts?order=arrival&limit=200&after={last}")
                for post in json.loads(client.getresponse().read()).get("posts", []):
                    last = post["seq"]
                    self.listed[post["id"]] = last
                time.sleep(0.02)


class Autopsy:
    """The store of a river that is not running, opened in a copy; what is wrong with it is in `faults`."""

    def __init__(self, path, folder):
        copy = Path(folder) / "copy.db"
        for suffix in ("", "-wal"):
            Path(str(copy) + suffix).unlink(missing_ok=True)
            if Path(str(path) + suffix).exists():
                shutil.copyfile(str(path) + suffix, str(copy) + suffix)
        db = sqlite3.connect(copy, isolation_level=None)
        self.faults = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
        self.faults += [str(row) for row in db.execute("PRAGMA foreign_key_check")]
        self.posts, self.titles, self.guids = {}, [], []
        if not self.faults and db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:  # else killed before it was one
            self.read(db)
        db.close()

    def read(self, db):
        try:
            db.execute("INSERT INTO search(search) VALUES('integrity-check')")
        except sqlite3.DatabaseError as error:
            self.faults.append(f"search: {error}")
        self.posts = dict(db.execute("SELECT id, seq FROM post"))
        self.titles = [row[0] for row in db.execute("SELECT title FROM post")]
        self.guids = [row[0] for row in db.execute("SELECT guid FROM post")]
        found = db.execute("SELECT count(*) FROM search WHERE search MATCH 'words'").fetchone()[0]  # it is in all of them
        if found < len(self.posts):
            self.faults.append(f"{len(self.posts)} posts, but a search for what all of them have finds {found}")

    def lost(self, crowd):
        """What was shown and is not there, or has a lower seq than the one that was shown."""
        shown = list(crowd.listed.items()) + [(post, seq) for seq, post in list(crowd.seen)]
        return [(post, seq, self.posts.get(post)) for post, seq in shown if self.posts.get(post, -1) < seq]

    def repeated(self):
        return sorted({guid for guid in self.guids if self.guids.count(guid) > 1}) if len(set(self.guids)) < len(self.guids) else []
