"""A page image in, a PageResult out: pure functions, no SQL, no queue, no terminal."""
