"""What the line network doubts, a scripted character network settles."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.ctc.path import Logits, best_path
from pipeline.engines.engine import Glyph, LineImage
from pipeline.engines.second_look import SecondLook
from pipeline.rotation import Rotation
from pipeline.vocabulary import CHARACTERS, decode, encode

STEP_PX = 4.0
#: Columns of ink of three bars, each of other height, in a crop of 96 columns: 24 frames.
BARS = ((8, 20, 12), (32, 44, 16), (68, 80, 20))
FRAMES = (3, 9, 18)


def line() -> LineImage:
    gray = np.full((40, 96), 255, np.uint8)
    owner = np.zeros((40, 96), np.int32)
    glyphs = []
    for k, (x0, x1, height) in enumerate(BARS):
        gray[30 - height : 30, x0:x1] = 0
        owner[30 - height : 30, x0:x1] = k + 1
        glyphs.append(Glyph(x0_px=x0, y0_px=30 - height, x1_px=x1, y1_px=30))
    return LineImage(
        gray=gray, owner=owner, glyphs=tuple(glyphs), left_px=0, top_px=0, baseline_px=(30, 30),
        x_height_px=14, cap_height_px=20, region=0, rotation=Rotation.of(400, 400, 0.0),
    )  # fmt: skip


def frames(*says: tuple[str, str, float]) -> Logits:
    """Of each bar: the character, another one, and by how much that one is behind."""
    logits = np.zeros((24, len(CHARACTERS) + 1), np.float32)
    logits[:, 0] = 16.0
    for t, (char, other, behind) in zip(FRAMES, says, strict=True):
        logits[t, encode(char)[0]] = 32.0
        logits[t, encode(other)[0]] = 32.0 - behind
    return logits


class Says:
    """Answers each picture with one character, so sure; keeps what it was shown."""

    classes = "abcdeo0O"
    reject_index = 8

    def __init__(self, char: str, sure: float = 0.98, rejected: float = 0.0) -> None:
        self.answer = np.full(9, (1 - sure) * (1 - rejected) / 7)
        self.answer[self.classes.index(char)] = sure * (1 - rejected)
        self.answer[8] = rejected
        self.shown: list[npt.NDArray[np.uint8]] = []

    def classify(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        self.shown += list(images)
        return np.tile(self.answer, (len(images), 1)).astype(np.float32)


def read(logits: Logits, says: Says, share: float = 0.5) -> str:
    path = SecondLook(says, share).weigh([line()], [STEP_PX], best_path([logits]))
    return decode(path.labels.tolist())


def test_a_doubtful_character_is_what_both_think_together() -> None:
    logits = frames(("a", "o", 20.0), ("a", "o", 0.5), ("a", "o", 20.0))
    assert read(logits.copy(), Says("o")) == "aoa"
    assert read(logits.copy(), Says("a")) == "aaa"


def test_what_the_line_network_is_sure_of_is_not_asked() -> None:
    says = Says("o")
    assert read(frames(("a", "o", 9.0), ("b", "o", 9.0), ("c", "o", 9.0)), says) == "abc"
    assert says.shown == []


def test_only_the_ink_of_the_doubtful_character_is_shown() -> None:
    says = Says("o")
    read(frames(("a", "o", 9.0), ("a", "o", 0.5), ("a", "o", 9.0)), says)
    (picture,) = says.shown
    rows, columns = (np.flatnonzero((picture > 128).any(axis=axis)) for axis in (1, 0))
    assert (len(columns), len(rows)) == (18, 24)  # 12 by 16, the longer side 24 px


def test_a_character_of_another_script_is_left_to_the_line_network() -> None:
    says = Says("o")
    assert read(frames(("é", "o", 0.5), ("ě", "o", 0.5), ("a", "o", 9.0)), says) == "éěa"
    assert says.shown == []


def test_a_picture_that_is_no_character_says_nothing() -> None:
    logits = frames(("a", "o", 0.5), ("a", "o", 0.5), ("a", "o", 0.5))
    assert read(logits.copy(), Says("o", rejected=0.9)) == "aaa"
    assert read(logits.copy(), Says("o", rejected=0.1)) == "ooo"


def test_shape_alone_does_not_tell_twins_apart() -> None:
    """A share of a twin's probability is the other's: no picture makes an o an O for sure."""
    path = best_path([frames(("o", "0", 1.2), ("a", "b", 9.0), ("a", "b", 9.0))])
    sure = SecondLook(Says("0", sure=0.999), 0.3).weigh([line()], [STEP_PX], path)
    assert decode(sure.labels.tolist()) == "oaa"


def test_without_ink_there_is_nothing_to_show() -> None:
    says = Says("o")
    empty = line()
    bare = LineImage(
        gray=np.full_like(empty.gray, 255), owner=np.zeros_like(empty.owner), glyphs=(),
        left_px=0, top_px=0, baseline_px=(30, 30), x_height_px=14, cap_height_px=20, region=0,
        rotation=empty.rotation,
    )  # fmt: skip
    path = best_path([frames(("a", "o", 0.5), ("a", "o", 0.5), ("a", "o", 0.5))])
    assert SecondLook(says).weigh([bare], [STEP_PX], path) is path
    assert says.shown == []


@pytest.mark.parametrize("doubtful", [0, 2])
def test_lines_of_a_page_keep_apart(doubtful: int) -> None:
    sure = frames(("a", "o", 9.0), ("b", "o", 9.0), ("c", "o", 9.0))
    unsure = frames(("a", "o", 0.5), ("b", "o", 0.5), ("c", "o", 0.5))
    page = [unsure if k == doubtful else sure for k in range(3)]
    path = SecondLook(Says("o"), 0.5).weigh([line()] * 3, [STEP_PX] * 3, best_path(page))
    text = decode(path.labels.tolist())
    assert [text[k : k + 3] for k in (0, 3, 6)] == [
        "ooo" if k == doubtful else "abc" for k in range(3)
    ]
