"""The files and pages that an audit leaves behind (contract section 4): complete, harmless, repeatable, readable offline."""

from __future__ import annotations

import csv
import dataclasses
import json
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from reports_sample import (
    ACCOUNT,
    CARDS,
    CATALOG,
    FINDINGS,
    FORMULA,
    HOSTILE,
    ID_NO,
    ISSUES,
    ORGANISATIONS,
    PHONE,
    RUN,
    finding,
)

from auditlib.reports.bank_statement import write_bank_statements
from auditlib.reports.coverage import delivered, missing
from auditlib.reports.findings import anchor
from auditlib.reports.markup import escape, table, tag
from auditlib.reports.masking import mask
from auditlib.reports.output import prepare_output, remove_stale, write_output, written_before
from auditlib.reports.pages import write_reports
from auditlib.reports.render import ActiveContent, refuse_active_content
from auditlib.reports.tables import defused, write_findings, write_matches, write_sources
from auditlib.reports.view import file_stem, view_of
from auditlib.words.errors import OutputError
from auditlib.words.messages import say
from auditlib.words.records import COLUMNS

VILLAGE, GROUP, CLEAN, SILENT = "100000100201", "10000010020101", "100000100202", "../../etc/passwd"


def write_all(out: Path, language: str = "zh") -> Path:
    prepare_output(out)
    write_findings(RUN, out)
    write_sources(RUN, out)
    write_matches(RUN, out)
    write_bank_statements(RUN, out)
    return write_reports(RUN, CATALOG, ISSUES, out, language)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_all(tmp_path_factory.mktemp("audit") / "out").parent


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_all(tmp_path_factory.mktemp("audit") / "out", "en").parent


class Reader(HTMLParser):
    """What a browser makes of a page: elements, and the text a person sees."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.open.append("/" + tag)

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)

    def named(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name in tags]


def read(path: Path) -> Reader:
    return Reader(path.read_text(encoding="utf-8"))


def pages(site: Path) -> list[Path]:
    found = sorted(site.rglob("*.html"))
    assert len(found) > 6, "the guard below must look at something"
    return found


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# --- the tables -------------------------------------------------------------------------------------------------------------


def test_findings_csv_opens_in_excel_with_the_columns_of_the_contract(site: Path) -> None:
    raw = (site / "findings.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.decode("utf-8-sig").splitlines()[0] == ",".join(COLUMNS)


def test_findings_jsonl_holds_the_same_rows(site: Path) -> None:
    lines = (site / "findings.jsonl").read_text(encoding="utf-8").split("\n")
    assert [json.loads(line) for line in lines if line] == rows_of(site / "findings.csv")
    assert len(rows_of(site / "findings.csv")) == len(FINDINGS)


def test_text_that_a_spreadsheet_would_run_is_defused_and_amounts_are_untouched(site: Path) -> None:
    rows = {row["finding_id"]: row for row in rows_of(site / "findings.csv")}
    assert rows[FINDINGS[0].finding_id]["actual"] == "'" + FORMULA
    assert rows[FINDINGS[0].finding_id]["expected"] == "-12.50", "a negative number is no formula"
    assert rows[FINDINGS[2].finding_id]["amount"] == "-98765.40"
    assert rows[FINDINGS[3].finding_id]["amount"] == "" and rows[FINDINGS[3].finding_id]["row"] == ""
    assert rows[FINDINGS[1].finding_id]["records"] == f"HT-002;{FORMULA};@SUM(1)"


@pytest.mark.parametrize("start", ["=1+1", "+cmd", "-cmd", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_every_start_of_a_formula_is_defused(start: str) -> None:
    """The starts that OWASP's page on CSV injection lists, and the line feed."""
    assert defused(start) == "'" + start


@pytest.mark.parametrize("text", ["", "三组", "-12.50", "+3", "1=1", "2025-01-01", "a-b"])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert defused(text) == text


def test_amounts_are_plain_decimals(tmp_path: Path) -> None:
    run = dataclasses.replace(RUN, findings=(finding(1, "F31", "red", VILLAGE, amount=Decimal("1E+6")),))
    write_findings(run, tmp_path)
    assert rows_of(tmp_path / "findings.csv")[0]["amount"] == "1000000"


def test_sources_csv_says_what_was_read_of_every_sheet(site: Path) -> None:
    rows = rows_of(site / "sources.csv")
    assert list(rows[0]) == [
        "file", "sha256", "sheet", "ledger", "org_code", "header_row", "rows_read", "rows_total", "rows_quarantined",
        "unmapped_columns", "confidence",
    ]  # fmt: skip
    contracts = next(row for row in rows if row["sheet"] == "合同台账")
    assert (contracts["header_row"], contracts["rows_read"], contracts["rows_total"]) == ("3", "12", "1")
    assert contracts["unmapped_columns"].startswith("乙方<script>"), "text is kept; it is only dangerous where it would run"


def test_matches_csv_starts_with_the_columns_of_the_contract(site: Path) -> None:
    rows = rows_of(site / "matches.csv")
    assert list(rows[0])[:5] == ["reconciliation", "left", "right", "how", "difference"]
    assert rows[3]["right"] == "'" + FORMULA and rows[2]["difference"] == "-500.00"


# --- harmless pages ---------------------------------------------------------------------------------------------------------


def test_no_page_holds_anything_that_acts(site: Path) -> None:
    for path in pages(site):
        reader = read(path)
        assert not reader.named("script", "iframe", "object", "embed", "link", "form", "svg", "img", "base"), path
        for _, attributes in reader.elements:
            assert not [name for name in attributes if name.startswith("on") or name in ("src", "srcset", "action")], path


def test_no_page_reaches_outside_the_folder(site: Path) -> None:
    for path in pages(site):
        for attributes in read(path).named("a"):
            target = attributes["href"]
            assert ":" not in target and not target.startswith("/"), f"{path}: {target}"


def test_every_link_and_anchor_leads_somewhere(site: Path) -> None:
    ids = {path.resolve(): {a["id"] for _, a in read(path).elements if "id" in a} for path in pages(site)}
    for path in pages(site):
        for attributes in read(path).named("a"):
            file, _, fragment = attributes["href"].partition("#")
            target = (path.parent / unquote(file)).resolve() if file else path.resolve()
            assert target.is_file(), f"{path}: {attributes['href']}"
            if fragment and (file or fragment != "main"):
                assert fragment in ids[target], f"{path}: {attributes['href']}"


def test_every_page_carries_the_strict_policy_and_its_language(site: Path, english: Path) -> None:
    for folder, lang in ((site, "zh-CN"), (english, "en")):
        for path in pages(folder):
            reader = read(path)
            policy = next(a["content"] for a in reader.named("meta") if a.get("http-equiv") == "Content-Security-Policy")
            assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:"), path
            assert reader.named("html")[0]["lang"] == lang, path


def test_hostile_text_stays_text(site: Path) -> None:
    text = read(site / "organisations" / f"{VILLAGE}.html").text
    assert HOSTILE in text, "script, template and Markdown syntax are shown as they were written"
    assert FORMULA in text
    assert "49" not in re.findall(r"\d+", text.split("没有原件")[0][-80:]), "no template was evaluated"


def test_invisible_direction_marks_are_made_visible(site: Path) -> None:
    assert "张[U+202E]三" in read(site / "organisations" / f"{VILLAGE}.html").text


@pytest.mark.parametrize(
    "page",
    [
        "<p onclick='x'>", "<script>1</script>", "<a href='javascript:1'>", "<a href='https://x.cn'>", "<a href='//x.cn'>",
        "<img src='x.png'>", "<iframe>", "<meta http-equiv='refresh' content='0'>", "<p style='background:url(x)'>", "<form>",
        "<svg/onload=1>", "<link rel='stylesheet' href='x'>", "<a href='\\\\host\\x'>",
    ],
)  # fmt: skip
def test_the_gate_refuses_what_acts_or_reaches_outside(page: str) -> None:
    with pytest.raises(ActiveContent):
        refuse_active_content(page)


def test_the_gate_lets_pages_of_ours_pass() -> None:
    refuse_active_content("<a href='../index.html#f-1'>x</a><img src='data:image/png;base64,AA=='><i style='width:3%'></i>")


def test_markup_escapes_once_and_only_what_is_not_its_own() -> None:
    assert tag("p", "<b>", tag("i", "&")) == "<p>&lt;b&gt;<i>&amp;</i></p>"
    assert escape(escape("<")) == "&lt;"
    assert 'aria-label="&quot;x&quot;"' in table('"x"', [("a", "head")], [["b"]])


# --- what the pages say -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(len(FINDINGS)), ids=[f.rule for f in FINDINGS])
def test_every_finding_stands_in_the_book_of_its_organisation(site: Path, number: int) -> None:
    found = FINDINGS[number]
    path = site / "organisations" / f"{file_stem(found.org_code)}.html"
    page, text = path.read_text(encoding="utf-8"), read(path).text
    assert f'id="{anchor(found.finding_id)}"' in page
    assert found.message_zh in text and found.source_file in text and found.basis in text
    for part in (found.sheet, f"第 {found.row} 行" if found.row else "", *found.records, *(c.raw.strip() for c in found.cells)):
        assert part in text
    card = next((c for c in CARDS if c.rule == found.rule), None)
    for said in (card.rectification["zh"], card.evidence["zh"], card.name["zh"], "账实相符") if card else ():
        assert said in text


def test_severity_is_a_word_and_a_sign_never_colour_alone(site: Path) -> None:
    page = (site / "organisations" / f"{VILLAGE}.html").read_text(encoding="utf-8")
    assert '<span class="mark red"><span aria-hidden="true">▲</span>红</span>' in page


def test_totals_on_the_index_are_those_of_findings_csv(site: Path) -> None:
    rows = rows_of(site / "findings.csv")
    involved = sum((Decimal(r["amount"] or 0) for r in rows if not r["rule"].startswith("D")), start=Decimal(0))
    text = read(site / "index.html").text
    assert f"{involved:,.2f}" in text
    assert re.search(rf"{len(rows)}问题总数|问题总数{len(rows)}", text)


def test_an_organisation_without_findings_says_so_and_what_was_not_checked(site: Path) -> None:
    text = read(site / "organisations" / f"{CLEAN}.html").text
    assert "没有发现问题" in text
    assert "没有盘点表" in text, "the reason of the check that could not run"
    assert "没有见到的台账" in text and "移交清单" in text
    assert "本结论只对交来的资料和已做的检查负责" in text


def test_an_organisation_of_which_nothing_arrived_gets_no_verdict(site: Path) -> None:
    text = read(site / "organisations" / f"{file_stem(SILENT)}.html").text
    assert "不能作出结论" in text and "没有收到这个组织的任何台账" in text
    assert "有密码" in text, "its file that could not be read is named"


def test_codes_never_become_paths(site: Path) -> None:
    assert sorted(p.name for p in site.iterdir()) == sorted(
        [".auditlib-output", "bank_open_items.csv", "bank_reconciliation.csv", "directory.html", "findings.csv", "findings.jsonl",
         "index.html", "leader.html", "matches.csv", "organisations", "papers", "rules.html", "sources.csv", "townships"]
    )  # fmt: skip
    for name in ("../x", "a/b", "CON", "", "村", "a" * 99, "x.html", "a\x00b"):
        assert re.fullmatch(r"x-[0-9a-f]{16}", file_stem(name)), name
    assert file_stem("539926101201") == "539926101201"


def test_findings_of_no_known_organisation_are_not_lost(site: Path) -> None:
    text = read(site / "index.html").text
    assert say("reports.no_organisation") in text
    assert say("reports.unregistered") in read(site / "organisations" / f"{file_stem('')}.html").text


def test_the_index_names_our_own_failures_first(site: Path) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    assert "D09: kernel failed" in page
    assert page.index('class="own-errors"') < page.index('class="verdict')


def test_the_index_names_unread_files_and_unrecognised_sheets(site: Path) -> None:
    text = read(site / "index.html").text
    assert "云溪镇/小湾村/台账.xlsx" in text and "有密码" in text
    assert "云溪镇/双坪村/=怪名.xlsx" in text and "最像合同台账" in text


def test_coverage_knows_own_shared_and_missing_ledgers() -> None:
    view = view_of(RUN, CATALOG, ISSUES, "zh")
    assert delivered(view, VILLAGE)["contracts"] == "own"
    assert delivered(view, VILLAGE)["trial_balance"] == "shared"
    assert "handover" in missing(view, VILLAGE) and "organisations" not in missing(view, VILLAGE)


def test_checks_that_did_not_run_stand_with_their_reason(site: Path) -> None:
    text = read(site / "organisations" / f"{VILLAGE}.html").text
    assert "本年没有换届移交" in text
    assert "未能检查 0，发现问题 3，通过 1，不适用 1" in text


def test_reconciliations_show_counts_and_every_open_item(site: Path) -> None:
    text = read(site / "organisations" / f"{VILLAGE}.html").text
    assert "序时账 ↔ 银行对账单" in text and "2 笔合计 1" in text
    assert "记-004" in text and "-500.00" in text


def test_the_three_lists_stand_in_the_book(site: Path) -> None:
    text = read(site / "organisations" / f"{VILLAGE}.html").text
    for said in ("问题清单", "责任清单", "时限清单", "W-2025-0001", "2026-03-01", "王一", "尚未交办", "尚未定时限"):
        assert said in text
    assert say("reports.lists.none") in read(site / "organisations" / f"{CLEAN}.html").text


def test_books_show_full_data_and_pages_that_travel_do_not(site: Path) -> None:
    """Personal Information Protection Law, articles 6 and 28."""
    book = read(site / "organisations" / f"{VILLAGE}.html").text
    assert ID_NO in book and PHONE in book and ACCOUNT in book
    for path in (site / "index.html", *(site / "townships").glob("*.html")):
        text = read(path).text
        assert ID_NO not in text and PHONE not in text and ACCOUNT not in text, path
        assert "138****5678" in text and "****002X" in text and "****0018" in text, path


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话13812345678。", "电话138****5678。"), ("138-1234-5678", "138****5678"), ("6228 4804 0256 4890 018", "****0018"),
        ("12345678901234567x", "****567x"), ("2025-01-01 至 2025-12-31", "2025-01-01 至 2025-12-31"),
        ("1,234,567.00 元", "1,234,567.00 元"),
        ("记-0012", "记-0012"), ("组织 539926101201", "组织 539926101201"),
    ],
)  # fmt: skip
def test_numbers_are_masked_by_their_shape(text: str, shown: str) -> None:
    assert mask(text, keep={"539926101201"}) == shown


def test_long_lists_say_how_many_there_are_and_where_all_of_them_stand(tmp_path: Path) -> None:
    many = tuple(finding(i, "F31", "orange", VILLAGE) for i in range(250))
    write_reports(dataclasses.replace(RUN, findings=many), CATALOG, (), tmp_path, "zh")
    text = read(tmp_path / "organisations" / f"{VILLAGE}.html").text
    assert "此处列出 200 条，共 250 条；全部见：findings.csv" in text


def test_pages_can_be_read_by_machine_and_by_ear(site: Path) -> None:
    for path in pages(site):
        reader = read(path)
        assert len(reader.named("h1")) == 1 and reader.named("main") and reader.named("nav")
        assert [a for a in reader.named("a") if a["href"] == "#main"], "skip link"
        assert len(reader.named("caption")) == len(reader.named("table"))
        assert all("scope" in a for a in reader.named("th")), path
        ids = [a["id"] for _, a in reader.elements if "id" in a]
        assert len(ids) == len(set(ids)), path


def test_pages_print_on_a4_with_page_numbers(site: Path) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    assert "size:A4" in page and "counter(page)" in page


def test_english_by_option(english: Path) -> None:
    text = read(english / "organisations" / f"{VILLAGE}.html").text
    assert "Verdict and money" in text and "no written contract" in text and "F31 remedy" in text and "case 3" in text


def test_every_rule_card_can_be_linked_to(site: Path) -> None:
    ids = {a.get("id") for a in read(site / "rules.html").named("article")}
    assert ids == {c.rule for c in CARDS}


# --- the output folder ------------------------------------------------------------------------------------------------------


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_rerun_gives_identical_bytes(site: Path, tmp_path: Path) -> None:
    write_all(tmp_path / "again")
    assert snapshot(tmp_path / "again") == snapshot(site)
    write_all(tmp_path / "again")
    assert snapshot(tmp_path / "again") == snapshot(site)


def test_a_folder_of_someone_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "年终总结.docx").write_bytes(b"mine")
    with pytest.raises(OutputError, match="年终总结.docx") as refused:
        prepare_output(tmp_path)
    assert str(tmp_path) in str(refused.value)
    assert snapshot(tmp_path) == {"年终总结.docx": b"mine"}


def test_writing_without_preparing_refuses_a_foreign_folder_too(tmp_path: Path) -> None:
    (tmp_path / "findings.csv").write_bytes(b"mine")
    with pytest.raises(OutputError):
        write_findings(RUN, tmp_path)
    assert snapshot(tmp_path) == {"findings.csv": b"mine"}


def test_a_foreign_file_in_our_folder_is_never_overwritten(tmp_path: Path) -> None:
    prepare_output(tmp_path)
    (tmp_path / "index.html").write_bytes(b"mine")
    with pytest.raises(OutputError, match="index.html"):
        write_output(tmp_path, "index.html", "ours")
    assert (tmp_path / "index.html").read_bytes() == b"mine"


def test_the_register_is_no_stranger_and_survives(tmp_path: Path) -> None:
    (tmp_path / "register.db").write_bytes(b"issues")
    (tmp_path / "register.db-wal").write_bytes(b"log")
    write_all(tmp_path)
    assert (tmp_path / "register.db").read_bytes() == b"issues"


def test_pages_of_organisations_that_are_gone_are_removed_and_notes_of_others_stay(tmp_path: Path) -> None:
    write_all(tmp_path)
    (tmp_path / "organisations" / "笔记.txt").write_text("mine", encoding="utf-8")
    left = tuple(o for o in ORGANISATIONS if o.org_code != CLEAN)
    sources = tuple(s for s in RUN.sources if s.org_code != CLEAN)
    write_reports(dataclasses.replace(RUN, organisations=left, sources=sources), CATALOG, (), tmp_path, "zh")
    assert not (tmp_path / "organisations" / f"{CLEAN}.html").exists()
    assert (tmp_path / "organisations" / "笔记.txt").exists() and (tmp_path / "findings.csv").exists()
    assert f"organisations/{CLEAN}.html" not in written_before(tmp_path)


def test_a_marker_that_was_tampered_with_removes_nothing_outside(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("x", encoding="utf-8")
    out = tmp_path / "out"
    prepare_output(out)
    (out / ".auditlib-output").write_text("organisations/../../precious.txt\n", encoding="utf-8")
    assert remove_stale(out, ("organisations",), ()) == ()
    assert (tmp_path / "precious.txt").exists()


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="out"):
        prepare_output(tmp_path / "out")
