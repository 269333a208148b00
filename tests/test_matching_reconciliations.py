"""The reconciliations that show what agrees and what does not (domain: what reconciles with what), and how they add up.

Each: two ledgers that agree, one item that does not, and where it does not apply.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ledger_frames import ORGANISATIONS, balance, check, posting
from test_matching_bank import ACCOUNT, bank, book, reconciled

from auditlib.catalog.load import load_catalog
from auditlib.matching.bank_statement import bank_balances
from auditlib.matching.books import chart_lines
from auditlib.matching.contracts import FLAT, FREE_MONTHS, STEP_UP, UNKNOWN, terms_of
from auditlib.matching.counterparties import Directory
from auditlib.matching.members import usual_amount
from auditlib.matching.roll_back import Movement, roll_back
from auditlib.reports.reconciled import totals
from auditlib.words.records import Match, Organisation


def of(found: Any, name: str, org: str = "V1") -> list[Match]:
    return [m for m in found.matches_of(name) if m.org_code == org]


def told(found: Any, name: str) -> list[tuple[str, str, str, Decimal | None]]:
    return [(m.left, m.right, m.state, m.difference) for m in of(found, name)]


def test_the_twelve_reconciliations_are_there() -> None:
    names = {c.kernel for c in load_catalog().reconciliations}
    pairs = {c.arguments.get("name") or "__".join(c.ledgers) for c in load_catalog().reconciliations}
    assert len(names) >= 15
    assert pairs >= {
        "fixed_assets__asset_count", "journal__bank_statement", "contracts__receipts", "handover__received", "handover__books",
        "trial_balance__agency", "trial_balance__prior", "fixed_assets__trial_balance", "claims__trial_balance", "journal__trial_balance",
        "disclosures__journal", "members__distributions", "resources__resource_survey", "projects__fixed_assets", "claims__claims",
    }  # fmt: skip


# ---- keyed: resources and survey, projects and assets ---------------------------------------------------------------


def parcels(*areas: tuple[str, object]) -> list[dict]:
    return [{"parcel_no": n, "name": "田", "land_class": "水田", "area_mu": a} for n, a in areas]


def test_parcels_are_compared_within_the_tolerance_and_every_line_is_somewhere(tmp_path: Path) -> None:
    survey = [{"parcel_no": n, "land_class": "水田", "area_mu": a} for n, a in (("P1", 100), ("P2", 100), ("P4", 7), ("P5", 1), ("P5", 2))]
    found = check(tmp_path, {"resources": parcels(("P1", 104), ("P2", 106), ("P3", 5), ("P5", 1)), "resource_survey": survey})
    assert told(found, "resources__resource_survey") == [
        ("", "P4", "right_only", None),
        ("P1", "P1", "matched", None),
        ("P2", "P2", "differing", Decimal("6")),
        ("P3", "", "left_only", None),
        ("P5", "P5 ×2", "ambiguous", None),
    ]
    counts = totals(of(found, "resources__resource_survey"))
    assert [sum(side) for side in zip(*counts.values(), strict=True)] == [4, 5]
    assert found.records("F29") == [("P2",)]  # what only one side has is no breach of the rule on areas


def test_ten_lines_under_one_key_are_one_group_and_not_a_hundred_pairs(tmp_path: Path) -> None:
    survey = [{"parcel_no": "P1", "land_class": "水田", "area_mu": 3}] * 10
    found = check(tmp_path, {"resources": parcels(*[("P1", 3)] * 10), "resource_survey": survey})
    (match,) = of(found, "resources__resource_survey")
    assert (match.state, match.lines) == ("ambiguous", (10, 10))


def project(number: str, **more: object) -> dict:
    return {"project_no": number, "name": "路", "grant": 0, "paid": 0, "capitalised_on": None, "asset_no": None, **more}


def test_what_a_finished_project_cost_is_the_value_of_its_asset_and_what_is_not_stands_in_153_and_241(tmp_path: Path) -> None:
    projects = [
        project("X1", paid=500, capitalised_on="2025-06-01", asset_no="A1"), project("X2", paid=300, grant=400),
        project("X3", paid=80, capitalised_on="2025-06-01", asset_no="A2"),
    ]  # fmt: skip
    assets = [
        {"asset_no": n, "name": "路", "acquired_on": "2025-06-01", "original_value": v} for n, v in (("A1", 520), ("A2", 80), ("A9", 9))
    ]
    books = [balance("153", 0, debit=300), balance("241", -390)]
    found = check(tmp_path, {"projects": projects, "fixed_assets": assets, "trial_balance": books})
    assert told(found, "projects__fixed_assets") == [("A1", "A1", "differing", Decimal("-20.00")), ("A2", "A2", "matched", None)]
    assert [(m.right, m.difference) for m in of(found, "projects__trial_balance")] == [("153", None), ("241", Decimal("10.00"))]


# ---- contracts -------------------------------------------------------------------------------------------------------


def contract(number: str = "H1", **more: object) -> dict:
    return {
        "contract_no": number, "kind": "租赁", "party_b": "王某", "starts_on": "2023-01-01", "ends_on": "2027-12-31", "annual_rent": 1200,
        "total": 6000, **more,
    }  # fmt: skip


def receipt(due_on: str, due: object, received: object = None, number: str = "H1", received_on: object = None) -> dict:
    came = received_on or (due_on if received else None)
    return {
        "contract_no": number,
        "due_on": due_on,
        "amount_due": due,
        "received_on": came,
        "amount_received": received,
        "voucher_no": None,
    }


def test_every_instalment_stands_for_itself(tmp_path: Path) -> None:
    receipts = [
        receipt("2025-01-10", 600, 600), receipt("2025-07-10", 600, 350, received_on="2025-08-01"), receipt("2026-07-10", 600),
        receipt("2025-01-10", 9, 9, number="H7"),
    ]  # fmt: skip
    found = check(tmp_path, {"contracts": [contract()], "receipts": receipts})
    assert told(found, "contracts__receipts") == [
        ("", "H7 2025-01-10", "right_only", None),
        ("H1 2025-01-10", "2025-01-10", "matched", None),
        ("H1 2025-07-10", "2025-08-01", "differing", Decimal("250.00")),
        ("H1 2026-07-10", "", "left_only", None),
    ]
    assert of(found, "contracts__receipts")[3].how == "not yet due"
    assert found.records("F35") == [("H1",)]  # the finding is the check's alone


def test_part_payments_are_added_up_within_their_instalment(tmp_path: Path) -> None:
    receipts = [receipt("2025-01-10", 400, 400), receipt("2025-01-10", 200, 200, received_on="2025-02-01")]
    (match,) = of(check(tmp_path, {"contracts": [contract()], "receipts": receipts}), "contracts__receipts")
    assert (match.right, match.how, match.difference) == ("2025-01-10; 2025-02-01", "instalment in 2", None)


DAYS = (dt.date(2023, 1, 1), dt.date(2027, 12, 31))


@pytest.mark.parametrize(
    ("total", "kind", "free"),
    [(600_000, FLAT, 0), (640_000, STEP_UP, 0), (570_000, FREE_MONTHS, 3), (None, UNKNOWN, 0), (565_123, UNKNOWN, 0)],
)
def test_the_total_says_how_the_rent_runs(total: int | None, kind: str, free: int) -> None:
    terms = terms_of(120_000, total, *DAYS, 100)
    assert (terms.kind, terms.free_months) == (kind, free)


def test_a_step_up_and_free_months_are_no_difference_and_a_wrong_rent_is(tmp_path: Path) -> None:
    contracts = [
        contract("H1"), contract("H2", total=6600), contract("H3", total=5700, starts_on="2024-01-01", ends_on="2028-12-31"),
        contract("H4"), contract("H5", kind="工程", annual_rent=None),
    ]  # fmt: skip
    dues = {"H1": 1200, "H2": 1320, "H3": 900, "H4": 1320}
    found = check(tmp_path, {"contracts": contracts, "receipts": [receipt("2025-03-01", d, d, number=n) for n, d in dues.items()]})
    assert [(m.left, m.how, m.difference) for m in of(found, "contracts__terms")] == [
        ("H1", "flat", None), ("H2", "step-up", None), ("H3", "free months", None), ("H4", "flat", Decimal("120.00")),
    ]  # fmt: skip


def test_contracts_without_receipts_have_nothing_to_be_compared_with(tmp_path: Path) -> None:
    found = check(tmp_path, {"contracts": [contract()]})
    assert of(found, "contracts__receipts") == []


# ---- hand-over three ways ------------------------------------------------------------------------------------------


def item(number: str, what: str, out: object, received: object, quantity: object = None, got: object = None) -> dict:
    return {
        "item_class": "", "item_no": number, "item": what, "amount_out": out, "amount_in": received, "quantity_out": quantity,
        "quantity_in": got, "elected_on": "2025-03-10", "handed_on": "2025-03-15", "supervised_by": "王某",
    }  # fmt: skip


def test_out_in_and_books_of_the_day(tmp_path: Path) -> None:
    ledgers = {
        "handover": [
            item("Y1", "库存现金", 90, 90), item("Y2", "银行存款", 500, 480), item("Y3", "固定资产清册", 70, 70, 2, 2),
            item("Y4", "资源清册", None, None, 3, 3), item("Y5", "公章", None, None, 1, None),
            item("Y6", "现金盘点表", None, None, 1, 1),
        ],
        "journal": [
            posting("记-1", "2025-03-15", "101", credit=10), posting("记-1", "2025-03-15", "10201", debit=10),
            posting("记-2", "2025-03-16", "101", credit=55), posting("记-2", "2025-03-16", "10201", debit=55),
        ],
        "trial_balance": [balance("101", 100, credit=65), balance("102", 480, debit=65), balance("10201", 480, debit=65)],
        "fixed_assets": [
            {"asset_no": "A1", "name": "泵", "acquired_on": "2020-01-01", "original_value": 70},
            {"asset_no": "A2", "name": "泵", "acquired_on": "2025-04-01", "original_value": 9},
        ],
        "resources": parcels(("P1", 1), ("P2", 1)),
    }  # fmt: skip
    found = check(tmp_path, ledgers)
    assert [(m.left[:2], m.state, m.difference) for m in of(found, "handover__received")] == [
        ("Y1", "matched", None), ("Y2", "differing", Decimal("20.00")), ("Y3", "matched", None), ("Y4", "matched", None),
        ("Y5", "left_only", None), ("Y6", "matched", None),
    ]  # fmt: skip
    assert [(m.left[:2], m.difference) for m in of(found, "handover__books")] == [
        ("Y1", None), ("Y2", Decimal("10.00")), ("Y3", None), ("Y4", Decimal("1")), ("Y6", None),
    ]  # fmt: skip


def test_the_money_of_the_day_is_that_of_the_year_alone(tmp_path: Path) -> None:
    """What was posted the year before is in the opening already, and of another year's day these books know nothing."""
    before = [
        posting("记-9", "2024-12-30", "101", credit=7, source_id=9), posting("记-9", "2024-12-30", "514", debit=7, source_id=9),
    ]  # fmt: skip
    now = [posting("记-1", "2025-03-15", "101", credit=10), posting("记-1", "2025-03-15", "514", debit=10)]
    handover = [item("Y1", "库存现金", 90, 90), {**item("Y2", "库存现金", 90, 90), "handed_on": "2024-06-30"}]
    ledgers = {"handover": handover, "journal": [*before, *now], "trial_balance": [balance("101", 100, credit=10)]}
    found = of(check(tmp_path, ledgers), "handover__books")
    assert [(m.left[:2], m.how, m.difference) for m in found] == [("Y1", "sum", None), ("Y2", "not known", None)]


# ---- sub-ledgers ----------------------------------------------------------------------------------------------------


def claim(number: str, kind: str, code: str, amount: object, party: str = "某公司", **more: object) -> dict:
    return {"claim_no": number, "kind": kind, "account_code": code, "amount": amount, "counterparty": party, **more}


def test_claims_and_debts_are_the_balances_of_their_accounts_113_by_its_sides(tmp_path: Path) -> None:
    claims = [
        claim("W1", "债权", "112", 40),
        claim("W2", "债权", "11301", 30),
        claim("W3", "债务", "11302", 25),
        claim("W4", "债务", "211", 9),
    ]
    books = [balance("112", 40), balance("113", 5), balance("11301", 30), balance("11302", -25), balance("211", -12)]
    found = check(tmp_path, {"claims": claims, "trial_balance": books})
    assert [(m.left, m.difference) for m in of(found, "claims__trial_balance")] == [
        ("债务 113", None), ("债务 211", Decimal("-3.00")), ("债权 112", None), ("债权 113", None),
    ]  # fmt: skip
    other_year = check(tmp_path / "year", {"claims": claims, "trial_balance": [balance("112", 40, fiscal_year=2024)]})
    assert of(other_year, "claims__trial_balance") == []


# ---- publication, roster -------------------------------------------------------------------------------------------


def test_published_figures_stand_beside_the_books(tmp_path: Path) -> None:
    journal = [posting("记-1", "2025-02-01", "501", credit=80), posting("记-1", "2025-02-01", "101", debit=80)]
    shown = [
        {"period": "2025Q1", "item": i, "published_on": "2025-04-05", "amount": a} for i, a in (("收入合计", 80), ("货币资金余额", 95))
    ]
    ledgers = {"disclosures": shown, "journal": journal, "trial_balance": [balance("101", 10, debit=80), balance("501", 0, credit=80)]}
    found = of(check(tmp_path, ledgers), "disclosures__journal")
    assert [(m.left, m.difference) for m in found] == [("2025Q1 收入合计", None), ("2025Q1 货币资金余额", Decimal("5.00"))]


def test_each_share_gives_the_same_amount(tmp_path: Path) -> None:
    members = [{"member_no": f"C{i}", "name": "某", "shares": s, "status": "在册"} for i, s in enumerate((1, 2, "1.5", 1), 1)]
    members.append({"member_no": "C9", "name": "某", "shares": 1, "status": "死亡"})
    paid = [{"member_no": f"C{i}", "fiscal_year": 2025, "shares": 1, "amount": a} for i, a in ((1, "33.33"), (2, "66.67"), (3, 60))]
    found = check(tmp_path, {"members": members, "distributions": paid})
    assert told(found, "members__distributions") == [
        ("C1", "C1", "matched", None), ("C2", "C2", "matched", None), ("C3", "C3", "differing", Decimal("-10.00")),
        ("C4", "", "left_only", None),
    ]  # fmt: skip


def test_the_usual_amount_a_share_is_the_one_that_most_got() -> None:
    assert usual_amount([(10_000, 500), (20_000, 1000), (10_000, 700)]) == (1000, 20_000)
    assert usual_amount([(None, 5), (0, 5)]) is None


# ---- organisation and organisation ------------------------------------------------------------------------------------


def test_what_one_claims_the_other_owes(tmp_path: Path) -> None:
    claims = [
        claim("W1", "债权", "11301", 900, "甲村村委会"), claim("W2", "债务", "11302", 700, "新寨村股份经济合作社", org_code="V2"),
        claim("W3", "债权", "112", 5, "某公司"),
    ]  # fmt: skip
    names = {o.org_code: o.name for o in ORGANISATIONS}
    claims[0]["counterparty"], claims[1]["counterparty"] = names["V2"], names["V1"]
    (match,) = of(check(tmp_path, {"claims": claims}), "claims__claims")
    assert (match.state, match.difference) == ("differing", Decimal("200.00"))
    nothing = check(tmp_path / "none", {"claims": claims[2:]})
    assert of(nothing, "claims__claims") == []


def test_an_organisation_is_known_by_its_short_names_and_its_own_township_goes_first() -> None:
    words = load_catalog().words["organisation_names"]["village_suffixes"]
    register = [
        Organisation("T1", "云溪镇", "township"), Organisation("A", "上坪村股份经济合作联合社", "village", "T1"),
        Organisation("B", "下坪村经济合作社", "village", "T1"), Organisation("C", "上坪村股份经济合作联合社", "village", "T2"),
        Organisation("D", "石塘村经济合作社", "village", "T3"),
    ]  # fmt: skip
    who = Directory(register, words)
    assert who.named("青禾县云溪镇上坪村村委会", "B") == ("A",)
    assert who.named("上坪村", "D") == ("A", "C")  # told, not guessed
    assert who.named("上坪水泥厂", "B") == () and who.named("下坪村", "B") == ()


# ---- chart of 2004 and of 2023 ----------------------------------------------------------------------------------------


def test_lines_of_two_charts_meet_where_the_older_one_says_so() -> None:
    """财会〔2004〕12号 and 财会〔2023〕14号: 153 and 154 changed places, 202 became 211."""
    lines = chart_lines(load_catalog().charts, "2004", "2023")
    assert lines is not None
    assert (lines.of_older["153"], lines.of_older["154"], lines.of_older["202"]) == ("154", "153", "211")
    assert lines.of_newer["212"] == lines.of_older["211"] == "211"
    assert chart_lines(load_catalog().charts, "2023", "2004") is None


def test_opening_2024_is_compared_by_line_with_closing_2023(tmp_path: Path) -> None:
    old = [
        balance("154", 0, closing=300, fiscal_year=2023),
        balance("202", 0, closing=-80, fiscal_year=2023),
        balance("101", 0, closing=5, fiscal_year=2023),
    ]
    new = [balance("153", 300, fiscal_year=2024), balance("211", -80, fiscal_year=2024), balance("101", 5, fiscal_year=2024)]
    found = check(tmp_path / "same", {"trial_balance": [*old, *new]}, fiscal_year=2024)
    assert found.of("F48") == [] and found.status("F48") == {"passed"}
    new[0] = balance("153", 290, fiscal_year=2024)
    (case,) = check(tmp_path / "off", {"trial_balance": [*old, *new]}, fiscal_year=2024).of("F48")
    assert (case.records, case.amount) == (("153",), Decimal("10.00"))


def test_a_village_that_left_an_old_account_over_a_year_late_is_compared_there_by_line(tmp_path: Path) -> None:
    """202 应付款 went into 211 with the chart of 2023 (财会〔2023〕14号); all other accounts are compared code by code as ever."""
    old = [balance("202", 0, closing=-80, fiscal_year=2024), balance("131", 0, closing=7, fiscal_year=2024)]
    new = [balance("211", -80, fiscal_year=2025), balance("131", 7, fiscal_year=2025)]
    assert check(tmp_path / "same", {"trial_balance": [*old, *new]}).of("F48") == []
    new[1] = balance("133", 7, fiscal_year=2025)  # on the line of 131, which has nothing to do with the change
    (case,) = check(tmp_path / "off", {"trial_balance": [*old, *new]}).of("F48")
    assert case.records == ("131", "133")


def test_an_old_account_without_an_opening_changes_no_comparison(tmp_path: Path) -> None:
    """A voucher of the year that was booked on 202 by mistake (D19) is no late change of chart."""
    old = [balance("211", 0, closing=-80, fiscal_year=2024)]
    new = [balance("211", 0, fiscal_year=2025), balance("212", -80, fiscal_year=2025), balance("202", 0, closing=-5, fiscal_year=2025)]
    (case,) = check(tmp_path, {"trial_balance": [*old, *new]}).of("F48")
    assert case.records == ("211", "212")



# ---- roll-back ------------------------------------------------------------------------------------------------------


def test_a_count_is_taken_back_to_the_cut_off_by_what_moved_between() -> None:
    year_end = dt.date(2025, 12, 31)
    moves = [
        Movement(dt.date(2025, 12, 31), 100),
        Movement(dt.date(2026, 1, 5), 7),
        Movement(dt.date(2026, 1, 20), -2),
        Movement(dt.date(2026, 1, 21), 50),
    ]
    assert roll_back(60, dt.date(2026, 1, 20), moves, year_end) == 60 - 7 + 2  # the day of the count is in, the cut-off is not
    assert roll_back(60, dt.date(2025, 12, 1), moves, year_end) == 160
    assert roll_back(60, year_end, moves, year_end) == 60


@pytest.mark.parametrize(
    ("counted", "booked", "surplus"),
    [
        (1_250, 1_200, 0),  # 1,250 - 400 received + 350 issued since: as in the books
        (1_240, 1_200, -10),  # ten short on the day of the count were ten short at the year end
        (1_200, 1_200, -50),  # the count equals the books, and that is what gives the shortage away
    ],
)
def test_a_stock_count_after_the_year_end_as_auditors_take_it_back(counted: int, booked: int, surplus: int) -> None:
    """倒轧 of the audit of stocks (中国注册会计师审计准则第1311号, 存货监盘 on a day other than the balance sheet's).

    Quantity at the balance sheet date = quantity counted + issued since - received since. Counted on 20 January 2026: fertiliser, kg.
    """
    received, issued = (dt.date(2026, 1, 8), 400), (dt.date(2026, 1, 16), 350)
    moves = [Movement(received[0], received[1]), Movement(issued[0], -issued[1]), Movement(dt.date(2026, 1, 25), 900)]
    implied = roll_back(counted, dt.date(2026, 1, 20), moves, dt.date(2025, 12, 31))
    assert implied == counted + 350 - 400 and implied - booked == surplus


def test_what_came_after_the_year_end_is_no_surplus_of_the_year(tmp_path: Path) -> None:
    register = [
        {"asset_no": n, "name": "泵", "acquired_on": d, "quantity": q, "original_value": 1}
        for n, d, q in (("A1", "2020-01-01", 3), ("A2", "2026-01-08", 2), ("A3", "2020-01-01", 4))
    ]
    count = [{"asset_no": n, "name": "泵", "quantity": q, "counted_on": "2026-01-15"} for n, q in (("A1", 3), ("A2", 2), ("A3", 3))]
    found = check(tmp_path, {"fixed_assets": register, "asset_count": count})
    assert [(m.left, m.difference) for m in of(found, "fixed_assets__rolled_back")] == [("A1", None), ("A2", None), ("A3", Decimal("1"))]


# ---- 银行存款余额调节表 -------------------------------------------------------------------------------------------------


def statement_of(found: Any, month: int) -> Any:
    return next(s for s in found.statements_of_the_bank() if s.ends_on.month == month)


def test_the_statement_of_each_month_makes_both_balances_equal(tmp_path: Path) -> None:
    """A cheque that the bank pays in April, interest that the books lack, and money that was under way when the year began."""
    books = [book("记-1", "2025-03-30", -500), book("记-2", "2025-03-10", 200), book("记-3", "2025-04-20", -60)]
    banks = [
        bank("2025-03-10", 200, balance=1300), bank("2025-03-21", "2.50", balance="1302.50"),
        bank("2025-04-02", -500, balance="802.50"), bank("2025-04-20", -60, balance="742.50"),
    ]  # fmt: skip
    ledgers = {
        "journal": books, "bank_statement": banks, "bank_accounts": [{"account_no": ACCOUNT, "bank": "农商行", "filed": True}],
        "trial_balance": [balance("102", 1080), balance("10201", 1080)],
    }  # fmt: skip
    found = check(tmp_path, ledgers)
    march, april = statement_of(found, 3), statement_of(found, 4)
    assert [s.ends_on.month for s in found.statements_of_the_bank()] == [1, 2, 3, 4]
    assert (march.bank_balance, march.book_balance) == (Decimal("1302.50"), Decimal("780.00"))
    assert (march.book_out, march.bank_in, march.book_in, march.bank_out) == (Decimal("500.00"), Decimal("2.50"), 0, 0)
    assert (march.adjusted_bank, march.adjusted_book) == (Decimal("802.50"), Decimal("782.50"))
    assert (march.brought_forward, march.difference) == (Decimal("20.00"), 0)  # what 2024 left, and nothing else
    assert [(i.side, i.days, i.cleared_on and i.cleared_on.isoformat()) for i in march.items] == [
        ("book", 1, "2025-04-02"),
        ("bank", 10, None),
    ]
    assert [(i.amount, i.days, i.stopped_by) for i in april.items] == [(Decimal("2.50"), 40, "nothing")]  # carried forward, older


def test_a_reversed_voucher_is_open_until_its_reversal_and_then_gone(tmp_path: Path) -> None:
    books = [book("记-1", "2025-03-01", -500), posting("记-5", "2025-04-20", "10201", credit=-500), book("记-6", "2025-04-20", -600)]
    found = reconciled(tmp_path, books, [bank("2025-03-02", 9, balance=9), bank("2025-04-21", -600, balance=-591)])
    assert [i.name for i in statement_of(found, 3).items if i.side == "book"] == ["记-1 2025-03-01 -500.00"]
    assert [i for i in statement_of(found, 4).items if i.side == "book"] == []
    assert statement_of(found, 3).book_balance is None and statement_of(found, 3).difference is None  # no balances tell the opening


def test_a_statement_may_run_backwards() -> None:
    day = dt.date(2025, 3, 1)
    rows = [
        {"row_id": i, "sheet_row": i, "date": day, "flow": f, "balance": b} for i, (f, b) in enumerate(((-30, 80), (10, 110), (100, 100)))
    ]
    assert bank_balances(rows)(day) == 80 and bank_balances(rows)(day - dt.timedelta(days=1)) == 0
    assert bank_balances([])(day) is None


def test_a_ledger_of_another_kind_is_not_counted_twice(tmp_path: Path) -> None:
    """Whatever a reconciliation shows, its parts add up to its lines, sums of several lines included."""
    books = [book(f"记-{i}", "2025-03-01", a) for i, a in enumerate((100, 230, 88))] + [book("记-9", "2025-05-01", 7)]
    found = reconciled(tmp_path, books, [bank("2025-03-02", 418), bank("2025-08-02", 5)])
    counts = totals(of(found, "journal__bank_statement"))
    assert counts == {"matched": (3, 1), "differing": (0, 0), "left_only": (1, 0), "right_only": (0, 1), "ambiguous": (0, 0)}
