"""An audit as tables: nothing lost, amounts exact, words in the reader's language, hostile text harmless, one village cut out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from auditlib import workbook as wb
from auditlib.audit import Audit
from auditlib.words.errors import AuditlibError
from auditlib.words.records import (
    AuditRun,
    CheckResult,
    EvidenceCell,
    FileProblem,
    Finding,
    Match,
    Organisation,
    Source,
)

PAYLOAD = "<img src=x onerror=alert(1)>"
TOWN, EAST, GROUP, WEST = "990401101", "990401101201", "99040110120101", "990401101202"


def _finding(number: int, org: str, name: str, severity: str, amount: str | None) -> Finding:
    cell = EvidenceCell("某镇/东村/账.xlsx", "合同", number + 2, "B", PAYLOAD, "contract_no", PAYLOAD)
    return Finding(
        f"{number:016x}", "F33", severity, org, name, "contracts", ("HT-1", PAYLOAD), "contract_no",
        Decimal(amount) if amount else None, "", PAYLOAD, "2025", "某镇/东村/账.xlsx", "合同", number + 2, "B",
        f"合同 {PAYLOAD} 到期", f"contract {PAYLOAD} has ended", "民法典",
        "村级自治", (cell,),
    )  # fmt: skip


def _source(number: int, file: str, org: str, ledger: str = "contracts") -> Source:
    return Source(number, file, "0" * 64, "合同", ledger, 0.9, org, (1,), 2, 9, 8, 1, 0, ())


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    """Two villages of one township; the east one has a group and most findings."""
    organisations = (
        Organisation("990401", "某县", "county"), Organisation(TOWN, "某镇", "township", "990401"),
        Organisation(EAST, "东村", "village", TOWN), Organisation(GROUP, "东村一组", "group", EAST),
        Organisation(WEST, f"{PAYLOAD}西村", "village", TOWN),
    )  # fmt: skip
    findings = (
        _finding(1, WEST, f"{PAYLOAD}西村", "yellow", "0.10"), _finding(2, EAST, "东村", "blue", "12345678901234567.89"),
        _finding(3, GROUP, "东村一组", "red", None),
    )  # fmt: skip
    sources = (
        _source(0, "组织名录.xlsx", "", "organisations"),
        _source(1, "某镇/东村/账.xlsx", EAST),
        _source(2, "某镇/西村/账.xlsx", WEST),
    )
    checks = (
        CheckResult("F33", EAST, "contracts", "found", 8, 1), CheckResult("F33", WEST, "contracts", "found", 8, 1),
        CheckResult("F33", GROUP, "contracts", "could_not_run", reason=PAYLOAD),
        CheckResult("F22", WEST, "fixed_assets", "not_applicable", reason="没有台账"),
        CheckResult("F22", EAST, "fixed_assets", "passed", 5),
    )  # fmt: skip
    matches = (
        Match("journal__bank_statement", EAST, "记-1", "", "unmatched", Decimal("5.00")),
        Match("journal__bank_statement", WEST, "记-2", PAYLOAD, "key", Decimal(0)),
    )
    problems = (FileProblem("某镇/西村/坏.xlsx", "", "file.foreign", PAYLOAD),)
    lists = (organisations, sources, problems, findings, checks, matches)
    run = AuditRun(PAYLOAD, "county", 2025, dt.date(2026, 1, 31), "zh", *lists, ())
    return Audit(run, (), "register.db", SimpleNamespace(counts=dict), tmp_path / "index.html")  # type: ignore[arg-type]


class _Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found += [tag, *(name for name, _ in attrs)]


def _is_harmless(html: str) -> bool:
    return not [e for e in _Elements(html).found if e in ("img", "script") or e.startswith("on")]


# ---- the tables


def test_every_finding_stands_in_the_table_worst_first(audit: Audit) -> None:
    frame = wb.findings(audit)
    assert list(frame["等级"]) == ["红", "黄", "蓝"]
    assert list(frame.columns[:6]) == ["等级", "规则", "规则名称", "组织", "说明", "金额（元）"]


def test_amounts_stay_exact_to_the_fen(audit: Audit) -> None:
    amounts = [a for a in wb.findings(audit)["金额（元）"] if a is not None]
    assert sum(amounts, Decimal(0)) == Decimal("12345678901234567.99")


def test_titles_and_words_are_english_when_asked(audit: Audit) -> None:
    frame = wb.findings(audit, "en")
    assert {"Severity", "Amount (yuan)"} <= set(frame.columns)
    assert list(frame["Severity"]) == ["red", "yellow", "blue"]
    assert frame["Finding"].str.contains("has ended").all()


def test_checks_can_be_seen_by_how_they_went(audit: Audit) -> None:
    assert len(wb.checks(audit)) == 5
    assert [len(wb.checks(audit, s)) for s in ("could_not_run", "found", "not_applicable", "passed")] == [1, 2, 1, 1]
    assert list(wb.check_counts(audit)["数量"]) == [1, 2, 1, 1]
    with pytest.raises(ValueError, match="could_not_run"):
        wb.checks(audit, "failed")


def test_what_stays_open_stands_first_among_the_pairs(audit: Audit) -> None:
    assert list(wb.matches(audit)["左方"]) == ["记-1", "记-2"]


def test_an_empty_audit_gives_empty_tables_with_titles(audit: Audit) -> None:
    nothing = replace(audit, run=replace(audit.run, findings=(), checks=(), matches=(), sources=(), problems=()))
    for verb in (wb.findings, wb.sources, wb.checks, wb.matches, wb.problems):
        assert len(verb(nothing)) == 0 and len(verb(nothing).columns) > 2
        assert "共 0 行" in wb.show(verb(nothing)).html


# ---- on the page


def test_no_display_lets_ledger_text_become_markup(audit: Audit) -> None:
    east, west = wb.village(audit, EAST), wb.village(audit, WEST)
    for language in ("zh", "en"):
        verbs = (wb.findings, wb.sources, wb.checks, wb.matches, wb.organisations, wb.problems)
        frames = [verb(audit, language=language) for verb in verbs]
        shown = [wb.show(f, PAYLOAD, language=language).html for f in frames]
        shown += [v(cut, language).html for v in (wb.finding_cards, wb.reconciled) for cut in (east, west)]
        shown += [wb.summary_html(a, language) for a in (audit, east, west)] + [wb.report_link(audit, language).html]
        shown += [f._repr_html_() for f in frames]  # pandas' own display
        assert all(_is_harmless(html) for html in shown)
        assert sum("&lt;img src=x" in html for html in shown) > 10


def test_a_cut_table_says_how_many_rows_there_are(audit: Audit) -> None:
    shown = wb.show(wb.findings(audit), "发现", rows=2)
    assert "共 3 行，这里列出前 2 行" in shown.html
    assert shown.html.count("<tr>") == 3  # the head and two rows
    assert repr(shown) == "发现 · 共 3 行，这里列出前 2 行"


def test_money_is_shown_to_the_fen_and_nothing_as_nothing(audit: Audit) -> None:
    html = wb.show(wb.findings(audit)).html
    assert "12,345,678,901,234,567.89" in html
    assert ">None<" not in html and ">nan<" not in html and "&lt;NA&gt;" not in html


def test_links_of_the_reports_are_left_out_where_they_lead_nowhere(audit: Audit) -> None:
    assert "<a " not in wb.summary_html(audit)
    assert "<a " not in wb.finding_cards(audit).html


# ---- one village


def test_the_village_with_most_findings_is_taken_when_none_is_named(audit: Audit) -> None:
    assert [o.name for o in wb.village(audit).run.organisations] == ["东村", "东村一组"]


def test_a_village_holds_its_groups_and_nothing_of_others(audit: Audit) -> None:
    run = wb.village(audit, "东村").run
    assert {f.org_code for f in run.findings} == {EAST, GROUP}
    assert {c.org_code for c in run.checks} == {EAST, GROUP}
    assert {m.org_code for m in run.matches} == {EAST}
    assert {s.file for s in run.sources} == {"组织名录.xlsx", "某镇/东村/账.xlsx"}
    assert run.problems == ()


@pytest.mark.parametrize("named", [WEST, f"{PAYLOAD}西村", "西村"])
def test_a_village_is_named_by_code_name_or_part_of_it(audit: Audit, named: str) -> None:
    assert {f.org_code for f in wb.village(audit, named).run.findings} == {WEST}


def test_a_part_that_a_village_shares_with_its_group_means_the_village(audit: Audit) -> None:
    assert wb.village(audit, "东").run.organisations[0].org_code == EAST


@pytest.mark.parametrize("named", ["村", "南村"])
def test_a_name_that_decides_nothing_is_refused_with_candidates(audit: Audit, named: str) -> None:
    with pytest.raises(AuditlibError, match="东村 990401101201"):
        wb.village(audit, named)


def test_a_county_without_a_register_has_no_village(audit: Audit) -> None:
    with pytest.raises(AuditlibError, match="组织名录"):
        wb.village(replace(audit, run=replace(audit.run, organisations=())))
