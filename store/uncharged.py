"""How often a page was claimed and given back uncharged since somebody last asked for it.

A retry or a redo gives a page everything back: its attempts, its pauses and its forgiven losses.
Fences only rise, so what came before is told by the fence in the event of that request.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, ScalarSelect, and_, func, or_, select

from store.database import Database
from store.events import ASKED_FOR, EventKind
from store.leases import FORGIVEN_LOSSES, Claim
from store.schema import page_events, pages

_REQUESTS = page_events.alias("requests")


def uncharged_claims(db: Database, claim: Claim) -> int:
    """Claims of a page before this one that charged nothing: mostly pauses.

    Each claim raises the fence and each charged one the attempt; the difference counts the others.
    """
    with db.read() as conn:
        asked: int = conn.execute(
            select(_fence_when_asked_for()).where(pages.c.id == claim.page_id)
        ).scalar_one()
    return claim.fence - asked - claim.attempt


def often_lost(conn: Connection, page_ids: Collection[int]) -> set[int]:
    """Pages whose workers were lost so often that they may be the reason."""
    found = conn.execute(
        select(pages.c.id)
        .join(page_events, page_events.c.page_id == pages.c.id)
        .where(
            pages.c.id.in_(page_ids),
            page_events.c.kind == EventKind.REAP.value,
            page_events.c.fence > _fence_when_asked_for(),
        )
        .group_by(pages.c.id)
        .having(func.count() >= FORGIVEN_LOSSES)
    )
    return set(found.scalars())


def _fence_when_asked_for() -> ScalarSelect[int]:
    """The fence of a page in `pages` when it was last asked for; 0: never but by its submit."""
    asked = or_(
        _REQUESTS.c.kind == EventKind.REDO.value,
        and_(_REQUESTS.c.kind == EventKind.RETRY.value, _REQUESTS.c.detail == ASKED_FOR),
    )
    return (
        select(func.coalesce(func.max(_REQUESTS.c.fence), 0))
        .where(_REQUESTS.c.page_id == pages.c.id, asked)
        .correlate(pages)
        .scalar_subquery()
    )
