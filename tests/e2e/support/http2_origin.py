"""An origin on loopback that speaks HTTP/2 over TLS frame by frame (RFC 9113), as wrongly as a test wants."""

import socket
import ssl
import threading

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 5, 6, 7, 8, 9
END_STREAM, END_HEADERS, ACK = 1, 4, 1
STATUS_200 = b"\x88"  # HPACK, static table


def literal(name, value):
    """A header field, neither indexed nor compressed (RFC 7541, 6.2.2); both shorter than 127 bytes."""
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


class Connection:
    """What a page gets: sends frames; `stream` is the request's."""

    def __init__(self, connection):
        self.socket = connection
        self.stream = 0

    def frame(self, kind, flags=0, payload=b"", stream=None):
        number = self.stream if stream is None else stream
        self.socket.sendall(len(payload).to_bytes(3, "big") + bytes([kind, flags]) + number.to_bytes(4, "big") + payload)

    def read(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise OSError("closed")
            data += more
        return data

    def next_request(self):
        """Reads frames until a request's header ends; returns its path's bytes as they came (static Huffman is not undone)."""
        while True:
            head = self.read(9)
            payload = self.read(int.from_bytes(head[:3], "big"))
            if head[3] == SETTINGS and not head[4] & ACK:
                self.frame(SETTINGS, ACK, stream=0)
            if head[3] == HEADERS:
                self.stream = int.from_bytes(head[5:9], "big")
                return payload

    def wait(self):
        """Until the other side has had enough."""
        while self.socket.recv(65536):
            pass


class Http2Origin:
    """One page, a function of a Connection, called for each request; a context manager."""

    def __init__(self, page, tls):
        self.page, self._tls = page, tls
        self._tls.set_alpn_protocols(["h2"])
        self.requests = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}/feed"

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            connection.settimeout(30)
            with self._tls.wrap_socket(connection, server_side=True) as tls:
                client = Connection(tls)
                client.read(len(PREFACE))
                client.frame(SETTINGS, stream=0)
                while True:
                    client.next_request()
                    self.requests += 1
                    if not self.page(client):
                        return
        except (OSError, ssl.SSLError, ValueError):
            pass
        finally:
            connection.close()


def certificate(folder, name="cert", subject="IP:127.0.0.1", before=()):
    """A self-signed certificate and its key, in PEM files; before: words before the openssl command (faketime, say)."""
    import subprocess
    cert, key = folder.path / f"{name}.pem", folder.path / f"{name}-key.pem"
    subprocess.run([*before, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=test",
                    "-addext", f"subjectAltName={subject}", "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


def server_context(cert, key):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    return tls
