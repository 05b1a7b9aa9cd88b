"""The character recogniser: its pictures, its training, its figures and its card."""
