from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from ocrq.types import EngineInfo, PageOptions
from pipeline.engines import glyph_sight
from pipeline.engines.candidates import further, singles
from pipeline.engines.engine import Glyph, LineImage
from pipeline.engines.pieces import crop, cut, whole
from pipeline.engines.resnet import ResNetEngine
from pipeline.rotation import Rotation


def line_of(
    *glyphs: npt.NDArray[np.bool_], gap_px: int = 6, x_height_px: float = 20.0
) -> LineImage:
    """Glyphs side by side, standing on a baseline 10 px above the lower edge."""
    height = max(g.shape[0] for g in glyphs) + 20
    width = sum(g.shape[1] + gap_px for g in glyphs) + 10
    owner = np.zeros((height, width), np.int32)
    boxes, x = [], 5
    for k, g in enumerate(glyphs):
        y0, y1 = height - 10 - g.shape[0], height - 10
        owner[y0:y1, x : x + g.shape[1]][g] = k + 1
        boxes.append(Glyph(x0_px=x, y0_px=y0, x1_px=x + g.shape[1], y1_px=y1))
        x += g.shape[1] + gap_px
    return LineImage(
        gray=np.where(owner > 0, 0, 255).astype(np.uint8),
        owner=owner,
        glyphs=tuple(boxes),
        left_px=0,
        top_px=0,
        baseline_px=(height - 10.0, height - 10.0),
        x_height_px=x_height_px,
        cap_height_px=1.4 * x_height_px,
        region=0,
        rotation=Rotation.of(width, height, 0.0),
    )


BLOCK = np.ones((20, 12), np.bool_)
TOUCHING = np.hstack([BLOCK, np.vstack([np.zeros((17, 4)), np.ones((3, 4))]) > 0, BLOCK])
STROKE = np.ones((28, 4), np.bool_)  # as high as an l


def spans(line: LineImage, sureness: list[float]) -> set[tuple[int, int]]:
    return {(c.first, c.last) for c in further(line, sureness)}


def test_a_touching_pair_is_cut_at_the_bridge() -> None:
    line = line_of(TOUCHING)

    left, right = cut(line, 0)

    assert left.x1_px - left.x0_px in range(12, 16)
    assert (left.y0_px, right.y1_px) == (10, 30)
    assert right.x1_px == line.glyphs[0].x1_px


def test_only_doubtful_or_very_wide_glyphs_are_cut() -> None:
    assert spans(line_of(TOUCHING), [0.99]) == {(0, 1)}
    assert spans(line_of(TOUCHING), [0.3]) == {(0, 1), (1, 2), (0, 2)}
    wide = np.hstack([TOUCHING, TOUCHING[:, 12:]])
    assert len(spans(line_of(wide), [0.99])) > 1


def test_doubtful_neighbours_are_joined_when_they_are_near() -> None:
    near, far = line_of(STROKE, STROKE, gap_px=3), line_of(STROKE, STROKE, gap_px=12)
    assert (0, 2) in spans(near, [0.5, 0.99])
    assert (0, 2) not in spans(near, [0.99, 0.99])
    assert (0, 2) not in spans(far, [0.5, 0.5])


def test_a_crop_shows_its_own_pieces_only() -> None:
    line = line_of(STROKE, STROKE, gap_px=-2)
    alone, both = crop(line, [whole(line, 1)]), crop(line, [whole(line, 0), whole(line, 1)])
    assert (both < 128).sum() == (line.owner > 0).sum()
    assert (alone < 128).sum() == (line.owner == 2).sum()


class StrokesAreL:
    """Says l of what is narrow, n of what is as wide as high, and rejects the rest."""

    classes = "ln"
    reject_index = 2

    def classify(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        answers = np.full((len(images), 3), 0.02, np.float32)
        for row, image in zip(answers, images, strict=True):
            columns = int((image > 0).any(axis=0).sum())
            row[0 if columns < 10 else 1 if columns < 20 else 2] = 0.96
        return answers


def engine() -> ResNetEngine:
    return ResNetEngine(StrokesAreL(), EngineInfo(name="t", version="1", weights_sha256="0"))


def test_the_best_path_cuts_what_touches_and_leaves_the_rest() -> None:
    line = line_of(STROKE, TOUCHING, STROKE, gap_px=8)

    (reading,) = engine().read([line], PageOptions())

    assert [c.char for c in reading.chars] == ["l", "n", "n", "l"]
    starts = [c.box.x0_px for c in reading.chars]
    assert starts == sorted(starts)


def test_no_lines_and_lines_without_glyphs_give_nothing() -> None:
    empty = line_of(STROKE)
    bare = LineImage(
        **{name: getattr(empty, name) for name in LineImage.__slots__ if name != "glyphs"},
        glyphs=(),
    )
    assert engine().read([], PageOptions()) == []
    assert engine().read([bare, empty], PageOptions())[0].chars == ()


def test_glyphs_beyond_the_limit_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glyph_sight, "MAX_GLYPHS", 3)
    line = line_of(STROKE, BLOCK)
    first, second = engine().read([line, line], PageOptions())
    assert len(first.chars) >= 2
    assert second.chars == ()
    assert [c.pieces for c in singles(line)] == [(whole(line, k),) for k in range(2)]
