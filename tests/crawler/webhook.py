"""A real webhook on loopback."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Hook:
    """A webhook that keeps what it was sent; it answers as the path says."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, str], Any]] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.received.append((self.path, dict(self.headers), json.loads(body)))
                kind = self.path.split("/")[1]
                if kind == "silent":
                    hook.release.wait(30)
                if kind == "garbage":
                    self.wfile.write(b"\\0\\0\\0 not HTTP\\r\\n\\r\\n")
                    return
                self.send_response({"moved": 302, "broken": 500, "forbidden": 403}.get(kind, 204))
                if kind == "moved":
                    self.send_header("Location", "/ok")
                self.end_headers()

            def do_GET(self) -> None:
                hook.received.append((self.path, dict(self.headers), None))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.release = threading.Event()
        """Lets the silent answers go."""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def messages(self) -> list[Any]:
        """The JSON of each alert."""
        return [body for _, _, body in self.received]

    def __enter__(self) -> "Hook":
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
