#!/usr/bin/env python3
"""Compares what riverd reads from a corpus of real feeds with the facts its INDEX.tsv states.

    RIVERD=build/riverd tests/tools/corpus.py [-v] ../shared/corpus

Every document: the format of the exit status, the number of posts, and title, link and date of the first and the last
entry. Titles are compared as text, links after percent-decoding, dates as instants. `?` is not scored, `\\N` is null,
` ||| ` separates accepted answers. Where FeedBurner stands between, the index has the redirect; the contract has
the story's own link (feedburner:origLink), which is looked up in the document. Exits 77 where the corpus is absent, 1 under 99.5 % of the cells or when a count or
an acceptance is wrong or a document takes more than a second.
"""
import argparse
import csv
import html
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import unicodedata
import urllib.parse

GOAL = 99.5
SLOWEST = 6.0 if os.environ.get("RIVERD_INSTRUMENTED") == "1" else 1.0  # seconds
NOT_A_FEED = 65


def fold_title(text):
    text = html.unescape(html.unescape(text))
    text = re.sub(r"<[^>]*>", " ", text)
    return " ".join(unicodedata.normalize("NFKC", text).split())


def without_space(text):
    return re.sub(r"\s+", "", text)


def fold_link(text):
    text = urllib.parse.unquote(text.strip())
    parts = urllib.parse.urlsplit(text)
    host = parts.netloc.lower()
    try:
        host = host.encode("ascii").decode("idna")
    except UnicodeError:
        pass
    path = parts.path or "/"
    return urllib.parse.urlunsplit((parts.scheme.lower(), host, path, parts.query, parts.fragment))


def parse(riverd, path):
    began = time.monotonic()
    run = subprocess.run([riverd, "parse", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    seconds = time.monotonic() - began
    return run.returncode, json.loads(run.stdout) if run.returncode == 0 else None, seconds


def is_original_link(document, link):
    """True where the document names this link in an origLink element of FeedBurner's."""
    found = re.findall(rb"origLink>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</", document, re.S)
    return any(fold_link(html.unescape(one.decode("utf-8", "replace"))) == fold_link(link) for one in found)


def matches(kind, expected, post):
    accepted = expected.split(" ||| ")
    if kind == "date":
        found = {post["date"], post["updated"]}
        return any((None if one == "\\N" else one) in found for one in accepted)
    value = post[kind]
    for one in accepted:
        if one == "\\N":
            if not value:
                return True
        elif value and kind == "title" and without_space(fold_title(value)) == without_space(fold_title(one)):
            return True
        elif value and kind == "link" and fold_link(value) == fold_link(one):
            return True
    return False


class Score:
    def __init__(self):
        self.cells = self.right = self.wrong_counts = self.wrong_acceptance = 0
        self.original_links = 0
        self.slow = []

    def cell(self, ok, message):
        self.cells += 1
        self.right += ok
        if not ok:
            print("DIFFERS", message)

    def document(self, row, status, document, seconds, source):
        name = row["file"]
        if seconds > SLOWEST:
            self.slow.append((name, seconds))
        if (status == NOT_A_FEED) != (row["format"] == "html") or status not in (0, NOT_A_FEED):
            self.wrong_acceptance += 1
            print("ACCEPTANCE", name, "exit", status)
        if document is None:
            return
        posts = document["posts"]
        if row["entries"] != "?" and str(len(posts)) not in row["entries"].split(" ||| "):
            self.wrong_counts += 1
            print("COUNT", name, "expected", row["entries"], "read", len(posts))
        if row["format"] != document["feed"]["format"]:
            print("FORMAT", name, "expected", row["format"], "read", document["feed"]["format"])
        for place, index in (("first", 0), ("last", -1)):
            for kind in ("title", "link", "date"):
                expected = row[f"{place}_{kind}"]
                if expected == "?":
                    continue
                if not posts:
                    self.cell(expected == "\\N", f"{name} {place} {kind}: no posts")
                    continue
                post = posts[index]
                ok = matches(kind, expected, post)
                if not ok and kind == "link" and post["link"] and is_original_link(source, post["link"]):
                    ok = True
                    self.original_links += 1
                self.cell(ok, f"{name} {place} {kind}: expected {expected!r} read {post[kind]!r}")

    def passed(self):
        share = 100 * self.right / max(self.cells, 1)
        print(f"cells {self.right} of {self.cells} ({share:.2f} %), of them by origLink {self.original_links}, wrong counts {self.wrong_counts}, "
              f"wrong acceptance {self.wrong_acceptance}, over {SLOWEST:g} s: {len(self.slow)}")
        return share >= GOAL and self.wrong_counts == 0 and self.wrong_acceptance == 0 and not self.slow


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("corpus", type=pathlib.Path)
    options.add_argument("-v", "--verbose", action="store_true", help="print the time of every document")
    args = options.parse_args()
    index = args.corpus / "INDEX.tsv"
    if not index.is_file():
        print(f"skipped: no corpus at {args.corpus}")
        return 77
    score = Score()
    csv.field_size_limit(1 << 24)
    with open(index, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            path = args.corpus / row["file"]
            status, document, seconds = parse(os.environ["RIVERD"], path)
            if args.verbose:
                print(f"{seconds * 1000:8.1f} ms {row['file']}")
            score.document(row, status, document, seconds, path.read_bytes())
    return 0 if score.passed() else 1


if __name__ == "__main__":
    sys.exit(main())
