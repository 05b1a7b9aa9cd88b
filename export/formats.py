"""The formats by name; each turns a document into the text of one file, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from export.csv_chars import csv_chunks
from export.document import ExportDocument
from export.json_page import json_chunks
from export.txt import txt_chunks

Format = Callable[[ExportDocument], Iterator[str]]

#: The name is also the extension of the file.
FORMATS: Mapping[str, Format] = MappingProxyType(
    {"txt": txt_chunks, "json": json_chunks, "csv": csv_chunks}
)
