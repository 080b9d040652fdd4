"""riverd killed at random moments and at each write to its disk, while fifty sources publish: what was ever shown stays, once,
with its number."""

import os
import random
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.river import River  # noqa: E402
from support.witness import Autopsy, Crowd, Publishers  # noqa: E402

HEAVY = os.environ.get("RIVERD_HEAVY") == "1"
SHIM = str(Path(os.environ["RIVERD_BUILD_DIR"]) / "tests" / "libriverd_shim.so")
EXTRA = 'timeout = "5s"\nper_host = 200\n'


def wait_for_death(river, seconds):
    end = time.monotonic() + seconds
    while river.process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    return river.process.poll() is not None


class CrashTest(unittest.TestCase):
    def river(self, publishers, **options):
        river = River(server='token = "secret"', extra=EXTRA + publishers.tables(), **options)
        river.launch()
        self.addCleanup(river.__exit__)
        return river

    def examine(self, river, publishers, crowd, killed_at):
        found = Autopsy(river.path / "riverd.db", river.path)
        self.assertEqual(found.faults, [])
        self.assertEqual(found.lost(crowd), [])
        self.assertEqual(found.repeated(), [])
        if killed_at:
            self.assertEqual(publishers.killed(killed_at) - set(found.titles), set())
        return found

    def finish(self, river, publishers, crowd):
        """After the last restart: every story that is in a feed gets into the store, and the events had no gap and no repeat."""
        publishers.quiet = True
        river.launch()
        wanted = {title for n in range(publishers.count) for title in publishers.titles(n)}
        river.wait_until(lambda: wanted <= {p["title"] for p in river.everything()}, 60)
        final = {p["id"]: p["seq"] for p in river.everything()}
        river.wait_until(lambda: crowd.seen and crowd.seen[-1][0] >= max(final.values()), 20)
        crowd.stop.set()
        numbers = [seq for seq, _ in crowd.seen]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertEqual({(seq, post) for post, seq in final.items()} - set(crowd.seen), set())
        self.assertIsNone(crowd.failure)
        self.assertEqual(river.stop()[0], 0)
        self.assertEqual(set(self.examine(river, publishers, crowd, None).posts), set(final))
        return final

    def test_killed_at_random_moments_it_keeps_all_that_it_showed(self):
        chance = random.Random(20240918)
        kills = 300 if HEAVY else 30
        with Publishers() as publishers:
            river = self.river(publishers)
            with Crowd(river, publishers) as crowd:
                for n in range(kills):
                    if n:
                        river.launch()
                    # Some die while they start, most in the middle of it, some after what they read must be safe.
                    time.sleep(chance.uniform(0, 0.1) if n % 5 == 0 else chance.uniform(1.8, 2.4) if n % 5 == 1 else chance.uniform(0.1, 0.7))
                    self.assertIsNone(river.process.poll(), river.read_log())
                    killed_at = time.monotonic()
                    river.kill()
                    self.examine(river, publishers, crowd, killed_at)
                final = self.finish(river, publishers, crowd)
        print(f"{kills} kills; {crowd.polls} polls asked for, {len(final)} posts, {len(crowd.seen)} events; lost 0, repeated 0", file=sys.stderr)

    def test_killed_or_without_power_at_each_write_it_keeps_all_that_it_showed(self):
        chance = random.Random(7)
        # The first ones are those of opening and of the first claims; later ones of records and checkpoints.
        points = list(range(1, 121)) + [chance.randrange(120, 3000) for _ in range(80)] if HEAVY else list(range(1, 25)) + [chance.randrange(25, 600) for _ in range(16)]
        with Publishers() as publishers:
            river = self.river(publishers, env={"LD_PRELOAD": SHIM, "SHIM_DISK": "at=1,do=kill,on=riverd.db"})
            with Crowd(river, publishers) as crowd:
                died = 0
                for n, point in enumerate(points):
                    if n:
                        deed = ("kill", "tear", "power", "power")[n % 4]
                        river.env["SHIM_DISK"] = f"at={point},do={deed},on=riverd.db"
                        river.launch()
                    died += wait_for_death(river, 10)
                    self.assertIn(river.process.poll(), (None, -9), river.read_log())
                    killed_at = time.monotonic()
                    river.kill()
                    if (river.path / "riverd.db").exists() and crowd.listed:
                        self.examine(river, publishers, crowd, killed_at)
                    else:
                        publishers.killed(killed_at)  # what this run was told is not the next one's
                river.env = {}
                final = self.finish(river, publishers, crowd)
                self.assertGreater(died, len(points) * 0.9)
        print(f"killed, torn or without power at {died} writes and syncs; {len(final)} posts; lost 0, repeated 0", file=sys.stderr)


if __name__ == "__main__":
    unittest.main()
