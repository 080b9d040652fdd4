"""With fetch.allow_private_networks off, no feed, redirect or name leads riverd to an address that is not public: it is the
address connected to that counts, whatever spelling or name led there."""

import json
import os
import re
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.cli import Folder, riverd  # noqa: E402
from support.polling import daemon, source, state  # noqa: E402
from support.scripted_origin import ScriptedOrigin, answer, feed, until  # noqa: E402

SHIM = str(Path(os.environ["RIVERD_BUILD_DIR"]) / "tests" / "libriverd_shim.so")
PUBLIC = "9.9.9.9"  # where the tests' public names are; the shim brings connections to it to the origin on loopback

LOOPBACK = ["127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0X7F.1", "0177.0.0.1", "017700000001", "127.0.0.1.", "0", "0.0.0.0", "127.255.255.254",
            "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]",
            "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[::1%25lo]", "localhost", "LocalHost.", "a.localhost", "１２７.0.0.1", "①②⑦.⓪.⓪.①",
            "127。0。0。1", "user:pw@127.0.0.1", "public.example@127.0.0.1", "%31%32%37.0.0.1"]
PRIVATE = ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "2852039166", "0xa9fea9fe", "100.64.0.1", "100.100.100.200", "198.18.0.1", "192.0.0.192", "192.0.2.1",
           "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16", "[fe80::1]", "[fe80::a9fe:a9fe]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]", "[::ffff:10.0.0.1]",
           "[::ffff:169.254.169.254]", "[64:ff9b::a00:1]", "[64:ff9b::a9fe:a9fe]", "[2002:a00:1::1]", "[2002:c0a8:101::1]", "[2001:db8::1]", "[100::1]", "[::a00:1]", "[5f00::1]", "[3fff::1]"]
# Names, and what they resolve to.
NAMES = {"loop.example": "127.0.0.1", "six.example": "::1", "mapped.example": "::ffff:127.0.0.1", "private.example": "10.1.2.3", "metadata.example": "169.254.169.254",
         "zero.example": "0.0.0.0", "many.example": "127.0.0.1,10.0.0.1,::1", "nat64.example": "64:ff9b::7f00:1", "site.example": "fd00::1"}


class ForbiddenAddressesTest(unittest.TestCase):
    def environment(self, folder, **more):
        hosts = {"*.public.example": PUBLIC, "mixed.example": f"127.0.0.1,{PUBLIC}", "mixed-too.example": f"{PUBLIC},127.0.0.1", **NAMES}
        return {"LD_PRELOAD": SHIM, "SHIM_HOSTS": ";".join(f"{name}={to}" for name, to in hosts.items()), "SHIM_ROUTES": f"{PUBLIC}=127.0.0.1",
                "SHIM_CONNECTS": str(folder.path / "connects"), "ASAN_OPTIONS": "verify_asan_link_order=0", **more}

    def update(self, folder, *tables):
        path = folder.write("riverd.toml", f'[storage]\npath = "{folder.path}/riverd.db"\n[fetch]\ntimeout = "5s"\nper_host = 50\n' + "".join(tables))
        return riverd("update", "--config", path, "--json", env=self.environment(folder))

    def connects(self, folder):
        path = folder.path / "connects"
        return set(path.read_text().split()) if path.exists() else set()

    def spellings(self):
        return [*LOOPBACK, *PRIVATE, *NAMES]

    def test_as_a_source_in_every_spelling(self):
        with ScriptedOrigin({"/secret": answer(feed(1))}) as origin, Folder() as folder:
            tables, refused = [], 0
            for n, host in enumerate(self.spellings()):
                table = source(f"s{n}", f"http://{host}:{origin.port}/secret")
                checked = riverd("check", "--config", folder.write("one.toml", table))
                if checked.status == 0:
                    tables.append(table)
                else:  # no URL at all
                    self.assertEqual(checked.status, 78, checked)
                    refused += 1
            done = self.update(folder, *tables)
            self.assertEqual((done.status, origin.asked(), self.connects(folder)), (1, [], set()), done.err)
            totals = json.loads(done.out)
            self.assertEqual((totals["failed"], totals["new_posts"]), (len(tables), 0))
            self.assertGreater(len(tables), len(self.spellings()) * 2 / 3)
            for line in re.findall(r"(?m)^riverd: s\d+: .*", done.err):
                self.assertRegex(line, "private address|no such host|not a URL|illegal format")

    def test_as_the_target_of_a_redirect_in_every_spelling(self):
        with ScriptedOrigin({"/secret": answer(feed(1)), "/feed": answer(feed(2))}) as origin, Folder() as folder:
            tables = []
            for n, host in enumerate(self.spellings()):
                origin.pages[f"/{n}"] = answer(status="302 Found", headers=[f"Location: http://{host}:{origin.port}/secret".encode().decode("latin-1")])
                tables.append(source(f"s{n}", f"http://n{n}.public.example:{origin.port}/{n}"))
            origin.pages["/back"] = answer(status="301 Moved", headers=[f"Location: http://other.public.example:{origin.port}/feed"])
            done = self.update(folder, *tables, source("good", f"http://good.public.example:{origin.port}/back"))
            totals = json.loads(done.out)
            self.assertEqual((totals["failed"], totals["new_posts"]), (len(tables), 1), done.err)  # a public target is followed
            self.assertEqual((origin.asked("/secret"), self.connects(folder)), ([], {PUBLIC}))

    def test_of_a_name_with_mixed_addresses_only_the_public_one_is_connected_to(self):
        with ScriptedOrigin({"/feed": answer(feed(1))}) as origin, Folder() as folder:
            self.update(folder, *(source(name.partition(".")[0], f"http://{name}:{origin.port}/feed") for name in ("mixed.example", "mixed-too.example")))
            self.assertEqual(self.connects(folder), {PUBLIC})

    def test_a_proxy_does_not_lead_there_either(self):
        with ScriptedOrigin() as proxy, Folder() as folder:
            proxy._reply = lambda request, connection: answer(feed(1))
            tables = [source(f"s{n}", f"http://{host}/secret") for n, host in enumerate(["127.0.0.1", "0x7f.1", "[::ffff:10.0.0.1]", "localhost", *NAMES])]
            path = folder.write("riverd.toml", f'[storage]\npath = "{folder.path}/riverd.db"\n[fetch]\nproxy = "http://127.0.0.1:{proxy.port}"\n' + "".join(tables))
            done = riverd("update", "--config", path, "--json", env=self.environment(folder))
            self.assertEqual((json.loads(done.out)["failed"], proxy.asked()), (len(tables), []), done.err)

    def test_behind_a_proxy_a_name_server_that_does_not_answer_holds_nobody_up_either(self):
        with ScriptedOrigin() as proxy, Folder() as folder:
            proxy._reply = lambda request, connection: answer(feed(1))
            path = folder.write("riverd.toml", f'[storage]\npath = "{folder.path}/riverd.db"\n[fetch]\nproxy = "http://127.0.0.1:{proxy.port}"\nconnect_timeout = "1s"\n'
                                + source("slow", "http://slow.example/feed") + source("good", "http://good.public.example/feed"))
            start = time.monotonic()
            done = riverd("update", "--config", path, "--json", env={**self.environment(folder), "SHIM_HOSTS": f"slow.example=!30;*.public.example={PUBLIC}"})
            self.assertLess(time.monotonic() - start, 8)
            totals = json.loads(done.out)
            self.assertEqual((totals["failed"], totals["new_posts"]), (1, 1), done.err)
            self.assertRegex(done.err, r"slow: resolve slow\.example: timed out")

    def test_a_name_server_that_does_not_answer_holds_nobody_up(self):
        with ScriptedOrigin({"/feed": lambda r, c: answer(feed(*range(len(origin.asked()) + 1)))}) as origin, \
                daemon(source("slow", "http://slow.example/feed", interval='"1s"'), source("good", origin.url + "/feed", interval='"1s"'),
                       fetch='timeout = "5s"\nconnect_timeout = "1s"', env={"LD_PRELOAD": SHIM, "SHIM_HOSTS": "slow.example=!30"}) as river:
            river.wait_until(lambda: state(river, "slow")["state"] == "failing", 10)
            self.assertIn("resolve slow.example: timed out after 1 s", state(river, "slow")["error"])
            asked, start = len(origin.asked()), time.monotonic()
            until(lambda: len(origin.asked()) >= asked + 3)
            self.assertLess(time.monotonic() - start, 15)  # half of what the name server would hold everything up for
            status, seconds = river.stop()
            self.assertEqual(status, 0)
            self.assertLess(seconds, 5)


if __name__ == "__main__":
    unittest.main()
