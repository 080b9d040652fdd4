#!/usr/bin/env python3
"""Figures of a polling run: freshness.py --feeds F --trace T[.gz] --polls D [--budget R] [--cut D2]

Reads the traces that build/bench/freshness ran over and the polls it wrote, and prints one line:
mean / p95 / feed-mean / blend delay in minutes, lost %, requests per entry, share of polls that found something, MB a day.
An entry's delay runs from the instant it became visible to the first poll after it; one that was pushed out of its
document before any poll is lost, and charged at least 24 hours. blend = sqrt(mean * feed-mean).
With --budget the rules are checked: requests in all, gaps within [max(600, hint), max(86400, hint)], every feed's first
poll within an hour. With --cut, D2 (a run over the trace cut at day 14) must hold the same polls up to the cut.
"""
import argparse
import bisect
import gzip
import math
import sys
from collections import defaultdict

HOUR, DAY = 3600, 86400
REQUEST_BYTES = 600


def read_feeds(path):
    feeds = {}
    with open(path) as lines:
        for line in lines:
            if not line.startswith('#'):
                feed, *rest = map(int, line.split())
                feeds[feed] = rest
    return feeds


def read_trace(path):
    start = end = 0
    publishes = defaultdict(list)
    with (gzip.open(path, 'rt') if path.endswith('.gz') else open(path)) as lines:
        for line in lines:
            if line.startswith('#'):
                bounds = dict(word.split('=') for word in line.split() if '=' in word)
                start, end = int(bounds.get('start', start)), int(bounds.get('end', end))
                continue
            feed, publish, _ = line.split()
            publishes[int(feed)].append(int(publish))
    return start, end, publishes


def read_polls(path):
    polls = defaultdict(list)
    with open(path) as lines:
        for line in lines:
            feed, at = line.split()
            polls[int(feed)].append(int(at))
    return polls


def feed_delays(publishes, polls, window, start, end):
    """Delays of one feed's entries in (start, end), how many were lost, how many polls found something new."""
    delays, lost = [], 0
    found = set()
    for i, publish in enumerate(publishes):
        if not start <= publish < end:
            continue
        place = bisect.bisect_left(polls, publish)
        seen_at = polls[place] if place < len(polls) else end
        delay = seen_at - publish
        if place < len(polls):
            found.add(place)
        # pushed out: `window` later ones were visible by then
        if i + window < len(publishes) and publishes[i + window] <= seen_at:
            lost += 1
            delay = max(delay, DAY)
        delays.append(delay)
    return delays, lost, len(found)


def check_rules(feeds, polls, start, end, budget):
    total = sum(map(len, polls.values()))
    allowed = budget * len(feeds) * (end - start) / DAY
    assert total <= allowed, f'{total} polls, {allowed:.0f} allowed'
    for feed, (_, hint, *_) in feeds.items():
        times = polls.get(feed, [])
        assert times and start <= times[0] <= start + HOUR, f'feed {feed}: first poll late'
        for before, after in zip(times, times[1:]):
            gap = after - before
            assert max(600, hint) <= gap <= max(DAY, hint), f'feed {feed}: gap of {gap} s, hint {hint}'
        assert end - times[-1] <= max(DAY, hint) + HOUR or total >= allowed - 1, f'feed {feed}: polling stopped'


def check_cut(polls, cut_path, cut):
    other = read_polls(cut_path)
    for feed, times in polls.items():
        assert [t for t in times if t < cut] == [t for t in other[feed] if t < cut], f'feed {feed}: differs before the cut'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ('feeds', 'trace', 'polls'):
        parser.add_argument('--' + name, required=True)
    parser.add_argument('--budget', type=float)
    parser.add_argument('--cut')
    options = parser.parse_args()
    feeds = read_feeds(options.feeds)
    start, end, publishes = read_trace(options.trace)
    polls = read_polls(options.polls)
    if options.budget:
        check_rules(feeds, polls, start, end, options.budget)
    if options.cut:
        check_cut(polls, options.cut, start + 14 * DAY)

    every, means, lost, found, moved = [], [], 0, 0, 0
    for feed, (window, _, supports_304, body) in feeds.items():
        delays, gone, useful = feed_delays(publishes[feed], polls[feed], window, start, end)
        lost += gone
        found += useful
        fetched = useful if supports_304 else len(polls[feed])
        moved += len(polls[feed]) * REQUEST_BYTES + fetched * body
        every += delays
        if delays:
            means.append(sum(delays) / len(delays))
    total = sum(map(len, polls.values()))
    every.sort()
    mean, feed_mean = sum(every) / len(every) / 60, sum(means) / len(means) / 60
    days = (end - start) / DAY
    print(f'{mean:.1f} / {every[int(0.95 * (len(every) - 1))] / 60:.0f} / {feed_mean:.1f} / **{math.sqrt(mean * feed_mean):.1f}**, '
          f'{100 * lost / len(every):.2f} % lost, {total / len(every):.2f} requests an entry, '
          f'{100 * found / max(1, total):.1f} % found something, {moved / days / 1e6:.1f} MB a day, '
          f'{total / len(feeds) / days:.3f} requests a feed and day')


if __name__ == '__main__':
    sys.exit(main())
