"""Reading a set with one engine or several, one after the other on each page."""

from __future__ import annotations

import resource
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from ocrq.errors import PageError
from ocrq.types import PageOptions
from pipeline.engines.engine import Engine
from pipeline.limits import Limits
from pipeline.load import load_page
from pipeline.probe import probe_file
from pipeline.run import process_page
from training.evaluation.datasets import LineSample, PageSample
from training.evaluation.line_crops import line_image
from training.evaluation.reading import Reading, of_pages

Progress = Callable[[int, int], None]  # (done, total)
#: Lines that an engine gets at a time, as many as a page has.
_LINES_AT_A_TIME = 64


def read_pages(
    pages: Sequence[PageSample],
    engines: Mapping[str, Engine],
    options: PageOptions,
    progress: Progress = lambda done, total: None,
) -> dict[str, list[Reading]]:
    """What each engine reads on each page; engines take turns, so that their times compare."""
    found: dict[str, list[Reading]] = {name: [] for name in engines}
    for done, page in enumerate(pages):
        progress(done, len(pages))
        for name, engine in engines.items():
            found[name].append(read_page(page, engine, options))
    progress(len(pages), len(pages))
    return found


def read_page(page: PageSample, engine: Engine, options: PageOptions) -> Reading:
    """One file with all its pages; an unreadable one is empty and says why."""
    started_s = core_seconds()
    stages_s: defaultdict[str, float] = defaultdict(float)
    results = []
    try:
        frames = len(probe_file(str(page.path), Limits()).pages)
        for frame in range(frames):
            loading_s = time.perf_counter()
            image = load_page(str(page.path), frame, Limits(), options.dpi)
            stages_s["load"] += time.perf_counter() - loading_s
            result = process_page(image, options, engine)
            for stage, elapsed_s in result.elapsed_s.items():
                stages_s[stage] += elapsed_s
            results.append(result)
    except (PageError, OSError) as exc:
        return Reading(name=page.name, group=page.name, text="", chars=(), error=str(exc))
    return of_pages(page.name, results, core_seconds() - started_s, stages_s)


def read_lines(
    lines: Sequence[LineSample],
    engines: Mapping[str, Engine],
    options: PageOptions,
    progress: Progress = lambda done, total: None,
) -> dict[str, list[Reading]]:
    """What each engine reads in each crop; the seconds of a block are dealt to its lines."""
    found: dict[str, list[Reading]] = {name: [] for name in engines}
    for start in range(0, len(lines), _LINES_AT_A_TIME):
        progress(start, len(lines))
        block = lines[start : start + _LINES_AT_A_TIME]
        images = [line_image(line.gray) for line in block]
        for name, engine in engines.items():
            started_s = core_seconds()
            read = engine.read(images, options)
            each_s = (core_seconds() - started_s) / len(block)
            found[name] += [
                Reading(
                    name=line.name,
                    group=line.group,
                    text=reading.text,
                    chars=reading.chars,
                    core_s=each_s,
                    missing_risk=reading.missing_risk,
                )
                for line, reading in zip(block, read, strict=True)
            ]
    progress(len(lines), len(lines))
    return found


def core_seconds() -> float:
    """Processor seconds of this process and of the children that ended (poppler)."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
