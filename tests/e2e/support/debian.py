"""Bare Debian 12 trees to try things in, made by debootstrap from where this machine's own apt gets its packages."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

SUITE = "bookworm"


def available():
    """Trees need root, debootstrap, and mounts of their own."""
    return os.geteuid() == 0 and shutil.which("debootstrap") is not None


def run(*command, timeout=1800, **options):
    """Runs a command that must succeed; returns what it printed."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=timeout, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command}: status {done.returncode}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}")
    return done.stdout


def mirror():
    """Where apt is configured to get this suite from; RIVERD_DEBIAN_MIRROR says otherwise."""
    if chosen := os.environ.get("RIVERD_DEBIAN_MIRROR"):
        return chosen
    found = run("apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", f"Codename: {SUITE}").split()
    if not found:
        raise AssertionError(f"apt on this machine knows no {SUITE}; name a mirror in RIVERD_DEBIAN_MIRROR")
    return found[0]


class Tree:
    """A Debian tree in a temporary folder; a context manager.

    include: packages beyond Debian's minimum.
    """

    ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive",
                   "LC_ALL": "C.UTF-8", "HOME": "/root"}

    def __init__(self, include=()):
        self.include = [*include, "ca-certificates"]

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="riverd-debian-")
        self.root = Path(self._folder.name) / "root"
        run("debootstrap", "--variant=minbase", f"--include={','.join(self.include)}", SUITE, self.root, mirror())
        # As this machine's apt is set up: its sources, keys and proxies.
        for place in ["sources.list", "sources.list.d", "apt.conf.d", "auth.conf.d", "keyrings", "trusted.gpg.d"]:
            source, target = Path("/etc/apt") / place, self.root / "etc/apt" / place
            if source.is_dir():
                shutil.copytree(source, target, dirs_exist_ok=True)
            elif source.exists():
                shutil.copy(source, target)
        for keyring in Path("/usr/share/keyrings").glob("*"):
            shutil.copy(keyring, self.root / "usr/share/keyrings")
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        # Without a service manager nothing is to be started on installation.
        policy = self.root / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def command(self, *command, user=None):
        """The command line that runs a command inside; its mounts are gone when it ends."""
        mounts = ('root=$1; shift; mount -t proc proc "$root/proc"; mount --rbind /dev "$root/dev"; mount -t tmpfs tmpfs "$root/dev/shm"; '
                  'exec chroot "$@"')
        where = [f"--userspec={user}:{user}", self.root] if user else [self.root]
        return [str(part) for part in ["unshare", "-m", "--propagation", "private", "sh", "-ec", mounts, "sh", self.root, *where, *command]]

    def run(self, *command, user=None, timeout=1800, env=None):
        return run(*self.command(*command, user=user), timeout=timeout, env={**self.ENVIRONMENT, **(env or {})})

    def start(self, *command, user=None, env=None, **options):
        return subprocess.Popen(self.command(*command, user=user), env={**self.ENVIRONMENT, **(env or {})}, **options)
