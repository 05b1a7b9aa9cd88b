"""A searchable PDF: the scan's own pictures, and over each its text, invisible.

A page without a reading is its picture with a note; without a picture too, an empty sheet with
the note.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import ocrq
from export.document import ExportDocument, ExportPage
from export.pdf_file import PdfFile, PdfValue, Ref, number, pdf_text
from export.pdf_font import InvisibleFont
from export.pdf_text import FONT_NAME, text_operators
from export.txt import hidden_lines
from ocrq.errors import PageError
from ocrq.types import PageState

if TYPE_CHECKING:
    from pipeline.scans.stored_picture import StoredPicture

_POINTS_PER_INCH = 72.0
_A4_PT = (595.28, 841.89)
_LARGEST_PT = 14_400.0  # sides that every reader takes
_UNREAD_DPI = 300  # of a page that has no reading to say it
_COLOURS = {1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK"}
_NOTE_PT = 24.0


def pdf_chunks(document: ExportDocument) -> Iterator[bytes]:
    """The file's bytes, a page at a time.

    Raises:
        PageError: a page that was read has no picture any more, or the scan is gone.
    """
    file, font = PdfFile(), InvisibleFont()
    catalog, pages, info, fonts = (file.reserve() for _ in range(4))
    yield file.begin()
    kids: list[PdfValue] = []
    for page in document.pages:
        picture = _picture(document, page)
        ref = file.reserve()
        kids.append(ref)
        yield from _page(file, ref, pages, fonts, font, document, page, picture)
    yield from font.write(file, fonts)
    yield file.object(pages, {"Type": "/Pages", "Kids": kids, "Count": len(kids)})
    yield file.object(
        catalog,
        {"Type": "/Catalog", "Pages": pages, "ViewerPreferences": {"DisplayDocTitle": "true"}},
    )
    when = document.submitted_at.strftime("(D:%Y%m%d%H%M%SZ)").encode()
    title = pdf_text(document.file_name)
    entries = {"Title": title, "Creator": pdf_text("ocrq"), "CreationDate": when}
    yield file.object(info, {**entries, "Producer": pdf_text(f"ocrq {ocrq.__version__}")})
    mark = hashlib.sha256(document.path + (document.sha256 or "").encode()).hexdigest()[:32]
    identity: PdfValue = [f"<{mark}>".encode()] * 2
    yield file.end({"Root": catalog, "Info": info, "ID": identity})


def _picture(document: ExportDocument, page: ExportPage) -> StoredPicture | None:
    if page.state is PageState.QUARANTINED:
        return None  # it took its worker with it: nobody decodes it here
    if document.picture is None:
        raise PageError("vanished", "the scan is not at hand")
    try:
        return document.picture(page)
    except PageError:
        if page.result is not None:
            raise
        return None  # the page could not be read for the same reason


def _page(
    file: PdfFile,
    ref: Ref,
    parent: Ref,
    fonts: Ref,
    font: InvisibleFont,
    document: ExportDocument,
    page: ExportPage,
    picture: StoredPicture | None,
) -> Iterator[bytes]:
    width_pt, height_pt, point_px = _size(page, picture)
    content = file.reserve()
    resources: dict[str, PdfValue] = {"Font": {FONT_NAME[1:]: fonts}}
    operators: list[str] = []
    if picture is not None:
        shown = file.reserve()
        yield file.stream(shown, picture.data, _entries(picture), is_coded=True)
        resources["XObject"] = {"Im": shown}
        turn = page.result.rotation_deg if page.result is not None else 0
        matrix = " ".join(map(number, _placed(picture.orientation, turn, width_pt, height_pt)))
        operators.append(f"q {matrix} cm /Im Do Q")
    if page.result is not None:
        hidden = hidden_lines(page.result, document.style, page.machine_text)
        style = document.style
        operators += text_operators(page.result, font, point_px, hidden, round_s=style.round_s)
    entries: dict[str, PdfValue] = {
        "Type": "/Page",
        "Parent": parent,
        "MediaBox": [0, 0, width_pt, height_pt],
        "Resources": resources,
        "Contents": content,
    }
    if page.result is None:
        note = file.reserve()
        entries["Annots"] = [note]
        yield file.object(note, _note(f"Page {page.number} has {page.why_unread}", height_pt))
    yield file.stream(content, "\n".join(operators).encode("ascii"), {})
    yield file.object(ref, entries)


def _size(page: ExportPage, picture: StoredPicture | None) -> tuple[float, float, float]:
    """Width and height of a page in points, and how many points a pixel of it has."""
    if page.result is not None:
        width_px, height_px, dpi = page.result.width_px, page.result.height_px, page.result.dpi
    elif picture is not None:
        width_px, height_px, dpi = picture.width_px, picture.height_px, _UNREAD_DPI
        if picture.orientation >= 5:
            width_px, height_px = height_px, width_px
    else:
        return *_A4_PT, 1.0
    point_px = _POINTS_PER_INCH / dpi
    point_px *= min(1.0, _LARGEST_PT / (max(width_px, height_px) * point_px))
    return width_px * point_px, height_px * point_px, point_px


def _entries(picture: StoredPicture) -> Mapping[str, PdfValue]:
    is_g4 = picture.coding == "g4"
    bits, columns, channels = 1 if is_g4 else 8, picture.width_px, picture.channels
    entries: dict[str, PdfValue] = {
        "Type": "/XObject",
        "Subtype": "/Image",
        "Width": picture.width_px,
        "Height": picture.height_px,
        "ColorSpace": _COLOURS[channels],
        "BitsPerComponent": bits,
    }
    if picture.coding == "jpeg":
        entries["Filter"] = "/DCTDecode"
    elif picture.coding == "g4":
        entries["Filter"] = "/CCITTFaxDecode"
        black = "true" if picture.black_is_one else "false"
        rows: dict[str, PdfValue] = {"K": -1, "Columns": columns, "Rows": picture.height_px}
        entries["DecodeParms"] = {**rows, "BlackIs1": black}
    else:
        entries["Filter"] = "/FlateDecode"
        filters: dict[str, PdfValue] = {"Predictor": 15, "Colors": channels, "Columns": columns}
        entries["DecodeParms"] = {**filters, "BitsPerComponent": bits}
    if picture.is_inverted:
        entries["Decode"] = [1, 0] * channels
    return entries


def _placed(
    orientation: int, rotation_deg: int, width_pt: float, height_pt: float
) -> tuple[float, ...]:
    """The matrix that puts the picture on the page, turned as it is to be read.

    Args:
        orientation: EXIF tag 274 of the picture.
        rotation_deg: clockwise quarter-turn after it.
        width_pt: of the page.
        height_pt: of the page.
    """

    def on_page(u: float, v: float) -> tuple[float, float]:
        """From a place on the stored picture, 0..1 from its upper left corner."""
        if orientation in (5, 6, 7, 8):
            u, v = v, u
        if orientation in (3, 4, 7, 8):
            v = 1 - v
        if orientation in (2, 3, 6, 7):
            u = 1 - u
        for _ in range(rotation_deg // 90):
            u, v = 1 - v, u
        return u * width_pt, (1 - v) * height_pt

    x0, y0 = on_page(0, 1)  # the picture's own axes begin at its lower left corner
    (x1, y1), (x2, y2) = on_page(1, 1), on_page(0, 0)
    return x1 - x0, y1 - y0, x2 - x0, y2 - y0, x0, y0


def _note(text: str, height_pt: float) -> Mapping[str, PdfValue]:
    return {
        "Type": "/Annot",
        "Subtype": "/Text",
        "Rect": [0, height_pt - _NOTE_PT, _NOTE_PT, height_pt],
        "Contents": pdf_text(text),
        "Name": "/Note",
    }
