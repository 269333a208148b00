"""Rules on papers and pay that ledgers show only in part: a row that breaks each, a near miss, and where it does not apply.

Outside authority: 农村集体经济组织法 Art. 27 and 28 (two thirds of all members decide on land compensation, and not deputies, from
2025-05-01); 村民委员会组织法 Art. 22 (before that, more than half of those present); the calendar, for days of labour.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ledger_frames import Cell, check, posting

from auditlib.checks.labour import days_of, months_of

V, D = "V1", Decimal


def pay(
    voucher: str, date: str, amount: object, summary: str, payee: str | None, account: str = "513", **more: Any
) -> list[dict[str, Any]]:
    """A payment in cash of one voucher."""
    texts = {"summary": summary, "counterparty": payee, "invoice_no": None, "approver": "甲", "handler": "乙", "attachments": 1, **more}
    return [posting(voucher, date, account, debit=amount, **texts), posting(voucher, date, "101", credit=amount, **texts)]


def income(voucher: str, date: str, amount: object, form: str | None, payer: str | None) -> list[dict[str, Any]]:
    texts = {"invoice_no": form, "counterparty": payer, "summary": "收租金"}
    return [posting(voucher, date, "102", debit=amount, **texts), posting(voucher, date, "501", credit=amount, **texts)]


def run(folder: Path, rule: str, ledgers: dict[str, Any], **parameters: object) -> Any:
    return check(folder, ledgers, only={rule}, **parameters)


def reason(found: Any, rule: str, org: str = V) -> str:
    return next(r.reason for r in found.results if r.rule == rule and r.org_code == org)


CADRES = [{"name": "彭志民", "role": "理事长", "related_to": None, "id_no": None}]


# --- F06 ----------------------------------------------------------------------------------------------------------------


def test_f06_reports_a_voucher_that_lets_slips_stand_for_cash(tmp_path: Path) -> None:
    found = run(tmp_path, "F06", {"journal": pay("记-1", "2025-05-06", "800.50", "白条抵库暂记", "彭志民", "112")})
    assert found.records("F06") == [("记-1",)] and found.amounts("F06") == [D("800.50")] and found.status("F06") == {"found"}


@pytest.mark.parametrize("summary", ["清理白条抵库收回现金", "购白条纹瓷砖", "支付借款利息"])
def test_f06_leaves_slips_alone_that_are_collected_and_never_reads_as_assurance(tmp_path: Path, summary: str) -> None:
    found = run(tmp_path, "F06", {"journal": pay("记-1", "2025-05-06", "800", summary, None)})
    assert found.of("F06") == [] and found.status("F06") == {"not_applicable"} and "盘点" in reason(found, "F06")


# --- F11 ----------------------------------------------------------------------------------------------------------------


def test_f11_reports_one_receipt_for_two_payers_and_forms_left_out(tmp_path: Path) -> None:
    twice = [*income("记-1", "2025-01-05", 10, "No.000777", "杨荣香"), *income("记-2", "2025-02-05", 20, "No.000777", "许正友")]
    book = [line for i in range(1, 42) if i != 23 for line in income(f"记-{i + 10}", "2025-03-05", i, f"A{i:06d}", "杨荣香")]
    found = run(tmp_path, "F11", {"journal": [*twice, *book]})
    assert sorted(c.variant for c in found.of("F11")) == ["missing", "twice"]
    assert found.of("F11")[0].records == ("A000023",)
    assert found.of("F11")[1].records == ("No.000777", "记-1", "记-2")


def test_f11_takes_one_payer_twice_a_red_entry_and_scattered_invoices_for_no_breach(tmp_path: Path) -> None:
    same = [*income("记-1", "2025-01-05", 10, "No.000777", "杨 荣香"), *income("记-2", "2025-02-05", 20, "No.000777", "杨荣香")]
    red = [*income("记-3", "2025-03-05", 30, "No.000888", "甲某"), *income("记-4", "2025-03-06", -30, "No.000888", "甲某")]
    again = income("记-5", "2025-03-07", 30, "No.000888", "许正友")
    scattered = [line for i in range(25) for line in income(f"记-{i + 10}", "2025-03-05", i + 1, f"{40000000 + 977 * i}", "杨荣香")]
    found = run(tmp_path, "F11", {"journal": [*same, *red, *again, *scattered]})
    assert found.of("F11") == [] and found.status("F11") == {"passed"}


def test_f11_misses_no_form_that_stands_on_any_line(tmp_path: Path) -> None:
    """Two forms on one voucher, one for money that is no income, one taken back: the stubs are there."""
    book = [line for i in range(1, 42) if i not in (7, 20, 23) for line in income(f"记-{i}", "2025-03-05", i, f"A{i:06d}", "杨荣香")]
    second = [{**line, "invoice_no": "A000007"} for line in income("记-6", "2025-03-05", 1, None, "杨荣香")]
    deposit = [
        {**line, "account_code": "211" if line["account_code"] == "501" else "102"}
        for line in income("记-80", "2025-03-05", 5, "A000020", "甲")
    ]
    void = [*income("记-81", "2025-03-05", 30, "A000023", "甲"), *income("记-82", "2025-03-06", -30, "A000023", "甲")]
    found = run(tmp_path, "F11", {"journal": [*book, *second, *deposit, *void]})
    assert found.of("F11") == [] and found.status("F11") == {"passed"}


def test_f11_does_not_apply_without_receipt_numbers(tmp_path: Path) -> None:
    found = run(tmp_path, "F11", {"journal": income("记-1", "2025-01-05", 10, None, "杨荣香")})
    assert found.status("F11") == {"not_applicable"} and "票据" in reason(found, "F11")


# --- F16 ----------------------------------------------------------------------------------------------------------------


def test_f16_reports_more_days_than_the_month_has(tmp_path: Path) -> None:
    rows = [
        *pay("记-1", "2025-03-05", 1600, "付2月误工补助16天", "杨荣香"),
        *pay("记-2", "2025-03-20", 1300, "付2月用工13天", "杨荣香"),
    ]
    (case,) = run(tmp_path, "F16", {"journal": rows}).of("F16")  # February 2025 has 28 days
    assert case.records == ("记-1", "记-2") and (case.expected, case.actual, case.amount) == ("28", "29", D("100.00"))


@pytest.mark.parametrize(
    ("text", "payee"),
    [
        ("付2月误工28天", "杨荣香"),
        ("付1至2月误工40天", "杨荣香"),
        ("付2月误工40天", "杨荣香等3人"),
        ("付2月用工40天", "青禾劳务公司"),
        ("付2月用工等40天", "杨荣香"),
        ("付12月误工40天", "杨荣香"),  # paid in March: December of the year before
        ("付2024年2月误工40天", "杨荣香"),
    ],
)
def test_f16_near_misses(tmp_path: Path, text: str, payee: str) -> None:
    assert run(tmp_path, "F16", {"journal": pay("记-1", "2025-03-05", 1600, text, payee)}).of("F16") == []


def test_f16_counts_what_is_paid_and_not_what_is_set_aside_or_taken_back(tmp_path: Path) -> None:
    accrued = [posting("记-1", "2025-03-05", "513", debit=1600, summary="计2月误工20天", counterparty="杨荣香"),
               posting("记-1", "2025-03-05", "213", credit=1600, summary="计2月误工20天", counterparty="杨荣香")]  # fmt: skip
    red = [*pay("记-3", "2025-03-06", 1600, "付2月误工20天", "杨荣香"), *pay("记-4", "2025-03-07", -1600, "付2月误工20天", "杨荣香")]
    paid = pay("记-5", "2025-03-08", 1600, "付2月误工20天", "杨荣香")
    found = run(tmp_path, "F16", {"journal": [*accrued, *red, *paid]})
    assert found.of("F16") == [] and found.status("F16") == {"passed"}


def test_f16_does_not_apply_where_no_summary_names_days(tmp_path: Path) -> None:
    found = run(tmp_path, "F16", {"journal": pay("记-1", "2025-03-05", 1600, "付误工补助", "杨荣香")})
    assert found.status("F16") == {"not_applicable"} and "工单" in reason(found, "F16")


def test_days_and_months_are_read_from_summaries() -> None:
    assert (days_of("3月误工12.5天"), days_of("用工30个工日"), days_of("3月5日开会"), days_of("12天和3天")) == (12.5, 30, None, None)
    assert (months_of("3月误工"), months_of("1至3月误工"), months_of("10-12月"), months_of("3月5日"), months_of("误工")) == (
        (3,),
        (1, 2, 3),
        (10, 11, 12),
        (),
        (),
    )


# --- F17 ----------------------------------------------------------------------------------------------------------------


def test_f17_reports_pay_of_one_period_paid_twice(tmp_path: Path) -> None:
    rows = [
        *pay("记-1", "2025-04-01", 3000, "发放1至3月干部报酬", "彭志民", "212"),
        *pay("记-9", "2025-05-01", 3000, "发放1至3月干部报酬", "彭 志民", "212"),
    ]
    (case,) = run(tmp_path, "F17", {"journal": rows, "cadres": CADRES}).of("F17")
    assert case.records == ("记-1", "记-9") and case.amount == D("3000.00") and case.variant == "twice"


def test_f17_near_misses(tmp_path: Path) -> None:
    rows = [
        *pay("记-1", "2025-04-01", 3000, "发放1至3月干部报酬", "彭志民"), *pay("记-2", "2025-07-01", 3000, "发放4至6月干部报酬", "彭志民"),
        *pay("记-3", "2025-01-31", 100, "付通讯补贴", "彭志民"), *pay("记-4", "2025-02-28", 100, "付通讯补贴", "彭志民"),  # names no period
        *pay("记-5", "2025-08-01", 500, "发放7月补贴", "杨荣香"), *pay("记-6", "2025-08-02", 500, "发放7月补贴", "杨荣香"),  # no cadre
        *pay("记-7", "2025-08-01", 70, "发放8月补贴", "彭志民"), *pay("记-8", "2025-08-02", -70, "发放8月补贴", "彭志民"),
        *pay("记-10", "2025-08-03", 70, "发放8月补贴", "彭志民"),
    ]  # fmt: skip
    found = run(tmp_path, "F17", {"journal": rows, "cadres": CADRES})
    assert found.of("F17") == [] and found.status("F17") == {"passed"} and "cadre_pay_cap" in reason(found, "F17")


def test_f17_compares_the_year_with_the_approved_rate_where_there_is_one(tmp_path: Path) -> None:
    rows = [
        *pay("记-1", "2025-04-01", 3000, "发放1至3月干部报酬", "彭志民"),
        *pay("记-2", "2025-07-01", 3000.01, "发放4至6月干部报酬", "彭志民"),
    ]
    ledgers = {"journal": rows, "cadres": CADRES}
    assert run(tmp_path / "a", "F17", ledgers, cadre_pay_cap="6000").amounts("F17") == [D("0.01")]
    assert run(tmp_path / "b", "F17", ledgers, cadre_pay_cap="6000.01").of("F17") == []


def test_f17_does_not_apply_without_a_roster(tmp_path: Path) -> None:
    found = run(tmp_path, "F17", {"journal": pay("记-1", "2025-04-01", 3000, "发放1至3月干部报酬", "彭志民")})
    assert found.status("F17") == {"not_applicable"}


# --- F26 ----------------------------------------------------------------------------------------------------------------


def disposal(voucher: str, date: str, decision: str | None = None) -> list[dict[str, Any]]:
    same = {"summary": "转出旧抽水机", "decision_no": decision}
    return [
        posting(voucher, date, "154", debit=400, **same), posting(voucher, date, "152", debit=600, **same),
        posting(voucher, date, "151", credit=1000, **same),
    ]  # fmt: skip


def meeting(number: str, held: str | None, subject: str, **more: Any) -> dict[str, Any]:
    return {
        "decision_no": number,
        "held_on": held,
        "subject": subject,
        "body": "成员大会",
        "entitled": 90,
        "present": 80,
        "in_favour": 70,
        "minutes_held": True,
        **more,
    }


def test_f26_reports_an_asset_taken_off_without_a_decision_at_its_net_value(tmp_path: Path) -> None:
    found = run(tmp_path, "F26", {"journal": disposal("记-1", "2025-06-01")})
    assert found.records("F26") == [("记-1",)] and found.amounts("F26") == [D("400.00")]
    late = {"journal": disposal("记-1", "2025-06-01"), "decisions": [meeting("J1", "2025-06-02", "旧抽水机报废处置")]}
    assert run(tmp_path / "late", "F26", late).records("F26") == [("记-1",)]


@pytest.mark.parametrize(
    "ledgers",
    [
        {"journal": disposal("记-1", "2025-06-01", "J1")},
        {"journal": disposal("记-1", "2025-06-01"), "decisions": [meeting("J1", "2025-05-30", "旧抽水机报废处置")]},
        {
            "journal": [posting("记-1", "2025-06-01", "15102", debit=10), posting("记-1", "2025-06-01", "15101", credit=10)]
        },  # between its own accounts
        {"journal": [posting("记-1", "2025-06-01", "151", debit=10), posting("记-1", "2025-06-01", "102", credit=10)]},  # bought
    ],
)
def test_f26_near_misses(tmp_path: Path, ledgers: dict[str, Any]) -> None:
    found = run(tmp_path, "F26", ledgers)
    assert found.of("F26") == [] and found.status("F26") == {"passed"}


def test_f26_does_not_apply_without_a_column_of_decisions(tmp_path: Path) -> None:
    rows = [{k: v for k, v in line.items() if k != "decision_no"} for line in disposal("记-1", "2025-06-01")]
    assert run(tmp_path, "F26", {"journal": rows}).status("F26") == {"not_applicable"}


# --- F36 ----------------------------------------------------------------------------------------------------------------


def upfront(
    received: object, due: object, account: str = "501", voucher: str | None = "记-1", on: str | None = "2025-02-01"
) -> dict[str, Any]:
    contract = {
        "contract_no": "H1",
        "name": "店面",
        "kind": "租赁",
        "party_b": "甲",
        "annual_rent": "1000",
        "starts_on": "2025-01-01",
        "ends_on": "2030-01-01",
    }
    receipt = {
        "contract_no": "H1",
        "due_on": "2025-01-31",
        "amount_due": due,
        "received_on": on,
        "amount_received": received,
        "voucher_no": voucher,
    }
    journal = [posting("记-1", "2025-02-01", "102", debit=received), posting("记-1", "2025-02-01", account, credit=received)]
    return {"contracts": [contract], "receipts": [receipt], "journal": journal}


def test_f36_reports_rent_of_years_booked_in_one(tmp_path: Path) -> None:
    (case,) = run(tmp_path, "F36", upfront("5000", "5000")).of("F36")
    assert case.records == ("H1", "记-1") and case.amount == D("4000.00") and (case.expected, case.actual) == ("1000.00", "5000.00")


@pytest.mark.parametrize(
    "ledgers",
    [
        upfront("1999.99", "1999.99"),  # a step-up
        upfront("5000", "5000", account="211"),  # kept for later years
        upfront("5000", "1000"),  # several instalments paid with one
        upfront("5000", "5000", on="2024-12-31"),
        upfront("5000", "5000", voucher=None),
    ],
)
def test_f36_near_misses(tmp_path: Path, ledgers: dict[str, Any]) -> None:
    assert run(tmp_path, "F36", ledgers).of("F36") == []


def test_f36_goes_by_the_voucher_of_the_month_where_numbers_start_anew(tmp_path: Path) -> None:
    deferred = upfront("5000", "5000", account="211")
    july = [posting("记-1", "2025-07-01", "102", debit="9000"), posting("记-1", "2025-07-01", "501", credit="9000")]
    assert run(tmp_path, "F36", {**deferred, "journal": [*deferred["journal"], *july]}).of("F36") == []


def test_f36_does_not_apply_without_contracts(tmp_path: Path) -> None:
    ledgers = {k: v for k, v in upfront("5000", "5000").items() if k != "contracts"}
    assert run(tmp_path, "F36", ledgers).status("F36") == {"not_applicable"}


# --- F44 ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "is_breach"),
    [
        ({"in_favour": 59}, True),  # of 90 entitled, two thirds are 60
        ({"in_favour": 60}, False),
        ({"body": "成员代表大会"}, True),
        (
            {"held_on": "2025-04-30", "body": "成员代表大会", "present": 80, "in_favour": 41},
            False,
        ),  # the law of the day: half of those present
        ({"held_on": "2025-04-30", "present": 80, "in_favour": 40}, True),
        ({"in_favour": None}, False),
        ({"held_on": None, "in_favour": 1}, False),  # no day, no rule
        ({"subject": "征地青苗补偿款发放", "in_favour": 1}, False),
        ({"subject": "配合征地补偿登记", "in_favour": 1}, False),
    ],
)
def test_f44_asks_for_the_majority_of_the_law_of_the_day(tmp_path: Path, changed: dict[str, Any], is_breach: bool) -> None:
    row = {**meeting("J1", "2025-06-01", "征地补偿款分配方案"), **changed}
    found = run(tmp_path, "F44", {"decisions": [row, meeting("J0", "2025-01-01", "预算")]})
    assert found.records("F44") == ([("J1",)] if is_breach else [])


def test_f44_does_not_apply_where_no_compensation_is_shared_out(tmp_path: Path) -> None:
    found = run(tmp_path, "F44", {"decisions": [meeting("J0", "2025-06-01", "收益分配方案", in_favour=1)]})
    assert found.status("F44") == {"not_applicable"} and "征地" in reason(found, "F44")


# --- F57, F21, F56 --------------------------------------------------------------------------------------------------------


def test_f57_reports_minutes_that_are_not_on_file(tmp_path: Path) -> None:
    rows = [
        meeting("J1", "2025-06-01", "预算", minutes_held=False),
        meeting("J2", "2025-06-02", "预算"),
        meeting("J3", "2025-06-03", "预算", minutes_held=None),
    ]
    found = run(tmp_path, "F57", {"decisions": rows})
    assert found.records("F57") == [("J1",)] and found.of("F57")[0].variant == "minutes"


def test_f57_does_not_apply_without_the_column(tmp_path: Path) -> None:
    rows = [{k: v for k, v in meeting("J1", "2025-06-01", "预算").items() if k != "minutes_held"}]
    assert run(tmp_path, "F57", {"decisions": rows}).status("F57") == {"not_applicable"}


@pytest.mark.parametrize(("rule", "word"), [("F21", "预算"), ("F56", "问题台账")])
def test_what_no_ledger_can_show_is_listed_with_the_reason(tmp_path: Path, rule: str, word: str) -> None:
    found = run(tmp_path, rule, {"journal": pay("记-1", "2025-04-01", Cell(300000, "ok"), "办公", None)})
    assert found.of(rule) == [] and found.status(rule) == {"not_applicable"} == found.status(rule, "G1") and word in reason(found, rule)


# --- severity by kind (F34, F39, F50) -----------------------------------------------------------------------------------


def test_the_kind_of_breach_tells_late_from_very_late_posting(tmp_path: Path) -> None:
    late = [
        {**line, "entered_on": day}
        for n, day in (("1", "2025-05-01"), ("2", "2025-06-15"))
        for line in pay(f"记-{n}", "2025-03-01", 5, "x", None)
    ]
    assert [c.variant for c in run(tmp_path, "F50", {"journal": late}).of("F50")] == ["late", "long"]


def test_two_contracts_with_one_party_weigh_less_than_with_two(tmp_path: Path) -> None:
    row = {"name": "地", "kind": "租赁", "subject_no": "P1", "starts_on": "2024-01-01", "ends_on": "2027-01-01", "area_mu": None}
    rows = [{"contract_no": n, "party_b": who, **row} for n, who in (("H1", "王 五"), ("H2", "王五"), ("H3", "赵六"))]
    assert [c.variant for c in run(tmp_path, "F39", {"contracts": rows}).of("F39")] == ["same_party", "two_parties", "two_parties"]
