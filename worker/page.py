"""One bell, one page: claim it, read it, write down what was read or why it could not be.

What happens to a page that could not be read depends on whose fault it is:

- the page's own (`PageError`): failed at once;
- of the database, the storage or a missing model: queued again later, nothing is charged;
- any other exception, and an answer of the engine that cannot be true: an attempt is charged,
  failed after `max_attempts`;
- memory, the deadline, a crash: an attempt is charged, quarantined after `max_kills`.

A page that stands for a file which nobody could look into is not read: its file is looked into.
"""

from __future__ import annotations

import dataclasses
import errno
import logging
import os
import time
from typing import TYPE_CHECKING

from ocrq.errors import (
    AnswerError,
    ModelError,
    PageError,
    StaleSchema,
    StoreError,
    StoreUnavailable,
)
from ocrq.logs import current_page_id
from ocrq.quality_gate import QualityGate
from ocrq.types import EngineInfo, PageResult
from pipeline.limits import Limits
from store.claims import claim, postpone, release
from store.database import Database
from store.failures import attempt_failed, fail, task_died
from store.leases import Claim
from store.postponing import LONGEST_PAUSE_S
from store.ready import ClaimScope
from store.results import complete
from store.uncharged import uncharged_claims
from store.unsettled import give_back
from worker.child import PageChild
from worker.deadline import killed_after, left_after
from worker.heartbeat import Heartbeat
from worker.looking_again import look_again
from worker.memory import lift_limit
from worker.scan_file import check_loaded, check_unchanged

if TYPE_CHECKING:
    from pipeline.image import PageImage

logger = logging.getLogger(__name__)

#: Exit status of a child whose page took all its memory; another one starts clean.
OUT_OF_MEMORY = 77
#: Exit status of a child that could not write its page in time: the database froze. The page is
#: given back, for nothing of this is its doing.
UNWRITTEN = 76

#: Time that writing one page may take; the longest wait for a lock is 30 s.
_WRITE_S = 120.0
#: Pauses between tries to write while the database is away; the page has been read already.
_WRITE_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0)
#: The first pause of a page after a fault of the storage, and the longest.
_FIRST_PAUSE_S = 5.0
#: Pauses of one page (half an hour in all) before the fault is taken for the page's own.
_MOST_PAUSES = 12
_MODEL_PAUSE_S = 60.0
#: A bell that a worker at rest has answered is rung again: not more often than this a child.
_DRAINED_REST_S = 1.0


def process_one(child: PageChild, task_id: str) -> None:
    """Answer a bell."""
    if child.link.draining:
        return
    if child.link.idle:
        child.rest(_DRAINED_REST_S)
        return
    try:
        db = child.database()
        scope = ClaimScope(batch_id=child.options.batch_id, owner=child.owner, task_id=task_id)
        claimed = claim(db, scope, child.rules)
    except StaleSchema:
        child.link.wake()  # the Ringer finds the same, says it once and ends this worker
        child.rest(_DRAINED_REST_S)
        return
    except StoreUnavailable as exc:
        _settle(child, task_id)
        # The Ringer rings again at once, for whoever is not held up here.
        child.rest(child.trouble.note(exc, time.monotonic()))
        return
    child.trouble.end()
    if claimed is None:
        return
    child.link.note_hold()
    if child.embedded:  # one bell less waits for this worker's children
        child.link.wake()
    token = current_page_id.set(claimed.page_id)
    try:
        with Heartbeat(db, claimed, child.rules, child.settings.heartbeat_s):
            _process(child, db, claimed, task_id)
    except StoreError as exc:
        logger.error("nothing could be written about page %d: %s", claimed.page_id, exc)
        _settle(child, task_id)
    finally:
        current_page_id.reset(token)
        child.link.note_hold()


def _settle(child: PageChild, task_id: str) -> None:
    """Give back what this task may hold, as soon as the database answers again.

    Nobody else could: the main keeps the lease of a task that is at work, and a lease that runs
    out would be charged to the page. Celery's time limit ends this; then the main gives it back.
    """
    while True:
        try:
            if give_back(child.database(), task_id, _FIRST_PAUSE_S, child.owner):
                logger.warning("a page was given back unread: the database was away")
            return
        except StoreUnavailable as exc:
            pause_s = child.trouble.note(exc, time.monotonic())
        except StoreError as exc:
            logger.error("a page may be left to its lease: %s", exc)
            return
        if child.link.draining:  # the supervisor gives back what a stopped worker held
            return
        child.rest(pause_s)


def _process(child: PageChild, db: Database, claimed: Claim, task_id: str) -> None:
    try:
        if claimed.is_unseen:
            look_again(db, claimed, child.settings, child.path_map)
            return
        with killed_after(claimed.deadline_in_s):
            engine = child.engine(claimed.options.engine)
            result = _read(child, claimed)
        with left_after(_WRITE_S, UNWRITTEN):
            _write(db, claimed, result, engine.info)
    except PageError as exc:
        fail(db, claimed, exc.code, str(exc))
    except StaleSchema as exc:
        # The database went to another version while the page was read: whoever fits it reads it.
        logger.error("%s; the page is given back", exc)
        release(db, claimed)
    except AnswerError as exc:
        logger.error("%s", exc)
        attempt_failed(db, claimed, "engine", str(exc), child.rules)
    except ModelError as exc:
        logger.error("%s", exc)
        _pause(child, db, claimed, "model", str(exc), _MODEL_PAUSE_S)
    except StoreUnavailable as exc:
        _pause(child, db, claimed, "database", str(exc), _FIRST_PAUSE_S)
    except Exception as exc:
        if _is_memory(exc):
            lift_limit()  # what the page took is still held by the traceback
            logger.error("the page wants more than OCRQ_MEMORY_MB=%d", child.settings.memory_mb)
            try:
                task_died(db, task_id, "memory", child.rules, child.owner)
            finally:  # what was not written, as the database is away, the main writes later
                os._exit(OUT_OF_MEMORY)
        if isinstance(exc, OSError) and exc.errno is not None:
            logger.warning("storage: %s", exc)
            _pause(child, db, claimed, "storage", _storage_sentence(exc), _FIRST_PAUSE_S)
            return
        logger.exception("reading the page failed")
        attempt_failed(db, claimed, "error", f"{type(exc).__name__}: {exc}"[:1000], child.rules)


def _read(child: PageChild, claimed: Claim) -> PageResult:
    # Only here: the commands that import this package must not load the imaging libraries.
    from pipeline.run import process_page

    started_s = time.perf_counter()
    image = _load(child, claimed)
    load_s = time.perf_counter() - started_s
    result = process_page(
        image,
        claimed.options,
        child.engine(claimed.options.engine),
        QualityGate.from_settings(child.settings),
    )
    return dataclasses.replace(result, elapsed_s={"load": load_s, **result.elapsed_s})


def _load(child: PageChild, claimed: Claim) -> PageImage:
    from pipeline.load import load_page

    path = os.fsdecode(child.path_map.apply(claimed.path))
    check_unchanged(claimed, path)
    try:
        image = load_page(
            path, claimed.frame, Limits.from_settings(child.settings), claimed.options.dpi
        )
    except PageError:
        check_loaded(claimed, path)  # a file in the middle of being written is truncated
        raise
    check_loaded(claimed, path)
    return image


def _write(db: Database, claimed: Claim, result: PageResult, model: EngineInfo) -> None:
    for number, pause_s in enumerate((*_WRITE_PAUSES_S, None)):
        try:
            if complete(db, claimed, result, model):
                logger.info("read in %.2f s", sum(result.elapsed_s.values()))
            elif number:  # the try that failed may have done so after its commit
                logger.warning("the page is written already, or was given to another worker")
            else:
                logger.warning("the page was given to another worker meanwhile; nothing written")
            return
        except StoreUnavailable as exc:
            if pause_s is None:
                raise
            level = logging.WARNING if pause_s == _WRITE_PAUSES_S[0] else logging.INFO
            logger.log(level, "%s; the page is read, it is written when that works", exc)
            time.sleep(pause_s)


def _pause(
    child: PageChild, db: Database, claimed: Claim, code: str, sentence: str, first_s: float
) -> None:
    """Queue the page again for later, without charging it; not for ever, though."""
    pauses = uncharged_claims(db, claimed)
    if pauses >= _MOST_PAUSES:
        attempt_failed(db, claimed, code, sentence, child.rules)
        return
    postpone(db, claimed, code, sentence, pause_s(first_s, pauses))


def pause_s(first_s: float, pauses: int) -> float:
    """How long a page waits after its (pauses + 1)-th fault of the storage, s.

    >>> [pause_s(5.0, n) for n in range(8)]
    [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0]
    """
    return float(min(first_s * 2**pauses, LONGEST_PAUSE_S))


def _is_memory(exc: BaseException) -> bool:
    if isinstance(exc, MemoryError):
        return True
    if isinstance(exc, OSError):
        return exc.errno == errno.ENOMEM
    # OpenCV has its own exception: code -4 is StsNoMem.
    return type(exc).__module__ == "cv2" and getattr(exc, "code", None) == -4


def _storage_sentence(exc: OSError) -> str:
    return (
        f"the storage could not deliver the file ({exc.strerror or exc}); is it mounted on this"
        " host? See OCRQ_PATH_MAP"
    )
