"""The official schemas of ALTO and PAGE, where they lie beside the checkout; none is shipped."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

_FOLDER = Path(os.environ.get("XML_SCHEMAS", Path(__file__).parents[2] / "shared" / "schemas"))
ALTO, PAGE = "alto-4-4.xsd", "page2019.xsd"


def check_schema(texts: list[str], name: str) -> None:
    """Hold files against a schema; the test is skipped where it cannot be done."""
    if not (_FOLDER / name).is_file():
        pytest.skip(f"no {_FOLDER / name}: the official schemas are not part of the repository")
    pytest.importorskip("lxml.etree", reason="lxml is not installed")
    schema = _schema(name)
    from lxml import etree

    for text in texts:
        schema.assertValid(etree.fromstring(text.encode()))


@lru_cache(maxsize=2)
def _schema(name: str) -> Any:
    from lxml import etree

    class Beside(etree.Resolver):  # type: ignore[misc]
        """ALTO names the schema of XLink by an address in the web."""

        def resolve(self, url: str, public_id: str, context: Any) -> Any:
            path = _FOLDER / url.rpartition("/")[2]
            return self.resolve_filename(os.fspath(path), context)

    parser = etree.XMLParser()
    parser.resolvers.add(Beside())
    return etree.XMLSchema(etree.parse(_FOLDER / name, parser))
