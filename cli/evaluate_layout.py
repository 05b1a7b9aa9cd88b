"""`ocrq evaluate layout`: whether the lines of pages are found, whole and in order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.app import App, pass_app
from cli.display import format_table, print_json, show_number, show_text
from cli.evaluate_options import one_thread
from cli.finite import FiniteRange
from ocrq.errors import UsageError
from ocrq.types import PageOptions

if TYPE_CHECKING:
    from training.evaluation.layout import LayoutScore


@click.command("layout")
@click.argument(
    "folder",
    metavar="[DIR]",
    required=False,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option(
    "--drawn", type=click.IntRange(1), metavar="N", help="Draw N pages of every kind instead."
)
@click.option(
    "--strength",
    type=FiniteRange(0, 1),
    default=0.5,
    show_default=True,
    help="How worn drawn pages are.",
)
@click.option("--engine", default=PageOptions().engine, show_default=True, help="What reads.")
@click.option("--upper", is_flag=True, help="Take capitals for small letters.")
@click.option("--list", "listed", is_flag=True, help="List the lines that were not read.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@pass_app
def command(
    app: App,
    folder: Path | None,
    drawn: int | None,
    strength: float,
    engine: str,
    upper: bool,
    listed: bool,
    as_json: bool,
) -> None:
    """Read pages and count which of their lines were found.

    DIR holds img/NAME.* and box/NAME.csv (x1,y1,...,x4,y4,text) or truth/NAME.txt.

    "read": a recognised line or a part of one has at most 30 % errors against the true line,
    white space aside; of running text pieces of 50 characters are looked for. "found": 80 % of the
    true box lies in one line of at most 1.8 times its height; "merged" lines are in one with a line
    above or below, "split" ones in several. "order": of true lines that follow each other, those
    that do not do so in the reading; words of pictures have no place. "extra": lines where no true
    line is.

    \b
    Example:  ocrq evaluate layout receipts --upper
              ocrq evaluate layout --drawn 10
    """
    del app
    if (folder is None) == (drawn is None):
        raise UsageError("give either a folder or --drawn N")
    one_thread()
    from pipeline.engines.registry import load_engine
    from training.evaluation.evaluate_layout import score_drawn, score_folder

    options = PageOptions(engine=engine)
    reader = load_engine(engine)
    if folder is not None:
        scores = {folder.name: score_folder(folder, reader, options, ignore_case=upper)}
    else:
        scores = score_drawn(drawn or 1, reader, options, strength=strength)
    for score in scores.values():
        for name, why in score.unreadable:
            click.echo(f"could not be read: {show_text(name)} ({show_text(why)})", err=True)
    if as_json:
        print_json({name: score.summary() for name, score in scores.items()})
        return
    _print(scores, listed=listed)


def _print(scores: dict[str, LayoutScore], *, listed: bool) -> None:
    header = ("pages", "count", "lines", "read", "found", "merged", "split", "missed", "extra")
    rows = [
        (
            show_text(name),
            show_number(score.pages),
            show_number(score.lines),
            _share(score.read, score.lines),
            _share(score.found, score.boxed),
            show_number(score.merged),
            show_number(score.split),
            show_number(score.missed),
            show_number(score.extra),
            _share(score.order_errors, score.pairs),
        )
        for name, score in scores.items()
    ]
    click.echo(format_table((*header, "order"), rows))
    kinds = [
        (show_text(name), true.value, kind.value if kind else "none", show_number(count))
        for name, score in scores.items()
        for (true, kind), count in sorted(
            score.kinds.items(), key=lambda item: (item[0][0], item[0][1] or "")
        )
    ]
    if kinds:
        click.echo()
        click.echo(format_table(("pages", "true region", "taken for", "count"), kinds))
    unread = [row for score in scores.values() for row in score.unread]
    if listed and unread:
        click.echo()
        click.echo(format_table(("page", "not read"), [tuple(map(show_text, r)) for r in unread]))
    elif unread:
        click.echo(f"{len(unread)} lines were not read; --list shows them", err=True)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"
