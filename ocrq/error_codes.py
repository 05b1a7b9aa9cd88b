"""Every word that `pages.error_code` can hold; the docs explain them (errors, page-errors)."""

from __future__ import annotations

#: Plug-in engines may raise others; a filter knows those that are in the database besides.
ERROR_CODES = frozenset(
    {
        # a file or page that can never be read
        *("empty", "truncated", "unreadable", "encrypted", "wrong_content", "unsupported"),
        *("not_a_file", "symlink_outside", "symlink_broken", "no_permission", "file_too_large"),
        *("page_too_large", "too_many_pages", "page_too_slow", "vanished", "changed", "no_page"),
        *("probe_timeout", "probe_memory", "probe_crashed", "storage_error"),
        # added by the queue
        *("error", "killed", "memory", "deadline", "storage", "database", "model", "cancelled"),
        *("engine", "replaced"),
        *("unreadable_folder", "no_pages"),
    }
)
