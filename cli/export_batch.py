"""A batch's documents, one after the other, through the formats and into a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.export_folder import ExportFolder
from export.document import ExportDocument, ExportPage, TextStyle, correct_page
from export.formats import FORMATS
from export.names import ExportName, export_names, newest_names
from store.batches import Batch
from store.database import Database
from store.old_versions import REPLACED
from store.readings import StoredDocument, StoredPage, iter_documents, load_reading

#: A document up to this size is read once for all formats; a longer one once for each, so that
#: memory stays bounded.
_MAX_HELD_PAGES = 16
#: Formats that hold the state and the error of a page without a reading.
_TELLS_WHY = frozenset({"json"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPage:
    """A page that the export does not hold, and why."""

    path: bytes
    number: int
    state: str
    error_code: str | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSummary:
    """What an export wrote."""

    folder: str
    documents: int
    files: int
    pages: int
    missing: tuple[MissingPage, ...]
    renamed: tuple[tuple[bytes, bytes], ...]  # (path of the scan, stem of its files)
    unread: tuple[bytes, ...]  # documents without any reading: no file but JSON, which says why
    superseded: tuple[bytes, ...]  # documents left out: a newer scan of the same file is there
    set_aside: tuple[bytes, ...]  # left out: unread, and the file or a folder's files came later


def export_batch(
    db: Database,
    batch: Batch,
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
        formats: names in `export.formats.FORMATS`.
        folder: where the files go.
        raw: without corrections.
        force: replace files that are not ocrq's.
        all_versions: of a file that was scanned again, the older documents, too.
        style: of plain text.
        on_document: called with the number of documents written so far, and of all.

    Raises:
        UsageError: a file would replace one that is not ocrq's; nothing is written then.
        StoreError: the folder cannot be written.
    """
    target = ExportFolder(folder, batch=batch.name, force=force)
    found = [(document.path, _is_set_aside(document)) for document in iter_documents(db, batch.id)]
    paths = [path for path, _ in found]
    versions: Iterable[ExportName | None]
    versions = export_names(paths) if all_versions else newest_names(paths)
    names = [None if aside else n for n, (_, aside) in zip(versions, found, strict=True)]
    planned = (
        (_file_name(name, extension), os.fsdecode(path))
        for path, name in zip(paths, names, strict=True)
        if name is not None
        for extension in formats
    )
    pages, missing, unread = 0, [], []
    superseded: list[bytes] = []
    set_aside: list[bytes] = []
    count, files = 0, 0
    with target.promised(planned):
        # Documents that were appended meanwhile are left for the next export.
        for count, (document, name) in enumerate(
            zip(iter_documents(db, batch.id), names, strict=False), start=1
        ):
            if name is None:
                (set_aside if _is_set_aside(document) else superseded).append(document.path)
                continue
            lost = [_missing(document, page) for page in document.pages if not _is_read(page)]
            pages += len(document.pages) - len(lost)
            missing += [page for page in lost if page.error_code != REPLACED]
            held = len(document.pages) <= _MAX_HELD_PAGES
            read = tuple(_pages(db, document, raw)) if held else None
            is_unread = bool(document.pages) and len(lost) == len(document.pages)
            if is_unread:
                unread.append(document.path)
            for extension in formats:
                if is_unread and extension not in _TELLS_WHY:
                    continue  # an empty file would look like a blank page
                files += 1
                exported = ExportDocument(
                    batch=batch.name,
                    path=document.path,
                    pages=_pages(db, document, raw) if read is None else read,
                    style=style,
                )
                target.write(
                    _file_name(name, extension),
                    FORMATS[extension](exported),
                    document=os.fsdecode(document.path),
                    missing_pages=[page.number for page in lost],
                )
            on_document(count, len(names))
    return ExportSummary(
        folder=str(folder),
        documents=count - len(superseded) - len(set_aside),
        files=files,
        pages=pages,
        missing=tuple(missing),
        unread=tuple(unread),
        superseded=tuple(superseded),
        set_aside=tuple(set_aside),
        renamed=tuple(
            (path, name.stem)
            for path, name in zip(paths, names, strict=True)
            if name is not None and name.is_renamed
        ),
    )


def _file_name(name: ExportName, extension: str) -> str:
    return f"{os.fsdecode(name.stem)}.{extension}"


def _is_read(page: StoredPage) -> bool:
    return page.reading_id is not None


def _is_set_aside(document: StoredDocument) -> bool:
    """Whether nothing of it was read, and others of the batch stand for it: nobody misses it."""
    return bool(document.pages) and all(page.error_code == REPLACED for page in document.pages)


def _missing(document: StoredDocument, page: StoredPage) -> MissingPage:
    return MissingPage(
        path=document.path,
        number=page.number,
        state=page.state,
        error_code=page.error_code,
        error=page.error,
    )


def _pages(db: Database, document: StoredDocument, raw: bool) -> Iterator[ExportPage]:
    for page in document.pages:
        stored = load_reading(db, page.page_id) if _is_read(page) else None
        if stored is None:
            yield ExportPage(
                page_id=page.page_id,
                number=page.number,
                state=page.state,
                error_code=page.error_code,
                error=page.error,
            )
            continue
        result, machine_text = correct_page(stored.result, {} if raw else stored.corrected)
        yield ExportPage(
            page_id=page.page_id,
            number=page.number,
            state=page.state,
            reading_id=stored.reading_id,
            result=result,
            machine_text=machine_text,
        )
