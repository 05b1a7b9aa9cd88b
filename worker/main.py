"""The Celery main: `python -m worker.main`, started and watched by worker.supervisor."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import threading
import warnings
from typing import Any

from billiard.util import get_logger as get_pool_logger
from celery.exceptions import SecurityWarning

from ocrq.config import Settings, load_settings
from ocrq.errors import ExitCode, OcrqError
from ocrq.logs import set_up_logging
from worker.app import make_app
from worker.child import PageChild
from worker.link import Link, Verdict
from worker.options import WorkerOptions
from worker.processes import die_with_parent
from worker.ringer import Ringer
from worker.ringer_step import RingerStep
from worker.tasks import register

logger = logging.getLogger(__name__)


def main() -> None:
    """Run one worker until it is told to stop; the exit status says why it ended."""
    args = _parse()
    die_with_parent(args.parent)
    os.set_inheritable(args.verdict_fd, False)

    def leave(verdict: Verdict) -> None:
        """End at once, children included (PR_SET_PDEATHSIG); leases are the supervisor's."""
        text = json.dumps([int(verdict.exit_code), verdict.message])
        os.write(args.verdict_fd, text.encode("ascii") + b"\n")
        os._exit(verdict.exit_code)

    try:
        settings = load_settings(os.environ)
        _set_up_logging(settings)
        _leave_on_thread_errors(leave)
        # What every child needs is imported once, here; not the runtimes, which start threads.
        import cv2  # noqa: F401

        import pipeline.load
        import pipeline.run  # noqa: F401

        options = WorkerOptions(
            name=args.name,
            concurrency=args.concurrency,
            device=args.device,
            batch_id=args.batch_id,
            engine=args.engine,
        )
        link = Link()
        app = make_app(settings)
        ringer = Ringer(app, settings, options, link, leave)
        child = PageChild(settings, options, link)
        register(app, child, link, ringer)
    except OcrqError as exc:
        leave(Verdict(exit_code=exc.exit_code, message=str(exc)))
    app.steps["worker"].add(RingerStep.bound_to(ringer))
    worker = app.Worker(
        hostname=f"ocrq-{options.name.replace(':', '-')}@{os.uname().nodename}",
        pool_cls="prefork",
        concurrency=options.concurrency,
        loglevel=settings.log_level.upper(),
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    sys.exit(worker.exitcode or ExitCode.DONE)


def _set_up_logging(settings: Settings) -> None:
    set_up_logging(settings.log_level, "json" if settings.log_style == "json" else "text")
    if settings.log_level != "debug":
        # A line for each bell says nothing about pages; ours do.
        for name in ("celery", "kombu"):
            logging.getLogger(name).setLevel(logging.WARNING)
        # A traceback through the pool for each lost child; the Ringer says it in one line.
        logging.getLogger("celery.worker.request").setLevel(logging.CRITICAL)
        # Celery warns, with each lost broker, of a setting that we have chosen.
        logging.getLogger("py.warnings").setLevel(logging.ERROR)
    get_pool_logger().propagate = True  # it would print without time and level
    # Celery warns of root because of pickle; we take JSON only, and containers run as they like.
    warnings.filterwarnings("ignore", category=SecurityWarning)


def _leave_on_thread_errors(leave: Any) -> None:
    """A thread that ends by an error nobody foresaw takes the process with it, to be restarted."""
    main_pid, usual = os.getpid(), threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        if os.getpid() != main_pid:  # a child inherits the hook, but not what it is for
            usual(args)
            return
        logger.critical(
            "thread %s failed",
            args.thread.name if args.thread else "?",
            exc_info=(args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback),
        )
        leave(
            Verdict(exit_code=ExitCode.INTERNAL, message=f"an internal error: {args.exc_value!r}")
        )

    threading.excepthook = hook


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="worker.main")
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--verdict-fd", type=int, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--concurrency", type=int, required=True)
    parser.add_argument("--device", choices=["cpu", "gpu"], required=True)
    parser.add_argument("--engine", required=True)
    parser.add_argument("--batch-id", type=int)
    return parser.parse_args()


if __name__ == "__main__":
    main()
