"""What a training run of the line recogniser keeps on disk, and what it trains on.

`synth_NNNN.npz` are shards of synthetic lines (the first is held out), `train_NAME.npz` real lines,
`cal_NAME.npz` real lines of the same sources that are never trained on.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from ocrq.types import EngineInfo, PageOptions
from pipeline.engines.engine import LineImage, LineReading
from pipeline.limits import Limits
from pipeline.line_crop import crop_line
from pipeline.load import load_page
from pipeline.run import process_page
from training.lines.batches import AREA_PX, Batch, Source, Stored, draw_batches
from training.lines.real import load_real_lines
from training.lines.synthesise import GrayImage, Lines, join, load_lines

#: How often each source is drawn; one that is not named here gets the last number.
SHARES: Mapping[str, float] = MappingProxyType(
    {"synth": 0.44, "receipts": 0.18, "typed": 0.13, "books": 0.10, "handprint": 0.15}
)
_OTHER_SHARE = 0.10
#: New shards and new real lines are looked for this often.
_LOOK_AGAIN_S = 300.0


def endless_batches(
    run: Path,
    seed: tuple[int, ...],
    *,
    shares: Mapping[str, float] = SHARES,
    anew: Mapping[str, Source] = MappingProxyType({}),
    area_px: int = AREA_PX,
) -> Iterator[Batch]:
    """Batches of synthetic lines mixed with every `train_*.npz`; new files are found by the way.

    Args:
        run: folder of the run.
        seed: of what is drawn; with what a run has seen in it, one that goes on sees other lines.
        shares: how often each source is drawn; those that are not named get 0.1.
        anew: what is drawn while training runs, by the name of the source that it replaces.
        area_px: columns of a batch.
    """
    rng = np.random.default_rng(seed)
    sources: dict[str, Source] = dict(anew)
    shards: dict[Path, Lines] = {}
    while True:
        if "synth" not in anew:
            for path in sorted(run.glob("synth_*.npz"))[1:]:
                if path not in shards:
                    shards[path] = load_lines(path)
            if shards:  # a branch may train on real lines alone
                sources["synth"] = Stored(join(list(shards.values())))
        for path in sorted(run.glob("train_*.npz")):
            name = path.stem.removeprefix("train_")
            if name not in anew:
                sources[name] = Stored(load_lines(path))
        weighted = [(shares.get(name, _OTHER_SHARE), source) for name, source in sources.items()]
        started_s = time.monotonic()
        for batch in draw_batches(rng, weighted, area_px):
            yield batch
            if time.monotonic() - started_s > _LOOK_AGAIN_S:
                break


def sample(lines: Lines, count: int, seed: int = 0) -> Lines:
    """At most `count` of the lines, drawn without putting back."""
    chosen = np.random.default_rng(seed).permutation(len(lines))[:count]
    return Lines(
        images=tuple(lines.images[k] for k in chosen), texts=tuple(lines.texts[k] for k in chosen)
    )


class _Collector:
    """An engine that keeps the lines it is given, as the recogniser would see them."""

    info = EngineInfo(name="collector", version="0", weights_sha256="0" * 64)

    def __init__(self) -> None:
        self.pictures: list[GrayImage] = []

    def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
        self.pictures += [crop_line(line).picture for line in lines]
        return [LineReading() for _ in lines]


def lines_of_scan(path: Path) -> list[GrayImage]:
    """The line pictures of a scan's first page, from top to bottom of its reading order."""
    collector = _Collector()
    process_page(load_page(str(path), 0, Limits(), None), PageOptions(), collector)
    return collector.pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSet:
    """Lines that a model is measured on."""

    name: str
    lines: Lines
    fold_case: bool  # the labels do not know the letter case
    is_fold: bool  # a calibration fold: what is fitted is fitted on it

    @property
    def title(self) -> str:
        return f"{self.name}, calibration fold" if self.is_fold else self.name


def report_sets(
    run: Path, archives: Sequence[str], no_fold: Sequence[str], fold_case: Sequence[str]
) -> list[ReportSet]:
    """The run's calibration folds, and archives (NAME=ZIP or NAME=NPZ) to report on.

    Args:
        run: folder of the run.
        archives: NAME=ZIP of each.
        no_fold: calibration folds that nothing is to be fitted on, as what they show was never
            trained on.
        fold_case: archives whose labels do not know the letter case.
    """
    sets = [
        ReportSet(
            name=path.stem.removeprefix("cal_"),
            lines=load_lines(path),
            fold_case=False,
            is_fold=path.stem.removeprefix("cal_") not in no_fold,
        )
        for path in sorted(run.glob("cal_*.npz"))
    ]
    for entry in archives:
        name, _, archive = entry.partition("=")
        path = Path(archive)
        lines = load_lines(path) if path.suffix == ".npz" else load_real_lines(path)[0]
        folded = name in fold_case
        sets.append(ReportSet(name=name, lines=lines, fold_case=folded, is_fold=False))
    return sets
