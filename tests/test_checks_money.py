"""Whose money it is and what becomes of it: for each rule a breach, a near miss, and where it does not apply.

The authority is the county's own reading of the rules (contract section 3 and its precise list); "over" is strictly more.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ledger_frames import balance, check, failed, posting

from auditlib.catalog.load import load_catalog
from auditlib.checks.accounts_held import same_account
from auditlib.checks.persons import looks_personal, plain_name
from auditlib.checks.publication import figure_of, period_days, periods_expected

Rows = list[dict[str, Any]]


def voucher(number: str, date: Any, debit: str, credit: str, amount: object, **more: Any) -> Rows:
    """A voucher of two lines."""
    return [posting(number, date, debit, debit=amount, **more), posting(number, date, credit, credit=amount, line_no=2, **more)]


# --- F01: cash spent before it is banked ------------------------------------------------------------------------------


def box(*rows: Rows, opening: int = 300) -> dict[str, Rows]:
    return {"journal": [r for v in rows for r in v], "trial_balance": [balance("101", opening), balance("301", -opening)]}


def test_f01_reports_income_that_is_gone_from_the_box(tmp_path: Path) -> None:
    ledgers = box(
        voucher("记-1", "2025-03-01", "101", "50101", 1000),
        voucher("记-2", "2025-03-03", "514", "101", 800),
        voucher("记-3", "2025-03-08", "513", "101", 100),  # 400 left, and 1,000 should be in the bank for days
        voucher("记-4", "2025-03-09", "513", "101", 50),
    )
    found = check(tmp_path, ledgers)
    assert [(c.records, c.amount, c.period) for c in found.of("F01")] == [(("记-1",), Decimal("600.00"), "2025-03-08")]


def test_f01_looks_again_on_the_last_day_of_the_year(tmp_path: Path) -> None:
    """Nothing moves after the spending: the income falls due all the same."""
    rows = voucher("记-1", "2025-03-01", "101", "50101", 1000), voucher("记-2", "2025-03-02", "514", "101", 1100)
    found = check(tmp_path / "spent", box(*rows))
    assert [(c.records, c.amount, c.period) for c in found.of("F01")] == [(("记-1",), Decimal("800.00"), "2025-12-31")]
    late = voucher("记-1", "2025-12-30", "101", "50101", 1000), voucher("记-2", "2025-12-31", "514", "101", 1100)
    assert check(tmp_path / "late", box(*late)).of("F01") == []  # the days allowed run on into the next year
    running = check(tmp_path / "running", box(*rows), as_of="2025-03-04")
    assert running.of("F01") == []  # a year that has not ended is looked at to the day of the audit
    still = check(tmp_path / "still", box(rows[0]))
    assert still.of("F01") == []  # not banked, but not spent either


def test_f01_reports_cash_in_and_out_on_one_day(tmp_path: Path) -> None:
    ledgers = box(voucher("记-1", "2025-03-01", "101", "50101", 1000), voucher("记-2", "2025-03-01", "514", "101", 500))
    assert check(tmp_path, ledgers).amounts("F01") == [Decimal("200.00")]


def test_f01_lets_spending_from_cash_drawn_and_banking_in_time_pass(tmp_path: Path) -> None:
    ledgers = box(
        voucher("记-1", "2025-03-01", "101", "102", 2000),
        voucher("记-2", "2025-03-02", "101", "50101", 1000),
        voucher("记-3", "2025-03-02", "514", "101", 2300),  # all that was drawn and lay there, no more
        voucher("记-4", "2025-03-05", "102", "101", 1000),
    )
    found = check(tmp_path, ledgers)
    assert found.of("F01") == [] and found.status("F01") == {"passed"}
    assert check(tmp_path / "no", {"journal": ledgers["journal"]}).status("F01") == {"not_applicable"}


# --- F02: income not booked -------------------------------------------------------------------------------------------


def receipt(number: str, day: Any, amount: object, **more: Any) -> dict[str, Any]:
    return {
        "contract_no": number,
        "due_on": day,
        "amount_due": amount,
        "received_on": day,
        "amount_received": amount,
        "voucher_no": None,
        **more,
    }


def rented(*rows: Rows, bank: Rows = (), **more: Any) -> dict[str, Rows]:  # type: ignore[assignment]
    """Two contracts with two tenants, and the books given."""
    parties = [("H1", "陶成祥"), ("H2", "柳春才")]
    ledgers = {
        "contracts": [{"contract_no": n, "party_b": p, "starts_on": "2025-01-01"} for n, p in parties],
        "journal": [r for v in rows for r in v] or voucher("记-9", "2025-01-05", "514", "102", 1),
        **more,
    }
    return {**ledgers, "bank_statement": list(bank)} if bank else ledgers


def test_f02_reports_money_received_that_is_nowhere(tmp_path: Path) -> None:
    other = voucher("记-1", "2025-08-30", "102", "50101", 7727, counterparty="柳春才", detail="H2")  # another tenant's equal rent
    line = {"account_no": "9926", "date": "2025-08-30", "paid_in": 7727, "counterparty": "柳春才", "memo": "租金"}
    receipts = [receipt("H1", "2025-08-30", 7727), receipt("H2", "2025-08-30", 7727, voucher_no="记-1")]
    (case,) = check(tmp_path, rented(other, bank=[line], receipts=receipts)).of("F02")
    assert (case.records, case.amount, case.period) == (("H1",), Decimal("7727.00"), "2025-08-30")


@pytest.mark.parametrize(
    "row",
    [
        receipt("H1", "2025-08-30", 100, voucher_no="记-7"),
        receipt("H1", "2025-09-03", 100, received_on=None, amount_received=None),  # not paid yet
        receipt("H1", "2024-12-30", 100),  # in last year's books
        receipt("H1", "2026-01-20", 100),  # in next year's
        receipt("H1", "2025-08-30", failed("已收")),
    ],
)
def test_f02_leaves_receipts_alone_that_are_booked_elsewhere_or_not_paid(tmp_path: Path, row: dict) -> None:
    assert check(tmp_path, rented(receipts=[row])).of("F02") == []


@pytest.mark.parametrize(
    "books",
    [
        voucher("记-1", "2025-11-30", "102", "50101", 250, detail="H1"),  # later, with another one
        voucher("记-1", "2025-08-30", "101", "112", 100, counterparty="陶 成祥"),
        voucher("记-1", "2025-08-28", "102", "504", 100),  # the amount, near the day, from nobody named
        voucher("记-1", "2025-08-30", "102", "50102", 100, summary="收陶成祥承包款"),
    ],
)
def test_f02_finds_the_money_in_the_books_however_it_is_named(tmp_path: Path, books: Rows) -> None:
    found = check(tmp_path, rented(books, receipts=[receipt("H1", "2025-08-30", 100)]))
    assert found.of("F02") == [] and found.status("F02") == {"passed"}


def test_f02_finds_the_money_in_the_bank(tmp_path: Path) -> None:
    line = {"account_no": "9926", "date": "2025-09-01", "paid_in": 100, "counterparty": "陶成祥", "memo": None}
    assert check(tmp_path, rented(bank=[line], receipts=[receipt("H1", "2025-08-30", 100)])).of("F02") == []


def test_f02_does_not_apply_without_voucher_numbers_or_books(tmp_path: Path) -> None:
    bare = [{k: v for k, v in receipt("H1", "2025-08-30", 100).items() if k != "voucher_no"}]
    assert check(tmp_path / "a", rented(receipts=bare)).status("F02") == {"not_applicable"}
    assert check(tmp_path / "b", {"receipts": [receipt("H1", "2025-08-30", 100)]}).status("F02") == {"not_applicable"}


# --- F03, F04: accounts -----------------------------------------------------------------------------------------------


def account(number: str, **more: Any) -> dict[str, Any]:
    return {"account_no": number, "holder": "新寨村股份经济合作联合社", "filed": True, **more}


def stated(number: str, **more: Any) -> dict[str, Any]:
    return {"account_no": number, "date": "2025-01-05", "paid_in": 1, "paid_out": None, **more}


def test_f03_reports_accounts_marked_as_not_filed_and_statements_of_unknown_ones(tmp_path: Path) -> None:
    ledgers = {
        "bank_accounts": [account("9926411289554234911"), account("9926411289554234912", filed=False)],
        "bank_statement": [
            stated("9926411289554234911"),
            stated("9926411289554234915"),
            stated("9926411289554234915"),
            stated("9926****4911"),
            stated("4912"),
        ],
    }
    found = check(tmp_path, ledgers)
    assert sorted((c.records, c.variant) for c in found.of("F03")) == [
        (("9926411289554234912",), "unfiled"),
        (("9926411289554234915",), "unlisted"),
    ]


def test_f03_takes_an_account_on_another_list_of_the_county_for_known(tmp_path: Path) -> None:
    ledgers = {
        "bank_accounts": [account("9926000000000001"), account("9926000000000002", org_code="V2", source_id=9)],
        "bank_statement": [stated("9926000000000002")],
    }
    assert check(tmp_path, ledgers).of("F03") == []


def test_f03_does_not_apply_where_the_list_was_not_handed_in(tmp_path: Path) -> None:
    alone = {"bank_accounts": [account("9926000000000001", source_id=1)], "bank_statement": [stated("9926000000000009", org_code="V2")]}
    assert check(tmp_path / "alone", alone).of("F03") == []
    # a list of several villages would have named the account
    joint = [account("9926000000000001", source_id=1), account("9926000000000002", source_id=1, org_code="G1")]
    ledgers = {"bank_accounts": joint, "bank_statement": [stated("9926000000000009", org_code="G1")]}
    assert check(tmp_path / "joint", ledgers).records("F03") == [("9926000000000009",)]
    assert check(tmp_path / "none", {"bank_statement": [stated("1")]}).status("F03") == {"not_applicable"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("6228480010001234", "6228480010001234", True),
        ("6228****1234", "6228480010001234", True),
        ("1234", "6228480010001234", True),
        ("234", "6228480010001234", False),
        ("6228****1235", "6228480010001234", False),
        ("6228480010001235", "6228480010001234", False),
    ],
)
def test_account_numbers_are_compared_as_banks_shorten_them(one: str, other: str, same: bool) -> None:
    assert same_account(one, other) is same is same_account(other, one)


@pytest.mark.parametrize(
    ("holder", "reported"),
    [
        ("潘文林", True),
        ("潘 文林（出纳）", True),
        ("欧阳建国", True),
        ("石门", True),  # in the roster, whatever it looks like
        ("新寨村股份经济合作联合社", False),
        ("新寨村", False),
        ("新寨", False),
        ("柳河镇新寨村村民委员会", False),
        ("柳河镇财政所", False),
        ("农村三资代理专户", False),
    ],
)
def test_f04_reports_a_holder_who_is_a_person(tmp_path: Path, holder: str, reported: bool) -> None:
    ledgers = {"bank_accounts": [account("9926", holder=holder)], "cadres": [{"name": "石门", "role": "出纳", "related_to": None}]}
    found = check(tmp_path, ledgers)
    assert found.records("F04") == ([("9926",)] if reported else [])


def test_f04_does_not_apply_without_holders(tmp_path: Path) -> None:
    assert check(tmp_path, {"bank_accounts": [{"account_no": "9926", "filed": True}]}).status("F04") == {"not_applicable"}


def test_names_of_people_are_told_from_names_of_places() -> None:
    words = load_catalog().words["persons"]
    assert plain_name(" 彭 志民（理事长）") == "彭志民" and plain_name("（甲）") == "（甲）"
    assert [looks_personal(n, words) for n in ("彭志民", "欧阳修文", "阿布都·热合曼", "石塘村", "兴隆商店", "Wang", "彭",
        "彭志民建材")] == [
        True, True, True, False, False, False, False, False,
    ]  # fmt: skip


# --- F14: advances ----------------------------------------------------------------------------------------------------


def advance(number: str, day: str, who: str = "彭志民", **more: Any) -> dict[str, Any]:
    return {
        "claim_no": number,
        "kind": "债权",
        "account_code": "11303",
        "counterparty": who,
        "arisen_on": day,
        "amount": 1587,
        "last_movement_on": day,
        "decision_no": None,
        **more,
    }


CADRES = [
    {"name": "彭志民", "role": "理事长", "related_to": None},
    {"name": "昌秋梅", "role": "近亲属", "related_to": "彭志民"},
    {"name": "褚明民", "role": "理事长", "related_to": None, "org_code": "V2"},
]


def test_f14_reports_a_cadre_s_advance_over_the_days_with_its_voucher(tmp_path: Path) -> None:
    ledgers = {
        "claims": [
            advance("C1", "2025-05-02"),
            advance("C2", "2025-11-02"),  # ninety days to 2026-01-31
            advance("C3", "2025-11-01"),
            advance("C4", "2025-05-02", "昌秋梅"),
            advance("C5", "2025-05-02", "褚明民"),
            advance("C6", "2025-05-02", kind="债务"),
            advance("C7", "2025-05-02", "彭 志民（理事长）"),
            advance("C8", "2025-05-02", amount=0),
        ],
        "cadres": CADRES,
        "journal": voucher("记-3", "2025-05-02", "11303", "102", 1587, counterparty="彭志民"),
    }
    found = check(tmp_path, ledgers)
    assert [c.records for c in found.of("F14")] == [("C1", "记-3"), ("C3",), ("C7", "记-3")]
    assert found.amounts("F14")[0] == Decimal("1587.00")


def test_f14_needs_the_roster(tmp_path: Path) -> None:
    found = check(tmp_path, {"claims": [advance("C1", "2025-05-02")]})
    assert found.of("F14") == [] and found.status("F14") == {"not_applicable"}


# --- F43: grants ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("summary", "reported"),
    [
        ("支付村干部通讯补贴", True),
        ("付接待用餐费", True),
        ("付村委会办公用品款", True),
        ("付农田水利工程进度款", False),
        ("退回结余项目资金", False),
        ("发放农户地力保护补贴", False),
        ("付渠道清淤人工", False),
    ],
)
def test_f43_reports_running_cost_paid_out_of_a_grant(tmp_path: Path, summary: str, reported: bool) -> None:
    found = check(tmp_path, {"journal": voucher("记-5", "2025-07-22", "24101", "10201", 4255, summary=summary)})
    assert [(c.records, c.variant, c.amount) for c in found.of("F43")] == (
        [(("记-5",), "misused", Decimal("4255.00"))] if reported else []
    )


def test_f43_leaves_cost_of_other_accounts_and_the_grant_s_own_closing_alone(tmp_path: Path) -> None:
    rows = [
        *voucher("记-1", "2025-07-22", "513", "102", 100, summary="付办公费"),
        *voucher("记-2", "2025-07-23", "241", "311", 100, summary="补助资金转公积公益金，办公楼"),
        *voucher("记-3", "2025-07-24", "102", "241", 100, summary="收到办公楼补助"),
    ]
    assert check(tmp_path, {"journal": rows}).of("F43") == []


def grant(number: str, amount: int, **more: Any) -> dict[str, Any]:
    return {"project_no": number, "name": f"{number}号水利项目", "grant": amount, "paid": None, "started_on": None, **more}


def test_f43_reports_a_grant_that_has_lain_there_since_before_the_year(tmp_path: Path) -> None:
    ledgers = {"projects": [grant("X1", 5000)], "trial_balance": [balance("241", -5000), balance("102", 5000)]}
    found = check(tmp_path, ledgers)
    assert [(c.records, c.variant, c.amount) for c in found.of("F43")] == [(("X1", "241"), "idle", Decimal("5000.00"))]


@pytest.mark.parametrize(
    ("project", "line"),
    [
        (grant("X1", 5000), balance("241", 0, credit=5000)),  # it came in the year
        (grant("X1", 5000, started_on="2025-10-01"), balance("241", -5000)),
        (grant("X1", 5000), balance("241", -5000, debit=5000)),  # given back
        (grant("X1", 5000, paid=100), balance("241", -5000)),
        (grant("X1", 0), balance("241", -5000)),
    ],
)
def test_f43_lets_grants_pass_that_are_new_begun_or_used(tmp_path: Path, project: dict, line: dict) -> None:
    assert check(tmp_path, {"projects": [project], "trial_balance": [line]}).of("F43") == []


def test_f43_tells_an_old_grant_from_one_that_moved_in_the_same_account(tmp_path: Path) -> None:
    ledgers = {
        "projects": [grant("X1", 5000), grant("X2", 3000)],
        "trial_balance": [balance("241", -5000, credit=3000)],
        "journal": voucher("记-1", "2025-11-01", "102", "241", 3000, summary="收到X2号水利项目资金"),
    }
    assert check(tmp_path, ledgers).records("F43") == [("X1", "241")]


def test_f43_asks_for_as_many_years_as_the_county_says(tmp_path: Path) -> None:
    this_year = {"projects": [grant("X1", 5000)], "trial_balance": [balance("241", -5000)]}
    assert check(tmp_path / "one", this_year, grant_idle_years=2).of("F43") == []
    both = [balance("241", -5000), balance("241", -5000, fiscal_year=2024)]
    assert len(check(tmp_path / "two", {**this_year, "trial_balance": both}, grant_idle_years=2).of("F43")) == 1
    assert check(tmp_path / "no", {"projects": [grant("X1", 5000)]}).status("F43") == {"not_applicable"}


# --- F45: distribution ------------------------------------------------------------------------------------------------


def year(income: int, cost: int, shared: int, kept: int = 0, brought: int = 0) -> dict[str, Rows]:
    rows = [*voucher("记-1", "2025-06-01", "102", "50101", income), *voucher("记-2", "2025-06-02", "513", "102", cost)]
    if kept:
        rows += voucher("记-3", "2025-12-27", "322", "311", kept)
    if shared:
        rows += voucher("记-4", "2025-12-27", "322", "11302", shared) + voucher("记-5", "2025-12-28", "11302", "102", shared)
    rows += voucher("记-6", "2025-12-31", "50101", "321", income) + voucher("记-7", "2025-12-31", "321", "513", cost)
    rows += voucher("记-8", "2025-12-31", "321", "322", income - cost)
    return {"journal": rows, "trial_balance": [balance("322", -brought), balance("102", brought)]}


@pytest.mark.parametrize(("shared", "excess"), [(1500, None), ("1500.01", Decimal("0.01")), (2100, Decimal("600.00"))])
def test_f45_reports_more_shared_than_the_year_and_the_balance_brought_forward(tmp_path: Path, shared: Any, excess: Any) -> None:
    found = check(tmp_path, year(1200, 200, shared, brought=500))
    assert [(c.amount, c.expected, c.variant) for c in found.of("F45")] == ([(excess, "1500.00", "excess")] if excess else [])
    assert [c.records for c in found.of("F45")] == ([("2025", "322", "记-4")] if excess else [])


@pytest.mark.parametrize(("kept", "short"), [(150, None), (149, None), ("148.99", Decimal("1.01")), (0, Decimal("150.00"))])
def test_f45_asks_for_the_reserve_that_the_county_sets(tmp_path: Path, kept: Any, short: Any) -> None:
    found = check(tmp_path, year(1200, 200, 300, kept=kept), reserve_fund_ratio="0.15")
    assert [(c.amount, c.variant) for c in found.of("F45")] == ([(short, "reserve")] if short else [])


def test_f45_asks_for_no_reserve_by_default_nor_in_a_year_without_distribution(tmp_path: Path) -> None:
    assert check(tmp_path / "a", year(1200, 200, 300)).of("F45") == []
    assert check(tmp_path / "b", year(1200, 200, 0), reserve_fund_ratio="0.3").of("F45") == []


def test_f45_takes_the_list_of_payments_where_the_books_have_no_distribution(tmp_path: Path) -> None:
    paid = [{"fiscal_year": y, "member_no": f"M{y}", "name": "甲", "amount": 1001} for y in (2024, 2025)]
    found = check(tmp_path, {**year(1200, 200, 0), "distributions": paid})
    assert found.amounts("F45") == [Decimal("1.00")]
    assert check(tmp_path / "no", {"distributions": paid}).status("F45") == {"not_applicable"}


# --- F46, F47: debts --------------------------------------------------------------------------------------------------


def debt(number: str, code: str = "201", amount: int = 5000, **more: Any) -> dict[str, Any]:
    return {**advance(number, "2025-03-19", "沈兰莲", kind="债务", account_code=code, amount=amount), **more}


def test_f46_reports_a_debt_of_the_year_without_a_decision_once(tmp_path: Path) -> None:
    ledgers = {
        "claims": [
            debt("C1"),
            debt("C2", "22101", counterparty="农商行", decision_no="J1"),
            debt("C3", arisen_on="2024-03-19", counterparty="甲"),
            debt("C4", "211", counterparty="乙店"),
            debt("C5", counterparty="丙", amount=70),
        ],
        "journal": [
            *voucher("记-4", "2025-03-19", "102", "201", 5000, counterparty="沈兰莲"),
            *voucher("记-5", "2025-03-20", "102", "201", 70, counterparty="丙", decision_no="J2"),  # decided, as its voucher says
            *voucher("记-6", "2025-03-21", "102", "22101", 900, counterparty="丁"),  # on no list
        ],
    }
    found = check(tmp_path, ledgers)
    assert sorted((c.records, c.amount) for c in found.of("F46")) == [
        (("C1", "记-4"), Decimal("5000.00")),
        (("记-6",), Decimal("900.00")),
    ]


def test_f46_works_with_claims_alone_and_not_without_decisions(tmp_path: Path) -> None:
    assert check(tmp_path / "a", {"claims": [debt("C1")]}).records("F46") == [("C1",)]
    bare = [{k: v for k, v in debt("C1").items() if k != "decision_no"}]
    assert check(tmp_path / "b", {"claims": bare}).status("F46") == {"not_applicable"}


def test_f47_reports_creditors_for_more_than_the_books_owe(tmp_path: Path) -> None:
    ledgers = {
        "claims": [debt("C1", "211", 300), debt("C2", "211", 200), debt("C3", "22101", 900), debt("C4", "11302", 80)],
        "trial_balance": [balance("211", -300), balance("221", -900), balance("102", 1200)],
    }
    found = check(tmp_path, ledgers)
    assert [(c.records, c.amount, c.expected, c.actual) for c in found.of("F47")] == [
        (("C2",), Decimal("200.00"), "300.00", "500.00")
    ]


@pytest.mark.parametrize(
    "books",
    [
        [balance("211", -499)],  # one yuan is tolerated
        [balance("21101", -300), balance("21102", -200)],
        [balance("211", -300), balance("202", -200)],  # on a code that the chart does not have
        [balance("211", -500, closing=-300)],  # the closing is wrong, and another rule's
    ],
)
def test_f47_reads_the_books_in_favour_of_the_village(tmp_path: Path, books: Rows) -> None:
    claims = [debt("C1", "211", 300), debt("C2", "211", 200), debt("C2", "211", 200)]  # one number twice is one debt
    assert check(tmp_path, {"claims": claims, "trial_balance": books}).of("F47") == []


def test_f47_says_nothing_where_an_amount_cannot_be_read_or_books_lack(tmp_path: Path) -> None:
    claims = [debt("C1", "211", 300), {**debt("C2", "211"), "amount": failed("约5")}]
    assert check(tmp_path / "a", {"claims": claims, "trial_balance": [balance("211", -1)]}).of("F47") == []
    assert check(tmp_path / "b", {"claims": claims}).status("F47") == {"not_applicable"}
    hidden = check(tmp_path / "c", {"claims": claims[:1], "trial_balance": [balance("102", 1)]})
    assert hidden.amounts("F47") == [Decimal("300.00")]


# --- F52: publication -------------------------------------------------------------------------------------------------


def shown(period: str, item: str = "收入合计", amount: object = 0, day: str | None = "2025-04-20") -> dict[str, Any]:
    return {"period": period, "item": item, "published_on": day, "amount": amount, "method": "公开栏"}


IN_TIME = {"2025Q1": "2025-04-30", "2025Q2": "2025-07-30", "2025Q3": "2025-10-30", "2025Q4": "2026-01-30"}


def published(**figures: Any) -> Rows:
    """All four quarters on the last day allowed, with the figures given as Q1_income=… (0 otherwise)."""
    names = {"income": "收入合计", "spending": "支出合计", "money": "货币资金余额"}
    return [
        shown(p, item, figures.get(f"{p[4:]}_{name}", 0), day) for p, day in IN_TIME.items() for name, item in names.items()
    ]


def test_f52_reports_a_period_without_entry(tmp_path: Path) -> None:
    rows = [r for r in published() if r["period"] != "2025Q3"]
    found = check(tmp_path, {"disclosures": rows})
    assert [(c.records, c.variant) for c in found.of("F52")] == [(("2025Q3",), "missing")]


def test_f52_takes_three_months_for_a_quarter_and_knows_a_monthly_county(tmp_path: Path) -> None:
    months = [shown(p, day=None) for p in periods_expected(2025, "month") if p != "2025-08"]
    assert check(tmp_path / "a", {"disclosures": months}).records("F52") == [("2025-08",)]
    mixed = [r for r in published() if r["period"] != "2025Q1"] + [shown(f"2025-0{m}", day=None) for m in (1, 2, 3)]
    assert check(tmp_path / "b", {"disclosures": mixed}).of("F52") == []


def test_f52_reports_what_is_published_after_the_days_allowed(tmp_path: Path) -> None:
    rows = published()
    assert check(tmp_path / "in time", {"disclosures": rows}).of("F52") == []
    rows[4]["published_on"] = "2025-07-31"
    (case,) = check(tmp_path / "late", {"disclosures": rows}).of("F52")
    assert (case.records, case.variant, case.expected, case.actual) == (("2025Q2",), "late", "不晚于 2025-07-30", "2025-07-31")
    assert check(tmp_path / "longer", {"disclosures": rows}, disclosure_lag_days=31).of("F52") == []


def books() -> dict[str, Rows]:
    """Opening money 1,000; in the first quarter 500 come in and 200 are spent, in the fourth 40 are spent."""
    rows = [
        *voucher("记-1", "2025-02-01", "102", "50101", 500),
        *voucher("记-2", "2025-03-31", "514", "101", 200),
        *voucher("记-3", "2025-12-30", "513", "152", 40),
        *voucher("记-4", "2025-12-31", "50101", "321", 500),
        *voucher("记-5", "2025-12-31", "321", "514", 240),
    ]
    return {"journal": rows, "trial_balance": [balance("101", 300), balance("10201", 700), balance("301", -1000)]}


RIGHT = {"Q1_income": 500, "Q1_spending": 200, "Q1_money": 1300, "Q2_money": 1300, "Q3_money": 1300, "Q4_money": 1300, "Q4_spending": 40}


def test_f52_compares_what_was_published_with_the_books_without_closing(tmp_path: Path) -> None:
    found = check(tmp_path / "right", {**books(), "disclosures": published(**RIGHT)})
    assert found.of("F52") == [] and found.status("F52") == {"passed"}
    wrong = published(**{**RIGHT, "Q1_income": 501, "Q1_spending": "198.99", "Q4_money": 1310, "Q4_spending": 20})
    assert [(c.records, c.variant, c.amount) for c in check(tmp_path / "wrong", {**books(), "disclosures": wrong}).of("F52")] == [
        (("2025Q1",), "untrue", Decimal("1.01")),  # one yuan of income is tolerated
        (("2025Q4",), "untrue", Decimal("20.00")),  # two figures, one period: the worse of them
    ]


def test_f52_blames_no_publication_for_a_wrong_opening_or_a_line_without_a_date(tmp_path: Path) -> None:
    shifted = {k: v + 77 if k.endswith("money") else v for k, v in RIGHT.items()}
    assert check(tmp_path / "opening", {**books(), "disclosures": published(**shifted)}).of("F52") == []
    undated = books()
    for row in undated["journal"][2:4]:
        row["date"] = failed("2025-02-30")
    assert check(tmp_path / "date", {**undated, "disclosures": published(**RIGHT)}).of("F52") == []
    unread = books()
    unread["journal"][0]["debit"] = failed("约500")
    rows = published(**{**RIGHT, "Q1_money": 1})
    assert check(tmp_path / "unread", {**unread, "disclosures": rows}).of("F52") == []


def test_f52_does_not_apply_where_nothing_is_registered(tmp_path: Path) -> None:
    assert check(tmp_path, books()).status("F52") == {"not_applicable"}


@pytest.mark.parametrize(
    ("item", "figure"),
    [
        ("收入合计", "income"), ("本季度财务收入", "income"), ("支出", "spending"), ("期末货币资金余额", "money"),
        ("资金结余", "money"), ("经营收入", ""), ("收支明细", ""), ("累计收入", ""), ("债权债务", ""),
    ],
)  # fmt: skip
def test_items_are_compared_only_when_they_mean_the_whole_figure(item: str, figure: str) -> None:
    assert figure_of(item, load_catalog().words["disclosures"]) == figure


def test_periods_end_where_the_calendar_says() -> None:
    assert [str(d) for d in period_days("2025Q4") or ()] == ["2025-10-01", "2025-12-31"]
    assert [str(d) for d in period_days("2024-02") or ()] == ["2024-02-01", "2024-02-29"]
    assert period_days("2025") is None


# --- F53, F54, F58: posts and groups ----------------------------------------------------------------------------------


def test_f53_reports_a_supervisor_who_is_kin_of_a_director(tmp_path: Path) -> None:
    def cadre(name: str, role: str, kin: str | None = None, **more: Any) -> dict[str, Any]:
        return {"name": name, "role": role, "related_to": kin, **more}

    rows = [
        cadre("彭志民", "理事长"),
        cadre("窦兰芳", "监事长"),
        cadre("窦兰芳", "近亲属", "彭志民"),
        cadre("昌秋梅", "近亲属", "窦兰芳"),  # a relative without a post
        cadre("褚明民", "监事", org_code="V2"),
        cadre("褚明民", "近亲属", "彭志民", org_code="V2"),  # a director of another village
    ]
    found = check(tmp_path, {"cadres": rows})
    assert [(c.org_code, c.records, c.variant, c.actual) for c in found.of("F53")] == [("V1", ("窦兰芳",), "kin", "彭志民")]


def test_f54_reports_a_group_whose_money_nobody_books(tmp_path: Path) -> None:
    rented_ = {**receipt("H1", "2025-08-30", 600), "org_code": "G1"}
    village = voucher("记-1", "2025-01-05", "514", "102", 1)
    assert [(c.org_code, c.records, c.amount) for c in check(tmp_path / "a", {"receipts": [rented_], "journal": village}).of("F54")] == [
        ("G1", ("G1",), Decimal("600.00"))
    ]
    own = [*village, *voucher("记-1", "2025-08-30", "102", "50101", 600, org_code="G1")]
    assert check(tmp_path / "own", {"receipts": [rented_], "journal": own}).of("F54") == []
    above = [*village, *voucher("记-2", "2025-08-30", "102", "50101", 600, detail="H1")]
    assert check(tmp_path / "above", {"receipts": [rented_], "journal": above}).of("F54") == []


def test_f54_leaves_a_group_alone_that_is_only_in_the_register_or_a_county_without_books(tmp_path: Path) -> None:
    found = check(tmp_path / "register", {"journal": voucher("记-1", "2025-01-05", "514", "102", 1)})
    assert found.of("F54") == [] and found.status("F54", "G1") == {"passed"} and found.status("F54") == {"not_applicable"}
    alone = check(tmp_path / "alone", {"receipts": [{**receipt("H1", "2025-08-30", 600), "org_code": "G1"}]})
    assert alone.of("F54") == [] and alone.status("F54", "G1") == {"not_applicable"}


def test_f58_reports_one_person_who_keeps_books_and_cash(tmp_path: Path) -> None:
    def body(code: str, accountant: str | None, cashier: str | None) -> dict[str, Any]:
        return {"org_code": code, "org_name": code, "accountant": accountant, "cashier": cashier}

    register = [body("V1", "沈红军", "沈 红军"), body("V2", "沈红军", "周彩仙"), body("G1", "沈红军", "沈红军")]
    found = check(tmp_path / "a", {"organisations": register})
    assert [(c.org_code, c.records) for c in found.of("F58")] == [("V1", ("沈红军",))]  # the group has no books
    kept = {"organisations": register, "trial_balance": [balance("102", 1, org_code="G1")]}
    assert [c.org_code for c in check(tmp_path / "b", kept).of("F58")] == ["G1", "V1"]
    blank = check(tmp_path / "c", {"organisations": [body("V1", None, None)]})
    assert blank.of("F58") == []
    bare = check(tmp_path / "d", {"organisations": [{"org_code": "V1", "org_name": "V1", "accountant": "甲"}]})
    assert bare.status("F58") == {"not_applicable"}
