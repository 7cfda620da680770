"""The six letters of a session: they change every two minutes, and no row is written for that.

The letters of a window of two minutes are derived from the session's own secret (HMAC, RFC 2104, of the window's
number), so that whoever knows those of one window knows nothing of the next, nor of another session. There are no two
letters among them that look alike, and no vowels, so that they never make a word.
"""

import datetime as dt
import hashlib
import hmac
import secrets

# Sixteen, so that each half byte gives one and all are as likely.
ALPHABET = "BDFGHJKMPRSTVWXZ"
LENGTH = 6
WINDOW = 120  # seconds
# A big screen that renews itself still shows the old letters for a moment.
LAG = dt.timedelta(seconds=10)
# So much longer they hold for whoever's login began while they were shown: an LMS may ask for a password and a code.
HOLD = dt.timedelta(minutes=10)


def new_secret() -> bytes:
    """A session's secret, 32 bytes."""
    return secrets.token_bytes(32)


def window(moment: dt.datetime) -> int:
    """The number of the window that a moment is in."""
    return int(moment.timestamp()) // WINDOW


def end_of(number: int) -> dt.datetime:
    """When a window is over."""
    return dt.datetime.fromtimestamp((number + 1) * WINDOW, dt.UTC)


def of_window(secret: bytes, number: int) -> str:
    """The letters of a session in a window."""
    digest = hmac.new(secret, b"letters %d" % number, hashlib.sha256).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:LENGTH])


def shown(secret: bytes, moment: dt.datetime) -> str:
    """The letters that a big screen shows at a moment."""
    return of_window(secret, window(moment))


def seconds_left(moment: dt.datetime) -> int:
    """For how many seconds the letters of a moment are still shown; at least 1."""
    return WINDOW - int(moment.timestamp()) % WINDOW


def taken_in(given: str) -> str:
    """What somebody typed, as letters are compared: in capitals, without what stands between them."""
    return "".join(each for each in given.upper() if each.isalnum())


def hold(secret: bytes, given: str, moment: dt.datetime, login: dt.datetime) -> bool:
    """Whether letters hold at a moment, for somebody whose login began at another.

    Those hold that are shown, and for ten minutes more those that were shown when the login began; no others.
    """
    shown_now = {window(moment), window(moment - LAG)}
    at_login = {number for number in (window(login), window(login - LAG)) if moment < end_of(number) + HOLD}
    numbers = sorted(shown_now | {each for each in at_login if each <= window(moment)})
    typed = given.encode("utf-8", "replace")
    # Each is compared, in the same time, whether an earlier one was right or not.
    right = [hmac.compare_digest(of_window(secret, each).encode(), typed) for each in numbers]
    return any(right)
