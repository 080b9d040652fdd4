"""A host of several addresses is reached while one of them is alive, soon after the others turned out to be silent or closed."""

import os
import socket
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.cli import Folder, riverd  # noqa: E402
from support.polling import source  # noqa: E402
from support.scripted_origin import ScriptedOrigin, answer, feed  # noqa: E402

SHIM = str(Path(os.environ["RIVERD_BUILD_DIR"]) / "tests" / "libriverd_shim.so")


def silent(address, port, family=socket.AF_INET):
    """A socket whose queue is full: the kernel drops what else wants to connect, as a dead host does. And what fills it."""
    listener = socket.socket(family)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(0)
    sockets = [listener]
    for _ in range(3):
        filler = socket.socket(family)
        filler.setblocking(False)
        filler.connect_ex((address, port))
        sockets.append(filler)
    return sockets


class Names(unittest.TestCase):
    def update(self, origin, addresses, connect_timeout):
        """How long an update took whose only source's host has these addresses, in seconds."""
        with Folder() as folder:
            config = folder.write("riverd.toml", f'[storage]\npath = "{folder.path}/riverd.db"\n[fetch]\nallow_private_networks = true\nconnect_timeout = "{connect_timeout}s"\n'
                                  + source("s", f"http://news.example:{origin.port}/feed"))
            started = time.monotonic()
            done = riverd("update", "--config", config, "--json", env={"LD_PRELOAD": SHIM, "SHIM_HOSTS": f"news.example={','.join(addresses)}", "ASAN_OPTIONS": "verify_asan_link_order=0"})
            self.assertEqual(done.status, 0, done)
            self.assertEqual(len(origin.asked()), 1)
            return time.monotonic() - started

    def silent(self, *where):
        for each in silent(*where):
            self.addCleanup(each.close)

    def test_beside_a_silent_address_of_the_other_family(self):
        with ScriptedOrigin({"/feed": answer(feed(1))}) as origin:
            self.silent("::1", origin.port, socket.AF_INET6)
            self.assertLess(self.update(origin, ["::1", "127.0.0.1"], 30), 10)

    def test_after_one_that_refuses(self):
        with ScriptedOrigin({"/feed": answer(feed(1))}) as origin:
            self.assertLess(self.update(origin, ["127.0.0.2", "127.0.0.1"], 30), 10)

    def test_after_a_silent_one_of_the_same_family(self):
        with ScriptedOrigin({"/feed": answer(feed(1))}) as origin:
            self.silent("127.0.0.2", origin.port)
            self.update(origin, ["127.0.0.2", "127.0.0.1"], 10)


if __name__ == "__main__":
    unittest.main()
