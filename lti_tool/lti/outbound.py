"""The one way out: an HTTP session with time limits, size limits and a guard on where it connects.

No other module imports requests. The guard looks at the address a connection really has, after the
name was resolved and before anything is sent: a name that resolves differently the second time
(DNS rebinding) gains nothing.
"""

import ipaddress
import json
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ReadTimeoutError
from urllib3.poolmanager import PoolManager

# Seconds to connect, seconds between two bytes; and for a whole answer, however its bytes drip in.
TIMEOUT = (5, 10)
WHOLE = 60
MAX_BODY = 32 * 1024 * 1024

Response = requests.Response


class OutboundError(Exception):
    """A call that got no usable answer. reason: a fixed code; status: the HTTP status, 0 when none came."""

    def __init__(self, reason: str, status: int = 0, retry_after: str | None = None) -> None:
        super().__init__(f"{reason} ({status})" if status else reason)
        self.reason = reason
        self.status = status
        self.retry_after = retry_after


NAT64 = ipaddress.ip_network("64:ff9b::/96")


class _Refused(OSError):
    pass


def _check_peer(sock: socket.socket) -> socket.socket:
    address = ipaddress.ip_address(sock.getpeername()[0].split("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        # An IPv6 address may be the way to an IPv4 one: mapped, 6to4, or translated by the network.
        last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else None
        address = address.ipv4_mapped or address.sixtofour or last or address
    if not address.is_global or address.is_multicast:
        sock.close()
        raise _Refused("private address")
    return sock


class _Http(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _check_peer(super()._new_conn())


class _Https(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _check_peer(super()._new_conn())


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class _GuardedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


class Outbound:
    """Requests to platforms: https only and public addresses only, unless private hosts are allowed."""

    def __init__(self, allow_private_hosts: bool, connections: int = 16) -> None:
        self.allow_private_hosts = allow_private_hosts
        adapter = HTTPAdapter if allow_private_hosts else _GuardedAdapter
        self.session = requests.Session()
        # An environment proxy would connect for us, past the guard.
        self.session.trust_env = False
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, adapter(pool_connections=connections, pool_maxsize=connections))
        # Some Moodle sites refuse requests without one (hypothesis/lms, jwt.py).
        self.session.headers["User-Agent"] = "Leerkring (LTI tool)"

    def check(self, url: str) -> str:
        """The URL itself when it may be called at all; raises OutboundError("address")."""
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise OutboundError("address") from error
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.password:
            raise OutboundError("address")
        if parts.scheme == "http" and not self.allow_private_hosts:
            raise OutboundError("address_not_https")
        return url

    def call(self, method: str, url: str, **kwargs: Any) -> Response:
        """The response to a request that follows no redirect; raises OutboundError when none came.

        Every status is returned: what it means is the caller's to say.
        """
        self.check(url)
        try:
            with self.session.request(
                method, url, timeout=TIMEOUT, allow_redirects=False, stream=True, **kwargs
            ) as response:
                response._content = _read(response, time.monotonic() + WHOLE)
                return response
        except requests.Timeout as error:
            raise OutboundError("timeout") from error
        except requests.RequestException as error:
            raise OutboundError("private_address" if _was_refused(error) else "connection") from error
        except OSError as error:
            raise OutboundError("connection") from error
        except Exception as error:
            # urllib3's own errors while the body is read: ProtocolError, ReadTimeoutError, DecodeError.
            if type(error).__module__.startswith("urllib3"):
                timeout = isinstance(error, ReadTimeoutError)
                raise OutboundError("timeout" if timeout else "connection") from error
            raise

    def get_json(self, url: str, **kwargs: Any) -> Any:
        """The JSON body of a 200 answer, whatever its content type says (Moodle's token is text/html)."""
        return json_body(self.call("GET", url, **kwargs))


def _read(response: Response, deadline: float) -> bytes:
    body = bytearray()
    while piece := response.raw.read1(65536, decode_content=True):
        body += piece
        if len(body) > MAX_BODY:
            raise OutboundError("too_large", response.status_code)
        if time.monotonic() > deadline:
            raise OutboundError("timeout", response.status_code)
    return bytes(body)


def json_body(response: Response) -> Any:
    """The JSON of a 2xx answer; raises OutboundError with the status, and never with the body."""
    if not 200 <= response.status_code < 300:
        raise OutboundError("status", response.status_code, response.headers.get("Retry-After"))
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError) as error:
        raise OutboundError("not_json", response.status_code) from error


def _was_refused(error: BaseException | None, depth: int = 0) -> bool:
    """Whether the guard stands behind an error that requests and urllib3 wrapped several times."""
    if error is None or depth > 8:
        return False
    if isinstance(error, _Refused):
        return True
    inner = [*error.args, getattr(error, "reason", None), error.__cause__, error.__context__]
    return any(_was_refused(each, depth + 1) for each in inner if isinstance(each, BaseException))
