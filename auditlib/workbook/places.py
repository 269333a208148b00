"""Where the workbook looks for a county and where it writes: the environment first, then what was chosen, then what lies around."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from ..catalog.places import shipped
from ..intake.sheets import is_ledger_file
from ..words.errors import WorkspaceError
from ..words.folders import WORKBOOK
from ..words.messages import LANGUAGES, say
from .state import chosen, remember

WORKSPACE, OUT = "AUDITLIB_WORKSPACE", "AUDITLIB_OUT"  # names of the environment variables
_LAB = "AUDITLIB_LAB"  # set by `auditlib lab`, to its language: somebody sits before the page and presses the buttons
_DESK = "AUDITLIB_DESK"  # set by `auditlib lab`: a folder that is there as long as it runs
_LOOKED_AT = 400  # entries of a folder that are looked at before it is given up as no county


def default_workspace() -> Path:
    """The county of the environment, else the one chosen last, else the first around. Raises WorkspaceError when there is none."""
    if given := os.environ.get(WORKSPACE):
        return Path(given)
    found = find_counties()
    if found and (last := chosen(_usual_out(found[0]), "county", str)) and Path(last).is_dir():
        return Path(last)
    if not found:
        raise WorkspaceError("\n".join(say("workbook.no_county", language, name=WORKSPACE) for language in LANGUAGES))
    return found[0]


def default_out(workspace: Path) -> Path:
    """Where the results of `workspace` go: never into the county itself, nor where a checkout tracks files.

    The environment's folder; the one chosen last for this county; in a checkout `out/`, as the make targets have it, or
    `out/<county>` for any county but the first; elsewhere a folder beside the county.
    """
    if given := os.environ.get(OUT):
        return Path(given)
    last = chosen(_home(workspace), "outs", dict).get(str(workspace.resolve()))
    return Path(last) if isinstance(last, str) and last else _usual_out(workspace)


def remember_places(workspace: Path, out: Path) -> None:
    """Keeps the county and its output folder for the next opening. Raises OutputError where that cannot be written."""
    home = _home(workspace)
    remember(home, "county", str(workspace.resolve()))
    usual, outs = _usual_out(workspace), chosen(home, "outs", dict)
    mine = {} if out.resolve() == usual.resolve() else {str(workspace.resolve()): str(out.resolve())}
    remember(home, "outs", {k: v for k, v in outs.items() if k != str(workspace.resolve())} | mine)


def is_attended() -> bool:
    """Whether somebody can press a button: notebooks that run from top to bottom without a reader audit by themselves."""
    return bool(os.environ.get(_LAB))


def desk_folder() -> Path | None:
    """The folder of this desk, gone when its workbook is closed; None outside of `auditlib lab`."""
    given = os.environ.get(_DESK)
    return Path(given) if given else None


def page_language() -> str:
    """The language of the pages: the one that `auditlib lab --lang` was asked for, else Chinese."""
    asked = os.environ.get(_LAB, "")
    return asked if asked in LANGUAGES else LANGUAGES[0]


def _home(workspace: Path) -> Path:
    """The folder that remembers which county was chosen: the results of the county that is found first."""
    found = find_counties()
    return _usual_out(found[0] if found else workspace)


def _usual_out(workspace: Path) -> Path:
    """The output folder of a county when nobody chose one."""
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
    notebooks_inside = here.name == WORKBOOK and here.parent == root
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
