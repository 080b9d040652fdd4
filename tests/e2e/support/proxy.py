"""A reverse proxy on loopback that tests get in the way of."""

import http.client
import http.server

from support.origin import LocalServer


class Proxy(LocalServer):
    """Hands each GET on to `port`, unless `gate`, called with its path, returns a status: then that is the answer. A gate may
    take its time."""

    def __init__(self, port):
        self.gate = lambda _path: None
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                refused = proxy.gate(self.path)
                if refused:
                    self.send_error(refused)
                    return
                upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                try:
                    upstream.request("GET", self.path, headers={"Host": "localhost", "Accept": self.headers["Accept"]})
                    answer = upstream.getresponse()
                    self.send_response(answer.status)
                    for name in ("Content-Type", "Content-Security-Policy", "Cache-Control"):
                        if answer.headers[name]:
                            self.send_header(name, answer.headers[name])
                    self.end_headers()
                    while piece := answer.read1(65536):
                        self.wfile.write(piece)
                except OSError:
                    pass  # one of the two has gone
                finally:
                    upstream.close()

            def log_message(self, *_):
                pass

        super().__init__(Handler)
