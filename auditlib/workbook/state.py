"""What was chosen on the pages, kept beside the results: a reload, a crash or a run without a browser goes on from it.

One JSON file in the output folder, written whole at every choice. Names in use: county and outs (only in the folder that goes
with the county found first), as_of, fiscal_year, parameters, person.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..reports.output import write_output

FILE = "workbook.json"


def read_state(out: Path) -> Mapping[str, Any]:
    """All that was chosen for the results in `out`; empty where nothing was, or where the file is none of ours."""
    try:
        found = json.loads((out / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def chosen(out: Path, name: str, kind: type) -> Any:
    """One choice if it is of type `kind`, else an empty value of it: the file may have been written by another hand."""
    value = read_state(out).get(name)
    return value if isinstance(value, kind) else kind()


def remember(out: Path, name: str, value: Any) -> None:
    """Writes one choice (a JSON value) at once. Raises OutputError where `out` is somebody else's or cannot be written."""
    before = read_state(out)
    if before.get(name) == value or (name not in before and not value):
        return
    text = json.dumps({**before, name: value}, ensure_ascii=False, indent=1, sort_keys=True)
    write_output(out, FILE, text + "\n")
