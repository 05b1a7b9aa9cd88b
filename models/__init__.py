"""Trained weights, one folder for each model and version: NAME/VERSION/. See docs/models.md."""
