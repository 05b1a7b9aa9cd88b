"""What a CTC network's frames spell: the best path, where each character stands, how sure it is.

Frames are (T, C) float32 log-probabilities, natural logarithm, class 0 the blank.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.vocabulary import BLANK

LogProbabilities = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One character of the best path: class `index` in the half-open frames start..end."""

    index: int
    start: int
    end: int
    #: Classes by probability at the run's surest frame, blank left out, best first.
    candidates: tuple[tuple[int, float], ...]


def log_softmax(logits: npt.NDArray[np.float32], temperature: float = 1.0) -> LogProbabilities:
    """Log-probabilities of logits (..., C), softened by the calibrated temperature.

    >>> float(np.exp(log_softmax(np.zeros((1, 4), np.float32)))[0, 0])
    0.25
    """
    scaled = logits / np.float32(temperature)
    scaled = scaled - scaled.max(axis=-1, keepdims=True)
    out: LogProbabilities = scaled - np.log(np.exp(scaled).sum(axis=-1, keepdims=True))
    return out


def best_path(frames: LogProbabilities, candidates: int = 4) -> tuple[Spoken, ...]:
    """Greedy decoding: the best class of each frame, repeats joined, blanks dropped (Graves 2006).

    Args:
        frames: (T, C) valid frames of one line.
        candidates: how many classes are kept for each character.

    Returns:
        Characters from left to right; a candidate's probability is that of the surest frame.
    """
    if len(frames) == 0:
        return ()
    best = frames.argmax(axis=1)
    edges = np.flatnonzero(best[1:] != best[:-1]) + 1
    starts = np.concatenate(([0], edges))
    ends = np.concatenate((edges, [len(best)]))
    spoken = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        index = int(best[start])
        if index == BLANK:
            continue
        surest = start + int(frames[start:end, index].argmax())
        spoken.append(
            Spoken(
                index=index,
                start=start,
                end=end,
                candidates=_candidates(frames[surest], candidates),
            )
        )
    return tuple(spoken)


def _candidates(frame: npt.NDArray[np.float32], count: int) -> tuple[tuple[int, float], ...]:
    order = np.argpartition(frame[1:], -count)[-count:] + 1
    order = order[np.argsort(frame[order])[::-1]]
    return tuple((int(k), float(np.exp(frame[k]))) for k in order)
