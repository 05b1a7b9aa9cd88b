"""Draws pages of print in many languages whose text is known, for `ocrq evaluate pages`.

`python -m bench.language_pages FOLDER TEXT...` takes running text from each TEXT and puts scans
into FOLDER/NAME/img and their texts into FOLDER/NAME/truth, NAME being the text's. What it shows:
letters that English lacks, in fonts that have them. Texts of a dozen languages come with Debian's
dasher-data.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import click
import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from pipeline.vocabulary import spell, unknown
from training.lines.fonts import Font, find_line_fonts

GrayImage = npt.NDArray[np.uint8]

#: A4 at 300 dpi.
_HEIGHT_PX, _WIDTH_PX = 3508, 2480
_MARGIN_PX = 240
_LINES = 34
_LETTER_PX = (36, 52)  # of a font's size: 9 to 12 points
_LEAST_CHARS = 60


@click.command()
@click.option("--pages", default=4, show_default=True, help="of each language")
@click.option("--seed", default=5, show_default=True)
@click.option(
    "--fonts", type=click.Path(path_type=Path), default=Path("/usr/share/fonts"), show_default=True
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.argument("texts", nargs=-1, type=click.Path(exists=True, path_type=Path))
def main(pages: int, seed: int, fonts: Path, folder: Path, texts: tuple[Path, ...]) -> None:
    """Draw pages of each text."""
    known = [f for f in find_line_fonts(folder / "fonts.json", fonts) if f.style != "hand"]
    for path in texts:
        rng = random.Random(seed)
        words = words_of(path, rng)
        for name in ("img", "truth"):
            (folder / path.stem / name).mkdir(parents=True, exist_ok=True)
        for number in range(pages):
            page, lines = draw_page(rng, words, known)
            cv2.imwrite(str(folder / path.stem / "img" / f"{number:02d}.png"), page)
            text = "\n".join(lines) + "\n"
            (folder / path.stem / "truth" / f"{number:02d}.txt").write_text(text)


def words_of(path: Path, rng: random.Random) -> Iterator[str]:
    """Words of the longer lines in any order, again and again; none with unknown characters."""
    found = [spell(line) for line in path.read_text("utf-8", "replace").split("\n")]
    found = [line for line in found if len(line) >= _LEAST_CHARS]
    if not found:
        raise click.ClickException(f"{path}: no line of {_LEAST_CHARS} characters")
    while True:
        for line in rng.sample(found, len(found)):
            yield from (word for word in line.split(" ") if not unknown(word))


def draw_page(
    rng: random.Random, words: Iterator[str], fonts: list[Font]
) -> tuple[GrayImage, list[str]]:
    """A page (H, W) uint8, 0 = ink, a little blurred and grainy, and its lines."""
    size_px = rng.randint(*_LETTER_PX)
    drawn = [next(words) for _ in range(_LINES * 12)]
    needed = set("".join(drawn)) - {" "}
    font_file = rng.choice([font for font in fonts if needed <= font.characters])
    font = ImageFont.truetype(font_file.path, size_px)
    lines = [""]
    for word in drawn:
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= _WIDTH_PX - 2 * _MARGIN_PX:
            lines[-1] = longer
        elif len(lines) < _LINES:
            lines.append(word)
        else:
            break
    picture = Image.new("L", (_WIDTH_PX, _HEIGHT_PX), rng.choice((255, 245, 230)))
    pen = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        y = _MARGIN_PX + number * round(1.6 * size_px)
        pen.text((_MARGIN_PX, y), line, font=font, fill=rng.randint(10, 50))
    worn = cv2.GaussianBlur(np.asarray(picture), (0, 0), rng.uniform(0.7, 1.5)).astype(np.float64)
    worn += np.random.default_rng(rng.getrandbits(32)).normal(0, 6, worn.shape)
    return np.clip(worn, 0, 255).astype(np.uint8), lines


if __name__ == "__main__":
    main()
