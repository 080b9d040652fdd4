"""The fenced blocks of a Markdown page."""

import re


def blocks(page, kind):
    """What stands in each block of this kind, from top to bottom."""
    return re.findall(rf"(?ms)^```{kind}\n(.*?)^```", page.read_text())
