"""The protocol: LTI 1.3 Advantage. Knows nothing of communities, cycles or steps."""


class LaunchRefused(Exception):
    """A login or launch that must not go on. reason: a fixed code, for the log and for the page's words.

    detail: for the log, never holding a token, a name or an address of a person.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        # Where the same activity can be opened again, once the login is known.
        self.reopen_url = ""
