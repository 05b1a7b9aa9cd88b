"""Pictures of a page and of its parts, as its boxes count; and why there is none."""

from __future__ import annotations

import dataclasses
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from ocrq.config import Settings
from ocrq.types import Box
from review.pictures import Pictures
from store.database import Database
from store.review_lists import read_scan


def _gray(data: bytes) -> npt.NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"))


def test_a_part_is_what_its_box_says(client: TestClient, page_id: int) -> None:
    answer = client.get(f"/api/pages/{page_id}/picture?box=100,300,200,400")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"].startswith("private")
    picture = _gray(answer.content)
    assert picture.shape == (100, 100)
    assert picture.max() < 40
    beside = _gray(client.get(f"/api/pages/{page_id}/picture?box=200,300,300,400").content)
    assert beside.min() > 215


def test_a_whole_page_is_no_longer_than_asked(client: TestClient, page_id: int) -> None:
    picture = _gray(client.get(f"/api/pages/{page_id}/picture?longest=300").content)
    assert picture.shape == (300, 200)
    assert picture[35, 15] < 60


def test_a_box_beyond_the_page_shows_paper(client: TestClient, page_id: int) -> None:
    answer = client.get(f"/api/pages/{page_id}/picture?box=5000,5000,5010,5010")
    assert _gray(answer.content).min() > 250


@pytest.mark.parametrize("rotation_deg", [90, 180, 270])
def test_a_page_that_lay_on_its_side_is_shown_upright(
    db: Database, page_id: int, scan: Path, rotation_deg: int
) -> None:
    sideways = np.rot90(np.asarray(Image.open(scan)), rotation_deg // 90)
    Image.fromarray(np.ascontiguousarray(sideways)).save(scan)
    found = scan.stat()
    turned = dataclasses.replace(
        read_scan(db, page_id),
        rotation_deg=rotation_deg,
        size_bytes=found.st_size,
        mtime_ns=found.st_mtime_ns,
    )
    data, _ = Pictures(Settings()).part(turned, Box(x0_px=100, y0_px=300, x1_px=200, y1_px=400), 99)
    assert _gray(data).max() < 40


def test_a_scan_that_loads_in_another_size_is_shown_as_it_was_read(
    db: Database, page_id: int
) -> None:
    half = dataclasses.replace(read_scan(db, page_id), width_px=1000, height_px=1500)
    data, _ = Pictures(Settings()).part(half, Box(x0_px=50, y0_px=150, x1_px=100, y1_px=200), 99)
    assert _gray(data).max() < 40


def test_a_scan_that_is_gone_or_another_says_so(
    client: TestClient, page_id: int, scan: Path
) -> None:
    Image.new("L", (10, 10)).save(scan)
    changed = client.get(f"/api/pages/{page_id}/picture")
    assert (changed.status_code, "was changed after" in changed.text) == (410, True)
    scan.unlink()
    gone = client.get(f"/api/pages/{page_id}/picture")
    assert (gone.status_code, "is not there any more" in gone.text) == (410, True)
    assert client.get(f"/api/pages/{page_id}").status_code == 200  # the text is


def test_storage_that_is_not_mounted_may_come_back(
    client: TestClient, page_id: int, scan: Path
) -> None:
    scan.unlink()
    scan.parent.rmdir()
    answer = client.get(f"/api/pages/{page_id}/picture")
    assert answer.status_code == 503
    assert "storage" in answer.json()["error"]


def test_a_heap_of_pictures_keeps_nobody_from_correcting(client: TestClient, page_id: int) -> None:
    """While pages are loaded, which may take seconds each, everything else is answered."""
    pictures = client.app.state.pictures  # type: ignore[attr-defined]
    path = f"/api/pages/{page_id}/picture"
    with client, ThreadPoolExecutor(50) as pool:  # one event loop for all
        with pictures._loading:
            waiting = [pool.submit(client.get, path) for _ in range(50)]
            assert client.get(f"/api/pages/{page_id}").status_code == 200
            assert not any(each.done() for each in waiting)
        assert {each.result().status_code for each in waiting} == {200}


def test_a_scan_is_found_where_this_host_mounts_it(
    db: Database, page_id: int, scan: Path, tmp_path: Path
) -> None:
    mounted = scan.parent.rename(tmp_path / "mounted")
    pictures = Pictures(Settings(path_map=f"{scan.parent}={mounted}"))
    box = Box(x0_px=100, y0_px=300, x1_px=200, y1_px=400)
    assert _gray(pictures.part(read_scan(db, page_id), box, 99)[0]).max() < 40
