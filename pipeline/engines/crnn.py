"""The line engine: whole lines through the convolutional CTC network, boxes from its path.

Made for print and typescript, where characters touch; hand-printed and isolated characters are
the work of `resnet`.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from ocrq.types import Box, CharResult, EngineInfo, PageOptions
from pipeline.calibration import Calibration, kinds_of, raw_missing_risk
from pipeline.ctc.doubt import PageDoubt
from pipeline.ctc.expected import of_line, read_page
from pipeline.ctc.path import Indices, Logits, PagePath, best_path
from pipeline.ctc.quote_forms import forms_as_one
from pipeline.engines.dirt import mark_strays
from pipeline.engines.engine import LineImage, LineReading, all_to_upright
from pipeline.engines.hand_lines import HAND, HandLines
from pipeline.engines.letter_size import with_letters_of_size
from pipeline.engines.one_pitch import without_narrow_spaces
from pipeline.engines.page_letters import with_letters_of_page
from pipeline.engines.second_look import SecondLook
from pipeline.language.model import LanguageModel
from pipeline.language.shipped import load_shipped
from pipeline.line_boxes import Boxes, character_boxes
from pipeline.line_crop import LineCrop, crop_line
from pipeline.line_image import HEIGHT_PX, STRIDE_PX, padded_width
from pipeline.line_knowledge.character_classes import allowed
from pipeline.runtime.graph import Runtime, load_runtime, run_pixels
from pipeline.vocabulary import CHARACTERS, INDEX, decode
from pipeline.weights import find_model

#: Above this confidence the alternatives say nothing (DESIGN: NULL above 0.99).
_SURE = 0.99
#: Frames of paper before a line: crops begin so near their first letter that the network, to which
#: the edge of its picture is no paper, read "ti" as "toa".
_MARGIN_STEPS = 1


class CrnnEngine:
    """Reads lines with the trained line recogniser."""

    def __init__(
        self,
        runtime: Runtime,
        info: EngineInfo,
        calibration: Calibration,
        temperature: float = 1.0,
        language: LanguageModel | None = None,
        alone: Calibration | None = None,
    ) -> None:
        """An engine.

        Args:
            runtime: runs the network.
            info: of the model.
            calibration: of what is read with the language, where there is one.
            temperature: logits are divided by it.
            language: what is expected of texts.
            alone: calibration of what the network reads without the language.
        """
        self._runtime = runtime
        self._info = info
        self._calibration = calibration
        self._temperature = np.float32(temperature)
        self._language = language
        self._alone = alone or calibration
        self._second_look: SecondLook | None = None
        self._hand: HandLines | None = None

    @property
    def info(self) -> EngineInfo:
        return self._info

    def looking_twice(self, second_look: SecondLook) -> CrnnEngine:
        """The same engine, that asks the character network about characters it doubts."""
        twin = copy(self)
        twin._second_look = second_look
        return twin

    def with_hand(self, hand: HandLines) -> CrnnEngine:
        """The same engine, that leaves lines of hand print to their own network."""
        twin = copy(self)
        twin._hand = hand
        return twin

    def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
        """Read the lines of a page in batches of like width; see `Engine.read`."""
        crops = [crop_line(line) for line in lines]
        logits, by_hand = self._outputs(crops, _shut_out(options.classes))
        language = self._language if options.language_model != "none" else None
        path = with_letters_of_size(lines, with_letters_of_page(best_path(logits)))
        if self._second_look is not None:
            path = self._second_look.weigh(lines, [c.columns_per_step for c in crops], path)
        path = replace(path, continues=in_boxes(lines, path))
        path, doubt, changes = read_page(path, language, options.alternatives)
        doubt = forms_as_one(path.labels, doubt)
        text = decode(path.labels.tolist())
        calibration = self._alone if language is None else self._calibration
        confidence = calibration.characters(doubt.odds, kinds_of(text), path.line_of_chars())
        risks = calibration.missing_risks(
            raw_missing_risk([doubt.gap_odds[_gaps(path, k)] for k in range(len(path))])
        )
        kept = [_kept(path, k, text) for k in range(len(path))]
        boxes = all_to_upright(
            lines,
            [
                _boxes(line, crop, path, k, chars)
                for k, (line, crop, chars) in enumerate(zip(lines, crops, kept, strict=True))
            ],
        )
        readings = [
            LineReading(
                chars=_characters(chars, found, text, confidence, doubt, options),
                missing_risk=float(risk),
                changed=of_line(changes, chars),
                engine=HAND if k in by_hand else None,
            )
            for k, (chars, found, risk) in enumerate(zip(kept, boxes, risks, strict=True))
        ]
        return mark_strays(lines, without_narrow_spaces(readings))

    def _outputs(
        self, crops: Sequence[LineCrop], shut_out: npt.NDArray[np.bool_]
    ) -> tuple[list[Logits], frozenset[int]]:
        """Logits (T, C) of each crop's valid frames, and numbers of those of the hand network."""
        logits = self._run(self._runtime, crops)
        by_hand: list[int] = []
        if self._hand is not None:
            by_hand = self._hand.among(logits)
            reread = self._run(self._hand.runtime, [crops[k] for k in by_hand])
            for k, own in zip(by_hand, reread, strict=True):
                logits[k] = own
        if shut_out.any():
            for line in logits:
                line[:, shut_out] = -np.inf
        return logits, frozenset(by_hand)

    def _run(self, runtime: Runtime, crops: Sequence[LineCrop]) -> list[Logits]:
        """Logits (T, C) of each crop's valid frames, as one network has them."""
        order = sorted(range(len(crops)), key=lambda k: crops[k].picture.shape[1])
        logits = [np.zeros((0, len(CHARACTERS) + 1), np.float32)] * len(crops)
        step = runtime.lines_at_a_time
        for start in range(0, len(order), step):
            members = order[start : start + step]
            batch = run_pixels(runtime, _padded([crops[m] for m in members], runtime.width_step_px))
            if self._temperature != 1:  # most networks have none, and it goes through all frames
                batch /= self._temperature
            for m, row in zip(members, batch, strict=True):
                logits[m] = row[_MARGIN_STEPS : _MARGIN_STEPS + crops[m].steps]
        return logits


def _padded(crops: Sequence[LineCrop], width_step_px: int) -> npt.NDArray[np.uint8]:
    """(N, 32, W, 1), ink 255 on paper 0, padded with paper to a common width."""
    left = _MARGIN_STEPS * STRIDE_PX
    widest = left + max(crop.picture.shape[1] for crop in crops)
    batch = np.zeros((len(crops), HEIGHT_PX, padded_width(widest, width_step_px), 1), np.uint8)
    for row, crop in zip(batch, crops, strict=True):
        row[:, left : left + crop.picture.shape[1], 0] = crop.picture
    return batch


def _shut_out(classes: str) -> npt.NDArray[np.bool_]:
    """(1 + vocabulary,) which outputs the class set excludes; the blank and the space never.

    "ascii", the default, excludes nothing: a page of print may hold é and — at any time.
    """
    if classes == "ascii":
        return np.zeros(len(CHARACTERS) + 1, np.bool_)
    shut_out = np.concatenate(([False], ~allowed(CHARACTERS, classes)))
    shut_out[INDEX[" "]] = False
    return shut_out


def in_boxes(lines: Sequence[LineImage], path: PagePath) -> npt.NDArray[np.bool_]:
    """(L,) single characters in a row: forms give each a box, and only together are they a number.

    Columns of a table are read each by itself: what stands in one foretells little of the next.
    """
    is_single = np.diff(path.chars) == 1
    continues = np.array([line.continues for line in lines], np.bool_)
    continues[1:] &= is_single[1:] & is_single[:-1]
    continues[:1] = False
    return continues


def _gaps(path: PagePath, line: int) -> slice:
    return slice(int(path.chars[line]) + line, int(path.chars[line + 1]) + line + 1)


def _kept(path: PagePath, number: int, page_text: str) -> Indices:
    """Which characters of the page a line keeps: no space at its ends, none doubled."""
    first, last = int(path.chars[number]), int(path.chars[number + 1])
    text = page_text[first:last]
    kept = [k for k, char in enumerate(text) if char != " " or (k and text[k - 1] != " ")]
    while kept and text[kept[-1]] == " ":
        kept.pop()
    return first + np.array(kept, np.int64)


def _boxes(line: LineImage, crop: LineCrop, path: PagePath, number: int, chars: Indices) -> Boxes:
    """(N, 4) boxes of characters of a line in its crop."""
    if not len(chars):
        return np.zeros((0, 4))
    frame0 = path.lines[number]
    return character_boxes(
        line,
        path.starts[chars] - frame0,
        path.ends[chars] - frame0,
        path.labels[chars] == INDEX[" "],
        crop.columns_per_step,
    )


def _characters(
    chars: Indices,
    boxes: Sequence[Box],
    page_text: str,
    confidence: npt.NDArray[np.float64],
    doubt: PageDoubt,
    options: PageOptions,
) -> tuple[CharResult, ...]:
    """Characters of a line with their boxes on the upright page."""
    sure = confidence[chars].tolist()
    return tuple(
        CharResult(
            char=page_text[k],
            confidence=share,
            box=box,
            alternatives=()
            if share >= _SURE
            else _alternatives(doubt, k, share)[: options.alternatives],
        )
        for k, share, box in zip(chars.tolist(), sure, boxes, strict=True)
    )


def _alternatives(doubt: PageDoubt, k: int, confidence: float) -> tuple[tuple[str, float], ...]:
    """Other characters with their probability, best first: their share of what is not sure."""
    share = (1 - confidence) / doubt.odds[k]
    return tuple(
        (CHARACTERS[index - 1], float(odds * share))
        for index, odds in zip(doubt.others[k].tolist(), doubt.other_odds[k], strict=True)
        if index
    )


def make_engine(device: Literal["cpu", "gpu"] = "cpu") -> CrnnEngine:
    """Load the newest shipped line recogniser.

    Raises:
        ModelError: the weights are missing or damaged.
    """
    model = find_model("crnn")
    info = EngineInfo(name="crnn", version=model.version, weights_sha256=model.weights_sha256)
    return CrnnEngine(
        load_runtime(model, device),
        info,
        Calibration.from_card(model.card),
        model.temperature,
        load_shipped(model),
        Calibration.from_card(model.card, "confidence_alone"),
    )
