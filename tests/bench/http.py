#!/usr/bin/python3
"""Requests a second of riverd beside nginx serving the same bytes as a static file, in one run.

    RIVERD=build/riverd tests/bench/http.py [--seconds 5] [--rounds 3]

The servers run on core 0, wrk on core 1, one after the other in each round; medians and their ratios are printed.
"""

import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "e2e"))
from support.origin import Origin, rss  # noqa: E402
from support.river import River  # noqa: E402


def posts(count):
    text = "&lt;p&gt;" + "Words of a story that goes on for a while. " * 12 + "&lt;/p&gt;"
    return [{"title": f"Story number {i}", "link": f"https://example.org/stories/{i}", "category": "news",
             "description": text, "pubDate": f"Wed, 18 Sep 2024 {i // 60 % 24:02}:{i % 60:02}:00 GMT"} for i in range(count)]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Nginx:
    """One worker that serves a folder, with keep-alive for ever and no log."""

    def __init__(self, folder):
        self.port = free_port()
        self.folder = folder
        (folder / "nginx.conf").write_text(
            f"worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
            "events { worker_connections 4096; }\n"
            f"http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; root {folder}/www;\n"
            f"client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;\n"
            f"uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5; types {{ application/json json; }}\n"
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
        raise SystemExit("nginx does not start: " + (self.folder / "error.log").read_text())

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def wrk(url, seconds, etag=None):
    command = ["taskset", "-c", "1", "wrk", "-t1", "-c32", f"-d{seconds}s", url]
    if etag:
        command[4:4] = ["-H", f"If-None-Match: {etag}"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if not etag and "Non-2xx" in out:
        raise SystemExit(out)
    return float(re.search(r"Requests/sec:\s*([\d.]+)", out)[1])


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--rounds", type=int, default=3)
    options = options.parse_args()
    if not shutil.which("wrk") or not shutil.which("nginx"):
        raise SystemExit("needs wrk and nginx")
    with tempfile.TemporaryDirectory() as folder, Origin({"/feed": rss("Bench", *posts(200))}) as origin, \
            River({"bench": origin.url + "/feed"}) as river:
        folder = Path(folder)
        river.wait_until(lambda: len(river.json("/api/v1/posts?limit=200")["posts"]) == 200, 30)
        for task in os.listdir(f"/proc/{river.process.pid}/task"):
            subprocess.run(["taskset", "-pc", "0", task], stdout=subprocess.DEVNULL, check=False)
        _, fields, body = river.get("/api/v1/posts")
        (folder / "www").mkdir()
        os.chmod(folder, 0o755)
        (folder / "www" / "posts.json").write_bytes(body)
        with Nginx(folder) as nginx:
            static = f"http://127.0.0.1:{nginx.port}/posts.json"
            ours = river.url + "/api/v1/posts"
            import urllib.request
            tag = urllib.request.urlopen(static).headers["ETag"]
            figures = {name: [] for name in ("nginx page", "riverd page", "nginx 304", "riverd 304")}
            for _ in range(options.rounds):
                figures["nginx page"].append(wrk(static, options.seconds))
                figures["riverd page"].append(wrk(ours, options.seconds))
                figures["nginx 304"].append(wrk(static, options.seconds, tag))
                figures["riverd 304"].append(wrk(ours, options.seconds, fields["etag"]))
        medians = {name: statistics.median(values) for name, values in figures.items()}
        print(f"page of 50 posts, {len(body)} bytes")
        for name, value in medians.items():
            print(f"{name:12} {value:10.0f} requests/s  ({', '.join(f'{v:.0f}' for v in figures[name])})")
        for kind in ("page", "304"):
            print(f"{kind}: {medians['riverd ' + kind] / medians['nginx ' + kind]:.2f} of nginx")


if __name__ == "__main__":
    main()
