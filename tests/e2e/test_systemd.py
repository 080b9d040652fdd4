"""The units: valid, and with the sandbox that they promise."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.origin import Origin  # noqa: E402

BUILD_DIR = Path(os.environ["RIVERD_BUILD_DIR"])
SOURCE_DIR = Path(os.environ["RIVERD_SOURCE_DIR"])
RIVERD = os.environ["RIVERD"]
SERVICES = ["riverd.service", "riverd-update.service"]
OTHERS = ["riverd.socket", "riverd-update.timer"]
MOST_EXPOSURE = 1.2


@unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
class Units(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for name in SERVICES:
            text = (BUILD_DIR / "systemd" / name).read_text()
            (self.folder / name).write_text(re.sub(r"(?m)^(Exec\w+=)\S*/riverd ", rf"\1{RIVERD} ", text))
        for name in OTHERS:
            shutil.copy(SOURCE_DIR / "systemd" / name, self.folder)

    def test_units_are_valid(self):
        for name in SERVICES + OTHERS:
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(self.folder / name)], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""), name)

    def test_a_break_in_finds_little(self):
        for name in SERVICES:
            done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", str(self.folder / name)],
                                  capture_output=True, text=True)
            found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
            self.assertIsNotNone(found, done.stdout + done.stderr)
            self.assertLessEqual(float(found[1]), MOST_EXPOSURE, name)

    def test_restarts_are_spaced_out_where_systemd_can(self):
        with tempfile.TemporaryDirectory() as build:
            subprocess.run(["cmake", "-S", SOURCE_DIR, "-B", build, "-G", "Ninja", "-DRIVERD_TESTS=OFF", "-DRIVERD_SYSTEMD_VERSION=254"], check=True, capture_output=True)
            unit = (Path(build) / "systemd/riverd.service").read_text()
        for key in ["RestartSec=2s", "RestartSteps=8", "RestartMaxDelaySec=5min"]:
            self.assertIn(f"\n{key}\n", unit)

    def test_it_is_never_given_up(self):
        self.assertIn("\nStartLimitIntervalSec=0\n", (self.folder / "riverd.service").read_text())

    def test_both_services_share_one_sandbox(self):
        sandboxes = [(SOURCE_DIR / "systemd" / name).read_text().partition("# What riverd can do without")[2].partition("\n[Install]")[0].rstrip() for name in SERVICES]
        self.assertGreater(len(sandboxes[0].splitlines()), 30)
        self.assertEqual(sandboxes[0], sandboxes[1])

    def test_the_daemon_is_started_reloaded_and_watched_as_it_expects(self):
        unit = (self.folder / "riverd.service").read_text()
        for line in ["Type=notify", "ExecReload=kill -HUP $MAINPID", "DynamicUser=yes", "StateDirectory=riverd", "LoadCredential=riverd.token"]:
            self.assertIn(f"\n{line}\n", unit)
        self.assertRegex(unit, r"\nExecStart=\S+ serve --config /\S*etc/riverd/riverd\.toml\n")
        self.assertRegex(unit, r"\nExecReload=\S+ check --config /\S*etc/riverd/riverd\.toml\nExecReload=kill ")  # else systemctl would not say so
        self.assertRegex(unit, r"\nWatchdogSec=\d+s\n")
        self.assertRegex(unit, r"\nRestart=on-failure\nRestartSec=\d+s\n")


class Notified(unittest.TestCase):
    """The daemon as the unit starts it, with this test in systemd's place."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.notified.close)
        self.notified.bind(str(self.folder / "notify"))
        self.notified.settimeout(20)
        self.config = self.folder / "riverd.toml"
        self.config.write_text(f'[server]\nlisten = "127.0.0.1:0"\n[storage]\npath = "{self.folder}/river.db"\n')

    def configure(self, text):
        self.config.write_text(self.config.read_text() + "[fetch]\nallow_private_networks = true\n" + text)

    def start(self, *prefix, **environment):
        command = re.search(r"(?m)^ExecStart=(.*)$", (BUILD_DIR / "systemd/riverd.service").read_text())[1].split()
        command = [*prefix, RIVERD, *command[1:-1], str(self.config)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env={**os.environ, "NOTIFY_SOCKET": str(self.folder / "notify"), **environment})
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def expect(self, line):
        """Waits for a notification that has this line, or a line that begins so."""
        while True:
            message = self.notified.recv(65536).decode()
            if any(part.startswith(line) for part in message.splitlines()):
                return message

    def test_ready_watchdog_reload_and_stop_are_told(self):
        daemon = self.start(WATCHDOG_USEC="2000000")
        self.assertIn("STATUS=0 sources, 0 failing, 0 posts", self.expect("READY=1").splitlines())
        self.expect("WATCHDOG=1")
        self.expect("WATCHDOG=1")
        before = time.monotonic_ns() // 1000
        daemon.send_signal(signal.SIGHUP)
        told = self.expect("RELOADING=1")
        self.assertTrue(before <= int(re.search(r"(?m)^MONOTONIC_USEC=(\d+)$", told)[1]) <= time.monotonic_ns() // 1000, told)
        self.expect("READY=1")
        daemon.send_signal(signal.SIGTERM)
        self.expect("STOPPING=1")
        self.assertEqual(daemon.wait(timeout=6), 0)

    def test_the_status_counts_sources_failures_and_posts(self):
        items = "".join(f"<item><title>t{n}</title><guid>{n}</guid></item>" for n in range(1234))
        with Origin({"/feed": ("text/xml", f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'), "/gone": 404}) as origin:
            self.configure("".join(f'[[source]]\nname = "{name}"\nurl = "{origin.url}/{path}"\n' for name, path in [("a", "feed"), ("b", "gone")]))
            daemon = self.start()
            self.expect("READY=1")
            self.expect("STATUS=2 sources, 1 failing, 1 234 posts")
            self.config.write_text(self.config.read_text() + '[[source]]\nurl = "http://127.0.0.1:1/"\nenabled = false\n')
            daemon.send_signal(signal.SIGHUP)
            self.assertIn("STATUS=2 sources, 1 failing, 1 234 posts", self.expect("READY=1"))

    @unittest.skipUnless(shutil.which("systemd-socket-activate"), "systemd-socket-activate is not installed")
    def test_all_sockets_that_are_handed_over_are_served(self):
        path = self.folder / "river.sock"
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.config.write_text(self.config.read_text().replace("127.0.0.1:0", f"unix:{self.folder}/not-used.sock"))
        daemon = self.start("systemd-socket-activate", "-l", str(path), "-l", f"127.0.0.1:{port}", "-E", "NOTIFY_SOCKET")
        deadline = time.monotonic() + 10
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.02)

        def ask(family, address):
            with socket.socket(family) as client:
                client.settimeout(20)
                client.connect(address)
                client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return client.recv(100)
        self.assertTrue(ask(socket.AF_UNIX, str(path)).startswith(b"HTTP/1.1 200 "))
        self.assertTrue(ask(socket.AF_INET, ("127.0.0.1", port)).startswith(b"HTTP/1.1 200 "))
        self.assertFalse((self.folder / "not-used.sock").exists())
        daemon.send_signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(timeout=6), 0)
        self.assertTrue(path.exists(), "what systemd made is systemd's to remove")

    def test_a_descriptor_that_is_no_socket_is_refused(self):
        hand_over = "import os,sys; os.dup2(0, 3); os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1'); os.execv(sys.argv[1], sys.argv[1:])"
        daemon = self.start(sys.executable, "-c", hand_over)
        self.assertEqual(daemon.wait(timeout=10), 78)
        self.assertIn("descriptor 3", daemon.stderr.read())

    def test_a_backup_made_while_it_serves_is_a_river_again(self):
        feed = '<rss version="2.0"><channel><title>T</title><item><title>kept</title><guid>1</guid></item></channel></rss>'
        with Origin({"/feed": ("text/xml", feed)}) as origin:
            self.configure(f'[[source]]\nname = "a"\nurl = "{origin.url}/feed"\n')
            self.start()
            self.expect("STATUS=1 sources, 0 failing, 1 posts")
        copy = self.folder / "copy.db"
        done = subprocess.run([RIVERD, "backup", "--config", self.config, copy], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.config.write_text(self.config.read_text().replace("river.db", "copy.db"))
        self.start()
        self.assertIn("STATUS=1 sources, 0 failing, 1 posts", self.expect("READY=1"))
        done = subprocess.run([RIVERD, "query", "--config", self.config], capture_output=True, text=True)
        self.assertIn("kept", done.stdout)


if __name__ == "__main__":
    unittest.main()
