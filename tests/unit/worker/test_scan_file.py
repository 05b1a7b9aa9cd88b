from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ocrq.errors import ConfigError, PageError
from ocrq.types import PageOptions
from store.leases import Claim
from worker.scan_file import PathMap, check_loaded, check_unchanged


def _claim(path: Path, *, sha256: str | None = None) -> Claim:
    found = path.stat()
    return Claim(
        page_id=1,
        fence=1,
        attempt=1,
        deadline_at=datetime.now(UTC),
        deadline_in_s=1.0,
        path=os.fsencode(path),
        frame=0,
        sha256=sha256,
        size_bytes=found.st_size,
        mtime_ns=found.st_mtime_ns,
        batch_id=1,
        document_id=1,
        number=1,
        options=PageOptions(),
    )


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "scan.png"
    path.write_bytes(b"first content")
    return path


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_untouched_file_passes_without_being_read(scan: Path) -> None:
    check_unchanged(_claim(scan, sha256="not its hash"), str(scan))


def test_a_copy_with_another_time_passes_by_its_hash(scan: Path) -> None:
    claim = _claim(scan, sha256=_hash(scan))
    os.utime(scan, ns=(1, 1))
    check_unchanged(claim, str(scan))


def test_a_file_that_went_after_it_was_loaded_was_not_replaced(scan: Path) -> None:
    claim = _claim(scan, sha256=_hash(scan))
    check_loaded(claim, str(scan))
    scan.unlink()
    check_loaded(claim, str(scan))
    scan.write_bytes(b"other content")
    os.utime(scan, ns=(1, 1))
    with pytest.raises(PageError, match="changed"):
        check_loaded(claim, str(scan))


@pytest.mark.parametrize("content", [b"other content", b"longer than it was"])
def test_other_content_is_changed(scan: Path, content: bytes) -> None:
    claim = _claim(scan, sha256=_hash(scan))
    scan.write_bytes(content)
    os.utime(scan, ns=(1, 1))
    with pytest.raises(PageError) as caught:
        check_unchanged(claim, str(scan))
    assert caught.value.code == "changed"


def test_another_time_without_a_hash_is_changed(scan: Path) -> None:
    claim = _claim(scan)
    os.utime(scan, ns=(1, 1))
    with pytest.raises(PageError, match="changed"):
        check_unchanged(claim, str(scan))


def test_a_missing_file_is_vanished_and_a_missing_folder_is_the_storage(scan: Path) -> None:
    claim = _claim(scan)
    scan.unlink()
    with pytest.raises(PageError) as caught:
        check_unchanged(claim, str(scan))
    assert caught.value.code == "vanished"
    scan.parent.rmdir()
    with pytest.raises(FileNotFoundError):
        check_unchanged(claim, str(scan))


def test_the_longest_folder_of_a_path_map_wins() -> None:
    paths = PathMap.parse("/scans=/a; /scans/old=/b ;")
    assert paths.apply(b"/scans/new/1.tif") == b"/a/new/1.tif"
    assert paths.apply(b"/scans/old/1.tif") == b"/b/1.tif"
    assert paths.apply(b"/scans/caf\xe9.tif") == b"/a/caf\xe9.tif"
    assert paths.apply(b"/elsewhere/1.tif") == b"/elsewhere/1.tif"


@pytest.mark.parametrize("text", ["/a", "a=/b", "/a=b", "="])
def test_a_wrong_path_map_is_named(text: str) -> None:
    with pytest.raises(ConfigError, match="OCRQ_PATH_MAP"):
        PathMap.parse(text)
