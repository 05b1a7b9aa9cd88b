"""Readings and corrections become files for other programs: pure functions, no SQL, no disk."""
