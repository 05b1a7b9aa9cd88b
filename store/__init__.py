"""SQL: the schema, the queue of pages, and what was read on them."""
