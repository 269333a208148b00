"""The start page of the workbook, driven without a browser: values are set, buttons clicked, the task awaited.

The county is hostile: its folder, its name and an organisation carry the `<img onerror>` payload of the OWASP cross-site
scripting cheat sheet. Standard HTML parsing (html.parser) is the judge of what a browser would make of the page.
"""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import os
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from auditlib.audit import Step
from auditlib.words.errors import AuditlibError
from auditlib.workbook import (
    AuditCancelled,
    Meter,
    StartView,
    default_out,
    default_workspace,
    find_counties,
    run_with_bar,
    summary_table,
)
from auditlib.workbook.progress import told

PAYLOAD = "<img src=x onerror=alert(1)>"


class _Page(HTMLParser):
    """The elements, attributes and text that a page comes to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def _is_harmless(html: str) -> bool:
    page = _Page(html)
    return not page.elements & {"img", "script", "iframe"} and not any(a.startswith("on") for a in page.attributes)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AUDITLIB_WORKSPACE", raising=False)
    monkeypatch.delenv("AUDITLIB_OUT", raising=False)


def _write(path: Path, rows: list[list[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(rows)


def _county(folder: Path) -> Path:
    """A county of one village with two contracts of the same number; wherever a name can stand, the payload stands."""
    county = folder / PAYLOAD
    _write(county / "组织名录.csv", [
        ["组织代码", "组织名称", "层级", "上级代码", "负责人", "会计", "出纳", "成员数", "户数"],
        ["990401", "某县", "县", "", "甲", "乙", "丙", "", ""],
        ["990401101", "某镇", "乡镇", "990401", "甲", "乙", "丙", "", ""],
        ["990401101201", f"{PAYLOAD}村", "村", "990401101", "丁", "戊", "己", "10", "4"],
    ])  # fmt: skip
    head = "组织代码 合同编号 合同名称 合同类型 承包方 签订日期 开始日期 结束日期 年租金 合同总额 原件是否存档 合同状态".split()
    days = ("2024-01-01", "2024-01-01", "2028-12-31")
    line = ["990401101201", "HT-1", PAYLOAD, "租赁", PAYLOAD, *days, "100.00", "500.00", "是", "履行中"]
    _write(county / "某镇" / "某村" / "合同台账.csv", [head, line, line])
    settings = f'county = "{PAYLOAD}"\nfiscal_year = 2025\nas_of = 2026-01-31\nlanguage = "zh"\n'
    (county / "audit.toml").write_text(settings, encoding="utf-8")
    return county


async def _driven(county: Path, out: Path) -> StartView:
    view = StartView(roots=[county.parent])
    view.county.value, view.out.value, view.cut_off.value = str(county), str(out), dt.date(2025, 12, 31)
    view.start.click()
    assert view.start.disabled and not view.cancel.disabled
    assert view.task is not None
    await view.task
    return view


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[StartView, Path]]:
    folder = tmp_path_factory.mktemp("driven")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("AUDITLIB_WORKSPACE", raising=False)
        patch.delenv("AUDITLIB_OUT", raising=False)
        out = folder / f"{PAYLOAD}out"
        yield asyncio.run(_driven(_county(folder), out)), out


# ---- an audit by the button


def test_the_button_audits_and_the_page_is_ready_again(driven: tuple[StartView, Path]) -> None:
    view, out = driven
    assert view.error is None and view.audit is not None
    assert (out / "index.html").is_file() and (out / "findings.csv").is_file()
    assert view.bar.value == 100 and view.step.value == "完成"
    assert not view.start.disabled and view.cancel.disabled


def test_the_cut_off_date_of_the_page_is_the_audits(driven: tuple[StartView, Path]) -> None:
    assert driven[0].audit is not None
    assert driven[0].audit.run.as_of == dt.date(2025, 12, 31)


def test_the_summary_states_the_number_of_findings_of_the_file(driven: tuple[StartView, Path]) -> None:
    view, out = driven
    with (out / "findings.csv").open(encoding="utf-8-sig", newline="") as stream:
        count = len(list(csv.DictReader(stream)))
    assert count > 0
    assert f"<dd>{count}</dd>" in view.summary.value


def test_what_the_button_finished_is_not_audited_again(driven: tuple[StartView, Path]) -> None:
    view, _ = driven
    assert view.result() is view.audit


def test_hostile_names_are_text_wherever_the_page_shows_them(driven: tuple[StartView, Path]) -> None:
    view, _ = driven
    linked = "".join(o["data"].get("text/html", "") for o in view.link.outputs)
    for html in (view.summary.value, summary_table(view.audit).value, linked):
        assert _is_harmless(html)
        assert PAYLOAD in _Page(html).text
    assert PAYLOAD in str(view.found.options)  # a Dropdown shows its options as text


# ---- stopping, failing, choosing


def test_cancel_stops_before_anything_is_registered(tmp_path: Path) -> None:
    async def cancelled() -> StartView:
        view = StartView(_county(tmp_path), tmp_path / "out", roots=[])
        view.start.click()
        view.cancel.click()
        assert view.cancel.disabled
        await view.task
        return view

    view = asyncio.run(cancelled())
    assert isinstance(view.error, AuditCancelled) and view.audit is None
    assert "已取消" in view.message.value and view.step.value == ""
    assert not (tmp_path / "out" / "register.db").exists() and not (tmp_path / "out" / "findings.csv").exists()
    assert not view.start.disabled


def test_a_second_click_while_one_audit_runs_does_nothing(tmp_path: Path) -> None:
    async def clicked_twice() -> bool:
        view = StartView(tmp_path / "absent", tmp_path / "out", roots=[])
        view.start.click()
        first = view.task
        view._on_start(view.start)
        with pytest.raises(AuditlibError, match="还在进行"):
            view.result()
        await first
        return view.task is first

    assert asyncio.run(clicked_twice())


def test_a_folder_that_is_none_is_told_on_the_page_as_text(tmp_path: Path) -> None:
    async def failed() -> StartView:
        view = StartView(tmp_path / PAYLOAD, tmp_path / "out", roots=[])
        view.start.click()
        await view.task
        return view

    view = asyncio.run(failed())
    assert isinstance(view.error, AuditlibError)
    assert _is_harmless(view.message.value) and PAYLOAD in _Page(view.message.value).text


def test_without_a_county_the_page_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    view = StartView(roots=[tmp_path])
    view.county.value = ""
    with pytest.raises(AuditlibError, match="县文件夹"):
        view.result()


def test_choosing_a_found_county_fills_in_its_folder_and_its_output(tmp_path: Path) -> None:
    county = _county(tmp_path)
    other = tmp_path / "乙县"
    other.mkdir()
    (other / "audit.toml").write_text("", encoding="utf-8")
    view = StartView(county, roots=[tmp_path])
    view.found.value = str(other)
    assert view.county.value == str(other)
    assert view.out.value == str(default_out(other))


def test_an_output_folder_that_somebody_chose_stays(tmp_path: Path) -> None:
    view = StartView(_county(tmp_path), tmp_path / "mine", roots=[])
    view.county.value = str(tmp_path / "other")
    assert view.out.value == str(tmp_path / "mine")


def test_the_page_speaks_english_when_asked(tmp_path: Path) -> None:
    view = StartView(_county(tmp_path), tmp_path / "out", language="en", roots=[])
    assert (view.start.description, view.cancel.description) == ("Start", "Cancel")


# ---- where things lie


def test_counties_are_folders_with_settings_or_with_ledgers(tmp_path: Path) -> None:
    county = _county(tmp_path)
    _write(tmp_path / "ledgers" / "丙县" / "某镇" / "合同.csv", [["合同编号"]])
    _write(tmp_path / "tests" / "data.csv", [["x"]])
    assert find_counties([tmp_path]) == (county.resolve(), (tmp_path / "ledgers" / "丙县").resolve())


def test_the_environment_names_county_and_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITLIB_WORKSPACE", str(tmp_path / "甲县"))
    monkeypatch.setenv("AUDITLIB_OUT", str(tmp_path / "here"))
    assert default_workspace() == tmp_path / "甲县"
    assert default_out(tmp_path / "甲县") == tmp_path / "here"


def test_results_never_go_into_the_county(tmp_path: Path) -> None:
    county = _county(tmp_path)
    assert not default_out(county).resolve().is_relative_to(county.resolve())


# ---- the bar


def test_the_bar_never_goes_back_and_ends_at_a_hundred() -> None:
    meter = Meter()
    steps = [Step("intake", "a", n, 4) for n in range(4)] + [Step("checks", "F01", 0, 0)] * 300
    steps += [Step(stage, "", 0, 1) for stage in ("matching", "findings", "register", "reports")]
    steps += [Step("done", "", 1, 1)]
    positions = [meter.position(step) for step in steps]
    assert positions == sorted(positions)
    assert positions[303] <= 75  # however many checks there are, the checks stay in their share
    assert positions[-1] == 100


def test_a_step_is_told_in_words() -> None:
    assert told(Step("intake", "某镇/某村/合同.xlsx", 2, 28), "zh") == "读取台账 （2/28） 某镇/某村/合同.xlsx"
    assert told(Step("checks", "contracts", 0, 0), "zh").endswith("合同台账")
    assert told(Step("checks", "F33", 0, 0), "en").startswith("checking rules F33")


def test_a_cut_off_date_that_is_none_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(AuditlibError, match="2026年"):
        run_with_bar(tmp_path, tmp_path / "out", as_of="2026年1月")
    assert os.listdir(tmp_path) == []
