"""Paths of scans in SQL: the bytes that the file system knows, and a text for people."""

from __future__ import annotations


def path_text(path: bytes) -> str:
    r"""The text of `documents.path`: the path itself, escaped only when it is not UTF-8.

    Then every byte that does not belong to a character becomes \xNN and every backslash is
    doubled, so that the text of one such path is never that of another. `path_bytes` is exact.

    >>> path_text("scans/Größe\\1.png".encode())
    'scans/Größe\\1.png'
    >>> path_text(b"scans/Gr\xf6\\1.png")
    'scans/Gr\\xf6\\\\1.png'
    """
    try:
        return path.decode()
    except UnicodeDecodeError:
        return path.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")
