"""F10: the bank account in the books against the bank's statement, with what makes a difference look like one and is none."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from ledger_frames import check, posting

ACCOUNT, OTHER = "6228000000001234", "6228000000009876"


def book(voucher: str, date: str, amount: object, code: str = "10201", **more: object) -> dict:
    """A line on 102; positive amounts come in."""
    value = Decimal(str(amount))
    return posting(voucher, date, code, debit=value if value > 0 else None, credit=-value if value < 0 else None, **more)


def bank(date: str, amount: object, account: str = ACCOUNT, **more: object) -> dict:
    value = Decimal(str(amount))
    return {
        "account_no": account,
        "date": date,
        "paid_in": value if value > 0 else None,
        "paid_out": -value if value < 0 else None,
        "counterparty": None,
        "memo": None,
        **more,
    }


def reconciled(folder: Path, books: list[dict], banks: list[dict], filed: tuple[str, ...] = (ACCOUNT,), **parameters: object):
    ledgers = {
        "journal": books,
        "bank_statement": banks,
        "bank_accounts": [{"account_no": a, "bank": "农商行", "filed": True} for a in filed],
    }
    return check(folder, ledgers, **parameters)


def hows(found) -> list[str]:
    return sorted(m.how for m in found.matches_of("journal__bank_statement"))


def test_an_item_of_one_side_is_reported_with_account_amount_and_line(tmp_path: Path) -> None:
    books = [book("记-1", "2025-03-01", -500), book("记-2", "2025-04-01", -70)]
    found = reconciled(tmp_path, books, [bank("2025-03-01", -500), bank("2025-05-01", "52.47")])
    assert [(c.records, c.variant, c.amount, c.ledger) for c in found.of("F10")] == [
        ((ACCOUNT,), "bank_only", Decimal("52.47"), "bank_statement"),
        ((ACCOUNT,), "book_only", Decimal("70.00"), "journal"),
    ]
    assert found.of("F10")[0].evidence[0].row_id == 1 and found.of("F10")[0].evidence[0].fields[0] == "paid_in"
    assert hows(found) == ["amount+date", "unmatched", "unmatched"]


@pytest.mark.parametrize(
    ("day", "is_met"), [("2025-03-06", True), ("2025-03-07", False), ("2025-02-24", True), ("2025-02-23", False)]
)
def test_the_window_is_five_days_either_way(tmp_path: Path, day: str, is_met: bool) -> None:
    found = reconciled(tmp_path, [book("记-1", "2025-03-01", -500)], [bank(day, -500)])
    assert (found.of("F10") == []) is is_met


@pytest.mark.parametrize(
    ("day", "is_open"), [("2025-10-31", True), ("2025-11-01", False), ("2025-12-20", False), ("2025-01-03", False)]
)
def test_young_items_and_those_of_the_turn_of_the_year_are_in_transit(tmp_path: Path, day: str, is_open: bool) -> None:
    found = reconciled(tmp_path, [book("记-1", "2025-03-01", -500)], [bank("2025-03-01", -500), bank(day, 9)])
    assert bool(found.of("F10")) is is_open
    assert hows(found) == ["amount+date", "unmatched" if is_open else "in transit"]


def test_one_bank_line_may_stand_for_two_to_four_vouchers_of_a_day(tmp_path: Path) -> None:
    books = [book(f"记-{i}", "2025-03-01", a) for i, a in enumerate((100, 230, 7, 81))]
    found = reconciled(tmp_path, books, [bank("2025-03-02", 418)])
    assert found.of("F10") == [] and hows(found) == ["sum of 4"]


def test_one_voucher_may_stand_for_several_bank_lines_of_a_day(tmp_path: Path) -> None:
    found = reconciled(tmp_path, [book("记-1", "2025-03-01", -330)], [bank("2025-03-02", -100), bank("2025-03-02", -230)])
    assert found.of("F10") == []


def test_a_red_entry_takes_out_what_it_reverses(tmp_path: Path) -> None:
    wrong, red, right = (
        book("记-1", "2025-03-01", -500),
        posting("记-5", "2025-04-20", "10201", credit=-500),
        book("记-6", "2025-04-20", -600),
    )
    found = reconciled(tmp_path, [wrong, red, right], [bank("2025-04-21", -600)])
    assert found.of("F10") == [] and hows(found) == ["amount+window", "reversed"]


def test_lines_that_nothing_tells_apart_are_paired_and_marked(tmp_path: Path) -> None:
    books = [book("记-1", "2025-03-01", -200), book("记-2", "2025-03-03", -200), book("记-3", "2025-03-03", -200)]
    found = reconciled(tmp_path, books, [bank("2025-03-02", -200), bank("2025-03-03", -200)])
    assert [(c.variant, c.amount) for c in found.of("F10")] == [("book_only", Decimal("200.00"))]
    assert any("tie" in how for how in hows(found)) and len(hows(found)) == 3


def test_the_detail_names_the_account(tmp_path: Path) -> None:
    books = [book("记-1", "2025-03-01", -200, detail="农商行尾号1234"), book("记-2", "2025-03-01", -300, detail=OTHER)]
    banks = [bank("2025-03-01", -200), bank("2025-03-01", -300, OTHER)]
    assert reconciled(tmp_path / "right", books, banks, (ACCOUNT, OTHER)).of("F10") == []
    crossed = [bank("2025-03-01", -300), bank("2025-03-01", -200, OTHER)]
    assert {c.records[0] for c in reconciled(tmp_path / "crossed", books, crossed, (ACCOUNT, OTHER)).of("F10")} == {
        ACCOUNT,
        OTHER,
    }


def test_without_a_detail_the_account_code_finds_its_account(tmp_path: Path) -> None:
    books = [
        book("记-1", "2025-03-01", -200),
        book("记-2", "2025-03-09", -300, "10202"),
        book("记-3", "2025-06-01", -40, "10202"),
    ]
    banks = [bank("2025-03-01", -200), bank("2025-03-09", -300, OTHER)]
    found = reconciled(tmp_path, books, banks, (ACCOUNT, OTHER))
    assert [(c.records, c.variant) for c in found.of("F10")] == [((OTHER,), "book_only")]


def test_a_masked_account_number_is_the_filed_one(tmp_path: Path) -> None:
    books = [book("记-1", "2025-03-01", -200, detail=ACCOUNT)]
    assert reconciled(tmp_path, books, [bank("2025-03-01", -200, "6228********1234")]).of("F10") == []


def test_books_of_an_account_without_a_statement_say_nothing(tmp_path: Path) -> None:
    books = [book("记-1", "2025-03-01", -200, detail=ACCOUNT), book("记-2", "2025-03-01", -300, "10202", detail=OTHER)]
    assert reconciled(tmp_path, books, [bank("2025-03-01", -200)], (ACCOUNT, OTHER)).of("F10") == []


def test_an_organisation_without_a_statement_is_not_reconciled(tmp_path: Path) -> None:
    found = check(tmp_path, {"journal": [book("记-1", "2025-03-01", -200)]})
    assert found.of("F10") == [] and found.status("F10") == {"not_applicable"}
