"""Engines turn line images into characters; `registry` finds them by name."""
