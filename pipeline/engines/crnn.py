"""The line engine: whole lines through the convolutional CTC network, boxes from its path.

Made for print and typescript, where characters touch; hand-printed and isolated characters are
the work of `resnet`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from ocrq.types import CharResult, EngineInfo, PageOptions
from pipeline.ctc import Spoken, best_path, log_softmax
from pipeline.engines.engine import LineImage, LineReading
from pipeline.line_boxes import character_spans, ink_extent
from pipeline.line_crop import LineCrop, crop_line
from pipeline.line_image import HEIGHT_PX
from pipeline.line_knowledge.character_classes import allowed
from pipeline.runtime.graph import Runtime, load_runtime, run_pixels
from pipeline.vocabulary import CHARACTERS, INDEX
from pipeline.weights import find_model

#: Widths are padded to this, so that the runtime seldom has to plan its memory anew.
_WIDTH_STEP_PX = 64
_BATCH = 8
#: Above this confidence the alternatives say nothing (DESIGN: NULL above 0.99).
_SURE = 0.99


class CrnnEngine:
    """Reads lines with the trained line recogniser."""

    def __init__(self, runtime: Runtime, info: EngineInfo, temperature: float) -> None:
        self._runtime = runtime
        self._info = info
        self._temperature = temperature

    @property
    def info(self) -> EngineInfo:
        return self._info

    def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
        """Read the lines of a page in batches of like width; see `Engine.read`."""
        shut_out = _shut_out(options.classes)
        crops = [crop_line(line) for line in lines]
        order = sorted(range(len(crops)), key=lambda k: crops[k].picture.shape[1])
        results = [LineReading()] * len(lines)
        for start in range(0, len(order), _BATCH):
            members = order[start : start + _BATCH]
            logits = run_pixels(self._runtime, _padded([crops[m] for m in members]))
            for m, row in zip(members, logits, strict=True):
                row[:, shut_out] = -np.inf
                frames = log_softmax(row[: crops[m].steps], self._temperature)
                chars = _characters(lines[m], crops[m], best_path(frames), options)
                results[m] = LineReading(chars=chars)
        return results


def _shut_out(classes: str) -> npt.NDArray[np.bool_]:
    """(1 + vocabulary,) which outputs the class set excludes; the blank and the space never.

    "ascii", the default, excludes nothing: a page of print may hold é and — at any time.
    """
    if classes == "ascii":
        return np.zeros(len(CHARACTERS) + 1, np.bool_)
    shut_out = np.concatenate(([False], ~allowed(CHARACTERS, classes)))
    shut_out[INDEX[" "]] = False
    return shut_out


def _padded(crops: Sequence[LineCrop]) -> npt.NDArray[np.uint8]:
    """(N, 32, W, 1), ink 255 on paper 0, padded with paper to a common width."""
    widest = max(crop.picture.shape[1] for crop in crops)
    width = -(-widest // _WIDTH_STEP_PX) * _WIDTH_STEP_PX
    batch = np.zeros((len(crops), HEIGHT_PX, width, 1), np.uint8)
    for row, crop in zip(batch, crops, strict=True):
        row[:, : crop.picture.shape[1], 0] = crop.picture
    return batch


def _characters(
    line: LineImage, crop: LineCrop, spoken: tuple[Spoken, ...], options: PageOptions
) -> tuple[CharResult, ...]:
    """Characters with boxes on the upright page, no space at the ends, none doubled."""
    spans = character_spans(spoken, crop.columns_per_step, line.gray.shape[1])
    found: list[CharResult] = []
    for char, (x0_px, x1_px) in zip(spoken, spans, strict=True):
        text = CHARACTERS[char.index - 1]
        if text == " " and (not found or found[-1].char == " "):
            continue
        box = ink_extent(line, x0_px, x1_px, is_space=text == " ")
        (_, confidence), *others = char.candidates
        found.append(
            CharResult(
                char=text,
                confidence=min(1.0, confidence),
                box=line.to_upright(*box),
                alternatives=()
                if confidence >= _SURE
                else tuple((CHARACTERS[k - 1], p) for k, p in others[: options.alternatives]),
            )
        )
    while found and found[-1].char == " ":
        found.pop()
    return tuple(found)


def make_engine(device: Literal["cpu", "gpu"] = "cpu") -> CrnnEngine:
    """Load the newest shipped line recogniser.

    Raises:
        ModelError: the weights are missing or damaged.
    """
    model = find_model("crnn")
    info = EngineInfo(name="crnn", version=model.version, weights_sha256=model.weights_sha256)
    return CrnnEngine(load_runtime(model, device), info, model.temperature)
