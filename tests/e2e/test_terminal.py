"""What a person at a terminal sees: a progress bar that leaves no trace, tables that fit, and nothing that moves the terminal."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.cli import RIVERD, Folder, riverd  # noqa: E402
from support.polling import config, source  # noqa: E402
from support.scripted_origin import ScriptedOrigin, answer, feed  # noqa: E402


class Terminal:
    """A terminal of so many columns; what was written to it is `text` after close()."""

    def __init__(self, columns=80):
        self._master, self.end = pty.openpty()
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self._parts = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        while True:
            try:
                part = os.read(self._master, 65536)
            except OSError:  # the other end is closed
                return
            if not part:
                return
            self._parts.append(part)

    def close(self):
        os.close(self.end)
        self._reader.join(20)
        os.close(self._master)
        self.text = b"".join(self._parts).decode()
        return self.text


def screen(text):
    """The lines that are left once carriage returns and "erase to the end of the line" have done their work."""
    lines = [""]
    for part in re.split(r"(\r\n|\n|\r|\x1b\[K)", text):
        if part in ("\r\n", "\n"):
            lines.append("")
        elif part == "\r":
            column = 0
            lines[-1] = (lines[-1], column)
        elif part == "\x1b[K":
            lines[-1] = lines[-1][0][:lines[-1][1]] if isinstance(lines[-1], tuple) else lines[-1]
        elif part:
            if isinstance(lines[-1], tuple):
                old, column = lines[-1]
                lines[-1] = old[:column] + part + old[column + len(part):]
            else:
                lines[-1] += part
    return [line[0] if isinstance(line, tuple) else line for line in lines]


class Update(unittest.TestCase):
    def run_update(self, columns, *arguments):
        with Folder() as folder, ScriptedOrigin({f"/{n}": answer(feed(n)) for n in range(5)}) as origin:
            sources = [source(f"s{n}", f"{origin.url}/{n}") for n in range(5)] + [source("gone", origin.url + "/gone"), source("dead", "http://127.0.0.1:1/")]
            path = config(folder, *sources)
            terminal = Terminal(columns)
            done = subprocess.run([RIVERD, "update", "--config", path, *arguments], stdout=subprocess.PIPE, stderr=terminal.end, timeout=60)
            return done, terminal.close()

    def test_a_bar_with_counts_and_the_names_of_those_that_fail(self):
        done, text = self.run_update(100)
        self.assertEqual(done.returncode, 1)
        bars = re.findall(r"\r\[([# ]{30})\] (\d+)/7, (\d+) new, (\d+) failed\x1b\[K", text)
        self.assertGreaterEqual(len(bars), 2, text)
        self.assertEqual(bars[0], (" " * 30, "0", "0", "0"))
        self.assertGreater(int(bars[-1][1]), 0)
        left = [line for line in screen(text) if line]
        self.assertEqual(len(left), 2, left)  # the bar is gone, the failures stay
        self.assertRegex(text, r"riverd: gone: .*404")
        self.assertRegex(text, r"riverd: dead: .*refused")
        self.assertRegex(done.stdout.decode(), r"^7 of 7 sources polled in [\d.]+ s: 5 new posts, 0 updated, 0 sources unchanged, 2 failed\n$")

    def test_a_bar_never_wraps(self):
        _, text = self.run_update(30)
        bars = re.findall(r"\r(\[[^\x1b\r]*)\x1b\[K", text)
        self.assertTrue(bars)
        self.assertLess(max(map(len, bars)), 30)

    def test_with_json_there_is_none(self):
        _, text = self.run_update(100, "--json")
        self.assertNotIn("\x1b", text)
        self.assertIn("gone", text)


class Tables(unittest.TestCase):
    def test_sources_fit_the_terminal(self):
        with Folder() as folder:
            path = config(folder, source("a-source-with-quite-a-long-name", "http://127.0.0.1:1/" + "x" * 100))
            riverd("update", "--config", path)
            terminal = Terminal(90)
            self.assertEqual(subprocess.run([RIVERD, "sources", "--config", path], stdout=terminal.end).returncode, 0)
            lines = terminal.close().splitlines()
            self.assertEqual(len(lines), 2)
            self.assertLessEqual(max(map(len, lines)), 90)
            self.assertTrue(lines[1].endswith("…"), lines)


if __name__ == "__main__":
    unittest.main()
