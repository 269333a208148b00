"""All working papers of an audit: one a rule, one a reconciliation, and their index."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from ..matching.reconciliation import name_of
from ..words.records import CheckResult, Finding, Match
from .blocks import heads
from .description import Page, Section
from .figures import figures_of, grouped, yuan
from .markup import Safe, bullets, join, table
from .reconciled import title_of
from .view import FAMILIES, CountyView
from .working_paper import AGREED, DIFFERS, UNTESTED, ledgers_used, paper_link, tick, tick_legend
from .working_paper_matches import MatchResult, match_page, match_result
from .working_paper_rule import RuleResult, rule_pages, rule_result

FOLDER = "papers"
INDEX = f"{FOLDER}/index.html"


def paper_pages(view: CountyView, books: Collection[str]) -> Iterator[tuple[str, Page]]:
    """Path and page of every paper; `books` are the organisations that have a book. The index comes last."""
    known, used = frozenset(books), ledgers_used(view)
    rules, matches = rule_results(view), match_results(view)
    for rule in rules:
        yield from rule_pages(view, rule, used, known)
    for match in matches:
        yield match_page(view, match, used, known)
    yield INDEX, _index(view, rules, matches)


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper in one line: how it came out, and its path in the output folder."""

    name: str  # rule, or reconciliation
    title: str
    mark: str
    covered: int
    not_covered: int
    looked: int  # rows or groups; lines of both sides of a reconciliation
    exceptions: int
    file: str


def paper_lines(view: CountyView) -> list[PaperLine]:
    """All papers in a line each: rules, then reconciliations."""
    return [*map(_rule_line(view), rule_results(view)), *map(_match_line(view), match_results(view))]


def _rule_line(view: CountyView) -> Callable[[RuleResult], PaperLine]:
    def line(r: RuleResult) -> PaperLine:
        mark = DIFFERS if r.findings else AGREED if r.tested else UNTESTED
        title = f"{r.rule} {view.rule_name(r.rule)}"
        return PaperLine(r.rule, title, mark, len(r.tested), r.not_tested, r.looked, len(r.findings), view.paper(r.rule))

    return line


def _match_line(view: CountyView) -> Callable[[MatchResult], PaperLine]:
    def line(m: MatchResult) -> PaperLine:
        mark = DIFFERS if m.open else AGREED if m.matches else UNTESTED
        lines = sum(map(sum, (match.lines for match in m.matches)))
        return PaperLine(m.name, title_of(view, m.name), mark, len(m.by_organisation), m.not_tested, lines, len(m.open), view.paper(m.name))

    return line


def rule_results(view: CountyView) -> list[RuleResult]:
    """Every rule of which a test was to run, by its number."""
    checks: dict[str, list[CheckResult]] = {}
    findings: dict[str, list[Finding]] = {}
    for check in view.run.checks:
        checks.setdefault(check.rule, []).append(check)
    for finding in view.run.findings:
        findings.setdefault(finding.rule, []).append(finding)
    return [rule_result(view, rule, checks.get(rule, ()), findings.get(rule, ())) for rule in sorted({*checks, *findings})]


def match_results(view: CountyView) -> list[MatchResult]:
    """Every reconciliation of the catalogue, and of the run, by its name."""
    checks: dict[str, list[CheckResult]] = {}
    matches: dict[str, list[Match]] = {}
    for check in view.run.checks:
        checks.setdefault(check.rule, []).append(check)
    for match in view.run.matches:
        matches.setdefault(match.reconciliation, []).append(match)
    names = sorted({*matches, *map(name_of, view.catalog.reconciliations)})
    specs = {name: [s for s in view.catalog.reconciliations if name_of(s) == name] for name in names}
    return [match_result(view, name, specs[name], matches.get(name, ()), checks) for name in names]


def _index(view: CountyView, rules: Sequence[RuleResult], matches: Sequence[MatchResult]) -> Page:
    families = [f for f in (*FAMILIES, "other") if any(view.family(r.rule) == f for r in rules)]
    sections = [
        Section(f"papers-{f}", view.family_name(f), _rules(view, f, [r for r in rules if view.family(r.rule) == f])) for f in families
    ]
    sections.append(Section("papers-reconciliations", view.t("section.paper_reconciliations"), _matches(view, matches)))
    without = sorted(set(view.catalog.rules) - {r.rule for r in rules})
    if without:
        named = bullets(f"{rule} {view.rule_name(rule)}" for rule in without)
        sections.append(Section("papers-none", view.t("section.paper_rules_none"), named))
    return Page(
        title=view.t("title.papers"),
        subtitle=view.t("title.papers_of", county=view.run.county, year=view.run.fiscal_year),
        kind="sheet",
        language=view.language,
        fields=((view.t("cover.year"), str(view.run.fiscal_year)), (view.t("cover.as_of"), view.run.as_of.isoformat())),
        trail=(("../index.html", view.run.county), ("", view.t("title.papers"))),
        sections=tuple(sections),
        footer=view.t("footer.paper", as_of=view.run.as_of.isoformat()),
    )


def _rules(view: CountyView, family: str, rules: Sequence[RuleResult]) -> Safe:
    rows = []
    for r in rules:
        line, figures = _rule_line(view)(r), figures_of(r.findings)
        counts = [grouped(n) for n in (line.covered, line.not_covered, line.looked, line.exceptions)]
        amount = yuan(figures.involved + figures.differences)
        rows.append([paper_link(view, r.rule, line.title), tick(view, line.mark), *counts, amount])
    names = (("paper_covered", "num"), ("paper_not_covered", "num"), ("paper_looked", "num"), ("exceptions", "num"), ("amount_yuan", "num"))
    columns = heads(view, ("paper_no", "head"), ("paper_tick", ""), *names)
    return join((table(view.family_name(family), columns, rows, "dense"), tick_legend(view)))


def _matches(view: CountyView, matches: Sequence[MatchResult]) -> Safe:
    rows = []
    for line in map(_match_line(view), matches):
        counts = [grouped(n) for n in (line.covered, line.not_covered, line.looked, line.exceptions)]
        rows.append([paper_link(view, line.name, line.title), tick(view, line.mark), *counts])
    names = (("paper_covered", "num"), ("paper_not_covered", "num"), ("paper_looked", "num"), ("paper_open_items", "num"))
    return table(view.t("section.paper_reconciliations"), heads(view, ("paper_no", "head"), ("paper_tick", ""), *names), rows, "dense")
