"""The grid of findings and the detail beside it, driven without a browser.

Python's own `sorted` and `in` judge sorting and filtering; the register's events judge what a button wrote; html.parser judges markup.
"""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from names_county import ALIKE, HOSTILE, names_county

from auditlib.audit import Audit, run_audit
from auditlib.issues.register import Register
from auditlib.workbook import TriageView
from auditlib.workbook.grid import PAGE, Column, Pager, paging_grid

AT = dt.datetime(2026, 2, 3, 9, tzinfo=dt.UTC)


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.said = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements += [tag, *(name for name, _ in attrs)]

    def handle_data(self, data: str) -> None:
        self.said += data


# ---- the grid


def _frame(count: int) -> Any:
    import pandas as pd

    rows = [(f"记-{n * 7 % count}", None if n % 5 == 0 else Decimal(n * 37 % 101)) for n in range(count)]
    return pd.DataFrame(rows, columns=["no", "amount"], dtype=object)


COLUMNS = (Column("no", "凭证号"), Column("amount", "金额", "num", lambda v: "" if v is None else f"{v:,.2f}"))


def _ids(pager: Pager, **query: Any) -> list[int]:
    """The whole order that a query gives, page by page."""
    found: list[int] = []
    while True:
        _, total, rows = pager.page({**query, "page": len(found) // PAGE})
        found += [int(r["id"]) for r in rows]
        if len(found) >= total:
            return found


@pytest.mark.parametrize("descending", [False, True])
def test_amounts_are_sorted_as_amounts_equal_ones_as_they_stood_and_blanks_last(descending: bool) -> None:
    frame = _frame(203)
    amounts = list(frame["amount"])
    whole = [n for n, a in enumerate(amounts) if a is not None]
    expected = sorted(whole, key=lambda n: -amounts[n] if descending else amounts[n]) + [n for n, a in enumerate(amounts) if a is None]
    assert _ids(Pager(frame, COLUMNS), sort="amount", desc=descending) == expected


def test_a_filter_looks_into_what_the_cell_reads_as_and_several_hold_together() -> None:
    frame = _frame(203)
    pager = Pager(frame, COLUMNS)
    fits = [n for n, (no, a) in enumerate(frame.itertuples(index=False)) if "1" in no and a is not None and "7.00" in f"{a:.2f}"]
    assert fits and _ids(pager, filters={"no": "1", "amount": "7.00"}) == fits
    assert _ids(pager, filters={"no": "(.*)"}) == []  # text, no pattern


@pytest.mark.parametrize(
    "sent",
    [
        {"page": -3}, {"page": 10**9}, {"page": "x"}, {"sort": "__class__"}, {"filters": ["no"]}, {"filters": {"no": 5}},
        {"filters": {"x": "y"}}, {"size": 10**9},
    ],
)
def test_whatever_the_page_sends_is_put_right(sent: dict[str, Any]) -> None:
    query, total, rows = Pager(_frame(45), COLUMNS).page(sent)
    assert total == 45 and 0 < len(rows) <= PAGE
    assert query["size"] == PAGE and query["filters"] == {} and query["sort"] == "" and query["page"] in (0, 2)


@pytest.mark.parametrize("count", [0, 1, PAGE, PAGE + 1])
def test_few_rows_and_none_are_a_grid_too(count: int) -> None:
    grid = paging_grid(_frame(max(count, 1)).head(count), COLUMNS, "清单")
    assert (grid.total, len(grid.rows)) == (count, min(count, PAGE))


def test_a_million_rows_hold_one_page_in_the_browser() -> None:
    import numpy as np
    import pandas as pd

    count = 1_000_000
    frame = pd.DataFrame({"no": np.arange(count)[::-1], "amount": np.arange(count)})
    grid = paging_grid(frame, (Column("no", "编号", "num"), Column("amount", "金额", "num")), "清单")
    grid.query = {**grid.query, "sort": "no"}
    assert (grid.total, len(grid.rows), grid.rows[0]["cells"]) == (count, PAGE, ["0", "999999"])
    grid.query = {**grid.query, "sort": "", "filters": {"amount": "99999"}, "page": 0}
    assert grid.total == sum("99999" in str(n) for n in range(count))


def test_without_a_browser_the_page_is_a_table_in_which_text_stays_text() -> None:
    import pandas as pd

    frame = pd.DataFrame({"no": [HOSTILE], "amount": [Decimal(1)]}, dtype=object)
    grid = paging_grid(frame, COLUMNS, HOSTILE)
    page = _Page(grid._repr_mimebundle_()[0]["text/html"])
    assert page.said.count(HOSTILE) == 2 and not {"img", "onerror"} & set(page.elements)


def test_the_page_never_turns_text_into_markup() -> None:
    script = (Path(__file__).parents[1] / "auditlib" / "workbook" / "grid.js").read_text(encoding="utf-8")
    assert "textContent: text" in script
    assert not [word for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(") if word in script]


# ---- the findings page


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Audit]:
    folder = tmp_path_factory.mktemp("triage")
    audit = run_audit(names_county(folder), folder / "out", today=AT.date(), at=AT)
    assert not audit.run.errors and len(audit.run.findings) >= 2
    with Register.open_existing(folder / "out" / "register.db") as register:
        register.add_person("李组长", name="李组长", role="lead", by="李组长", at=AT)
        register.add_person("王审计", name="王审计", role="auditor", by="李组长", at=AT)
        register.add_person("赵读者", name="赵读者", role="reader", by="李组长", at=AT)
    return folder, audit


@pytest.fixture
def place(template: tuple[Path, Audit], tmp_path: Path) -> tuple[Path, Audit]:
    shutil.copytree(template[0], tmp_path / "here")
    return tmp_path / "here", template[1]


def opened(place: tuple[Path, Audit], who: str = "李组长") -> TriageView:
    view = TriageView(place[1], place[0] / "汀岚县", place[0] / "out", now=lambda: AT)
    view.acting.who.value = who
    return view


def press(view: TriageView, label: str) -> None:
    button = next(b for b in view.card.buttons.children if b.description == label)
    button.click()


def confirm(view: TriageView, **what: str) -> None:
    assert view.card.form is not None
    for name, value in what.items():
        view.card.form.fields[name].value = value
    view.card.fields.children[-1].children[0].click()


def states(place: tuple[Path, Audit]) -> dict[str, str]:
    with Register.open_existing(place[0] / "out" / "register.db") as register:
        return {f: str(i.state) for i in register.issues(AT.date()) for f in i.finding_ids}


def test_every_finding_is_a_row_worst_first(place: tuple[Path, Audit]) -> None:
    view = opened(place)
    assert view.grid.total == len(place[1].run.findings)
    order = ["red", "orange", "yellow", "blue"]
    assert [order.index(f.severity) for f in view.findings] == sorted(order.index(f.severity) for f in view.findings)


def test_beside_a_finding_stand_rule_law_cells_with_their_surroundings_and_other_findings(place: tuple[Path, Audit]) -> None:
    view = opened(place)
    at = next(i for i, f in enumerate(view.findings) if f.row and f.source_file and f.column)
    finding = view.findings[at]
    view.grid.chosen = str(at)
    said = _Page(view.detail.value).said
    assert finding.message_zh in said and "为什么算问题" in said and "常见误报" in said
    assert view._view.card(finding.rule).basis[0]["article"] in said  # type: ignore[union-attr]
    assert "原表前后几行" in said and ALIKE in said  # the first row of that sheet
    assert "同一来源行的其他疑点" in said


def test_accepting_a_finding_is_written_at_once_and_the_list_shows_it(place: tuple[Path, Audit]) -> None:
    view = opened(place)
    view.grid.query = {**view.grid.query, "filters": {"rule": view.findings[0].rule}}
    view.grid.chosen = "0"
    press(view, "受理")
    confirm(view)
    assert states(place)[view.findings[0].finding_id] == "accepted"
    row = next(r for r in view.grid.rows if r["id"] == "0")
    assert row["cells"][-1] == "已受理"
    assert view.grid.query["filters"] == {"rule": view.findings[0].rule}  # the place in the list is kept


def test_declining_needs_a_reason_and_a_second_person(place: tuple[Path, Audit]) -> None:
    first = opened(place, "王审计")
    first.grid.chosen = "0"
    press(first, "提请认定误报")
    confirm(first)  # no reason
    assert states(place)[first.findings[0].finding_id] == "raised"
    confirm(first, reason="合同在档，见佐证")
    assert states(place)[first.findings[0].finding_id] == "decline_asked"
    own = [b.description for b in first.card.buttons.children]
    assert "认定为误报" not in own  # who asked cannot confirm
    assert "认定为误报" in _Page(first.card.absent.value).said
    second = opened(place, "李组长")
    second.grid.chosen = "0"
    press(second, "认定为误报")
    confirm(second)
    assert states(place)[first.findings[0].finding_id] == "declined"


def test_a_reader_sees_the_finding_and_no_button(place: tuple[Path, Audit]) -> None:
    view = opened(place, "赵读者")
    view.grid.chosen = "0"
    assert view.card.buttons.children == ()
    assert "受理" in _Page(view.card.absent.value).said  # with what is against it


@pytest.mark.parametrize("sent", ["", "-1", "999999", "x", "²"])
def test_a_choice_that_is_no_row_changes_nothing(place: tuple[Path, Audit], sent: str) -> None:
    view = opened(place)
    view.grid.chosen = sent
    assert view.finding is None


def test_hostile_ledger_text_stays_text_in_list_and_detail(place: tuple[Path, Audit]) -> None:
    view = opened(place)
    seen = 0
    for at in range(len(view.findings)):
        view.grid.chosen = str(at)
        page = _Page(view.detail.value + view.grid.static + view.card.head.value)
        seen += HOSTILE in page.said
        assert not {"img", "onerror", "script"} & set(page.elements)
    assert seen


def test_a_sheet_that_is_gone_is_told_and_the_rest_is_shown(place: tuple[Path, Audit]) -> None:
    view = opened(place)
    at = next(i for i, f in enumerate(view.findings) if f.row and f.source_file and f.column)
    (place[0] / "汀岚县" / view.findings[at].source_file).unlink()
    view.grid.chosen = str(at)
    said = _Page(view.detail.value).said
    assert "原表现在读不出来" in said and view.findings[at].message_zh in said
