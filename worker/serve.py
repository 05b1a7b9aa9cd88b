"""`ocrq worker`: serve all batches until told to stop."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from contextlib import closing

from ocrq.config import Settings
from ocrq.errors import ExitCode, ModelError, StoreForbidden, StoreUnavailable
from pipeline.engines.registry import engine_info
from store.database import Database
from store.rights import check_rights
from worker.device import choose_device
from worker.interrupts import Interrupts
from worker.options import Device, WorkerOptions, new_worker_name
from worker.processes import usable_cores
from worker.supervisor import Supervisor

logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.2


def serve(
    settings: Settings,
    env: Mapping[str, str],
    *,
    concurrency: int | None = None,
    device: Device = "auto",
    engine: str,
) -> ExitCode:
    """Run a worker in this process's care.

    The first SIGTERM or Ctrl-C stops it in order: no new pages, `drain_s` for running ones, the
    rest is given back. The second ends it at once.

    Args:
        settings: of this process; its worker gets the same.
        env: the environment for the worker.
        concurrency: page children; None: one a core on CPU, one on a GPU.
        device: where pages are recognised.
        engine: loaded at the start; engines of other batches when they are needed.

    Returns:
        DONE after an orderly stop.

    Raises:
        UsageError: there is no such engine.
        OcrqError: the worker can not work here, or its process dies again and again.
    """
    try:
        engine_info(engine)
    except ImportError as exc:  # a library that a plug-in needs
        raise ModelError(f"the engine {engine!r} cannot be loaded: {exc}") from exc
    chosen = choose_device(device, env)
    options = WorkerOptions(
        name=new_worker_name(),
        concurrency=concurrency or (1 if chosen == "gpu" else usable_cores()),
        device=chosen,
        engine=engine,
    )
    try:
        # Makes the embedded database on a fresh machine; another schema is an error right here.
        with closing(Database.open(settings.sql_url, create=True)) as db:
            to_come = check_rights(db)
        if to_come is not None:
            logger.warning("%s; %s", to_come.what, to_come.cure)
    except StoreForbidden:
        raise
    except StoreUnavailable as exc:
        logger.warning("%s; waiting for it", exc)
    with Interrupts() as interrupts:
        supervisor = Supervisor(settings, options, env)
        supervisor.start()
        logger.info("worker %s: %d on %s", options.name, options.concurrency, options.device)
        try:
            while not interrupts.stop_wanted():
                supervisor.poll()
                time.sleep(_LOOK_EVERY_S)
            logger.info("stopping: running pages get %g s", settings.drain_s)
            supervisor.stop(settings.drain_s, interrupts.kill_wanted)
        finally:
            supervisor.kill()
    return ExitCode.DONE
