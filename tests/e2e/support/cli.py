"""Runs the riverd binary as a user would."""

import os
import subprocess
import tempfile
from pathlib import Path

RIVERD = os.environ["RIVERD"]
SOURCE_DIR = Path(os.environ["RIVERD_SOURCE_DIR"])


class Result:
    def __init__(self, done):
        self.status = done.returncode
        self.out = done.stdout.decode("utf-8", "surrogateescape")
        self.err = done.stderr.decode("utf-8", "surrogateescape")

    def __repr__(self):
        return f"status {self.status}\nstdout: {self.out[:2000]}\nstderr: {self.err[:2000]}"


def riverd(*arguments, input=b"", cwd=None, env=None, timeout=60):
    """The result of one command; `input` is what it reads from standard input."""
    if isinstance(input, str):
        input = input.encode()
    done = subprocess.run([RIVERD, *map(str, arguments)], input=input, capture_output=True, cwd=cwd,
                          env={**os.environ, **(env or {})}, timeout=timeout)
    return Result(done)


class Folder:
    """A folder of a test, gone at its end; a context manager."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="riverd-test-")
        self.path = Path(self._folder.name)
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path
