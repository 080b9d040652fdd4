"""The wall clock is set while riverd runs: polling goes on by the time that passes, without a storm and without repeats."""

import os
import struct
import sys
import time
import unittest
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from support.polling import source, state  # noqa: E402
from support.river import River  # noqa: E402
from support.scripted_origin import ScriptedOrigin, answer, feed, until  # noqa: E402

SHIM = str(Path(os.environ["RIVERD_BUILD_DIR"]) / "tests" / "libriverd_shim.so")

DAY = 86_400
# Where the clock is set to: seconds ahead of the true time, or a moment.
STEPS = [3 * 3600, -5 * 3600, 9 * DAY, -40 * DAY, 1500 * DAY, "1970-01-01T00:00:10", "2038-01-19T03:14:04", "2028-02-28T23:59:57", "2027-03-28T00:59:57", "2026-10-25T00:59:57", 0]
RESTING = 40  # sources whose next poll is an hour away


def set_ahead(clock, step):
    if isinstance(step, str):
        step = int(datetime.fromisoformat(step).replace(tzinfo=timezone.utc).timestamp() - time.time())
    with open(clock, "r+b" if clock.exists() else "w+b") as file:
        file.write(struct.pack("q", step))


class ClockTest(unittest.TestCase):
    def test_steps_of_the_clock_stop_nothing_and_start_no_storm(self):
        numbers = [0]

        def news(request, connection):
            numbers.append(numbers[-1] + 1)
            return answer(feed(*numbers[-30:]))
        with ScriptedOrigin({"/news": news, **{f"/{n}": answer(feed(10_000 + n)) for n in range(RESTING)}}) as origin:
            tables = [source("news", origin.url + "/news", interval='"1s"'), *(source(f"r{n}", f"{origin.url}/{n}", interval='"1h"') for n in range(RESTING))]
            river = River(server='token = "secret"', extra='per_host = 100\n' + "".join(tables))
            clock = river.path / "clock"
            set_ahead(clock, 0)
            river.env = {"LD_PRELOAD": SHIM, "SHIM_CLOCK": str(clock), "TZ": "Europe/Berlin"}
            with river:
                for name in ["news", *(f"r{n}" for n in range(RESTING))]:
                    river.get(f"/api/v1/sources/{name}/poll", method="POST", headers={"Authorization": "Bearer secret"})
                river.wait_until(lambda: all(s["polls"] >= 1 for s in river.json("/api/v1/sources")["sources"]), 20)
                shown = 0
                for step in STEPS:
                    with self.subTest(step):
                        set_ahead(clock, step)
                        before, start = len(origin.asked("/news")), time.monotonic()
                        until(lambda: len(origin.asked("/news")) >= before + 2, 12, f"two polls after {step}")
                        seconds = time.monotonic() - start
                        self.assertLess(len(origin.asked("/news")) - before, seconds + 4)
                        river.wait_until(lambda: river.get("/healthz")[0] == 200, 5)
                        posts = river.json(f"/api/v1/posts?order=arrival&limit=1000&after={shown}")["posts"]
                        self.assertTrue(all(post["seq"] > shown for post in posts))
                        shown = max([shown, *(post["seq"] for post in posts)])
                resting = len(origin.asked()) - len(origin.asked("/news"))
                self.assertLessEqual(resting, RESTING * 1.5)
                self.assertEqual(state(river, "news")["state"], "ok")
                titles = [post["title"] for post in river.json("/api/v1/posts?source=news&limit=1000")["posts"]]
                self.assertEqual(len(titles), len(set(titles)))
                self.assertEqual(river.stop()[0], 0)


if __name__ == "__main__":
    unittest.main()
