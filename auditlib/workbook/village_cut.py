"""An audit cut to one village and its groups; every verb of the workbook takes the cut as it takes the whole."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from ..audit import Audit
from ..issues.lists import tree_of
from ..reports.coverage import problems_of, sources_of
from ..reports.view import SEVERITIES, CountyView, view_of
from ..words.errors import AuditlibError
from ..words.messages import say
from ..words.records import Organisation


def village(audit: Audit, name_or_code: str | None = None) -> Audit:
    """The same audit, cut to one organisation and all that stand under it.

    In: its code, its name or a part of its name that only one has; None for the village with most findings. Out: an
    Audit whose run, titled with the name, holds only their organisations, tables (with those for several organisations
    that stand above their folders), problems, findings, checks, matches and issues; `outcome` and `index` stay those of
    the county. Raises AuditlibError naming the candidates when no organisation, or more than one, is meant.
    """
    run = audit.run
    view = view_of(run, audit.catalog, audit.issues, run.language)
    chosen = _named(run.organisations, name_or_code, run.language) if name_or_code else _most_findings(view)
    codes = tree_of(chosen.org_code, view.children)
    inside = frozenset(codes)
    cut = replace(
        run,
        county=f"{run.county} {chosen.name}",
        organisations=tuple(o for o in run.organisations if o.org_code in inside),
        sources=tuple(dict.fromkeys(s for code in codes for s in sources_of(view, code))),
        problems=tuple(dict.fromkeys(p for code in codes for p in problems_of(view, code))),
        findings=tuple(f for f in run.findings if f.org_code in inside),
        checks=tuple(c for c in run.checks if c.org_code in inside),
        matches=tuple(m for m in run.matches if m.org_code in inside),
        statements=tuple(s for s in run.statements if s.org_code in inside),
    )
    return replace(audit, run=cut, issues=tuple(i for i in audit.issues if i.org_code in inside))


def _most_findings(view: CountyView) -> Organisation:
    """The village with most findings, its groups counted; equal ones by the worse findings, then by code."""
    if not view.run.organisations:
        raise AuditlibError(say("workbook.no_organisation", view.language))
    villages = [o for o in view.run.organisations if o.level == "village"] or list(view.run.organisations)

    def standing(o: Organisation) -> tuple[object, ...]:
        counts = Counter(f.severity for c in tree_of(o.org_code, view.children) for f in view.findings.get(c, ()))
        return (-counts.total(), *(-counts[s] for s in SEVERITIES), o.org_code)

    return min(villages, key=standing)


def _named(organisations: Iterable[Organisation], wanted: str, language: str) -> Organisation:
    known = sorted(organisations, key=lambda o: o.org_code)
    for test in (lambda o: o.org_code == wanted, lambda o: o.name == wanted, lambda o: wanted in o.name):
        found = [o for o in known if test(o)]
        if len(found) == 1:
            return found[0]
        if found and {o.level for o in found} != {o.level for o in found[:1]}:
            found = [o for o in found if o.level == "village"]  # a village and its groups share a part of the name
            if len(found) == 1:
                return found[0]
    alike = difflib.get_close_matches(wanted, [o.name for o in known])
    near = [o for o in known if wanted in o.name] or [o for o in known if o.name in alike]
    listed = ", ".join(f"{o.name} {o.org_code}" for o in (near or known)[:8])
    raise AuditlibError(say("workbook.which_village", language, wanted=wanted, candidates=listed))
