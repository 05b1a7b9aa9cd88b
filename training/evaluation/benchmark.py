"""Seconds a page beside those of the `tesseract` binary, page by page in one run.

Both use one core and are counted in processor seconds, so that other work on the machine does not
decide. They take turns in being first.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ocrq.errors import UsageError
from ocrq.types import EngineInfo, PageOptions, PageResult
from pipeline.engines.engine import Engine
from store.batches import open_batch, seal_batch
from store.claims import claim
from store.database import Database
from store.intake import NewDocument, NewPage, add_documents
from store.leases import LeaseRules
from store.migrate import upgrade
from store.ready import ClaimScope
from store.results import complete
from training.evaluation.compare import Difference, compare
from training.evaluation.datasets import Left, PageSample
from training.evaluation.reading import Reading
from training.evaluation.run_engines import core_seconds, read_page
from training.evaluation.score import (
    Speed,
    compared_with_texts,
    judge_all,
    page_scores,
    speed_of,
)
from training.evaluation.tesseract import Tesseract, TesseractPage
from training.text_score import middle_95, resamples

_RULES: Final = LeaseRules(
    lease_s=600,
    deadline_s=600,
    deadline_s_per_megapixel=4,
    max_attempts=3,
    max_kills=3,
    max_deadlines=2,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTime:
    """Processor seconds of one page."""

    name: str
    core_s: float  # load, imaging, layout, reading and database
    store_s: float  # of it: claim and results, one transaction each, SQLite
    other_s: float | None  # of tesseract, with its start; None without

    @property
    def ratio(self) -> float | None:
        """Ours over the other's."""
        return None if not self.other_s else self.core_s / self.other_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """All pages of a run."""

    engine: EngineInfo
    other: str | None  # version line of tesseract
    other_start_s: float | None  # what it takes on an empty picture: its start, in every page
    pages: tuple[PageTime, ...]
    speed: Speed
    ratio: float | None  # of the sums
    ratio_low: float | None  # 95 % by bootstrap over pages; None for one page
    ratio_high: float | None
    ratio_without_start: float | None  # with its start taken off every page
    differences: tuple[Difference, ...]  # of error rates; empty without truth or tesseract
    left_out: tuple[Left, ...]


def run_benchmark(
    pages: Sequence[PageSample],
    engine: Engine,
    options: PageOptions,
    tesseract: Tesseract | None,
    *,
    ignore_case: bool = False,
    has_truth: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Benchmark:
    """Time every page with the engine, its results in a database of its own, and with tesseract.

    Args:
        pages: scans; their truth is looked at when `has_truth`.
        engine: loaded.
        options: of reading.
        tesseract: None: there is none.
        ignore_case: of the comparison of texts.
        has_truth: every page has one.
        progress: told after each page.

    Raises:
        UsageError: no page could be read; says why.
    """
    readings: list[Reading] = []
    times: list[PageTime] = []
    texts: dict[str, str] = {}
    left: list[Left] = []
    with tempfile.TemporaryDirectory(prefix="ocrq-benchmark-") as folder:
        start_s = None if tesseract is None else tesseract.start_s(Path(folder))
        shelf = _Shelf(Path(folder), options, len(pages))
        for number, page in enumerate(pages):
            progress(number, len(pages))
            other: TesseractPage | None = None
            if tesseract is not None and number % 2:
                other = tesseract.read(page.path)
            reading = read_page(page, engine, options)
            store_s = shelf.put(reading.results, engine.info)
            if tesseract is not None and not number % 2:
                other = tesseract.read(page.path)
            why = reading.error
            if other is not None and other.text is None:
                why = why or f"tesseract could not read it: {other.why}"
            if why is not None:
                left.append(Left(name=page.name, why=why))
                continue
            readings.append(reading)
            if other is not None:
                texts[page.name] = other.text or ""
            times.append(
                PageTime(
                    name=page.name,
                    core_s=reading.core_s + store_s,
                    store_s=store_s,
                    other_s=None if other is None else other.core_s,
                )
            )
        shelf.close()
    progress(len(pages), len(pages))
    if not times:
        first = {item.why: item.name for item in reversed(left)}  # each reason once
        reasons = "; ".join(f"{name}: {why}" for why, name in reversed(first.items()))
        raise UsageError(f"no page could be read: {reasons}")
    ratio, low, high = _ratio(times)
    return Benchmark(
        engine=engine.info,
        other=None if tesseract is None else tesseract.version(),
        other_start_s=start_s,
        pages=tuple(times),
        speed=speed_of(readings),
        ratio=ratio,
        ratio_low=low,
        ratio_high=high,
        ratio_without_start=_without_start(times, start_s),
        differences=_differences(pages, readings, texts, ignore_case) if has_truth else (),
        left_out=tuple(left),
    )


class _Shelf:
    """A new SQLite database with a queue of pages, into which results go as a worker puts them."""

    def __init__(self, folder: Path, options: PageOptions, most: int) -> None:
        url = f"sqlite:///{folder / 'ocrq.db'}"
        upgrade(url)
        self._database = Database.open(url)
        batch = open_batch(
            self._database, name="benchmark", options=options, options_hash="benchmark"
        )
        documents = [
            NewDocument(
                path=f"/{number}".encode(),
                size_bytes=1,
                mtime_ns=number,
                media_type="image/png",
                sha256=f"{number:064d}",
                pages=(NewPage(number=1, megapixels=1.0),),
            )
            for number in range(most)
        ]
        add_documents(self._database, batch, documents)
        seal_batch(self._database, batch.id)

    def put(self, results: Sequence[PageResult], engine: EngineInfo) -> float:
        """Write the results of a scan (its first page stands for one page of the queue)."""
        started_s = core_seconds()
        for result in results[:1]:
            claimed = claim(
                self._database, ClaimScope(batch_id=None, owner="benchmark", task_id=None), _RULES
            )
            assert claimed is not None
            complete(self._database, claimed, result, engine)
        return core_seconds() - started_s

    def close(self) -> None:
        self._database.close()


def _ratio(times: Sequence[PageTime]) -> tuple[float | None, float | None, float | None]:
    if any(t.other_s is None for t in times):
        return None, None, None
    pairs = np.array([[t.core_s, t.other_s] for t in times], np.float64)
    ratio = float(pairs[:, 0].sum() / max(pairs[:, 1].sum(), 1e-9))
    draws = resamples([t.name for t in times])
    if draws is None:
        return ratio, None, None
    sums = pairs[draws].sum(axis=1)
    return ratio, *middle_95(sums[:, 0] / np.maximum(sums[:, 1], 1e-9))


def _without_start(times: Sequence[PageTime], start_s: float | None) -> float | None:
    if start_s is None:
        return None
    rest_s = sum(max(0.0, (t.other_s or 0.0) - start_s) for t in times)
    return sum(t.core_s for t in times) / max(rest_s, 1e-9)


def _differences(
    pages: Sequence[PageSample],
    readings: Sequence[Reading],
    texts: dict[str, str],
    ignore_case: bool,
) -> tuple[Difference, ...]:
    if not texts:
        return ()
    truths = {page.name: page.truth for page in pages}
    judged = judge_all(readings, truths, ignore_case=ignore_case)
    theirs = compared_with_texts(judged, texts, ignore_case=ignore_case)
    return compare(page_scores(judged), theirs)
