"""A reverse proxy, set rightly or wrongly, in front of a tool."""

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

Headers = dict[str, str]


class Proxy:
    """Passes GETs on; `sets` changes the headers of a request, `says` those of the answer."""

    def __init__(
        self, sets: Callable[[Headers], None] = lambda _headers: None, says: Callable[[Headers], None] = lambda _h: None
    ) -> None:
        proxy = self
        self.to = ""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                upstream = http.client.HTTPConnection("127.0.0.1", urlsplit(proxy.to).port or 0, timeout=30)
                headers = dict(self.headers.items())
                sets(headers)
                upstream.putrequest("GET", self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in headers.items():
                    upstream.putheader(name, value)
                upstream.endheaders()
                answer = upstream.getresponse()
                body = answer.read()
                found = dict(answer.getheaders()) | {"Content-Length": str(len(body)), "Connection": "close"}
                says(found)
                self.send_response_only(answer.status)
                for name, value in found.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
                upstream.close()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
