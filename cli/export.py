"""`ocrq export`: files for people and programs from what a batch's pages say."""

from __future__ import annotations

from pathlib import Path

import click

from cli.app import App, pass_app
from cli.display import count_of, print_json, show_path, show_text
from cli.export_batch import export_batch
from cli.export_summary import ExportSummary
from cli.progress import ProgressDisplay
from cli.settings_database import open_database
from export.document import TextStyle
from export.formats import FORMATS
from ocrq.errors import ExitCode
from store.batches import resolve_batch

_NAMED = 20  # pages or files that are listed; --json has them all


@click.command("export")
@click.argument("batch")
@click.option(
    "--format",
    "formats",
    type=click.Choice(list(FORMATS)),
    multiple=True,
    default=("txt",),
    show_default=True,
    help="May be given more than once.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for the files; made when it does not exist.",
)
@click.option("--raw", is_flag=True, help="What the machine read, without corrections.")
@click.option(
    "--hyphens",
    type=click.Choice(["keep", "join"]),
    default="keep",
    show_default=True,
    help="Words divided at the end of a line, in txt: as they stand, or whole.",
)
@click.option(
    "--long-s",
    type=click.Choice(["keep", "round"]),
    default="keep",
    show_default=True,
    help="The ſ of old print, in txt and pdf: as it stands, or as s.",
)
@click.option("--picture-text", is_flag=True, help="Words in pictures, too, in txt and pdf.")
@click.option(
    "--all-versions", is_flag=True, help="Of a file that was scanned again, the older scans, too."
)
@click.option("--force", is_flag=True, help="Replace files that ocrq did not write.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@pass_app
def command(
    app: App,
    batch: str,
    formats: tuple[str, ...],
    output: Path,
    raw: bool,
    hyphens: str,
    long_s: str,
    picture_text: bool,
    all_versions: bool,
    force: bool,
    as_json: bool,
) -> int:
    """Write a batch's text or characters into files.

    One file a document, named after the scan: txt (reading order, an empty line between
    paragraphs, a form feed between pages), json (everything, with boxes and alternatives), csv
    (a row a character), hocr (hOCR 1.2) or pdf (the scan with invisible text, to be searched; the
    scans must still be there). alto (ALTO 4.4) and page (PAGE XML 2019) are a file a page, as
    archives want them. Corrections are applied. Pages that are not read (yet) are named, and the
    exit code is 1 then. An earlier export of the same scans is renewed, and a file that was
    scanned again has its newest text.

    \b
    Example:  ocrq export scans-20261120-1 --format txt --output ./text
              ocrq export scans-20261120-1 --format alto --format pdf --output ./archive
    """
    with open_database(app.settings) as db:
        found = resolve_batch(db, batch)
        with ProgressDisplay("documents") as display:
            summary = export_batch(
                db,
                found,
                app.settings,
                formats=tuple(dict.fromkeys(formats)),
                folder=output,
                raw=raw,
                force=force,
                all_versions=all_versions,
                style=TextStyle(
                    join_hyphens=hyphens == "join",
                    round_s=long_s == "round",
                    with_picture_text=picture_text,
                ),
                on_document=lambda done, total: display.show(done, total, ""),
            )
    if as_json:
        print_json(summary)
    else:
        click.echo(export_sentence(summary))
    report_names(summary)
    _report_missing(summary)
    report_unread(summary)
    report_lost_scans(summary)
    return ExitCode.DONE if summary.is_whole else ExitCode.SOME_PAGES_FAILED


def export_sentence(summary: ExportSummary) -> str:
    """What was written, for the end of `export` and `run`."""
    return (
        f"{count_of(summary.files, 'file')} from {count_of(summary.pages, 'page')} of "
        f"{count_of(summary.documents, 'document')} in {show_path(summary.folder)}"
    )


def report_names(summary: ExportSummary) -> None:
    """Say on stderr which files don't have the name of their scan, and which scans have no file."""
    for path in summary.superseded[:_NAMED]:
        click.echo(
            f"left out: {show_path(path)}, superseded by a newer scan of the same file"
            " (ocrq export --all-versions has both)",
            err=True,
        )
    _rest(len(summary.superseded), "superseded scan")
    for path in summary.set_aside[:_NAMED]:
        click.echo(f"left out: {show_path(path)}, could not be read and came again later", err=True)
    _rest(len(summary.set_aside), "unread scan")
    for path, stem in summary.renamed[:_NAMED]:
        click.echo(f"renamed: {show_path(path)} -> {show_path(stem)}", err=True)
    _rest(len(summary.renamed), "renamed file")
    for name in summary.removed[:_NAMED]:
        click.echo(f"removed: {show_path(name)}, of a page that its scan has no more", err=True)
    _rest(len(summary.removed), "removed file")


def report_unread(summary: ExportSummary) -> None:
    """Say on stderr which documents have no text file, for none of their pages has a reading."""
    for path in summary.unread[:_NAMED]:
        click.echo(f"no text: {show_path(path)}, none of its pages has a reading", err=True)
    _rest(len(summary.unread), "document without text")


def report_lost_scans(summary: ExportSummary) -> None:
    """Say on stderr which documents have no PDF, because their scans cannot be shown."""
    for lost in summary.lost_scans[:_NAMED]:
        click.echo(
            f"no pdf: {show_path(lost.path)}, which it shows ({show_text(lost.error)}); put the"
            " scan that was read back to its place (OCRQ_PATH_MAP where it is mounted elsewhere),"
            " and export again",
            err=True,
        )
    _rest(len(summary.lost_scans), "document without PDF")


def _report_missing(summary: ExportSummary) -> None:
    for page in summary.missing[:_NAMED]:
        reason = f"{page.error_code}: {page.error}" if page.error_code else page.error or ""
        click.echo(
            f"missing: {show_path(page.path)} page {page.number} is {page.state}"
            + (f" ({show_text(reason)})" if reason else ""),
            err=True,
        )
    _rest(len(summary.missing), "missing page")


def _rest(number: int, noun: str) -> None:
    if number > _NAMED:
        click.echo(f"... and {count_of(number - _NAMED, 'more ' + noun)} (--json)", err=True)
