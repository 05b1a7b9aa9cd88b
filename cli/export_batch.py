"""A batch's documents, one after the other, through the formats and into a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from cli.export_folder import ExportFolder
from cli.export_job import ExportJob
from cli.export_scans import check_no_scan_is_replaced
from cli.export_summary import ExportSummary
from export.document import TextStyle
from export.formats import FORMATS, Format
from export.names import ExportName, export_names, newest_names
from ocrq.config import Settings
from store.batches import Batch
from store.database import Database
from store.old_versions import REPLACED
from store.readings import StoredDocument, iter_documents

_ONE = range(1, 2)  # numbers of the pages of a document whose files are not by page


def export_batch(
    db: Database,
    batch: Batch,
    settings: Settings,
    *,
    formats: Sequence[str],
    folder: Path,
    raw: bool = False,
    force: bool = False,
    all_versions: bool = False,
    style: TextStyle = TextStyle(),  # noqa: B008 (frozen)
    on_document: Callable[[int, int], None] = lambda done, total: None,
) -> ExportSummary:
    """Write every document of a batch in every format.

    Args:
        db: where the readings are.
        batch: the batch.
        settings: where this host mounts scans, and what may be decoded, for PDF.
        formats: names in `export.formats.FORMATS`.
        folder: where the files go.
        raw: without corrections.
        force: replace files that are not ocrq's.
        all_versions: of a file that was scanned again, the older documents, too.
        style: of plain text.
        on_document: called with the number of documents written so far, and of all.

    Raises:
        UsageError: a file would replace one that is not ocrq's, or (also with `force`) a scan;
            nothing is written then.
        StoreError: the folder cannot be written.
    """
    target = ExportFolder(folder, batch=batch.name, force=force)
    # Of each document only what its files' names need: a batch may have a million.
    found = [
        (document.path, _page_numbers(document), _is_set_aside(document))
        for document in iter_documents(db, batch.id)
    ]
    paths = [path for path, _, _ in found]
    versions: Iterable[ExportName | None]
    versions = export_names(paths) if all_versions else newest_names(paths)
    names = [None if aside else n for n, (_, _, aside) in zip(versions, found, strict=True)]
    chosen = [FORMATS[name] for name in formats]
    planned = (
        (file_name, os.fsdecode(path))
        for (path, numbers, _), name in zip(found, names, strict=True)
        if name is not None
        for form in chosen
        for file_name in _file_names(form, name, numbers)
    )
    shown = [form for form in chosen if form.needs_scan]
    files = (n for name in names if name for form in shown for n in _file_names(form, name, _ONE))
    check_no_scan_is_replaced(settings, (folder / name for name in files), paths)
    job = ExportJob(db, batch, settings, target, chosen, raw=raw, style=style)
    superseded: list[bytes] = []
    set_aside: list[bytes] = []
    count = 0
    with target.promised(planned):
        # Documents that were appended meanwhile are left for the next export.
        for count, (document, name) in enumerate(
            zip(iter_documents(db, batch.id), names, strict=False), start=1
        ):
            if name is None:
                (set_aside if _is_set_aside(document) else superseded).append(document.path)
                continue
            job.write(document, name)
            on_document(count, len(names))
    return ExportSummary(
        folder=str(folder),
        documents=count - len(superseded) - len(set_aside),
        files=job.files,
        pages=job.pages,
        missing=tuple(job.missing),
        unread=tuple(job.unread),
        superseded=tuple(superseded),
        set_aside=tuple(set_aside),
        renamed=tuple(
            (path, name.stem)
            for path, name in zip(paths, names, strict=True)
            if name is not None and name.is_renamed
        ),
        lost_scans=tuple(job.lost_scans),
        removed=tuple(job.removed),
    )


def _is_set_aside(document: StoredDocument) -> bool:
    """Whether nothing of it was read, and others of the batch stand for it: nobody misses it."""
    return bool(document.pages) and all(page.error_code == REPLACED for page in document.pages)


def _page_numbers(document: StoredDocument) -> range:
    return range(1, len(document.pages) + 1)


def _file_names(form: Format, name: ExportName, numbers: range) -> Iterator[str]:
    stem = os.fsdecode(name.stem)
    for number in numbers if form.is_per_page else _ONE:
        yield form.file_name(stem, number, len(numbers))
