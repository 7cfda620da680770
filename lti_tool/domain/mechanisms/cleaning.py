"""Files lose what they say of people: who made them, where, when, with what. What can be seen in them stays.

Pictures are drawn anew from their points; a PDF is written anew without what no page shows. It is done in a process of
its own, with bounds on memory and time: five megabytes of somebody's making may unfold to anything, in libraries that
are written in C.
"""

import io
import resource
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from typing import Any

MEMORY = 1024**3  # bytes of address space
SECONDS = 5
# So many at once, whoever sends them: each takes a processor, and the others' pages need one too.
AT_ONCE = threading.BoundedSemaphore(2)
# What a phone makes has fewer.
POINTS = 50_000_000

PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}


class Unclean(Exception):
    """A file that cannot be read, or not within bounds."""


class Busy(Exception):
    """Others' files are being cleaned."""


def clean(media_type: str, content: bytes) -> bytes:
    """The file without what it said of people; raises Unclean, or Busy. Takes a second: hold no lock meanwhile."""
    command = [sys.executable, "-m", __name__, media_type]
    if not AT_ONCE.acquire(timeout=SECONDS):
        raise Busy
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=2 * SECONDS, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        # What a library says of a file may hold words of it.
        raise Unclean from error
    finally:
        AT_ONCE.release()
    return done.stdout


def _picture(kind: str, content: bytes) -> bytes:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = POINTS // 2  # twice as many are an error
    with Image.open(io.BytesIO(content), formats=[kind]) as found:
        turned = ImageOps.exif_transpose(found)
        seen = turned.convert("RGBA" if turned.has_transparency_data and kind != "JPEG" else "RGB")
    # Of its points alone: whatever else was in it, known to the library or not, is left behind.
    drawn = Image.frombytes(seen.mode, seen.size, seen.tobytes())
    out = io.BytesIO()
    drawn.save(out, kind, **({} if kind == "PNG" else {"quality": 85}))
    return out.getvalue()


# Keys of any dictionary in a PDF (ISO 32000-1) that no page shows: metadata (14.3), private data of programs (14.5),
# files that are put in (7.11.4), what runs by itself (12.6), a signature's reach (12.8).
UNSEEN = ("/Metadata", "/PieceInfo", "/LastModified", "/AF", "/EF", "/AA", "/OpenAction", "/JS", "/Perms", "/DSS",
          "/Collection", "/SpiderInfo", "/Legal", "/EmbeddedFiles", "/JavaScript", "/FS")  # fmt: skip
# Of a note on a page: who made it and when. What it says is seen.
OF_NOTE = ("/T", "/M", "/NM", "/CreationDate", "/Subj")


def _pdf(content: bytes) -> bytes:
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        for key in ("/Info", "/ID"):
            if key in pdf.trailer:
                del pdf.trailer[key]
        for thing in _within(pdf.objects):
            for key in UNSEEN:
                if key in thing:
                    del thing[key]
            if thing.get("/FT") == "/Sig" and "/V" in thing:
                del thing["/V"]
            kind = thing.get("/Subtype")
            if kind is not None and "/Rect" in thing and kind != "/Widget":
                for key in OF_NOTE:
                    if key in thing:
                        del thing[key]
            if isinstance(thing, pikepdf.Stream):
                _drawing(thing)
        out = io.BytesIO()
        pdf.remove_unreferenced_resources()
        pdf.save(out, fix_metadata_version=False)
    return out.getvalue()


def _drawing(stream: Any) -> None:
    """Clean a picture within a PDF that is a whole file by itself."""
    import pikepdf

    filters = stream.get("/Filter", [])
    names = [str(each) for each in (filters if isinstance(filters, pikepdf.Array) else [filters])]
    if names[-1:] in (["/DCTDecode"], ["/JPXDecode"]):
        content = stream.read_raw_bytes()
        if names[:-1] == ["/FlateDecode"]:
            content = zlib.decompress(content)
        elif names[:-1]:
            raise Unclean
        parameters = stream.get("/DecodeParms")
        last = parameters[-1] if isinstance(parameters, pikepdf.Array) else parameters
        stream.write(
            _jpeg(content) if names[-1] == "/DCTDecode" else _jpeg2000(content),
            filter=pikepdf.Name(names[-1]),
            decode_parms=last if isinstance(last, pikepdf.Dictionary) else None,
        )


def _within(found: Any) -> Iterator[Any]:
    """Every dictionary and stream of a PDF, also those that lie in another."""
    import pikepdf

    left = list(found)
    while left:
        each = left.pop()
        if isinstance(each, pikepdf.Array):
            left.extend(inner for inner in each if _direct(inner))
        elif isinstance(each, (pikepdf.Dictionary, pikepdf.Stream)):
            yield each
            left.extend(inner for _key, inner in each.items() if _direct(inner))


def _direct(thing: Any) -> bool:
    import pikepdf

    return isinstance(thing, (pikepdf.Array, pikepdf.Dictionary)) and not thing.is_indirect


def _jpeg(content: bytes) -> bytes:
    """A JPEG within a PDF without its APP and COM segments (ISO 10918-1, B.2.4), but Adobe's, which says how colours
    are meant: there it may have four of them, or a mask that lies over its points."""
    kept, at = content[:2], 2
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] != 0xDA:
        code, end = content[at + 1], at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if code != 0xFE and (not 0xE0 <= code <= 0xEF or content[at + 4 : at + 9] == b"Adobe"):
            kept += content[at:end]
        at = end
    if content[:2] != b"\xff\xd8" or content[at : at + 2] != b"\xff\xda":
        raise Unclean
    over = content.rfind(b"\xff\xd9")
    return kept + content[at : over + 2 if over > at else len(content)]


def _jpeg2000(content: bytes) -> bytes:
    """A JPEG 2000 within a PDF without its XML, UUID and information boxes (ISO 15444-1, I.7); or as it is, bare."""
    if content[4:8] != b"jP  ":
        return content
    kept, at = b"", 0
    while at + 8 <= len(content):
        length, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        if length == 1:
            length = int.from_bytes(content[at + 8 : at + 16], "big")
        end = at + length if length else len(content)
        if end < at + 8:
            raise Unclean
        kept += b"" if kind in (b"xml ", b"uuid", b"uinf") else content[at:end]
        at = end
    return kept


def main() -> None:
    """Clean what comes in at standard input, of the kind that is named."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    kind, content = PICTURES.get(sys.argv[1]), sys.stdin.buffer.read()
    sys.stdout.buffer.write(_picture(kind, content) if kind else _pdf(content))


if __name__ == "__main__":
    main()
