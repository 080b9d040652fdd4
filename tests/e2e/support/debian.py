"""Bare Debian 12 trees to try things in, made by debootstrap from where this machine's own apt gets its packages."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

SUITE = "bookworm"


def unavailable():
    """Why no tree can be made here, or None. One needs root, debootstrap, mounts of its own (a container may have none), and Debian's packages."""
    if os.geteuid() != 0:
        return "needs root"
    if shutil.which("debootstrap") is None:
        return "debootstrap is not installed"
    if subprocess.run(["unshare", "-m", "sh", "-c", "mount -t tmpfs tmpfs /mnt"], stderr=subprocess.DEVNULL).returncode != 0:
        return "nothing may be mounted here"
    if not answers(f"{mirror()}/dists/{SUITE}/Release"):
        return "Debian's packages cannot be reached"
    return None


def answers(url):
    return subprocess.run(["wget", "--quiet", "--tries=2", "--timeout=30", "--spider", url]).returncode == 0


def run(*command, timeout=1800, **options):
    """Runs a command that must succeed; returns what it printed."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=timeout, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command}: status {done.returncode}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}")
    return done.stdout


def mirror():
    """Where apt is configured to get this suite from; RIVERD_DEBIAN_MIRROR says otherwise."""
    if chosen := os.environ.get("RIVERD_DEBIAN_MIRROR"):
        return chosen.rstrip("/")
    found = run("apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", f"Codename: {SUITE}").split()
    if not found:
        raise AssertionError(f"apt on this machine knows no {SUITE}; name a mirror in RIVERD_DEBIAN_MIRROR")
    return found[0].rstrip("/")


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
        # As Debian's installer writes it; debootstrap alone does not, and then chromedriver finds no localhost.
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n")
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


class Booted:
    """A tree with its own systemd as process 1 (systemd-nspawn), on this machine's network; a context manager."""

    def __init__(self, tree):
        self.tree = tree

    def __enter__(self):
        self._nspawn = subprocess.Popen(["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot", "-D", self.tree.root],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_until(self._booted, "systemd in the tree")
        return self

    def __exit__(self, *_):
        if self._leader:
            os.kill(self._leader, signal.SIGKILL)  # its whole namespace ends with it
        self._nspawn.terminate()
        self._nspawn.wait(30)

    def _booted(self):
        children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text().split()
        self._leader = int(children[0]) if children else None
        return self._leader and subprocess.run(self.command("systemctl", "is-system-running"), capture_output=True, text=True).stdout.strip() in ("running", "degraded")

    def command(self, *command):
        environment = [f"{name}={value}" for name, value in self.tree.ENVIRONMENT.items()]
        return ["nsenter", "-t", str(self._leader), "-m", "-u", "-i", "-p", "-n", "-C", "env", "-i", *environment, *map(str, command)]

    def run(self, *command):
        return run(*self.command(*command), timeout=600)

    @staticmethod
    def wait_until(true, what, seconds=90):
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                raise AssertionError(f"{what} did not come within {seconds} s")
            time.sleep(0.1)
