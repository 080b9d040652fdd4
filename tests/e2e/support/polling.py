"""Configs and daemons for tests of polling: short intervals, sources as tables."""

import json

from .cli import riverd
from .river import River

FAST = '[schedule]\nmin_interval = "1s"\nhinted_min_interval = "1s"\nmax_interval = "2s"\nbudget = 0\n'


def source(name, url, **keys):
    """A [[source]] table; values are TOML."""
    return f'[[source]]\nname = "{name}"\nurl = "{url}"\n' + "".join(f"{key} = {value}\n" for key, value in keys.items())


def config(folder, *sources, fetch="", rest=""):
    """Writes a config into a Folder and returns its path."""
    return folder.write("riverd.toml", f'[storage]\npath = "{folder.path}/riverd.db"\n[fetch]\nallow_private_networks = true\n'
                                       f'timeout = "5s"\n{fetch}\n{rest}\n' + "".join(sources))


def update(path, *arguments, timeout=60):
    """`riverd update --json`: its result and its totals."""
    done = riverd("update", "--config", path, "--json", *arguments, timeout=timeout)
    return done, json.loads(done.out) if done.out else None


def daemon(*sources, fetch="", rest=FAST, server="", **options):
    """A River whose sources poll every second or two."""
    return River(server=server, extra=fetch + "\n" + rest + "".join(sources), **options)


def state(river, name):
    """The source's object of /api/v1/sources."""
    return next(s for s in river.json("/api/v1/sources")["sources"] if s["name"] == name)
