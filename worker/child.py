"""A page child: the process that recognises, with a model, a database and a page at a time."""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING

from ocrq.config import Settings
from ocrq.errors import ExitCode, ModelError, OcrqError, StoreUnavailable
from store.database import Database
from store.leases import LeaseRules
from worker.bells import is_embedded
from worker.device import gpu_environment
from worker.link import READY, STARTING, Link, Verdict
from worker.memory import keep_freed_memory, keep_loaded, lift_limit, limit_growth
from worker.options import WorkerOptions
from worker.scan_file import PathMap
from worker.trouble import Trouble

if TYPE_CHECKING:
    from pipeline.engines.engine import Engine

logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.1


def lease_rules(settings: Settings) -> LeaseRules:
    """The rules of leases and retries from the settings."""
    return LeaseRules(
        lease_s=settings.lease_s,
        deadline_s=settings.deadline_s,
        deadline_s_per_megapixel=settings.deadline_s_per_megapixel,
        max_attempts=settings.max_attempts,
        max_kills=settings.max_kills,
        max_deadlines=settings.max_deadlines,
    )


class PageChild:
    """State of one page child; made in the main, filled in the child after the fork."""

    def __init__(self, settings: Settings, options: WorkerOptions, link: Link) -> None:
        self.settings = settings
        self.options = options
        self.link = link
        self.rules = lease_rules(settings)
        self.path_map = PathMap.parse(settings.path_map)
        self.owner = options.name
        self.embedded = is_embedded(settings.broker_url)
        self.trouble = Trouble()
        self._db: Database | None = None
        self._engines: dict[str, Engine] = {}

    def start(self, index: int) -> None:
        """Load the model; what fails here would fail in every child, so the worker stops.

        Args:
            index: number of this child in its pool, from 0.
        """
        self.owner = f"{self.options.name}/{os.getpid()}"
        self.link.wake(STARTING)
        # Before any runtime is imported; the child's number is kept by its replacement.
        os.environ["CUDA_VISIBLE_DEVICES"] = gpu_environment(self.options.device, index, os.environ)
        keep_freed_memory()
        try:
            import cv2

            cv2.setNumThreads(1)  # pages run in parallel, not the parts of one
            self.engine(self.options.engine)
        except OcrqError as exc:
            self._give_up(exc.exit_code, str(exc))
        except Exception as exc:
            logger.exception("the engine %r cannot be loaded", self.options.engine)
            self._give_up(
                ExitCode.MODEL, f"the engine {self.options.engine!r} cannot be loaded: {exc!r}"
            )
        try:
            self.database()
        except StoreUnavailable as exc:
            logger.warning("%s; pages are read when it is back", exc)
        except OcrqError as exc:
            self._give_up(exc.exit_code, str(exc))
        self.link.wake(READY)

    def database(self) -> Database:
        """This process's database, opened when it is first needed.

        Raises:
            StoreError: it cannot be reached, or has another schema.
        """
        if self._db is None:
            self._db = Database.open(self.settings.sql_url)
        return self._db

    def rest(self, seconds: float) -> None:
        """Do nothing for a while, unless the worker is told to stop."""
        until_s = time.monotonic() + seconds
        while not self.link.draining and (left_s := until_s - time.monotonic()) > 0:
            time.sleep(min(left_s, _LOOK_EVERY_S))

    def engine(self, name: str) -> Engine:
        """An engine, loaded when it is first needed.

        Raises:
            ModelError: its weights are missing or damaged, or it does not exist on this host.
        """
        if name not in self._engines:
            from pipeline.engines.registry import load_engine

            lift_limit()  # the bound is on what a page takes, not on a model
            try:
                self._engines[name] = load_engine(name, self.options.device)
            except OcrqError as exc:
                raise ModelError(str(exc)) from exc
            finally:
                limit_growth(self.settings.memory_mb)
            keep_loaded()
        return self._engines[name]

    def _give_up(self, exit_code: int, message: str) -> None:
        self.link.pronounce(Verdict(exit_code=exit_code, message=message))
        # The main ends this process; leaving now would only have the pool start another one.
        while True:
            time.sleep(60)
