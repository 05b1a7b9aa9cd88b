from __future__ import annotations

import dataclasses

import pytest

from store.database import Database
from store.totals import batch_totals
from tests.queueing import finish, make_batch, make_document, take
from tests.readings import make_result


def test_totals_add_up_the_current_readings_of_a_batch(database: Database) -> None:
    batch = make_batch(database, make_document("a.tif", pages=4))
    other = make_batch(database, make_document("b.tif", mtime_ns=2))
    finish(database, take(database, batch), make_result("four", doubts={(0, 0): 0.6}))
    finish(database, take(database, batch), make_result("six\nsix"))
    finish(database, take(database, batch), make_result(""))
    finish(database, take(database, other), "not of this batch")
    totals = batch_totals(database, batch.id)
    assert (totals.pages, totals.blank_pages) == (3, 1)
    assert (totals.characters, totals.doubtful) == (10, 1)
    assert totals.confidence == pytest.approx(0.96)
    assert (totals.blurred_pages, totals.low_dpi_pages) == (0, 0)


def test_totals_count_what_the_quality_gate_flagged(database: Database) -> None:
    batch = make_batch(database, make_document("a.tif", pages=2))
    for flags in (("too_blurred", "dpi_too_low"), ("dpi_too_low",)):
        result = make_result("text")
        quality = dataclasses.replace(result.quality, flags=flags)
        finish(database, take(database, batch), dataclasses.replace(result, quality=quality))
    totals = batch_totals(database, batch.id)
    assert (totals.blurred_pages, totals.low_dpi_pages) == (1, 2)


def test_a_batch_without_readings_has_no_mean(database: Database) -> None:
    totals = batch_totals(database, make_batch(database, pages=1).id)
    assert (totals.pages, totals.characters, totals.confidence) == (0, 0, None)
