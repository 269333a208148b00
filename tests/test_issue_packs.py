"""What a county's pack may decide about its issues, and what it may not: closing needs what is shipped, or more.

Outside authority: 销号 by whoever did not handle the matter, after a rerun, with evidence and money (the mission's M3, M12).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from pack_county import auditlib, write_pack
from register_cases import AS_OF, AT, MONEY_BACK, ORGANISATIONS, VERIFIED, WAY, check, finding, papers, run, staff, walk
from typer.testing import CliRunner

from auditlib.audit import Step, run_audit
from auditlib.catalog.packs import in_order, with_packs
from auditlib.catalog.specs import Catalog
from auditlib.cli.issues import issues_app
from auditlib.issues.closing import load_closing
from auditlib.issues.county import rules_of, shipped_rules
from auditlib.issues.events import Kind
from auditlib.issues.evidence import keep
from auditlib.issues.policy import load_clock
from auditlib.issues.refusal import StepRefused
from auditlib.issues.register import Register
from auditlib.issues.scores import county_formula
from auditlib.issues.sources import read_duties
from auditlib.issues.transitions import load_transitions
from auditlib.issues.tree import county_rungs
from auditlib.reports.issue_workbook import return_form
from auditlib.words.errors import CatalogError

RUNGS = "rungs:\n" + "".join(
    f"  - {{line: {line}, overdue_days: {{red: {n}, orange: {n}, yellow: {n}, blue: {n}}}}}\n"
    for line, n in (("村级自治", 1), ("行业监管", 9))
)


def county(tmp_path: Path, files: dict[str, str]) -> Catalog:
    folder = write_pack(tmp_path / "packs" / "own", files)
    return with_packs(in_order([str(folder)], tmp_path))


def test_without_a_pack_a_county_is_judged_by_what_is_shipped(tmp_path: Path) -> None:
    rules = rules_of(county(tmp_path, {"parameters.yaml": "cash_limit: 3000\n"}))
    assert (rules.transitions, rules.closing, rules.clock) == (load_transitions(), load_closing(), load_clock())
    assert shipped_rules().closing == load_closing()


def test_a_pack_sets_who_may_how_often_what_is_said_and_how_it_is_scored(tmp_path: Path) -> None:
    steps = "extensions_at_most: 1\nsteps: {closed: {who: [lead], needs: {minutes_no: text}}, accepted: {who: [township, village]}}\n"
    closing = "recheck_percent: 20\nschedule_days_at_most: 365\nstays_in_books: [F01]\nsays_nothing: [整改真实有效]\n"
    catalog = county(
        tmp_path,
        {
            "issues/transitions.yaml": steps, "issues/closing.yaml": closing, "issues/escalation.yaml": RUNGS,
            "issues/scores.yaml": "population: accepted\ngraded_from: 80\n",
            "issues/duties.yaml": "columns: {person: {headers: [包村干部]}}\n",
        },
    )  # fmt: skip
    rules = rules_of(catalog)
    assert (rules.transitions.extensions_at_most, rules.transitions.steps[Kind.CLOSED].who) == (1, ("lead",))
    assert rules.transitions.steps[Kind.CLOSED].needs == {"minutes_no": "text"}
    assert rules.transitions.steps[Kind.CLOSED].conditions == load_transitions().steps[Kind.CLOSED].conditions
    assert (rules.closing.recheck_percent, rules.closing.schedule_days_at_most, rules.closing.stays("F05")) == (20, 365, False)
    assert {"整改真实有效", "已整改"} <= set(rules.closing.empty_words)
    assert [rung.line for rung in county_rungs(catalog)] == ["村级自治", "行业监管"]
    assert (county_formula(catalog).population, county_formula(catalog).graded_from) == ("accepted", 80)
    (tmp_path / "名单.csv").write_text("单位,包村干部,责任\n上河村,李四,村级\n", encoding="utf-8")
    assert [d.person for d in read_duties(tmp_path / "名单.csv", ORGANISATIONS, load_clock(), catalog).duties] == ["李四"]


def test_a_register_judges_by_the_pack(tmp_path: Path) -> None:
    steps = "steps: {closed: {who: [lead], needs: {minutes_no: text}}}\n"
    catalog = county(tmp_path, {"issues/transitions.yaml": steps, "issues/closing.yaml": "recheck_percent: 100\n"})
    with Register.open(tmp_path / "register.db", rules=rules_of(catalog)) as register:
        run(register, finding(rule="F02"), organisations=ORGANISATIONS)
        staff(register)
        keep(register.files, b"%PDF-1.7 paid back", "a.pdf")
        (issue,) = register.issues(AS_OF)
        walk(register, issue.issue_id, WAY, papers("F02"), MONEY_BACK)
        run(register, checks=(check("passed", rule="F02"),))
        walk(register, issue.issue_id, VERIFIED)
        for person, what, key in (("审计甲", {"minutes_no": "3"}, "role"), ("组长", {}, "missing_field")):
            with pytest.raises(StepRefused) as caught:
                register.act(issue.issue_id, Kind.CLOSED, by=person, at=AT, **what)
            assert [reason.key for reason in caught.value.reasons] == [f"issues.refused.{key}"]
        told = register.act(issue.issue_id, Kind.CLOSED, by="组长", at=AT, minutes_no="会议纪要〔2026〕3号")
        assert told.payload["minutes_no"] == "会议纪要〔2026〕3号"
        assert register.draw_rechecks("福彩2026031", by="组长", at=AT + dt.timedelta(days=1)) == (issue.issue_id,)


@pytest.fixture
def reported(tmp_path: Path) -> Path:
    """A matter reported back, in a register whose last run judged by the pack "own", which lets nobody but a lead verify."""
    catalog = county(tmp_path, {"issues/transitions.yaml": "steps: {verified: {who: [lead]}}\n"})
    with Register.open(tmp_path / "register.db", rules=rules_of(catalog)) as register:
        run(register, finding(rule="F02"), organisations=ORGANISATIONS)
        staff(register)
        walk(register, register.issues(AS_OF)[0].issue_id, WAY)
        assert register.runs()[-1].packs == ("own",)
    return tmp_path


def test_a_register_is_not_talked_into_judging_without_the_pack_of_its_last_run(reported: Path) -> None:
    with Register.open(reported / "register.db") as without:
        (issue,) = without.issues(AS_OF)
        with pytest.raises(StepRefused, match="own") as caught:
            without.act(issue.issue_id, Kind.VERIFIED, by="审计甲", at=AT, result="属实")
        assert [reason.key for reason in caught.value.reasons] == ["issues.refused.pack_missing"]
        without.act(issue.issue_id, Kind.MONEY, by="村会计", at=AT, what="recovered", amount="0.01", voucher_no="收1")  # judges nothing


@pytest.mark.parametrize("by_name", [True, False])
def test_issues_are_judged_by_a_pack_that_no_audit_toml_names(reported: Path, by_name: bool) -> None:
    """By the name that the last run noted, where the county's folder holds the pack; else by --pack."""
    where = ["--register", str(reported / "register.db"), "--at", AT.isoformat(), "--result", "属实"]
    with Register.open(reported / "register.db") as register:
        (issue,) = register.issues(AS_OF)
    named = [] if by_name else ["--pack", str(reported / "packs" / "own")]
    step = [*named, "verify", issue.issue_id, *([str(reported)] if by_name else []), *where]
    refused, done = (CliRunner().invoke(issues_app, [*step, "--as", person]) for person in ("审计甲", "组长"))
    assert (refused.exit_code, done.exit_code) == (2, 0), done.output
    assert "审计组长" in refused.output and "规则包" not in refused.output


def test_a_pack_that_asks_less_is_told_when_packs_are_listed(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "packs" / "own", LOOSER["no rerun"])
    assert "更松" in auditlib("packs", "--pack", folder, status=2).stderr


LOOSER: dict[str, dict[str, Any]] = {
    "who verifies": {"issues/transitions.yaml": "steps: {verified: {who: [auditor, lead, village]}}\n"},
    "who closes": {"issues/transitions.yaml": "steps: {closed: {who: [auditor, lead, township]}}\n"},
    "the handler may verify": {"issues/transitions.yaml": "steps: {verified: {conditions: []}}\n"},
    "closing asks for nothing": {"issues/transitions.yaml": "steps: {closed: {conditions: [neither_handled_nor_reported]}}\n"},
    "closing from any state": {"issues/transitions.yaml": "steps: {closed: {from: [raised, verified]}}\n"},
    "no second person": {"issues/transitions.yaml": "steps: {declined: {conditions: []}}\n"},
    "whose need is another": {"issues/transitions.yaml": "steps: {returned: {needs: {deadline: text}}}\n"},
    "nobody may": {"issues/transitions.yaml": "steps: {accepted: {who: []}}\n"},
    "no guard": {"issues/transitions.yaml": "guarded: []\n"},
    "another end": {"issues/transitions.yaml": "ends: [declined, joined]\n"},
    "a village adds people": {"issues/transitions.yaml": "register: {person_added: [lead, village]}\n"},
    "no money": {"issues/closing.yaml": "no_money_rules: [F02]\n"},
    "no money at all": {"issues/closing.yaml": "no_money_rules: ['*']\n"},
    "no rerun": {"issues/closing.yaml": "stays_in_books: [F02]\n"},
    "no rerun of a family": {"issues/closing.yaml": "stays_in_books: ['F0*']\n"},
    "rows may vanish": {"issues/closing.yaml": "rows_may_go: ['*']\n"},
    "any number may vanish": {"issues/closing.yaml": "numbers_may_change: ['*']\n"},
    "a date in another century": {"issues/transitions.yaml": "days_ahead_at_most: {assigned: 36500}\n"},
    "entered a year later without a word": {"issues/transitions.yaml": "entered_later_days: 365\n"},
    "returned for ever": {"issues/transitions.yaml": "lead_after: {returns: 99}\n"},
    "no second look": {"issues/closing.yaml": "recheck_percent: 1\n"},
    "instalments for ever": {"issues/closing.yaml": "schedule_days_at_most: 3650\n"},
}


@pytest.mark.parametrize("what", LOOSER)
def test_a_pack_that_asks_less_for_closing_is_refused_and_the_key_is_named(tmp_path: Path, what: str) -> None:
    catalog = county(tmp_path, LOOSER[what])
    with pytest.raises(CatalogError) as caught:
        rules_of(catalog)
    told = str(caught.value)
    assert "own" in told and "更松" in told and "never for less" in told


def test_a_pack_that_asks_less_is_told_before_anything_is_read_or_written(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "packs" / "own", LOOSER["who verifies"])
    (tmp_path / "某县").mkdir()
    steps: list[Step] = []
    with pytest.raises(CatalogError, match="更松"):
        run_audit(tmp_path / "某县", tmp_path / "out", today=AS_OF, at=AT, packs=[str(folder)], progress=steps.append)
    assert not steps and not (tmp_path / "out").exists()


def test_what_a_village_is_asked_to_fill_in_follows_the_pack(tmp_path: Path) -> None:
    steps = "steps: {started: {from: [returned]}}\n"
    own = rules_of(county(tmp_path, {"issues/transitions.yaml": steps}))
    for rules, is_asked in ((shipped_rules(), True), (own, False)):
        with Register.open(tmp_path / f"{is_asked}.db", rules=rules) as register:
            run(register, finding(rule="F02"), organisations=ORGANISATIONS)
            staff(register)
            walk(register, register.issues(AS_OF)[0].issue_id, WAY[:2])
            (row,) = return_form(register, "", "", register.issues(AS_OF), rules.cards, as_of=AS_OF).rows
            assert row.is_to_fill is is_asked


def test_a_rule_that_only_the_county_has_says_itself_what_closing_needs(tmp_path: Path) -> None:
    from auditlib.catalog.places import expectations

    card = (expectations() / "packs" / "tinglan" / "rules" / "FTL01.yaml").read_text(encoding="utf-8")
    card = card.replace("solar_income", "journal")
    closing = "no_money_rules: [FTL01]\nstays_in_books: [FTL01]\n"
    own = rules_of(county(tmp_path, {"rules/FTL01.yaml": card, "issues/closing.yaml": closing}))
    assert own.closing.stays("FTL01") and not own.closing.asks_for_money("FTL01") and own.closing.asks_for_money("F02")


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"issues/transitions.yaml": "steps: {closed: {conditions: [x]}}\n"}, "conditions"),
        ({"issues/closing.yaml": "money: []\n"}, "money"),
    ],
)
def test_a_mistake_in_a_pack_is_named(tmp_path: Path, files: dict[str, str], named: str) -> None:
    with pytest.raises(CatalogError, match=named):
        rules_of(county(tmp_path, files))
