"""The protocol: LTI 1.3 Advantage. Knows nothing of communities, cycles or steps."""


class LaunchRefused(Exception):
    """A login or launch that must not go on. reason: a fixed code, for the log and for the page's words.

    detail: for the log, never holding a token, a name or an address of a person. ahead: seconds by which the
    platform's clock is ahead of the tool's, negative where it is behind; 0 where that is not what is wrong.
    """

    def __init__(self, reason: str, detail: str = "", ahead: int = 0) -> None:
        detail = detail or (f"{ahead:+} s" if ahead else "")
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.ahead = ahead
        # Where the same activity can be opened again, once the login is known.
        self.reopen_url = ""
