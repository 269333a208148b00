"""Roll-ups of several organisations for the county and the township page. These pages travel: their text is masked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from ..words.records import CheckResult, FileProblem, Finding
from .blocks import cut, empty, heads, money, problems_table, reason_of, rule_link, severity_mark
from .coverage import delivered, expected_ledgers, keeps_ledgers, missing
from .figures import Figures, figures_of, grouped, statuses, yuan
from .findings import anchor, with_anchor
from .markup import Safe, bullets, join, link, paragraph, table, tag
from .masking import mask
from .set_aside import rows_in_doubt
from .view import LIMIT, SEVERITIES, CountyView, severity_rank

_WORST = 20


def masked(view: CountyView, text: str) -> str:
    """Text of a ledger for a page that travels; codes of organisations stay."""
    return mask(text, view.organisations)


def findings_of(view: CountyView, codes: Sequence[str]) -> list[Finding]:
    return [f for code in codes for f in view.findings.get(code, ())]


def checks_of(view: CountyView, codes: Sequence[str]) -> list[CheckResult]:
    return [c for code in codes for c in view.checks.get(code, ())]


def _bar(figures: Figures, widest: int) -> Safe:
    """The counts as a bar; the numbers stand in the columns beside it."""
    shares = ((s, 100 * figures.by_severity[s] / widest) for s in SEVERITIES if figures.by_severity[s])
    return tag(
        "span", *(tag("i", "", class_=s, style=f"width:{share:.1f}%") for s, share in shares), class_="bar", aria_hidden="true"
    )


def _standing(figures: Figures, code: str) -> tuple[object, ...]:
    return (*(-figures.by_severity[s] for s in SEVERITIES), -figures.involved, code)


def ranking(view: CountyView, codes: Sequence[str], base: str, elsewhere: str) -> Safe:
    """Organisations, the worst first: by red, orange, yellow, blue findings, then money."""
    figures = {code: figures_of(view.findings.get(code, ())) for code in codes}
    widest = max((f.total for f in figures.values()), default=0) or 1
    ordered = sorted(codes, key=lambda code: _standing(figures[code], code))
    kept, note = cut(view, ordered, elsewhere)
    rows = [_ranked(view, code, figures[code], base, i, widest) for i, code in enumerate(kept, 1)]
    names = [("rank", "num"), ("organisation", "head"), ("level", "nowrap"), ("township", "nowrap")]
    columns = heads(view, *names) + [(view.term(f"severity.{s}"), "num") for s in SEVERITIES]
    columns += [
        (view.t("column.count"), "num"),
        (view.t("column.by_colour"), "barcell"),
        (view.t("figure.involved_yuan"), "num"),
        (view.t("column.unrun"), "num"),
    ]
    shown = table(view.t("caption.ranking"), columns, rows)
    return join((shown, note, _not_counted(view, codes), paragraph(view.t("ranking.note"), "note")))


def _ranked(view: CountyView, code: str, figures: Figures, base: str, rank: int, widest: int) -> list[object]:
    organisation, unrun = view.organisations[code], statuses(view.checks.get(code, ()))["could_not_run"]
    township = view.township_of.get(code, "")
    counts = [grouped(figures.by_severity[s]) if figures.by_severity[s] else "·" for s in SEVERITIES]
    name = link(f"{base}{view.book(code)}", view.name(code))
    level = view.term(f"level.{organisation.level}", "—")
    tail = [_bar(figures, widest), yuan(figures.involved) if figures.involved else "·", grouped(unrun) if unrun else "·"]
    return [str(rank), name, level, view.name(township) if township else "—", *counts, grouped(figures.total), *tail]


def _not_counted(view: CountyView, codes: Sequence[str]) -> Safe:
    """Who has rows that no figure here counts: the ranking could be another with them."""
    lost = {code: n for code in codes if (n := rows_in_doubt(view.sources.get(code, ())))}
    named = [view.t("set_aside.of", name=view.name(code), n=grouped(n)) for code, n in list(lost.items())[:LIMIT]]
    return paragraph(view.t("set_aside.ranking", named=view.t("list").join(named)), "unrun") if lost else Safe("")


def by_rule(view: CountyView, findings: Sequence[Finding], base: str) -> Safe:
    """Findings by rule: how many, in how many organisations, what money."""
    if not findings:
        return empty(view, "findings.none")
    groups = [(rule, list(g)) for rule, g in groupby(sorted(findings, key=lambda f: f.rule), key=lambda f: f.rule)]
    groups.sort(key=lambda g: (min(severity_rank(f.severity) for f in g[1]), -len(g[1]), g[0]))
    rows = [_rule_row(view, rule, group, base) for rule, group in groups]
    names = (
        ("rule", "head"),
        ("family", ""),
        ("severity", "nowrap"),
        ("count", "num"),
        ("organisations", "num"),
        ("amount_yuan", "num"),
    )
    return table(view.t("caption.by_rule"), heads(view, *names), rows)


def _rule_row(view: CountyView, rule: str, group: Sequence[Finding], base: str) -> list[object]:
    figures = figures_of(group)
    where, amount = len({f.org_code for f in group}), figures.involved + figures.differences
    name = rule_link(view, rule, base)
    return [
        name,
        view.family_name(view.family(rule)),
        severity_mark(view, figures.worst),
        grouped(len(group)),
        grouped(where),
        yuan(amount) if amount else "·",
    ]


def worst(view: CountyView, findings: Sequence[Finding], base: str) -> Safe:
    """The gravest single findings, masked, each linked to its place in the book of its organisation."""
    grave = sorted((f for f in findings if f.severity in ("red", "orange")), key=_gravity)
    if not grave:
        return empty(view, "worst.none")
    kept, note = cut(view, grave, "findings.csv", _WORST)
    rows = []
    for f in kept:
        told = link(f"{base}{_target(view, f)}", masked(view, view.message(f)))
        rows.append(
            [
                severity_mark(view, f.severity),
                f"{f.rule} {view.rule_name(f.rule)}",
                view.name(f.org_code),
                told,
                money(view, f.amount),
            ]
        )
    names = (("severity", "nowrap"), ("rule", "head"), ("organisation", ""), ("finding", "wide"), ("amount", "num"))
    return join((table(view.t("caption.worst"), heads(view, *names), rows), note))


def _target(view: CountyView, finding: Finding) -> str:
    """The finding in its book; the book itself where the finding stands beyond the end of a cut list."""
    book = view.book(finding.org_code)
    is_shown = finding.finding_id in with_anchor(view.findings[finding.org_code])
    return f"{book}#{anchor(finding.finding_id)}" if is_shown else book


def _gravity(finding: Finding) -> tuple[object, ...]:
    return severity_rank(finding.severity), -(finding.amount or 0), finding.rule, finding.finding_id


def _sign(meaning: str, sign: str, kind: str) -> Safe:
    return tag("span", sign, role="img", aria_label=meaning, title=meaning, class_=kind)


def coverage_matrix(view: CountyView, codes: Sequence[str], base: str, elsewhere: str) -> Safe:
    """Who delivered which ledger; what was not seen is then named in words."""
    ledgers = expected_ledgers(view)
    kept, note = cut(view, [code for code in codes if keeps_ledgers(view, code)], elsewhere)
    signs = {
        kind: _sign(view.t(f"coverage.{kind or 'absent'}"), sign, kind or "absent")
        for kind, sign in (("own", "●"), ("shared", "◐"), ("", "○"))
    }
    rows = []
    for code in kept:
        have = delivered(view, code)
        cells = [signs[have.get(name, "")] for name in ledgers]
        rows.append(
            [link(f"{base}{view.book(code)}", view.name(code)), *cells, f"{sum(n in have for n in ledgers)}/{len(ledgers)}"]
        )
    columns = [
        (view.t("column.organisation"), "head"),
        *((tag("span", view.ledger(n)), "tick") for n in ledgers),
        (view.t("column.delivered"), "num"),
    ]
    legend = paragraph(view.t("coverage.legend"), "note")
    return join((legend, table(view.t("caption.coverage"), columns, rows, "matrix"), note, _missing_named(view, kept)))


def _missing_named(view: CountyView, codes: Sequence[str]) -> Safe:
    items = []
    for code in codes:
        lost = missing(view, code)
        if len(lost) == len(expected_ledgers(view)):
            items.append(join((tag("strong", view.name(code)), view.t("colon"), view.t("coverage.none_at_all"))))
        elif lost:
            items.append(
                join((tag("strong", view.name(code)), view.t("colon"), view.t("list").join(view.ledger(n) for n in lost)))
            )
    return join((tag("h3", view.t("caption.missing")), bullets(items, "missing"))) if items else empty(view, "coverage.complete")


def unrun_checks(view: CountyView, checks: Sequence[CheckResult], base: str) -> Safe:
    """Checks that could not run, by rule and reason: what may not be read as assurance."""
    failed = sorted((c for c in checks if c.status == "could_not_run"), key=lambda c: (c.rule, c.reason, c.org_code))
    if not failed:
        return empty(view, "unrun.none")
    rows = []
    for (rule, _), group in groupby(failed, key=lambda c: (c.rule, c.reason)):
        cases = list(group)
        names = list(dict.fromkeys(view.name(c.org_code) for c in cases))
        shown = view.t("list").join(names[:8]) + (view.t("and_more", n=len(names) - 8) if len(names) > 8 else "")
        name = rule_link(view, rule, base)
        rows.append([name, masked(view, reason_of(view, cases[0])), grouped(len(names)), shown])
    kept, note = cut(view, rows, view.t("books"))
    columns = heads(view, ("rule", "head"), ("reason", "wide"), ("organisations", "num"), ("which", ""))
    return join((table(view.t("caption.unrun"), columns, kept, "dense"), note))


def masked_problems(view: CountyView, problems: Sequence[FileProblem], where: str) -> Safe:
    """Files that could not be used, their text masked."""
    shown = [FileProblem(masked(view, p.file), masked(view, p.sheet), p.code, masked(view, p.detail)) for p in problems]
    return problems_table(view, shown, where)
