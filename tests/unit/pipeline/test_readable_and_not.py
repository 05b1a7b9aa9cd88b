"""Every line that can be read is text, whatever was done to it, and what is no line is none."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from export.txt import page_text
from ocrq.types import PageOptions
from pipeline.engines.engine import Engine
from pipeline.engines.registry import load_engine
from pipeline.image import GrayImage, PageImage
from pipeline.run import process_page
from tests.drawing import make_page
from training.evaluation.layout import MOST_ERRORS, part_errors

LINES = [
    "The price of salt rose within a year.",
    "Nobody had opened the old cupboard,",
    "and the original was kept in a safe.",
    "He signed with an X, as did the other,",
    "because the witness could not say it.",
    "Later pages are stained but readable.",
    "Two copies were sent to the harbour,",
    "where only one of them is still kept.",
]
PITCH_PX, TOP_PX = 47, 80  # of the lines
HEIGHT_PX, WIDTH_PX = 560, 1000


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load_engine("crnn")


def page() -> GrayImage:
    drawn = make_page(LINES, dpi=200, size_in=(5.0, 2.8), ink=25, paper=235)
    noise = np.random.default_rng(2).normal(0, 2, drawn.shape)
    soft = cv2.GaussianBlur(drawn, (0, 0), 0.7) + noise
    return np.clip(soft, 0, 255).astype(np.uint8)


def lines_of(gray: GrayImage, engine: Engine) -> list[str]:
    size = (gray.shape[1], gray.shape[0])
    image = PageImage(gray=gray, dpi=200, dpi_is_estimated=False, scan_size_px=size)
    text = page_text(process_page(image, PageOptions(engine="crnn"), engine))
    return [line for line in text.splitlines() if line.strip()]


def is_read(wanted: str, lines: list[str]) -> bool:
    return min((part_errors(wanted, line) for line in lines), default=1.0) <= MOST_ERRORS


def feet_px(n: int) -> int:
    """The row below the letters of a line."""
    return TOP_PX + n * PITCH_PX + 30


def underlined(gray: GrayImage) -> None:
    for n in (1, 4):
        cv2.line(gray, (80, feet_px(n)), (700, feet_px(n) + 1), 30, 3)


def struck(gray: GrayImage) -> None:
    for n in (2, 6):
        cv2.line(gray, (85, feet_px(n) - 12), (420, feet_px(n) - 10), 40, 3, cv2.LINE_AA)


def marked_with_a_pencil(gray: GrayImage) -> None:
    x = np.arange(20, 75)
    for n in (1, 5):
        wave = np.column_stack([x, feet_px(n) - 8 + 8 * np.sin(x / 5)])
        cv2.polylines(gray, [wave.astype(np.int32)], False, 110, 3, cv2.LINE_AA)
    cv2.line(gray, (60, feet_px(2)), (64, feet_px(4)), 100, 3, cv2.LINE_AA)


def stamped_over(gray: GrayImage) -> None:
    rings = np.full(gray.shape, 255, np.uint8)
    for radius_px in (130, 100):
        cv2.circle(rings, (430, 270), radius_px, 120, 5, cv2.LINE_AA)
    np.minimum(gray, rings, out=gray)


def half_faint(gray: GrayImage) -> None:
    pale = 235 - 0.2 * (235 - gray[feet_px(3) + 6 :].astype(np.float64))
    gray[feet_px(3) + 6 :] = pale.astype(np.uint8)


Deed = Callable[[GrayImage], None]


@pytest.mark.parametrize(
    "deed", [underlined, struck, marked_with_a_pencil, stamped_over, half_faint]
)
def test_lines_that_something_was_done_to_are_read(deed: Deed, engine: Engine) -> None:
    gray = page()
    deed(gray)
    found = lines_of(gray, engine)
    assert [line for line in LINES if not is_read(line, found)] == []


def test_the_first_and_the_last_line_at_the_edge_of_the_page_are_read(engine: Engine) -> None:
    inky = np.flatnonzero((page() < 128).any(axis=1))
    found = lines_of(page()[inky[0] - 3 : inky[-1] + 4], engine)
    assert [line for line in LINES if not is_read(line, found)] == []


@pytest.mark.parametrize("pitch_px", [3, 4])
def test_print_of_dots_is_read(pitch_px: int, engine: Engine) -> None:
    letters = make_page(LINES, dpi=200 // pitch_px, size_pt=12, size_in=(5.0, 2.8))
    dotted = np.full([n * pitch_px for n in letters.shape], 235, np.uint8)
    for y, x in np.argwhere(letters < 140):
        at = (int(x * pitch_px + pitch_px // 2), int(y * pitch_px + pitch_px // 2))
        cv2.circle(dotted, at, max(1, pitch_px // 2), 40, cv2.FILLED)
    found = lines_of(dotted, engine)
    assert sum(is_read(line, found) for line in LINES) >= len(LINES) - 1


def punched(gray: GrayImage) -> None:
    for y in (150, 430):
        cv2.circle(gray, (38, y), 22, 5, cv2.FILLED)


def shadowed(gray: GrayImage) -> None:
    fold = np.exp(-(np.arange(gray.shape[1]) ** 2) / 2 / 25.0**2)
    gray[:] = (gray * (1 - 0.8 * fold)).astype(np.uint8)


def speckled(gray: GrayImage) -> None:
    rng = np.random.default_rng(4)
    for x, y in rng.integers(0, (gray.shape[1], gray.shape[0]), (150, 2)).tolist():
        cv2.circle(gray, (x, y), 1, 60, cv2.FILLED)


def on_a_dark_bed(gray: GrayImage) -> None:
    noise = np.random.default_rng(6).normal(15, 5, gray.shape)
    bed = np.clip(noise, 0, 255).astype(np.uint8)
    for edge in (slice(None, 40), slice(-40, None)):
        gray[edge] = bed[edge]
        gray[:, edge] = bed[:, edge]


def shown_through(gray: GrayImage) -> None:
    back = 255.0 - cv2.GaussianBlur(make_page(LINES[::-1], dpi=200, size_in=(5.0, 2.8)), (0, 0), 2)
    gray[:] = np.clip(gray - 0.3 * back[:, ::-1], 0, 255).astype(np.uint8)


@pytest.mark.parametrize("deed", [punched, shadowed, speckled, on_a_dark_bed, shown_through])
def test_what_is_no_line_is_not_read(deed: Deed, engine: Engine) -> None:
    gray = page()
    deed(gray)
    found = lines_of(gray, engine)
    assert [line for line in LINES if not is_read(line, found)] == []
    assert [line for line in found if not any(is_read(line, [wanted]) for wanted in LINES)] == []


def test_a_note_in_the_margin_parts_no_line_of_the_text(engine: Engine) -> None:
    wide: npt.NDArray[np.uint8] = np.full((HEIGHT_PX, WIDTH_PX + 260), 235, np.uint8)
    note = make_page(["see the map", "of the town"], dpi=200, size_pt=8, size_in=(1.2, 0.5),
                     margin_in=0.05, ink=25, paper=235)  # fmt: skip
    wide[:, 260:] = page()
    wide[200 : 200 + note.shape[0], 20 : 20 + note.shape[1]] = note
    found = lines_of(wide, engine)
    assert [line for line in [*LINES, "see the map", "of the town"] if line not in found] == []
    at = [found.index(line) for line in LINES]
    assert at == sorted(at)
