"""One run of chaos: pages are fed and corrected while faults strike, then all is judged."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from ocrq.errors import StoreError
from ocrq.types import PageOptions, PageState
from store.corrections import correct_line
from store.progress import list_batches
from store.result_tables import lines
from store.schema import batches, pages
from tests.chaos.holders import Watch
from tests.chaos.injector import Injector
from tests.chaos.invariants import Verdict, judge
from tests.chaos.plan import Fault, plan
from tests.chaos.scans import Press
from tests.chaos.site import LEASE_S, Site
from tests.e2e.harness import engine_name
from tests.engines.mixed import Poison
from tests.services import wait_for
from worker.intake import SubmitOptions, submit

_CALM_S = 600.0
#: On a machine that does ten other things a worker takes half a minute to start.
_STUCK_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StormOptions:
    """How hard and how long."""

    seed: int
    faults: int | None = None  # None: `minutes` decides
    minutes: float | None = None
    workers: int = 2
    documents_in_a_batch: int = 30
    poisoned_in_a_batch: int = 2
    enough_pages: int = 60  # below so many waiting ones more are submitted
    poisons: tuple[Poison, ...] = tuple(p for p in Poison if p is not Poison.NONE)
    only: frozenset[Fault] | None = None


@dataclass(slots=True, kw_only=True)
class Record:
    """What happened."""

    backend: str
    seed: int
    engine: str
    lease_s: float
    elapsed_s: float = 0.0
    faults: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    poison_pages: dict[str, int] = field(default_factory=dict)
    resume_s: dict[str, list[float]] = field(default_factory=dict)  # of each fault, sorted
    supervisors_started_again: int = 0
    batches_of_two_submits: int = 0  # that were at work on them at the same time
    verdict: dict[str, Any] = field(default_factory=dict)

    @property
    def fault_count(self) -> int:
        """Injected faults and poison pages."""
        return sum(self.faults.values()) + sum(self.poison_pages.values())

    @property
    def broken(self) -> list[str]:
        found: list[str] = self.verdict["broken"]
        return found


def storm(
    site: Site, folder: Path, options: StormOptions, say: Callable[[str], None] = lambda _: None
) -> Record:
    """Bring the faults of a seeded plan upon a site and see what is left of it."""
    started_s = time.monotonic()
    rng = random.Random(options.seed)
    press = Press(folder / "scans", random.Random(options.seed + 1), options.poisons)
    watch = Watch(site.db)
    injector = Injector(site, watch, press, rng)
    storm = _Storm(site, press, watch, injector, options)
    watch.start()
    try:
        storm.feed()
        for _ in range(options.workers):
            site.start_worker()
        wait_for("the first pages are done", lambda: watch.done >= 3, 90)
        for step in plan(rng, has_servers=site.redis is not None):
            if options.only is not None and step.fault not in options.only:
                continue
            if storm.is_over(started_s):
                break
            injector.pause(step.pause_s)
            storm.keep_going()
            if injector.strike(step):
                say(f"{sum(injector.struck.values())} {step.fault.value}; {watch.done} done")
            if stuck := [(f.value, s) for f, s in watch.pending if s > _STUCK_S]:
                raise AssertionError(f"work did not go on after {stuck}")
        injector.mend()
        say("calm")
        storm.wait_for_the_end()
    finally:
        watch.stop()
    statuses = site.stop_workers()
    verdict = judge(
        site.db,
        poisoned=press.poisoned,
        gone=injector.gone,
        hits=watch.hits,
        corrected=storm.corrected,
    )
    if any(statuses):
        verdict.broken.append(f"supervisors ended with {statuses}")
    record = _record(site, options, injector, watch, press, verdict, time.monotonic() - started_s)
    record.batches_of_two_submits = storm.shared_batches
    return record


class _Storm:
    def __init__(
        self,
        site: Site,
        press: Press,
        watch: Watch,
        injector: Injector,
        options: StormOptions,
    ) -> None:
        self.corrected: dict[tuple[int, int], str] = {}
        self.shared_batches = 0
        self._site = site
        self._press = press
        self._watch = watch
        self._injector = injector
        self._options = options
        self._unsubmitted: Path | None = None

    def is_over(self, started_s: float) -> bool:
        if self._options.faults is not None:
            struck = sum(self._injector.struck.values()) + len(self._press.poisoned)
            return struck >= self._options.faults
        assert self._options.minutes is not None
        return time.monotonic() - started_s > 60 * self._options.minutes

    def keep_going(self) -> None:
        """Workers that ended are started again, pages do not run out, people correct."""
        self._site.replace_dead_workers()
        try:
            with self._site.db.read() as conn:
                waiting = conn.execute(
                    select(func.count()).select_from(pages).where(pages.c.state == PageState.QUEUED)
                ).scalar_one()
            if waiting < self._options.enough_pages:
                self.feed()
            self._correct()
        except StoreError:
            return

    def feed(self) -> None:
        """Submit another folder, by two at once; what was cut off is submitted again."""
        folder = self._unsubmitted or self._press.draw_batch(
            self._options.documents_in_a_batch, self._options.poisoned_in_a_batch
        )
        self._unsubmitted = folder
        documents = sorted(folder.iterdir())
        half = len(documents) // 2
        engine = engine_name(self._site.engine)
        words = (f"--batch={folder.name}", f"--engine={engine}", "--no-orient")
        other = self._site.stack.ocrq("submit", *documents[:half], *words)
        try:
            submit(
                self._site.db,
                self._site.stack.settings,
                documents[half:],
                SubmitOptions(page=PageOptions(engine=engine, orient=False), batch=folder.name),
            )
        finally:
            _, told = other.communicate()
        if other.returncode:
            raise StoreError(f"a submit ended with {other.returncode}: {told}")
        self.shared_batches += 1
        self._unsubmitted = None

    def _correct(self) -> None:
        """Now and then a person corrects a line that has been read."""
        with self._site.db.read() as conn:
            row = conn.execute(
                select(pages.c.id, pages.c.reading_id)
                .join(lines, (lines.c.reading_id == pages.c.reading_id) & (lines.c.number == 0))
                .where(pages.c.state == PageState.DONE, lines.c.corrected_text.is_(None))
                .order_by(pages.c.id.desc())
                .limit(1)
            ).first()
        if row is None or len(self.corrected) >= self._watch.done / 10:
            return
        text = f"corrected {row.id}"
        correct_line(self._site.db, row.id, 0, text, "chaos")
        self.corrected[row.reading_id, 0] = text

    def wait_for_the_end(self) -> None:
        """No more faults: everything must come to its end by itself."""
        while self._unsubmitted is not None:
            self.feed()

        def is_finished() -> bool:
            self._site.replace_dead_workers()
            try:
                return all(batch.unfinished == 0 for batch in list_batches(self._site.db, 10_000))
            except StoreError:
                return False

        def is_noted() -> bool:
            with self._site.db.read() as conn:
                open_batches = select(func.count()).where(batches.c.finished_at.is_(None))
                return conn.execute(open_batches).scalar_one() == 0

        wait_for("every page has its final state", is_finished, _CALM_S)
        wait_for("every batch is marked as finished", is_noted, 60)


def _record(
    site: Site,
    options: StormOptions,
    injector: Injector,
    watch: Watch,
    press: Press,
    verdict: Verdict,
    elapsed_s: float,
) -> Record:
    poisons = [poison.name.lower() for poison in press.poisoned.values()]
    return Record(
        backend=site.name,
        seed=options.seed,
        engine=site.engine,
        lease_s=LEASE_S,
        elapsed_s=round(elapsed_s, 1),
        faults={fault.value: count for fault, count in sorted(injector.struck.items())},
        skipped={fault.value: why for fault, why in injector.skipped.items()},
        poison_pages={name: poisons.count(name) for name in sorted(set(poisons))},
        resume_s={
            fault.value: [round(seconds, 2) for seconds in sorted(taken)]
            for fault, taken in sorted(watch.resume_s.items())
        },
        supervisors_started_again=site.restarts,
        verdict=asdict(verdict),
    )
