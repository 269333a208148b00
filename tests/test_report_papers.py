"""Working papers 审计底稿: objective, criteria, population, work done, result, evidence, conclusion, who prepared and reviewed.

What a paper must hold follows 审计署令第8号《国家审计准则》 articles 106 to 111 (审计工作底稿) and ISA 230: another auditor
who was not there can see what was tested, on what, by which criteria, and what came out.
"""

from __future__ import annotations

import dataclasses
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from reports_sample import CATALOG, CHECKS, FINDINGS, MATCHES, RUN, SCRIPT, check, finding
from typer.testing import CliRunner

from auditlib.catalog.specs import CheckSpec
from auditlib.cli.main import app_of
from auditlib.issues.register import RunOutcome
from auditlib.reports.kept_run import keep_run
from auditlib.reports.pages import write_reports
from auditlib.reports.tables import write_sources
from auditlib.reports.view import LIMIT, view_of
from auditlib.reports.working_papers import match_results, paper_lines, rule_results
from auditlib.words.records import AuditRun, Organisation

SPEC = CheckSpec("F23", "book_and_bank", ("journal", "bank_statement"), {"name": "journal__bank_statement", "accounts": ["102"]})
WITH_MATCHES = dataclasses.replace(CATALOG, reconciliations=(SPEC,))
NAMED = dataclasses.replace(RUN, manifest_id="ab" * 32)
PARTS = ("objective", "criteria", "population", "work", "result", "exceptions", "conclusion", "sign")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("papers") / "out"
    write_reports(NAMED, WITH_MATCHES, (), folder, "zh")
    write_sources(NAMED, folder)
    return folder


def paper(out: Path, name: str) -> str:
    return (out / "papers" / f"{name}.html").read_text(encoding="utf-8")


class Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors |= {given["id"] or ""} if "id" in given else set()
        self.targets += [given["href"] or ""] if tag == "a" and "href" in given else []


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.S).split())


def test_every_rule_that_was_to_run_and_every_reconciliation_has_its_paper(out: Path) -> None:
    rules = {c.rule for c in CHECKS} | {f.rule for f in FINDINGS}
    names = {p.stem for p in (out / "papers").glob("*.html")}
    assert names == rules | {"journal__bank_statement", "index"}


@pytest.mark.parametrize("name", ["F31", "F23", "F51", "journal__bank_statement"])
def test_a_paper_has_all_its_parts_in_order_and_lines_to_sign(out: Path, name: str) -> None:
    page = paper(out, name)
    places = [page.index(f'<section id="paper_{part}"') for part in PARTS]
    assert places == sorted(places)
    assert all(word in page for word in ("编制人", "复核人", "标记说明", "✓", "✗", "△", "§"))
    assert "abababababababab" in page and "auditlib reproduce" in page  # manifest in head and footer


def test_law_limits_and_commands_stand_on_the_paper(out: Path) -> None:
    told = text_of(paper(out, "F31"))
    assert "中华人民共和国会计法 第十七条" in told and "2024-07-01" in told
    assert "cash_limit" in told and "3000" in told and "本县设定" in told  # 5000 unless set
    assert "auditlib audit 青禾县 --out" in told and "--as-of 2026-01-31" in told and "auditlib rules show F31" in told


def test_counts_and_money_of_a_paper_are_those_of_the_findings() -> None:
    results = {r.rule: r for r in rule_results(view_of(RUN, CATALOG, (), "zh"))}
    for rule in {f.rule for f in FINDINGS}:
        mine = [f for f in FINDINGS if f.rule == rule]
        assert sorted(f.finding_id for f in results[rule].findings) == sorted(f.finding_id for f in mine)
    assert results["F31"].looked == 17 and len(results["F31"].tested) == 2  # 12 and 5 rows


def test_who_was_not_tested_is_named_with_the_reason(out: Path) -> None:
    told = text_of(paper(out, "F23"))
    assert "双坪村股份经济合作联合社" in told and "没有盘点表" in told
    assert "不能据此认为没有问题" in told
    assert "本项检查没有进行，不能得出结论" in text_of(paper(out, "F51"))


def test_rows_that_several_tests_of_a_rule_looked_at_count_once() -> None:
    run = dataclasses.replace(RUN, checks=(*CHECKS, check("F31", "100000100202", "contracts", "passed", 5)))
    results = {r.rule: r for r in rule_results(view_of(run, CATALOG, (), "zh"))}
    assert results["F31"].looked == 17


def test_exceptions_show_the_cells_of_the_source_and_lead_to_the_book(out: Path) -> None:
    page = paper(out, "F31")
    assert "<mark>" in page and "合同编号" in page and "HT-001" in page
    assert '<a href="../organisations/100000100201.html#f-0000000000000001">' in page


def test_books_cards_index_and_papers_lead_to_each_other_and_every_link_arrives(out: Path) -> None:
    book, cards, index = ((out / p).read_text(encoding="utf-8") for p in ("organisations/100000100201.html", "rules.html", "index.html"))
    assert 'href="../papers/F31.html"' in book and 'href="../papers/journal__bank_statement.html"' in book
    assert 'href="papers/F31.html"' in cards and 'href="papers/index.html"' in index
    followed = 0
    for file in (out / "papers").glob("*.html"):
        page = Links(file.read_text(encoding="utf-8"))
        for target in page.targets:
            path, _, anchor = target.partition("#")
            other = (file.parent / path).resolve() if path else file
            assert other.is_file(), (file.name, target)
            if anchor:
                assert anchor in Links(other.read_text(encoding="utf-8")).anchors, (file.name, target)
            followed += 1
    assert followed > 100


def test_hostile_text_of_ledgers_stays_text(out: Path) -> None:
    page = paper(out, "F31")
    assert SCRIPT not in page and "&lt;script&gt;" in page


def test_the_totals_of_a_reconciliation_add_up_to_its_lines(out: Path) -> None:
    """Of each side: matched + differing + one-sided + ambiguous = lines."""
    (result,) = match_results(view_of(RUN, WITH_MATCHES, (), "zh"))
    assert len(result.matches) == len(MATCHES) and len(result.open) == 2
    told = text_of(paper(out, "journal__bank_statement"))
    assert "合计 ✗ 3 3 2 / 2 0 / 0 1 1 0 / 0" in told
    assert "2 项没有对上" in told and "单边的金额合计 520.00 元" in told
    assert "book_and_bank" in told and "F23" in told


def large_county() -> AuditRun:
    """Two townships of 130 villages, each with a finding: more than one page lists."""
    townships = [Organisation(f"1000{t}", f"第{t}镇", "township", "100000000000") for t in (1, 2)]
    villages = [Organisation(f"1000{t}{n:03d}", f"{t}镇{n}村", "village", f"1000{t}") for t in (1, 2) for n in range(130)]
    found = tuple(finding(n, "F31", "orange", v.org_code, org_name=v.name, amount=Decimal(n)) for n, v in enumerate(villages, 1))
    checks = tuple(check("F31", v.org_code, "contracts", "found", 3, 1) for v in villages)
    return dataclasses.replace(RUN, organisations=(*townships, *villages), findings=found, checks=checks, matches=(), sources=())


def test_a_large_paper_is_split_by_township_and_says_what_it_leaves_out() -> None:
    from auditlib.reports.working_papers import paper_pages

    run = large_county()
    view = view_of(run, CATALOG, (), "zh")
    pages = dict(paper_pages(view, [o.org_code for o in run.organisations]))
    assert {"papers/F31.html", "papers/F31-10001.html", "papers/F31-10002.html"} <= set(pages)
    main, part = (text_of("".join(s.body for s in pages[name].sections)) for name in ("papers/F31.html", "papers/F31-10001.html"))
    assert "F31" in main and "260 个例外事项" in main and "第1镇 130 0 390 130" in main
    assert "例外事项（共 130 个）" in part and "前 20 个，共 130 个" in part and part.count("✗") >= 130 <= LIMIT
    assert sum(len("".join(s.body for s in p.sections)) for p in pages.values()) / len(pages) < 300_000


def test_the_command_lists_the_papers_and_refuses_a_name_that_none_has(tmp_path: Path) -> None:
    keep_run(RUN, RunOutcome("r", (), (), (), (), (), "0" * 64), tmp_path / "out")
    runner = CliRunner()
    told = runner.invoke(app_of(["report"]), ["report", "papers", str(tmp_path / "out"), "--only", "F23"])
    assert told.exit_code == 0 and "papers/F23.html" in told.stdout and "✗" in told.stdout
    refused = runner.invoke(app_of(["report"]), ["report", "papers", str(tmp_path / "out"), "--only", "F99"])
    assert refused.exit_code == 2 and "F23" in refused.stderr
    lines = {line.name: line for line in paper_lines(view_of(RUN, CATALOG, (), "en"))}
    assert lines["F51"].mark == "△" and lines["F07"].exceptions == 1
