"""What `run_batch` does around its worker, which is not started here."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from ocrq.config import Settings
from ocrq.errors import StoreUnavailable
from ocrq.types import PageOptions
from store.database import Database
from tests.drawing import make_page
from worker.intake import SubmitOptions
from worker.run import RunOptions, run_batch

FAKE = PageOptions(engine="tests.engines.fake:make_engine")


def test_an_intake_that_loses_the_database_says_how_to_go_on(
    sqlite_url: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_args: object, **_more: object) -> None:
        raise StoreUnavailable("the database cannot be reached")

    Image.fromarray(make_page("good")).save(tmp_path / "good.png")
    db = Database.open(sqlite_url)
    monkeypatch.setattr("worker.taking.add_documents", lost)
    with pytest.raises(StoreUnavailable, match=r"reached\. What .* with --batch 'my scans'"):
        run_batch(
            db,
            settings,
            [tmp_path / "good.png"],
            RunOptions(submit=SubmitOptions(page=FAKE, batch="my scans")),
            {},
        )
    db.close()


def test_an_error_before_there_is_a_batch_names_none(
    sqlite_url: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_args: object, **_more: object) -> None:
        raise StoreUnavailable("the database cannot be reached")

    db = Database.open(sqlite_url)
    monkeypatch.setattr("worker.intake.open_batch", lost)
    with pytest.raises(StoreUnavailable, match=r"reached$"):
        run_batch(db, settings, [tmp_path], RunOptions(submit=SubmitOptions(page=FAKE)), {})
    db.close()
