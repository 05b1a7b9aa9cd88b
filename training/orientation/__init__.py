"""Fits the little network of `pipeline.orient`: `python -m training.orientation --help`."""
