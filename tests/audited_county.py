"""One audited demo county for the tests of what reports make of an audit; made once for all modules of a process."""

from __future__ import annotations

import atexit
import datetime as dt
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from auditlib.audit import Audit, run_audit
from auditlib.demo import write_demo

TODAY = dt.date(2026, 1, 31)
AT = dt.datetime(2026, 2, 1, 2, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Audited:
    folder: Path  # the county
    out: Path
    audit: Audit


@cache
def audited() -> Audited:
    """A demo county of two villages and their groups with planted breaches, audited. Read only: copy it to change it."""
    home = Path(tempfile.mkdtemp(prefix="audited-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    folder = write_demo(home / "demo", villages=2).folder
    out = home / "out"
    return Audited(folder, out, run_audit(folder, out, today=TODAY, at=AT))
