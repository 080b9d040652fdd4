"""./start and ./check in a bare Debian with nothing but git and a checkout, as root and as a user with sudo (RIVERD_HEAVY=1)."""

import os
import re
import signal
import subprocess
import sys
import time
import unittest
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support import debian  # noqa: E402
from support.debian import run  # noqa: E402
from support.origin import Origin, rss  # noqa: E402

SOURCE_DIR = Path(os.environ["RIVERD_SOURCE_DIR"])
HEAVY = os.environ.get("RIVERD_HEAVY") == "1"


@unittest.skipUnless(HEAVY, "RIVERD_HEAVY is not 1")
class Checkout(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if reason := debian.unavailable():
            raise unittest.SkipTest(reason)

    def tree(self, include):
        tree = self.enterContext(debian.Tree(include))
        bundle = tree.root / "riverd.bundle"
        # What is committed, and nothing that a build left behind.
        run("git", "-c", "safe.directory=*", "-C", SOURCE_DIR, "bundle", "create", bundle, "HEAD")
        return tree

    def start_serves_a_river(self, tree, folder, user=None, home="/root"):
        tree.run("git", "clone", "--quiet", "/riverd.bundle", folder, user=user)
        with Origin({"/feed": rss("T", {"title": "the first story", "guid": "1"})}) as origin:
            # The sample's feeds are on the Internet; a feed on loopback takes their place.
            config = tree.root / folder.lstrip("/") / "config/riverd.toml"
            config.write_text(f'[server]\nlisten = "127.0.0.1:0"\n[storage]\npath = "var/riverd.db"\n[fetch]\nallow_private_networks = true\n'
                              f'[[source]]\nname = "s"\nurl = "{origin.url}/feed"\n')
            for limit in [1800, 60]:  # the second time is quick
                started = time.monotonic()
                process = tree.start(f"{folder}/start", user=user, env={"HOME": home}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True)
                self.addCleanup(process.stdout.close)
                try:
                    url = next((found[1] for line in process.stdout if (found := re.search(r"the river is at (http://127\.0\.0\.1:\d+)/", line))), None)
                    self.assertIsNotNone(url, process.poll())
                    self.assertLess(time.monotonic() - started, limit)
                    self.wait_for(f"{url}/", "the first story")
                finally:
                    if process.poll() is None:
                        os.killpg(process.pid, signal.SIGINT)
                self.assertEqual(process.wait(20), 0)
            self.assertTrue((config.parent.parent / "var/riverd.db").exists())

    def wait_for(self, url, text):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with urllib.request.urlopen(url, timeout=20) as answer:
                if text in answer.read().decode():
                    return
            time.sleep(0.2)
        self.fail(f"{text!r} did not come at {url}")

    def test_start_as_root(self):
        self.start_serves_a_river(self.tree(["git"]), "/root/riverd")

    def test_start_as_a_user_with_sudo(self):
        tree = self.tree(["git", "sudo"])
        tree.run("useradd", "--create-home", "ann")
        (tree.root / "etc/sudoers.d/ann").write_text("ann ALL=(ALL) NOPASSWD: ALL\n")
        self.start_serves_a_river(tree, "/home/ann/riverd", user="ann", home="/home/ann")

    def test_check_as_root(self):
        tree = self.tree(["git"])
        tree.run("git", "clone", "--quiet", "/riverd.bundle", "/root/riverd")
        out = tree.run("/root/riverd/check", timeout=7200, env={"RIVERD_HEAVY": "0"})
        self.assertRegex(out, r"100% tests passed, 0 tests failed out of \d+")


if __name__ == "__main__":
    unittest.main()
