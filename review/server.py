"""The web server of `ocrq review`: its application, its errors, its socket."""

from __future__ import annotations

import contextlib
import errno
import signal
import socket
from importlib import resources
from typing import Final

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from ocrq import __version__
from ocrq.config import Settings
from ocrq.errors import (
    ConfigError,
    NotFound,
    OcrqError,
    Outdated,
    PageError,
    StaleSchema,
    StoreError,
    StoreUnavailable,
    UsageError,
)
from review import api, views
from review.access import Access
from review.pictures import Pictures
from store.database import Database

#: The first class that an error belongs to says what HTTP calls it.
_STATUS: Final[tuple[tuple[type[Exception], int], ...]] = (
    (Outdated, 409),
    (NotFound, 404),
    (UsageError, 422),
    (PageError, 410),
    (StoreUnavailable, 503),
    (StaleSchema, 503),
    (StoreError, 500),
    (OSError, 503),
)


def create_app(db: Database, settings: Settings, access: Access, reviewer: str) -> FastAPI:
    """The application.

    Args:
        db: the database; it is used by several threads and stays open.
        settings: where scans are, and how large they may be.
        access: who may use it.
        reviewer: under whose name corrections are noted, if the page does not say another.
    """
    app = FastAPI(title="ocrq review", version=__version__, docs_url=None, redoc_url=None)
    app.state.db = db
    app.state.pictures = Pictures(settings)
    app.state.reviewer = reviewer
    app.include_router(api.router)
    app.include_router(views.router, include_in_schema=False)
    folder = str(resources.files("review") / "static")
    app.mount("/static", StaticFiles(directory=folder), name="static")
    app.middleware("http")(access.guard)
    for kind, _ in _STATUS:
        app.add_exception_handler(kind, _explained)
    app.add_exception_handler(OcrqError, _explained)
    app.add_exception_handler(Exception, _broken)
    app.add_exception_handler(RequestValidationError, _misspelt)
    app.add_exception_handler(HTTPException, _not_found)
    return app


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that listens, so that a port that is taken is said before anything is started.

    Raises:
        ConfigError: nobody can listen there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(64)
    except OSError as exc:
        listening.close()
        cure = "; choose another with --port" if exc.errno == errno.EADDRINUSE else ""
        raise ConfigError(f"cannot listen on {host} port {port}: {exc.strerror}{cure}") from exc
    return listening


def serve(app: FastAPI, listening: socket.socket) -> None:
    """Answer until Ctrl-C or SIGTERM."""
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_graceful_shutdown=5, lifespan="off"
    )
    # uvicorn ends well and then gives itself the signal again: that is no fault of anybody.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


async def _explained(request: Request, exc: Exception) -> Response:
    status = next((status for kind, status in _STATUS if isinstance(exc, kind)), 500)
    return _said(request, status, str(exc) if isinstance(exc, OcrqError) else f"storage: {exc}")


async def _broken(request: Request, exc: Exception) -> Response:
    """A fault of ours: uvicorn logs the traceback."""
    return _said(request, 500, f"a fault of ocrq: {type(exc).__name__}; its log says more")


async def _misspelt(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    said = "; ".join(f"{'.'.join(map(str, e['loc'][1:]))}: {e['msg']}" for e in exc.errors())
    return _said(request, 422, said)


async def _not_found(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    return _said(request, exc.status_code, str(exc.detail))


def _said(request: Request, status: int, why: str) -> Response:
    """The error for a program, or as a page for a person."""
    if request.url.path.startswith(("/api", "/static")):
        return JSONResponse({"error": why}, status)
    context = {"error": why, "reviewer": request.app.state.reviewer}
    return views.templates.TemplateResponse(request, "error.html", context, status_code=status)
