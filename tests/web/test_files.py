"""Files that people bring with what they found: in by the form of a piece of evidence, cleaned, and out again."""

import io
import struct
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from PIL import Image, PngImagePlugin
from sqlalchemy import select

from lti_tool.domain import Refused
from lti_tool.domain.mechanisms import attachments
from lti_tool.models.voices import Attachment
from tests.actors import Page, World
from tests.web.circle import fill
from tests.web.walk import Visit, visit
from tests.web.ways.information import PIECE, items

GATHER = "step/information"
MARK = "Fatima-van-hier"
SIZE = (40, 20)


def drawn(mode: str = "RGB") -> Image.Image:
    """A picture whose left half is red."""
    picture = Image.new(mode, SIZE, "white")
    picture.paste("red", (0, 0, SIZE[0] // 2, SIZE[1]))
    return picture


def exif(orientation: int = 1) -> Image.Exif:
    """Every kind of thing that a phone notes."""
    found = Image.Exif()
    found[0x0112] = orientation
    for tag in (0x010E, 0x010F, 0x0110, 0x0131, 0x013B, 0x8298):
        found[tag] = MARK  # description, make, model, software, artist, copyright
    found.get_ifd(0x8769).update({0x927C: MARK.encode(), 0x9286: MARK.encode(), 0xA430: MARK})
    found.get_ifd(0x8825).update({0x001B: MARK.encode(), 0x001D: MARK})
    return found


XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><creator>{MARK}</creator></x:xmpmeta>'.encode()


def jpeg(orientation: int = 1) -> bytes:
    out = io.BytesIO()
    drawn().save(out, "JPEG", exif=exif(orientation), xmp=XMP, comment=MARK, quality=95)
    content = out.getvalue()
    iptc = b"Photoshop 3.0\x008BIM\x04\x04" + MARK.encode()
    segment = b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc
    # A phone puts a film behind the picture.
    return content[:2] + segment + content[2:] + b"ftypmp42" + MARK.encode()


def png() -> bytes:
    about, out = PngImagePlugin.PngInfo(), io.BytesIO()
    about.add_text("Author", MARK)
    about.add_text("Comment", MARK, zip=True)
    about.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
    about.add(b"prVt", MARK.encode())
    drawn("RGBA").save(out, "PNG", pnginfo=about, exif=exif())
    return out.getvalue() + MARK.encode()


def webp() -> bytes:
    out = io.BytesIO()
    drawn().save(out, "WEBP", exif=exif().tobytes(), xmp=XMP)
    return out.getvalue()


def document(password: str = "") -> bytes:
    """A PDF that says who made it wherever a PDF can, most of it within compressed streams."""
    pdf, out = pikepdf.new(), io.BytesIO()
    page = pdf.add_blank_page(page_size=(200, 200))
    with pdf.open_metadata() as meta:
        meta["dc:creator"] = [MARK]
    for key in ("/Author", "/Creator", "/Producer", "/Title", "/Subject", "/Keywords", "/Custom"):
        pdf.docinfo[key] = MARK
    pdf.attachments["a.txt"] = pikepdf.AttachedFileSpec(pdf, MARK.encode(), filename=f"{MARK}.txt", description=MARK)
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=f"app.alert('{MARK}')")
    page.obj.PieceInfo = pikepdf.Dictionary(Word=pikepdf.Dictionary(Private=MARK))
    page.obj.Metadata = pdf.make_stream(XMP)
    pdf.Root.OwnThing = pikepdf.Array([pikepdf.Dictionary(Deeper=pikepdf.Dictionary(PieceInfo=MARK))])
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Text,
        Rect=[0, 0, 9, 9],
        T=MARK,
        NM=MARK,
        Subj=MARK,
        Contents="zie",
    )
    signature = pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="s", V=pikepdf.Dictionary(Name=MARK, Reason=MARK))
    page.obj.Annots = pdf.make_indirect([pdf.make_indirect(note)])
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[pdf.make_indirect(signature)])
    image = pdf.make_stream(jpeg(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=40, Height=20)
    image.ColorSpace, image.BitsPerComponent = pikepdf.Name.DeviceRGB, 8
    zipped = pdf.make_stream(zlib.compress(jpeg()), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image)
    image.Filter, zipped.Filter = pikepdf.Name.DCTDecode, [pikepdf.Name.FlateDecode, pikepdf.Name.DCTDecode]
    image.Metadata = pdf.make_stream(XMP)
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(One=image, Two=zipped))
    page.obj.Contents = pdf.make_stream(b"q 40 0 0 20 0 0 cm /One Do /Two Do Q")
    pdf.save(
        out,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        encryption=pikepdf.Encryption(owner=password, user=password) if password else False,
    )
    return out.getvalue()


def inside(content: bytes) -> bytes:
    """Everything in a file, also what is compressed in it."""
    if content.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(content)) as pdf:
            parts = [repr(pdf.trailer).encode()]
            for each in pdf.objects:
                parts.append(repr(each).encode())
                if isinstance(each, pikepdf.Stream):
                    parts.append(each.read_raw_bytes())
                    if each.get("/Filter") == "/FlateDecode":
                        parts.append(each.read_bytes())
            return content + b"".join(parts)
    if content.startswith(b"\x89PNG"):
        at, parts = 8, [content]
        while at < len(content):
            (length,) = struct.unpack(">I", content[at : at + 4])
            assert content[at + 4 : at + 8] in (b"IHDR", b"IDAT", b"IEND"), content[at + 4 : at + 8]
            at += 12 + length
        return b"".join(parts)
    return content


KINDS: dict[str, Callable[[], bytes]] = {"foto.jpg": jpeg, "foto.png": png, "foto.webp": webp, "blad.pdf": document}


@pytest.mark.parametrize("name", KINDS)
def test_a_file_loses_what_it_says_of_people_and_is_still_what_it_was(name: str) -> None:
    content = KINDS[name]()
    if not name.endswith("pdf"):
        assert MARK.encode() in content
    upload = attachments.check(content)
    assert MARK.encode() not in inside(upload.content)
    assert MARK.encode("utf-16-be") not in inside(upload.content)
    if name.endswith("pdf"):
        with pikepdf.open(io.BytesIO(upload.content)) as pdf:
            (page,) = pdf.pages
            assert page.obj.Annots[0].Contents == "zie"
            assert b"/One Do" in page.obj.Contents.read_bytes()
            picture = page.obj.Resources.XObject.One.read_raw_bytes()
    else:
        picture = upload.content
    with Image.open(io.BytesIO(picture)) as seen:
        seen.load()
        assert seen.size == SIZE
        assert not seen.getexif()
        assert seen.convert("RGB").getpixel((5, 10))[1] < 60
        assert seen.convert("RGB").getpixel((35, 10))[1] > 200


def test_a_picture_is_turned_as_it_was_meant_to_be_seen() -> None:
    with Image.open(io.BytesIO(attachments.check(jpeg(orientation=6)).content)) as seen:
        assert seen.size == (SIZE[1], SIZE[0])
        assert seen.convert("RGB").getpixel((10, 5))[1] < 60


def png_bomb() -> bytes:
    """Few bytes, 900 million points."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


def unfolding(megabytes: int) -> bytes:
    """A PDF whose root lies in a stream of objects that unfolds to so much."""
    packer = zlib.compressobj(9, wbits=-15)
    root = b"2 0 <</Type/Catalog/Pages<</Type/Pages/Kids[]/Count 0>>>>"
    packed = b"\x78\x9c" + packer.compress(root) + packer.flush(zlib.Z_FULL_FLUSH)
    packed += (packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)) * megabytes + b"\x03\x00"
    body = b"%PDF-1.5\n1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length " + str(len(packed)).encode()
    body += b">>stream\n" + packed + b"\nendstream\nendobj\n"
    # Where they are: 1, the stream, at byte 9; 2 in it; 3, this table, at the end.
    rows = ((0, 0, 0), (1, 9, 0), (2, 1, 0), (1, len(body), 0))
    table = b"".join(struct.pack(">BIB", *row) for row in rows)
    head = b"3 0 obj\n<</Type/XRef/Size 4/W[1 4 1]/Root 2 0 R/Length " + str(len(table)).encode() + b">>stream\n"
    return body + head + table + b"\nendstream\nendobj\nstartxref\n" + str(len(body)).encode() + b"\n%%EOF"


def test_what_unfolds_is_bounded() -> None:
    attachments.check(unfolding(1))
    with pytest.raises(Refused, match="file_unclean"):
        attachments.check(unfolding(2048))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda: jpeg()[:300], "file_unclean"),
        (lambda: b"\xff\xd8\xff" + b"x" * 200, "file_unclean"),
        (lambda: b"%PDF-1.7\n" + b"x" * 200, "file_unclean"),
        (lambda: document("geheim"), "file_unclean"),
        (png_bomb, "file_unclean"),
        (lambda: b"GIF89a" + b"x" * 200, "file_kind"),
        (lambda: b"RIFF\0\0\0\0WEBPVP8 ", "file_unclean"),
    ],
    ids=["cut off", "no JPEG", "no PDF", "password", "too many points", "another kind", "no WebP"],
)
def test_what_cannot_be_cleaned_is_refused(content: Callable[[], bytes], code: str) -> None:
    with pytest.raises(Refused) as refused:
        attachments.check(content())
    assert refused.value.code == code


def gathering(world: World) -> Visit:
    """Fatima in a community that gathers information."""
    world.begin("fatima", "marieke")
    with world.tool.session() as session:
        fill(session, 2, "gather", "information")
    return visit(world, "fatima", "information")


def bring(world: World, at: Visit, name: str, content: bytes) -> Page:
    """Bring in a piece of evidence with a file."""
    with world.tool.session() as session:
        question = items(fill(session, 2, "gather", "information"), "question")[0].id
    data = {
        **PIECE,
        "sort": "file",
        "text": "kijk eens in onze lessen",
        "question": str(question),
        "file": (io.BytesIO(content), name),
    }
    headers = {"Sec-Fetch-Site": "same-origin"}
    path = f"{at.base}{GATHER}/evidence"
    return Page(at.browser, at.browser.client.post(path, data=data, base_url=at.browser.tool.url, headers=headers))


def test_a_file_is_stored_and_given_back_clean_and_kept_by_no_cache(any_world: World) -> None:
    at = gathering(any_world)
    page = bring(any_world, at, "kapot.jpg", b"\xff\xd8\xff" + b"x" * 200)
    assert page.status == 422
    assert "Leerkring kan dit bestand niet lezen" in page.text
    assert "kijk eens in onze lessen" in page.html
    assert bring(any_world, at, "bord.jpg", jpeg()).status == 303
    with any_world.tool.session() as session:
        (row,) = session.scalars(select(Attachment))
        stored = row.content
    assert MARK.encode() not in stored
    answer = at.get(f"{GATHER}/file/{row.id}").response
    assert (answer.status_code, answer.get_data()) == (200, stored)
    assert answer.headers["Cache-Control"] == "no-store"
