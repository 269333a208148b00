"""leader.html: the county on one A4 sheet for whoever has five minutes. Masked.

Verdict and money, the four colours, what is overdue and with whom, the worst townships, what changed since the last run, and what
was not looked at. Every part has a bound, so that it stays one sheet for two townships and for fifty; what is left out is counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from ..issues.issue import Issue
from ..issues.lists import sums_of
from .blocks import colour_mark, heads, money, owner_name, severity_mark, verdict
from .coverage import expected_ledgers, keeps_ledgers, missing, unrecognised
from .description import Page, Section
from .figures import grouped, statuses
from .heat_map import by_family, heat_table, legend
from .markup import Safe, bullets, from_register, join, paragraph, table, tag
from .masking import mask
from .ranking import Place, place_of, worst_first
from .register_state import RegisterState
from .rollup import checks_of, findings_of
from .set_aside import rows_in_doubt
from .township import members
from .view import SEVERITIES, CountyView

_WORST, _LATE, _NAMED, _NAME = 5, 5, 4, 24


def leader_page(view: CountyView, townships: Sequence[str], books: tuple[str, ...]) -> Page:
    """The sheet; without a register it says that nothing is known of deadlines and money recovered."""
    register = view.register
    bodies = {
        "summary": _summary(view, books),
        "worst_places": _worst(view, townships, books),
        "late": _late(view, register) if register else _no_register(view),
        "trend": _trend(view, register) if register else _no_register(view),
        "not_checked": _not_checked(view, books),
    }
    day = (register.day if register else view.run.as_of).isoformat()
    return Page(
        title=view.t("title.leader", county=view.run.county),
        subtitle=view.t("title.kind", year=view.run.fiscal_year),
        kind="leader",
        language=view.language,
        fields=((view.t("cover.as_of"), view.run.as_of.isoformat()), (view.t("cover.day"), day),
                (view.t("cover.organisations"), grouped(len(books)))),
        trail=(("index.html", view.run.county), ("", view.t("title.leader_short"))),
        sections=tuple(Section(name, view.t(f"section.{name}"), body) for name, body in bodies.items()),
        footer=view.t("footer.masked", as_of=view.run.as_of.isoformat()),
    )  # fmt: skip


def _no_register(view: CountyView) -> Safe:
    return paragraph(view.t("leader.no_register"), "empty")


def _short(view: CountyView, text: str) -> str:
    shown = mask(text, view.organisations)
    return shown if len(shown) <= _NAME else shown[: _NAME - 1] + "…"


# Verdict, money, colours


def _summary(view: CountyView, books: Sequence[str]) -> Safe:
    findings, checks = findings_of(view, books), checks_of(view, books)
    gaps = len(view.run.problems) + len(unrecognised(view)) + rows_in_doubt(view.run.sources)
    parts = [verdict(view, findings, checks, gaps)]
    return join((*parts, *((_money(view, view.register),) if view.register else ())))


def _money(view: CountyView, register: RegisterState) -> Safe:
    """Money of the register, and its open issues by warning colour."""
    sums = sums_of(register.issues)
    told = [("involved", sums.involved), ("recovered", sums.recovered), ("booked", sums.booked), ("loss_avoided", sums.loss_avoided)]
    boxes = [_box(view.t(f"leader.{name}"), money(view, amount), "money") for name, amount in told]
    counts = [("issues", sums.issues), ("open", sums.open), ("overdue", sums.overdue)]
    boxes = [*(_box(view.t(f"leader.{name}"), grouped(n)) for name, n in counts), *boxes]
    levels = sorted(register.clock.shades, reverse=True)
    marks = []
    for level in levels:
        shade, n = register.clock.shades[level], sum(i.is_open and i.level == level for i in register.issues)
        marks.append(join((colour_mark(shade.colour, shade.word(view.language)), " ", tag("strong", grouped(n)))))
    line = paragraph(join((view.t("leader.colours"), *(join(("\u3000", mark)) for mark in marks))))
    return from_register(tag("div", tag("dl", *boxes, class_="figures"), line, class_="register-money"))


def _box(label: str, value: object, kind: str = "") -> Safe:
    return tag("div", tag("dt", label), tag("dd", value), class_=f"figure {kind}".strip())


# The worst townships


def _worst(view: CountyView, townships: Sequence[str], books: tuple[str, ...]) -> Safe:
    """The worst five by family, with the rest in one line: the map adds up to the whole county."""
    codes = {code: members(view, code, books) for code in townships}
    outside = tuple(code for code in books if view.township_of.get(code, "") not in codes)
    ranked = worst_first([place_of(view, code, codes[code]) for code in townships])
    shown, rest = ranked[:_WORST], ranked[_WORST:]
    others = [c for place in rest for c in codes[place.code]] + list(outside)
    findings = {place.code: findings_of(view, codes[place.code]) for place in shown}
    if others:
        findings["*"] = findings_of(view, others)
    found = by_family(view, findings)
    names: dict[str, object] = {place.code: join((_short(view, view.name(place.code)), _tail(view, place))) for place in shown}
    names["*"] = view.t("leader.rest", n=grouped(len(rest))) if rest else view.t("no_organisation")
    titles = [view.family_name(name) for name in found.columns]
    shown_map = heat_table(view, found, view.t("caption.worst_places"), view.t("column.township"), names, titles)
    return join((shown_map, legend(view, found)))


def _tail(view: CountyView, place: Place) -> Safe:
    """Red and orange, money and share settled, small beneath the name."""
    counts = place.figures.by_severity
    told = [f"{view.term(f'severity.{s}')} {grouped(counts[s])}" for s in SEVERITIES[:2]]
    told.append(join((money(view, place.figures.involved),)))
    small = tag("small", join(told, " · "))
    if place.closure is None:
        return small
    closed = view.t("leader.closed", settled=grouped(place.settled), all=grouped(place.issues), percent=place.closure)
    return join((small, from_register(tag("small", closed))))


# Overdue, trend


def _late(view: CountyView, register: RegisterState) -> Safe:
    """Who has how many overdue matters, the most first; each with the longest and with what is due within a week."""
    by_owner: dict[str, list[Issue]] = defaultdict(list)
    for issue in register.issues:
        if issue.is_open and issue.days_left < 0:
            by_owner[owner_name(view, issue.owner) or view.t("lists.no_owner")].append(issue)
    if not by_owner:
        return from_register(paragraph(view.t("leader.none_late"), "empty"))
    ordered = sorted(by_owner.items(), key=lambda item: (-len(item[1]), min(i.days_left for i in item[1]), item[0]))
    rows = [_owed(view, owner, late) for owner, late in ordered[:_LATE]]
    left = ordered[_LATE:]
    if left:
        every = [i for _, late in left for i in late]
        rows.append(_owed(view, view.t("leader.other_owners", n=grouped(len(left))), every))
    names = (("owner", "head"), ("late", "num"), ("longest", "num"), ("money_late", "num"), ("severity", "nowrap"))
    return from_register(table(view.t("caption.late"), heads(view, *names), rows))


def _owed(view: CountyView, owner: str, late: Sequence[Issue]) -> list[object]:
    worst = min(late, key=lambda i: SEVERITIES.index(i.severity) if i.severity in SEVERITIES else len(SEVERITIES))
    amount = sum((i.amount for i in late if i.amount is not None), Decimal(0))
    return [_short(view, owner), grouped(len(late)), str(-min(i.days_left for i in late)), money(view, amount or None),
            severity_mark(view, worst.severity)]  # fmt: skip


def _trend(view: CountyView, register: RegisterState) -> Safe:
    """This run beside the one before it, as the register keeps them."""
    if len(register.runs) < 2:
        return from_register(paragraph(view.t("leader.first_run"), "empty"))
    before, now = register.runs
    rows = [[view.t("leader.trend.findings"), grouped(before.findings), grouped(now.findings), f"{now.findings - before.findings:+,}"]]
    told = [("new", now.raised), ("gone", now.put_forward), ("back", now.reopened), ("changed", now.changed)]
    line = view.t("list").join(view.t(f"leader.trend.{name}", n=grouped(n)) for name, n in told)
    columns = [("", "head"), (before.as_of.isoformat(), "num"), (now.as_of.isoformat(), "num"), (view.t("column.change"), "num")]
    return from_register(join((table(view.t("caption.trend"), columns, rows), paragraph(line))))


# What was not looked at


def _not_checked(view: CountyView, books: Sequence[str]) -> Safe:
    keepers = [code for code in books if keeps_ledgers(view, code)]
    absent = {code: missing(view, code) for code in keepers}
    expected = len(expected_ledgers(view))
    seen = sum(expected - len(lost) for lost in absent.values())
    nothing = [code for code, lost in absent.items() if len(lost) == expected]
    failed = statuses(checks_of(view, books))["could_not_run"]
    told = [view.t("leader.coverage", seen=grouped(seen), all=grouped(expected * len(keepers)), organisations=grouped(len(keepers)))]
    if nothing:
        told.append(view.t("leader.nothing_from", n=grouped(len(nothing)), who=_some(view, nothing)))
    lost = rows_in_doubt(view.run.sources)
    counts = (
        ("files", len(view.run.problems)), ("tables", len(unrecognised(view))), ("rows", lost), ("checks", failed),
        ("own", len(view.run.errors)),
    )  # fmt: skip
    told += [view.t(f"leader.lost.{name}", n=grouped(n)) for name, n in counts if n]
    return bullets(told)


def _some(view: CountyView, codes: Sequence[str]) -> str:
    named = view.t("list").join(_short(view, view.name(code)) for code in codes[:_NAMED])
    return named + (view.t("and_more", n=grouped(len(codes) - _NAMED)) if len(codes) > _NAMED else "")
