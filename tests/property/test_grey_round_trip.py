"""Whatever pixel format a lossless file has, its grey values come back."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from pipeline.limits import Limits
from pipeline.load import load_page
from pipeline.scans.gray import upright

Gray = npt.NDArray[np.uint8]
GRAYS = arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)))


def as_16_bit(gray: Gray) -> Image.Image:
    return Image.fromarray(gray.astype(np.uint16) * 257)


def as_rgba(gray: Gray) -> Image.Image:
    return Image.fromarray(gray).convert("RGBA")


def as_palette(gray: Gray) -> Image.Image:
    image = Image.fromarray(255 - gray).convert("P")
    image.putpalette([value for n in range(256) for value in [255 - n] * 3])
    return image


@settings(max_examples=60, deadline=None)
@given(
    gray=GRAYS,
    make=st.sampled_from([Image.fromarray, as_16_bit, as_rgba, as_palette]),
    suffix=st.sampled_from(["png", "tif"]),
)
def test_round_trip(gray: Gray, make: object, suffix: str) -> None:
    assert callable(make)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{suffix}"
        make(gray).save(path)
        assert np.array_equal(load_page(os.fspath(path), 0, Limits()).gray, gray)


@given(gray=GRAYS, orientation=st.integers(1, 8))
def test_turning_keeps_every_pixel(gray: Gray, orientation: int) -> None:
    turned = upright(gray, orientation)
    assert sorted(turned.ravel().tolist()) == sorted(gray.ravel().tolist())
    # 6 and 8 undo each other, all others undo themselves.
    undo = {6: 8, 8: 6}.get(orientation, orientation)
    assert np.array_equal(upright(turned, undo), gray)
