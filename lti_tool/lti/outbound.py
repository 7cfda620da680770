"""The one way out: an HTTP session with time limits, size limits and a guard on where it connects.

No other module imports requests. The guard resolves the name itself, once, and connects only to public addresses;
it looks again at the address a connection really has, before anything is sent: a name that resolves differently the
second time (DNS rebinding) gains nothing.
"""

import http.client
import io
import ipaddress
import json
import socket
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, ClassVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ReadTimeoutError
from urllib3.poolmanager import PoolManager

# Seconds to connect, seconds between two bytes; and for a whole call, headers and body, however its bytes drip in.
TIMEOUT = (5, 10)
WHOLE = 60
MAX_BODY = 32 * 1024 * 1024

Response = requests.Response


class OutboundError(Exception):
    """A call that got no usable answer. reason: a fixed code; status: the HTTP status, 0 when none came.

    of_one: it may be said of the one thing that was sent, and of nothing else there.
    """

    def __init__(self, reason: str, status: int = 0, retry_after: str | None = None, *, of_one: bool = False) -> None:
        super().__init__(f"{reason} ({status})" if status else reason)
        self.reason = reason
        self.status = status
        self.retry_after = retry_after
        self.of_one = of_one


# IPv6 (RFC 4291, 2.4): addresses that anybody may have, and the two ways to write or reach an IPv4 one.
UNICAST = ipaddress.ip_network("2000::/3")
# What the protocols keep for themselves, Teredo within it (RFC 2928).
PROTOCOLS = ipaddress.ip_network("2001::/23")
MAPPED, NAT64 = ipaddress.ip_network("::ffff:0:0/96"), ipaddress.ip_network("64:ff9b::/96")
# The upper half of an ISATAP interface identifier (RFC 5214, 6.1): an IPv4 address follows.
ISATAP = (0x00005EFE, 0x02005EFE)
# Addresses of one name that are tried, one after the other.
ADDRESSES = 4


class _Refused(OSError):
    pass


def is_public(text: str) -> bool:
    """Whether an IP address is anybody's on the internet, and so is each address that it embeds.

    Of IPv6 only global unicast, so that site-local (fec0::/10), IPv4-compatible (::a.b.c.d) and a network's own
    translation (64:ff9b:1::/48) are none; within it 6to4 and ISATAP lead to an IPv4 address, as Teredo does, which is
    refused with all that the protocols keep for themselves. What a network translates by a prefix of its own, from
    without nobody knows.
    """
    address = ipaddress.ip_address(text.split("%")[0])
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in MAPPED or address in NAT64:
        return is_public(str(last))
    inner = [address.sixtofour, last if (int(address) >> 32) & 0xFFFFFFFF in ISATAP else None]
    return (
        address in UNICAST
        and address not in PROTOCOLS
        # Until 3.11.4 Python calls 6to4 private, whatever it leads to.
        and (address.is_global or address.sixtofour is not None)
        and all(is_public(str(each)) for each in inner if each is not None)
    )


def _public_addresses(connection: HTTPConnection) -> list[str]:
    """The public addresses of a connection's host; raises _Refused where it has others only, and was not called."""
    try:
        found = socket.getaddrinfo(connection._dns_host, connection.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NewConnectionError(connection, "the name is not known") from error
    public = [address for address in dict.fromkeys(str(each[4][0]) for each in found) if is_public(address)]
    if not public:
        raise _Refused("private address")
    return public[:ADDRESSES]


def _connect(connection: HTTPConnection, connect: Callable[[], socket.socket]) -> socket.socket:
    """Connect to a public address of the connection's host.

    What is inside is not even tried, so that a port that listens there and one that does not are refused alike, and
    as soon. The name is resolved once, here: TLS and the request still go by the name.
    """
    name, failed = connection._dns_host, None
    try:
        for address in _public_addresses(connection):
            connection._dns_host = address
            try:
                return _check_peer(connect())
            except (NewConnectionError, ConnectTimeoutError) as error:
                failed = error
    finally:
        connection._dns_host = name
    assert failed is not None
    raise failed


def _check_peer(sock: socket.socket) -> socket.socket:
    if not is_public(sock.getpeername()[0]):
        sock.close()
        raise _Refused("private address")
    return sock


# When the call of this thread is over, on time.monotonic's clock.
_until: ContextVar[float] = ContextVar("until")


class _Reading(io.RawIOBase):
    """What comes over a socket until the call is over: requests and urllib3 count anew with every byte."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._pause = sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = _until.get() - time.monotonic()
        if left <= 0:
            raise TimeoutError("the call takes too long")
        self._sock.settimeout(left if self._pause is None else min(left, self._pause))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_Reading(sock))


class _Http(HTTPConnection):
    response_class = _Answer


class _Https(HTTPSConnection):
    response_class = _Answer


class _GuardedHttp(_Http):
    def _new_conn(self) -> socket.socket:
        return _connect(self, super()._new_conn)


class _GuardedHttps(_Https):
    def _new_conn(self) -> socket.socket:
        return _connect(self, super()._new_conn)


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class _GuardedHttpPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHttp


class _GuardedHttpsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHttps


class _Adapter(HTTPAdapter):
    pools: ClassVar[dict[str, type[HTTPConnectionPool]]] = {"http": _HttpPool, "https": _HttpsPool}

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = self.pools


class _GuardedAdapter(_Adapter):
    pools: ClassVar[dict[str, type[HTTPConnectionPool]]] = {"http": _GuardedHttpPool, "https": _GuardedHttpsPool}


class Outbound:
    """Requests to platforms: https only and public addresses only, unless private hosts are allowed."""

    def __init__(self, allow_private_hosts: bool, connections: int = 16) -> None:
        self.allow_private_hosts = allow_private_hosts
        adapter = _Adapter if allow_private_hosts else _GuardedAdapter
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
        _until.set(time.monotonic() + WHOLE)
        try:
            with self.session.request(
                method, url, timeout=TIMEOUT, allow_redirects=False, stream=True, **kwargs
            ) as response:
                response._content = _read(response)
                return response
        except requests.Timeout as error:
            raise OutboundError("timeout") from error
        except requests.RequestException as error:
            raise OutboundError("private_address" if _was_refused(error) else "connection") from error
        except (OSError, UnicodeError) as error:
            # UnicodeError: of a token that no header can carry. What an LMS calls a token may be anything.
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


def _read(response: Response) -> bytes:
    body = bytearray()
    while piece := response.raw.read1(65536, decode_content=True):
        body += piece
        if len(body) > MAX_BODY:
            raise OutboundError("too_large", response.status_code)
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
