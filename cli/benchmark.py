"""`ocrq benchmark`: seconds a page, beside those of tesseract in the same run."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.app import App, pass_app
from cli.display import count_of, format_table, print_json, show_text
from cli.evaluate_options import one_thread, print_tables
from cli.progress import ProgressDisplay
from ocrq.errors import UsageError
from ocrq.types import PageOptions

if TYPE_CHECKING:
    from training.evaluation.benchmark import Benchmark

_LISTED = 10  # pages that are listed; --json has them all


@click.command("benchmark")
@click.argument(
    "scans", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--engine", default=PageOptions().engine, show_default=True, help="What reads.")
@click.option("--limit", type=click.IntRange(1), help="Only so many pages, spread evenly.")
@click.option(
    "--tesseract",
    metavar="FILE",
    help="The binary to compare with.  [default: the one on the PATH, if any]",
)
@click.option("--language", default="eng", show_default=True, help="What tesseract is told.")
@click.option("--psm", type=click.IntRange(0, 13), default=3, show_default=True, help="Likewise.")
@click.option("--upper", is_flag=True, help="Compare texts without letter case.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@pass_app
def command(
    app: App,
    scans: Path,
    engine: str,
    limit: int | None,
    tesseract: str | None,
    language: str,
    psm: int,
    upper: bool,
    as_json: bool,
) -> None:
    """Time the way of a page, beside tesseract if it is here.

    On one core, from the file to the rows in a database, and each stage. DIR holds scans, or img/
    with scans; where truth/NAME.txt is there too, error rates are compared. If there is a tesseract
    binary, it reads every page in turn, with one thread; figures are processor seconds.

    \b
    Example:  ocrq benchmark ./scans --limit 20
    """
    del app
    one_thread()
    from pipeline.engines.registry import load_engine
    from training.evaluation.benchmark import run_benchmark
    from training.evaluation.datasets import choose, find_pages, find_scans
    from training.evaluation.tesseract import Tesseract
    from worker.memory import keep_loaded

    binary = shutil.which(tesseract or "tesseract")
    if tesseract is not None and binary is None:
        raise UsageError(f"{tesseract}: there is no such program")
    other = None
    if binary is not None:
        other = Tesseract(binary=Path(binary), language=language, segmentation=psm)
    has_truth = (scans / "truth").is_dir()
    pages, left = find_pages(scans) if has_truth else (find_scans(scans), [])
    pages = choose(pages, limit=limit)
    reader = load_engine(engine)
    keep_loaded()  # as a page child does
    with ProgressDisplay("timing") as display:
        found = run_benchmark(
            pages,
            reader,
            PageOptions(engine=engine),
            other,
            ignore_case=upper,
            has_truth=has_truth,
            progress=lambda done, total: display.show(done, total, "pages"),
        )
    for item in (*left, *found.left_out):
        click.echo(f"left out: {show_text(item.name)}: {show_text(item.why)}", err=True)
    if as_json:
        print_json(found)
        return
    _print(found)


def _print(found: Benchmark) -> None:
    from training.evaluation.report import difference_table, speed_table

    count = len(found.pages)
    each_s = sum(page.core_s for page in found.pages) / count
    store_s = sum(page.store_s for page in found.pages) / count
    click.echo(
        f"{count_of(count, 'page')}, {found.engine.name} {found.engine.version}: "
        f"{each_s:.3f} processor seconds a page, database {store_s:.3f} of it"
    )
    if found.ratio is None:
        click.echo("no tesseract here to compare with; --tesseract FILE names one", err=True)
    else:
        other_s = sum(page.other_s or 0.0 for page in found.pages) / count
        click.echo(
            f"{show_text(found.other or '')}: {other_s:.3f} a page, "
            f"{found.other_start_s or 0.0:.3f} of it its start\n"
            f"ratio {found.ratio:.2f} ({_interval(found)}), without its start "
            f"{found.ratio_without_start:.2f}\n"
        )
        slowest = sorted(found.pages, key=lambda page: -(page.ratio or 0.0))[:_LISTED]
        rows = [
            (show_text(p.name), f"{p.core_s:.3f}", f"{p.other_s:.3f}", f"{p.ratio or 0.0:.2f}")
            for p in slowest
        ]
        click.echo(format_table(("highest ratio", "here", "tesseract", "ratio"), rows))
    tables = [speed_table(found.speed, "page")]
    if found.differences:
        tables.append(difference_table(found.other or "tesseract", found.differences))
    click.echo()
    print_tables("Reading alone, without database", tables, is_markdown=False)


def _interval(found: Benchmark) -> str:
    if found.ratio_low is None or found.ratio_high is None:
        return "one page: no interval"
    return f"95 % between {found.ratio_low:.2f} and {found.ratio_high:.2f}"
