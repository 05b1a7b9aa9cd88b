"""Draws pages of hand-printed lines whose text is known, for `ocrq evaluate pages`.

`python -m bench.hand_pages CHARACTERS.npz FOLDER` puts scans into FOLDER/img and their texts into
FOLDER/truth. Lines are composed of characters that neither recogniser has seen (the side of the
split that is held out); every third page is ruled. What it shows beside the lines alone: whether
lines of a hand are found at all, and what rules do to them.
"""

from __future__ import annotations

import random
from pathlib import Path

import click
import cv2
import numpy as np
import numpy.typing as npt

from training.characters.charset import CharacterSet
from training.characters.config import SEED
from training.characters.formats import load_characters
from training.characters.split import split_by_cluster
from training.lines.handprint import (
    BASELINE_PX,
    Hand,
    can_write,
    compose_line,
    draw_hand_text,
    hand_of,
)
from training.lines.text import TextSource, load_text_source

GrayImage = npt.NDArray[np.uint8]

#: A4 at 300 dpi.
_HEIGHT_PX, _WIDTH_PX = 3508, 2480
_MARGIN_PX = 180
_RULED_EVERY = 3
_RULE_TONE, _RULE_PX = 150, 2


@click.command()
@click.option("--pages", default=12, show_default=True)
@click.option("--seed", default=5, show_default=True)
@click.argument("characters", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def main(pages: int, seed: int, characters: Path, folder: Path) -> None:
    """Draw pages of hand-printed lines."""
    found = load_characters(characters)
    rows = split_by_cluster(found, seed=SEED).held_out
    hand = hand_of(CharacterSet(images=found.images[rows], labels=found.labels[rows]))
    source = load_text_source([])
    rng = random.Random(seed)
    for name in ("img", "truth"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number in range(pages):
        page, texts = draw_page(rng, source, hand, is_ruled=number % _RULED_EVERY == 1)
        cv2.imwrite(str(folder / "img" / f"hand_{number:02d}.png"), page)
        (folder / "truth" / f"hand_{number:02d}.txt").write_text("\n".join(texts) + "\n")


def draw_page(
    rng: random.Random, source: TextSource, hand: Hand, *, is_ruled: bool
) -> tuple[GrayImage, list[str]]:
    """A page (H, W) uint8 in 300 dpi, 0 = ink, and its lines from top to bottom."""
    page = np.full((_HEIGHT_PX, _WIDTH_PX), rng.choice((255, 245, 235)), np.uint8)
    scale = rng.choice((1.0, 1.3, 1.6))
    pitch_px = round(rng.choice((92, 108, 133)) * scale)
    texts: list[str] = []
    baseline_px = rng.randint(200, 400) + round(BASELINE_PX * scale)
    while baseline_px < _HEIGHT_PX - _MARGIN_PX:
        text = draw_hand_text(rng, source, round(44 / scale) + 10)
        line = compose_line(rng, text, hand) if can_write(hand, text) else None
        if line is None or not _put(page, line, scale, baseline_px, rng.randint(180, 320)):
            continue
        texts.append(text)
        if is_ruled:
            y = baseline_px + 8
            cv2.line(page, (150, y), (_WIDTH_PX - 150, y), _RULE_TONE, _RULE_PX)
        baseline_px += pitch_px
    noise = np.random.default_rng(rng.getrandbits(32)).normal(0, 6, page.shape)
    return np.clip(cv2.GaussianBlur(page, (0, 0), 0.8) + noise, 0, 255).astype(np.uint8), texts


def _put(page: GrayImage, line: GrayImage, scale: float, baseline_px: int, left_px: int) -> bool:
    """Write a line into the page; False where it has no ink or is too wide."""
    large = cv2.resize(line, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    columns = np.flatnonzero((large < 128).any(axis=0))
    width = min(large.shape[1], _WIDTH_PX - left_px - 80)
    if len(columns) == 0 or columns[-1] >= width:
        return False
    top = baseline_px - round(BASELINE_PX * scale)
    part = page[max(top, 0) : top + large.shape[0], left_px : left_px + width]
    np.minimum(part, large[max(-top, 0) : max(-top, 0) + len(part), :width], out=part)
    return True


if __name__ == "__main__":
    main()
