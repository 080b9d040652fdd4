#!/usr/bin/env python3
"""How dear is polling? `riverd update` of N distinct feeds from nginx on loopback, beside curl and other aggregators.

  tests/bench/update.py [--riverd build/riverd] [--feeds 1000] [--peers]
  tests/bench/update.py --latency 50 [--feeds 10000] [--concurrency 64]

Prints, from one run: wall seconds, CPU seconds and peak memory of each, for a cold store (search index included), for warm
304 answers and for warm 200 answers with the same bodies; then every ratio with both its numbers. --peers runs newsboat
and sfeed_update too, where they are installed, cold. curl fetches the same URLs with --parallel, into memory (/dev/null).
With --latency the origin waits so many milliseconds before each answer, on 2,000 loopback addresses, and the time of a
cold and of a conditional update stands beside feeds / concurrency x latency x 1.3.
"""

import argparse
import asyncio
import multiprocessing
import os
import pathlib
import random
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time

WORDS = ("river water stone cloud server kernel feed story reader light paper morning market region price power number "
         "report update release change people garden window bridge signal memory thread socket packet letter").split()


def sentence(dice, words):
    return " ".join(dice.choices(WORDS, k=words)).capitalize() + "."


def body(dice):
    paragraphs = []
    for _ in range(dice.randint(3, 13)):
        text = " ".join(sentence(dice, dice.randint(6, 18)) for _ in range(dice.randint(2, 5)))
        if dice.random() < .5:
            text += f' <a href="https://example.org/{dice.getrandbits(40):x}?a=1&amp;b=2">{dice.choice(WORDS)}</a>'
        paragraphs.append(f"<p>{text}</p>")
    if dice.random() < .5:
        paragraphs.insert(1, f'<p><img src="/img/{dice.getrandbits(32):x}.jpg" alt="{dice.choice(WORDS)}" width="640"></p>')
    return "\n".join(paragraphs)


def feed(number):
    """An RSS document of the size and shape that blogs publish: about 70 KB, 21 entries."""
    dice = random.Random(number)
    site = f"https://site{number}.example"
    items = []
    for entry in range(21):
        link = f"{site}/posts/{entry}-{dice.getrandbits(32):x}"
        items.append(
            f"<item><title>{sentence(dice, 7)}</title><link>{link}</link><guid>{link}</guid>"
            f"<pubDate>Wed, {1 + entry % 28:02d} Sep 2024 {entry:02d}:37:16 GMT</pubDate>"
            f"<dc:creator>{dice.choice(WORDS)}</dc:creator><category>{dice.choice(WORDS)}</category>"
            f"<description><![CDATA[{sentence(dice, 25)}]]></description>"
            f"<content:encoded><![CDATA[{body(dice)}]]></content:encoded></item>")
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
            f'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Site {number}</title>'
            f"<link>{site}/</link><description>About {number}</description>\n" + "\n".join(items) + "</channel></rss>\n")


class Origin:
    """nginx on many loopback addresses, so that limits a host do not decide the outcome."""

    def __init__(self, root, hosts, validators):
        self.root, self.port = root, 0
        self.hosts = [f"127.0.1.{1 + n}" for n in range(hosts)]
        with socket.socket() as probe:
            probe.bind((self.hosts[0], 0))
            self.port = probe.getsockname()[1]
        conf = root / f"nginx-{validators}.conf"
        listen = "\n".join(f"listen {host}:{self.port};" for host in self.hosts)
        plain = "" if validators else ("etag off; if_modified_since off; add_header Last-Modified '';")
        conf.write_text(f"""
{"user root; " if os.geteuid() == 0 else ""}daemon off; worker_processes 1; pid {root}/nginx.pid; error_log {root}/error.log;
events {{ worker_connections 4096; }}
http {{ access_log off; sendfile on; types {{ application/rss+xml xml; }} keepalive_requests 100000;
  client_body_temp_path {root}/t1; proxy_temp_path {root}/t2; fastcgi_temp_path {root}/t3;
  uwsgi_temp_path {root}/t4; scgi_temp_path {root}/t5;
  server {{ {listen} root {root}/feeds; {plain} }} }}
""")
        self.process = subprocess.Popen(["nginx", "-c", str(conf)], stderr=subprocess.DEVNULL)
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex((self.hosts[0], self.port)) == 0:
                    return
            time.sleep(.02)
        raise SystemExit("nginx did not start")

    def urls(self, feeds):
        return [f"http://{self.hosts[n % len(self.hosts)]}:{self.port}/{n}.xml" for n in range(feeds)]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def measure(name, command, **options):
    """Runs a command: its CPU seconds (its children's too), wall seconds, output. Prints them and its peak memory."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=out, stderr=errors, **options)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - start
        cpu = used.ru_utime + used.ru_stime
        print(f"{name:34} {wall:8.2f} s wall {cpu:8.2f} s CPU {used.ru_maxrss / 1024:6.0f} MiB", flush=True)
        out.seek(0)
        errors.seek(0)
        if process.returncode not in (0, 1):
            sys.exit(f"{name} failed: {errors.read()[-2000:].decode(errors='replace')}")
        return cpu, wall, out.read().decode(errors="replace")


def compare(mine, theirs, label, what, goal):
    """Both numbers of a ratio, and what is asked for."""
    place = 0 if what == "CPU" else 1
    print(f"{label}: {what} {mine[place]:.2f} s / {theirs[place]:.2f} s = {mine[place] / max(theirs[place], .01):.2f} (goal: {goal})")


def curl(root, urls, conditional):
    """curl --parallel fetching the same URLs; conditional asks with the ETag saved by the run before."""
    config = root / "curl.conf"
    (root / "etags").mkdir(exist_ok=True)
    blocks = []
    for n, url in enumerate(urls):
        etag = f'etag-save = "{root}/etags/{n}"\n' + (f'etag-compare = "{root}/etags/{n}"\n' if conditional else "")
        blocks.append(f'url = "{url}"\noutput = "/dev/null"\nsilent\n{etag}')
    config.write_text("next\n".join(blocks))
    return ["curl", "-Z", "--parallel-max", "256", "-K", str(config)]


def riverd_config(root, name, urls, fetch="per_host = 16"):
    lines = ['[storage]', f'path = "{root}/{name}.db"', '[fetch]', 'allow_private_networks = true', fetch]
    for n, url in enumerate(urls):
        lines += ['[[source]]', f'name = "s{n}"', f'url = "{url}"']
    path = root / f"{name}.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


def peers(root, urls):
    if shutil.which("newsboat"):
        home = root / "newsboat"
        home.mkdir()
        (home / "urls").write_text("\n".join(urls) + "\n")
        (home / "config").write_text("reload-threads 8\n")
        command = ["newsboat", "-u", str(home / "urls"), "-c", str(home / "cache.db"), "-C", str(home / "config"),
                   "-x", "reload"]
        yield "newsboat", command, {"env": {**os.environ, "HOME": str(home)}}
    if shutil.which("sfeed_update"):
        home = root / "sfeed"
        (home / "feeds").mkdir(parents=True)
        calls = "\n".join(f"feed 's{n}' '{url}'" for n, url in enumerate(urls))
        (home / "sfeedrc").write_text(f"sfeedpath='{home}/feeds'\nmaxjobs=8\nfeeds() {{\n{calls}\n}}\n")
        yield "sfeed_update", ["sfeed_update", str(home / "sfeedrc")], {}


class SlowAnswers(asyncio.Protocol):
    """Answers every request `latency` seconds after it came: a small feed, or 304 to one with a validator."""

    latency = 0.0

    def connection_made(self, transport):
        self.transport, self.data = transport, b""

    def data_received(self, data):
        self.data += data
        while b"\r\n\r\n" in self.data:
            head, _, self.data = self.data.partition(b"\r\n\r\n")
            asyncio.get_running_loop().call_later(self.latency, self.answer, head)

    def answer(self, head):
        if b"if-none-match" in head.lower():
            self.transport.write(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')
            return
        name = head.split(b" ", 2)[1].decode()
        body = (f'<rss version="2.0"><channel><title>{name}</title><item><title>story of {name}</title>'
                f"<link>https://site.example{name}</link></item></channel></rss>").encode()
        self.transport.write(b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: %d\r\n\r\n%s' % (len(body), body))


def serve_slowly(latency, ready):
    async def serve():
        SlowAnswers.latency = latency
        server = await asyncio.get_running_loop().create_server(SlowAnswers, "0.0.0.0", 0, backlog=4096)
        ready.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()
    asyncio.run(serve())


def with_latency(options):
    ready = multiprocessing.Queue()
    origin = multiprocessing.Process(target=serve_slowly, args=(options.latency / 1000, ready), daemon=True)
    origin.start()
    port = ready.get()
    with tempfile.TemporaryDirectory(prefix="riverd-bench-") as folder:
        root = pathlib.Path(folder)
        urls = [f"http://127.{1 + n % 20}.1.{1 + n // 20 % 100}:{port}/{n}.xml" for n in range(options.feeds)]
        config = riverd_config(root, "slow", urls, f"concurrency = {options.concurrency}\nper_host = 16")
        update = [options.riverd, "update", "--json", "--config", str(config)]
        allowed = options.feeds / options.concurrency * options.latency / 1000 * 1.3
        for state in ("cold", "conditional"):
            _, wall, out = measure(f"riverd {state}", update)
            print("  " + out.strip())
            print(f"{state}: {wall:.2f} s wall, {allowed:.2f} s allowed ({options.feeds} / {options.concurrency} x {options.latency} ms x 1.3)")
    origin.terminate()


def write_feeds(folder, count):
    """Writes those that are not there yet; their size in bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{n}.xml" for n in range(count)]
    for n, path in enumerate(paths):
        if not path.exists():
            path.write_text(feed(n))
    return sum(path.stat().st_size for path in paths)


def against_files(options):
    with tempfile.TemporaryDirectory(prefix="riverd-bench-") as folder:
        root = pathlib.Path(folder)
        if options.folder:
            (root / "feeds").symlink_to(pathlib.Path(options.folder).absolute())
        size = write_feeds(pathlib.Path(options.folder or root / "feeds"), options.feeds)
        print(f"{options.feeds} feeds, {size / 1e6:.0f} MB, {21 * options.feeds} entries", flush=True)
        figures = {}
        for validators, label in ((True, "304"), (False, "200, same body")):
            origin = Origin(root, options.hosts, validators)
            try:
                urls = origin.urls(options.feeds)
                name = "etag" if validators else "plain"
                update = [options.riverd, "update", "--json", "--config", str(riverd_config(root, name, urls))]
                if validators:
                    figures["curl", "cold"] = measure("curl cold", curl(root, urls, False))
                cold = measure(f"riverd cold ({name})", update)
                figures.setdefault(("riverd", "cold"), cold)
                print("  " + cold[2].strip())
                if '"failed":0,' not in cold[2]:
                    sys.exit("the origin does not answer as it should: " + (root / "error.log").read_text()[-500:])
                figures["curl", label] = measure(f"curl {label}", curl(root, urls, validators))
                figures["riverd", label] = measure(f"riverd {label}", update)
                print("  " + figures["riverd", label][2].strip())
                if validators and options.peers:
                    for peer, command, extra in peers(root, urls):
                        figures[peer, "cold"] = measure(f"{peer} cold", command, **extra)
            finally:
                origin.stop()
        compare(figures["riverd", "cold"], figures["curl", "cold"], "riverd / curl, cold", "wall", "2, with cores to spare")
        compare(figures["riverd", "304"], figures["curl", "304"], "riverd / curl, 304", "CPU", "2")
        compare(figures["riverd", "200, same body"], figures["curl", "200, same body"], "riverd / curl, 200 with the same body", "CPU", "3")
        for peer, state in figures:
            if peer not in ("riverd", "curl"):
                compare(figures["riverd", "cold"], figures[peer, state], f"riverd / {peer}, cold", "CPU", "0.25")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--riverd", default="build/riverd")
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--peers", action="store_true", help="newsboat and sfeed_update, too")
    parser.add_argument("--folder", help="of the feeds, kept for the next run")
    parser.add_argument("--latency", type=int, help="milliseconds before each answer of the origin")
    parser.add_argument("--concurrency", type=int, default=64, help="fetch.concurrency, with --latency")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with_latency(options) if options.latency else against_files(options)


if __name__ == "__main__":
    main()
