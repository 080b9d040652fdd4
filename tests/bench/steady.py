#!/usr/bin/env python3
"""Is the machine still free? `riverd serve` with many sources at steady state, nginx on loopback as their origin.

  tests/bench/steady.py [--riverd build/riverd] [--sources 100000] [--rate 300] [--seconds 60] [--folder DIR]

Every source has a feed of its own (three entries, ETag), on one of 20,000 loopback addresses, and an interval that makes
`rate` polls a second over all. All are polled once by `update` first, and their due times spread over the interval; then
`serve` runs for some seconds. --folder keeps feeds and store, so that the second run begins at once.

Prints: seconds until /healthz answers 200, resident memory (now, highest), CPU seconds a second, polls a second with the
share of 304, and how late polls started at the 50th and 99th percentile (from /metrics).
"""

import argparse
import os
import pathlib
import re
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.pop(0)  # http.py beside this file is not the library's
import urllib.request  # noqa: E402


def feed(n):
    items = "".join(f"<item><title>Story {k} of site {n}</title><link>https://site{n}.example/{k}</link><guid>https://site{n}.example/{k}"
                    f"</guid><pubDate>Wed, 18 Sep 2024 0{k}:37:16 GMT</pubDate><description>A few words about story {k}.</description>"
                    "</item>" for k in range(3))
    return (f'<?xml version="1.0"?><rss version="2.0"><channel><title>Site {n}</title><link>https://site{n}.example/</link>'
            f"<description>About {n}</description>{items}</channel></rss>\n")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_origin(folder, port):
    """nginx on all of 127.0.0.0/8."""
    conf = folder / "nginx.conf"
    conf.write_text(f"""
{"user root; " if os.geteuid() == 0 else ""}daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{ access_log off; types {{ application/rss+xml xml; }}
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen {port}; root {folder}/feeds; }} }}
""")
    process = subprocess.Popen(["nginx", "-c", str(conf)], stderr=subprocess.DEVNULL)
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(.02)
    sys.exit("nginx did not start")


def write_feeds(folder, sources):
    for n in range(sources):
        path = folder / "feeds" / str(n // 1000) / f"{n}.xml"
        if n % 1000 == 0:
            path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(feed(n))


def write_config(folder, sources, rate, port, listen):
    lines = ["[server]", f'listen = "127.0.0.1:{listen}"', "[storage]", f'path = "{folder}/riverd.db"', "[fetch]",
             "allow_private_networks = true"]
    for n in range(sources):
        lines += ["[[source]]", f'name = "s{n}"', f'url = "http://127.{1 + n % 80}.0.{1 + n // 80 % 250}:{port}/{n // 1000}/{n}.xml"',
                  f'interval = "{max(1, sources // rate)}s"']
    (folder / "riverd.toml").write_text("\n".join(lines) + "\n")


def prepare(folder, riverd, sources, rate, port):
    if not (folder / "ready").exists():
        write_feeds(folder, sources)
        write_config(folder, sources, rate, port, 1)
        done = subprocess.run([riverd, "update", "--json", "--config", folder / "riverd.toml"], capture_output=True, text=True)
        print("first polls:", done.stdout.strip() or done.stderr[-500:], flush=True)
        (folder / "ready").write_text(str(port))
    with sqlite3.connect(folder / "riverd.db") as db:
        now = int(time.time())
        db.execute("UPDATE poll SET due = ? + abs(random()) % ?, lease = NULL", (now + 5, max(1, sources // rate)))
        db.execute("UPDATE poll SET next_poll = due")


def metrics(url):
    with urllib.request.urlopen(url + "/metrics", timeout=20) as answer:
        text = answer.read().decode()
    return {name: float(value) for name, value in re.findall(r"^(\S+(?:\{[^}]*\})?) (\S+)$", text, re.M)}


def buckets(values, name):
    found = [(float(bound.replace("+Inf", "inf")), values[key]) for key in values
             for bound in re.findall(r'^%s_bucket\{.*le="([^"]+)"' % name, key)]
    return sorted(found)


def percentile(before, after, name, share):
    """The upper bound of the bucket in which it falls."""
    counts = [(bound, count - old[1]) for (bound, count), old in zip(buckets(after, name), buckets(before, name))]
    wanted = counts[-1][1] * share
    return next(bound for bound, count in counts if count >= wanted)


def cpu(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid, field):
    return int(re.search(field + r":\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def run(folder, riverd, sources, rate, seconds, port):
    listen = free_port()
    write_config(folder, sources, rate, port, listen)
    url = f"http://127.0.0.1:{listen}"
    start = time.monotonic()
    with open(folder / "log", "wb") as log:
        daemon = subprocess.Popen([riverd, "serve", "--config", folder / "riverd.toml"], stdout=log, stderr=log)
    try:
        while True:
            try:
                urllib.request.urlopen(url + "/healthz", timeout=5).read()
                break
            except OSError:
                if daemon.poll() is not None or time.monotonic() - start > 60:
                    sys.exit("serve did not start: " + (folder / "log").read_text()[-1000:])
                time.sleep(.01)
        print(f"{sources} sources: ready after {time.monotonic() - start:.2f} s, {memory(daemon.pid, 'VmRSS'):.0f} MiB", flush=True)
        time.sleep(12)
        before, used, at = metrics(url), cpu(daemon.pid), time.monotonic()
        time.sleep(seconds)
        after, used, passed = metrics(url), cpu(daemon.pid) - used, time.monotonic() - at
        polls = after["riverd_polls_total"] - before["riverd_polls_total"]
        same = after["riverd_polls_not_modified_total"] - before["riverd_polls_not_modified_total"]
        late = "riverd_poll_lateness_seconds"
        print(f"over {passed:.0f} s: {polls / passed:.0f} polls a second ({100 * same / max(1, polls):.0f} % not modified), "
              f"{used / passed:.2f} CPU seconds a second, memory {memory(daemon.pid, 'VmRSS'):.0f} MiB (highest "
              f"{memory(daemon.pid, 'VmHWM'):.0f}), lateness p50 <= {percentile(before, after, late, .5):g} s, "
              f"p99 <= {percentile(before, after, late, .99):g} s", flush=True)
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(30)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--riverd", default="build/riverd")
    parser.add_argument("--sources", type=int, default=100_000)
    parser.add_argument("--rate", type=int, default=300, help="polls a second")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--folder", help="kept; else a temporary one")
    parser.add_argument("--prepare", action="store_true", help="only make the folder ready")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with tempfile.TemporaryDirectory(prefix="riverd-bench-") as temporary:
        folder = pathlib.Path(options.folder or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        ready = folder / "ready"
        port = int(ready.read_text()) if ready.exists() else free_port()
        origin = start_origin(folder, port)
        try:
            prepare(folder, options.riverd, options.sources, options.rate, port)
            if not options.prepare:
                run(folder, options.riverd, options.sources, options.rate, options.seconds, port)
        finally:
            origin.terminate()
            origin.wait()


if __name__ == "__main__":
    main()
