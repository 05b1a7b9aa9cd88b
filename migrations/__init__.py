"""Alembic revisions of the schema; `ocrq db upgrade` runs them, store/migrate.py finds them."""
