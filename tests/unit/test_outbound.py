"""The one way out: https, public addresses, no redirects, so much and no longer (lti.md, R2 and M27)."""

import gzip
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import urllib3.connection
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti import outbound
from lti_tool.lti.outbound import MAX_BODY, Outbound, OutboundError, is_public, json_body
from tests.lti.site import Answer, Dripping, Site

INSIDE = {
    "loopback": "127.0.0.1",
    "all of loopback": "127.8.8.8",
    "this host": "0.0.0.0",
    "private 10": "10.0.0.5",
    "private 172": "172.16.3.4",
    "private 192": "192.168.1.1",
    "carrier": "100.64.0.1",
    "cloud metadata": "169.254.169.254",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "documentation": "192.0.2.1",
    "IPv6 loopback": "::1",
    "IPv6 unspecified": "::",
    "IPv6 private": "fd00::1",
    "IPv6 link": "fe80::1%eth0",
    "IPv6 multicast": "ff02::1",
    "IPv4 in IPv6": "::ffff:10.0.0.5",
    "IPv4 loopback in IPv6": "::ffff:127.0.0.1",
    "IPv4 by 6to4": "2002:a00:5::1",
    "IPv4 by translation": "64:ff9b::a00:5",
    "IPv4 by the network's own translation": "64:ff9b:1::a00:5",
    "even to outside": "64:ff9b:1:0:0:0:5db8:d822",
    "IPv4 compatible": "::10.0.0.5",
    "IPv4 compatible, outside": "::93.184.216.34",
    "IPv4 translated": "::ffff:0:10.0.0.5",
    "IPv4 loopback by 6to4": "2002:7f00:1::",
    "IPv4 by ISATAP": "2606:2800:220:1:0:5efe:a00:5",
    "IPv4 by ISATAP, universal": "2606:2800:220:1:200:5efe:a00:5",
    "IPv4 loopback by ISATAP in a link": "fe80::5efe:7f00:1",
    "Teredo of one inside": "2001:0:a00:5::",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "IPv6 site": "fec0::1",
    "IPv6 site, last": "feff::1",
    "IPv6 discard": "100::1",
    "IPv6 documentation": "2001:db8::1",
    "IPv6 benchmarking": "2001:2::1",
    "IPv6 segment routing": "5f00::1",
    "IPv6 of a protocol": "2001:20::1",
    "IPv6 reserved": "4000::1",
    "IPv6 unique local, other half": "fc00::1",
}
OUTSIDE = {
    "IPv4": "93.184.216.34",
    "IPv6": "2606:2800:220:1:248:1893:25c8:1946",
    "mapped": "::ffff:93.184.216.34",
    "translated": "64:ff9b::5db8:d822",
    "6to4": "2002:5db8:d822::1",
    "ISATAP": "2606:2800:220:1:0:5efe:5db8:d822",
}


class Peer(socket.socket):
    """A connection that ended at some address; whatever is sent over it is noted."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.sent = b""
        self.closed = False

    def getpeername(self) -> Any:
        return (self.address, 443)

    def sendall(self, data: Any, *_: Any) -> None:
        self.sent += bytes(data)
        raise ConnectionResetError

    def close(self) -> None:
        self.closed = True
        super().close()


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets every connection end at one address, whatever the name was resolved to: DNS as an attacker has it."""

    def at(address: str) -> Peer:
        made = Peer(address)
        resolved = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: resolved)
        monkeypatch.setattr(urllib3.connection.connection, "create_connection", lambda *_a, **_k: made)
        return made

    return at


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def inside() -> Outbound:
    """As the demo and tests use it."""
    return Outbound(allow_private_hosts=True)


@pytest.fixture
def outside() -> Outbound:
    """As in production."""
    return Outbound(allow_private_hosts=False)


@pytest.mark.parametrize("address", INSIDE.values(), ids=INSIDE)
@pytest.mark.parametrize(
    "url", ["https://platform.example/x", "https://127.0.0.1:8443/x"], ids=["by name", "by number"]
)
def test_r2_a_connection_that_ends_inside_is_cut_before_anything_is_sent(
    outside: Outbound, peer: Any, address: str, url: str
) -> None:
    reached = peer(address)
    with pytest.raises(OutboundError) as refused:
        outside.call("POST", url, data={"secret": "x"})
    assert refused.value.reason == "private_address"
    assert (reached.sent, reached.closed) == (b"", True)


@pytest.mark.parametrize("address", INSIDE.values(), ids=INSIDE)
def test_r2_a_name_that_leads_inside_is_not_even_called(
    outside: Outbound, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    family, called = (socket.AF_INET6 if ":" in address else socket.AF_INET), []
    resolved = [(family, socket.SOCK_STREAM, 6, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: resolved)
    monkeypatch.setattr(urllib3.connection.connection, "create_connection", lambda *a, **_k: called.append(a))
    with pytest.raises(OutboundError, match="private_address"):
        outside.call("GET", "https://platform.example/x")
    assert called == []


def test_r2_of_several_addresses_only_those_outside_are_called(
    outside: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []

    def refuse(address: tuple[str, int], *_: Any, **__: Any) -> Any:
        called.append(address[0])
        raise ConnectionRefusedError

    addresses = ("10.0.0.5", "93.184.216.34", "::1", "2606:2800:220:1:248:1893:25c8:1946", "93.184.216.34")
    resolved = [(socket.AF_UNSPEC, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: resolved)
    monkeypatch.setattr(urllib3.connection.connection, "create_connection", refuse)
    with pytest.raises(OutboundError, match="connection"):
        outside.call("GET", "https://platform.example/x")
    assert called == ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::1]", "[::ffff:127.0.0.1]"])
def test_r2_a_port_inside_that_listens_is_refused_as_one_that_does_not(outside: Outbound, host: str) -> None:
    """The same reason, and nothing arrives at either, so that nothing can be told from how long it takes."""
    said = []
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket() as shut:
        listening.setblocking(False)
        shut.bind(("127.0.0.1", 0))
        for port in (listening.getsockname()[1], shut.getsockname()[1]):
            with pytest.raises(OutboundError) as refused:
                outside.call("GET", f"https://{host}:{port}/")
            said.append(str(refused.value))
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert said == ["private_address"] * 2


IPV4 = st.ip_addresses(v=4)
WAYS = st.sampled_from(
    ["::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/96", "::/96", "::ffff:0:0:0/96", "2606:2800:220:1:0:5efe::/96"]
)


@given(inner=IPV4, way=WAYS)
def test_r2_no_way_to_an_ipv4_address_is_more_public_than_the_address(inner: IPv4Address, way: str) -> None:
    embedded = ip_address(int(ip_network(way).network_address) + int(inner))
    assert is_public(str(embedded)) <= is_public(str(inner))
    six_to_four = ip_address((0x2002 << 112) + (int(inner) << 80) + 1)
    assert is_public(str(six_to_four)) == is_public(str(inner))


@given(address=st.ip_addresses(v=6))
def test_r2_of_ipv6_global_unicast_is_public_and_what_writes_a_public_ipv4(address: IPv6Address) -> None:
    if is_public(str(address)):
        assert address in ip_network("2000::/3") or address.ipv4_mapped or address in ip_network("64:ff9b::/96")


def test_tls_goes_by_the_name_whatever_the_address(outside: Outbound, monkeypatch: pytest.MonkeyPatch) -> None:
    class Reached(socket.socket):
        def getpeername(self) -> Any:
            return ("93.184.216.34", 443)

    ours, theirs = socket.socketpair()
    reached, called = Reached(fileno=ours.detach()), []

    def connect(address: Any, *_: Any, **__: Any) -> socket.socket:
        called.append(address)
        return reached

    resolved = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: resolved)
    monkeypatch.setattr(urllib3.connection.connection, "create_connection", connect)
    said: list[bytes] = []

    def listen() -> None:
        with theirs:
            said.append(theirs.recv(65536))

    thread = threading.Thread(target=listen)
    thread.start()
    with pytest.raises(OutboundError, match="connection"):
        outside.call("GET", "https://platform.example/x")
    thread.join()
    assert called == [("93.184.216.34", 443)]
    assert b"platform.example" in said[0], "the server's name, as TLS says it first (RFC 6066, 3)"


@pytest.mark.parametrize("address", OUTSIDE.values(), ids=OUTSIDE)
def test_a_connection_that_ends_outside_is_used(outside: Outbound, peer: Any, address: str) -> None:
    peer(address)
    with pytest.raises(OutboundError) as failed:
        outside.call("GET", "https://platform.example/x")
    # Nothing speaks TLS there: it is the handshake that fails, not the guard.
    assert failed.value.reason == "connection"


def test_r2_a_name_that_resolves_to_inside_is_refused(
    outside: Outbound, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real sockets: the name is public, the address it resolves to is not (also the second time, rebinding)."""
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda _host, port, *rest, **more: real("127.0.0.1", port, *rest, **more)
    )
    for _ in range(2):
        with pytest.raises(OutboundError, match="private_address"):
            outside.call("GET", f"https://platform.example:{site.port}/x")
    assert site.asked == []


def test_a_kept_connection_is_no_way_round(outside: Outbound, inside: Outbound, site: Site) -> None:
    site.answers["/x"] = Answer({})
    assert inside.get_json(site.url + "/x") == {}
    with pytest.raises(OutboundError):
        outside.get_json(site.url.replace("http:", "https:") + "/x")
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://platform.example/x", "address_not_https"),
        ("ftp://platform.example/x", "address"),
        ("file:///etc/passwd", "address"),
        ("platform.example/x", "address"),
        ("https://", "address"),
        ("https:///x", "address"),
        ("https://user@platform.example/", "address"),
        ("https://user:pass@platform.example/", "address"),
        ("https://[", "address"),
        ("https://a\u2100b.example/", "address"),
        ("", "address"),
    ],
)
def test_an_address_that_may_not_be_called_is_not(outside: Outbound, peer: Any, url: str, reason: str) -> None:
    reached = peer("93.184.216.34")
    for call in (outside.check, lambda address: outside.call("GET", address)):
        with pytest.raises(OutboundError) as refused:
            call(url)
        assert refused.value.reason == reason
    assert reached.sent == b""


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(inside: Outbound, site: Site, status: int) -> None:
    site.answers["/x"] = Answer("", status, {"Location": site.url + "/inside"})
    assert inside.call("GET", site.url + "/x").status_code == status
    with pytest.raises(OutboundError) as refused:
        inside.get_json(site.url + "/x")
    assert (refused.value.reason, refused.value.status) == ("status", status)
    assert [asked.path for asked in site.asked] == ["/x", "/x"]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed small"])
def test_an_answer_may_be_so_large(inside: Outbound, site: Site, monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    monkeypatch.setattr(outbound, "MAX_BODY", 200_000)
    headers = {"Content-Encoding": "gzip"} if packed else {}
    pack = gzip.compress if packed else bytes
    site.answers["/fits"] = Answer(pack(b"x" * 200_000), headers=headers)
    site.answers["/large"] = Answer(pack(b"x" * 200_001), headers=headers)
    assert len(inside.call("GET", site.url + "/fits").content) == 200_000
    with pytest.raises(OutboundError, match="too_large"):
        inside.call("GET", site.url + "/large")
    # A roster of 20,000 people is some 21 MiB.
    assert MAX_BODY > 25 * 1024 * 1024


def test_silence_is_waited_for_so_long(inside: Outbound, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "TIMEOUT", (0.2, 0.2))
    site.answers["/late"] = Answer({}, wait=30)
    site.answers["/stops"] = Answer("[", pieces=2, pause=30)
    for path in ("/late", "/stops"):
        with pytest.raises(OutboundError, match="timeout"):
            inside.get_json(site.url + path)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n"
DRIPS = {
    "status line": HEAD + b"\r\nnull",
    "headers": HEAD + b"X-Slow: " + b"x" * 100 + b"\r\n\r\nnull",
    "a hundred continues": b"HTTP/1.1 100 Continue\r\n\r\n" * 20 + HEAD + b"\r\nnull",
    "body": b"HTTP/1.1 200 OK\r\nContent-Length: 104\r\n\r\n" + b" " * 100 + b"null",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 30 + b"4\r\nnull\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("said", DRIPS.values(), ids=DRIPS)
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_a_call_has_one_deadline_for_headers_and_body_however_they_drip(
    inside: Outbound, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, said: bytes, tls: bool
) -> None:
    """The time limits of requests count anew with every byte: all of these would be read to their end."""
    monkeypatch.setattr(outbound, "WHOLE", 0.3)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    inside.session.verify = str(certificate[0])
    with (
        Dripping(said, context if tls else None) as dripping,
        pytest.raises(OutboundError, match="timeout"),
    ):
        inside.get_json(dripping.url)


def test_the_deadline_is_each_calls_own_also_on_a_connection_that_was_kept(
    inside: Outbound, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.answers["/x"] = Answer({"a": 1})
    moment = time.monotonic()
    for passed in (0, outbound.WHOLE + 1, 3 * outbound.WHOLE):
        monkeypatch.setattr(outbound.time, "monotonic", lambda passed=passed: moment + passed)
        assert inside.get_json(site.url + "/x") == {"a": 1}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer("{", headers={"Content-Length": "9"}), "connection"),
        (Answer("{}", headers={"Content-Encoding": "gzip"}), "connection"),
        (Answer("", headers={"Transfer-Encoding": "chunked"}), "connection"),
        (Answer("<h1>"), "not_json"),
        (Answer(b"\xff\xfe"), "not_json"),
        (Answer("[" * 100_000), "not_json"),
        (Answer("", 204), "not_json"),
        (Answer("{}", 500), "status"),
        (Answer("{}", 404), "status"),
    ],
    ids=["cut off", "packed wrongly", "chunks that are none", "page", "no text", "well", "empty", "500", "404"],
)
def test_an_answer_of_no_use_has_a_reason_and_no_body(
    inside: Outbound, site: Site, answer: Answer, reason: str
) -> None:
    site.answers["/x"] = answer
    with pytest.raises(OutboundError) as failed:
        inside.get_json(site.url + "/x")
    assert failed.value.reason == reason
    assert str(failed.value) in (reason, f"{reason} ({answer.status})")


def test_a_host_that_is_not_there_has_a_reason(inside: Outbound) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}/", "http://nobody.invalid/"):
        with pytest.raises(OutboundError, match="connection"):
            inside.call("GET", url)


def test_retry_after_is_handed_on(inside: Outbound, site: Site) -> None:
    site.answers["/x"] = Answer("", 429, {"Retry-After": "17"})
    with pytest.raises(OutboundError) as failed:
        json_body(inside.call("GET", site.url + "/x"))
    assert (failed.value.status, failed.value.retry_after) == (429, "17")


def test_json_is_read_whatever_it_says_it_is(inside: Outbound, site: Site) -> None:
    site.answers["/x"] = Answer('{"a": 1}', headers={"Content-Type": "text/html; charset=utf-8"})
    assert inside.get_json(site.url + "/x") == {"a": 1}


def test_a_proxy_of_the_environment_is_not_used(inside: Outbound, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    site.answers["/x"] = Answer({})
    assert inside.get_json(site.url + "/x") == {}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that nobody signed, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    pem, key = folder / "c.pem", folder / "k.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    made += ["-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*made, "-keyout", key, "-out", pem], check=True, capture_output=True)
    return pem, key


def test_s16_a_certificate_nobody_signed_is_refused(inside: Outbound, certificate: tuple[Path, Path]) -> None:
    pem, key = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            raw, _ = server.accept()
            with raw:
                try:
                    got.append(context.wrap_socket(raw, server_side=True).recv(10))
                except OSError:
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with pytest.raises(OutboundError, match="connection"):
            inside.call("GET", f"https://localhost:{server.getsockname()[1]}/")
        thread.join(5)
    assert got in ([], [b""]), "nothing was sent"
