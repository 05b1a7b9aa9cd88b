"""The line recogniser: synthetic lines, fitting, shipping."""
