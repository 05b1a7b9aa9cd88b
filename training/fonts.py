"""The fonts that print is drawn from, checked, and their glyphs as bitmaps."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ImageFont

from ocrq.errors import UsageError
from pipeline.glyph_image import normalise_intensity
from pipeline.nets.vocabulary import ASCII_CLASSES

logger = logging.getLogger(__name__)

_ALNUM: Final = 62  # the first classes are digits and letters
#: Pixels of an em in the bitmaps: capitals are some 40 px high.
EM_PX: Final = 56

#: Symbols, keyboards, mathematics, drop capitals, outlines, dotted school letters, and copies of
#: fonts that other folders hold. The Noto fonts of other scripts have Latin only as a guest.
_LEFT_OUT: Final = re.compile(
    r"/(X11|woff|type1|math)/|lm-math|gyre-math|LinBiolinum_K|Symbols|STIX(Size|Integrals|Math"
    r"|NonUni|Variants)|Initials|Outline|Abecedario|Ecolier|/dustin/(?!Dustismo)|caps|Caps|Math"
    r"|LargeLineHeight|NoLoopK|RobotoTTF|/noto/Noto(?!(Sans|Serif|SansDisplay|SerifDisplay|Mono"
    r"|SansMono)-)|LinLibertine_R?Z|karlatamil|cmunui|cmunso"
    r"|emerita|alfa-beta|flatline|Joscelyn|Isabella|femkeklaver|Humor|Glass_TTY"
    # Their letters are ornaments, or Greek under the codes of ASCII.
    r"|D050000L|/linex/el|OCRBE|OCRBX|ADFStyle"
)
#: Folders that hold one design: it must not stand on both sides of the split.
_SAME_DESIGN: Final = {
    "OTF": "fantasque-sans",
    "TTF": "fantasque-sans",
    "croscore": "liberation",
    "dejavu": "bitstream-vera",
    "freefont": "urw-base35",
    "gentium-basic": "gentium",
    "karla-variable": "karla",
    "lm": "cmu",
    "slab": "roboto",
    "stix-word": "stix",
    "tex-gyre": "urw-base35",
    "ttf-bitstream-vera": "bitstream-vera",
    "unhinted": "roboto",
}
#: Fonts whose small letters are capitals would teach that "a" looks like "A".
_CASE_PAIRS: Final = ("Aa", "Bb", "Dd", "Ee", "Gg", "Qq", "Rr")
_SAME_SHAPE: Final = 0.93  # cosine


@dataclass(frozen=True, slots=True, kw_only=True)
class FontFace:
    """The bitmaps of one font: all letters and digits, and the punctuation that it has."""

    name: str  # file name
    family: str  # faces of a family stay on one side of the split
    glyphs: Mapping[int, npt.NDArray[np.uint8]]  # by class: tight (H, W), 255 = ink
    tops_px: Mapping[int, int]  # of each bitmap above the baseline
    x_height_px: int


def find_fonts(folders: Sequence[Path]) -> list[Path]:
    """Font files below the folders that may hold text, in stable order, each name once.

    Raises:
        UsageError: there are none.
    """
    files = [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in (".ttf", ".otf")
    ]
    found = [p for p in files if not _LEFT_OUT.search(p.as_posix())]
    unique = list({p.name: p for p in found}.values())
    if not unique:
        names = ", ".join(str(f) for f in folders)
        raise UsageError(f"{names}: no usable fonts; install some or name another folder")
    return unique


def load_faces(paths: Iterable[Path]) -> list[FontFace]:
    """Draw the glyphs of every font that has letters and digits; logs what is left out."""
    faces = []
    for path in paths:
        face = draw_face(path)
        if face is None:
            logger.info(
                "%s is left out: letters are missing, or small ones look like capitals", path
            )
        else:
            faces.append(face)
    return faces


def draw_face(path: Path) -> FontFace | None:
    """Draw one font; None when it lacks a letter or digit or its small letters are capitals."""
    try:
        font = ImageFont.truetype(path, EM_PX)
    except OSError:
        return None
    codes = code_points(path)
    glyphs: dict[int, npt.NDArray[np.uint8]] = {}
    tops: dict[int, int] = {}
    for index, char in enumerate(ASCII_CLASSES):
        if ord(char) not in codes:
            continue
        try:
            mask, (_, offset_y) = font.getmask2(char, mode="L", anchor="ls")
        except OSError:  # FreeType refuses the font's own program: "invalid opcode"
            continue
        width, height = mask.size
        bitmap = np.asarray(mask, dtype=np.uint8).reshape(height, width)
        x, y, width, height = cv2.boundingRect((bitmap > 40).view(np.uint8))
        if width > 0 and height > 0:
            glyphs[index] = np.ascontiguousarray(bitmap[y : y + height, x : x + width])
            tops[index] = -(offset_y + y)
    if any(index not in glyphs for index in range(_ALNUM)) or _is_unicase(glyphs):
        return None
    folder = path.parent.name
    return FontFace(
        name=path.name,
        family=_SAME_DESIGN.get(folder, folder),
        glyphs=glyphs,
        tops_px=tops,
        x_height_px=glyphs[ASCII_CLASSES.index("x")].shape[0],
    )


def split_faces(
    faces: Sequence[FontFace], *, seed: int, held_out_share: float = 0.1
) -> tuple[list[FontFace], list[FontFace]]:
    """Deal whole families: those to train on, those to report on (at least one).

    Raises:
        UsageError: there are fewer than two families.
    """
    families = sorted({f.family for f in faces})
    if len(families) < 2:
        raise UsageError(
            "fonts of two folders at least are needed: one is held out; name another folder"
        )
    order = np.random.default_rng(seed).permutation(len(families))
    held_out = {families[i] for i in order[: max(1, round(held_out_share * len(families)))]}
    return (
        [f for f in faces if f.family not in held_out],
        [f for f in faces if f.family in held_out],
    )


def code_points(path: Path) -> frozenset[int]:
    """Code points that the font really has; a missing one would be drawn as an empty box."""
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with TTFont(path, lazy=True) as font:
            return frozenset(font.getBestCmap() or ())
    except (TTLibError, OSError):
        return frozenset()


def _is_unicase(glyphs: Mapping[int, npt.NDArray[np.uint8]]) -> bool:
    alike = 0
    for upper, lower in _CASE_PAIRS:
        a, b = (
            normalise_intensity(glyphs[ASCII_CLASSES.index(c)]).astype(np.float64).ravel()
            for c in (upper, lower)
        )
        alike += float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b))) > _SAME_SHAPE
    return alike >= 3
