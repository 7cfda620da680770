"""`localhost` is this machine, also where neither a hosts file nor a resolver says so (RFC 6761, 6.3).

Browsers know it by themselves; Python asks the system, and a small container may have no answer.
"""

import socket
from typing import Any


def find_this_machine() -> None:
    """Let this process find localhost."""
    try:
        socket.getaddrinfo("localhost", None)
    except socket.gaierror:
        ask = socket.getaddrinfo

        def known(host: Any, *rest: Any, **more: Any) -> Any:
            return ask("127.0.0.1" if host in ("localhost", b"localhost") else host, *rest, **more)

        socket.getaddrinfo = known
