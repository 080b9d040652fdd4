"""An origin on loopback that answers as a test scripts it, byte for byte, and remembers what it was asked."""

import socket
import ssl
import threading
import time


class Request:
    """One request as it came: method, target, headers (lower-case names, values as sent), when (monotonic seconds)."""

    def __init__(self, head):
        self.at = time.monotonic()
        self.head = head
        first, *lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = first.split(" ", 2)
        self.headers = {}
        for line in filter(None, lines):
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip(" ")

    def __repr__(self):
        return f"{self.method} {self.target} {self.headers}"


def answer(body=b"", status="200 OK", headers=(), length=True):
    """A whole response. headers: "Name: value" lines."""
    body = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", *headers]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class ScriptedOrigin:
    """Serves `pages`: a path (without query) to bytes, to a list of bytes (one a request, the last for ever), or to a function
    of (request, connection) that returns bytes, or None when it has written what it wanted and the connection is done with.
    A context manager."""

    def __init__(self, pages=None, address="127.0.0.1", tls=None):
        self.pages = dict(pages or {})
        self.closing = threading.Event()
        self._tls = tls
        self._log = []
        self._lock = threading.Lock()
        self._listener = socket.create_server((address, 0), backlog=1024)
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://{address}:{self.port}"

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self._listener.close()

    def asked(self, path=None):
        """The requests so far, of one path (without query) or all."""
        with self._lock:
            return [r for r in self._log if path is None or r.target.split("?")[0] == path]

    def _accept(self):
        while not self.closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            data = b""
            while not self.closing.is_set():
                while b"\r\n\r\n" not in data:
                    more = connection.recv(65536)
                    if not more:
                        return
                    data += more
                head, _, data = data.partition(b"\r\n\r\n")
                request = Request(head)
                with self._lock:
                    self._log.append(request)
                reply = self._reply(request, connection)
                if reply is None:
                    return
                connection.sendall(reply)
        except (OSError, ssl.SSLError):
            pass
        finally:
            connection.close()

    def _reply(self, request, connection):
        page = self.pages.get(request.target.split("?")[0], answer("no such page", "404 Not Found"))
        if isinstance(page, list):
            with self._lock:
                page = page.pop(0) if len(page) > 1 else page[0]
        return page(request, connection) if callable(page) else page


def feed(*numbers, title="Feed"):
    """An RSS document with these stories."""
    items = "".join(f"<item><title>story {n}</title><link>https://example.org/{n}</link><guid>{n}</guid></item>" for n in numbers)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title><link>https://example.org/</link>{items}</channel></rss>'


def until(true, seconds=15, what="what was waited for"):
    """Waits for a condition, and fails when it does not come."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come within {seconds} s")
        time.sleep(0.02)
