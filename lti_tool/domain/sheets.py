"""Tables that people's spreadsheets write as text: decoded, and cut by the right delimiter. Nothing is guessed at."""

import codecs
import unicodedata

# How a cell begins that a spreadsheet would calculate (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "|", "%")


def decoded(content: bytes) -> str | None:
    """The text (NFC): UTF-8, with the mark that Excel puts first or without; else what older Excels write.

    None for what is no text.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return None
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for each in encodings:
        try:
            return unicodedata.normalize("NFC", content.decode(each))
        except UnicodeDecodeError:
            continue
    return None


def defused(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe goes before what would be one."""
    return "'" + text if text.lstrip().startswith(FORMULA) or text[:1] in ("\t", "\r") else text


def is_plain(text: str) -> bool:
    """Whether it has nothing in it that is not seen: control signs, and what turns the direction of reading."""
    return not any(unicodedata.category(sign) in ("Cc", "Cf") and sign not in "\r\n\t" for sign in text)


def delimiter(text: str) -> str:
    """What stands between the cells of the first line: semicolon, comma or tab."""
    first = text.lstrip().splitlines()[0]
    return max(";,\t", key=first.count)
