"""Pages drawn for tests with Pillow's built-in font: no fonts or files of the system are needed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont


@lru_cache(maxsize=32)
def built_in_font(size_px: float) -> ImageFont.FreeTypeFont:
    """Pillow's built-in scalable font (Aileron) at this em size."""
    font = ImageFont.load_default(size_px)
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    return font


def make_page(
    text: str | Sequence[str] = "The quick brown fox\njumps over the lazy dog",
    *,
    skew_deg: float = 0.0,
    dpi: int = 150,
    size_pt: float = 12.0,
    size_in: tuple[float, float] = (5.0, 3.0),
    margin_in: float = 0.4,
    ink: int = 0,
    paper: int = 255,
) -> npt.NDArray[np.uint8]:
    """Draw lines of text on a page.

    Args:
        text: lines, or one string with line ends; an empty line leaves a gap.
        skew_deg: positive: the text runs downhill to the right (clockwise on screen).
        dpi: pixels an inch.
        size_pt: em size of the letters, points (1/72 in); lines are 1.4 em apart.
        size_in: (width, height) of the page, inches.
        margin_in: left and top margin, inches.
        ink: grey of the letters, 0..255.
        paper: grey of the paper, 0..255.

    Returns:
        (H, W) uint8, 0 = black.
    """
    lines = text.split("\n") if isinstance(text, str) else list(text)
    width, height = (round(side * dpi) for side in size_in)
    image = Image.new("L", (width, height), paper)
    draw = ImageDraw.Draw(image)
    em = size_pt * dpi / 72
    x, y = margin_in * dpi, margin_in * dpi
    for line in lines:
        draw.text((x, y), line, fill=ink, font=built_in_font(em))
        y += 1.4 * em
    if skew_deg:
        # Pillow turns counter-clockwise for positive angles.
        image = image.rotate(-skew_deg, resample=Image.Resampling.BICUBIC, fillcolor=paper)
    return np.asarray(image, dtype=np.uint8).copy()
