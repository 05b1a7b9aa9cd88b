"""`ocrq prune`: delete what is old."""

from __future__ import annotations

import sys

import click

from cli.app import App, pass_app
from cli.display import as_json as to_json
from cli.display import count_of, print_json, show_text, show_time
from cli.duration import UNITS, Duration
from cli.filters import time_span
from cli.progress import ProgressDisplay
from cli.settings_database import open_database
from ocrq.errors import UsageError
from store.partitions import drop_empty_partitions
from store.pruning import PruneCounts, old_batches, prune_readings
from store.pruning_batches import plan_pruning, prune_batch

#: A row of `characters` with its share of the indexes, at most: 51 in an SQLite file of 53 book
#: pages, whatever else is in it; PostgreSQL adds 28 to each row, and an index as large again.
_BYTES_A_CHARACTER = 110
_NAMED = 20


@click.command("prune")
@click.option(
    "--older-than",
    type=Duration(),
    required=True,
    metavar="DURATION",
    help=f"Only what is older, such as 90d or 12h; units: {UNITS}.",
)
@click.option(
    "--batches",
    "with_batches",
    is_flag=True,
    help="Whole batches too that were finished or cancelled before that time.",
)
@click.option(
    "--also-reviewed",
    is_flag=True,
    help="Readings and batches too that people corrected, corrections included.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be deleted; delete nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@pass_app
def command(
    app: App,
    older_than: float,
    with_batches: bool,
    also_reviewed: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Delete old readings that are not current, or whole old batches.

    A page that was read again keeps its earlier readings; this deletes those. The current reading
    of a page is never deleted, nor one that people corrected, unless --also-reviewed is given. With
    --batches whole batches go, with all that was read; a document that another batch links to goes
    over to that one. Deleted in small steps, beside a busy queue. The files are not touched.

    \b
    Example:  ocrq prune --older-than 90d --dry-run
    """
    with open_database(app.settings) as db:
        with db.read() as conn:
            before = db.now(conn) - time_span(older_than)
        doomed, kept = (
            old_batches(db, before, also_reviewed=also_reviewed) if with_batches else ([], [])
        )
        ids = [batch_id for batch_id, _ in doomed]
        planned = plan_pruning(db, before, ids, also_reviewed=also_reviewed)
        planned.kept_reviewed += len(kept)
        for _, name in doomed[:_NAMED]:
            click.echo(f"batch: {show_text(name)}", err=True)
        if len(doomed) > _NAMED:
            click.echo(
                f"... and {count_of(len(doomed) - _NAMED, 'more batch', 'more batches')}", err=True
            )
        if not dry_run and (planned.readings or planned.batches):
            _ask(planned, yes)
        counts = planned
        if not dry_run:
            with ProgressDisplay("characters deleted") as display:

                def show(done: PruneCounts) -> None:
                    display.show(done.characters, planned.characters, "")

                counts = prune_readings(db, before, also_reviewed=also_reviewed, on_progress=show)
                for batch_id in ids:
                    counts.add(prune_batch(db, batch_id, show, ids))
            counts.kept_reviewed = planned.kept_reviewed
            counts.partitions = drop_empty_partitions(db)
    if as_json:
        print_json({**to_json(counts), "before": to_json(before), "dry_run": dry_run})
        return
    verb = "would be deleted" if dry_run else "deleted"
    click.echo(f"{_sentence(counts)} {verb} (older than {show_time(before)})")
    if counts.kept_reviewed:
        what = count_of(counts.kept_reviewed - len(kept), "reading")
        if kept:
            what += f" and {count_of(len(kept), 'batch', 'batches')}"
        click.echo(f"kept: {what} with corrections (--also-reviewed)", err=True)
    if counts.inherited:
        click.echo(
            f"{count_of(counts.inherited, 'document')} go over to batches that link to them",
            err=True,
        )


def _ask(planned: PruneCounts, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            f"{_sentence(planned)} would be deleted; give --yes to do it, --dry-run to look only"
        )
    click.confirm(f"Delete {_sentence(planned)}?", abort=True, err=True)


def _sentence(counts: PruneCounts) -> str:
    size = counts.characters * _BYTES_A_CHARACTER / 1e6
    parts = [
        f"{count_of(counts.readings, 'reading')} with {count_of(counts.characters, 'character')}"
        f" (about {size:,.0f} MB)"
    ]
    if counts.batches:
        parts.append(
            f"{count_of(counts.batches, 'batch', 'batches')} with"
            f" {count_of(counts.documents, 'document')} and {count_of(counts.pages, 'page')}"
        )
    return ", ".join(parts)
