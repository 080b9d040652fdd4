"""A small WebDriver client (W3C) for Debian's chromium and chromedriver: no package beyond the standard library."""

import json
import re
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

# Nothing of Chromium's own may leave the machine, and root (as CI is) has no sandbox to be in.
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--hide-scrollbars",
]


def available():
    return shutil.which("chromium") is not None and shutil.which("chromedriver") is not None


class Browser:
    """One headless Chromium; a context manager."""

    def __init__(self, width=1280, height=900, javascript=True, arguments=()):
        self.profile = tempfile.mkdtemp(prefix="riverd-chromium-")
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
        try:
            self.base = f"http://127.0.0.1:{self._port()}"
            threading.Thread(target=self._drain, daemon=True).start()
            self._start(width, height, javascript, arguments)
        except BaseException:
            self.driver.kill()
            raise

    def _port(self):
        for line in self.driver.stdout:
            found = re.search(r"on port (\d+)", line)
            if found and int(found[1]) != 0:
                return int(found[1])
        raise RuntimeError("chromedriver did not say its port")

    def _drain(self):
        for _ in self.driver.stdout:
            pass

    def _start(self, width, height, javascript, arguments):
        options = {"args": ARGUMENTS + [*arguments, f"--window-size={width},{height}", f"--user-data-dir={self.profile}"]}
        if not javascript:
            options["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
        answer = self._call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = "/session/" + answer["sessionId"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._call("DELETE", self.session)
        except OSError:
            pass
        self.driver.terminate()
        self.driver.wait(10)
        self.driver.stdout.close()
        shutil.rmtree(self.profile, ignore_errors=True)

    def _call(self, method, path, body=None):
        data = json.dumps(body if body is not None else {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise WebDriverError(value["error"] + ": " + value["message"].split("\n")[0]) from None

    def open(self, url):
        self._call("POST", self.session + "/url", {"url": url})

    def url(self):
        return self._call("GET", self.session + "/url")

    def title(self):
        return self._call("GET", self.session + "/title")

    def script(self, source, *arguments):
        return self._call("POST", self.session + "/execute/sync", {"script": source, "args": list(arguments)})

    def find(self, selector):
        return self._call("POST", self.session + "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def texts(self, selector):
        found = self._call("POST", self.session + "/elements", {"using": "css selector", "value": selector})
        return [self._call("GET", f"{self.session}/element/{one[ELEMENT]}/text") for one in found]

    def click(self, selector):
        self._call("POST", f"{self.session}/element/{self.find(selector)}/click")

    def type(self, selector, text):
        self._call("POST", f"{self.session}/element/{self.find(selector)}/value", {"text": text})

    def keys(self, text):
        """Typed where the focus is."""
        strokes = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self._call("POST", self.session + "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})

    def resize(self, width, height):
        """The page's own size, also below what a window can be."""
        self.cdp("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def timezone(self, name=""):
        """Where the reader is; empty: where this machine is."""
        self.cdp("Emulation.setTimezoneOverride", {"timezoneId": name})

    def hide(self):
        """The window is minimised: its page is not seen until show()."""
        self._call("POST", self.session + "/window/minimize")

    def show(self):
        window = self.cdp("Browser.getWindowForTarget", {})["windowId"]
        self.cdp("Browser.setWindowBounds", {"windowId": window, "bounds": {"windowState": "normal"}})

    def new_window(self):
        handle = self._call("POST", self.session + "/window/new", {"type": "window"})["handle"]
        self._call("POST", self.session + "/window", {"handle": handle})

    def cdp(self, command, parameters):
        return self._call("POST", self.session + "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def dark(self, on=True):
        feature = {"name": "prefers-color-scheme", "value": "dark" if on else "light"}
        self.cdp("Emulation.setEmulatedMedia", {"features": [feature]})

    def log(self):
        """Console and security messages since the last call, each a dict with level and message."""
        return self._call("POST", self.session + "/se/log", {"type": "browser"})

    def wait(self, what, condition, seconds=15):
        """Asks until condition() is true; what it waited for is in the failure's message."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                value = condition()
                if value:
                    return value
            except WebDriverError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"waited {seconds} s for {what}")


class WebDriverError(Exception):
    pass
