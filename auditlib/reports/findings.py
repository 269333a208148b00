"""Findings on the page of their organisation: by family, by rule, each with place, cells, law and remedy."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from ..catalog.specs import RuleCard
from ..checks.findings import grouped_sum, period_in_words
from ..words.records import EvidenceCell, Finding
from .blocks import cut, empty, facts, money, owner_name, rule_link, severity_mark
from .figures import figures_of, grouped
from .markup import Safe, bullets, from_register, join, table, tag, unbroken
from .view import FAMILIES, LIMIT, CountyView

_EXCERPT_ROWS = 12
_CELL_TEXT = 400
_NOT_ANCHOR = re.compile(r"[^0-9A-Za-z_-]")


def anchor(finding_id: object) -> str:
    """The anchor of a finding on its page."""
    return "f-" + _NOT_ANCHOR.sub("-", str(finding_id))


def place(view: CountyView, finding: Finding) -> str:
    """file › sheet › row › column, as far as they are known."""
    parts = [finding.source_file, finding.sheet]
    parts += [view.t("row", n=finding.row)] if finding.row else []
    parts += [view.t("column_letter", letter=finding.column)] if finding.column else []
    return " › ".join(p for p in parts if p)


def _raw(view: CountyView, cell: EvidenceCell | None, finding: Finding) -> Safe:
    if cell is None:
        return Safe("")
    text = cell.raw if len(cell.raw) <= _CELL_TEXT else cell.raw[:_CELL_TEXT] + view.t("long_text", n=len(cell.raw))
    shown = tag("span", unbroken(text)) if text.strip() else tag("em", view.t("blank"))
    is_here = (cell.file, cell.sheet, cell.row, cell.column) == (finding.source_file, finding.sheet, finding.row, finding.column)
    return tag("mark", shown) if is_here else shown


def _head(view: CountyView, finding: Finding, cell: EvidenceCell) -> tuple[str, str]:
    return cell.column, cell.header or view.field(finding.ledger, cell.field)


def _one_sheet(view: CountyView, finding: Finding, cells: Sequence[EvidenceCell]) -> Safe:
    heads = sorted({_head(view, finding, c) for c in cells}, key=lambda h: (len(h[0]), h))
    rows: dict[int, dict[tuple[str, str], EvidenceCell]] = {}
    for cell in cells:
        rows.setdefault(cell.row, {})[_head(view, finding, cell)] = cell
    kept, note = cut(view, list(rows.items()), cells[0].file, _EXCERPT_ROWS)
    columns = [(view.t("column.row"), "head"), *((join((tag("small", c), h)), "raw") for c, h in heads)]
    body = [[str(row), *(_raw(view, found.get(head), finding) for head in heads)] for row, found in kept]
    caption = view.t("caption.excerpt", place=" › ".join(p for p in (cells[0].file, cells[0].sheet) if p))
    return join((table(caption, columns, body, "excerpt"), note))


def excerpt(view: CountyView, finding: Finding) -> Safe:
    """The evidence cells as they stand in the files, one small table a sheet; the cell pointed at is marked."""
    sheets = dict.fromkeys((c.file, c.sheet) for c in finding.cells)
    return join(_one_sheet(view, finding, [c for c in finding.cells if (c.file, c.sheet) == s]) for s in sheets)


def _issue_note(view: CountyView, finding: Finding) -> str:
    return view.t("list").join(
        str(i.issue_id) for i in view.listed.get(finding.org_code, ()) if finding.finding_id in tuple(i.finding_ids)
    )


def told_sum(finding: Finding, told: str) -> str:
    """What was expected or found: 317,705.69 where the finding is of money; else as it is, for 2021.05 may be the number of a paper."""
    return told if finding.amount is None else grouped_sum(told)


def finding_article(view: CountyView, finding: Finding, provision: str, level: str) -> Safe:
    """One finding with its place, what was expected and found, and its cells; `provision` where the law stands with it.

    `level` is the heading below the one it stands under (h4, h5): readers by ear go from heading to heading.
    """
    heading = tag(level, severity_mark(view, finding.severity), " ", view.message(finding))
    ledger = view.ledger(finding.ledger)
    shown = facts(
        [
            (view.t("place"), place(view, finding)),
            (view.t("records"), f"{ledger} {view.t('list').join(finding.records)}".strip()),
            (view.t("field"), view.field(finding.ledger, finding.field)),
            (view.t("period"), period_in_words(finding.period, view.language)),
            (view.t("expected"), told_sum(finding, finding.expected)),
            (view.t("actual"), told_sum(finding, finding.actual)),
            (view.t("amount"), money(view, finding.amount)),
            (view.t("finding_basis"), provision),
            (view.t("finding_id"), tag("code", finding.finding_id)),
        ]
    )
    issue = from_register(facts([(view.t("issue"), _issue_note(view, finding))])) if view.listed else ""
    return tag(
        "article", heading, shown, issue, excerpt(view, finding), id=anchor(finding.finding_id), class_=f"finding {finding.severity}"
    )


def basis_list(view: CountyView, card: RuleCard) -> Safe:
    """The law behind a rule: title, article, the days it was in force, and what it says."""
    items = []
    for entry in card.basis:
        law = entry.get(f"law_{view.language}") or entry.get("law_zh") or entry.get("law") or ""
        title = f"{law} {entry.get('article') or ''}".strip()
        gist = entry.get(view.language) or entry.get("zh") or ""
        valid = [str(entry.get(k) or "") for k in ("valid_from", "valid_to")]
        span = view.t("in_force", start=valid[0] or "…", end=valid[1] or view.t("today")) if any(valid) else ""
        items.append(join((tag("strong", title), tag("small", span) if span else "", " ", gist)))
    return bullets(items, "basis") if items else Safe("—")


def _remedy(view: CountyView, card: RuleCard, provision: str) -> Safe:
    return facts(
        [
            (view.t("finding_basis"), provision),
            (view.t("basis"), basis_list(view, card)),
            (view.t("rectification"), card.rectification[view.language]),
            (view.t("evidence"), card.evidence[view.language]),
            (view.t("owner"), _owners(view, card)),
        ]
    )


def _owners(view: CountyView, card: RuleCard) -> str:
    lead = owner_name(view, card.owner)
    helpers = view.t("list").join(owner_name(view, h) for h in card.helpers)
    return lead + view.t("bracket", text=view.t("helpers") + helpers) if helpers else lead


def with_anchor(findings: Sequence[Finding]) -> frozenset[str]:
    """Ids of the findings of one organisation that its book shows one by one, worst first (`findings` come so)."""
    seen: Counter[str] = Counter()
    shown = set()
    for finding in findings:
        seen[finding.rule] += 1
        if seen[finding.rule] <= LIMIT:
            shown.add(finding.finding_id)
    return frozenset(shown)


def _rule_group(view: CountyView, rule: str, findings: Sequence[Finding]) -> Safe:
    card, figures = view.card(rule), figures_of(findings)
    title = rule_link(view, rule, "../")
    counted = view.t("cases", n=grouped(len(findings)))
    amount = figures.involved + figures.differences
    heading = tag("h4", title, tag("small", counted, *((" · ", money(view, amount)) if amount else ())))
    law = tag("div", _law(view, findings, card), class_="law")
    kept, note = cut(view, findings, "findings.csv")
    each = (finding_article(view, f, f.basis if _provisions_differ(findings) else "", "h5") for f in kept)
    return tag("section", heading, law, *each, note, class_="rule")


def _provisions_differ(findings: Sequence[Finding]) -> bool:
    """Facts of one rule may lie under different law, by the day of the act; then each finding names its own."""
    return len({f.basis for f in findings}) > 1


def _law(view: CountyView, findings: Sequence[Finding], card: RuleCard | None) -> Safe:
    provision = "" if _provisions_differ(findings) else findings[0].basis
    if card:
        return _remedy(view, card, provision)
    return facts([(view.t("finding_basis"), provision), (view.t("owner"), owner_name(view, findings[0].owner))])


def _family(view: CountyView, family: str, findings: Sequence[Finding]) -> Safe:
    heading = tag("h3", view.family_name(family), tag("small", view.t("cases", n=grouped(len(findings)))), id=f"family-{family}")
    if not findings:
        return join((heading, empty(view, "family.none")))
    return join((heading, *(_rule_group(view, rule, list(group)) for rule, group in groupby(findings, key=lambda f: f.rule))))


def findings_by_family(view: CountyView, findings: Sequence[Finding]) -> Safe:
    """All findings of one organisation: the four families, in each the rules worst first, under each its cases."""
    ranked = _by_rule(findings)
    families = [*FAMILIES, *(["other"] if any(view.family(f.rule) == "other" for f in findings) else [])]
    return join(_family(view, family, [f for f in ranked if view.family(f.rule) == family]) for family in families)


def _by_rule(findings: Sequence[Finding]) -> list[Finding]:
    """Rules in the order of their worst finding (`findings` come worst first), the findings of a rule together."""
    order = {rule: i for i, rule in reversed(list(enumerate(f.rule for f in findings)))}
    return sorted(findings, key=lambda f: order[f.rule])
