"""Alembic's entry: runs on the connection, inside the transaction, that store/migrate.py opened."""

from __future__ import annotations

from alembic import context

from store.migrate import context_options

context.configure(connection=context.config.attributes["connection"], **context_options())
context.run_migrations()
