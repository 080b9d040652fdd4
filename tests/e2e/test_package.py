"""Installation into GNU folders; with RIVERD_HEAVY=1 also the Debian package, through its life in a fresh Debian 12."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

BUILD_DIR = Path(os.environ["RIVERD_BUILD_DIR"])
SOURCE_DIR = Path(os.environ["RIVERD_SOURCE_DIR"])
HEAVY = os.environ.get("RIVERD_HEAVY") == "1"
MIRROR = os.environ.get("RIVERD_DEBIAN_MIRROR", "http://deb.debian.org/debian")


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command}: status {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done.stdout


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


@unittest.skipUnless(HEAVY, "RIVERD_HEAVY is not 1")
@unittest.skipUnless(os.geteuid() == 0 and shutil.which("debootstrap"), "needs root and debootstrap")
class Package(unittest.TestCase):
    """Built as packagers build it, then installed, upgraded and purged in a tree of its own."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="riverd-package-")))
        build = cls.folder / "build"
        run("cmake", "-S", SOURCE_DIR, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_INSTALL_PREFIX=/usr", "-DRIVERD_TESTS=OFF")
        run("cmake", "--build", build)
        for version in ["", "1"]:
            run("cpack", "--config", build / "CPackConfig.cmake", "-B", cls.folder / f"out{version}",
                *(["-D", f"CPACK_DEBIAN_PACKAGE_RELEASE={version}"] if version else []))
        cls.first, cls.second = (next((cls.folder / f"out{version}").glob("*.deb")) for version in ["", "1"])
        cls.root = cls.folder / "root"
        run("debootstrap", "--variant=minbase", "--include=ca-certificates,init-system-helpers,procps", "bookworm", cls.root, MIRROR)

    def chroot(self, *command):
        return run("chroot", self.root, *command, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"})

    def test_1_the_package_is_as_debian_wants_it(self):
        fields = run("dpkg-deb", "-f", self.first)
        for library in ["libcurl4", "libsqlite3-0", "libsystemd0", "libpugixml1v5", "libre2-9", "libc6"]:
            self.assertIn(library, fields)
        names = run("dpkg-deb", "-c", self.first)
        for path in ["./usr/bin/riverd", "./etc/riverd/riverd.toml", "./usr/lib/systemd/system/riverd.service", "./usr/share/man/man1/riverd.1.gz",
                     "./usr/share/man/man5/riverd.toml.5.gz", "./usr/share/bash-completion/completions/riverd",
                     "./usr/share/zsh/vendor-completions/_riverd", "./usr/share/doc/riverd/copyright"]:
            self.assertRegex(names, rf"(?m) {re.escape(path)}$")
        self.assertNotRegex(names, r"(?m)^\S+ (?!root/root)")
        self.assertEqual(run("dpkg-deb", "--ctrl-tarfile", self.first, encoding="latin-1").count("conffiles"), 1)

    def test_2_it_is_installed_upgraded_and_purged(self):
        shutil.copy(self.first, self.root / "first.deb")
        shutil.copy(self.second, self.root / "second.deb")
        self.chroot("apt-get", "install", "-y", "--no-install-recommends", "/first.deb")
        self.assertRegex(self.chroot("riverd", "--version"), r"^riverd \d")
        self.assertIn("ok, 15 sources", self.chroot("riverd", "check", "--config", "/etc/riverd/riverd.toml"))
        self.assertTrue((self.root / "etc/systemd/system/multi-user.target.wants/riverd.service").is_symlink())

        store = self.root / "var/lib/riverd"
        store.mkdir(parents=True)
        (self.root / "c.toml").write_text('[storage]\npath = "/var/lib/riverd/riverd.db"\n')
        self.chroot("riverd", "update", "--config", "/c.toml", "--json")
        config = self.root / "etc/riverd/riverd.toml"
        config.write_text(config.read_text() + "# mine\n")
        self.chroot("apt-get", "install", "-y", "/second.deb")
        self.assertIn("# mine", config.read_text())
        self.assertEqual(json.loads(self.chroot("riverd", "query", "--config", "/c.toml", "--json")), {"posts": []})

        self.chroot("apt-get", "remove", "-y", "riverd")
        self.assertTrue(config.exists() and (store / "riverd.db").exists())
        self.chroot("apt-get", "purge", "-y", "riverd")
        for path in ["etc/riverd", "var/lib/riverd", "usr/bin/riverd", "etc/systemd/system/multi-user.target.wants/riverd.service"]:
            self.assertFalse((self.root / path).exists() or (self.root / path).is_symlink(), path)


if __name__ == "__main__":
    unittest.main()
