"""`ocrq redo`: read pages again with other options."""

from __future__ import annotations

import dataclasses
import glob
import shlex
from typing import Any

import click

from cli.app import App, pass_app
from cli.display import count_of, print_json, show_path, show_text
from cli.filters import document_filter, page_filter
from cli.finite import FiniteRange
from cli.settings_database import open_database
from cli.words_param import WordsParam
from ocrq.errors import UsageError
from ocrq.types import LANGUAGE_MODELS, PageOptions
from pipeline.engines.registry import engine_info
from store.batches import Batch, resolve_batch
from store.page_choice import check_documents, check_pages
from store.redoing import RedoCounts, RedoFilter, redo_pages
from store.ringing import count_slots
from worker.enqueue import ring

_NAMED = 20  # originals that are listed; --json has them all
_PAGE_OPTIONS = (
    "engine",
    "classes",
    "dpi",
    "orient",
    "deskew",
    "clean",
    "remove_rules",
    "rectify",
    "alternatives",
    "words",
    "language_model",
)


@click.command("redo")
@click.argument("batch")
@click.option("--all", "is_all", is_flag=True, help="All pages that were read.")
@click.option(
    "--below",
    type=FiniteRange(0, 1, min_open=True),
    metavar="CONFIDENCE",
    help="Only pages with a mean confidence below this.",
)
@document_filter
@page_filter
@click.option(
    "--also-reviewed",
    is_flag=True,
    help="Pages too that people corrected; their corrections stay with the old reading.",
)
@click.option("--engine", metavar="NAME", help="What recognises the characters this time.")
@click.option("--classes", type=click.Choice(["digits", "upper", "upper36", "alnum", "ascii"]))
@click.option("--dpi", type=int, help="Resolution of the scans, if their files are wrong.")
@click.option("--orient/--no-orient", default=None, help="Turn sideways pages upright.")
@click.option("--deskew/--no-deskew", default=None, help="Straighten crooked pages.")
@click.option("--clean/--no-clean", default=None, help="Even out the background.")
@click.option("--rules/--no-rules", "remove_rules", default=None, help="Take printed lines out.")
@click.option("--rectify/--no-rectify", default=None, help="See photographed sheets from above.")
@click.option("--alternatives", type=click.IntRange(0, 10), help="Other readings that are kept.")
@click.option(
    "--words",
    type=WordsParam(),
    metavar="english|none|FILE",
    help="Words that may settle doubtful letters.",
)
@click.option("--language-model", type=click.Choice(LANGUAGE_MODELS), help="What is expected.")
@click.option("--dry-run", is_flag=True, help="Say what would be queued; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@pass_app
def command(
    app: App,
    /,
    batch: str,
    is_all: bool,
    below: float | None,
    documents: tuple[str, ...],
    page_ids: tuple[int, ...],
    also_reviewed: bool,
    dry_run: bool,
    as_json: bool,
    **values: Any,
) -> None:
    """Read pages again with other options; old readings stay.

    Options that are not given are those of the batch. The new reading becomes the current one when
    it is there; until then, and when it fails, the page keeps what it has. Pages that people
    corrected are left out unless --also-reviewed is given. Given again after an interruption, the
    same command goes on: what was read so already is left out.

    \b
    Example:  ocrq redo scans-20261120-1 --document "IMG_*" --rectify

    To go back, redo the same pages without the option; `ocrq prune` deletes readings that are not
    current.
    """
    if not (is_all or below is not None or documents or page_ids):
        raise UsageError("say which pages: --below CONFIDENCE, --document, --page, or --all")
    chosen = RedoFilter(
        below=below, page_ids=page_ids, documents=documents, also_reviewed=also_reviewed
    )
    with open_database(app.settings) as db:
        found = resolve_batch(db, batch)
        options = _options(found, values)
        model = engine_info(options.engine)
        check_documents(db, found.id, documents)
        check_pages(db, found.id, page_ids)
        counts = redo_pages(db, found, options, model, chosen, dry_run=dry_run)
        children = count_slots(db)
    if not dry_run:
        ring(app.settings, counts.queued, children)
    if as_json:
        print_json(_json(found, options, counts, dry_run))
        return
    verb = "would be read again" if dry_run else "queued to be read again"
    click.echo(
        f"{show_text(found.name)}: {count_of(counts.queued, 'page')} {verb} by {options.engine}"
    )
    _report_the_rest(found, counts)
    if counts.queued and not dry_run:
        click.echo(f"Look next: ocrq status {shlex.quote(found.name)} --watch", err=True)


def _options(batch: Batch, values: dict[str, Any]) -> PageOptions:
    """The batch's options with those that were given."""
    given = {name: values[name] for name in _PAGE_OPTIONS if values.get(name) is not None}
    try:
        options = dataclasses.replace(batch.options, **given)
    except ValueError as exc:
        raise UsageError(str(exc)) from exc
    return options


def _report_the_rest(batch: Batch, counts: RedoCounts) -> None:
    """Say on stderr what was left as it is: nothing is skipped in silence."""
    name = shlex.quote(batch.name)
    if counts.reviewed:
        click.echo(
            f"kept: {count_of(counts.reviewed, 'page')} that people corrected (--also-reviewed)",
            err=True,
        )
    if counts.same:
        click.echo(
            f"kept: {count_of(counts.same, 'page')} that this model read with these options",
            err=True,
        )
    if counts.waiting:
        click.echo(f"not touched: {count_of(counts.waiting, 'page')} queued already", err=True)
    if counts.unread:
        click.echo(
            f"not touched: {count_of(counts.unread, 'page')} without a reading: ocrq retry {name}",
            err=True,
        )
    for other, number in sorted(counts.elsewhere.items()):
        click.echo(
            f"not touched: {count_of(number, 'duplicate')} read in the batch {show_text(other)}:"
            f" ocrq redo {shlex.quote(other)}",
            err=True,
        )

    for original, number in sorted(counts.within.items())[:_NAMED]:
        pattern = shlex.quote(glob.escape(original.rpartition("/")[2]))
        click.echo(
            f"not touched: {count_of(number, 'duplicate')} of {show_path(original)}; to read that"
            f" again: ocrq redo {name} --document {show_text(pattern)}",
            err=True,
        )
    if len(counts.within) > _NAMED:
        more = sum(number for _, number in sorted(counts.within.items())[_NAMED:])
        click.echo(f"... and {count_of(more, 'duplicate')} more of other documents", err=True)


def _json(batch: Batch, options: PageOptions, counts: RedoCounts, dry_run: bool) -> dict[str, Any]:
    return {
        "batch": batch.name,
        "redo_id": counts.redo_id,
        "queued": counts.queued,
        "options": dataclasses.asdict(options),
        "reviewed": counts.reviewed,
        "same": counts.same,
        "waiting": counts.waiting,
        "unread": counts.unread,
        "elsewhere": counts.elsewhere,
        "within": counts.within,
        "dry_run": dry_run,
    }
