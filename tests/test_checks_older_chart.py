"""A county whose audited year is 2023: its books follow 财会〔2004〕12号, where the same number stands for another account.

Outside authority: the account numbers of 财会〔2004〕12号 (202 应付款, 211 应付工资, 502 经营支出, 541 管理费用, 154 在建工程) beside
those of 财会〔2023〕14号. Every case stands beside the same lines read in 2025, where the numbers mean something else.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from ledger_frames import balance, check, posting, settings

from auditlib.catalog.load import load_catalog
from auditlib.checks.parameters import resolve
from auditlib.checks.roles import NoAccounts, accounts_of, chart_of

CATALOG = load_catalog()


def voucher(number: str, on: str, debit: str, credit: str, amount: int, **more: Any) -> list[dict[str, Any]]:
    return [posting(number, on, debit, debit=amount, **more), posting(number, on, credit, credit=amount, **more)]


def test_every_chart_gives_accounts_for_the_same_roles_and_none_that_it_lacks() -> None:
    old, new = (chart_of(CATALOG, year) for year in (2023, 2024))
    assert (old["version"], new["version"]) == ("2004", "2023") and set(old["roles"]) == set(new["roles"])
    for chart in (old, new):
        told = {code for codes in chart["roles"].values() for code in codes}
        assert told <= set(chart["accounts"]) | {"133", "162"} and told, told - set(chart["accounts"])
        sides = {c: a["side"] for c, a in chart["accounts"].items()}
        assert {sides[c] for c in chart["roles"]["income"]} == {"credit"} and {sides[c] for c in chart["roles"]["spending"]} == {"debit"}
        # every account of income and cost has its place
        own = {c for role in ("income", "spending", "income_tax") for c in chart["roles"][role]}
        assert own == {c for c in chart["accounts"] if c.startswith("5")}


def test_a_role_that_the_chart_does_not_name_and_a_year_before_the_first_are_told() -> None:
    with pytest.raises(NoAccounts, match="candidates: .*cash"):
        accounts_of(CATALOG, 2025, "till")
    with pytest.raises(NoAccounts):
        accounts_of(CATALOG, 2001, "cash")


def test_a_year_without_a_chart_makes_rules_on_accounts_not_applicable(tmp_path: Path) -> None:
    rows = voucher("记-1", "2001-03-01", "541", "102", 20000)
    found = check(tmp_path, {"journal": rows}, only={"F19", "F08", "D11"}, fiscal_year=2001)
    assert found.status("F19") == {"not_applicable"} == found.status("F08") and found.status("D11") == {"passed"}


@pytest.mark.parametrize(("year", "expected"), [(2023, [("记-1",)]), (2025, [])])
def test_f05_asks_for_an_invoice_where_the_cost_of_that_year_stands(tmp_path: Path, year: int, expected: list[tuple[str, ...]]) -> None:
    """541 is 管理费用 in the old chart and nothing in the new one; wages stood on 211 then and on 212 now."""
    rows = [
        *voucher("记-1", f"{year}-03-01", "541", "102", 2000, approver="王", handler="李", attachments=1, invoice_no=None),
        *voucher("记-2", f"{year}-03-02", "211", "102", 2000, approver="王", handler="李", attachments=1, invoice_no=None),
    ]
    assert check(tmp_path, {"journal": rows}, only={"F05"}, fiscal_year=year).records("F05") == expected


def test_f52_adds_up_income_and_spending_of_the_older_chart(tmp_path: Path) -> None:
    """发包及上交收入 511 is income, 经营支出 502 and 管理费用 541 are spending: with the numbers of 2023 both would be upside down."""
    rows = [
        *voucher("记-1", "2023-02-01", "102", "511", 5000),
        *voucher("记-2", "2023-02-02", "541", "102", 700),
        *voucher("记-3", "2023-02-03", "502", "102", 300),
        *voucher("记-4", "2023-03-31", "511", "321", 5000),
    ]
    base = {"period": "2023Q1", "published_on": "2023-04-10", "method": "公示栏"}
    told = [{**base, "item": "收入合计", "amount": 5000}, {**base, "item": "支出合计", "amount": 1000}]
    ledgers = {"journal": rows, "disclosures": told, "trial_balance": [balance("102", 0, fiscal_year=2023)]}
    untrue = [c for c in check(tmp_path / "true", ledgers, only={"F52"}, fiscal_year=2023).of("F52") if c.variant == "untrue"]
    assert untrue == []
    ledgers["disclosures"] = [told[0], {**told[1], "amount": 700}]
    untrue = [c for c in check(tmp_path / "false", ledgers, only={"F52"}, fiscal_year=2023).of("F52") if c.variant == "untrue"]
    assert [(c.records, c.amount) for c in untrue] == [(("2023Q1",), Decimal("300.00"))]


def test_f45_reads_the_result_of_the_older_chart(tmp_path: Path) -> None:
    rows = [
        *voucher("记-1", "2023-02-01", "102", "511", 5000),
        *voucher("记-2", "2023-02-02", "541", "102", 4000),
        *voucher("记-3", "2023-12-20", "322", "202", 1200, summary="年终分配"),
    ]
    books = [balance("102", 0, fiscal_year=2023), balance("322", 0, fiscal_year=2023)]
    found = check(tmp_path, {"journal": rows, "trial_balance": books}, only={"F45"}, fiscal_year=2023)
    assert [(c.records, c.amount) for c in found.of("F45")] == [(("2023", "322", "记-3"), Decimal("200.00"))]


def test_f47_and_the_list_of_debts_look_for_payables_where_they_stood(tmp_path: Path) -> None:
    claims = [{"claim_no": "C1", "kind": "债务", "account_code": "202", "counterparty": "建材店", "amount": 900}]
    books = [balance("202", -500, fiscal_year=2023), balance("101", 500, fiscal_year=2023)]
    found = check(tmp_path, {"claims": claims, "trial_balance": books}, only={"F47"}, fiscal_year=2023)
    assert found.amounts("F47") == [Decimal("400.00")]
    assert [m.difference for m in found.matches if m.right == "202"] == [Decimal("400.00")]


def test_works_under_construction_stand_on_154_in_the_older_chart(tmp_path: Path) -> None:
    works = {"project_no": "X1", "name": "桥", "paid": 300, "grant": None, "completed_on": None, "capitalised_on": None, "asset_no": None}
    books = [balance("154", 300, fiscal_year=2023), balance("153", 7, fiscal_year=2023)]
    asset = {"asset_no": "A1", "name": "泵", "original_value": 5, "accumulated_depreciation": 0}
    ledgers = {"projects": [works], "trial_balance": books, "fixed_assets": [asset]}
    found = check(tmp_path, ledgers, only={"F27"}, fiscal_year=2023)
    assert [(m.right, m.difference) for m in found.matches if m.left.startswith("未转固")] == [("154", None)]


def test_a_county_may_bring_a_chart_of_its_own() -> None:
    """A role that says nobody has such accounts looks at none: no tax account, no payment of tax."""
    own = {**CATALOG.charts["2023"], "roles": {**CATALOG.charts["2023"]["roles"], "taxes": []}}
    catalog = replace(CATALOG, charts=MappingProxyType({**CATALOG.charts, "2023": own}))
    assert accounts_of(catalog, 2025, "wages", "taxes") == ("212",)
    assert resolve({"left_out": {"$ACCOUNTS": "taxes"}}, catalog, settings(catalog)) == {"left_out": []}
    with pytest.raises(NoAccounts):  # what compares with the one account of a role has nothing to compare with
        resolve({"account": {"$ACCOUNT": "taxes"}}, catalog, settings(catalog))
