"""One document after the other into its files, and what is to be said about each."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack

from cli.export_folder import ExportFolder
from cli.export_scans import Pictures, scan_pictures
from cli.export_summary import LostScan, MissingPage
from export.document import ExportDocument, ExportPage, TextStyle, correct_page
from export.formats import Format
from export.names import ExportName
from ocrq.config import Settings
from ocrq.errors import PageError
from store.batches import Batch
from store.database import Database
from store.old_versions import REPLACED
from store.readings import StoredDocument, StoredPage, load_reading

#: A document up to this size is read once for all formats; a longer one once for each, so that
#: memory stays bounded.
_MAX_HELD_PAGES = 16


class ExportJob:
    """Writes documents and keeps what is to be said about them."""

    def __init__(
        self,
        db: Database,
        batch: Batch,
        settings: Settings,
        target: ExportFolder,
        formats: Sequence[Format],
        *,
        raw: bool,
        style: TextStyle,
    ) -> None:
        self._db, self._batch, self._settings = db, batch, settings
        self._target, self._formats = target, formats
        self._raw, self._style = raw, style
        self.files = self.pages = 0
        self.missing: list[MissingPage] = []
        self.unread: list[bytes] = []
        self.lost_scans: list[LostScan] = []
        self.removed: list[str] = []

    def write(self, document: StoredDocument, name: ExportName) -> None:
        """Write a document in every format."""
        lost = [_missing(document, page) for page in document.pages if not _is_read(page)]
        self.pages += len(document.pages) - len(lost)
        self.missing += [page for page in lost if page.error_code != REPLACED]
        held = len(document.pages) <= _MAX_HELD_PAGES
        read = tuple(self._pages(document)) if held else None
        is_unread = bool(document.pages) and len(lost) == len(document.pages)
        if is_unread:
            self.unread.append(document.path)
        for form in self._formats:
            if is_unread and not form.tells_why:
                continue  # an empty file would look like a blank page
            pages = self._pages(document) if read is None else read
            if form.is_per_page:
                self._write_pages(form, document, name, pages)
            elif form.needs_scan:
                self._write_with_scan(form, document, name, pages)
            else:
                self._write_file(form, document, name, pages, [page.number for page in lost])

    def _write_pages(
        self, form: Format, document: StoredDocument, name: ExportName, pages: Iterable[ExportPage]
    ) -> None:
        for page in pages:
            missing = [] if page.result is not None else [page.number]
            self._write_file(form, document, name, [page], missing, page.number)
        stale = form.names_of_more_pages(os.fsdecode(name.stem), len(document.pages))
        self.removed += self._target.remove_stale(stale, _path(document))

    def _write_with_scan(
        self, form: Format, document: StoredDocument, name: ExportName, pages: Iterable[ExportPage]
    ) -> None:
        missing = [page.number for page in document.pages if not _is_read(page)]
        try:
            with ExitStack() as stack:
                pictures = stack.enter_context(scan_pictures(self._settings, document))
                self._write_file(form, document, name, pages, missing, pictures=pictures)
        except PageError as exc:
            self.lost_scans.append(
                LostScan(path=document.path, error_code=exc.code, error=str(exc))
            )

    def _write_file(
        self,
        form: Format,
        document: StoredDocument,
        name: ExportName,
        pages: Iterable[ExportPage],
        missing_pages: Sequence[int],
        page_number: int = 1,
        pictures: Pictures | None = None,
    ) -> None:
        exported = ExportDocument(
            batch=self._batch.name,
            path=document.path,
            pages=pages,
            style=self._style,
            page_count=len(document.pages),
            sha256=document.sha256,
            submitted_at=self._batch.created_at,
            picture=pictures,
        )
        stem = os.fsdecode(name.stem)
        self._target.write(
            form.file_name(stem, page_number, len(document.pages)),
            form.write(exported),
            document=_path(document),
            missing_pages=missing_pages,
        )
        self.files += 1

    def _pages(self, document: StoredDocument) -> Iterator[ExportPage]:
        for page in document.pages:
            stored = load_reading(self._db, page.page_id) if _is_read(page) else None
            if stored is None:
                yield ExportPage(
                    page_id=page.page_id,
                    number=page.number,
                    state=page.state,
                    error_code=page.error_code,
                    error=page.error,
                )
                continue
            corrected = {} if self._raw else stored.corrected
            result, machine_text = correct_page(stored.result, corrected)
            yield ExportPage(
                page_id=page.page_id,
                number=page.number,
                state=page.state,
                reading_id=stored.reading_id,
                result=result,
                machine_text=machine_text,
                options=stored.options,
                read_at=stored.read_at,
            )


def _path(document: StoredDocument) -> str:
    return os.fsdecode(document.path)


def _is_read(page: StoredPage) -> bool:
    return page.reading_id is not None


def _missing(document: StoredDocument, page: StoredPage) -> MissingPage:
    return MissingPage(
        path=document.path,
        number=page.number,
        state=page.state,
        error_code=page.error_code,
        error=page.error,
    )
