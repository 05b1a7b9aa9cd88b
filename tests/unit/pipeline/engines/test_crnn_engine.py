"""The line engine with a scripted network: what frames say becomes characters on the page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pytest

from ocrq.types import EngineInfo, PageOptions
from pipeline.calibration import Calibration
from pipeline.ctc.path import PagePath, best_path
from pipeline.engines.crnn import CrnnEngine, in_boxes
from pipeline.engines.engine import Glyph, LineImage
from pipeline.line_crop import crop_line
from pipeline.rotation import Rotation
from pipeline.runtime.graph import Runtime
from pipeline.vocabulary import CHARACTERS, encode

INFO = EngineInfo(name="crnn", version="0", weights_sha256="0" * 64)
#: Columns of ink of three bars; the crop is 32 rows high, so a frame is four columns.
BARS = ((10, 20), (30, 40), (70, 80))


def bars_line(drop_px: float = 0.0) -> LineImage:
    gray = np.full((40, 96), 255, np.uint8)
    owner = np.zeros((40, 96), np.int32)
    glyphs = []
    for k, (x0, x1) in enumerate(BARS):
        shift = round(drop_px * ((x0 + x1) / 2 / 96 - 0.5))
        gray[10 + shift : 30 + shift, x0:x1] = 0
        owner[10 + shift : 30 + shift, x0:x1] = k + 1
        glyphs.append(Glyph(x0_px=x0, y0_px=10 + shift, x1_px=x1, y1_px=30 + shift))
    return LineImage(
        gray=gray,
        owner=owner,
        glyphs=tuple(glyphs),
        left_px=100,
        top_px=200,
        baseline_px=(30 - drop_px / 2, 30 + drop_px / 2),
        x_height_px=14,
        cap_height_px=20,
        region=0,
        rotation=Rotation.of(400, 400, 0.0),
    )


class Scripted:
    """Says, at a share of the width, a character; blank elsewhere."""

    input_dtype = np.uint8
    lines_at_a_time = 8
    width_step_px = 64

    def __init__(self, *says: tuple[float, str], sure: float = 12.0) -> None:
        self.says = says
        self.sure = sure
        self.widths: list[int] = []
        self.first_columns: list[int] = []  # the most ink in the first ones of each call

    def run(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        assert batch.dtype == np.uint8
        steps = batch.shape[2] // 4
        self.widths.append(batch.shape[2])
        self.first_columns.append(int(batch[:, :, :4].max()))
        logits = np.zeros((len(batch), steps, len(CHARACTERS) + 1), np.float32)
        logits[:, :, 0] = 8.0
        for x_px, char in self.says:
            # a crop's own width is 96 columns of the page
            step = 1 + int(x_px / crop_line(bars_line()).columns_per_step)
            logits[:, step, encode(char)[0]] = 8.0 + self.sure
        return logits


def engine(*says: tuple[float, str], sure: float = 12.0) -> CrnnEngine:
    return CrnnEngine(cast(Runtime, Scripted(*says, sure=sure)), INFO, Calibration())


def read(eng: CrnnEngine, line: LineImage, **options: Any) -> tuple[Any, ...]:
    return eng.read([line], PageOptions(**options))[0].chars


def test_characters_get_the_boxes_of_their_ink_on_the_page() -> None:
    chars = read(engine((15, "a"), (35, "b"), (55, " "), (75, "c")), bars_line())
    assert "".join(c.char for c in chars) == "ab c"
    for char, (x0, x1) in zip([chars[0], chars[1], chars[3]], BARS, strict=True):
        assert (char.box.x0_px, char.box.x1_px) == (100 + x0, 100 + x1)
        assert (char.box.y0_px, char.box.y1_px) == (210, 230)
    space = chars[2].box
    assert chars[1].box.x1_px <= space.x0_px < space.x1_px <= chars[3].box.x0_px


def test_spaces_at_the_ends_and_doubled_ones_are_dropped() -> None:
    says = ((2, " "), (15, "a"), (45, " "), (55, " "), (75, "b"), (92, " "))
    assert "".join(c.char for c in read(engine(*says), bars_line())) == "a b"


def test_only_doubtful_characters_keep_alternatives() -> None:
    sure = read(engine((15, "a"), sure=20.0), bars_line())
    assert sure[0].confidence > 0.99
    assert sure[0].alternatives == ()
    doubtful = read(engine((15, "a"), sure=1.0), bars_line(), alternatives=2)
    assert doubtful[0].confidence < 0.99
    assert len(doubtful[0].alternatives) == 2


def test_a_line_that_begins_with_ink_is_shown_with_paper_before_it() -> None:
    line = bars_line()
    line.gray[:, :4] = 0
    assert crop_line(line).picture[:, 0].max() == 255
    says = Scripted((15, "a"))
    CrnnEngine(cast(Runtime, says), INFO, Calibration()).read([line], PageOptions())
    assert says.first_columns == [0]


def test_results_keep_the_order_of_lines_of_all_widths() -> None:
    lines = [bars_line() for _ in range(20)]
    results = engine((15, "x")).read(lines, PageOptions())
    assert [line.text for line in results] == ["x"] * 20
    assert engine((15, "x")).read([], PageOptions()) == []


def test_a_class_set_leaves_the_next_best_of_its_characters() -> None:
    class Torn(Scripted):
        def run(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
            logits = super().run(batch)
            for step in np.flatnonzero(logits[0, :, encode("O")[0]] > 8.0):
                logits[:, step, encode("0")[0]] = 18.0
            return logits

    torn = CrnnEngine(cast(Runtime, Torn((15, "O"), (55, " "), (75, "O"))), INFO, Calibration())
    assert "".join(c.char for c in read(torn, bars_line())) == "O O"
    assert "".join(c.char for c in read(torn, bars_line(), classes="digits")) == "0 0"


def test_silence_reads_nothing() -> None:
    assert read(engine(), bars_line()) == ()


@pytest.mark.parametrize("drop_px", [-12.0, 12.0])
def test_a_sloping_line_is_levelled(drop_px: float) -> None:
    level = crop_line(bars_line()).picture
    sloping = crop_line(bars_line(drop_px)).picture
    assert abs(int(sloping.shape[1]) - int(level.shape[1])) <= 0.1 * level.shape[1]
    top = [int(np.flatnonzero(sloping[:, c] > 128)[0]) for c in _bar_centres(sloping)]
    assert max(top) - min(top) <= 2


def _bar_centres(picture: npt.NDArray[np.uint8]) -> list[int]:
    return [round((x0 + x1) / 2 * picture.shape[1] / 96) for x0, x1 in BARS]


def test_only_single_characters_in_a_row_are_one_anothers_context() -> None:
    def path_of(*texts: str) -> PagePath:
        logits = []
        for text in texts:
            frames = np.zeros((2 * len(text), len(CHARACTERS) + 1), np.float32)
            frames[0::2, 0] = 9.0
            frames[np.arange(1, len(frames), 2), encode(text)] = 9.0
            logits.append(frames)
        return best_path(logits)

    lines = [replace(bars_line(), continues=k != 3) for k in range(6)]
    found = in_boxes(lines, path_of("1", "7", "12.50", "4", "O", ""))
    assert found.tolist() == [False, True, False, False, True, False]
