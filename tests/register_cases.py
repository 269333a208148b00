"""Findings, checks and writers that the tests of the register share."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal
from pathlib import Path
from typing import Any

from auditlib.catalog.load import load_catalog
from auditlib.issues import schema, store
from auditlib.issues.closing import kinds_of_card
from auditlib.issues.events import RUN, Draft, Event, Kind
from auditlib.issues.evidence import keep
from auditlib.issues.issue import Issue
from auditlib.issues.register import Register, RunOutcome, append
from auditlib.words.records import CheckResult, Finding, Organisation

AT = dt.datetime(2026, 1, 31, 2, 0, tzinfo=dt.UTC)  # ten in the morning in China
AS_OF = dt.date(2026, 1, 31)
VILLAGE, OTHER_VILLAGE, TOWNSHIP, COUNTY = "530323101201", "530323101202", "530323101", "530323"

ORGANISATIONS = (
    Organisation(COUNTY, "师河县", "county", "", "县农业农村局长"),
    Organisation(TOWNSHIP, "云岭镇", "township", COUNTY, "张镇长"),
    Organisation(VILLAGE, "上河村", "village", TOWNSHIP, "李主任"),
    Organisation(OTHER_VILLAGE, "下河村", "village", TOWNSHIP, "王主任"),
    Organisation(VILLAGE + "01", "上河村一组", "group", VILLAGE, "赵组长"),
)


def finding(key: str = "记-001", **other: Any) -> Finding:
    """A cash payment of 1,200.00 元 over the limit, in the village, unless said otherwise."""
    values: dict[str, Any] = {
        "rule": "F08", "severity": "orange", "org_code": VILLAGE, "org_name": "上河村", "ledger": "journal", "records": (key,),
        "field": "credit", "amount": Decimal("1200.00"), "expected": "≤ 1000.00", "actual": "1200.00", "period": "2025",
        "source_file": "云岭镇/上河村/序时账.xlsx", "sheet": "2025", "row": 12, "column": "J",
        "message_zh": f"凭证 {key} 大额现金支付 1200.00 元", "message_en": f"voucher {key} paid 1200.00 yuan in cash",
        "basis": "现金管理暂行条例 第五条", "owner": "属地管理",
    } | other  # fmt: skip
    return Finding(finding_id=f"{values['rule']}-{values['org_code']}-{key}", **values)


def check(status: str = "found", rule: str = "F08", org_code: str = VILLAGE, ledger: str = "journal") -> CheckResult:
    return CheckResult(rule, org_code, ledger, status, population=10)


CLEAN = (check("passed", rule="F02"),)  # a run that looked for F02 and found nothing


def run(register: Register, *findings: Finding, checks: tuple[CheckResult, ...] = (check(),), **other: Any) -> RunOutcome:
    """One run; a day later each time only where the test says so."""
    values: dict[str, Any] = {"county": "师河县", "as_of": AS_OF, "at": AT, "fiscal_year": 2025} | other
    return register.record_run(findings, checks=checks, **values)


def step(register: Register, issue: Issue, kind: Kind, at: dt.datetime = AT, **payload: Any) -> Issue:
    """A step that a person takes, written as the life cycle of issues will write it; returns the issue after it."""
    draft = Draft(issue.issue_id, issue.version + 1, kind, at, "核查员", payload)
    with store.writing(register._engine, register._place) as connection:
        append(connection, [draft])
    return next(i for i in register.issues(AS_OF) if i.issue_id == issue.issue_id)


def write_runs(where: str | Path, writer: int, runs: int) -> None:
    """What one process of several does: `runs` runs, each with a finding that is its own and one that all have."""
    for number in range(runs):
        findings = [finding(f"写-{writer}-{number}"), finding("共有")]
        with Register.open(where) as register:
            register.record_run(findings, county="师河县", as_of=AS_OF, at=AT, checks=[])


def write_at_once(where: str | Path, writers: int, runs: int) -> None:
    """`writers` processes at once; raises when one of them failed."""
    import multiprocessing

    context = multiprocessing.get_context("forkserver")
    libraries = ("sqlalchemy.dialects.sqlite.pysqlite", "sqlalchemy.dialects.postgresql.psycopg", "psycopg", "yaml")
    context.set_forkserver_preload(["auditlib.issues.register", *libraries])  # imported once for all of them
    processes = [context.Process(target=write_runs, args=(where, writer, runs)) for writer in range(writers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(180)
    assert [process.exitcode for process in processes] == [0] * writers


def before_runs_were_sealed(register: Register, where: str | Path) -> None:
    """A register at `where` as an earlier auditlib left it: the same events, its runs and organisations in their tables only."""
    from sqlalchemy import insert, select, update

    drafts = [
        Draft(e.issue_id, e.version, e.kind, e.at, e.actor, e.payload, e.signature) for e in register.events()
        if not e.issue_id.startswith(RUN)
    ]  # fmt: skip
    with Register.open(where) as older, register.reading() as source, older.writing() as target:
        head = append(target, drafts)
        for table in (schema.table(schema.RUNS), schema.table(schema.ORGANISATIONS)):
            target.execute(insert(table), [dict(row) for row in source.execute(select(table)).mappings()])
        target.execute(update(schema.table(schema.RUNS)).values(head=head))


# People, and the life of an issue step by step

PEOPLE = {
    "组长": ("lead", ""), "审计甲": ("auditor", COUNTY), "审计乙": ("auditor", COUNTY), "镇经办": ("township", TOWNSHIP),
    "村会计": ("village", VILLAGE), "村主任": ("village", VILLAGE), "别村会计": ("village", OTHER_VILLAGE),
    "局经办": ("department", COUNTY),
    "群众": ("reader", ""),
}  # fmt: skip


def staff(register: Register) -> None:
    """The people of PEOPLE; the lead adds himself first."""
    for person, (role, org_code) in PEOPLE.items():
        register.add_person(person, name=person, role=role, org_code=org_code, by="组长", at=AT)


def staffed(where: str | Path, *findings: Finding) -> Register:
    """A register with people and the issues of `findings` (one, unless said otherwise)."""
    register = Register.open(where)
    run(register, *(findings or (finding(),)), organisations=ORGANISATIONS)
    staff(register)
    keep(register._files, PDF, "回单.pdf")
    return register


LATER = dt.date(2026, 3, 31)
# The way through: who, step, what is said with it
WAY: tuple[tuple[str, Kind, dict[str, Any]], ...] = (
    ("镇经办", Kind.ACCEPTED, {}),
    ("镇经办", Kind.ASSIGNED, {"owner": "上河村委会", "deadline": LATER}),
    ("村会计", Kind.STARTED, {}),
    ("村会计", Kind.HANDLED, {"done": "已把现金付款改为转账并补票"}),
    ("村主任", Kind.REPORTED_BACK, {"result": "已整改"}),
)
PDF = b"%PDF-1.7 paid back"
PAPER = {
    "kind": "voucher", "sha256": hashlib.sha256(PDF).hexdigest(), "dated": "2026-01-31", "received": "2026-01-31", "name": "回单.pdf",
    "size": len(PDF), "type": "pdf",
}  # fmt: skip
MONEY_BACK = (("村会计", Kind.MONEY, {"what": "recovered", "amount": "1200.00", "booked_on": AS_OF, "voucher_no": "记-66"}),)
VERIFIED = (("审计甲", Kind.VERIFIED, {"result": "属实"}),)


def papers(rule: str = "F08") -> tuple[tuple[str, Kind, dict[str, Any]], ...]:
    """Evidence of every kind that the rule card asks for."""
    card = load_catalog().rules.get(rule)
    return tuple(("村会计", Kind.EVIDENCE, {**PAPER, "kind": kind}) for kind in kinds_of_card(card))


def walk(register: Register, issue_id: str, *ways: tuple[tuple[str, Kind, dict[str, Any]], ...]) -> None:
    for way in ways:
        for person, kind, what in way:
            register.act(issue_id, kind, by=person, at=AT, **what)


def the_money(register: Register, issue_id: str) -> Event:
    """One small step that can be taken any number of times: each on a receipt of its own."""
    issue = register.issue(issue_id, AS_OF)
    assert issue is not None
    return register.act(issue_id, Kind.MONEY, by="村会计", at=AT, what="recovered", amount="0.01", voucher_no=f"收-{issue.version}")
