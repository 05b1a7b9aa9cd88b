"""Scan files: what format they are, what they hold, and one frame of them as grey pixels."""
