"""Which trained model read a page: one row of `models` for each set of weights ever used."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from ocrq.types import EngineInfo
from store.database import Database
from store.result_tables import models


def model_id_of(db: Database, model: EngineInfo) -> int:
    """The id of a model's row, made when it is new; remembered by this process."""
    known = db.model_ids.get(model)
    if known is not None:
        return known
    with db.write() as conn:
        insert = sqlite.insert if db.dialect == "sqlite" else postgresql.insert
        conn.execute(
            insert(models)
            .values(
                name=model.name,
                version=model.version,
                weights_sha256=model.weights_sha256,
                created_at=db.now(conn),
            )
            .on_conflict_do_nothing()
        )
        found = _find(conn, model)
    db.model_ids[model] = found
    return found


def _find(conn: Connection, model: EngineInfo) -> int:
    found: int = conn.execute(
        select(models.c.id).where(
            models.c.name == model.name,
            models.c.version == model.version,
            models.c.weights_sha256 == model.weights_sha256,
        )
    ).scalar_one()
    return found
