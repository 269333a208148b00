"""One village, one book 一村一册: the page of one organisation. A working paper: its data are shown in full."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from ..words.records import CheckResult, Organisation
from .blocks import (
    check_line,
    cut,
    empty,
    family_table,
    heads,
    problems_table,
    reason_of,
    rule_link,
    signature_lines,
    sources_table,
    verdict,
)
from .book_figures import balance_section, handover_section, ledgers_section
from .clearance import clearance_box, standing
from .coverage import delivered, expected_ledgers, missing, problems_of, sources_of
from .description import Page, Section
from .figures import grouped, statuses
from .findings import findings_by_family, with_anchor
from .ledger_rows import rows_file
from .lists import three_lists
from .markup import Safe, bullets, escape, join, link, paragraph, table, tag
from .reconciled import reconciliations
from .set_aside import ANCHOR, rows_in_doubt, set_aside_note, set_aside_table
from .view import CountyView


def _cover(view: CountyView, organisation: Organisation) -> tuple[tuple[str, str], ...]:
    township = view.township_of.get(organisation.org_code, "")
    parent = organisation.parent_code if organisation.parent_code not in ("", township) else ""
    people = [(view.t(f"cover.{who}"), getattr(organisation, who)) for who in ("head", "accountant", "cashier")]
    size = [
        (view.t(f"cover.{n}"), grouped(v)) for n in ("member_count", "households") if (v := getattr(organisation, n)) is not None
    ]
    fields = [
        (view.t("cover.organisation"), view.name(organisation.org_code)),
        (view.t("cover.org_code"), organisation.org_code),
        (view.t("cover.level"), view.term(f"level.{organisation.level}")),
        (view.t("cover.parent"), view.name(parent) if parent else ""),
        (view.t("cover.township"), view.name(township) if township else ""),
        (view.t("cover.year"), str(view.run.fiscal_year)),
        (view.t("cover.as_of"), view.run.as_of.isoformat()),
        *people,
        *size,
    ]
    return tuple((term, value) for term, value in fields if value)


def _trail(view: CountyView, code: str) -> tuple[tuple[str, str], ...]:
    above = [("../index.html", view.run.county)]
    township = view.township_of.get(code, "")
    parent = view.organisations[code].parent_code
    if township:
        above.append((f"../{view.township_page(township)}", view.name(township)))
    if parent in view.organisations and view.organisations[parent].level == "village":
        above.append((f"../{view.book(parent)}", view.name(parent)))
    return (*above, ("", view.name(code)))


def _groups(view: CountyView, code: str) -> Safe:
    below = [c for c in view.children.get(code, ()) if c != code and view.organisations[c].level == "group"]
    rows = [
        join((link(f"../{view.book(c)}", view.name(c)), " ", view.t("cases", n=len(view.findings.get(c, ()))))) for c in below
    ]
    return join((tag("h3", view.t("groups")), bullets(rows))) if rows else Safe("")


def _summary(view: CountyView, code: str) -> Safe:
    findings, problems, sources = view.findings.get(code, ()), problems_of(view, code), sources_of(view, code)
    gaps = len(problems) + len(missing(view, code)) + rows_in_doubt(sources)
    parts = [verdict(view, findings, view.checks.get(code, ()), gaps, set_aside_note(view, sources))]
    if code not in view.registered:
        parts.append(paragraph(view.t("unregistered"), "unrun"))
    parts.append(family_table(view, findings) if findings else _clean(view, code))
    return join((*parts, _groups(view, code)))


def _clean(view: CountyView, code: str) -> Safe:
    """No finding is said in words, together with everything that was not looked at."""
    checks = view.checks.get(code, ())
    went = statuses(checks)
    lost = missing(view, code)
    parts = [paragraph(view.t("clean.what", passed=grouped(went["passed"])))]
    if lost:
        parts.append(paragraph(view.t("clean.missing", ledgers=view.t("list").join(view.ledger(n) for n in lost))))
    unrun = [c for c in checks if c.status in ("could_not_run", "not_applicable")]
    if unrun:
        rules = dict.fromkeys(f"{c.rule} {view.rule_name(c.rule)}" for c in sorted(unrun, key=lambda c: c.rule))
        parts.append(paragraph(view.t("clean.unrun", n=grouped(len(unrun)), rules=view.t("list").join(rules))))
    return tag("div", *parts, paragraph(view.t("clean.caution")), class_="clean-words")


def _scope(view: CountyView, code: str) -> Safe:
    have, lost = delivered(view, code), missing(view, code)
    parts = [sources_table(view, sources_of(view, code), code)]
    named = view.t("list").join(view.ledger(n) for n in lost)
    parts.append(
        paragraph(
            view.t("coverage.count", have=len([n for n in expected_ledgers(view) if n in have]), all=len(expected_ledgers(view)))
        )
    )
    if lost:
        parts.append(paragraph(view.t("coverage.missing" if have else "coverage.nothing", ledgers=named), "unrun"))
    parts += [tag("h3", view.t("section.set_aside"), id=ANCHOR), set_aside_table(view, sources_of(view, code))]
    return join((*parts, tag("h3", view.t("caption.problems")), problems_table(view, problems_of(view, code), "index.html")))


def _reasoned(view: CountyView, checks: Sequence[CheckResult], status: str) -> Safe:
    rows = [[rule_link(view, c.rule, "../"), view.ledger(c.ledger), reason_of(view, c)] for c in checks]
    columns = [(view.t("column.rule"), "head"), (view.t("column.ledger"), ""), (view.t("column.reason"), "wide")]
    kept, note = cut(view, rows, "rules.html")
    return join((table(view.term(f"status.{status}"), columns, kept, "dense"), note))


def _counted(view: CountyView, checks: Sequence[CheckResult], status: str) -> Safe:
    rows = []
    for c in checks:
        rule = join((rule_link(view, c.rule, "../"), *((tag("small", reason_of(view, c)),) if c.reason else ())))
        rows.append([rule, view.ledger(c.ledger), grouped(c.population), grouped(c.exceptions)])
    names = (("rule", "head"), ("ledger", ""), ("population", "num"), ("exceptions", "num"))
    kept, note = cut(view, rows, "rules.html")
    return join((table(view.term(f"status.{status}"), heads(view, *names), kept, "dense"), note))


_SHOWN = {"could_not_run": _reasoned, "found": _counted, "passed": _counted, "not_applicable": _reasoned}


def _checks(view: CountyView, code: str) -> Safe:
    checks = sorted(view.checks.get(code, ()), key=lambda c: (c.rule, c.ledger))
    if not checks:
        return paragraph(view.t("checks.none"), "unrun")
    went = statuses(checks)
    counts = {status: grouped(went[status]) for status in _SHOWN}
    parts = [paragraph(view.t("checks.counts", all=grouped(len(checks)), **counts))]
    for status, show in _SHOWN.items():
        group = [c for c in checks if c.status == status]
        if group:
            title = join((view.term(f"status.{status}"), tag("small", grouped(len(group)))))
            parts += [tag("h3", title, class_=f"status {status}"), show(view, group, status)]
    return join(parts)


def _not_checked(view: CountyView, code: str) -> Safe:
    """What may not be read as assurance, gathered in one place."""
    unrun = [c for c in view.checks.get(code, ()) if c.status == "could_not_run"]
    by_reason = groupby(sorted(unrun, key=lambda c: (reason_of(view, c), c.rule)), key=lambda c: reason_of(view, c))
    items = [
        join((tag("strong", reason), view.t("colon"), view.t("list").join(check_line(view, c) for c in group)))
        for reason, group in by_reason
    ]
    return bullets(items) if items else empty(view, "unrun.none")


def _reconciliations(view: CountyView, code: str) -> Safe:
    statements = [s for s in view.run.statements if s.org_code == code]
    everything = rows_file(view.stems[code], "matches") if view.figures else "matches.csv"
    return reconciliations(view, view.matches.get(code, ()), statements, everything)


def _signatures(view: CountyView) -> Safe:
    return signature_lines(view, ("prepared", "reviewed", "audited", "date"))


def book_page(view: CountyView, code: str) -> Page:
    """The book of one organisation: verdict and money first, what was audited, balance, ledgers, reconciliations, findings, checks, lists,
    hand-over, signatures.
    """
    organisation = view.organisations[code]
    findings = view.findings.get(code, ())
    here = with_anchor(findings)
    bodies = {
        "summary": _summary(view, code),
        "scope": _scope(view, code),
        "balance": balance_section(view, code),
        "figures": ledgers_section(view, code),
        "reconciliations": join((set_aside_note(view, sources_of(view, code)), _reconciliations(view, code))),
        "findings": findings_by_family(view, findings) if findings else empty(view, "findings.none"),
        "unrun": _not_checked(view, code),
        "checks": _checks(view, code),
        "lists": join((clearance_box(view, standing(view, code)), three_lists(view, view.listed.get(code, ()), here))),
        "handover": handover_section(view, code),
        "signatures": _signatures(view),
    }
    sections = tuple(Section(name, view.t(f"section.{name}"), escape(body)) for name, body in bodies.items())
    return Page(
        title=view.name(code),
        subtitle=view.t("title.book", county=view.run.county, year=view.run.fiscal_year),
        kind="book",
        language=view.language,
        fields=_cover(view, organisation),
        trail=_trail(view, code),
        sections=sections,
        footer=view.t("footer.book", as_of=view.run.as_of.isoformat()),
    )
