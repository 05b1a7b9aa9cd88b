"""`ocrq retry`: queue failed pages again."""

from __future__ import annotations

import shlex

import click

from cli.app import App, pass_app
from cli.display import count_of, print_json, show_text
from cli.duration import UNITS, Duration
from cli.filters import check_names, document_filter, join_counts, page_filter, time_span
from cli.settings_database import open_database
from ocrq.error_codes import ERROR_CODES
from ocrq.errors import UsageError
from ocrq.types import PageState
from store.batches import resolve_batch
from store.database import Database
from store.page_choice import check_documents, check_pages
from store.retrying import RETRYABLE, RetryFilter, given_up, retry_pages
from store.ringing import count_slots
from worker.enqueue import ring


@click.command("retry")
@click.argument("batch", required=False)
@click.option("--all", "is_all", is_flag=True, help="The failed pages of all batches.")
@click.option(
    "--state",
    type=click.Choice([state.value for state in RETRYABLE]),
    help="Only failed, or only quarantined pages.  [default: both]",
)
@click.option(
    "--error-code",
    "--code",
    "error_codes",
    multiple=True,
    metavar="CODE",
    help="Only pages with this error code; may be given more than once.",
)
@click.option(
    "--engine",
    "engines",
    multiple=True,
    metavar="NAME",
    help="Only pages of batches that this engine reads; may be given more than once.",
)
@document_filter
@page_filter
@click.option(
    "--older-than",
    type=Duration(),
    metavar="DURATION",
    help="Only pages that were begun for the last time before so long, such as 2h or 7d; "
    f"units: {UNITS}.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be queued; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@pass_app
def command(
    app: App,
    batch: str | None,
    is_all: bool,
    state: str | None,
    error_codes: tuple[str, ...],
    engines: tuple[str, ...],
    documents: tuple[str, ...],
    page_ids: tuple[int, ...],
    older_than: float | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Queue failed pages again.

    For pages whose cause is gone: a disk that was away, a limit that was raised, a newer ocrq. Each
    page gets all its attempts anew. A page that can never be read fails again, which does no harm.
    Filters are joined by "and"; one that names what does not exist is an error and changes nothing.
    Workers read the pages; with `ocrq run --batch BATCH PATH...` no other worker is needed.

    \b
    Example:  ocrq retry scans-20261120-1 --error-code deadline
              ocrq retry --all --state failed --older-than 1h --dry-run
    """
    if bool(batch) + is_all + bool(page_ids and not batch) != 1:
        raise UsageError("name a BATCH, or --page PAGE, or --all for the pages of all batches")
    with open_database(app.settings) as db:
        found = resolve_batch(db, batch) if batch else None
        if found is not None and found.cancelled_at is not None:
            raise UsageError(
                f"batch {found.name!r} was cancelled and is read no more; submit its scans again"
                " under another name"
            )
        chosen = RetryFilter(
            batch_id=found.id if found else None,
            states=[PageState(state)] if state else RETRYABLE,
            error_codes=error_codes,
            page_ids=page_ids,
            engines=engines,
            documents=documents,
            older_than=None if older_than is None else time_span(older_than),
        )
        _check(db, chosen)
        counts = retry_pages(db, chosen, dry_run=dry_run)
        children = count_slots(db)
    if page_ids and not counts.pages:
        click.echo(
            "none of these pages is failed or quarantined in a batch that goes on, and fits the"
            " other filters; `ocrq failures` lists those that are",
            err=True,
        )
    if not dry_run:
        ring(app.settings, counts.pages, children)
    if as_json:
        print_json(
            {
                "batch": found.name if found else None,
                "queued": counts.pages,
                "error_codes": dict(counts.codes),
                "dry_run": dry_run,
            }
        )
        return
    where = f"{show_text(found.name)}: " if found else ""
    verb = "would be queued again" if dry_run else "queued again"
    why = f" ({join_counts(list(counts.codes.items()))})" if counts.codes else ""
    click.echo(f"{where}{count_of(counts.pages, 'page')} {verb}{why}")
    if counts.pages and found and not dry_run:
        click.echo(f"Look next: ocrq status {shlex.quote(found.name)} --watch", err=True)


def _check(db: Database, chosen: RetryFilter) -> None:
    """Tell a typo from "there is none just now"."""
    there = given_up(db, chosen.batch_id)
    check_names("error code", chosen.error_codes, ERROR_CODES | there.codes.keys())
    if chosen.engines:
        check_names("engine", chosen.engines, there.engines, where=" in these batches")
    check_documents(db, chosen.batch_id, chosen.documents)
    check_pages(db, chosen.batch_id, chosen.page_ids)
