"""What the workbook adds to the server of JupyterLab: its notebooks are saved without their results.

Results show ledgers, with names and account numbers; they are computed again at every opening, and a notebook lies in the
county's folder, which is handed on. Notebooks of other people that lie on the same server are saved as they are.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from ..catalog.places import shipped


def _load_jupyter_server_extension(app: Any) -> None:
    """Called by Jupyter Server, which was told the name of this module."""
    app.contents_manager.register_pre_save_hook(without_results)


def without_results(model: dict[str, Any], path: str, contents_manager: Any, **_: Any) -> None:
    """Takes the results out of a notebook of the workbook about to be saved; one that says what it said before stays as it lies.

    A notebook of the workbook is one that has a cell of ours, by its id: also a copy, and one in which a cell was changed.
    """
    content = model.get("content")
    if model.get("type") != "notebook" or not content or not _is_ours(content):
        return
    stored = _stored(Path(contents_manager.root_dir) / path)
    if stored is not None and _said(stored) == _said(content):
        model["content"] = stored
        return
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    content.get("metadata", {}).pop("widgets", None)


def _is_ours(content: dict[str, Any]) -> bool:
    return any(cell.get("id") in _own_cells() for cell in content["cells"])


@cache
def _own_cells() -> frozenset[str]:
    """The ids of all cells of the shipped notebooks."""
    notebooks = (json.loads(p.read_text(encoding="utf-8")) for p in shipped("notebooks").glob("*.ipynb"))
    return frozenset(cell["id"] for notebook in notebooks for cell in notebook["cells"])


def _stored(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and not _has_results(found) else None


def _has_results(notebook: dict[str, Any]) -> bool:
    return any(cell.get("outputs") for cell in notebook.get("cells", ()))


def _said(notebook: dict[str, Any]) -> list[tuple[str, str]]:
    return [(c["cell_type"], source_of(c)) for c in notebook["cells"]]


def source_of(cell: dict[str, Any]) -> str:
    """The text of a cell, which a notebook file may hold as one string or in lines."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)
