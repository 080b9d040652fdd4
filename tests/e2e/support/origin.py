"""A small HTTP origin on loopback whose documents tests set."""

import http.server
import threading


class LocalServer:
    """Answers on a free port of loopback by a handler, at `url`; a context manager."""

    def __init__(self, handler):
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class Origin(LocalServer):
    """Serves `pages`: a path to (content type, body) or to an int, a status."""

    def __init__(self, pages=None):
        self.pages = dict(pages or {})
        self.served = lambda: None  # called after each document
        origin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                page = origin.pages.get(self.path.split("?")[0], 404)
                if isinstance(page, int):
                    self.send_error(page)
                    return
                kind, body = page
                body = body.encode() if isinstance(body, str) else body
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                origin.served()

            def log_message(self, *_):
                pass

        super().__init__(Handler)


def rss(title, *items):
    """An RSS document; each item is a dict of element names and texts, markup as it is."""
    body = "".join("<item>" + "".join(f"<{k}>{v}</{k}>" for k, v in item.items()) + "</item>" for item in items)
    return ("application/rss+xml", f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>'
                                   f"<link>https://example.org/</link><description/>{body}</channel></rss>")
