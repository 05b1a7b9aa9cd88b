"""Sets of scans with their truth: folders and zip files of pages, of line crops, npz of lines."""

from __future__ import annotations

import csv
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from ocrq.errors import UsageError
from training.evaluation.text_file import read_text, readable

GrayImage = npt.NDArray[np.uint8]

_SCANS = frozenset({".tif", ".tiff", ".png", ".jpg", ".jpeg", ".pdf", ".webp", ".bmp"})
#: Bytes that a zip may unpack to; a larger one should be unpacked by hand.
_MOST_BYTES = 20_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSample:
    """A scan (one page or more) and the text that is on it."""

    name: str
    path: Path
    truth: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineSample:
    """A line crop, (H, W) uint8, 0 = ink, and what it says."""

    name: str
    group: str  # the document that it was cut from
    gray: GrayImage
    truth: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What was left out, and why: nothing is silently skipped."""

    name: str
    why: str


Sample = TypeVar("Sample", PageSample, LineSample)


@contextmanager
def unpacked(data: Path) -> Iterator[Path]:
    """The folder of a set, a zip file unpacked for the time being.

    Raises:
        UsageError: it is neither a folder nor a zip file.
    """
    if data.is_dir():
        yield data
        return
    if not zipfile.is_zipfile(data):
        raise UsageError(f"{data}: neither a folder nor a zip file")
    with tempfile.TemporaryDirectory(prefix="ocrq-evaluate-") as folder:
        with zipfile.ZipFile(data) as archive:
            size_bytes = sum(info.file_size for info in archive.infolist())
            if size_bytes > min(_MOST_BYTES, shutil.disk_usage(folder).free // 2):
                raise UsageError(f"{data}: {size_bytes / 1e9:.0f} GB unpacked; unpack it yourself")
            try:
                archive.extractall(folder)
            except (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError) as exc:
                raise UsageError(f"{data}: cannot be unpacked: {exc}") from exc
        inner = [p for p in Path(folder).iterdir() if p.name != "__MACOSX"]
        yield inner[0] if len(inner) == 1 and inner[0].is_dir() else Path(folder)


def find_pages(folder: Path) -> tuple[list[PageSample], list[Left]]:
    """Scans in img/ (else in the folder) and NAME.txt in truth/ (else beside them), by name.

    Returns:
        The pages; scans without a truth and truths without a scan, which are left out.

    Raises:
        UsageError: no scan has a truth, or a folder or a truth cannot be read.
    """
    with readable(folder):
        return _paired(folder)


def _paired(folder: Path) -> tuple[list[PageSample], list[Left]]:
    scans_at = folder / "img" if (folder / "img").is_dir() else folder
    truth_at = folder / "truth" if (folder / "truth").is_dir() else scans_at
    scans = [p for p in sorted(scans_at.iterdir()) if p.suffix.lower() in _SCANS]
    truths = {p.stem: p for p in sorted(truth_at.glob("*.txt"))}
    found, left, taken = [], [], set[str]()
    for path in scans:
        if path.stem in taken:
            left.append(Left(name=path.name, why="another scan has this name"))
        elif path.stem not in truths:
            left.append(Left(name=path.name, why="no truth"))
        else:
            taken.add(path.stem)
            text = truths[path.stem].read_text("utf-8-sig", "replace")
            found.append(PageSample(name=path.stem, path=path, truth=text))
    left += [Left(name=name, why="no scan") for name in truths if name not in taken]
    if not found:
        raise UsageError(
            f"{folder}: no scan with a truth; expected img/NAME.tif and truth/NAME.txt, or both in "
            "one folder"
        )
    return sorted(found, key=lambda page: f"{page.name}.txt"), left


def find_scans(folder: Path) -> list[PageSample]:
    """Scans in img/, else in the folder, without their truth.

    Raises:
        UsageError: there is none.
    """
    at = folder / "img" if (folder / "img").is_dir() else folder
    with readable(at):
        # A pipe would be waited for.
        scans = [p for p in sorted(at.iterdir()) if p.suffix.lower() in _SCANS and p.is_file()]
    if not scans:
        raise UsageError(f"{at}: no scans ({', '.join(sorted(_SCANS))})")
    return [PageSample(name=path.stem, path=path, truth="") for path in scans]


def find_lines(folder: Path) -> tuple[list[LineSample], list[Left]]:
    """Lines of `labels.tsv` (file, text), or cut from img/ by the quadrilaterals of box/NAME.csv.

    Raises:
        UsageError: there is neither, or it cannot be read; names the file.
    """
    if (folder / "labels.tsv").is_file():
        return _labelled(folder)
    if (folder / "box").is_dir():
        if not (folder / "img").is_dir():
            raise UsageError(f"{folder}: box/ is there, but no img/ with the scans")
        with readable(folder):
            return _boxed(folder)
    raise UsageError(f"{folder}: neither labels.tsv (file, tab, text) nor box/NAME.csv is there")


def load_npz_lines(path: Path) -> tuple[list[LineSample], list[Left]]:
    """Lines that `python -m training.lines` keeps: pixels (32, sum of widths), widths, texts.

    Raises:
        UsageError: the file is no such thing.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            pixels, widths, texts = arrays["pixels"], arrays["widths"], arrays["texts"].tolist()
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as exc:
        raise UsageError(f"{path}: not a file of lines (pixels, widths, texts): {exc}") from exc
    ends = np.cumsum(widths).tolist()
    samples = [
        LineSample(
            name=f"{k:06d}", group=f"{k:06d}", gray=255 - pixels[:, end - width : end], truth=text
        )
        for k, (end, width, text) in enumerate(zip(ends, widths.tolist(), texts, strict=True))
    ]
    return samples, []


def choose(
    samples: Sequence[Sample],
    *,
    only: Iterable[str] | None = None,
    without: Iterable[str] = (),
    limit: int | None = None,
) -> list[Sample]:
    """Those whose name or document is asked for; `limit` takes documents evenly from the set."""
    wanted, unwanted = None if only is None else set(only), set(without)
    kept = [
        s
        for s in samples
        if (wanted is None or names_of(s) & wanted) and not names_of(s) & unwanted
    ]
    if limit is None or limit >= len(kept):
        return kept
    return [kept[k * len(kept) // limit] for k in range(limit)]


def names_of(sample: PageSample | LineSample) -> set[str]:
    """By what a list may name it."""
    return {sample.name, sample.group} if isinstance(sample, LineSample) else {sample.name}


def _labelled(folder: Path) -> tuple[list[LineSample], list[Left]]:
    samples, left = [], []
    for row in read_text(folder / "labels.tsv").splitlines():
        name, _, text = row.partition("\t")
        if not text.strip():
            left.append(Left(name=name, why="no text in labels.tsv"))
            continue
        gray = read_gray(folder / name)
        if gray is None:
            left.append(Left(name=name, why="no picture that can be read"))
            continue
        stem = Path(name).stem
        samples.append(
            LineSample(name=stem, group=stem.rpartition("_")[0] or stem, gray=gray, truth=text)
        )
    return samples, left


def _boxed(folder: Path) -> tuple[list[LineSample], list[Left]]:
    samples, left = [], []
    scans = {p.stem: p for p in (folder / "img").iterdir() if p.suffix.lower() in _SCANS}
    for path in sorted((folder / "box").glob("*.csv")):
        gray = read_gray(scans[path.stem]) if path.stem in scans else None
        if gray is None:
            left.append(Left(name=path.name, why="no picture that can be read"))
            continue
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            for number, row in enumerate(csv.reader(file, quoting=csv.QUOTE_NONE)):
                crop = _cut(gray, row)
                name = f"{path.stem}_{number:03d}"
                text = ",".join(row[8:]).strip()
                if crop is None or not text:
                    left.append(Left(name=name, why="no text or no box"))
                else:
                    samples.append(LineSample(name=name, group=path.stem, gray=crop, truth=text))
    return samples, left


def _cut(gray: GrayImage, row: Sequence[str]) -> GrayImage | None:
    try:
        corners = np.array([int(v) for v in row[:8]]).reshape(4, 2)
    except ValueError:
        return None
    (x0, y0), (x1, y1) = np.maximum(corners.min(axis=0), 0), corners.max(axis=0)
    crop = gray[y0:y1, x0:x1]
    return crop if min(crop.shape) > 1 else None


def read_gray(path: Path) -> GrayImage | None:
    """A picture in grey, None when it cannot be read."""
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    except (OSError, cv2.error, TypeError):
        return None
