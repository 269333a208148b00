"""A small county made by hand for the report tests: one township, a village full of hostile text, one without a
finding, one of which nothing arrived, and a group."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from auditlib.catalog.specs import Catalog, FieldSpec, LedgerSpec, ParameterSpec, RuleCard
from auditlib.words.records import (
    AuditRun,
    CheckResult,
    ColumnUse,
    EvidenceCell,
    FileProblem,
    Finding,
    Match,
    Organisation,
    Source,
)

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
FORMULA = "=cmd|' /C calc'!A0"
TEMPLATE = "{{7*7}}{% raw %}"
MARKDOWN = "[点我](javascript:alert(3))"
HOSTILE = f"{SCRIPT} {TEMPLATE} {MARKDOWN} </style></table><!-- ${{x}}"
SPOOF = "张\u202e三"
ID_NO, PHONE, ACCOUNT = "11010519491231002X", "13812345678", "6228480402564890018"


def both(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def card(rule: str, family: str, severity: str, zh: str, en: str, ledger: str) -> RuleCard:
    return RuleCard(
        rule,
        family,
        severity,
        "村级自治",
        ("属地管理",),
        (ledger,),
        ("cash_limit",),
        both(zh, en),
        both(f"{zh}：查什么", f"{en}: what"),
        both("为什么", "why"),
        both("怎样读", "reading"),
        both("误报", "false alarms"),
        both(f"{rule} 限期整改办法", f"{rule} remedy"),
        both(f"{rule} 佐证材料", f"{rule} evidence"),
        {"": both("x", "x")},
        (
            {
                "law": "中华人民共和国会计法",
                "article": "第十七条",
                "valid_from": "2024-07-01",
                "valid_to": "",
                "zh": "账实相符",
                "en": "books agree",
            },
        ),
    )


CARDS = (
    card("F07", "funds", "yellow", "库存现金超限额", "cash over limit", "journal"),
    card("F31", "contracts", "orange", "没有书面合同", "no written contract", "contracts"),
    card("F23", "inventory", "red", "有账无物", "on book, not found", "fixed_assets"),
    card("D14", "funds", "orange", "总账与序时账不符", "journal differs from balance", "trial_balance"),
    card("F51", "handover", "orange", "移交缺项", "hand-over gaps", "handover"),
)


def ledger(name: str, zh: str, en: str) -> LedgerSpec:
    fields = {n: FieldSpec(n, "text", n, n, (n,)) for n in ("org_code", "name", "amount")}
    return LedgerSpec(name, zh, en, (zh,), ("name",), MappingProxyType(fields))


LEDGERS = (
    ledger("organisations", "组织名录", "Organisations"),
    ledger("journal", "序时账", "Journal"),
    ledger("contracts", "合同台账", "Contracts"),
    ledger("fixed_assets", "固定资产台账", "Fixed assets"),
    ledger("trial_balance", "科目余额表", "Trial balance"),
    ledger("handover", "移交清单", "Hand-over"),
    ledger("bank_statement", "银行对账单", "Bank statement"),
)

CATALOG = Catalog(
    MappingProxyType({s.name: s for s in LEDGERS}),
    MappingProxyType({c.rule: c for c in CARDS}),
    (),
    (),
    MappingProxyType({"cash_limit": ParameterSpec("cash_limit", 5000, "yuan", "库存现金限额", "Cash limit")}),
    {},
    {},
)

ORGANISATIONS = (
    Organisation("100000000000", "青禾县", "county"),
    Organisation("100000100000", "云溪镇", "township", "100000000000"),
    Organisation("100000100201", f"柳塘村{HOSTILE}", "village", "100000100000", "王一", "李二", SPOOF, 28, 11),
    Organisation("10000010020101", "柳塘村第一村民小组", "group", "100000100201"),
    Organisation("100000100202", "双坪村股份经济合作联合社", "village", "100000100000", "赵四", "钱五", "孙六", 31, 13),
    Organisation("../../etc/passwd", "小湾村", "village", "100000100000"),
)


def finding(number: int, rule: str, severity: str, org: str, **given: object) -> Finding:
    known = {o.org_code: o.name for o in ORGANISATIONS}
    values: dict[str, object] = {
        "finding_id": f"{number:016x}",
        "rule": rule,
        "severity": severity,
        "org_code": org,
        "org_name": known.get(org, ""),
        "ledger": "contracts",
        "records": (f"HT-{number:03d}",),
        "field": "name",
        "amount": Decimal("1234.50"),
        "expected": "有",
        "actual": "无",
        "period": "2025",
        "source_file": "云溪镇/柳塘村/柳塘村三资台账.xlsx",
        "sheet": "合同台账",
        "row": 4 + number,
        "column": "F",
        "message_zh": f"第 {number} 号情况",
        "message_en": f"case {number}",
        "basis": "会计法第十七条",
        "owner": "村级自治",
    }
    return Finding(**(values | given))  # type: ignore[arg-type]


def cell(row: int, column: str, header: str, raw: str) -> EvidenceCell:
    return EvidenceCell("云溪镇/柳塘村/柳塘村三资台账.xlsx", "合同台账", row, column, header, "name", raw)


FINDINGS = (
    finding(
        1,
        "F31",
        "orange",
        "100000100201",
        message_zh=f"合同 {HOSTILE} 没有原件",
        actual=FORMULA,
        expected="-12.50",
        cells=(cell(5, "A", "合同编号", "HT-001"), cell(5, "F", f"乙方{SCRIPT}", HOSTILE), cell(5, "G", "备注", "  ")),
    ),
    finding(
        2,
        "F31",
        "orange",
        "100000100201",
        records=("HT-002", FORMULA, "@SUM(1)"),
        message_zh=f"乙方 {ID_NO} 电话 {PHONE} 账号 {ACCOUNT}",
    ),
    finding(
        3,
        "F23",
        "red",
        "100000100201",
        ledger="fixed_assets",
        sheet="固定资产台账",
        amount=Decimal("-98765.40"),
        cells=(cell(7, "F", "原值", "98,765.40"),),
    ),
    finding(4, "F07", "yellow", "10000010020101", ledger="journal", amount=None, row=None, column="", sheet=""),
    finding(5, "D14", "orange", "100000100201", ledger="trial_balance", amount=Decimal("0.10")),
    finding(6, "D06", "orange", "", org_name="无此村", ledger="contracts", amount=None),
)


def check(
    rule: str, org: str, ledger: str, status: str, population: int = 0, exceptions: int = 0, reason: str = ""
) -> CheckResult:
    return CheckResult(rule, org, ledger, status, population, exceptions, reason)


CHECKS = (
    check("F31", "100000100201", "contracts", "found", 12, 2),
    check("F23", "100000100201", "fixed_assets", "found", 40, 1),
    check("D14", "100000100201", "trial_balance", "found", 33, 1),
    check("F07", "100000100201", "journal", "passed", 365),
    check("F51", "100000100201", "handover", "not_applicable", reason="本年没有换届移交"),
    check("F07", "100000100202", "journal", "passed", 365),
    check("F31", "100000100202", "contracts", "passed", 5),
    check("F23", "100000100202", "fixed_assets", "could_not_run", reason=f"没有盘点表 {SCRIPT}"),
    check("F07", "10000010020101", "journal", "found", 30, 1),
)


def source(number: int, file: str, sheet: str, ledger: str, org: str, **given: object) -> Source:
    columns = (ColumnUse(0, "合同编号", "name"), ColumnUse(1, f"乙方{SCRIPT}", None, 0.4, ("name",)))
    values: dict[str, object] = {
        "source_id": number,
        "file": file,
        "sha256": f"{number:064x}",
        "sheet": sheet,
        "ledger": ledger,
        "confidence": 0.93,
        "org_code": org,
        "header_rows": (3, 4),
        "first_row": 5,
        "last_row": 16,
        "rows_read": 12,
        "rows_total": 1,
        "rows_quarantined": 0,
        "columns": columns,
    }
    return Source(**(values | given))  # type: ignore[arg-type]


SOURCES = (
    source(1, "组织名录.xlsx", "名录", "organisations", ""),
    source(2, "云溪镇/柳塘村/柳塘村三资台账.xlsx", "合同台账", "contracts", "100000100201"),
    source(3, "云溪镇/柳塘村/柳塘村三资台账.xlsx", "固定资产台账", "fixed_assets", "100000100201"),
    source(4, "云溪镇/双坪村/双坪村.xlsx", "合同", "contracts", "100000100202", rows_quarantined=2),
    source(5, "云溪镇/双坪村/=怪名.xlsx", "Sheet1", "", "", confidence=0.2, notes=(f"最像合同台账 {SCRIPT}",)),
)

PROBLEMS = (FileProblem("云溪镇/小湾村/台账.xlsx", "", "file.unknown_to_all", f"有密码 {SCRIPT}"),)

MATCHES = (
    Match("journal__bank_statement", "100000100201", "记-001", "3", "key", Decimal("0.00")),
    Match("journal__bank_statement", "100000100201", "记-002;记-003", "4", "sum of 2", Decimal("0.00")),
    Match("journal__bank_statement", "100000100201", "记-004", "", "unmatched", Decimal("-500.00")),
    Match("journal__bank_statement", "100000100201", "", FORMULA, "unmatched", Decimal("20.00")),
)

RUN = AuditRun(
    f"青禾县{TEMPLATE}",
    "青禾县",
    2025,
    dt.date(2026, 1, 31),
    "zh",
    ORGANISATIONS,
    SOURCES,
    PROBLEMS,
    FINDINGS,
    CHECKS,
    MATCHES,
    (("cash_limit", "3000"),),
    (f"D09: kernel failed {SCRIPT}",),
)


@dataclass(frozen=True)
class SampleIssue:
    """As the register hands issues over."""

    issue_id: str = "W-2025-0001"
    rule: str = "F31"
    title: str = f"合同缺原件 {HOSTILE}"
    severity: str = "orange"
    state: str = "assigned"
    owner: str = "王一"
    deadline: dt.date | None = dt.date(2026, 3, 1)
    colour: str = "yellow"
    colour_zh: str = "黄牌"
    colour_en: str = "yellow card"
    is_open: bool = True
    amount: Decimal | None = Decimal("1234.50")
    org_code: str = "100000100201"
    finding_ids: tuple[str, ...] = ("0000000000000001",)


ISSUES = (SampleIssue(), SampleIssue("W-2025-0002", owner="", deadline=None, colour="", amount=None, finding_ids=("gone",)))
