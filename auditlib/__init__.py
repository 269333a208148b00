"""auditlib: the workbook in which a county audits the property of its village collectives (三资).

The names below are what programs may rely on; each brings its libraries when it is first used.

    run_audit(workspace, out, today=…, at=…)    a county's folder in; findings, issues and reports out
    check_files(paths, today=…)                 what single files can show, one `FileCheck` a file
    describe_file(path, catalog, fiscal_year)   what a file holds, ledger or not
    read_text_table(path)                       one table of a file as plain text, for the two that follow
    compare_tables(old, new, key)               two versions of a register: added, removed, changed
    match_movements(left, right, window_days=…) pairs two lists of movements that share no key
    load_catalog()                              ledgers, rules, checks and words of expectations/
    write_demo(folder, villages=…)              a fictional county with known defects
    AuditlibError                               base of all errors that a user is meant to read
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .audit import run_audit as run_audit
    from .catalog.load import load_catalog as load_catalog
    from .checks.alone import check_files as check_files
    from .demo import write_demo as write_demo
    from .intake.describe import describe_file as describe_file
    from .intake.text_table import read_text_table as read_text_table
    from .matching.compare import compare_tables as compare_tables
    from .matching.movements import match_movements as match_movements
    from .words.errors import AuditlibError as AuditlibError

_HOMES = {
    "run_audit": "audit",
    "check_files": "checks.alone",
    "describe_file": "intake.describe",
    "read_text_table": "intake.text_table",
    "compare_tables": "matching.compare",
    "match_movements": "matching.movements",
    "load_catalog": "catalog.load",
    "write_demo": "demo",
    "AuditlibError": "words.errors",
}
__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'auditlib' has no public name '{name}'; candidates: {', '.join(_HOMES)}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
