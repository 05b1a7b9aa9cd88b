"""Options and output that `ocrq evaluate lines` and `pages` share."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli.display import as_json, count_of, format_table, show_path, show_text
from cli.output_places import check_file, make_folder
from ocrq.errors import UsageError
from ocrq.types import PageOptions

if TYPE_CHECKING:
    from training.evaluation.datasets import LineSample, PageSample
    from training.evaluation.evaluate import Evaluation
    from training.evaluation.reading import Reading
    from training.evaluation.report import Table

Command = TypeVar("Command", bound=Callable[..., object])

_LISTED = 5  # names of documents that are left out; --json has them all
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def set_options(command: Command) -> Command:
    """The options of every evaluation of a set."""
    for option in reversed(
        (
            click.option(
                "--engine", default=PageOptions().engine, show_default=True, help="What reads."
            ),
            click.option(
                "--against",
                metavar="ENGINE|DIR",
                help="Compare, pair by pair, with another engine or with texts NAME.txt.",
            ),
            click.option(
                "--upper", is_flag=True, help="Write truth and reading in capitals: case is equal."
            ),
            click.option("--limit", type=click.IntRange(1), help="Only so many, spread evenly."),
            click.option("--only", type=_FILE, metavar="FILE", help="Only the names in FILE."),
            click.option(
                "--without", multiple=True, metavar="NAME", help="Leave out; may be repeated."
            ),
            click.option(
                "--unseen",
                type=_FILE,
                metavar="FILE",
                help="Report the names in FILE apart, too: what training has not seen.",
            ),
            click.option(
                "--disagreements",
                type=click.Path(dir_okay=False, path_type=Path),
                metavar="FILE",
                help="Write every disagreement as a table (TSV) to be judged.",
            ),
            click.option(
                "--adjudicated",
                type=_FILE,
                metavar="FILE",
                help="Figures with the truth as the verdicts of such a table have it, too.",
            ),
            click.option(
                "--format",
                "style",
                type=click.Choice(["text", "markdown", "json"]),
                default="text",
                show_default=True,
                help="What is printed.",
            ),
            click.option("--json", "as_json", is_flag=True, help="Short for --format json."),
            click.option(
                "--output",
                type=click.Path(file_okay=False, path_type=Path),
                metavar="DIR",
                help="Write report.md, report.json, plots (PNG) and texts.",
            ),
        )
    ):
        command = option(command)
    return command


def one_thread() -> None:
    """Figures are of one core; must come before numpy is loaded."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow greets on the terminal
    import cv2  # numpy comes with it

    from worker.memory import keep_freed_memory

    cv2.setNumThreads(1)
    keep_freed_memory()  # as a page child does


def check_output(output: Path | None, disagreements: Path | None) -> None:
    """Try before the work whether its files can be written.

    Raises:
        OcrqError: see `cli.output_places`; names the place.
    """
    make_folder(output, "--output")
    check_file(disagreements, "--disagreements")


def names_in(path: Path | None) -> list[str] | None:
    """The names in a list, one a line (they may hold spaces); None without a list."""
    from training.evaluation.text_file import read_text

    if path is None:
        return None
    return [line.strip() for line in read_text(path).splitlines() if line.strip()]


def tell_unmatched(
    samples: Iterable[PageSample | LineSample], lists: Mapping[str, Iterable[str] | None]
) -> None:
    """Name on stderr what a list has and the set has not: mistyped, or of another set.

    Args:
        samples: the whole set.
        lists: option -> the names that it was given; None: it was not.
    """
    from training.evaluation.datasets import names_of

    known = {name for sample in samples for name in names_of(sample)}
    for option, names in lists.items():
        unknown = [name for name in dict.fromkeys(names or ()) if name not in known]
        if unknown:
            shown = ", ".join(show_text(name) for name in unknown[:_LISTED])
            more = f" and {len(unknown) - _LISTED:,} more" if len(unknown) > _LISTED else ""
            click.echo(
                f"{option}: the set has no {shown}{more} "
                f"({count_of(len(unknown), 'name')} without effect)",
                err=True,
            )


def is_folder_of_texts(against: str | None) -> bool:
    """Whether --against names a folder; an engine's name is none."""
    return against is not None and Path(against).is_dir()


def texts_in(folder: Path) -> dict[str, str]:
    """NAME -> text of every NAME.txt.

    Raises:
        UsageError: the folder has none.
    """
    from training.evaluation.text_file import readable

    with readable(folder):
        texts = {p.stem: p.read_text("utf-8-sig", "replace") for p in sorted(folder.glob("*.txt"))}
    if not texts:
        raise UsageError(f"{folder} holds no .txt files")
    return texts


def show(
    evaluation: Evaluation, readings: list[Reading], *, style: str, output: Path | None
) -> None:
    """Print an evaluation and write its folder."""
    engine = evaluation.engine
    title = f"{engine.name} {engine.version} on {evaluation.data}"
    if output is not None:
        from training.evaluation.evaluate import write_report

        write_report(output, evaluation, readings, title)
        text = json.dumps(_values(evaluation), indent=2)
        (output / "report.json").write_text(text + "\n", encoding="utf-8")
        click.echo(f"report  {show_path(str(output / 'report.md'))}", err=True)
    if style == "json":
        click.echo(json.dumps(_values(evaluation), indent=2))
        return
    _tell_left_out(evaluation)
    print_tables(title, evaluation.tables(), is_markdown=style == "markdown")


def print_tables(title: str, tables: Sequence[Table], *, is_markdown: bool) -> None:
    """Tables under a title, for a terminal or as Markdown."""
    if is_markdown:
        click.echo(f"# {title}\n")
        click.echo("\n\n".join(table.markdown() for table in tables))
        return
    click.echo(title)
    for table in tables:
        click.echo(f"\n{table.title}")
        # Many columns and few rows are easier to read turned.
        rows: list[tuple[str, ...]] = [table.header, *table.rows]
        if len(table.header) > 8:
            rows = list(zip(*rows, strict=True))
        click.echo(format_table(rows[0], [[show_text(cell) for cell in row] for row in rows[1:]]))
        if table.note:
            click.echo(table.note)


def _values(evaluation: Evaluation) -> Any:
    return as_json(evaluation)


def _tell_left_out(evaluation: Evaluation) -> None:
    noun = evaluation.kind.removesuffix("s")
    for what, names in (
        ("left out", [f"{left.name} ({left.why})" for left in evaluation.left_out]),
        ("could not be read", [f"{page.name} ({page.why})" for page in evaluation.unread]),
    ):
        if names:
            shown = ", ".join(show_text(name) for name in names[:_LISTED])
            more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
            click.echo(f"{count_of(len(names), noun)} {what}: {shown}{more}", err=True)
