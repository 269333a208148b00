"""清零 beside the lists: said only when it is true, by the run that the reports in the output folder were written from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

from ...catalog.specs import Catalog
from ...issues.overview import Line
from ...issues.register import Register
from ...issues.runs import checks_hash
from ...reports.kept_run import KeptRun, kept_run
from ...words.messages import say
from ...words.records import Organisation
from .call import Language


def what_remains(
    register: Register, issues: Sequence[Line], organisations: Sequence[Organisation], org: str | None, catalog: Catalog,
    folders: Iterable[Path | None], day: dt.date, lang: Language,
) -> tuple[str, ...]:  # fmt: skip
    """Why 清零 may not be written of `org` with those beneath it (None: of all), a sentence each; empty when it may.

    What was checked is read from the newest run in `folders`, where that run is one of this register.
    """
    from ...issues.lists import beneath
    from ...reports.clearance import county_standing, reasons, standing
    from ...reports.view import IssueLike, view_of

    kept = next((run for folder in folders if folder and (run := _of_register(folder, register))), None)
    if kept is not None:
        view = view_of(kept.run, catalog, cast("tuple[IssueLike, ...]", register.issues(day)), lang)
        return tuple(reasons(view, county_standing(view) if org is None else standing(view, org)))
    codes = None if org is None else beneath(org, organisations)
    still_open = sum(issue.is_open for issue in issues if codes is None or issue.org_code in codes)
    told = [say("lists.not_clear.open", lang, open=f"{still_open:,}")] if still_open else []
    return (*told, say("lists.not_clear.coverage_unknown", lang))


def _of_register(folder: Path, register: Register) -> KeptRun | None:
    """The run kept in `folder`, when the register took it in last and its checks are those that the register was told of."""
    kept, runs = kept_run(folder), register.runs()
    if kept is None or not runs or kept.outcome.run_id != runs[-1].run_id:
        return None
    return kept if runs[-1].checks_hash in ("", checks_hash(kept.run.checks)) else None


def clearance_text(remains: Sequence[str], lang: Language) -> str:
    """清零, or everything that stands in its way."""
    if not remains:
        return say("reports.clearance.clear", lang)
    return "\n".join((say("reports.clearance.not_clear", lang), *(f"- {reason}" for reason in remains)))
