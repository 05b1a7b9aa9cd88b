"""Random and damaged bytes end in a PageError, never in another exception."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocrq.errors import PageError
from pipeline.limits import Limits
from pipeline.load import load_page
from pipeline.probe import probe_file
from tests.bad_files import image_bytes, pdf

LIMITS = Limits(max_pixels=2_000_000)
GOOD = {
    "PNG": image_bytes("PNG"),
    "JPEG": image_bytes("JPEG"),
    "TIFF": image_bytes("TIFF", compression="tiff_lzw"),
    "BMP": image_bytes("BMP"),
    "WEBP": image_bytes("WEBP"),
    "PDF": pdf([b"0 0 m 9 9 l S"] * 3),
}
STARTS = [data[:12] for data in GOOD.values()]
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def try_it(data: bytes, *, decode: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = os.fspath(Path(folder) / "a.png")
        Path(path).write_bytes(data)
        try:
            for page in probe_file(path, LIMITS).pages:
                assert (page.error is None) == (page.error_code is None)
        except PageError as exc:
            str(exc).encode()
        if decode:
            try:
                assert load_page(path, 0, LIMITS).gray.size <= LIMITS.max_pixels
            except PageError as exc:
                str(exc).encode()


@QUICK
@given(start=st.sampled_from([b"", *STARTS]), rest=st.binary(max_size=400))
def test_random_bytes(start: bytes, rest: bytes) -> None:
    try_it(start + rest, decode=not start.startswith(b"%PDF"))


@pytest.mark.parametrize("kind", sorted(GOOD))
@QUICK
@given(data=st.data())
def test_damaged_files(kind: str, data: st.DataObject) -> None:
    content = bytearray(GOOD[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        # Mostly in the headers, where every bit has a meaning.
        reach = data.draw(st.sampled_from([60, 400, len(content)]))
        at = data.draw(st.integers(0, min(reach, len(content)) - 1))
        content[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([len(content), len(content) - 1, len(content) // 2]))
    try_it(bytes(content[:cut]), decode=kind != "PDF")
