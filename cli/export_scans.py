"""The scans that a searchable PDF shows: still there, and still what was read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cli.display import show_path
from export.document import ExportPage
from ocrq.config import Settings
from ocrq.errors import PageError, UsageError
from store.readings import StoredDocument

if TYPE_CHECKING:  # only a PDF needs imaging
    from pipeline.scans.stored_picture import StoredPicture

Pictures = Callable[[ExportPage], "StoredPicture"]


@contextmanager
def scan_pictures(settings: Settings, document: StoredDocument) -> Iterator[Pictures]:
    """The pictures of a document's pages, by page, best asked for in order.

    Raises:
        PageError: the scan is gone, was changed, or (from the function) a page has no picture any
            more. Trouble of the storage is one, too: what else is exported goes on.
    """
    from pipeline.limits import Limits
    from pipeline.scans.source import open_source
    from pipeline.scans.stored_picture import StoredPictures
    from worker.scan_file import PathMap, check_unchanged

    path = os.fsdecode(PathMap.parse(settings.path_map).apply(document.path))
    limits = Limits.from_settings(settings)
    with _storage():
        check_unchanged(document, path)
        source = open_source(path, limits)
    with source.file:
        pictures = StoredPictures(source, limits)

        def picture(page: ExportPage) -> StoredPicture:
            result = page.result
            # A page whose resolution was a guess was drawn at that of the scan in it.
            dpi = None if result is None or result.dpi_is_estimated else result.dpi
            with _storage():
                return pictures.load(page.number - 1, dpi)

        yield picture


def check_no_scan_is_replaced(
    settings: Settings, files: Iterable[Path], scans: Iterable[bytes]
) -> None:
    """Refuse, whatever was forced, to write `letter.pdf` over the scan `letter.pdf`.

    Args:
        settings: where this host mounts scans.
        files: that are to be written.
        scans: paths of the batch's scans, as submitted.

    Raises:
        UsageError: names the scan.
    """
    there = {_identity(file): file for file in files}
    there.pop(None, None)
    if not there:
        return
    from worker.scan_file import PathMap

    mounted = PathMap.parse(settings.path_map)
    for scan in scans:
        file = there.get(_identity(Path(os.fsdecode(mounted.apply(scan)))))
        if file is not None:
            raise UsageError(
                f"{show_path(str(file))} is a scan of this batch, and would be replaced by its own"
                " PDF; choose another --output"
            )


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


@contextmanager
def _storage() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        reason = exc.strerror or str(exc)
        raise PageError("storage", f"the storage does not deliver it ({reason})") from exc
