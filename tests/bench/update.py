#!/usr/bin/env python3
"""How dear is polling? `riverd update` of N distinct feeds from nginx on loopback, beside curl and other aggregators.

  tests/bench/update.py [--riverd build/riverd] [--feeds 1000] [--peers]

Prints, from one run: wall seconds, CPU seconds and peak memory of each, for a cold store, for warm 304 answers and for
warm 200 answers with the same bodies, and the ratios to curl. --peers runs newsboat and sfeed_update where installed.
"""

import argparse
import json
import os
import pathlib
import random
import resource
import shutil
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
        import socket
        with socket.socket() as probe:
            probe.bind((self.hosts[0], 0))
            self.port = probe.getsockname()[1]
        conf = root / f"nginx-{validators}.conf"
        listen = "\n".join(f"listen {host}:{self.port};" for host in self.hosts)
        plain = "" if validators else ("etag off; if_modified_since off; add_header Last-Modified '';")
        conf.write_text(f"""
daemon off; worker_processes 1; pid {root}/nginx.pid; error_log {root}/error.log;
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
    """Runs a command; wall, CPU (its children's too) and peak memory of the largest process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{name:34} {wall:8.2f} s wall {cpu:8.2f} s CPU", flush=True)
    if done.returncode not in (0, 1):
        sys.exit(f"{name} failed: {done.stderr[-2000:]}")
    return cpu, wall, done.stdout


def curl(root, urls, conditional):
    """curl --parallel fetching the same URLs; conditional asks with the ETag saved by the run before."""
    config = root / "curl.conf"
    lines = []
    for n, url in enumerate(urls):
        lines += [f'url = "{url}"', f'output = "{root}/curl/{n}"', f'etag-save = "{root}/etags/{n}"']
        if conditional:
            lines.append(f'etag-compare = "{root}/etags/{n}"')
        lines += ["next"]
    config.write_text("silent\nparallel\nparallel-max = 256\n" + "\n".join(lines[:-1]).replace("\nnext\n", "\nnext\nsilent\n"))
    for folder in ("curl", "etags"):
        (root / folder).mkdir(exist_ok=True)
    return ["curl", "-Z", "--parallel-max", "256", "-K", str(config)]


def riverd_config(root, name, urls):
    lines = ['[storage]', f'path = "{root}/{name}.db"', '[fetch]', 'allow_private_networks = true', 'per_host = 16']
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--riverd", default="build/riverd")
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--peers", action="store_true")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with tempfile.TemporaryDirectory(prefix="riverd-bench-") as folder:
        root = pathlib.Path(folder)
        (root / "feeds").mkdir()
        size = sum((root / "feeds" / f"{n}.xml").write_text(feed(n)) for n in range(options.feeds))
        print(f"{options.feeds} feeds, {size / 1e6:.0f} MB, {21 * options.feeds} entries")
        figures = {}
        for validators, label in ((True, "304"), (False, "200, same body")):
            origin = Origin(root, options.hosts, validators)
            try:
                urls = origin.urls(options.feeds)
                name = "etag" if validators else "plain"
                update = [options.riverd, "update", "--json", "--config", str(riverd_config(root, name, urls))]
                figures["curl", "cold"] = measure("curl cold", curl(root, urls, False))
                figures["riverd", "cold"] = measure("riverd cold", update)
                print("  " + figures["riverd", "cold"][2].strip())
                figures["curl", label] = measure(f"curl {label}", curl(root, urls, validators))
                figures["riverd", label] = measure(f"riverd {label}", update)
                print("  " + figures["riverd", label][2].strip())
                if validators and options.peers:
                    for peer, command, extra in peers(root, urls):
                        measure(f"{peer} cold", command, **extra)
                        measure(f"{peer} warm", command, **extra)
            finally:
                origin.stop()
            for state in ("cold", label):
                mine, theirs = figures["riverd", state], figures["curl", state]
                print(f"riverd / curl, {state}: CPU {mine[0] / theirs[0]:.2f}, wall {mine[1] / theirs[1]:.2f}")


if __name__ == "__main__":
    main()
