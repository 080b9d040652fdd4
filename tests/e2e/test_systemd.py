"""The units: valid, and with the sandbox that they promise."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
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


if __name__ == "__main__":
    sys.argv = sys.argv[:1]
    unittest.main()
