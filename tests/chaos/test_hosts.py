"""Two hosts with clocks minutes apart; one loses the database while it reads, and comes back."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from sqlalchemy import select

from store.database import Database
from store.result_tables import readings
from store.schema import pages
from tests.chaos.hosts import Host, can_make_namespaces, namespace_host, proxied_host
from tests.e2e.harness import (
    Stack,
    assert_read_exactly_once,
    draw_scans,
    states,
    wait_until_finished,
    worker_environment,
)
from tests.services import wait_for

pytestmark = [pytest.mark.worker, pytest.mark.postgres]

_SETTINGS = {"OCRQ_LEASE_S": "3", "OCRQ_HEARTBEAT_S": "0.5", "OCRQ_MAX_KILLS": "3"}


def _two_hosts(cut: str, url: str, folder: Path, stack: contextlib.ExitStack) -> tuple[Host, Host]:
    if cut == "cable pulled":
        if not can_make_namespaces():
            pytest.skip("no network namespaces can be made here (needs root); a frozen line is cut")
        make = [
            namespace_host(name, number, url, folder, clock_s)
            for number, (name, clock_s) in enumerate((("east", 300.0), ("west", -420.0)))
        ]
    else:
        make = [
            proxied_host(name, url, folder, clock_s)
            for name, clock_s in (("east", 300.0), ("west", -420.0))
        ]
    east, west = (stack.enter_context(host) for host in make)
    return east, west


@pytest.mark.parametrize("cut", ["cable pulled", "line frozen"])
def test_a_host_that_was_cut_off_is_fenced_off_and_works_again_later(
    postgres_url: str, tmp_path: Path, cut: str
) -> None:
    env = worker_environment("unused", "memory://", tmp_path / "home") | _SETTINGS
    db = Database.open(postgres_url)
    submitting = Stack(env=env | {"OCRQ_DATABASE_URL": postgres_url}, database=db)
    log = {name: tmp_path / f"{name}.log" for name in ("east", "west")}

    def one(query: object) -> object:
        with db.read() as conn:
            return conn.execute(query).scalar()  # type: ignore[call-overload]

    with contextlib.ExitStack() as stack:
        stack.callback(db.close)
        stack.callback(lambda: [print(p.read_text()) for p in log.values() if p.exists()])  # noqa: T201
        east, west = _two_hosts(cut, postgres_url, tmp_path, stack)
        first = submitting.submit(draw_scans(tmp_path / "first", 1), "gated").batch_id
        assert first is not None
        eastern = east.start_worker(env, "gated", 1, log["east"])
        stack.callback(eastern.kill)
        wait_for("the eastern host reads the page", lambda: states(db, first) == {"leased": 1}, 60)
        fence, owner = one(select(pages.c.fence)), str(one(select(pages.c.owner)))

        east.cut_off()
        submitting.open_gate()
        western = west.start_worker(env, "gated", 1, log["west"])
        stack.callback(western.kill)
        wait_until_finished(db, first)
        reader = str(one(select(readings.c.worker)))
        assert reader.partition("/")[0] != owner.partition("/")[0]
        assert int(str(one(select(pages.c.fence)))) > int(str(fence))
        western.terminate()
        assert western.wait(60) == 0

        east.reconnect()
        wait_for(
            "the eastern host learns that the page is not its own",
            lambda: (
                "no longer ours" in log["east"].read_text()
                or "given to another worker" in log["east"].read_text()
            ),
            60,
        )
        second = submitting.submit(
            draw_scans(tmp_path / "second", 2, name="second"), "fake"
        ).batch_id
        assert second is not None
        wait_until_finished(db, second)
        eastern.terminate()
        assert eastern.wait(60) == 0
        assert states(db, first) == {"done": 1}
        assert states(db, second) == {"done": 2}
        for batch_id in (first, second):
            assert_read_exactly_once(db, batch_id)
        assert one(select(readings.c.worker).where(readings.c.page_id == 1)) == reader
