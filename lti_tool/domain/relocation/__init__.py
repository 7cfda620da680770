"""An LMS that moved: what was one platform's becomes another's, shown first, all or nothing, and undone once.

A new address is a new issuer, and a new registration a new client: to Leerkring both are a stranger, with courses of
their own and people of their own. `proof` says whether the people are the same, `plan` what would move, `carry` moves
it, and `back` undoes it. Courses change places: one that somebody opened at the new address before stands aside at the
old one, where nobody comes in any more.
"""


class CannotMove(Exception):
    """What stands in the way; its code is for the command to say in words, with what it is about."""

    def __init__(self, code: str, *about: str) -> None:
        super().__init__(code)
        self.code, self.about = code, about
