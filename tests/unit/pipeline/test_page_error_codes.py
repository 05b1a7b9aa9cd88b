from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_table_lists_every_code() -> None:
    raised = {
        code
        for folder in ("pipeline", "worker")
        for path in (ROOT / folder).glob("**/*.py")
        for code in re.findall(r'PageError\(\s*"([a-z_]+)"', path.read_text())
    }
    table = (ROOT / "docs" / "page-errors.md").read_text()
    listed = set(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE))
    assert raised <= listed
    assert len(raised) >= 15
