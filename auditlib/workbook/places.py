"""Where the workbook looks for a county and where it writes: settings of the environment first, then what lies around."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from ..catalog.places import shipped
from ..intake.sheets import is_ledger_file
from ..words.errors import WorkspaceError
from ..words.messages import LANGUAGES, say

WORKSPACE, OUT = "AUDITLIB_WORKSPACE", "AUDITLIB_OUT"  # names of the environment variables
_OWN_FOLDER = "工作簿"  # where `auditlib lab` puts the notebooks inside a county
_LOOKED_AT = 400  # entries of a folder that are looked at before it is given up as no county


def default_workspace() -> Path:
    """The county of the environment, else the first that lies around. Raises WorkspaceError when there is none."""
    if given := os.environ.get(WORKSPACE):
        return Path(given)
    found = find_counties()
    if not found:
        raise WorkspaceError("\n".join(say("workbook.no_county", language, name=WORKSPACE) for language in LANGUAGES))
    return found[0]


def default_out(workspace: Path) -> Path:
    """Where the results of `workspace` go: never into the county itself, nor where a checkout tracks files.

    The environment's folder; in a checkout `out/`, as the make targets have it, or `out/<county>` for any county but the
    first; elsewhere a folder beside the county.
    """
    if given := os.environ.get(OUT):
        return Path(given)
    ledgers = shipped("ledgers")
    if not (ledgers.parent / "pyproject.toml").is_file():
        return workspace.resolve().with_name(f"{workspace.resolve().name}_{say('workbook.out_name')}")
    out, first = ledgers.parent / "out", next(iter(_counties_in(ledgers)), None)
    return out if first and first.resolve() == workspace.resolve() else out / workspace.resolve().name


def find_counties(roots: Sequence[Path] | None = None) -> tuple[Path, ...]:
    """Folders that can be audited, without duplicates: in `roots`, or around the notebook and among the shipped ledgers.

    A folder counts when it holds an audit.toml; inside a folder called `ledgers`, a folder with ledger files counts too.
    """
    here = Path.cwd()
    around = (here.parent, here) if roots is None else tuple(roots)
    found: dict[Path, Path] = {}
    for root in around:
        for county in (*_itself(root, here), *_counties_in(root), *_counties_in(root / "ledgers")):
            found.setdefault(county.resolve(), county)
    if roots is None:
        for county in _counties_in(shipped("ledgers")):
            found.setdefault(county.resolve(), county)
    return tuple(found)


def _itself(root: Path, here: Path) -> tuple[Path, ...]:
    notebooks_inside = here.name == _OWN_FOLDER and here.parent == root
    return (root,) if (root / "audit.toml").is_file() or (notebooks_inside and _holds_ledgers(root)) else ()


def _counties_in(root: Path) -> list[Path]:
    try:
        folders = sorted(p for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))
    except OSError:
        return []
    of_ledgers = root.name == "ledgers"
    return [p for p in folders if (p / "audit.toml").is_file() or (of_ledgers and _holds_ledgers(p))]


def _holds_ledgers(folder: Path) -> bool:
    return any(is_ledger_file(path) for path in islice(_files(folder, 3), _LOOKED_AT))


def _files(folder: Path, depth: int) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    yield from (p for p in entries if p.is_file())
    for inner in entries if depth > 1 else ():
        if inner.is_dir() and not inner.is_symlink() and not inner.name.startswith("."):
            yield from _files(inner, depth - 1)
