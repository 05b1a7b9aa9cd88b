"""Draws scanned pages whose text is known: for examples, tests and training."""
