from __future__ import annotations

import os
import runpy
from pathlib import Path
from typing import Any

import pytest

from pipeline.limits import Limits
from pipeline.probe import probe_file
from pipeline.scans.kinds import MediaType
from training.pagegen.fonts import FontSet

EXAMPLES = Path(__file__).parents[3] / "examples"
SCANS = sorted((EXAMPLES / "scans").iterdir())


def test_the_scans_are_small_and_show_every_kind() -> None:
    assert sum(path.stat().st_size for path in SCANS) < 2_000_000
    kinds = {probe_file(os.fspath(path), Limits()).media_type for path in SCANS}
    assert kinds >= set(MediaType) - {MediaType.BMP}


@pytest.mark.parametrize("scan", SCANS, ids=lambda path: path.name)
def test_every_page_can_be_read_and_its_text_is_known(scan: Path) -> None:
    pages = probe_file(os.fspath(scan), Limits(), root=os.fspath(scan.parent)).pages
    assert all(page.error is None for page in pages)
    truth = (EXAMPLES / "truth" / f"{scan.stem}.txt").read_text(encoding="utf-8")
    assert len(truth.split("\f")) == len(pages)
    assert all(len(page.split()) > 10 for page in truth.split("\f"))
    assert scan.name in (EXAMPLES / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("HARBOUR", "harbour"),
        ("LETTER", "letter"),
        ("TYPESCRIPT", "notice-to-owners"),
        ("MINUTES", "minutes"),
        ("LEDGER", "ledger"),
        ("RECEIPT", "receipt"),
        ("FORM", "readers-card"),
        ("NOTICE", "skewed"),
        ("NOTICE", "upside-down"),
    ],
)
def test_the_truth_is_what_would_be_drawn(name: str, stem: str) -> None:
    # Lines break elsewhere in another font, words stay.
    texts: dict[str, Any] = runpy.run_path(os.fspath(EXAMPLES / "scan_texts.py"))
    layouts = texts[name] if isinstance(texts[name], tuple) else (texts[name],)
    words = [word for layout in layouts for word in layout.draw(FontSet(), 60).text.split()]
    assert (EXAMPLES / "truth" / f"{stem}.txt").read_text(encoding="utf-8").split() == words
