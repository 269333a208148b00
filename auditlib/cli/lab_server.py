"""The server of the workbook: JupyterLab's own, opened sooner, whose notebooks are saved without their results.

Results show ledgers, with names and account numbers; they are computed again at every opening, and a notebook lies in the
county's folder, which is handed on. Notebooks of other people that lie on the same server are saved as they are.
"""

from __future__ import annotations

import json
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

from ..catalog.places import shipped

FIRST_PAGE = "AUDITLIB_LAB_PAGE"  # the notebook that the browser is about to open, as the server has its path


def serve() -> None:
    """JupyterLab's server with the arguments of the command line, without two things that take seconds and serve nothing here.

    `rfc3987_syntax` compiles a grammar of international web addresses while it is imported; without it, jsonschema leaves that
    one format unchecked, which no message of the server has. Node.js is asked for its package registry, which only a build needs.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # reads as "not installed"
    from jupyterlab import commands

    if hasattr(commands, "_yarn_config"):
        commands._yarn_config = lambda _: {"yarn config": {}, "npm config": {}}
    from jupyterlab.labapp import main

    sys.exit(main())


def _load_jupyter_server_extension(app: Any) -> None:
    """Called by Jupyter Server, which was told the name of this module."""
    app.contents_manager.register_pre_save_hook(without_results)
    if page := os.environ.get(FIRST_PAGE):
        app.io_loop.add_callback(_kernel_for, app, page)


async def _kernel_for(app: Any, page: str) -> None:
    """Starts the kernel of the first page while the browser still loads: JupyterLab takes the session that is there for its path.

    Nothing of the notebook is run by this.
    """
    try:
        await app.session_manager.create_session(path=page, name=Path(page).name, type="notebook", kernel_name="python3")
    except Exception as error:  # noqa: BLE001 - the page starts its kernel itself then, a little later
        app.log.warning("no kernel ahead of the page: %s", error)


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


if __name__ == "__main__":
    serve()
