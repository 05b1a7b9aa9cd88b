"""The web pages: lists are made here, what moves is in static/."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from review.answers import batch_json, pages_json
from review.parameters import Db, Id
from store.batches import resolve_batch
from store.progress import batch_progress, list_batches
from store.review_lists import read_scan

router = APIRouter(default_response_class=HTMLResponse)
templates = Jinja2Templates(Path(__file__).parent / "templates")

_BATCHES, _PAGES = 100, 100  # rows of a list


@router.get("/")
def batches(request: Request, db: Db) -> Any:
    """The newest batches."""
    found = [batch_json(progress) for progress in list_batches(db, _BATCHES)]
    return _rendered(request, "batches.html", batches=found)


@router.get("/batches/{batch}")
def batch(
    request: Request, db: Db, batch: str, after: str = "", only_doubtful: bool = False
) -> Any:
    """The pages of a batch."""
    batch_id = resolve_batch(db, batch, ids_win=True).id
    return _rendered(
        request,
        "batch.html",
        batch=batch_json(batch_progress(db, batch_id)),
        after=after,
        only_doubtful=only_doubtful,
        **pages_json(db, batch_id, after, _PAGES, only_doubtful=only_doubtful),
    )


@router.get("/batches/{batch}/doubtful")
def doubtful(request: Request, db: Db, batch: str) -> Any:
    """The characters in doubt, one after the other."""
    found = resolve_batch(db, batch, ids_win=True)
    return _rendered(request, "doubtful.html", batch={"batch_id": found.id, "batch": found.name})


@router.get("/pages/{page_id}")
def page(request: Request, db: Db, page_id: Id) -> Any:
    """A page beside what was read on it."""
    scan = read_scan(db, page_id)
    return _rendered(
        request,
        "page.html",
        page_id=page_id,
        batch={"batch_id": scan.batch_id, "batch": scan.batch},
    )


def _rendered(request: Request, name: str, **context: Any) -> Any:
    context["reviewer"] = request.app.state.reviewer
    return templates.TemplateResponse(request, name, context)
