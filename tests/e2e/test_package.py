"""Installation into GNU folders; with RIVERD_INSTALL=1 also the Debian package, through its life in a fresh Debian 12."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support import debian  # noqa: E402
from support.debian import run  # noqa: E402
from support.origin import Origin, rss  # noqa: E402
from support.snippets import blocks  # noqa: E402

BUILD_DIR = Path(os.environ["RIVERD_BUILD_DIR"])
SOURCE_DIR = Path(os.environ["RIVERD_SOURCE_DIR"])
INSTALL = os.environ.get("RIVERD_INSTALL") == "1"
HEAVY = os.environ.get("RIVERD_HEAVY") == "1"
# What lintian says that does not hold for a package built by its own project rather than for Debian's archive.
ACCEPTED = ["initial-upload-closes-no-bugs", "no-changelog"]


class Install(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def install(self):
        run("cmake", "--install", BUILD_DIR, env={**os.environ, "DESTDIR": str(self.root)})

    def find(self, name):
        found = list(self.root.rglob(name))
        self.assertEqual(len(found), 1, (name, found))
        return found[0]

    def test_everything_is_installed_where_gnu_has_it(self):
        self.install()
        for name, folder in [("riverd.1.gz", "man1"), ("riverd.toml.5.gz", "man5"), ("riverd.service", "system"), ("riverd.socket", "system"),
                             ("riverd-update.service", "system"), ("riverd-update.timer", "system"), ("_riverd", None)]:
            path = self.find(name)
            self.assertIn(folder, [None, path.parent.name], name)
        binary = next(path for path in self.root.rglob("bin/riverd"))
        self.assertRegex(run(binary, "--version"), r"^riverd \d")
        config = self.find("riverd.toml")
        self.assertIn('path = "/var/lib/riverd/riverd.db"', config.read_text())
        self.assertIn("ok, 15 sources", run(binary, "check", "--config", config))

    def test_a_config_that_is_there_is_kept(self):
        self.install()
        config = self.find("riverd.toml")
        config.write_text("# mine\n")
        self.install()
        self.assertEqual(config.read_text(), "# mine\n")


@unittest.skipUnless(INSTALL, "RIVERD_INSTALL is not 1")
class Package(unittest.TestCase):
    """Built as docs/operating.md says, then installed, started, upgraded and purged in a Debian of its own."""

    @classmethod
    def setUpClass(cls):
        if reason := debian.unavailable():
            raise unittest.SkipTest(reason)
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="riverd-package-")))
        [recipe] = [block for block in blocks(SOURCE_DIR / "docs/operating.md", "sh") if "cpack" in block]
        *steps, install = recipe.splitlines()
        cls.install = install.removeprefix("sudo ").split()
        for step in steps:
            run("sh", "-c", step, cwd=SOURCE_DIR)
        cls.first = cls.folder / "first.deb"
        shutil.copy(max((SOURCE_DIR / "build-deb").glob("riverd_*.deb"), key=os.path.getmtime), cls.first)
        run("cpack", "--config", "build-deb/CPackConfig.cmake", "-B", cls.folder / "next", "-D", "CPACK_DEBIAN_PACKAGE_RELEASE=2", cwd=SOURCE_DIR)
        [cls.second] = (cls.folder / "next").glob("*.deb")
        cls.tree = cls.enterClassContext(debian.Tree(["init-system-helpers", "systemd", "systemd-sysv", "curl"]))
        cls.root = cls.tree.root

    def test_1_the_package_is_as_debian_wants_it(self):
        fields = run("dpkg-deb", "-f", self.first)
        for library in ["procps", "ca-certificates", "libcurl4", "libsqlite3-0", "libsystemd0", "libpugixml1v5", "libre2-9", "libc6", "libboost-json1.81.0", "libxxhash0"]:
            self.assertRegex(fields, rf"Depends:.*\b{re.escape(library)}\b")
        names = run("dpkg-deb", "-c", self.first)
        for path in ["./usr/bin/riverd", "./etc/riverd/riverd.toml", "./usr/lib/systemd/system/riverd.service", "./usr/share/man/man1/riverd.1.gz",
                     "./usr/share/man/man5/riverd.toml.5.gz", "./usr/share/bash-completion/completions/riverd",
                     "./usr/share/zsh/vendor-completions/_riverd", "./usr/share/doc/riverd/copyright"]:
            self.assertRegex(names, rf"(?m) {re.escape(path)}$")
        self.assertNotRegex(names, r"(?m)^\S+ (?!root/root)")
        self.assertEqual(run("dpkg-deb", "-I", self.first, "conffiles"), "/etc/riverd/riverd.toml\n")
        run("dpkg-deb", "--raw-extract", self.first, self.folder / "raw")
        self.assertEqual(run("sh", "-c", "md5sum --check --quiet DEBIAN/md5sums", cwd=self.folder / "raw"), "")

    @unittest.skipUnless(shutil.which("lintian"), "lintian is not installed")
    def test_2_lintian_finds_no_error(self):
        done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", "--suppress-tags",
                               ",".join(ACCEPTED), self.first], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_3_its_life(self):
        feed = {"/feed": rss("T", *({"title": f"story {n}", "guid": str(n)} for n in range(3)))}
        with Origin(feed) as origin, Manager(self.root / "notify") as manager:
            self.is_installed()
            store = self.use(origin)
            daemon = self.starts(manager)
            self.serves_reloads_and_is_backed_up(manager, daemon, origin)
            self.stops(manager, daemon)
            self.is_upgraded_with_its_data(store)
            self.is_restored_from_the_backup(manager, store)
            self.takes_sockets_over(manager)
            self.is_removed_and_purged(store)

    def is_installed(self):
        shutil.copy(self.first, self.root / "riverd_first.deb")
        shutil.copy(self.second, self.root / "riverd_second.deb")
        self.tree.run("apt-get", "update")
        self.assertEqual(self.install[:2], ["apt", "install"])
        self.tree.run("apt", "install", "-y", "--no-install-recommends", "./riverd_first.deb")
        self.assertRegex(self.tree.run("riverd", "--version"), r"^riverd \d")
        self.assertIn("ok, 15 sources", self.tree.run("riverd", "check", "--config", "/etc/riverd/riverd.toml"))
        self.assertTrue((self.root / "etc/systemd/system/multi-user.target.wants/riverd.service").is_symlink())
        for unit in ["riverd.service", "riverd.socket", "riverd-update.service", "riverd-update.timer"]:
            self.tree.run("systemd-analyze", "verify", "--man=no", f"/lib/systemd/system/{unit}")

    def use(self, origin):
        """The administrator's config, and the state folder as systemd makes it; the daemon runs as nobody."""
        config = self.root / "etc/riverd/riverd.toml"
        config.write_text(f'[server]\nlisten = "127.0.0.1:{self.port()}"\n[storage]\npath = "/var/lib/riverd/riverd.db"\n[fetch]\nallow_private_networks = true\n'
                          f'[[source]]\nname = "s"\nurl = "{origin.url}/feed"\n# mine\n')
        store = self.root / "var/lib/riverd"
        store.mkdir(parents=True)
        shutil.chown(store, "nobody", "nogroup")
        return store

    def port(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
            return free.getsockname()[1]

    def unit(self, key):
        """What the unit says of this key, line by line."""
        return re.findall(rf"(?m)^{key}=(.*)$", (self.root / "lib/systemd/system/riverd.service").read_text())

    def starts(self, manager, *prefix):
        daemon = self.tree.start("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--no-new-privs", *prefix, *self.unit("ExecStart")[0].split(),
                                 env={"NOTIFY_SOCKET": "/notify", "WATCHDOG_USEC": "1000000"}, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(daemon.communicate)
        self.addCleanup(daemon.kill)
        return daemon

    def serves_reloads_and_is_backed_up(self, manager, daemon, origin):
        self.assertIn("STATUS=", manager.expect("READY=1"))
        manager.expect("STATUS=1 sources, 0 failing, 3 posts")
        manager.expect("WATCHDOG=1")
        self.tree.run("riverd", "backup", "--config", "/etc/riverd/riverd.toml", "/backup.db")
        origin.pages["/more"] = rss("M", {"title": "more", "guid": "m"})
        config = self.root / "etc/riverd/riverd.toml"
        config.write_text(config.read_text() + f'[[source]]\nname = "more"\nurl = "{origin.url}/more"\n')
        for command in self.unit("ExecReload"):
            self.tree.run("sh", "-c", command.replace("$MAINPID", str(daemon.pid)))
        self.assertIn("MONOTONIC_USEC=", manager.expect("RELOADING=1"))
        manager.expect("READY=1")
        manager.expect("STATUS=2 sources, 0 failing, 4 posts")

    def stops(self, manager, daemon):
        daemon.terminate()
        manager.expect("STOPPING=1")
        self.assertEqual(daemon.wait(6), 0)

    def is_upgraded_with_its_data(self, store):
        before = (self.root / "etc/riverd/riverd.toml").read_text()
        self.tree.run("apt", "install", "-y", "--no-install-recommends", "./riverd_second.deb")
        self.assertIn("-2", self.tree.run("dpkg-query", "-W", "-f", "${Version}", "riverd"))
        self.assertEqual((self.root / "etc/riverd/riverd.toml").read_text(), before)
        self.assertEqual(len(self.posts()), 4)

    def posts(self):
        return json.loads(self.tree.run("riverd", "query", "--config", "/etc/riverd/riverd.toml", "--json"))["posts"]

    def is_restored_from_the_backup(self, manager, store):
        for path in store.glob("riverd.db*"):
            path.unlink()
        shutil.copy(self.root / "backup.db", store / "riverd.db")
        shutil.chown(store / "riverd.db", "nobody", "nogroup")
        daemon = self.starts(manager)
        self.assertIn("3 posts", manager.expect("READY=1"))
        manager.expect("STATUS=2 sources, 0 failing, 4 posts")
        self.stops(manager, daemon)

    def takes_sockets_over(self, manager):
        port, path = self.port(), "/river.sock"
        (self.root / "river.sock").unlink(missing_ok=True)
        daemon = self.tree.start("systemd-socket-activate", "-l", path, "-l", f"127.0.0.1:{port}", "-E", "NOTIFY_SOCKET", *self.unit("ExecStart")[0].split(),
                                 env={"NOTIFY_SOCKET": "/notify"}, stderr=subprocess.DEVNULL)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)
        curl = ["curl", "--silent", "--fail", "--max-time", "20", "--retry", "20", "--retry-delay", "1", "--retry-all-errors"]
        self.assertIn('"status":"ok"', self.tree.run(*curl, f"{self.url}/healthz"))
        self.assertIn('"status":"ok"', self.tree.run(*curl, "--unix-socket", path, "http://localhost/healthz"))
        manager.expect("READY=1")
        self.stops(manager, daemon)

    def is_removed_and_purged(self, store):
        self.tree.run("apt-get", "remove", "-y", "riverd")
        self.assertTrue((self.root / "etc/riverd/riverd.toml").exists() and (store / "riverd.db").exists())
        self.tree.run("apt-get", "purge", "-y", "riverd")
        for path in ["etc/riverd", "var/lib/riverd", "usr/bin/riverd", "etc/systemd/system/multi-user.target.wants/riverd.service", "lib/systemd/system/riverd.service"]:
            self.assertFalse((self.root / path).exists() or (self.root / path).is_symlink(), path)


    @unittest.skipUnless(HEAVY, "RIVERD_HEAVY is not 1")
    @unittest.skipUnless(shutil.which("systemd-nspawn"), "systemd-nspawn is not installed")
    def test_4_its_life_under_systemd(self):
        """The same with the unit whole, sandbox and all, under a systemd that is process 1."""
        with Origin({"/feed": rss("T", {"title": "story", "guid": "1"})}) as origin, debian.Booted(self.tree) as machine:
            machine.run("apt-get", "install", "-y", "--no-install-recommends", "/riverd_first.deb")  # not started: see debian.Tree
            (self.root / "etc/riverd/riverd.toml").write_text(
                f'[server]\nlisten = "127.0.0.1:{self.port()}"\n[storage]\npath = "/var/lib/riverd/riverd.db"\n[fetch]\nallow_private_networks = true\n'
                f'[[source]]\nname = "good"\nurl = "{origin.url}/feed"\n[[source]]\nname = "gone"\nurl = "{origin.url}/gone"\n')
            credentials = self.root / "etc/credstore"
            credentials.mkdir(mode=0o700, exist_ok=True)
            (credentials / "riverd.token").write_text("s3cret\n")
            impatient = self.root / "etc/systemd/system/riverd.service.d/impatient.conf"
            impatient.parent.mkdir(parents=True)
            impatient.write_text("[Service]\nWatchdogSec=3s\nRestartSec=1s\n")
            machine.run("systemctl", "daemon-reload")

            def shown(key):
                return machine.run("systemctl", "show", "riverd.service", "--value", "-p", key).strip()
            machine.run("systemctl", "start", "riverd.service")
            machine.wait_until(lambda: shown("StatusText") == "2 sources, 1 failing, 1 posts", "the status")
            self.assertNotEqual(machine.run("ps", "-o", "user=", "-p", shown("MainPID")).strip(), "root")
            machine.run("systemctl", "reload", "riverd.service")
            entry = json.loads(machine.run("journalctl", "-u", "riverd.service", "SOURCE=gone", "-o", "json", "-n", "1"))
            self.assertEqual((entry["URL"], entry["STATUS"], entry["_TRANSPORT"]), (f"{origin.url}/gone", "404", "journal"))

            poll = ["curl", "--silent", "-o", "/dev/null", "-w", "%{http_code}", "-X", "POST", f"{self.url}/api/v1/sources/good/poll"]
            self.assertEqual(machine.run(*poll), "401")
            self.assertEqual(machine.run(*poll, "-H", "Authorization: Bearer s3cret"), "202")

            stuck = shown("MainPID")
            machine.run("kill", "-STOP", stuck)
            machine.wait_until(lambda: shown("NRestarts") == "1" and shown("ActiveState") == "active", "the restart of a stuck daemon")
            self.assertNotEqual(shown("MainPID"), stuck)

            machine.run("systemctl", "stop", "riverd.service")
            unit = self.root / "lib/systemd/system/riverd.socket"
            unit.write_text(unit.read_text().replace(":8380", f":{self.port()}"))
            machine.run("systemctl", "daemon-reload")
            machine.run("systemctl", "start", "riverd.socket")
            self.assertEqual(shown("ActiveState"), "inactive")
            self.assertIn('"status":"ok"', machine.run("curl", "--silent", "--fail", f"{self.url}/healthz"))
            self.assertIn('"status":"ok"', machine.run("curl", "--silent", "--fail", "--unix-socket", "/run/riverd.sock", "http://localhost/healthz"))
            machine.run("systemctl", "stop", "riverd.socket", "riverd.service")

            machine.run("systemctl", "start", "riverd-update.service")
            self.assertEqual(len(json.loads(machine.run("riverd", "query", "--config", "/etc/riverd/riverd.toml", "--json"))["posts"]), 1)
            machine.run("apt-get", "purge", "-y", "riverd")
            self.assertFalse((self.root / "var/lib/private/riverd").exists())
            self.assertNotIn("riverd", machine.run("systemctl", "list-units", "--all", "--plain", "--no-legend", "riverd*", "--state=active"))


class Manager:
    """systemd's end of the notify socket; a context manager."""

    def __init__(self, path):
        self._path = path

    def __enter__(self):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._path))
        os.chmod(self._path, 0o666)
        self._socket.settimeout(60)
        return self

    def __exit__(self, *_):
        self._socket.close()

    def expect(self, line):
        """Waits for a notification that has a line that begins so."""
        while True:
            message = self._socket.recv(65536).decode()
            if any(part.startswith(line) for part in message.splitlines()):
                return message


if __name__ == "__main__":
    unittest.main()
