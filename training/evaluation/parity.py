"""Whether the shipped file of an engine reads as the float network that it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from ocrq.types import PageOptions
from pipeline.engines.registry import load_engine
from training.evaluation.datasets import LineSample
from training.evaluation.reading import Reading
from training.evaluation.run_engines import Progress, read_lines
from training.quiet_import import load_tensorflow
from training.text_score import RATES, normalise, score_page

#: What is asked of a file that ships: lines read alike, points of CER, difference of confidences.
SAME_LINES: Final = 0.995
CER_POINTS: Final = 0.05
CONFIDENCE: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """Two runtimes of one engine on the same lines; shares and rates are 0..1."""

    header: ClassVar[tuple[str, ...]] = (
        "set", "lines", "read alike", "CER", "float CER", "points apart",
        "confidence apart, median", "95th percentile", "seconds", "float seconds",
    )  # fmt: skip

    lines: int
    same: float  # share of lines read letter for letter alike
    cer: float
    cer_float: float
    confidence_median: float  # of the differences, in lines that are read alike
    confidence_95: float
    core_s: float
    core_s_float: float

    @property
    def points(self) -> float:
        """How far the error rates are apart, in per cent points."""
        return 100 * (self.cer - self.cer_float)

    @property
    def is_good(self) -> bool:
        """All three bounds hold."""
        return (
            self.same >= SAME_LINES
            and abs(self.points) <= CER_POINTS
            and self.confidence_95 <= CONFIDENCE
        )

    @property
    def verdict(self) -> str:
        """The bounds, and whether they hold, in a sentence."""
        return (
            f"{'within' if self.is_good else 'NOT within'} the bounds: {SAME_LINES:.1%} of lines "
            f"alike, {CER_POINTS} points of CER, {CONFIDENCE} of confidence at the 95th percentile"
        )

    def row(self, name: str) -> tuple[str, ...]:
        """Texts under `header`."""
        return (
            name, f"{self.lines:,}", f"{self.same:.1%}", f"{self.cer:.2%}",
            f"{self.cer_float:.2%}", f"{self.points:+.3f}", f"{self.confidence_median:.4f}",
            f"{self.confidence_95:.4f}", f"{self.core_s:.2f}", f"{self.core_s_float:.2f}",
        )  # fmt: skip


def check_parity(
    engine: str, lines: Sequence[LineSample], progress: Progress = lambda done, total: None
) -> Parity:
    """Read lines with the file that CPU workers run and with TensorFlow, as GPU workers do.

    Raises:
        UsageError: there is no such engine.
        ModelError: its weights are missing or damaged.
    """
    load_tensorflow()
    engines = {"shipped": load_engine(engine), "float": load_engine(engine, "gpu")}
    found = read_lines(lines, engines, PageOptions(engine=engine), progress)
    return compare_runtimes(lines, found["shipped"], found["float"])


def compare_runtimes(
    lines: Sequence[LineSample], shipped: Sequence[Reading], reference: Sequence[Reading]
) -> Parity:
    """The figures of two readings of the same lines."""
    alike = [(a, b) for a, b in zip(shipped, reference, strict=True) if a.text == b.text and a.text]
    apart = np.array(
        [
            abs(x.confidence - y.confidence)
            for a, b in alike
            for x, y in zip(a.chars, b.chars, strict=True)
            if x is not None and y is not None
        ]
        or [0.0]
    )
    same = [a.text == b.text for a, b in zip(shipped, reference, strict=True)]
    cer, cer_float = (
        RATES["cer"](
            [
                score_page(line.name, normalise(line.truth), normalise(reading.text))
                for line, reading in zip(lines, readings, strict=True)
            ]
        )
        for readings in (shipped, reference)
    )
    return Parity(
        lines=len(lines),
        same=float(np.mean(same)),
        cer=cer,
        cer_float=cer_float,
        confidence_median=float(np.median(apart)),
        confidence_95=float(np.percentile(apart, 95)),
        core_s=sum(reading.core_s for reading in shipped),
        core_s_float=sum(reading.core_s for reading in reference),
    )
