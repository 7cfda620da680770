"""How members end a cycle before its steps are done: somebody puts it to all, and it ends with the last answer."""

from typing import Any


def put(circle: Any, who: int, version: int = 0, text: str = "wachten helpt") -> None:
    """Somebody puts it to all."""
    circle.act(who, "put", text=text, lessons="begin klein\n- vraag door", version=version)
