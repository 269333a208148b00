"""Charts of an audit and of its issues, as values: every bar and cell says its number and knows the rows behind it.

A chart is a table first, so that it can be read out, printed in grey and walked with the keys; bars, shades and lines only
help the eye. Nothing is drawn here.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..audit import Audit
from ..issues.issue import FindingRef, Issue, State
from ..issues.sweep import Coverage, same_books
from ..reports.figures import grouped, yuan
from ..reports.view import CountyView
from ..words.messages import say
from ..words.records import AuditRun, Finding
from .frames import view_for

FORMS = ("bars", "heat", "curve")
_WEEKS = 13  # a curve of so many weeks or fewer has a point a week, a longer one a point a month
_POINTS = 24  # points of a curve; what lies before them stands in the first
_TYPES = 30  # columns of the heat map
_BANDS = (  # of the ageing: name, first and last day to the deadline; negative is overdue
    ("later", 8, None), ("week", 0, 7), ("month", -30, -1), ("quarter", -90, -31), ("half", -180, -91), ("longer", None, -181),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of a chart: what it reads as, how large it is beside the largest (0 to 1), and the ids of its rows."""

    text: str
    share: float
    name: str  # what it is, in full, for who does not see where it stands
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a chart."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as a table: `heads` stand over the cells, `told` says in a sentence what the picture shows.

    `form`: bars (the first column as bars), heat (cells shaded) or curve (the first two columns as lines).
    """

    name: str
    form: str
    title: str
    told: str
    corner: str  # head of the labels
    heads: tuple[str, ...]
    hints: tuple[str, ...]  # what each head means in full
    lines: tuple[Line, ...]


def _say(key: str, language: str, **values: object) -> str:
    return say(f"workbook.charts.{key}", language, **values)


# ---- findings ----------------------------------------------------------------------------------------------


def townships_by_type(audit: Audit, language: str = "zh") -> Chart:
    """Where which type of problem was found how often: townships, or the organisations where all lie in one township."""
    view = view_for(audit, language)
    codes = _places(view)
    rules = sorted({f.rule for f in audit.run.findings}, key=lambda r: (-sum(f.rule == r for f in audit.run.findings), r))
    shown = sorted(rules[:_TYPES])
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for f in audit.run.findings:
        found[codes.get(f.org_code, f.org_code), f.rule].append(f.finding_id)
    most = max((len(ids) for ids in found.values()), default=1)
    totals = {place: sum(len(ids) for (at, _), ids in found.items() if at == place) for place in dict.fromkeys(at for at, _ in found)}
    lines = tuple(
        Line(view.name(place), tuple(_heat(view, place, rule, found.get((place, rule), ()), most) for rule in shown))
        for place in sorted(totals, key=lambda p: (-totals[p], p))
    )
    told = _told_heat(view, totals, rules, shown)
    hints = tuple(view.rule_name(r) for r in shown)
    return Chart("types", "heat", _say("types", language), told, _say("place", language), tuple(shown), hints, lines)


def _places(view: CountyView) -> Mapping[str, str]:
    """Organisation -> the row of the chart that it is counted in."""
    townships = {code: view.township_of.get(code, "") for code in view.organisations if view.findings.get(code)}
    if len(set(townships.values())) < 2:
        return {code: code for code in townships}
    return {code: township or code for code, township in townships.items()}


def _heat(view: CountyView, place: str, rule: str, ids: Sequence[str], most: int) -> Cell:
    name = f"{view.name(place)} · {rule} {view.rule_name(rule)}"
    return Cell(grouped(len(ids)) if ids else "", len(ids) / most, name, tuple(ids))


def _told_heat(view: CountyView, totals: Mapping[str, int], rules: Sequence[str], shown: Sequence[str]) -> str:
    if not totals:
        return _say("no_findings", view.language)
    worst = min(totals, key=lambda p: (-totals[p], p))
    told = _say(
        "types_told", view.language, place=view.name(worst), n=grouped(totals[worst]), rule=f"{rules[0]} {view.rule_name(rules[0])}"
    )
    return told + (_say("types_cut", view.language, shown=len(shown), n=len(rules)) if len(rules) > len(shown) else "")


COMPARED = ("still", "new", "gone", "not_looked")


def compared(audit: Audit, before: AuditRun | None) -> Mapping[str, tuple[Finding, ...]]:
    """The findings of two runs of one county: found in both, new, gone though looked for, and gone without being looked for.

    `before` is the earlier run; without one everything is new.
    """
    then = {f.finding_id: f for f in before.findings} if before else {}
    now = {f.finding_id for f in audit.run.findings}
    left = [f for f in then.values() if f.finding_id not in now]
    known = {o.org_code for o in audit.run.organisations}  # a cut audit: what lies elsewhere is none of its matter
    here = [f for f in left if f.org_code in known or not f.org_code]
    gone = _looked_for(here, before, audit.run) if before else frozenset()
    return {
        "still": tuple(f for f in audit.run.findings if f.finding_id in then),
        "new": tuple(f for f in audit.run.findings if f.finding_id not in then),
        "gone": tuple(f for f in here if f.finding_id in gone),
        "not_looked": tuple(f for f in here if f.finding_id not in gone),
    }


def _looked_for(findings: Iterable[Finding], before: AuditRun, now: AuditRun) -> frozenset[str]:
    """Ids of those findings of the run before that this run could have found: judged as the register judges whether one is gone."""
    coverage = Coverage(now.checks)
    refs = (
        FindingRef(
            f.finding_id, f.rule, f.org_code, f.ledger, before.fiscal_year, f.severity, f.amount, f.owner, f.org_name, before.as_of,
            before.county,
        )
        for f in findings
    )  # fmt: skip
    return frozenset(ref.finding_id for ref in refs if coverage.looked_for(ref) and same_books(ref, now))


def before_and_after(audit: Audit, before: AuditRun | None, language: str = "zh") -> Chart:
    """What became of the findings of the run before, by type of problem."""
    view, parts = view_for(audit, language), compared(audit, before)
    rules = sorted({f.rule for findings in parts.values() for f in findings})
    ids = {(part, rule): tuple(f.finding_id for f in parts[part] if f.rule == rule) for part in COMPARED for rule in rules}
    most = max(map(len, ids.values()), default=1) or 1
    heads = tuple(_say(f"compared.{part}", language) for part in COMPARED)

    def line(rule: str) -> Line:
        label = f"{rule} {view.rule_name(rule)}"
        cells = [(ids[part, rule], head) for part, head in zip(COMPARED, heads, strict=True)]
        return Line(label, tuple(Cell(grouped(len(i)) if i else "", len(i) / most, f"{label} · {head}", i) for i, head in cells))

    counts = {part: grouped(len(parts[part])) for part in COMPARED}
    told = _say("compared_told", language, before=before.as_of, **counts) if before else _say("no_before", language)
    hints = tuple(_say(f"compared.{part}_hint", language) for part in COMPARED)
    rows = tuple(line(rule) for rule in rules) if before else ()
    return Chart("compared", "bars", _say("compared", language), told, _say("type", language), heads, hints, rows)


# ---- issues ------------------------------------------------------------------------------------------------


def ageing(issues: Sequence[Issue], language: str = "zh") -> Chart:
    """Open issues by how far their deadline lies ahead or behind: how many, and the money."""
    still = [i for i in issues if i.is_open]
    groups = [(name, [i for i in still if _within(i.days_left, first, last)]) for name, first, last in _BANDS]
    late = [i for i in still if i.days_left < 0]
    told = _say("ageing_told", language, n=grouped(len(still)), late=grouped(len(late)), amount=yuan(_sum(late)))
    return _counted("ageing", [(_say(f"band.{name}", language), group) for name, group in groups], told, _say("band", language), language)


def _within(days: int, first: int | None, last: int | None) -> bool:
    return (first is None or days >= first) and (last is None or days <= last)


def value_by_status(issues: Sequence[Issue], language: str = "zh") -> Chart:
    """The money of the issues by where they stand."""
    groups = [(say(f"issues.state.{s}", language), [i for i in issues if i.state is s]) for s in State]
    told = _say("status_told", language, n=grouped(len(issues)), amount=yuan(_sum(issues)), recovered=yuan(_recovered(issues)))
    return _counted("status", [(name, group) for name, group in groups if group], told, say("issues.column.state", language), language)


def _counted(name: str, groups: Sequence[tuple[str, Sequence[Issue]]], told: str, corner: str, language: str) -> Chart:
    """Bars of groups of issues, with how many and how much."""
    by_money = name == "status"
    sizes = [float(_sum(g)) if by_money else float(len(g)) for _, g in groups]
    most = max(sizes, default=0.0) or 1.0
    count, money = _say("count", language), _say("amount", language)

    def line(label: str, group: Sequence[Issue], size: float) -> Line:
        ids, share = tuple(i.issue_id for i in group), size / most
        cells = {
            count: Cell(grouped(len(group)), 0.0 if by_money else share, f"{label} · {count}", ids),
            money: Cell(yuan(_sum(group)), share if by_money else 0.0, f"{label} · {money}", ids),
        }
        return Line(label, (cells[money], cells[count]) if by_money else (cells[count], cells[money]))

    heads = (money, count) if by_money else (count, money)
    return Chart(name, "bars", _say(name, language), told, corner, heads, heads, tuple(map(line, *zip(*groups, strict=True), sizes)))


def _sum(issues: Iterable[Issue]) -> Decimal:
    return sum((i.amount or Decimal(0) for i in issues), Decimal(0))


def _recovered(issues: Iterable[Issue]) -> Decimal:
    return sum((i.recovered for i in issues), Decimal(0))


def closure_curve(issues: Sequence[Issue], day: dt.date, language: str = "zh") -> Chart:
    """How many issues were raised and how many of them are closed, added up to the end of each week or month until `day`.

    As the register stands now: one that was opened again counts as open all along; declined and joined ones are left out,
    for nothing was put right in them.
    """
    counted = [i for i in issues if i.state not in (State.DECLINED, State.JOINED)]
    ends = _ends(min((i.raised_on for i in counted), default=day), day)
    most = len(counted) or 1
    heads = tuple(_say(f"curve.{name}", language) for name in ("raised", "closed", "open"))
    lines = tuple(_point(end, counted, most, heads) for end in ends)
    told = _say(
        "curve_told", language, first=ends[0].isoformat(), last=ends[-1].isoformat(), n=grouped(len(counted)),
        closed=grouped(sum(i.closed_on is not None for i in counted)),
    )  # fmt: skip
    return Chart("curve", "curve", _say("curve", language), told, _say("until", language), heads, heads, lines)


def _point(end: dt.date, issues: Sequence[Issue], most: int, heads: Sequence[str]) -> Line:
    raised = [i for i in issues if i.raised_on <= end]
    closed = [i for i in raised if i.closed_on is not None and i.closed_on <= end]
    still = [i for i in raised if i.closed_on is None or i.closed_on > end]
    label = end.isoformat()
    cells = (
        Cell(grouped(len(group)), len(group) / most, f"{label} · {head}", tuple(i.issue_id for i in group))
        for group, head in zip((raised, closed, still), heads, strict=True)
    )
    return Line(label, tuple(cells))


def _ends(first: dt.date, day: dt.date) -> tuple[dt.date, ...]:
    """The last days of the weeks or months from `first` to `day`, which is the last of them; the newest where there are too many."""
    step: Callable[[dt.date], dt.date] = _week_before if (day - first).days <= 7 * _WEEKS else _month_before
    ends = [day]
    while ends[-1] > first and len(ends) < _POINTS:
        ends.append(step(ends[-1]))
    return tuple(reversed(ends))


def _week_before(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=7)


def _month_before(day: dt.date) -> dt.date:
    """The last day of the month before."""
    return day.replace(day=1) - dt.timedelta(days=1)
