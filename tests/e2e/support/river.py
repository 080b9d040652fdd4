"""A running `riverd serve`, reached over a socket that is handed to it (systemd socket activation): no port to race for."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

RIVERD = os.path.abspath(os.environ["RIVERD"])  # each daemon runs in a folder of its own

# Puts the socket at descriptor 3 and names its own process, which exec keeps (sd_listen_fds, 3).
HAND_OVER = ("import os, sys; os.dup2(int(sys.argv[1]), 3); "
             "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1'); os.execv(sys.argv[2], sys.argv[2:])")


class River:
    """`riverd serve` in a folder of its own; a context manager.

    server, extra: TOML for [server] and for the rest of the file. sources: name -> URL. disk: the size of a file system of its own
    for that folder, as tmpfs(5) writes it (needs root).
    """

    def __init__(self, sources=None, server="", extra="", limits=None, env=None, disk=None):
        self._folder = tempfile.TemporaryDirectory(prefix="riverd-test-")
        self.path = Path(self._folder.name)
        self.disk = disk
        if disk:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={disk}", "tmpfs", self.path], check=True)
        self.sources = dict(sources or {})
        self.server = server
        self.extra = extra
        self.limits = limits  # called in the child before it runs (setrlimit, say)
        self.env = dict(env or {})  # besides the test's own
        self.process = self.log = None

    def write_config(self):
        tables = "".join(f'[[source]]\nname = "{name}"\nurl = "{url}"\n' for name, url in self.sources.items())
        (self.path / "riverd.toml").write_text(
            f'[server]\nlisten = "127.0.0.1:0"\n{self.server}\n[storage]\npath = "{self.path}/riverd.db"\n'
            f'[fetch]\nallow_private_networks = true\n{self.extra}\n{tables}')

    def start(self):
        self.launch()
        self.wait_until(lambda: self.get("/healthz")[0] == 200, 20)
        return self

    def launch(self):
        """Starts it without waiting for anything."""
        self.write_config()
        listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        if self.log:
            self.log.close()
        self.log = open(self.path / "log", "ab")
        self.process = subprocess.Popen([sys.executable, "-c", HAND_OVER, str(listener.fileno()), RIVERD, "serve",
                                         "--config", str(self.path / "riverd.toml")],
                                        pass_fds=[listener.fileno()], stderr=self.log, stdout=self.log, cwd=self.path,
                                        preexec_fn=self.limits, env={**os.environ, "ASAN_OPTIONS": "verify_asan_link_order=0", **self.env})
        listener.close()

    def stop(self, sign=signal.SIGTERM):
        """The exit status, and the seconds it took."""
        start = time.monotonic()
        self.process.send_signal(sign)
        status = self.process.wait(30)
        return status, time.monotonic() - start

    def __enter__(self):
        return self.start()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()

    def __exit__(self, *_):
        if self.process:
            self.kill()
        if self.disk:
            subprocess.run(["umount", self.path], check=True)
        self._folder.cleanup()

    def wait_until(self, true, seconds=10):
        end = time.monotonic() + seconds
        while True:
            try:
                if true():
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                raise AssertionError(f"riverd ended with {self.process.returncode}: " + self.read_log())
            if time.monotonic() > end:
                raise AssertionError("what was waited for did not come: " + self.read_log())
            time.sleep(0.02)

    def read_log(self):
        return (self.path / "log").read_text("utf-8", "replace")[-4000:]

    def get(self, target, headers=None, method="GET", data=None):
        """Status, headers (lower case), body."""
        asked = urllib.request.Request(self.url + target, headers=headers or {}, method=method, data=data)
        opener = urllib.request.build_opener(NoRedirect)
        try:
            with opener.open(asked, timeout=20) as answer:
                return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()

    def json(self, target, **options):
        status, _, body = self.get(target, **options)
        assert status == 200, (status, body[:500])
        return json.loads(body)

    def everything(self):
        """Every post, in order of arrival, page by page."""
        posts, cursor = [], ""
        while True:
            page = self.json(f"/api/v1/posts?order=arrival&limit=1000{cursor}")
            posts += page["posts"]
            if not page["next_cursor"]:
                return posts
            cursor = "&cursor=" + page["next_cursor"]

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def memory(self):
        """Resident bytes."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")

    def peak_memory(self):
        """The most resident bytes it ever had."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmHWM")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def cpu(self):
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
