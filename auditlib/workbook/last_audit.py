"""The audit at hand: the last one that was made of a county, read back from its output folder; or what to do when there is none."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from ..audit import Audit
from ..catalog.settings import load_settings
from ..intake.workspace import ledger_files
from ..reports.kept_run import FILE, kept_run
from ..reports.results import catalog_of
from ..words.errors import AuditlibError
from ..words.messages import say
from .places import default_out, default_workspace, is_attended
from .progress import run_with_bar


class NotAudited(AuditlibError):
    """There are no results yet; the notebook shows the sentence alone, not where in the program it was said."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


def last_audit(workspace: Path | str | None = None, out: Path | str | None = None, *, language: str = "zh") -> Audit:
    """The last audit of a county, with the issues as they stand in the register now; nothing is audited or written.

    In: the county folder and the output folder (None: those of the environment, else those chosen on the start page, else what
    lies around). Raises NotAudited when there are no results, an AuditlibError when settings or register cannot be read.
    """
    from ..issues.county import rules_of
    from ..issues.places import locate_register
    from ..issues.register import Register

    county = Path(workspace) if workspace else default_workspace()
    target = Path(out) if out else default_out(county)
    kept = kept_run(target)
    if kept is None or kept.run.workspace != county.resolve().name:
        raise NotAudited(say("workbook.not_audited", language, out=target))
    catalog = catalog_of(kept.run, county)
    settings = load_settings(county, catalog, today=kept.run.as_of)
    place = locate_register(None, settings_register=settings.register, workspace=county, out=target)
    with Register.open_existing(place, rules=rules_of(catalog)) as register:
        issues = register.issues(kept.run.as_of)
    return Audit(kept.run, issues, place, kept.outcome, target / "index.html", catalog)


def at_hand(
    workspace: Path | str | None = None, out: Path | str | None = None, *, as_of: dt.date | str | None = None, language: str = "zh",
    **asked: Any,
) -> Audit:  # fmt: skip
    """The last audit where somebody sits before the page; a new one, with a bar, in a run without a reader.

    Takes what `run_with_bar` takes. Raises NotAudited, which says where to start, and any AuditlibError.
    """
    if is_attended():
        return last_audit(workspace, out, language=language)
    return run_with_bar(workspace, out, as_of=as_of, language=language, **asked)


def changed_since(workspace: Path, audit: Audit) -> tuple[str, ...]:
    """Files of the county that were added, taken away or written since the audit, by their names and times."""
    made = (audit.index.parent / FILE).stat().st_mtime
    now, then = set(ledger_files(workspace)), {s.file for s in audit.run.sources} | {p.file for p in audit.run.problems}
    written = {file for file in now if (workspace / file).stat().st_mtime > made}
    return tuple(sorted((now - then) | written | ({s.file for s in audit.run.sources} - now)))
