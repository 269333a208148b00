"""Findings with their cells and law, and reconciliations: the blocks of the village book, shown in a notebook."""

from __future__ import annotations

from ..audit import Audit
from ..reports.blocks import empty
from ..reports.findings import findings_by_family
from ..reports.markup import tag
from ..reports.reconciled import reconciliations
from .frames import view_for
from .shown import Shown, block


def finding_cards(audit: Audit, language: str = "zh") -> Shown:
    """Every finding of a cut audit, by organisation, family and rule: place, cells as they stand in the file, law, remedy."""
    view = view_for(audit, language)
    parts: list[object] = []
    for code in _in_order(audit):
        if view.findings.get(code):
            parts += [tag("h2", view.name(code)), findings_by_family(view, view.findings[code])]
    return block(parts or [empty(view, "findings.none")], view.t("cases", n=len(audit.run.findings)))


def reconciled(audit: Audit, language: str = "zh") -> Shown:
    """The reconciliations of a cut audit, by organisation: counts first, then every item that did not agree."""
    view = view_for(audit, language)
    parts: list[object] = []
    for code in _in_order(audit):
        if view.matches.get(code):
            statements = tuple(s for s in audit.run.statements if s.org_code == code)
            parts += [tag("h2", view.name(code)), reconciliations(view, view.matches[code], statements)]
    return block(parts or [empty(view, "matches.none")], view.t("caption.reconciliations"))


def _in_order(audit: Audit) -> tuple[str, ...]:
    """The organisations of the register, then codes that only findings or matches name."""
    named = [o.org_code for o in audit.run.organisations]
    others = sorted({x.org_code for x in (*audit.run.findings, *audit.run.matches)} - set(named))
    return (*named, *others)
