"""The working paper of one rule: what was tested, on what, by which law, what came out, and the evidence of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..catalog.specs import Catalog
from ..matching.reconciliation import name_of
from ..words.records import CheckResult, Finding
from .blocks import cut, facts, heads, owner_name, reason_of, severity_mark
from .coverage import keeps_ledgers
from .description import Page
from .figures import figures_of, grouped, yuan
from .findings import anchor, finding_article, with_anchor
from .markup import Safe, bullets, join, link, paragraph, table, tag
from .set_aside import rows_in_doubt, set_aside_note
from .view import LIMIT, SEVERITIES, CountyView, file_stem, severity_rank
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

_EVIDENCE = 20  # exceptions that are shown with their cells; the others stand in the books


@dataclass(frozen=True, slots=True)
class OrganisationResult:
    """How a rule went in one organisation that it could be tested in."""

    code: str
    looked: int
    findings: tuple[Finding, ...]
    partly: tuple[str, ...]  # why part of it was not tested

    @property
    def mark(self) -> str:
        return DIFFERS if self.findings else AGREED


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How a rule went in the county, or in one township."""

    rule: str
    tested: tuple[OrganisationResult, ...]
    missed: Mapping[str, tuple[str, ...]]  # reason -> organisations

    @property
    def findings(self) -> list[Finding]:
        return [f for o in self.tested for f in o.findings]

    @property
    def looked(self) -> int:
        return sum(o.looked for o in self.tested)

    @property
    def not_tested(self) -> int:
        return sum(map(len, self.missed.values()))


def rule_result(view: CountyView, rule: str, checks: Sequence[CheckResult], findings: Sequence[Finding]) -> RuleResult:
    """Puts the results of `rule` together, organisation by organisation; who was found out by another test counts as tested."""
    by_org: dict[str, list[CheckResult]] = {}
    found: dict[str, list[Finding]] = {}
    for check in checks:
        by_org.setdefault(check.org_code, []).append(check)
    for finding in findings:
        found.setdefault(finding.org_code, []).append(finding)
    tested, missed = [], dict[str, list[str]]()
    for code in sorted({*by_org, *found}):
        mine = by_org.get(code, [])
        looked = [c for c in mine if c.status in ("passed", "found")]
        if looked or code in found:
            partly = tuple(dict.fromkeys(reason_of(view, c) for c in mine if c.status == "could_not_run"))
            tested.append(OrganisationResult(code, _looked_at(looked), tuple(found.get(code, ())), partly))
        elif _is_of_population(view, code, mine):
            reasons = dict.fromkeys(reason_of(view, c) for c in sorted(mine, key=lambda c: c.status != "could_not_run"))
            missed.setdefault(view.t("list").join(list(reasons)[:3]), []).append(code)
    return RuleResult(rule, tuple(tested), {reason: tuple(codes) for reason, codes in sorted(missed.items())})


def _looked_at(checks: Sequence[CheckResult]) -> int:
    """Rows or groups of each ledger once, also where several tests of the rule looked at them."""
    most: dict[str, int] = {}
    for check in checks:
        most[check.ledger] = max(check.population, most.get(check.ledger, 0))
    return sum(most.values())


def _is_of_population(view: CountyView, code: str, checks: Sequence[CheckResult]) -> bool:
    """A county or township that keeps no ledgers of its own has nothing to test; a test that failed is told nevertheless."""
    return code not in view.organisations or keeps_ledgers(view, code) or any(c.status == "could_not_run" for c in checks)


def _within(view: CountyView, result: RuleResult, township: str) -> RuleResult:
    """The part of a result that lies in one township; '' for what lies in none."""

    def here(code: str) -> bool:
        return view.township_of.get(code, "") == township

    missed = {reason: kept for reason, codes in result.missed.items() if (kept := tuple(c for c in codes if here(c)))}
    return RuleResult(result.rule, tuple(o for o in result.tested if here(o.code)), missed)


def rule_pages(view: CountyView, result: RuleResult, used: Mapping[str, LedgerUse], books: frozenset[str]) -> Iterator[tuple[str, Page]]:
    """The paper of a rule; where more organisations were tested or more exceptions found than one page lists, a page a township, too."""
    title, own = f"{result.rule} {view.rule_name(result.rule)}", view.paper(result.rule)
    townships = list(dict.fromkeys(view.township_of.get(o.code, "") for o in result.tested))
    is_large = max(len(result.tested), len(result.findings)) > LIMIT
    parts = {t: _part_name(view, result.rule, t) for t in townships} if is_large and len(townships) > 1 else {}
    told = _by_township(view, result, parts) if parts else _by_organisation(view, result, books)
    bodies = {
        "paper_objective": _objective(view, result.rule),
        "paper_criteria": _criteria(view, result),
        "paper_population": _population(view, result, used),
        "paper_work": _work(view, result.rule),
        "paper_result": join((_severities(view, result), told)),
        "paper_exceptions": _pointed(view, parts) if parts else _exceptions(view, result),
        "paper_conclusion": _conclusion(view, result),
    }
    yield own, paper_page(view, title, result.rule, bodies)
    for township, name in parts.items():
        part = _within(view, result, township)
        yield f"papers/{name}", _part_page(view, part, township, title, books)


def _part_name(view: CountyView, rule: str, township: str) -> str:
    return f"{file_stem(rule)}-{view.stems[township] if township else 'none'}.html"


def _township_name(view: CountyView, township: str) -> str:
    return view.name(township) if township else view.t("paper.no_township")


def _part_page(view: CountyView, part: RuleResult, township: str, title: str, books: frozenset[str]) -> Page:
    name = _township_name(view, township)
    bodies = {
        "paper_population": missed_table(view, part.missed, LIMIT),
        "paper_result": join((_severities(view, part), _by_organisation(view, part, books))),
        "paper_exceptions": _exceptions(view, part),
        "paper_conclusion": join((_conclusion(view, part), paragraph(join((f"{SEE} ", paper_link(view, part.rule, title)))))),
    }
    return paper_page(view, view.t("paper.part", title=title, township=name), f"{part.rule}-{name}", bodies)


# ---- the parts ---------------------------------------------------------------------------------------------


def _objective(view: CountyView, rule: str) -> Safe:
    card = view.card(rule)
    if card is None:
        return paragraph(rule)
    shown = [(view.t("paper.objective"), card.what[view.language]), (view.t("paper.why"), card.why[view.language])]
    owner = [(view.t("owner"), owner_name(view, card.owner)), (view.t("column.severity"), severity_mark(view, card.severity))]
    see = paragraph(join((f"{SEE} ", link(f"{BASE}rules.html#{rule}", view.t("title.rules")))), "note")
    return join((facts([*shown, *owner]), see))


def _criteria(view: CountyView, result: RuleResult) -> Safe:
    """The law of the card, and which provision each exception fell under on its day."""
    card = view.card(result.rule)
    counted = Counter(f.basis for f in result.findings if f.basis)
    items = [view.t("paper.provision", basis=basis, n=grouped(n)) for basis, n in sorted(counted.items())]
    acts = join((tag("h3", view.t("paper.provisions")), bullets(items))) if items else ""
    return join((criteria(view, card) if card else "", acts))


def _population(view: CountyView, result: RuleResult, used: Mapping[str, LedgerUse]) -> Safe:
    counts = {"covered": grouped(len(result.tested)), "looked": grouped(result.looked), "missed": grouped(result.not_tested)}
    ledgers = list(view.catalog.rules[result.rule].ledgers) if view.card(result.rule) else []
    # a rule on every ledger (a blank key, a wrong total) names none on its card
    ledgers = ledgers or sorted(
        {c.ledger for o in result.tested for c in view.checks.get(o.code, ()) if c.rule == result.rule and c.ledger}
    )
    sources = [s for s in view.run.sources if s.ledger in ledgers and rows_in_doubt([s])]
    doubt = set_aside_note(view, sources, f"{BASE}index.html#set_aside")
    told = paragraph(view.t("paper.covered", **counts), "unrun" if not result.tested else None)
    return join((told, doubt, ledgers_table(view, ledgers, used), missed_table(view, result.missed, LIMIT)))


def _steps(catalog: Catalog, view: CountyView, rule: str) -> Iterator[list[object]]:
    """Every test of a rule, with the file of expectations/ that says it."""
    for name, spec in sorted(catalog.ledgers.items()):
        mine = [e for e in spec.expectations if (e.get("meta") or {}).get("rule") == rule]
        if mine:
            fields = dict.fromkeys(str(e["kwargs"].get("column") or e["meta"].get("field") or "") for e in mine)
            shown = view.t("list").join(dict.fromkeys(view.field(name, f.removesuffix("__status")) for f in fields if f))
            yield [view.t("paper.step_suite", n=len(mine)), spec.label(view.language), shown, f"ledgers/{name}.yaml"]
    for check in catalog.checks:
        if check.rule == rule:
            ledgers = view.t("list").join(view.ledger(n) for n in check.ledgers)
            yield [tag("code", check.kernel), ledgers, tag("code", arguments(check)), "checks/*.yaml"]
    for check in catalog.reconciliations:
        if check.rule == rule:
            ledgers = view.t("list").join(view.ledger(n) for n in check.ledgers)
            yield [
                tag("code", check.kernel),
                ledgers,
                paper_link(view, name_of(check), f"{SEE} {view.t('paper.of')}"),
                "reconciliations/*.yaml",
            ]


def _work(view: CountyView, rule: str) -> Safe:
    card = view.card(rule)
    told = [(view.t(f"paper.{n}"), getattr(card, n)[view.language]) for n in ("reading", "false_alarms")] if card else []
    return join(
        (
            commands(view, (f"auditlib rules show {rule}",)),
            steps_table(view, list(_steps(view.catalog, view, rule))),
            limits(view, card),
            facts(told),
        )
    )


def _severities(view: CountyView, result: RuleResult) -> Safe:
    if not result.tested:
        return paragraph(view.t("paper.none_tested"), "unrun")
    figures = figures_of(result.findings)
    row: list[object] = [grouped(figures.by_severity[s]) for s in SEVERITIES]
    columns = [(view.term(f"severity.{s}"), "num") for s in SEVERITIES]
    columns += heads(view, ("exceptions", "num"), ("amount_yuan", "num"))
    return table(view.t("paper.by_severity"), columns, [[*row, grouped(figures.total), yuan(figures.involved + figures.differences)]])


def _by_organisation(view: CountyView, result: RuleResult, books: frozenset[str]) -> Safe:
    ordered = sorted(result.tested, key=lambda o: (-len(o.findings), o.code))
    kept, note = cut(view, ordered, "run.json")
    rows = [
        [organisation_link(view, o.code, books), tick(view, o.mark), grouped(o.looked), *_counted(o.findings), _partly(view, o)]
        for o in kept
    ]
    columns = heads(
        view,
        ("organisation", "head"),
        ("paper_tick", ""),
        ("paper_looked", "num"),
        ("exceptions", "num"),
        ("amount_yuan", "num"),
        ("paper_note", ""),
    )
    return join((table(view.t("paper.by_organisation"), columns, rows, "dense"), note)) if rows else Safe("")


def _partly(view: CountyView, result: OrganisationResult) -> str:
    return view.t("paper.partly", reason=view.t("list").join(result.partly)) if result.partly else ""


def _counted(findings: Sequence[Finding]) -> list[str]:
    amount = _amount(findings)
    return [grouped(len(findings)) if findings else "·", yuan(amount) if amount else "·"]


def _amount(findings: Sequence[Finding]) -> Decimal:
    figures = figures_of(findings)
    return figures.involved + figures.differences


def _by_township(view: CountyView, result: RuleResult, parts: Mapping[str, str]) -> Safe:
    rows = []
    for township, name in parts.items():
        part = _within(view, result, township)
        counts = [grouped(len(part.tested)), grouped(part.not_tested), grouped(part.looked)]
        rows.append([link(name, _township_name(view, township)), *counts, *_counted(part.findings)])
    names = (("township", "head"), ("paper_covered", "num"), ("paper_not_covered", "num"), ("paper_looked", "num"))
    return table(view.t("paper.by_township"), heads(view, *names, ("exceptions", "num"), ("amount_yuan", "num")), rows)


def _pointed(view: CountyView, parts: Mapping[str, str]) -> Safe:
    return join((paragraph(view.t("paper.in_parts")), bullets(link(name, _township_name(view, t)) for t, name in parts.items())))


def _exceptions(view: CountyView, result: RuleResult) -> Safe:
    """All exceptions in a line each, the gravest with their cells; the rest stand in the books and in findings.csv."""
    found = sorted(result.findings, key=lambda f: (severity_rank(f.severity), -abs(f.amount or 0), f.finding_id))
    if not found:
        return paragraph(view.t("paper.no_exceptions"), "empty")
    shown, kept = found[:_EVIDENCE], found[:LIMIT]
    here = frozenset(f.finding_id for f in shown)
    anchors = {code: with_anchor(view.findings[code]) for code in {f.org_code for f in kept}}
    rows = [_line(view, f, here, anchors[f.org_code]) for f in kept]
    columns = heads(
        view,
        ("paper_tick", ""),
        ("organisation", "head"),
        ("paper_records", ""),
        ("finding", "wide"),
        ("amount_yuan", "num"),
        ("paper_see", "nowrap"),
    )
    listed = table(view.t("paper.exceptions_listed", n=grouped(len(found))), columns, rows, "dense")
    is_all = len(shown) == len(found)
    told = view.t("paper.evidence_all" if is_all else "paper.evidence_of", shown=grouped(len(shown)), n=grouped(len(found)))
    each = (finding_article(view, f, f.basis, "h4") for f in shown)
    return join((listed, cut(view, found, "findings.csv")[1], tag("h3", told), *each))


def _line(view: CountyView, finding: Finding, here: frozenset[str], in_book: frozenset[str]) -> list[object]:
    own = anchor(finding.finding_id)
    message = link(f"#{own}", view.message(finding)) if finding.finding_id in here else view.message(finding)
    book = f"{BASE}{view.book(finding.org_code)}" + (f"#{own}" if finding.finding_id in in_book else "")
    see = link(book, f"{SEE} {view.name(finding.org_code)}")
    amount = "" if finding.amount is None else yuan(finding.amount)
    return [tick(view, DIFFERS), view.name(finding.org_code), view.t("list").join(finding.records), message, amount, see]


def _conclusion(view: CountyView, result: RuleResult) -> Safe:
    findings = result.findings
    counts = {"covered": grouped(len(result.tested)), "looked": grouped(result.looked)}
    if findings:
        where = grouped(len({f.org_code for f in findings}))
        told = view.t("paper.conclude.exceptions", n=grouped(len(findings)), where=where, amount=yuan(_amount(findings)), **counts)
    else:
        told = view.t("paper.conclude.none" if result.tested else "paper.conclude.untested", **counts)
    gaps = paragraph(view.t("paper.conclude.gaps", n=grouped(result.not_tested)), "unrun") if result.not_tested else ""
    return join((paragraph(told, "headline"), gaps))
