"""Which way up a page is, from how its letters and their neighbours look.

A small network says of a letter in its surroundings how upright it looks. It is asked for all four
ways to hold the page, and the letters vote. It was fitted by `python -m training.orientation`;
docs/decisions/ has its figures.
"""

from __future__ import annotations

import hashlib
import io
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from ocrq.errors import ModelError
from pipeline.binarize import InkImage
from pipeline.image import GrayImage
from pipeline.letters import find_letters, turned_pixels
from pipeline.marks import Overview

#: Below it letters are wrong now and then; pages of print have more, always (0.9992 or more on 47
#: book pages; dot-matrix print, title pages and drawings less).
_CLEAR = 0.99

_FIRST_LETTERS = 40
_SETTLED = 0.999

#: Evidence that is needed to turn a page, in standard errors of the mean vote. Neighbouring letters
#: and letters that come again are not independent: see _probability.
_ENOUGH = 3.0
_MIN_LETTERS = 20

WEIGHTS_SHA256 = "d8d4213eac56b2638f0085c64dec0cf13ccbcea71d8809eed6cc5155f1d82a24"


@dataclass(frozen=True, slots=True, kw_only=True)
class Orientation:
    """The clockwise quarter-turn that makes a scan upright, and how probably it is the right one.

    Without evidence for a turn it is 0, with the probability that the page is upright after all.
    """

    rotation_deg: int  # 0, 90, 180, 270
    confidence: float  # 0..1

    @property
    def is_doubtful(self) -> bool:
        """Whether it is worth asking somebody else."""
        return self.confidence < _CLEAR


def estimate_orientation(ink: InkImage, overview: Overview | None = None) -> Orientation:
    """Find how a scan must be turned.

    A page is only turned when its letters say so clearly. When they are clear about lying on
    their side but not about which side, the likelier turn is given with its low confidence.

    Args:
        ink: (H, W) bool, True = ink, full size; skew up to 15 degrees does no harm.
        overview: of the same ink, where it has been made.
    """
    letters = find_letters(ink, overview=overview)
    count = letters.x_px.size
    if count < _MIN_LETTERS:
        return Orientation(rotation_deg=0, confidence=0.5)
    # A few letters, from all over the page, settle most upright pages; others take more of them.
    steps = max(count // _FIRST_LETTERS, 1)
    votes = _votes(letters.windows(slice(0, None, steps)))
    for first in range(1, steps):
        # Each look is a chance to be wrong: as few as doubling the letters makes of them.
        if first & (first - 1) == 0:
            verdict = _verdict(votes)
            if verdict.rotation_deg == 0 and verdict.confidence > _SETTLED:
                return verdict
        votes = np.concatenate([votes, _votes(letters.windows(slice(first, None, steps)))])
    return _verdict(votes)


def rotate_quarter(gray: GrayImage, rotation_deg: int) -> GrayImage:
    """Turn a page clockwise by 0, 90, 180 or 270 degrees; 0 gives the input itself.

    >>> rotate_quarter(np.array([[1, 2]], np.uint8), 90)
    array([[1],
           [2]], dtype=uint8)
    """
    if rotation_deg not in (0, 90, 180, 270):
        raise ValueError(f"rotation must be a quarter-turn, not {rotation_deg}")
    if rotation_deg == 0:
        return gray
    return np.ascontiguousarray(np.rot90(gray, -rotation_deg // 90))


def _verdict(votes: npt.NDArray[np.float32]) -> Orientation:
    # Votes are log-probabilities of the turns 0, 90, 180, 270.
    lying = np.logaddexp(votes[:, 1], votes[:, 3]) - np.logaddexp(votes[:, 0], votes[:, 2])
    if _evidence(lying) > _ENOUGH:
        sideways = _evidence(votes[:, 1] - votes[:, 3])
        return Orientation(
            rotation_deg=90 if sideways >= 0 else 270, confidence=_probability(abs(sideways))
        )
    is_level = _probability(-_evidence(lying))
    over = _evidence(votes[:, 2] - votes[:, 0])
    if over > _ENOUGH:
        return Orientation(rotation_deg=180, confidence=is_level * _probability(over))
    return Orientation(rotation_deg=0, confidence=is_level * _probability(-over))


def _evidence(votes: npt.NDArray[np.float32]) -> float:
    """The mean vote in standard errors."""
    # A floor for the spread: a few equal marks are not proof.
    spread = max(float(votes.std()), 0.5)
    return float(votes.mean()) / spread * math.sqrt(len(votes))


def _probability(evidence: float) -> float:
    """Of being right; the evidence is taken as if a half of the letters were independent.

    At most 0.9999: nobody has looked at more pages than that would need.
    """
    return min(0.5 * (1.0 + math.erf(evidence / 2.0)), 0.9999)


def _votes(windows: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """(N, 4) float32 log-probabilities that a turn by 0, 90, 180, 270 makes the letter upright."""
    network = load_network()
    inputs = windows.reshape(len(windows), -1).astype(np.float32) / 255
    hidden = inputs @ network.turned + np.tile(network.bias, 4)
    np.maximum(hidden, 0.0, out=hidden)
    logits = hidden.reshape(len(windows), 4, -1) @ network.output
    logits -= logits.max(axis=1, keepdims=True)
    logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return np.asarray(logits, np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Network:
    """One hidden layer of K rectified units over the pixels of a letter's two windows.

    `turned` (pixels, 4 K) holds the layer four times, each with its pixels turned: turning the
    weights once is cheaper than turning every window.
    """

    turned: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]  # (K,)
    output: npt.NDArray[np.float32]  # (K,)


@lru_cache(maxsize=1)
def load_network() -> Network:
    """The fitted network of this package.

    Raises:
        ModelError: its file is missing or is not the one that was shipped.
    """
    try:
        data = files("pipeline").joinpath("orient_weights.npz").read_bytes()
    except OSError as exc:
        raise ModelError(f"orient_weights.npz cannot be read, install ocrq again: {exc}") from exc
    if hashlib.sha256(data).hexdigest() != WEIGHTS_SHA256:
        raise ModelError("orient_weights.npz is not the file that was shipped; install ocrq again")
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        hidden = arrays["hidden"].astype(np.float32)
        layers = [hidden[np.argsort(turned_pixels(turn))] for turn in range(4)]
        return Network(
            turned=np.concatenate(layers, axis=1),
            bias=arrays["bias"].astype(np.float32),
            output=arrays["output"].astype(np.float32),
        )
