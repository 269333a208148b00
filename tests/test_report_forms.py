"""Forms and the audit report as HTML and DOCX: filled from the run, refused when they may not be made, replaced without a program.

Outside authorities: ECMA-376 by python-docx; 审计法 (2021) art. 44 (comments before a report is final); GB/T 9704-2012 (A4).
"""

from __future__ import annotations

import datetime as dt
import io
import re
import shutil
from pathlib import Path
from types import MappingProxyType

import pytest
import yaml
from audited_county import AT, audited
from docx import Document
from reports_sample import HOSTILE
from typer.testing import CliRunner

from auditlib.catalog.documents import Document as CatalogDocument
from auditlib.catalog.places import expectations
from auditlib.issues.letters import Order, answer_letter, items_of, letters_of, send_letter
from auditlib.issues.lists import issues_of
from auditlib.issues.register import Register
from auditlib.reports.audit_report import NAMES, comments_asked
from auditlib.reports.figures import figures_of, yuan
from auditlib.reports.forms import Values, fill, load_template, organisation_texts
from auditlib.reports.forms_filled import BANK, FILLED, STOCKTAKE
from auditlib.reports.forms_written import KINDS, FormsOrder, Held, MadeForm, make_forms
from auditlib.reports.paper import Grid, Paper, paper_html
from auditlib.reports.paper_docx import paper_docx
from auditlib.reports.results import Results
from auditlib.reports.view import view_of
from auditlib.words.errors import CatalogError, FormError

DAY = dt.date(2026, 3, 2)


@pytest.fixture(scope="module")
def results() -> Results:
    audit = audited().audit
    return Results(audit.run, audit.outcome, audit.catalog, audited().out)


def made(results: Results, kind: str, **given: object) -> list[MadeForm]:
    return list(make_forms(results, FormsOrder(kind, None, "zh", DAY, **given), None))  # type: ignore[arg-type]


def grids(paper: Paper) -> list[Grid]:
    return [block for block in paper.blocks if isinstance(block, Grid)]


def column(grid: Grid, head: str) -> list[str]:
    return [row[grid.heads.index(head)] for row in grid.rows]


def docx_of(paper: Paper) -> tuple[str, list[list[list[str]]]]:
    """Texts and tables of the Word file, as python-docx reads them."""
    document = Document(io.BytesIO(paper_docx(paper)))
    return "\n".join(p.text for p in document.paragraphs), [[[c.text for c in r.cells] for r in t.rows] for t in document.tables]


@pytest.mark.parametrize("kind", KINDS)
def test_the_word_file_holds_the_tables_of_the_page_and_is_the_same_every_time(results: Results, kind: str) -> None:
    form = made(results, kind)[0]
    words, tables = docx_of(form.paper)
    assert tables == [[list(g.heads), *map(list, g.rows)] for g in grids(form.paper)]
    assert form.paper.title in words and form.paper.trace in words
    assert paper_docx(form.paper) == paper_docx(form.paper)
    page = paper_html(form.paper)
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", page)
    assert len(cells) == sum(len(row) for g in grids(form.paper) for row in g.rows)


def test_word_files_are_a4_upright_or_across() -> None:
    for layout, size in (("portrait", (210, 297)), ("landscape", (297, 210)), ("document", (210, 297))):
        section = Document(io.BytesIO(paper_docx(Paper("zh", layout, "", "甲", (), "乙")))).sections[0]
        assert (round(section.page_width.mm), round(section.page_height.mm)) == size


def test_the_bank_form_says_what_the_reconciliation_found_for_every_account_and_month(results: Results) -> None:
    looked = 0
    for form in made(results, "bank-reconciliation"):
        statements = [s for s in results.run.statements if s.org_code == form.code]
        sheets = [g for g in grids(form.paper) if len(g.heads) == 4]
        assert len(sheets) == len(statements)
        for sheet, s in zip(sheets, statements, strict=True):
            amounts = [None if cell == "不详" else cell for cell in (*column(sheet, sheet.heads[1]), *(row[3] for row in sheet.rows))]
            expected = (s.bank_balance, s.book_in, s.book_out, s.adjusted_bank, s.book_balance, s.bank_in, s.bank_out, s.adjusted_book)
            assert amounts == [None if x is None else yuan(x) for x in expected]
            looked += 1
        items = [row for g in grids(form.paper) if len(g.heads) == 7 for row in g.rows]
        assert len(items) == sum(len(s.items) for s in statements)
        assert any(s.account_no in paper_html(form.paper) for s in statements) or not statements, "a working paper: numbers in full"
    assert looked >= 12


def test_the_stocktake_finds_missing_what_the_reconciliation_found_missing(results: Results) -> None:
    looked = 0
    for form in made(results, "stocktake"):
        matches = [m for m in results.run.matches if m.reconciliation == "fixed_assets__asset_count" and m.org_code == form.code]
        sheet = grids(form.paper)[0]
        found = dict(zip(column(sheet, "资产编号"), column(sheet, "结果"), strict=True))
        if not matches:
            continue
        assert {n for n, result in found.items() if result == "未盘到"} == {m.left for m in matches if m.left and not m.right}
        assert len(column(sheet, "资产编号")) == sum(bool(m.left) for m in matches)
        beyond = column(grids(form.paper)[1], "编号") if len(grids(form.paper)) > 1 else []
        assert sorted(beyond) == sorted(m.right for m in matches if not m.left)
        looked += 1
    assert looked


def test_the_blank_sheet_has_the_books_in_walking_order_and_leaves_the_count_open(results: Results) -> None:
    for form in made(results, "stocktake-blank"):
        sheet = grids(form.paper)[0]
        places = [place for place in column(sheet, "坐落") if place]
        assert places == sorted(places)
        assert set(column(sheet, "实盘数量")) == {""}
        assert list(sheet.rows[-1]) == [""] * len(sheet.heads), "room for what is not in the register"


def test_the_hand_over_check_counts_every_item_once(results: Results) -> None:
    for form in made(results, "handover-check"):
        by_class, *by_item = grids(form.paper)
        items = [row for g in by_item for row in g.rows]
        assert sum(int(n or 0) for n in column(by_class, "事项数")) == len(items)
        for status in ("完整", "缺失", "差异", "未核实"):
            assert sum(int(n or 0) for n in column(by_class, status)) == sum(column(g, "状态").count(status) for g in by_item)


# 审计报告


def test_the_draft_says_of_the_findings_what_the_run_says(results: Results) -> None:
    looked = 0
    for form in made(results, "audit-report", issuer="汀岚县审计组"):
        findings = [f for f in results.run.findings if f.org_code == form.code]
        figures, words = figures_of(findings), docx_of(form.paper)[0]
        assert "征求意见稿" in form.paper.title
        cases = [row for g in grids(form.paper) if g.heads[0] == "情况" for row in g.rows]
        assert len(cases) == len(findings)
        assert sorted(row[2] for row in cases) == sorted(yuan(f.amount) for f in findings)
        if findings:
            assert f"审计发现问题 {len(findings)} 项" in words and f"涉及金额 {yuan(figures.involved)} 元" in words
            looked += 1
        else:
            assert "没有发现问题" in words
    assert looked


@pytest.fixture
def register(tmp_path: Path) -> Register:
    shutil.copy(audited().out / "register.db", tmp_path / "register.db")
    opened = Register.open(tmp_path / "register.db")
    opened.add_person("组长", name="组长", role="lead", by="组长", at=AT)
    return opened


def village(results: Results) -> str:
    villages = {o.org_code for o in results.run.organisations if o.level == "village"}
    return next(f.org_code for f in results.run.findings if f.org_code in villages)


def asked(register: Register, code: str, results: Results, keep: slice = slice(None)) -> str:
    issues = issues_of(register.issues(AT.date()), code, results.run.organisations)
    items = items_of(issues, {})[keep]
    order = Order("comments", "汀岚县审计组", "汀审", "某村", code, dt.date(2026, 2, 12), items, needs_matters=False)
    return send_letter(register, order, by="组长", at=AT).letter_id


def final(register: Register, results: Results, code: str, day: dt.date) -> MadeForm:
    held = Held(register.issues(day), letters_of(register.events()))
    return make_forms(results, FormsOrder("audit-report", {code}, "zh", day, is_final=True), held)[0]


def test_a_report_is_final_only_after_the_comment_period_and_an_answer(register: Register, results: Results) -> None:
    code = village(results)
    with pytest.raises(FormError, match="还没有送达"):
        final(register, results, code, DAY)
    letter = asked(register, code, results)
    with pytest.raises(FormError, match="还没有期满"):
        final(register, results, code, dt.date(2026, 2, 12))
    with pytest.raises(FormError, match="还没有登记反馈"):
        final(register, results, code, dt.date(2026, 2, 13))
    answer_letter(register, letter, "没有意见，马上整改", by="组长", at=AT + dt.timedelta(days=5))
    with pytest.raises(FormError, match="还没有期满"):
        final(register, results, code, dt.date(2026, 2, 10))
    paper = final(register, results, code, dt.date(2026, 2, 13)).paper
    assert "征求意见稿" not in paper.title and "没有意见，马上整改" in docx_of(paper)[0]
    told = comments_asked(letters_of(register.events()), code)
    assert told is not None and "汀审征〔2026〕1号" in docx_of(paper)[0]


def test_what_was_never_put_to_comment_may_not_stand_in_the_final_report(register: Register, results: Results) -> None:
    code = village(results)
    letter = asked(register, code, results, slice(1, None))
    answer_letter(register, letter, "无", by="组长", at=AT + dt.timedelta(days=5))
    with pytest.raises(FormError, match="没有列入征求意见稿"):
        final(register, results, code, DAY)


def test_without_a_register_no_report_is_final(results: Results) -> None:
    with pytest.raises(FormError, match="没有问题台账"):
        make_forms(results, FormsOrder("audit-report", None, "zh", DAY, is_final=True), None)


# Templates


def test_an_office_changes_wording_without_a_program_and_a_pack_brings_it(results: Results) -> None:
    shipped = yaml.safe_load((expectations() / "forms_out" / "stocktake.yaml").read_text(encoding="utf-8"))
    own = shipped | {"title": {"zh": "{organisation}清产核资盘点表", "en": "x"}, "blocks": shipped["blocks"][:1]}
    catalog = dataclass_replace(results.catalog, forms_out=MappingProxyType({"stocktake": CatalogDocument(Path("own.yaml"), own)}))
    form = make_forms(Results(results.run, results.outcome, catalog, results.out), FormsOrder("stocktake", None, "zh", DAY), None)[0]
    assert form.paper.title.endswith("清产核资盘点表") and len(form.paper.blocks) == 1


def dataclass_replace(value: object, **changes: object):  # type: ignore[no-untyped-def]
    import dataclasses

    return dataclasses.replace(value, **changes)  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"title": {"zh": "{organization}", "en": "x"}}, "organization"),
        ({"blocks": [{"when": "nobody", "note": {"zh": "x", "en": "x"}}]}, "nobody"),
        ({"blocks": [{"table": {"rows": "line", "columns": []}}]}, "line"),
        ({"blocks": [{"each": "villages", "blocks": []}]}, "villages"),
        ({"form": "other"}, "other"),
    ],
)
def test_a_name_that_nobody_knows_is_refused_with_candidates(results: Results, change: dict[str, object], told: str) -> None:
    shipped = yaml.safe_load((expectations() / "forms_out" / "stocktake.yaml").read_text(encoding="utf-8"))
    catalog = dataclass_replace(results.catalog, forms_out={"stocktake": CatalogDocument(Path("own.yaml"), shipped | change)})
    with pytest.raises(CatalogError, match=told):
        load_template("stocktake", STOCKTAKE, catalog)


@pytest.mark.parametrize("kind", KINDS)
def test_every_shipped_template_is_whole_in_both_languages(results: Results, kind: str) -> None:
    names = NAMES if kind == "audit-report" else FILLED[kind][0]
    assert load_template(kind, names, results.catalog).form == kind
    english = make_forms(results, FormsOrder(kind, None, "en", DAY), None)[0]
    told = docx_of(english.paper)[0] + " ".join(h for g in grids(english.paper) for h in g.heads)
    assert "{" not in told and not re.search("[移交盘点审计]{4}", " ".join(h for g in grids(english.paper) for h in g.heads))


def test_hostile_text_stays_text_in_page_and_word_file(results: Results) -> None:
    view = view_of(results.run, results.catalog, (), "zh")
    code = results.run.organisations[-1].org_code
    texts = organisation_texts(view, code) | {"organisation": f"{HOSTILE}\x0b\ud800=1+1{{year}}"}
    said = dict.fromkeys(BANK.groups["statements"].texts, HOSTILE)
    item = dict.fromkeys(BANK.groups["statements"].tables["items"], HOSTILE)
    values = Values(texts, {}, {"statements": [Values(said, {"items": [item]})]})
    paper = fill(load_template("bank-reconciliation", BANK, results.catalog), values, view, issuer="", trace="甲")
    page = paper_html(paper)
    assert "<script" not in page and "onerror=alert" not in re.sub(r"&lt;.*?&gt;", "", page) and "{year}" in page
    assert any(HOSTILE in cell for table in docx_of(paper)[1] for row in table for cell in row)


def test_what_leaves_the_working_papers_is_masked(results: Results) -> None:
    view = view_of(results.run, results.catalog, (), "zh")
    code = results.run.organisations[-1].org_code
    others = dict.fromkeys(STOCKTAKE.texts - {"organisation", "org_code"}, "账号 6228480402564890018")
    values = Values(organisation_texts(view, code) | others)
    paper = fill(load_template("stocktake", STOCKTAKE, results.catalog), values, view, issuer="", trace="甲")
    assert "6228480402564890018" not in paper_html(paper) and "****0018" in docx_of(paper)[0]
    assert code in paper_html(paper), "codes of organisations are public"


# The command


def test_the_command_writes_both_files_and_says_what_to_do_when_it_may_not(tmp_path: Path, results: Results) -> None:
    from auditlib.cli.report import report_app

    out = tmp_path / "out"
    shutil.copytree(audited().out, out)
    run, code = CliRunner(), village(results)
    done = run.invoke(report_app, ["forms", str(out), "--kind", "handover-check", "--for", code])
    assert done.exit_code == 0, done.output
    assert (out / "forms" / f"{code}-handover-check.html").is_file() and (out / "forms" / f"{code}-handover-check.docx").is_file()
    refused = run.invoke(report_app, ["forms", str(out), "--kind", "audit-report", "--for", code, "--final", "--on", "2026-03-02"])
    assert refused.exit_code == 2 and "issues letters send --letter comments" in refused.output
    assert not list((out / "forms").glob("*final*"))
    for wrong in (["--kind", "nothing"], ["--kind", "stocktake", "--final"], ["--kind", "stocktake", "--format", "pdf"]):
        assert run.invoke(report_app, ["forms", str(out), *wrong]).exit_code == 2
