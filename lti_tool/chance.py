"""Numbers by chance, for what must not say when it was written, or by whom."""

import secrets


def draw(first: int, last: int) -> int:
    """One of these, each as likely as another."""
    return first + secrets.randbelow(last - first + 1)
