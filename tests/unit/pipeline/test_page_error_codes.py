from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_table_lists_every_code_of_the_pipeline() -> None:
    raised = {
        code
        for path in (ROOT / "pipeline").glob("*.py")
        for code in re.findall(r'PageError\(\s*"([a-z_]+)"', path.read_text())
    }
    table = (ROOT / "docs" / "page-errors.md").read_text()
    listed = set(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE))
    assert raised <= listed
    assert len(raised) >= 15
