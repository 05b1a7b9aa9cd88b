"""Lines that were printed by hand, read by a network that was trained on those above all.

One network reads print and hand print at some cost to each. Which of the two a line is shows in
what the network for all lines says of it: how it shares out its doubts differs so much that a
linear rule on the mean of its outputs tells them apart. What is taken for hand print is read by the
second network instead; its outputs are the same characters, so that all else follows as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from ocrq.errors import ModelError
from ocrq.types import EngineInfo
from pipeline.ctc.path import Logits
from pipeline.runtime.graph import Runtime, load_runtime
from pipeline.weights import ModelFiles, find_model

Floats = npt.NDArray[np.float32]

#: Name of the model.
HAND: Final = "hand"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HandRule:
    """Tells hand print from print: positive sums are hand print (logistic regression)."""

    weights: Floats  # (C,) of the means of the outputs, class 0 the blank
    bias: float

    @classmethod
    def from_card(cls, model: ModelFiles) -> HandRule:
        """The rule on the card of the network for hand print.

        Raises:
            ModelError: the card has none.
        """
        stored = model.card.get("asked")
        if stored is None:
            raise ModelError(f"{model.folder / 'card.json'}: does not say which lines it reads")
        return cls(weights=np.array(stored["weights"], np.float32), bias=float(stored["bias"]))

    def to_card(self) -> dict[str, Any]:
        """What `from_card` reads."""
        return {"weights": [round(float(w), 4) for w in self.weights], "bias": round(self.bias, 4)}

    def is_hand(self, lines: Sequence[Logits]) -> npt.NDArray[np.bool_]:
        """(L,) whether each line is hand print, by the outputs (T, C) of the network for all."""
        seen = [float(outputs_mean(line) @ self.weights) + self.bias > 0 for line in lines]
        return np.array(seen, np.bool_)


class HandLines:
    """The network for hand print, and the rule that says which lines it reads."""

    def __init__(self, runtime: Runtime, rule: HandRule, info: EngineInfo) -> None:
        self.runtime = runtime
        self.info = info
        self._rule = rule

    def among(self, lines: Sequence[Logits]) -> list[int]:
        """Numbers of the lines that are hand print; see `HandRule.is_hand`."""
        return [int(k) for k in np.flatnonzero(self._rule.is_hand(lines))]


def outputs_mean(line: Logits) -> Floats:
    """(C,) the mean over a line's frames (T, C) of what each class is behind the best by."""
    if not len(line):
        return np.zeros(line.shape[1], np.float32)
    return np.asarray(line.mean(axis=0) - line.max(axis=1).mean(), np.float32)


def shipped_hand(device: Literal["cpu", "gpu"] = "cpu") -> HandLines:
    """The newest shipped network for hand print.

    Raises:
        ModelError: the weights are missing or damaged.
    """
    model = find_model(HAND)
    info = EngineInfo(name=HAND, version=model.version, weights_sha256=model.weights_sha256)
    return HandLines(load_runtime(model, device), HandRule.from_card(model), info)
