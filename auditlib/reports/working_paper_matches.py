"""The working paper of one reconciliation: both sides line by line, totals that add up, and everything that did not agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..catalog.specs import CheckSpec
from ..words.records import CheckResult, Match
from .blocks import cut, facts, heads, reason_of
from .coverage import keeps_ledgers
from .description import Page
from .figures import grouped, yuan
from .markup import Safe, escape, join, link, paragraph, table, tag
from .match_groups import Item, alone_and_groups, group_cells, group_heads
from .reconciled import STATES, how_name, sides_of, title_of, totals
from .view import LIMIT, CountyView
from .working_paper import (
    AGREED,
    BASE,
    DIFFERS,
    SEE,
    LedgerUse,
    arguments,
    commands,
    criteria,
    ledgers_table,
    limits,
    missed_table,
    organisation_link,
    paper_link,
    paper_page,
    steps_table,
    tick,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MatchResult:
    """How a reconciliation went in the county."""

    name: str
    specs: tuple[CheckSpec, ...]  # none where the catalogue no longer has it
    by_organisation: Mapping[str, tuple[Match, ...]]
    missed: Mapping[str, tuple[str, ...]]  # reason -> organisations

    @property
    def matches(self) -> list[Match]:
        return [m for group in self.by_organisation.values() for m in group]

    @property
    def open(self) -> list[Match]:
        return [m for m in self.matches if m.state != "matched"]

    @property
    def not_tested(self) -> int:
        return sum(map(len, self.missed.values()))


def match_result(
    view: CountyView, name: str, specs: Sequence[CheckSpec], matches: Sequence[Match], checks: Mapping[str, Sequence[CheckResult]]
) -> MatchResult:
    """Puts the lines of one reconciliation together, organisation by organisation; `checks` are the results by rule."""
    groups: dict[str, list[Match]] = {}
    for match in matches:
        groups.setdefault(match.org_code, []).append(match)
    reasons = {c.org_code: reason_of(view, c) for s in specs for c in checks.get(s.rule, ()) if c.ledger == s.ledgers[0] and c.reason}
    missed: dict[str, list[str]] = {}
    for code in sorted(view.registered - groups.keys()):
        if keeps_ledgers(view, code):
            missed.setdefault(reasons.get(code) or view.t("paper.no_lines"), []).append(code)
    return MatchResult(
        name, tuple(specs), {code: tuple(group) for code, group in sorted(groups.items())}, {r: tuple(codes) for r, codes in missed.items()}
    )


def match_page(view: CountyView, result: MatchResult, used: Mapping[str, LedgerUse], books: frozenset[str]) -> tuple[str, Page]:
    """The paper of a reconciliation, with its path."""
    title = title_of(view, result.name)
    bodies = {
        "paper_objective": paragraph(view.t("paper.objective_match", title=title)),
        "paper_criteria": _criteria(view, result),
        "paper_population": _population(view, result, used),
        "paper_work": _work(view, result),
        "paper_result": _by_organisation(view, result, books),
        "paper_exceptions": _exceptions(view, result),
        "paper_conclusion": _conclusion(view, result),
    }
    return view.paper(result.name), paper_page(view, title, result.name, bodies)


def _criteria(view: CountyView, result: MatchResult) -> Safe:
    cards = [card for rule in dict.fromkeys(s.rule for s in result.specs) if (card := view.card(rule))]
    if not cards:
        return paragraph(view.t("paper.no_card"), "note")
    parts: list[object] = []
    for card in cards:
        named = f"{card.rule} {card.name[view.language]}"
        see = join((link(f"{BASE}rules.html#{card.rule}", named), " · ", paper_link(view, card.rule, view.t("paper.see"))))
        parts += [facts([(view.t("paper.serves"), see), (view.t("paper.objective"), card.what[view.language])]), criteria(view, card)]
    return join(parts)


def _sides(matches: Sequence[Match]) -> tuple[int, int]:
    counts = totals(matches).values()
    return sum(left for left, _ in counts), sum(right for _, right in counts)


def _population(view: CountyView, result: MatchResult, used: Mapping[str, LedgerUse]) -> Safe:
    left, right = _sides(result.matches)
    counts = {"covered": grouped(len(result.by_organisation)), "missed": grouped(result.not_tested)}
    told = view.t("paper.covered_match", left=grouped(left), right=grouped(right), **counts)
    names = [name for s in result.specs for name in s.ledgers] or [n for n in result.name.split("__") if n in view.catalog.ledgers]
    missed = missed_table(view, result.missed, LIMIT)
    return join((paragraph(told), ledgers_table(view, names, used), missed))


def _work(view: CountyView, result: MatchResult) -> Safe:
    rows = []
    for spec in result.specs:
        ledgers = view.t("list").join(view.ledger(n) for n in spec.ledgers)
        rows.append([tag("code", spec.kernel), ledgers, tag("code", arguments(spec)), "reconciliations/*.yaml"])
    cards = [card for rule in dict.fromkeys(s.rule for s in result.specs) if (card := view.card(rule))]
    return join((commands(view), steps_table(view, rows), *(limits(view, card) for card in cards[:1])))


def _by_organisation(view: CountyView, result: MatchResult, books: frozenset[str]) -> Safe:
    """One line an organisation, the worst first; of each side the parts add up to its lines."""
    if not result.matches:
        return paragraph(view.t("paper.none_tested"), "unrun")
    groups = sorted(result.by_organisation.items(), key=lambda item: (-sum(m.state != "matched" for m in item[1]), item[0]))
    kept, note = cut(view, groups, "matches.csv")
    rows = [_row(view, organisation_link(view, code, books), matches) for code, matches in kept]
    rows.append(_row(view, tag("strong", view.t("total")), result.matches))
    names = (("organisation", "head"), ("paper_tick", ""), ("lines_left", "num"), ("lines_right", "num"), *((s, "num") for s in STATES))
    columns = heads(view, *names, ("difference_sum", "num"))
    return join((table(view.t("paper.by_organisation"), columns, rows, "dense totals"), note))


def _row(view: CountyView, name: object, matches: Sequence[Match]) -> list[object]:
    by_state = totals(matches)
    one_sided = {"left_only": 0, "right_only": 1}
    cells = [grouped(c[one_sided[s]]) if s in one_sided else f"{grouped(c[0])} / {grouped(c[1])}" for s, c in by_state.items()]
    mark = DIFFERS if any(m.state != "matched" for m in matches) else AGREED
    return [name, tick(view, mark), *map(grouped, _sides(matches)), *cells, yuan(_difference(matches))]


def _difference(matches: Sequence[Match]) -> Decimal:
    return sum((abs(m.difference) for m in matches if m.state == "differing" and m.difference), start=Decimal(0))


def _exceptions(view: CountyView, result: MatchResult) -> Safe:
    if not result.open:
        return paragraph(view.t("paper.no_exceptions"), "empty")
    alone, groups = alone_and_groups(sorted(result.open, key=lambda m: (-abs(m.difference or 0), m.org_code, m.left, m.right)))
    return join((*([_one_by_one(view, alone)] if alone else []), *([_groups(view, groups)] if groups else [])))


def _groups(view: CountyView, groups: Sequence[Item]) -> Safe:
    kept, note = cut(view, groups, "matches.csv")
    columns = [*heads(view, ("paper_tick", ""), ("organisation", "head")), *group_heads(view)]
    rows = [[tick(view, DIFFERS), view.name(g[0].org_code), *group_cells(view, g)] for g in kept]
    return join((table(view.t("caption.groups", n=grouped(len(groups))), columns, rows, "dense"), note))


def _one_by_one(view: CountyView, ordered: Sequence[Match]) -> Safe:
    kept, note = cut(view, ordered, "matches.csv")
    rows = [
        [
            tick(view, DIFFERS),
            view.name(m.org_code),
            *sides_of(view, m),
            view.t(f"column.{m.state}"),
            how_name(view, m.how),
            yuan(m.difference),
        ]
        for m in kept
    ]
    names = (
        ("paper_tick", ""),
        ("organisation", "head"),
        ("left", ""),
        ("right", ""),
        ("paper_note", ""),
        ("how", ""),
        ("difference", "num"),
    )
    return join((table(view.t("paper.open_listed", n=grouped(len(ordered))), heads(view, *names), rows, "dense"), note))


def _conclusion(view: CountyView, result: MatchResult) -> Safe:
    left, right = map(grouped, _sides(result.matches))
    if not result.matches:
        told = view.t("paper.conclude.untested")
    elif result.open:
        states = {state: grouped(sum(m.state == state for m in result.open)) for state in STATES if state != "matched"}
        single = sum((abs(m.difference or 0) for m in result.open if m.state in ("left_only", "right_only")), start=Decimal(0))
        amounts = {"amount": yuan(_difference(result.matches)), "single": yuan(single)}
        told = view.t("paper.conclude.match_open", left=left, right=right, n=grouped(len(result.open)), **amounts, **states)
    else:
        told = view.t("paper.conclude.match_agreed", left=left, right=right)
    gaps = paragraph(view.t("paper.conclude.gaps", n=grouped(result.not_tested)), "unrun") if result.not_tested else ""
    see = [paper_link(view, rule, f"{SEE} {rule} {view.rule_name(rule)}") for rule in dict.fromkeys(s.rule for s in result.specs)]
    return join((paragraph(told, "headline"), gaps, paragraph(join(see, escape(view.t("list")))) if see else ""))
