"""Counting n-grams of texts for the language model that ships (pipeline/language)."""
