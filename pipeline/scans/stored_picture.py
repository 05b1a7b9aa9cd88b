"""The picture of a page as a document can hold it: the scan's own bytes where that is possible.

Nothing is lost that was not lost in the file: JPEG files stay as they are, two colours become CCITT
G4 and the others PNG; only what was JPEG or WebP inside, or is drawn from a PDF, is JPEG again.
Quarter-turns are no matter of pixels here: whoever shows the picture turns it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, TiffImagePlugin

from pipeline.limits import Limits
from pipeline.page_errors import no_page
from pipeline.scans.frames import decoding, open_image, pages, stored_size
from pipeline.scans.gray import to_gray
from pipeline.scans.kinds import MediaType
from pipeline.scans.pdf import render_pdf_page
from pipeline.scans.poppler import find_poppler
from pipeline.scans.source import Source

Coding = Literal["jpeg", "g4", "png"]

_ORIENTATION = 274
_STRIP_OFFSETS, _STRIP_SIZES, _ROWS_PER_STRIP, _PHOTOMETRIC = 273, 279, 278, 262
_JPEG_QUALITY = 85
#: Channels of a rendered page that differ by no more than this show no colour.
_COLOUR = 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredPicture:
    """A picture, coded: `jpeg` a whole file, `g4` one strip, `png` the zlib stream of its rows."""

    data: bytes
    coding: Coding
    width_px: int  # as stored
    height_px: int
    channels: int  # 1 grey, 3 RGB, 4 CMYK; g4 has one of one bit
    orientation: int = 1  # EXIF tag 274: how it is to be turned and mirrored, 1..8
    is_inverted: bool = False  # its largest values are dark, as Adobe writes CMYK
    black_is_one: bool = False  # g4 alone


class StoredPictures:
    """The pictures of an open scan's pages; asked for in order, a TIFF is gone through once."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self._source = source
        self._limits = limits
        self._frames: Iterator[Image.Image] | None = None
        self._next = 0

    def load(self, frame: int, dpi: int | None = None) -> StoredPicture:
        """The picture of page `frame`, from 0.

        Args:
            frame: number of the page.
            dpi: at which a page of a PDF is drawn; None: its scan's own, as when it is read.

        Raises:
            PageError: it cannot be decoded; codes in docs/page-errors.md.
            OSError: the storage is in trouble.
        """
        source = self._source
        if source.media_type is MediaType.PDF:
            drawn = render_pdf_page(
                source, frame, self._limits, dpi=dpi, poppler=find_poppler(), in_colour=True
            )
            return _drawn(drawn.pixels)
        what = f"page {frame + 1} of {source.name}" if frame else source.name
        try:
            with decoding(what):
                image = self._image(frame)
                self._limits.check_pixels(*stored_size(image), what)
                kept = _as_it_is(source, image)
                if kept is not None:
                    image.draft("L", None)  # only to see that it can be decoded
                image.load()
                return kept or _coded(image)
        except BaseException:
            self._frames = None  # a decoder that failed is not asked for the next page
            raise

    def _image(self, frame: int) -> Image.Image:
        if self._frames is None or frame < self._next:
            self._source.file.seek(0)
            self._frames, self._next = pages(open_image(self._source)), 0
        for image in self._frames:
            self._next += 1
            if self._next == frame + 1:
                return image
        raise no_page(self._source.name, frame + 1)


def _drawn(pixels: npt.NDArray[np.uint8]) -> StoredPicture:
    # Drawn letters have grey edges; a scan of two colours drawn at its own resolution has none.
    wide = pixels.astype(np.int16)
    is_gray = int((wide.max(axis=2) - wide.min(axis=2)).max()) <= _COLOUR
    image = Image.fromarray(pixels)
    if is_gray:
        image = image.convert("L")
        if not ((values := np.asarray(image)) % 255).any():
            return _g4(Image.fromarray(values > 0))
    return _jpeg(image)


def _as_it_is(source: Source, image: Image.Image) -> StoredPicture | None:
    """A JPEG file itself, if every reader of PDF can decode it."""
    if source.media_type is not MediaType.JPEG:
        return None
    source.file.seek(0)
    data = source.file.read()
    channels = _plain_jpeg_channels(data)
    if channels is None:
        return None
    return StoredPicture(
        data=data,
        coding="jpeg",
        width_px=image.width,
        height_px=image.height,
        channels=channels,
        orientation=_orientation(image),
        is_inverted=channels == 4 and "adobe" in image.info,
    )


def _plain_jpeg_channels(data: bytes) -> int | None:
    """Channels of a baseline or progressive JPEG of 8 bits; None for other kinds."""
    at = 2
    while at + 9 < len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in (0xC0, 0xC1, 0xC2):
            return data[at + 9] if data[at + 4] == 8 and data[at + 9] in (1, 3, 4) else None
        elif 0xC3 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return None
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def _coded(image: Image.Image) -> StoredPicture:
    orientation = _orientation(image)
    was_lossy = image.format == "WEBP" or "jpeg" in str(image.info.get("compression", ""))
    plain = _plain(image)
    if plain.mode == "1":
        return _g4(plain, orientation)
    return _jpeg(plain, orientation) if was_lossy else _png(plain, orientation)


def _plain(image: Image.Image) -> Image.Image:
    """The same picture in mode 1, L or RGB, on white paper."""
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    if image.mode == "1" and not has_alpha:
        return image
    if has_alpha and image.mode in ("P", "RGB", "RGBA", "PA"):
        image = image.convert("RGBA")
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image.getchannel("A"))
        return paper
    if not has_alpha and image.mode in ("P", "CMYK", "YCbCr"):
        return image.convert("RGB")
    if not has_alpha and image.mode in ("L", "RGB"):
        return image
    return Image.fromarray(to_gray(image))


def _orientation(image: Image.Image) -> int:
    found = image.getexif().get(_ORIENTATION, 1)
    return found if found in range(1, 9) else 1


def _jpeg(image: Image.Image, orientation: int = 1) -> StoredPicture:
    output = io.BytesIO()
    image.save(output, "JPEG", quality=_JPEG_QUALITY)
    return _picture(image, "jpeg", output.getvalue(), orientation)


def _png(image: Image.Image, orientation: int) -> StoredPicture:
    output = io.BytesIO()
    image.save(output, "PNG")
    file, at, rows = output.getvalue(), 8, []
    while at < len(file):
        size = int.from_bytes(file[at : at + 4], "big")
        if file[at + 4 : at + 8] == b"IDAT":
            rows.append(file[at + 8 : at + 8 + size])
        at += 12 + size
    return _picture(image, "png", b"".join(rows), orientation)


def _g4(image: Image.Image, orientation: int = 1) -> StoredPicture:
    output = io.BytesIO()
    # One strip: strips of G4 cannot be joined.
    image.save(output, "TIFF", compression="group4", tiffinfo={_ROWS_PER_STRIP: image.height})
    with Image.open(output, formats=["TIFF"]) as written:
        assert isinstance(written, TiffImagePlugin.TiffImageFile)
        (start,), (size,) = written.tag_v2[_STRIP_OFFSETS], written.tag_v2[_STRIP_SIZES]
        black_is_one = written.tag_v2[_PHOTOMETRIC] == 1
    data = output.getvalue()[start : start + size]
    return _picture(image, "g4", data, orientation, black_is_one=black_is_one)


def _picture(
    image: Image.Image,
    coding: Coding,
    data: bytes,
    orientation: int,
    *,
    black_is_one: bool = False,
) -> StoredPicture:
    return StoredPicture(
        data=data,
        coding=coding,
        width_px=image.width,
        height_px=image.height,
        channels=len(image.getbands()),
        orientation=orientation,
        black_is_one=black_is_one,
    )
