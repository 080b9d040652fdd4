"""What README.md and docs/ show is run: configs are checked, commands are executed in a folder that stands for the machine, the
proxies' configs serve a river, the reference names all there is and nothing else."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import unittest
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parent))
from support.cli import RIVERD, SOURCE_DIR, Folder, riverd  # noqa: E402
from support.origin import Origin, rss  # noqa: E402
from support.river import River  # noqa: E402
from support.scripted_origin import until  # noqa: E402
from support.snippets import blocks  # noqa: E402

BUILD_DIR = Path(os.environ["RIVERD_BUILD_DIR"])
PAGES = [SOURCE_DIR / "README.md", *sorted((SOURCE_DIR / "docs").glob("*.md"))]
README, OPERATING = SOURCE_DIR / "README.md", SOURCE_DIR / "docs/operating.md"
ENVIRONMENT = {"RIVERD_TOKEN": "x", "FEED_PASSWORD": "x"}

# Blocks that are run elsewhere, each with where.
ELSEWHERE = {
    "./start\n": "tests/e2e/test_checkout.py, in a bare Debian (RIVERD_HEAVY=1)",
    "cmake -B build-deb": "tests/e2e/test_package.py, in a bare Debian (RIVERD_INSTALL=1)",
    "cmake --preset fuzz": "needs Clang; tests/fuzz/replay.cpp runs the same fuzzers in ./check",
}
# Programs that change or need the machine. Each is a script that writes down what it was told; sudo runs the rest of its line.
STAND_INS = {
    "sudo": 'exec "$@"',
    "systemctl": 'echo "systemctl $*" >> "$SANDBOX/told"',
    "journalctl": 'echo "journalctl $*" >> "$SANDBOX/told"',
}


def pages_blocks(kind):
    return [(page, block) for page in PAGES for block in blocks(page, kind)]


class Configs(unittest.TestCase):
    def test_configs_are_valid(self):
        with Folder() as folder:
            folder.write("cookie.txt", "a=b\n")
            found = pages_blocks("toml")
            self.assertGreaterEqual(len(found), 7)
            for page, block in found:
                done = riverd("check", "--config", folder.write("doc.toml", block), env=ENVIRONMENT)
                self.assertEqual(done.status, 0, (page, block, done))
            example = re.search(r"(?s)\.Sh EXAMPLES\n\.Bd .*?\n(.*?)\.Ed", (SOURCE_DIR / "packaging/man/riverd.toml.5").read_text())[1]
            self.assertEqual(riverd("check", "--config", folder.write("man.toml", example), env=ENVIRONMENT).status, 0)

    def test_every_fenced_block_is_of_a_kind_that_is_tested(self):
        tested = {"sh", "toml", "nginx", "caddy", "yaml", "ini"}
        for page in PAGES:
            kinds = set(re.findall(r"(?m)^```(\w+)", page.read_text()))
            self.assertLessEqual(kinds, tested, page)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
    def test_drop_ins_are_taken_by_systemd(self):
        for _, block in pages_blocks("ini"):
            path = Path(re.match(r"# (\S+)", block)[1])
            with Folder() as folder:
                service = (BUILD_DIR / "systemd/riverd.service").read_text()
                folder.write("riverd.service", re.sub(r"(?m)^(Exec\w+=)\S*/riverd ", rf"\1{RIVERD} ", service))
                shutil.copy(SOURCE_DIR / "systemd/riverd.socket", folder.path)
                folder.write(f"{path.parent.name}/{path.name}", block)
                unit = path.parent.name.removesuffix(".d")
                done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(folder.path / unit)], capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_the_scrape_config_is_yaml(self):
        for _, block in pages_blocks("yaml"):
            self.assertEqual(yaml.safe_load(block)["scrape_configs"][0]["static_configs"][0]["targets"], ["127.0.0.1:8380"])


class Machine:
    """A folder that stands for the machine of the documents: /etc, /var, a served river, riverd and its like on PATH."""

    def __init__(self, folder, origin, river_url=""):
        self.path = folder.path
        self.url = river_url
        for place in ["etc/riverd", "etc/letsencrypt", "var/backups", "var/lib/riverd", "bin", "home"]:
            (self.path / place).mkdir(parents=True)
        for name, text in STAND_INS.items():
            self.script(name, text)
        self.script("riverd", f'exec "{RIVERD}" "$@"')
        config = (f'[storage]\npath = "{self.path}/var/lib/riverd/riverd.db"\n[fetch]\nallow_private_networks = true\n'
                  f'[[source]]\nname = "lwn"\nurl = "{origin.url}/lwn.xml"\n')
        folder.write("etc/riverd/riverd.toml", config)
        folder.write("home/riverd.toml", config + f'[[source]]\nname = "shop-news"\nurl = "{origin.url}/news.xml"\nexclude = ["(?i)sponsored"]\n')
        folder.write("home/feeds.opml", '<opml version="2.0"><body><outline text="T"><outline type="rss" text="x" xmlUrl="https://example.com/x"/></outline></body></opml>')
        for name in ["etc/riverd", "home"]:
            done = riverd("update", "--config", self.path / name / "riverd.toml")
            assert done.status == 0, done
        self.origin = origin

    def script(self, name, text):
        path = self.path / "bin" / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def run(self, block):
        """The block as a shell runs it, the documents' addresses being this machine's."""
        for known, here in [("/etc/", f"{self.path}/etc/"), ("/var/", f"{self.path}/var/"), ("https://example.org/", f"{self.origin.url}/"),
                            ("http://127.0.0.1:8380", self.url)]:
            block = block.replace(known, here)
        return subprocess.run(["sh", "-euc", block], cwd=self.path / "home", capture_output=True, text=True, timeout=120,
                              env={**os.environ, "PATH": f"{self.path}/bin:{os.environ['PATH']}", "SANDBOX": str(self.path)})

    def told(self):
        path = self.path / "told"
        return path.read_text().splitlines() if path.exists() else []


class Commands(unittest.TestCase):
    def setUp(self):
        self.origin = self.enterContext(Origin({
            "/": ("text/html", '<html><head><link rel="alternate" type="application/rss+xml" href="/added.xml"></head></html>'),
            "/added.xml": rss("Added", {"title": "a", "guid": "a"}), "/lwn.xml": rss("LWN", {"title": "kernel", "guid": "k"}),
            "/news.xml": rss("News", {"title": "Sponsored: buy", "guid": "1"}, {"title": "Tencent cloud", "guid": "2"})}))

    def run_page(self, page, machine):
        ran = []
        for block in blocks(page, "sh"):
            if any(mark in block for mark in ELSEWHERE):
                continue
            done = machine.run(block)
            self.assertEqual(done.returncode, 0, (page.name, block, done.stdout, done.stderr))
            ran.append(done.stdout)
        return ran

    def test_the_readme_s_commands_run_from_top_to_bottom(self):
        with Folder() as folder:
            machine = Machine(folder, self.origin)
            self.assertGreaterEqual(len(self.run_page(README, machine)), 8)
            config = (machine.path / "home/riverd.toml").read_text()
            self.assertIn("/added.xml", config)
            self.assertIn("https://example.com/x", config)
            self.assertEqual(len(list((machine.path / "home/source/_posts").glob("*.md"))), 2)
            self.assertTrue((machine.path / "home/riverd-backup.db").exists())

    def test_the_operator_s_commands_run_from_top_to_bottom(self):
        with Folder() as folder:
            machine = Machine(folder, self.origin)
            # The daemon of the page: its token is the one that the page makes before it is used.
            token = machine.path / "etc/credstore/riverd.token"
            before, after = [], []
            for block in blocks(OPERATING, "sh"):
                (after if "curl" in block or after else before).append(block)
            for block in before:
                if not any(mark in block for mark in ELSEWHERE):
                    done = machine.run(block)
                    self.assertEqual(done.returncode, 0, (block, done.stderr))
            self.assertRegex(token.read_text(), r"^[0-9a-f]{48}\n$")
            self.assertEqual(token.stat().st_mode & 0o777, 0o600)
            with River({"lwn": f"{self.origin.url}/lwn.xml"}, server=f'token_file = "{token}"') as served:
                served.wait_until(lambda: len(served.json("/api/v1/posts")["posts"]) == 1)
                machine.url = served.url
                for block in after:
                    done = machine.run(block)
                    self.assertEqual(done.returncode, 0, (block, done.stdout, done.stderr))
            self.assertTrue((machine.path / "var/backups/riverd.db").exists())
            restored = riverd("query", "--config", machine.path / "etc/riverd/riverd.toml")
            self.assertIn("kernel", restored.out)
            told = machine.told()
            for line in ["systemctl reload riverd", "systemctl restart riverd", "systemctl stop riverd", "systemctl start riverd",
                         "systemctl enable --now riverd.socket", "systemctl enable --now riverd-update.timer", "journalctl -u riverd SOURCE=lwn --since today"]:
                self.assertIn(line, told)
            for unit in set(re.findall(r"riverd[\w-]*\.(?:service|socket|timer)", "\n".join(told))):
                self.assertTrue((SOURCE_DIR / "systemd" / unit).exists() or (BUILD_DIR / "systemd" / unit).exists(), unit)

    def test_blocks_that_are_run_elsewhere_are_there(self):
        text = "".join(page.read_text() for page in PAGES)
        for mark, where in ELSEWHERE.items():
            self.assertIn(mark, text)
            self.assertTrue((SOURCE_DIR / re.search(r"tests/\S+\.\w+", where)[0]).exists(), where)


class Proxies(unittest.TestCase):
    """The proxies' configs, word for word but for the port, the certificate and the river's address."""

    def setUp(self):
        self.folder = self.enterContext(Folder())
        settings = 'hosts = ["river.example.org"]\npublic_url = "https://river.example.org/"'
        self.assertIn(settings, OPERATING.read_text())
        self.river = self.enterContext(River(server=settings))

    def port(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            return free.getsockname()[1]

    def expect_a_river(self, *curl):
        def ask(path, *options):
            return subprocess.run([*curl, "--silent", "--max-time", "20", *options, f"{self.base}{path}"], capture_output=True, text=True).stdout
        until(lambda: ask("/healthz", "--write-out", "%{http_code}").endswith("200"), what="the proxy")
        self.assertIn('href="https://river.example.org/', ask("/feed.atom"))
        self.assertTrue(ask("/metrics", "--write-out", "%{http_code}").endswith("404"))
        stream = subprocess.Popen([*curl, "--silent", "--no-buffer", "--max-time", "20", f"{self.base}/api/v1/events"], stdout=subprocess.PIPE)
        self.addCleanup(stream.communicate)
        self.addCleanup(stream.kill)
        self.assertTrue(stream.stdout.readline().startswith(b":"), "an event stream is not held back")

    @unittest.skipUnless(shutil.which("nginx") or os.path.exists("/usr/sbin/nginx"), "nginx is not installed")
    def test_nginx(self):
        block, _ = blocks(OPERATING, "nginx")
        self.serve_by_nginx(block)
        self.expect_a_river(*self.curl)

    @unittest.skipUnless(shutil.which("nginx") or os.path.exists("/usr/sbin/nginx"), "nginx is not installed")
    def test_nginx_asks_for_the_password_of_a_protected_river(self):
        block, password = blocks(OPERATING, "nginx")
        self.river = self.enterContext(River(server='hosts = ["river.example.org"]\npublic_url = "https://river.example.org/"\n'
                                                    'protect_reads = true\ntoken = "s3cret"'))
        users = self.folder.write("htpasswd", "me:{PLAIN}open-sesame\n")
        password = password.replace("/etc/nginx/river.htpasswd", str(users)).replace("TOKEN", "s3cret")
        self.folder.path.chmod(0o755)
        host = "        proxy_set_header Host $host;\n"
        self.assertEqual(block.count(host), 2)
        self.serve_by_nginx(block.replace(host, host + password))
        self.expect_a_river(*self.curl, "--user", "me:open-sesame")
        for user in [[], ["--user", "me:wrong"]]:
            done = subprocess.run([*self.curl, *user, "--silent", "--write-out", "%{http_code}", f"{self.base}/api/v1/posts"], capture_output=True, text=True)
            self.assertTrue(done.stdout.endswith("401"), done)

    def serve_by_nginx(self, block):
        port, folder = self.port(), self.folder.path
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=river.example.org",
                        "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"], check=True, capture_output=True)
        for known, here in [("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"), ("/etc/letsencrypt/live/river.example.org", str(folder)),
                            ("http://127.0.0.1:8380", self.river.url)]:
            self.assertIn(known, block)
            block = block.replace(known, here)
        paths = "".join(f"{name}_temp_path {folder}/{name};\n" for name in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
        config = self.folder.write("nginx.conf", f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
                                   f"http {{\naccess_log off;\n{paths}{block}}}\n")
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        tried = subprocess.run([nginx, "-t", "-c", config, "-p", folder, "-e", folder / "error.log"], capture_output=True, text=True)
        self.assertEqual(tried.returncode, 0, tried.stderr)
        process = subprocess.Popen([nginx, "-c", config, "-p", folder, "-e", folder / "error.log"])
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        self.base = f"https://river.example.org:{port}"
        self.curl = ["curl", "--insecure", "--resolve", f"river.example.org:{port}:127.0.0.1"]

    @unittest.skipUnless(shutil.which("caddy"), "caddy is not installed")
    def test_caddy(self):
        [block] = blocks(OPERATING, "caddy")
        whole = self.folder.write("Caddyfile", block)
        home = {**os.environ, "HOME": str(self.folder.path), "XDG_DATA_HOME": str(self.folder.path), "XDG_CONFIG_HOME": str(self.folder.path)}
        adapted = subprocess.run(["caddy", "adapt", "--adapter", "caddyfile", "--config", whole], capture_output=True, text=True, env=home)
        self.assertEqual(adapted.returncode, 0, adapted.stderr)
        port = self.port()
        block = block.replace("river.example.org {", f"http://river.example.org:{port} {{").replace("127.0.0.1:8380", self.river.url.removeprefix("http://"))
        config = self.folder.write("Caddyfile.here", "{\n  admin off\n  auto_https off\n}\n" + block)
        process = subprocess.Popen(["caddy", "run", "--adapter", "caddyfile", "--config", config], env=home, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        self.base = f"http://river.example.org:{port}"
        self.expect_a_river("curl", "--resolve", f"river.example.org:{port}:127.0.0.1")


class Reference(unittest.TestCase):
    TEXT = README.read_text()

    @staticmethod
    def options_of(command):
        return set(re.findall(r"--[a-z][a-z-]*", riverd(command, "--help").out)) - {"--help"}

    def commands(self):
        return re.findall(r"(?m)^  ([a-z]+)  ", riverd("--help").out.split("Subcommands:")[1])

    def test_the_readme_names_every_command_and_option(self):
        rows = dict(re.findall(r"(?m)^\| `riverd ([a-z]+)([^`]*)`", self.TEXT))
        self.assertEqual(sorted(rows), sorted(self.commands()))
        filters = set(re.findall(r"--[a-z]+", re.search(r"Filters are those of the API: (.*?);", self.TEXT, re.S)[1]))
        for command, row in rows.items():
            named = set(re.findall(r"--[a-z][a-z-]*", row)) | (filters if "[filters]" in row else set())
            self.assertEqual(named, self.options_of(command), command)

    def test_the_readme_names_every_key_as_the_manual_does(self):
        def manual():
            section, keys = "", set()
            for kind, rest in re.findall(r"(?m)^\.(Ss|It Ic) (.*)$", (SOURCE_DIR / "packaging/man/riverd.toml.5").read_text()):
                if kind == "Ss":
                    section = re.match(r"\[*([a-z]*)", rest)[1] if rest.startswith("[") else ""
                else:
                    keys |= {(section, name) for name in re.findall(r"[a-z_]+", rest.split("=")[0])}
            return keys
        section, keys = "", set()
        table = self.TEXT[self.TEXT.index("### Config"):self.TEXT.index("### HTTP")]
        for cell in re.findall(r"(?m)^\| (.*?) \|", table):
            if heading := re.match(r"\*\*`\[+([a-z]+)", cell):
                section = heading[1]
            elif cell.startswith("`"):
                keys |= {(section, name) for name in re.findall(r"`([a-z_]+)`", cell)}
        self.assertEqual(keys, manual())

    def test_defaults_in_the_readme_are_those_in_force(self):
        section, text = "", ""
        for keys, default in re.findall(r"(?m)^\| (.*?) \| (.*?) \|", self.TEXT[self.TEXT.index("### Config"):self.TEXT.index("### HTTP")]):
            if heading := re.match(r"\*\*`\[+([a-z]+)", keys):
                section = heading[1]
                text += f"[{section}]\n" if section in ("server", "storage", "fetch", "schedule", "log", "rules") else ""
            elif section in ("server", "storage", "fetch", "schedule", "log") and default.startswith("`") and "VERSION" not in default:
                text += "".join(f"{key} = {default.strip('`')}\n" for key in re.findall(r"`([a-z_]+)`", keys))
        self.assertGreater(text.count("="), 15)
        with Folder() as folder:
            said = riverd("check", "--resolved", "--config", folder.write("said.toml", text))
            in_force = riverd("check", "--resolved", "--config", folder.write("empty.toml", ""))
        self.assertEqual((said.status, said.out), (0, in_force.out), said)

    def test_the_readme_names_every_path_and_parameter(self):
        paths = json.loads((SOURCE_DIR / "daemon/http/openapi.json").read_text())["paths"]
        existing = {f"{method.upper()} {path}" for path, operations in paths.items() for method in operations if method in ("get", "post")}
        table = self.TEXT[self.TEXT.index("### HTTP"):self.TEXT.index("## Layout")]
        named = set(re.findall(r"`((?:GET|POST) /\S*)`", table)) - {"GET /"}
        self.assertEqual(named, existing)
        for parameter in paths["/api/v1/posts"]["get"]["parameters"]:
            if name := parameter.get("name"):
                self.assertRegex(table, rf"`{name}\b")

    def test_inline_commands_exist(self):
        commands = self.commands()
        for page in PAGES:
            for line in re.findall(r"`(?:sudo |build/)?riverd ([a-z][^`]*)`", page.read_text()):
                words = line.split()
                self.assertIn(words[0], commands, (page, line))
                self.assertLessEqual({word.strip("[]") for word in words if word.strip("[]").startswith("--")}, self.options_of(words[0]), (page, line))

    def test_links_between_the_documents_lead_somewhere(self):
        for page in PAGES:
            for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
                self.assertTrue((page.parent / link).exists(), (page, link))


class Monitoring(unittest.TestCase):
    def test_the_dashboard_and_the_alerts_ask_for_metrics_that_are_served(self):
        with River() as river:
            metrics = river.get("/metrics")[2].decode()
        served = set(re.findall(r"(?m)^(riverd_\w+)", metrics))
        dashboard = json.loads((SOURCE_DIR / "docs/grafana.json").read_text())
        self.assertGreater(len(dashboard["panels"]), 5)
        asked = set(re.findall(r"\briverd_[a-z_]+", json.dumps(dashboard) + OPERATING.read_text()))
        self.assertGreater(len(asked), 10)
        self.assertLessEqual(asked, served)


if __name__ == "__main__":
    unittest.main()
