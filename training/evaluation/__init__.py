"""Measuring whole readings against the truth: errors, confidences, speed, disagreements."""
