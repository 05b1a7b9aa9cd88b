"""Where a page is shaded with a screen: the regular dots of a tinted cell, bar or heading.

A printer and a fax make gray of dots that stand in a lattice of 2 to 7 pixels (Ulichney 1987,
"Digital Halftoning"). From block to block such a fill has one tone, neither that of paper nor that
of ink, while print has paper between its lines. And the spectrum of a window says what the window
holds: a lattice has all its power at a few fine waves that run in different directions; print and
drawings have theirs at coarse ones, hatching in one direction, noise everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.image import GrayImage
from pipeline.shrink import shrink

Places = npt.NDArray[np.intp]  # (N, 2): row and column of a block
Indices = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float32]

BLOCK_PX: Final = 8  # no period is longer
_WINDOW: Final = 3  # blocks a side, of which a spectrum is made
_WINDOW_PX: Final = _WINDOW * BLOCK_PX
#: Tones of a block that is no paper and no ink, and how far those of one window are apart.
_TONES: Final = (40, 245)
_MOST_RANGE: Final = 70
_LEAST_RUN: Final = 5  # even windows in a row, level or upright: print has such ones here and there
EVERY: Final = 3  # of which one is looked at
_LEAST_DEVIATION: Final = 25.0  # gray levels; paper and flat tints have less
_COARSE: Final = 1 / 9  # waves to the pixel: below, it is no screen; ...
_MOST_COARSE: Final = 0.06  # ... of the power; screens have 0.01, print 0.2 and more
#: Of the power in a single wave: screens have 0.06 to 0.3, noise 0.03.
_LEAST_PEAK: Final = 0.06
#: 0: waves in all directions alike, 1: in one; screens have up to 0.5, hatching 0.9, and where it
#: is engraved and crossed 0.55 and more.
_MOST_ONE_WAY: Final = 0.52
#: Waves that are as short as pixels allow both ways are a chessboard's, which has no direction.
_CHESSBOARD: Final = 0.4
_LEAST_WINDOWS: Final = 6  # beside each other; three are found in bold print of 90 dpi
_JOINED: Final = 5  # blocks: windows so near to each other are of one screen
#: Gray levels between two fills that touch; the tone of one wavers, but has no such gaps.
_TONE_STEP: Final = 12.0
_LONGEST: Final = 0.1  # of a screen's power is in waves that are longer than its period

_taper = np.hanning(_WINDOW_PX + 2)[1:-1].astype(np.float32)
_TAPER: Final[Floats] = np.outer(_taper, _taper)
_DOWN, _ACROSS = np.meshgrid(np.fft.fftfreq(_WINDOW_PX), np.fft.rfftfreq(_WINDOW_PX), indexing="ij")
_WAVES: Final = np.hypot(_DOWN, _ACROSS)  # to the pixel
_IS_FINE: Final = (_WAVES >= _COARSE).astype(np.float32)
_DIRECTION: Final = np.where(
    (np.abs(_DOWN) > _CHESSBOARD) & (_ACROSS > _CHESSBOARD),
    0.0,
    np.exp(2j * np.arctan2(_DOWN, _ACROSS)),
).astype(np.complex64)
#: Half of a real window's spectrum is left out, as it mirrors the other.
_TWICE: Final = np.where((_ACROSS > 0) & (_ACROSS < 0.5), 2.0, 1.0).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Screen:
    """A place with a screen: not its outline, but windows that are surely in it."""

    blocks: Places  # the middle blocks of the windows
    tones: tuple[float, float]  # means of the windows, without the darkest and the lightest tenth
    period_px: float  # the longest period of its dots


def find_screens(gray: GrayImage) -> tuple[Screen, ...]:
    """The screens of a page.

    Args:
        gray: (H, W) uint8, 0 = black, paper near 255.
    """
    places = _even_places(gray)
    if len(places) < _LEAST_WINDOWS:
        return ()
    is_screen, tone, power = _look_closer(gray, places)
    places, tone, power = places[is_screen], tone[is_screen], power[is_screen]
    if len(places) < _LEAST_WINDOWS:
        return ()
    field = np.zeros((places + _JOINED).max(axis=0), np.uint8)
    field[tuple(places.T)] = 1
    joined = cv2.dilate(field, np.ones((_JOINED, _JOINED), np.uint8))
    _, labels = cv2.connectedComponents(joined, connectivity=8)
    of_place = labels[tuple(places.T)]
    found = []
    for k in np.flatnonzero(np.bincount(of_place) >= _LEAST_WINDOWS).tolist():
        for own in _by_tone(np.flatnonzero(of_place == k), tone):
            if len(own) >= _LEAST_WINDOWS:
                found.append(
                    Screen(
                        blocks=places[own],
                        tones=_inner(tone[own]),
                        period_px=_period_px(power[own].sum(axis=0)),
                    )
                )
    return tuple(found)


def _by_tone(own: Indices, tone: Floats) -> list[Indices]:
    """Windows beside each other, parted where one fill is darker than the next."""
    ordered = own[np.argsort(tone[own])]
    return np.split(ordered, np.flatnonzero(np.diff(tone[ordered]) > _TONE_STEP) + 1)


def _inner(tone: Floats) -> tuple[float, float]:
    low, high = np.percentile(tone, (10, 90)).tolist()
    return low, high


def _even_places(gray: GrayImage) -> Places:
    """Blocks around which the page has one tone that is neither paper nor ink; one in three."""
    blocks = shrink(gray, BLOCK_PX, BLOCK_PX)
    if min(blocks.shape) < _WINDOW or min(gray.shape) < _WINDOW_PX:
        return np.empty((0, 2), np.intp)
    around = np.ones((_WINDOW, _WINDOW), np.uint8)
    low, high = cv2.erode(blocks, around), cv2.dilate(blocks, around)
    least, most = _TONES
    is_even = (low >= least) & (high <= most) & (cv2.subtract(high, low) <= _MOST_RANGE)
    even = is_even.view(np.uint8)
    even[[0, -1]] = 0
    even[:, [0, -1]] = 0
    if not even.any():
        return np.empty((0, 2), np.intp)
    level, upright = (
        cv2.morphologyEx(even, cv2.MORPH_OPEN, np.ones(side, np.uint8), borderValue=0)
        for side in ((1, _LEAST_RUN), (_LEAST_RUN, 1))
    )
    places = np.argwhere(cv2.bitwise_or(level, upright))
    # Every third of each row, and of each column.
    return np.asarray(places[places.sum(axis=1) % EVERY == 0], np.intp)


def _look_closer(gray: GrayImage, places: Places) -> tuple[npt.NDArray[np.bool_], Floats, Floats]:
    """Of each window whether it has a screen (N,), its mean (N,), its spectrum (N, 24, 13)."""
    windows = np.lib.stride_tricks.sliding_window_view(gray, (_WINDOW_PX, _WINDOW_PX))
    tones = windows[tuple((places - 1).T * BLOCK_PX)].astype(np.float32)
    mean = tones.mean(axis=(1, 2))
    tones -= mean[:, None, None]
    has_contrast = tones.std(axis=(1, 2)) >= _LEAST_DEVIATION
    spectrum = np.fft.rfft2(tones * _TAPER)
    power = np.asarray((spectrum.real**2 + spectrum.imag**2) * _TWICE, np.float32)
    total = np.maximum(power.sum(axis=(1, 2)), 1e-6)
    power *= _IS_FINE
    fine = power.sum(axis=(1, 2))
    one_way = np.abs((power * _DIRECTION).sum(axis=(1, 2)))
    is_screen = (
        has_contrast
        & (fine >= (1 - _MOST_COARSE) * total)
        & (power.max(axis=(1, 2)) >= _LEAST_PEAK * total)
        & (one_way <= _MOST_ONE_WAY * fine)
    )
    return is_screen, mean, power


def _period_px(power: Floats) -> float:
    """The period of the longest waves that matter in a spectrum (24, 13)."""
    waves = _WAVES.ravel()
    order = np.argsort(waves)
    total = np.cumsum(power.ravel()[order])
    return float(1 / waves[order[np.searchsorted(total, _LONGEST * total[-1])]])
