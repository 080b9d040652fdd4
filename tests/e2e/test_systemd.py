"""The units: valid, and with the sandbox that they promise."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

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

    def test_the_daemon_is_started_reloaded_and_watched_as_it_expects(self):
        unit = (self.folder / "riverd.service").read_text()
        for line in ["Type=notify", "ExecReload=kill -HUP $MAINPID", "DynamicUser=yes", "StateDirectory=riverd", "LoadCredential=riverd.token"]:
            self.assertIn(f"\n{line}\n", unit)
        self.assertRegex(unit, r"\nExecStart=\S+ serve --config /\S*etc/riverd/riverd\.toml\n")
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
        self.assertIn("STATUS=", self.expect("READY=1"))
        self.expect("WATCHDOG=1")
        daemon.send_signal(signal.SIGHUP)
        self.expect("RELOADING=1")
        self.expect("READY=1")
        daemon.send_signal(signal.SIGTERM)
        self.expect("STOPPING=1")
        self.assertEqual(daemon.wait(timeout=6), 0)

    @unittest.skipUnless(shutil.which("systemd-socket-activate"), "systemd-socket-activate is not installed")
    def test_sockets_are_taken_over(self):
        path = self.folder / "river.sock"
        daemon = self.start("systemd-socket-activate", "-l", str(path), "-E", "NOTIFY_SOCKET")
        deadline = time.monotonic() + 10
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(str(path))
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            self.assertTrue(client.recv(100).startswith(b"HTTP/1.1 200 "))
        daemon.send_signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(timeout=6), 0)

    def test_a_backup_is_a_river_again(self):
        self.start()
        self.expect("READY=1")
        copy = self.folder / "copy.db"
        done = subprocess.run([RIVERD, "backup", "--config", self.config, copy], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.config.write_text(f'[server]\nlisten = "127.0.0.1:0"\n[storage]\npath = "{copy}"\n')
        self.start()
        self.expect("READY=1")


if __name__ == "__main__":
    unittest.main()
