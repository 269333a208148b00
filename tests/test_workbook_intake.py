"""The intake page, driven without a browser: values are set, the button clicked, the page read as a browser would.

The ledger's text is hostile: sheet, headers and cells carry the `<img onerror>` payload of the OWASP cross-site scripting cheat
sheet, and html.parser is the judge of what a browser would make of the page. WCAG 2.2, success criterion 1.4.1 (use of colour), is
the authority for the word beside each colour; 2.1.1 and 4.1.2 for the scrollable region that the keyboard reaches and its name.
"""

from __future__ import annotations

import csv
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
import xlsxwriter

from auditlib.catalog.load import load_catalog
from auditlib.intake.mapping import FOLDER, load_mappings
from auditlib.words.errors import AuditlibError
from auditlib.workbook import IntakeView, excerpt, unsettled
from auditlib.workbook.sheet_grid import KINDS

PAYLOAD = "<img src=x onerror=alert(1)>"
HEAD = ["档号", PAYLOAD, "租户", "一年收多少(万元)", "打头日子", "收尾日子"]
FILE = "某镇/新寨村/门面.xlsx"
ANSWER = {
    "档号": "contract_no",
    PAYLOAD: "name",
    "租户": "party_b",
    "一年收多少(万元)": "annual_rent",
    "打头日子": "starts_on",
    "收尾日子": "ends_on",
}
REGISTER = [
    ["组织代码", "组织名称", "层级", "上级代码"], ["990401", "某县", "县", ""], ["990401101", "某镇", "乡镇", "990401"],
    ["990401101201", "新寨村", "村", "990401101"],
]  # fmt: skip


class Page(HTMLParser):
    """What a browser would make of a page: rows of texts, elements, attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.regions: list[dict[str, str | None]] = []
        self.rows: list[list[str]] = []
        self.kinds: list[str] = []
        self._in_cell = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.elements.add(tag)
        self.attributes.update(given)
        if "tabindex" in given:
            self.regions.append(given)
        if tag == "tr":
            self.rows.append([])
            self.kinds.append(given.get("class") or "")
        self._in_cell = tag in ("td", "th") or (self._in_cell and tag in ("small", "span", "mark"))
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self._in_cell and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


@pytest.fixture
def county(tmp_path: Path) -> Path:
    folder = tmp_path / "某县"
    (folder / "某镇" / "新寨村").mkdir(parents=True)
    with (folder / "组织名录.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(REGISTER)
    (folder / "audit.toml").write_text('county = "某县"\nfiscal_year = 2025\nas_of = 2026-01-31\n', encoding="utf-8")
    lines = [[f"HT-{n}", PAYLOAD, "张三", "1.2", "2024-01-01", "2026-12-31"] for n in range(1, 301)]
    book = xlsxwriter.Workbook(folder / FILE)
    sheet = book.add_worksheet("门面")
    for r, row in enumerate([["门面出租登记"], HEAD, *lines, ["合计", "", "", "360"]]):
        sheet.write_row(r, 0, row)
    book.close()
    return folder


@pytest.fixture
def view(county: Path) -> IntakeView:
    return IntakeView(county, FILE, by="王会计", made_on=date(2026, 1, 31))


def answer(view: IntakeView) -> None:
    """What a person does on the page."""
    view.ledger.value = "contracts"
    for box in view.columns.children:
        box.value = ANSWER[box.description.split(" ", 1)[1]]


# ---- what is shown


def test_the_sheet_is_shown_with_row_numbers_letters_and_a_word_for_each_row(view: IntakeView) -> None:
    page = Page(view.grid.value)
    assert [c[:1] for c in page.rows[0][2:]] == list("ABCDEF")
    assert [row[:3] for row in page.rows[1:4]] == [["1", "标题", "门面出租登记"], ["2", "表头", "档号"], ["3", "数据", "HT-1"]]
    assert page.rows[-1][:3] == ["303", "合计", "合计"]


def test_no_row_is_marked_by_colour_alone(view: IntakeView) -> None:
    page = Page(view.grid.value)
    words = {kind: row[1] for kind, row in zip(page.kinds, page.rows, strict=True) if kind.startswith("k-") and kind != "k-cut"}
    assert words == {"k-title": "标题", "k-header": "表头", "k-data": "数据", "k-total": "合计"}
    assert all(f"k-{kind}" in view.grid.value for kind in KINDS), "the legend names every kind"


def test_a_long_sheet_shows_its_first_200_rows_and_its_last_20_and_says_what_is_left_out(view: IntakeView) -> None:
    page = Page(view.grid.value)
    shown = [int(row[0]) for row in page.rows[1:] if row[0].isdigit()]
    assert shown == [*range(1, 201), *range(284, 304)]
    assert ["第 201 至 283 行没有列出"] in page.rows


def test_ledger_text_is_never_markup(view: IntakeView) -> None:
    answer(view)
    view.save.click()
    for html in (view.grid.value, view.message.value, view.excerpt().html):
        page = Page(html)
        assert not page.elements & {"img", "script", "iframe"} and not any(a.startswith("on") for a in page.attributes)
    assert any(PAYLOAD in cell for row in Page(view.grid.value).rows for cell in row)


def test_the_keyboard_reaches_the_sheet_and_every_control_has_a_label(view: IntakeView) -> None:
    assert all(region.get("role") == "group" and region.get("aria-label") for region in Page(view.grid.value).regions)
    view.ledger.value = "contracts"
    boxes = (view.file, view.table, view.ledger, view.head, view.by, view.why, view.save, *view.columns.children)
    assert all(box.description for box in boxes)


# ---- what is said


def test_nothing_is_written_before_the_button(view: IntakeView, county: Path) -> None:
    answer(view)
    assert not (county / FOLDER).exists()


def test_saving_writes_the_mapping_and_shows_the_sheet_read_again(view: IntakeView, county: Path) -> None:
    answer(view)
    view.save.click()
    (mapping,) = load_mappings(county, load_catalog()).entries
    assert (mapping.ledger, mapping.made_by, mapping.made_on, mapping.columns["租户"]) == ("contracts", "王会计", "2026-01-31", "party_b")
    assert "已保存" in view.message.value and mapping.name in view.message.value
    assert view.look is not None and view.look.is_understood
    assert "乙方" in Page(view.grid.value).rows[0][4]


def test_a_column_left_open_is_said(view: IntakeView) -> None:
    answer(view)
    view.columns.children[1].value = "?"
    view.save.click()
    assert "还有 1 列没有定下来" in view.message.value
    assert "未识别" in Page(view.grid.value).rows[0][3]


def test_a_sheet_can_be_set_aside(view: IntakeView) -> None:
    view.ledger.value = "-"
    assert view.columns.children == ()
    view.save.click()
    assert view.look is not None and view.look.found.is_set_aside
    assert "不是台账" in view.table.options[0][0]


def test_another_row_can_be_made_the_head(view: IntakeView) -> None:
    view.ledger.value = "contracts"
    view.head.value = "3"
    view.save.click()
    assert view.look is not None and view.look.header_rows == (3,)
    assert Page(view.grid.value).rows[3][:2] == ["3", "表头"]


def test_a_head_corrected_once_more_takes_the_first_answer_back(view: IntakeView, county: Path) -> None:
    view.ledger.value = "contracts"
    view.head.value = "3"
    view.save.click()
    view.head.value = "2"
    view.save.click()
    (mapping,) = load_mappings(county, load_catalog()).entries
    assert len(mapping.history) == 1, "what was said first stays on record"
    assert [x.header_rows for x in view.looks] == [(2,)], "the rows are read once, under the right head"


def test_a_wrong_answer_stands_on_the_page_and_nothing_is_written(view: IntakeView, county: Path) -> None:
    view.save.click()
    assert "请先选" in view.message.value
    answer(view)
    view.columns.children[1].value = "party_b"
    view.save.click()
    assert "说了两次" in view.message.value
    view.head.value = "abc"
    view.save.click()
    assert "表头行" in view.message.value
    assert not list((county / FOLDER).glob("*.yaml"))


def test_rows_of_nobody_are_marked(county: Path) -> None:
    with (county / "合同.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        head = ["组织名称", "合同编号", "合同名称", "乙方", "开始日期", "结束日期", "年租金"]
        days = ["2024-01-01", "2026-12-31", "5"]
        csv.writer(stream).writerows([head, ["新寨村", "HT-1", "甲", "乙", *days], ["", "HT-2", "丙", "丁", *days]])
    page = Page(IntakeView(county, "合同.csv").grid.value)
    assert [row[1] for row in page.rows[1:]] == ["表头", "数据", "未归入"]


def test_a_file_that_cannot_be_read_says_what_to_do_and_the_next_one_opens(county: Path) -> None:
    (county / "坏.xlsx").write_bytes(b"PK\x03\x04 broken")
    view = IntakeView(county, "坏.xlsx")
    assert "另存为" in view.message.value and view.save.disabled
    view.file.value = FILE
    assert view.message.value == "" and not view.save.disabled


def test_no_such_file_is_named_with_those_there_are(county: Path) -> None:
    with pytest.raises(AuditlibError, match="组织名录"):
        IntakeView(county, "没有.xlsx")


def test_the_list_of_what_is_open_shrinks_by_what_is_settled(view: IntakeView, county: Path) -> None:
    assert list(unsettled(county)["文件"]) == [FILE]
    answer(view)
    view.save.click()
    assert unsettled(county).empty


# ---- a cell as evidence


def test_an_excerpt_shows_the_cells_as_they_stand_with_header_row_and_column(county: Path) -> None:
    shown = excerpt(county, FILE, "门面", 5, ["D", "A"])
    page = Page(shown.html)
    assert page.rows == [["行", "A档号", "D一年收多少(万元)"], ["5", "HT-3", "1.2"]]
    assert "<mark><span>1.2</span></mark>" in shown.html and shown.text == f"{FILE} › 门面 › D5"


@pytest.mark.parametrize(
    ("place", "told"),
    [((FILE, "没有", 5, ["A"]), "门面"), ((FILE, "门面", 999, ["A"]), "303"), ((FILE, "门面", 5, ["ZZ"]), "ZZ"),
     (("../外面.csv", "", 1, ["A"]), "不在县文件夹"), (("没有.xlsx", "", 1, ["A"]), "没有.xlsx")],
)  # fmt: skip
def test_a_place_that_does_not_exist_is_named(county: Path, place: tuple[str, str, int, list[str]], told: str) -> None:
    with pytest.raises(AuditlibError, match=told):
        excerpt(county, *place)
