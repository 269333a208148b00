"""What the pages show of intake and of the register: rows set aside, 清零 only when true, the head, score cards, the digest.

Outside authority: 501 of 543 settled is 92.27 % (泸西), 181 of 181 is 100 % (京东); 清零 is shown only when it is true
(师宗, 中铁二十局); masking by the Personal Information Protection Law, articles 6 and 28.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from issue_cases import CHINA, Story, at, many
from reports_sample import CATALOG, CHECKS, HOSTILE, ISSUES, PHONE, RUN, SCRIPT, SampleIssue, check, source
from test_reports import Reader, read
from typer.testing import CliRunner

from auditlib.catalog.load import load_catalog
from auditlib.cli.issues import issues_app
from auditlib.issues.events import Kind
from auditlib.issues.policy import load_clock
from auditlib.issues.register import Register
from auditlib.issues.scores import load_formula
from auditlib.reports.clearance import county_standing, reasons, standing
from auditlib.reports.coverage import expected_ledgers
from auditlib.reports.kept_run import keep_run
from auditlib.reports.output import prepare_output
from auditlib.reports.pages import write_reports
from auditlib.reports.register_state import RegisterState, register_state
from auditlib.reports.view import view_of
from auditlib.words.messages import say
from auditlib.words.records import AuditRun, FileProblem, Organisation, RowSetAside, Source

VILLAGE, CLEAN = "100000100201", "100000100202"
NO_OWNER = RowSetAside(19, "set_aside.no_organisation", f"HT-099 | {PHONE} | {SCRIPT} | 12,000.00")
VOIDED = RowSetAside(23, "set_aside.voided", "记-077 | 作废")


def with_rows(*rows: RowSetAside, org: str = VILLAGE) -> AuditRun:
    """The sample run; these rows of the organisation's contracts were set aside, nobody else's."""
    at_it = next(s for s in RUN.sources if s.ledger == "contracts" and s.org_code == org)
    changed = {at_it.source_id: dataclasses.replace(at_it, rows_quarantined=len(rows), set_aside=rows)}
    clean = (dataclasses.replace(s, rows_quarantined=0) for s in RUN.sources)
    return dataclasses.replace(RUN, sources=tuple(changed.get(s.source_id, s) for s in clean))


def written(run: AuditRun, out: Path, issues: Any = ISSUES, language: str = "zh", register: RegisterState | None = None) -> Path:
    return write_reports(run, CATALOG, issues, out, language, register).parent


def state_of(story: Story, day: str) -> RegisterState:
    limit = dt.date.fromisoformat(day)
    return RegisterState("ab" * 32, limit, story.issues(day), tuple(story.events), load_clock(), load_formula())


def book(site: Path, org: str = VILLAGE) -> Reader:
    return read(site / "organisations" / f"{org}.html")


# --- rows set aside ---------------------------------------------------------------------------------------------------------


def test_the_book_shows_every_row_set_aside_in_full_with_place_and_reason(tmp_path: Path) -> None:
    text = book(written(with_rows(NO_OWNER, VOIDED), tmp_path)).text
    for said in ("搁置的行", "看不出属于哪个组织", NO_OWNER.text, "19", "凭证已作废，未入账", VOIDED.text):
        assert said in text


def test_pages_that_travel_show_them_masked(tmp_path: Path) -> None:
    site = written(with_rows(NO_OWNER), tmp_path)
    for path in (site / "index.html", *(site / "townships").glob("*.html")):
        text = read(path).text
        assert "HT-099 | 138****5678" in text and PHONE not in text, path


def test_totals_name_the_rows_that_are_not_in_them(tmp_path: Path) -> None:
    site = written(with_rows(NO_OWNER, VOIDED), tmp_path)
    for path in (site / "index.html", site / "townships" / "100000100000.html", site / "organisations" / f"{VILLAGE}.html"):
        page = path.read_text(encoding="utf-8")
        assert "另有 1 行没有读入（合同台账）" in read(path).text, "a voided voucher was never posted and changes no total"
        assert page.index('class="figures"') < page.index("另有 1 行") < page.index("涉及金额为各业务问题"), "in the box of the totals"
    assert "1 行" in Reader((site / "index.html").read_text(encoding="utf-8")).text.split("名次和金额可能因此变化")[1][:600]


def test_an_organisation_without_such_rows_is_not_warned_of_any(tmp_path: Path) -> None:
    site = written(with_rows(VOIDED), tmp_path)
    for path in (site / "index.html", site / "organisations" / f"{VILLAGE}.html"):
        assert "行没有读入（" not in read(path).text and "名次和金额可能因此变化" not in read(path).text
    assert say("reports.set_aside.none") in book(site, CLEAN).text


def test_rows_set_aside_forbid_a_clean_verdict(tmp_path: Path) -> None:
    plain, doubted = (view_run(VILLAGE), view_run(VILLAGE, set_aside=(NO_OWNER,)))
    assert "没有发现问题。" in book(written(plain, tmp_path / "a", ())).text
    assert "没有发现问题；但资料不齐" in book(written(doubted, tmp_path / "b", ())).text


def test_a_book_stays_light_and_says_what_it_leaves_out(tmp_path: Path) -> None:
    rows = tuple(RowSetAside(n, "set_aside.nothing", "文" * 300) for n in range(3000))
    site = written(with_rows(*rows), tmp_path)
    path = site / "organisations" / f"{VILLAGE}.html"
    assert "此处列出 100 条，共 3,000 条" in read(path).text
    assert path.stat().st_size < 300_000


def test_a_check_says_beside_its_count_what_it_did_not_count(tmp_path: Path) -> None:
    told = "合同台账另有 2 行未读入，本项没有算上它们"
    checks = tuple(dataclasses.replace(c, reason=told) if c.rule == "F07" and c.org_code == VILLAGE else c for c in CHECKS)
    assert told in book(written(dataclasses.replace(RUN, checks=checks), tmp_path)).text


def test_hidden_rows_and_comments_are_told_as_they_were_read(tmp_path: Path) -> None:
    """From a real workbook through the reader to the page."""
    from openpyxl import Workbook
    from openpyxl.comments import Comment

    from auditlib.catalog.settings import load_settings
    from auditlib.intake.workspace import read_workspace

    county = tmp_path / "县"
    (county / "甲镇" / "乙村").mkdir(parents=True)
    made = Workbook()
    sheet = made.active
    sheet.title = "固定资产台账"
    sheet.append(["资产编号", "资产名称", "原值", "累计折旧", "净值"])
    for n in range(1, 5):
        sheet.append([f"ZC-{n}", "水泵", 100, 20, 80])
    sheet.row_dimensions[3].hidden = True
    sheet["B2"].comment = Comment("已报废", "会计")
    made.save(county / "甲镇" / "乙村" / "资产.xlsx")
    catalog = load_catalog()
    day = dt.date(2026, 1, 31)
    intake = read_workspace(county, tmp_path / "frames", catalog, load_settings(county, catalog, today=day))
    run = AuditRun("县", "县", 2025, day, "zh", (Organisation("1", "乙村", "village"),), (), (), (), (), (), ())
    run = dataclasses.replace(run, sources=tuple(dataclasses.replace(s, org_code="1") for s in intake.sources))
    write_reports(run, catalog, (), tmp_path / "out", "zh")
    text = read(tmp_path / "out" / "organisations" / "1.html").text
    assert "隐藏的行：3" in text and "有 1 处批注：B2" in text


# --- 清零 -------------------------------------------------------------------------------------------------------------------


def view_run(org: str = VILLAGE, set_aside: tuple[RowSetAside, ...] = (), **other: Any) -> AuditRun:
    """A county of one village with everything delivered, everything checked and nothing found."""
    ledgers = expected_ledgers(view_of(RUN, CATALOG, (), "zh"))
    sources: list[Source] = [source(n, "云溪镇/柳塘村/账.xlsx", name, name, org) for n, name in enumerate(ledgers)]
    sources[0] = dataclasses.replace(sources[0], set_aside=set_aside, rows_quarantined=len(set_aside))
    places = (
        Organisation("100000000000", "青禾县", "county"), Organisation("100000100000", "云溪镇", "township", "100000000000"),
        Organisation(org, "柳塘村", "village", "100000100000"),
    )  # fmt: skip
    run = dataclasses.replace(
        RUN, organisations=places, sources=tuple(sources), problems=(), findings=(), matches=(), errors=(),
        checks=(check("F07", org, "journal", "passed", 365), check("F51", org, "handover", "not_applicable", reason="本年没有换届")),
    )  # fmt: skip
    return dataclasses.replace(run, **other)


CLOSED = SampleIssue(state="closed", is_open=False)
CLEAR = say("reports.clearance.clear")


@pytest.mark.parametrize("issues", [(), (CLOSED,)])
def test_cleared_is_written_for_village_township_and_county_when_it_is_true(tmp_path: Path, issues: Any) -> None:
    site = written(view_run(), tmp_path, issues)
    for path in (site / "index.html", site / "townships" / "100000100000.html", site / "organisations" / f"{VILLAGE}.html"):
        assert CLEAR in read(path).text and say("reports.clearance.not_clear") not in read(path).text, path


FAILED = (*view_run().checks, check("F23", VILLAGE, "fixed_assets", "could_not_run", reason="没有盘点表"))
GROUP = Organisation("10000010020101", "柳塘村一组", "group", VILLAGE)
UNREAD = dataclasses.replace(view_run().sources[0], source_id=99, ledger="", rows_read=0)


@pytest.mark.parametrize(
    ("run", "issues", "reason"),
    [
        (view_run(), (SampleIssue(),), "还有 1 件问题没有销号"),
        (view_run(checks=FAILED), (), "有 1 项检查没能进行"),
        (view_run(checks=()), (), "没有一项检查得以进行"),
        (view_run(sources=view_run().sources[1:]), (), "有 1 种台账没有见到（柳塘村）"),
        (view_run(organisations=(*view_run().organisations, GROUP)), (), "有 1 个村或小组一项检查也没有做成：柳塘村一组"),
        (view_run(set_aside=(NO_OWNER,)), (), "有 1 行搁置"),
        (view_run(sources=(*view_run().sources, UNREAD)), (), "有 1 个文件或工作表读不了"),
        (view_run(problems=(FileProblem("云溪镇/柳塘村/密.xlsx", "", "file.encrypted"),)), (), "有 1 个文件或工作表读不了"),
    ],
)
def test_otherwise_every_page_says_what_remains_and_none_says_cleared(tmp_path: Path, run: AuditRun, issues: Any, reason: str) -> None:
    site = written(run, tmp_path, issues)
    for path in (site / "index.html", site / "townships" / "100000100000.html", site / "organisations" / f"{VILLAGE}.html"):
        text = read(path).text
        assert reason in text and CLEAR not in text, path


def test_a_cover_and_a_voided_voucher_are_in_nobody_s_way() -> None:
    cover = dataclasses.replace(UNREAD, sheet="封面", columns=(), header_rows=())
    run = view_run(set_aside=(VOIDED,))
    view = view_of(dataclasses.replace(run, sources=(*run.sources, cover)), CATALOG, (), "zh")
    assert standing(view, VILLAGE).is_clear and reasons(view, county_standing(view)) == []


def test_an_issue_of_an_organisation_that_nobody_knows_stands_in_the_way_of_the_county_only() -> None:
    view = view_of(view_run(), CATALOG, (SampleIssue(org_code="别处"),), "zh")
    assert standing(view, "100000100000").is_clear and not county_standing(view).is_clear


def taken_in(run: AuditRun, out: Path) -> Path:
    """`out` as an audit leaves it: the register with the run, and the run beside it."""
    prepare_output(out)
    with Register.open(out / "register.db") as register:
        outcome = register.record_run(
            run.findings, county=run.county, as_of=run.as_of, at=dt.datetime(2026, 1, 31, 9, tzinfo=CHINA), checks=run.checks,
            fiscal_year=run.fiscal_year, workspace=run.workspace, organisations=run.organisations,
        )  # fmt: skip
    keep_run(run, outcome, out)
    return out


def listed(*arguments: str) -> dict[str, Any]:
    found = CliRunner().invoke(issues_app, ["list", *arguments, "--json"])
    return {**json.loads(found.stdout), "status": found.exit_code}


def whole(**other: Any) -> AuditRun:
    """As `view_run`, with every ledger that the shipped expectations know."""
    shipped = load_catalog()
    ledgers = expected_ledgers(view_of(RUN, shipped, (), "zh"))
    return view_run(sources=tuple(source(n, "云溪镇/柳塘村/账.xlsx", name, name, VILLAGE) for n, name in enumerate(ledgers)), **other)


def test_the_list_of_issues_says_cleared_or_what_remains(tmp_path: Path) -> None:
    shown = CliRunner().invoke(issues_app, ["list", str(taken_in(whole(), tmp_path / "a"))])
    assert shown.exit_code == 0 and shown.stdout.rstrip().endswith(CLEAR)
    assert (listed(str(tmp_path / "a"))["is_clear"], listed(str(tmp_path / "a"))["not_clear"]) == (True, [])
    found = listed(str(taken_in(whole(checks=FAILED), tmp_path / "b")), "--org", VILLAGE)
    assert (found["is_clear"], found["not_clear"]) == (False, ["有 1 项检查没能进行。"])


def test_without_the_run_or_after_another_one_the_list_never_says_cleared(tmp_path: Path) -> None:
    out = taken_in(whole(), tmp_path / "a")
    unknown = say("lists.not_clear.coverage_unknown")
    kept = (out / "run.json").read_bytes()
    (out / "run.json").unlink()
    assert listed(str(out))["not_clear"] == [unknown]
    with Register.open(out / "register.db") as register:
        register.record_run((), county="青禾县", as_of=RUN.as_of, at=dt.datetime(2026, 2, 1, 9, tzinfo=CHINA), checks=())
    (out / "run.json").write_bytes(kept)
    assert listed(str(out))["not_clear"] == [unknown], "what was looked at is that of an older run"


def test_a_kept_run_whose_checks_are_not_those_that_the_register_was_told_of_clears_nothing(tmp_path: Path) -> None:
    out = taken_in(whole(checks=FAILED), tmp_path / "a")
    assert listed(str(out))["not_clear"] == ["有 1 项检查没能进行。"]
    text = (out / "run.json").read_text(encoding="utf-8")
    assert "could_not_run" in text
    (out / "run.json").write_text(text.replace("could_not_run", "passed"), encoding="utf-8")
    assert listed(str(out))["not_clear"] == [say("lists.not_clear.coverage_unknown")]


# --- the head ---------------------------------------------------------------------------------------------------------------


def test_every_page_bears_the_head_that_the_register_is_checked_by(tmp_path: Path) -> None:
    out = taken_in(RUN, tmp_path / "out")
    with Register.open(out / "register.db") as register:
        state = register_state(register, load_formula(), RUN.as_of)
        issues = register.issues(RUN.as_of)
    site = written(RUN, out, issues, register=state)
    paths = sorted(site.rglob("*.html"))
    assert len(paths) >= 9
    for path in paths:
        assert f"auditlib issues check 本报告所在的文件夹 --head {state.head}" in read(path).text, path
    checked = CliRunner().invoke(issues_app, ["check", str(out), "--head", state.head])
    assert checked.exit_code == 0, checked.output
    assert CliRunner().invoke(issues_app, ["check", str(out), "--head", "0" * 63 + "1"]).exit_code == 1


def test_without_a_register_no_page_claims_a_head(tmp_path: Path) -> None:
    site = written(RUN, tmp_path)
    assert not (site / "scores.html").exists() and not (site / "digest.html").exists()
    assert "--head" not in read(site / "index.html").text


# --- colours ----------------------------------------------------------------------------------------------------------------


def test_colours_bear_the_words_of_the_place(tmp_path: Path) -> None:
    text = book(written(RUN, tmp_path / "zh")).text
    assert "■黄牌" in text
    assert "■yellow card" in book(written(RUN, tmp_path / "en", language="en")).text
    assert "■黄牌 2" in read(written(RUN, tmp_path / "x", (SampleIssue(), SampleIssue("W-3"))) / "index.html").text
    nameless = (SampleIssue(colour_zh="", colour_en=""),)
    assert "■黄" in book(written(RUN, tmp_path / "y", nameless)).text


# --- score cards and digest -------------------------------------------------------------------------------------------------


def lone(story_org: str = VILLAGE) -> dict[str, Any]:
    return {"org_code": story_org, "org_name": "柳塘村"}


def test_the_score_card_shows_formula_and_inputs_and_the_published_share(tmp_path: Path) -> None:
    site = written(view_run(), tmp_path, (), register=state_of(many(543, 501, **lone()), "2026-01-31"))
    text = read(site / "scores.html").text
    assert "501/543 = 92.27%" in text
    for measure in load_formula().measures:
        assert say(f"scores.measure.{measure.measure}") in text and say(f"reports.scores.how.{measure.measure}") in text
    assert "云溪镇" in text and "柳塘村" in text and "优秀：90 分及以上" in text
    assert "scores.html" in {a["href"] for a in read(site / "index.html").named("a")}


def test_an_organisation_with_nothing_to_score_gets_no_score(tmp_path: Path) -> None:
    site = written(view_run(), tmp_path, (), register=state_of(Story(), "2026-01-31"))
    assert say("scores.nothing") in read(site / "scores.html").text and "0.00" not in read(site / "scores.html").text


def test_the_digest_tells_day_week_and_month_apart(tmp_path: Path) -> None:
    """2026-01-22 is a Thursday: the week begins on the 19th."""
    story = Story()
    for key, day in (("a", "2026-01-05"), ("b", "2026-01-20"), ("c", "2026-01-22"), ("d", "2025-12-30")):
        story.tell(key, Kind.RAISED, at(day), **lone())
    story.tell("a", Kind.CLOSED, at("2026-01-21")).tell("b", Kind.MONEY, at("2026-01-22"), what="recovered", amount="12.50")
    site = written(view_run(), tmp_path, (), register=state_of(story, "2026-01-22"))
    rows = [row.split("</tr>")[0] for row in (site / "digest.html").read_text(encoding="utf-8").split("<tr>")]
    cells = {Reader(row).text for row in rows}
    for said in ("新增123", "销号011", "追回（元）12.5012.5012.50", "累计问题4", "未销号3", "办结率25.00%", "云溪镇1 / 2 / 30 / 1 / 130"):
        assert said in {c.replace("  ", " ") for c in cells}, said
    assert "digest.html" in {a["href"] for a in read(site / "index.html").named("a")}


def test_181_of_181_is_a_hundred_per_cent(tmp_path: Path) -> None:
    site = written(view_run(), tmp_path, (), register=state_of(many(181, 181, **lone()), "2026-01-31"))
    assert "办结率100.00%" in read(site / "digest.html").text


def test_the_digest_names_what_is_late_masked_and_in_the_words_of_the_place(tmp_path: Path) -> None:
    story = Story().tell("late", Kind.RAISED, at("2026-01-05"), title_zh=f"账号 {PHONE} {HOSTILE}", title_en="x", **lone())
    story.tell("late", Kind.ASSIGNED, at("2026-01-06"), owner="王一", deadline="2026-01-20")
    story.tell("later", Kind.RAISED, at("2026-01-29"), **lone())
    site = written(view_run(), tmp_path, (), register=state_of(story, "2026-01-31"))
    text = read(site / "digest.html").text
    assert "WT-late" in text and "-11" in text and "138****5678" in text and PHONE not in text and "◆橙" in text
    assert "WT-later" not in text, "its time is not near yet"


def test_scores_and_digest_in_english(tmp_path: Path) -> None:
    site = written(view_run(), tmp_path, (), "en", state_of(many(3, 1, **lone()), "2026-01-31"))
    assert "1/3 = 33.33%" in read(site / "scores.html").text and "How it is scored" in read(site / "scores.html").text
    assert "settled share" in read(site / "digest.html").text
    assert "FOLDER_OF_THIS_REPORT" in read(site / "digest.html").text


def test_the_register_looks_back_from_its_last_event_and_keeps_the_month(tmp_path: Path) -> None:
    with Register.open(taken_in(RUN, tmp_path / "out") / "register.db") as register:
        state = register_state(register, load_formula(), dt.date(2025, 12, 31))
        later = register_state(register, load_formula(), dt.date(2026, 3, 15))
    assert (state.day, later.day) == (dt.date(2026, 1, 31), dt.date(2026, 3, 15))
    assert len(state.events) == len(RUN.findings) and later.events == ()
    assert all(issue.days_left for issue in later.issues)
