"""riverd under a journal of the test's own: /run is a fresh folder in a mount namespace, with journald's socket in it.

As a program, inside that namespace: journal.py RIVERD CONFIG WORD...  runs `riverd serve` until each word was in a message, and
prints every entry as a line of JSON: a field's name to the list of its values."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time


def unshare():
    """How to get a mount namespace here; None where that is not allowed."""
    for command in [["unshare", "-m"], ["unshare", "-rm"]]:
        tried = [*command, "sh", "-c", "mount -t tmpfs tmpfs /run"]
        if shutil.which("unshare") and subprocess.run(tried, stderr=subprocess.DEVNULL).returncode == 0:
            return command
    return None


def entries(riverd, config, *words):
    """What `riverd serve` wrote into the journal until each word had come."""
    done = subprocess.run([*unshare(), sys.executable, __file__, riverd, str(config), *words], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise AssertionError(done.stdout[-4000:] + done.stderr[-4000:])
    return [json.loads(line) for line in done.stdout.splitlines()]


def parse(datagram):
    """The journal's native protocol: NAME=value lines, or NAME, a length and the value where it has newlines."""
    entry = {}
    while datagram:
        line, _, datagram = datagram.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            size = int.from_bytes(datagram[:8], "little")
            value, datagram = datagram[8:8 + size], datagram[9 + size:]
        entry.setdefault(name.decode(), []).append(value.decode())
    return entry


def main(riverd, config, *words):
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    os.makedirs("/run/systemd/journal")
    journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    journal.bind("/run/systemd/journal/socket")
    with open("/run/stderr", "w+b") as stream:
        status = os.fstat(stream.fileno())
        process = subprocess.Popen([riverd, "serve", "--config", config], stdout=subprocess.DEVNULL, stderr=stream,
                                   env={**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
        missing = set(words)
        deadline = time.monotonic() + 30
        while missing:
            journal.settimeout(max(0.01, deadline - time.monotonic()))
            entry = parse(journal.recv(1 << 20))
            print(json.dumps(entry))
            missing = {word for word in missing if word not in entry["MESSAGE"][0]}
        process.send_signal(signal.SIGTERM)
        status = process.wait(10)
        stream.seek(0)
        sys.stderr.write(stream.read().decode())
        if stream.tell() > 0:
            sys.exit("something was also written to standard error")
    sys.exit(status)


if __name__ == "__main__":
    main(*sys.argv[1:])
