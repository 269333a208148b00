"""The leader's page on one A4 sheet, the digest of a chosen day, and idle and occupied property before and after.

Outside authority: 181 found, 181 settled = 100 % (京东); 65 亩 of land, 83 shops and 220 parking places all let (仁德);
师宗's clean-up counts what was brought into use and what was recovered, in money and area.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from audited_county import audited
from issue_cases import ORGANISATIONS, TOWNSHIP, VILLAGE, at, many
from reports_sample import CATALOG, FINDINGS, HOSTILE, ISSUES, PHONE, RUN
from test_reports import Reader

from auditlib.issues.digest import Period
from auditlib.issues.events import Kind
from auditlib.issues.policy import load_clock
from auditlib.issues.register import RunRecord
from auditlib.issues.scores import load_formula
from auditlib.reports.before_after import Change, Holding, compared
from auditlib.reports.digest_report import digest_report, report_page
from auditlib.reports.leader import leader_page
from auditlib.reports.pages import books_of
from auditlib.reports.register_state import RegisterState
from auditlib.reports.render import render
from auditlib.reports.view import CountyView, view_of
from auditlib.words.records import Organisation

COUNTY = "100000000000"


def run_record(number: int, as_of: str, findings: int, **told: int) -> RunRecord:
    counts = {"raised": 0, "seen": 0, "changed": 0, "put_forward": 0, "reopened": 0} | told
    day = dt.date.fromisoformat(as_of)
    return RunRecord(number, f"RUN-{number}", at(as_of), day, 2025, "青禾县", "青禾县", "", findings, head="ab" * 32, **counts)


def state(day: str, total: int = 20, done: int = 12, runs: tuple[RunRecord, ...] = ()) -> RegisterState:
    story = many(total, done)
    return RegisterState("ab" * 32, dt.date.fromisoformat(day), story.issues(day), tuple(story.events), load_clock(), load_formula(), runs)


def large_county(townships: int) -> CountyView:
    """A county of many townships with long names, every one of them with findings of all families."""
    towns = [Organisation(f"{n:012d}", f"{'很长的名字' * 4}第{n}镇", "township", COUNTY) for n in range(townships)]
    villages = [Organisation(f"{n:012d}{m}", f"{'长' * 20}{n}-{m}村", "village", f"{n:012d}") for n in range(townships) for m in range(3)]
    findings = [
        replace(FINDINGS[0], finding_id=f"{n:08x}{m:08x}", org_code=v.org_code, rule=("F31", "F23", "F07", "F51")[m % 4],
                severity=("red", "orange", "yellow")[m % 3], amount=Decimal(987654321) / 7)
        for n, v in enumerate(villages) for m in range(1 + n % 9)
    ]  # fmt: skip
    run = replace(RUN, organisations=(*towns, *villages), findings=tuple(findings), matches=(), checks=())
    runs = (run_record(1, "2025-06-30", 412), run_record(2, "2026-01-31", 388, raised=40, put_forward=64, reopened=3, changed=9))
    return view_of(run, CATALOG, ISSUES, "zh", state("2026-06-30", 200, 20, runs))


def page_of(view: CountyView) -> str:
    townships = sorted(o.org_code for o in view.organisations.values() if o.level == "township")
    return render(leader_page(view, townships, books_of(view)))


def text_of(page: str) -> str:
    return Reader(page).text


def test_the_sheet_says_verdict_money_colours_late_trend_and_what_was_not_checked() -> None:
    text = text_of(page_of(large_county(30)))
    for said in (
        "一页纸", "涉及金额", "已追回", "未销号的按预警颜色", "问题最重的乡镇", "其余 25 个乡镇", "逾期未结在谁手里", "412", "388",
        "-24", "新增 40", "这次没有再发现、待核查 64", "重新出现 3", "查到了多少、哪些没有查",
    ):  # fmt: skip
        assert said in text, said


def test_the_worst_townships_and_the_rest_add_up_to_the_county() -> None:
    view = large_county(30)
    page = page_of(view)
    part = page[page.index('id="worst_places"'):page.index('id="late"')]
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", part)
    sums = [int(re.findall(r'<td class="num">([\d,]+)</td>', row)[-1].replace(",", "")) for row in rows]
    assert len(rows) == 7 and sum(sums[:-1]) == sums[-1] == sum(len(f) for f in view.findings.values())


def test_who_is_overdue_is_counted_whole() -> None:
    """Every overdue matter stands with one owner or among the others: their numbers add up to the register's."""
    view = large_county(2)
    assert view.register is not None
    late = sum(i.is_open and i.days_left < 0 for i in view.register.issues)
    page = page_of(view)
    part = page[page.index('id="late"'):page.index('id="trend"')]
    told = [int(n) for n in re.findall(r'</th><td class="num">(\d+)</td>', part)]
    assert sum(told) == late > 0


def test_nothing_is_said_of_deadlines_without_a_register() -> None:
    text = text_of(page_of(view_of(RUN, CATALOG, ISSUES, "zh")))
    assert text.count("没有问题台账") == 2 and "已追回" not in text


def test_the_sheet_travels_masked_and_hostile_text_stays_text() -> None:
    town = Organisation("100000100000", f"云溪镇{PHONE}", "township", COUNTY)
    run = replace(RUN, organisations=(town, *(o for o in RUN.organisations if o.org_code != town.org_code)))
    page = page_of(view_of(run, CATALOG, ISSUES, "zh", state("2026-01-31")))
    assert PHONE not in page and HOSTILE not in page and "<script" not in page


@pytest.mark.browser
@pytest.mark.parametrize("townships", [2, 30])
def test_the_sheet_prints_on_exactly_one_page(tmp_path: Path, townships: int) -> None:
    from auditlib.reports.printed import find_browser, print_pdf

    if find_browser() is None:
        pytest.skip("no browser on this machine: the sheet was not printed")
    page = tmp_path / "leader.html"
    page.write_text(page_of(large_county(townships)), encoding="utf-8")
    content = print_pdf(page, tmp_path / "leader.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == 1


# --- the digest of a chosen day ----------------------------------------------------------------------------------------------


class Told:
    """A register of events in memory, as much of it as a digest asks for."""

    def __init__(self, events: Any) -> None:
        self._events, self.clock = tuple(events), load_clock()

    def events(self) -> Any:
        return self._events

    def head(self) -> str:
        return "ab" * 32


def digest_of(register: Told, period: Period, on: str | None, **more: Any) -> Any:
    day = dt.date.fromisoformat(on) if on else None
    return digest_report(register, period, on=day, as_of=dt.date(2026, 1, 31), **more)  # type: ignore[arg-type]


def digest_text(told: Any) -> str:
    settled = RegisterState("ab" * 32, told.now.end, told.issues, told.events, load_clock(), load_formula())
    run = replace(RUN, organisations=ORGANISATIONS, findings=())
    return text_of(render(report_page(view_of(run, CATALOG, told.issues, "zh", settled), told, settled)))


def test_181_found_and_181_settled_is_100_percent() -> None:
    """京东: all 181 settled; the week in which they were closed says so, the week before knows none."""
    register = Told(many(181, 181).events)
    told = digest_of(register, Period.MONTHLY, "2026-01-15")
    assert (told.now.new, told.now.closed, told.now.settled_percent) == (181, 181, Decimal("100.00"))
    before = digest_of(register, Period.DAILY, "2026-01-14")
    assert (before.now.new, before.now.closed, before.now.open) == (0, 0, 181), "what came later does not count"
    assert "100.00%" in digest_text(told)


def test_a_digest_shows_this_period_beside_the_one_before() -> None:
    register = Told(many(20, 12).events)
    told = digest_of(register, Period.WEEKLY, "2026-01-14")
    assert (told.now.start, told.now.end) == (dt.date(2026, 1, 12), dt.date(2026, 1, 18))
    assert (told.before.start, told.before.end, told.before.new) == (dt.date(2026, 1, 5), dt.date(2026, 1, 11), 0)
    assert digest_of(register, Period.WEEKLY, "2026-01-06").before.new == 20, "raised on Sunday the fourth"
    assert len([e for e in told.events if e.kind is Kind.CLOSED]) == 12
    text = digest_text(told)
    assert text.count("销号") >= 12 and "云岭镇" in text and "村级自治" in text


def test_a_digest_of_one_place_counts_its_own_matters_only() -> None:
    other = many(20, 12, org_code="530323101202", org_name="下河村")
    assert digest_of(Told(other.events), Period.MONTHLY, "2026-01-20", codes={VILLAGE}).now.total == 0
    assert digest_of(Told(other.events), Period.MONTHLY, "2026-01-20", codes={"530323101202", TOWNSHIP}).now.total == 20


def test_a_period_that_is_not_over_says_to_which_day_it_goes() -> None:
    text = digest_text(digest_of(Told(many(20, 12).events), Period.MONTHLY, None))
    assert "到 2026-01-31 为止" not in text, "the month is over on the cut-off date"
    told = digest_report(Told(many(20, 12).events), Period.MONTHLY, on=None, as_of=dt.date(2026, 1, 20))  # type: ignore[arg-type]
    assert (told.now.end, told.ends_on) == (dt.date(2026, 1, 20), dt.date(2026, 1, 31))
    assert "本期到 2026-01-31 结束，这里的数字到 2026-01-20 为止" in digest_text(told)


# --- before and after ---------------------------------------------------------------------------------------------------------


def holding(record: str, use: str, area: str = "0", value: str = "0", rent: str = "0", **other: str) -> Holding:
    told = {"org_code": VILLAGE, "ledger": "fixed_assets", "name": record} | other
    return Holding(record=record, use=use, area=Decimal(area), value=Decimal(value), rent=Decimal(rent), **told)


def test_65_mu_83_shops_and_220_parking_places_all_let() -> None:
    """仁德: what stood empty is all let; numbers, area and money arrive from rows."""
    names = [(f"铺{n}", "fixed_assets") for n in range(83)] + [(f"位{n}", "fixed_assets") for n in range(220)]
    before = [holding(name, "闲置", value="1000", ledger=ledger) for name, ledger in names]
    before += [holding(f"地{n}", "闲置", area="13", ledger="resources") for n in range(5)]
    after = [replace(h, use="出租", rent=Decimal(100)) for h in before]
    found = compared(before, after)
    assert (found.before["idle"], found.after["idle"]) == ((308, Decimal(65), Decimal(303000)), (0, Decimal(0), Decimal(0)))
    assert len(found.of("reused")) == 308 and found.rent == Decimal(30800)
    assert sum(c.shown.area for c in found.of("reused")) == 65


@pytest.mark.parametrize(
    ("was", "now", "outcome"),
    [
        ("闲置", "出租", "reused"), ("闲置", "自用", "reused"), ("被占用", "出租", "recovered"), ("被占用", "闲置", "recovered"),
        ("闲置", "被占用", "unresolved"), ("被占用", "被占用", "unresolved"),
        ("闲置", "待报废", "unresolved"), ("被占用", "待报废", "recovered"), ("自用", "闲置", "newly"), (None, "被占用", "newly"),
        ("闲置", None, "gone"), ("被占用", "", "unknown"), ("自用", "出租", ""), (None, "出租", ""), ("自用", None, ""),
    ],
)  # fmt: skip
def test_what_became_of_a_holding(was: str | None, now: str | None, outcome: str) -> None:
    """What is no longer in the register, or of which nobody says the use, does not count as put right."""
    change = Change(*(None if use is None else holding("A1", use) for use in (was, now)))
    assert change.outcome == outcome


def test_a_register_that_came_only_once_is_not_compared() -> None:
    before = [holding("A1", "闲置"), holding("A1", "闲置", org_code="530323101202")]
    found = compared(before, [holding("A1", "出租")])
    assert found.left_out == ("530323101202",) and [c.outcome for c in found.changes] == ["reused"]


def test_two_runs_are_compared_from_their_kept_ledgers(tmp_path: Path) -> None:
    """The demo county half a year earlier, one idle asset of it let since."""
    import json

    import duckdb
    import pyarrow.parquet as pq
    from typer.testing import CliRunner

    from auditlib.cli.report import report_app

    new, old = (Path(shutil.copytree(audited().out, tmp_path / name)) for name in ("new", "old"))
    kept = json.loads((old / "run.json").read_text("utf-8"))
    kept["run"]["as_of"] = "2025-07-31"
    (old / "run.json").write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    ledger = old / "ledgers" / "fixed_assets.parquet"
    org, asset, value = duckdb.sql(
        f"select org_code, asset_no, original_value from '{ledger}' where use_status = '自用' and original_value > 0 order by 1, 2 limit 1"
    ).fetchall()[0]
    changed = f"case when org_code = '{org}' and asset_no = '{asset}' then '闲置' else use_status end as use_status"
    pq.write_table(duckdb.sql(f"select * replace ({changed}) from '{ledger}'").to_arrow_table(), ledger)
    done = CliRunner().invoke(report_app, ["before-after", str(old), str(new)])
    assert done.exit_code == 0 and "盘活 1 件，清收 0 件，新增 0 件" in done.output, done.output
    page = Reader((new / "before_after.html").read_text("utf-8")).text
    assert asset in page and f"{Decimal(value).scaleb(-2):,.2f}" in page
    wrong = CliRunner().invoke(report_app, ["before-after", str(new), str(old)])
    assert wrong.exit_code == 2 and "先写旧结果文件夹" in wrong.output
    done = CliRunner().invoke(report_app, ["digest", str(new), "--period", "daily", "--on", "2026-02-01"])
    assert done.exit_code == 0 and (new / "digests" / "daily-2026-02-01.html").is_file(), done.output
    assert CliRunner().invoke(report_app, ["leader", str(new)]).exit_code == 0


def test_ledgers_kept_by_another_version_are_refused_with_what_to_do(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    from auditlib.reports.results import open_results
    from auditlib.words.errors import WorkspaceError

    old = Path(shutil.copytree(audited().out, tmp_path / "old"))
    ledger = old / "ledgers" / "journal.parquet"
    pq.write_table(pq.read_table(ledger).drop_columns(["summary"]), ledger)
    with pytest.raises(WorkspaceError, match="auditlib audit"), open_results(old).ledgers():
        pass
