"""Values as offices write them (domain reference section 9: numbers, dates, units), read exactly or refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from auditlib.catalog.load import load_catalog
from auditlib.catalog.specs import SCALES, FieldSpec
from auditlib.intake import values
from auditlib.intake.values import Reading, convert, find_year, parse_date, parse_number, parse_period
from auditlib.words.identifiers import citizen_id_is_valid, credit_code_check, credit_code_is_valid
from auditlib.words.numerals import chinese_integer

WORDS = load_catalog().words


def reading(kind: str, factor: str = "1", **spec: object) -> Reading:
    field = FieldSpec("x", kind, "值", "value", ("值",), **spec)  # type: ignore[arg-type]
    names = {"应收款": "112"}
    return Reading(field, Decimal(factor), 2025, 12, WORDS, names)


def read(kind: str, cells: list[object], factor: str = "1", **spec: object) -> list[tuple[object, str]]:
    typed = convert(reading(kind, factor, **spec), cells)
    return list(zip(typed.values.to_pylist(), [values.STATUSES[s] for s in typed.status.to_pylist()], strict=True))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234.5", "1234.5"), ("1,234.50", "1234.50"), ("１，２３４．５０", "1234.50"), ("￥1234.5元整", "1234.5"), ("CNY 13.50", "13.50"),
        ("（1,234.50）", "-1234.50"), ("△50", "-50"), ("-12345.89", "-12345.89"), ("50-", "-50"), ("+0.01", "0.01"), ("3.5万", "35000"),
        ("壹万贰仟叁佰元整", "12300"), ("壹佰元伍角陆分", "100.56"), ("8,000.00(CN)", "8000.00"), ("12%", "0.12"),
        ("−500", "-500"), ("–500", "-500"), ("红字500", "-500"), ("一千二百", "1200"),
    ],
)  # fmt: skip
def test_numbers_are_read_exactly(text: str, number: str) -> None:
    assert parse_number(text, WORDS["values"])[0] == Decimal(number)


@pytest.mark.parametrize("text", ["", "-", "－", "——", "/", "无", "  ", "￥-", "　元"])
def test_marks_of_nothing_are_blank_and_not_nought(text: str) -> None:
    assert parse_number(text, WORDS["values"]) == (None, values.BLANK)


@pytest.mark.parametrize(
    "text", ["约500", "300-500", "300–500", "#REF!", "按市场价", "1,2345", "JPY 1000.00", "xx,yyyy.zz", "1.2.3", "一千二"]
)
def test_what_is_no_number_is_refused_and_never_guessed(text: str) -> None:
    assert parse_number(text, WORDS["values"]) == (None, values.FAILED)


@pytest.mark.parametrize(
    ("cell", "date", "status"),
    [
        ("2024.3.5", dt.date(2024, 3, 5), "ok"), ("2024年3月5日", dt.date(2024, 3, 5), "ok"), ("2024/3/5 0:00", dt.date(2024, 3, 5), "ok"),
        ("24.3.5", dt.date(2024, 3, 5), "converted"), ("20240305", dt.date(2024, 3, 5), "converted"),
        (20240305.0, dt.date(2024, 3, 5), "converted"),
        (45292.0, dt.date(2024, 1, 1), "converted"), ("二〇二四年三月五日", dt.date(2024, 3, 5), "converted"),
        ("3月5日", dt.date(2025, 3, 5), "converted"),
        ("2024年3月", dt.date(2024, 3, 1), "month"), (2024.3, dt.date(2024, 3, 1), "month"), (2024.1, None, "ambiguous"),
        ("2024-02-30", None, "failed"), ("2023-04-31", None, "failed"), ("2024-13-01", None, "failed"), ("3/5/2024", None, "ambiguous"),
        ("长期", None, "open_ended"), ("", None, "blank"), ("-", None, "blank"), ("待定", None, "failed"),
    ],
)  # fmt: skip
def test_dates_in_all_forms(cell: object, date: dt.date | None, status: str) -> None:
    value, code = parse_date(cell, 2025, WORDS["values"])
    assert (value, values.STATUSES[code]) == (date, status)


def test_a_card_statement_of_january_dates_december_in_the_year_before() -> None:
    assert parse_date("12/29", 2024, WORDS["values"], month=1)[0] == dt.date(2023, 12, 29)
    assert parse_date("01/03", 2024, WORDS["values"], month=1)[0] == dt.date(2024, 1, 3)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2025Q1", "2025Q1"),
        ("2025年第一季度", "2025Q1"),
        ("一季度", "2025Q1"),
        ("2025年1月", "2025-01"),
        ("202501", "2025-01"),
        ("1-3月", "2025Q1"),
        ("2025-07", "2025-07"),
    ],
)
def test_periods(text: str, period: str) -> None:
    assert parse_period(text, 2025)[0] == period


def test_money_is_fen_and_a_column_in_ten_thousands_says_so_exactly() -> None:
    assert read("money", [12.34, "", "1,000", 0.1 + 0.2]) == [(1234, "ok"), (None, "blank"), (100000, "converted"), (30, "ok")]
    assert read("money", [3.5, 20.664], factor="10000") == [(3500000, "ok"), (20664000, "ok")]
    assert read("money", ["3.5万元", "12元"], factor="10000") == [(3500000, "converted"), (1200, "converted")]


def test_half_a_fen_rounds_up_and_is_told() -> None:
    assert read("money", ["1.005", 2.675]) == [(101, "converted"), (268, "converted")]


@pytest.mark.parametrize(
    ("cell", "yuan"),
    [
        ("3.5", "35000"), ("3.5万", "35000"), ("(3.5万)", "-35000"), ("3.5万元", "35000"), ("5000元", "5000"), ("壹万贰仟元整", "12000"),
        ("12元5角6分", "12.56"), ("5角", "0.5"), ("￥3.5", "35000"), ("△3.5", "-35000"),
    ],
)  # fmt: skip
def test_a_cell_of_a_column_in_ten_thousands_that_says_its_own_unit_is_taken_at_its_word(cell: str, yuan: str) -> None:
    """金额(万元) over 3.5万 is 35,000 yuan, not 350 million."""
    assert [v for v, _ in read("money", [cell], "10000")] == [Decimal(yuan) * 100]


@pytest.mark.parametrize(
    ("cell", "mu"),
    [
        ("20000", "30"), (20000.0, "30"), ("20000㎡", "30"), ("3.2万平方米", "48"), ("20,000.02", "30.00003"), (20000.02, "30.00003"),
        ("十二亩", "12"), ("12.5万亩", "125000"), ("2公顷", "30"), ("12亩3分4厘", "12.34"), ("666.69", "1.000035"), ("100平方", "0.15"),
    ],
)  # fmt: skip
def test_square_metres_are_exact_in_mu(cell: object, mu: str) -> None:
    """1 亩 = 1/15 公顷 = 2000/3 ㎡ (domain reference, section 9, gives 666.67): 20,000 ㎡ are 30 亩 and pass no limit of 30."""
    assert [Decimal(v).scaleb(-SCALES["area"]) for v, _ in read("area", [cell], "0.0015")] == [Decimal(mu)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cell", "mu"),
    [
        ("666.67", "1"), (20000.1, "30"), ("20,000.10㎡", "30"), (20000.01, "30"), (33340.17, "50.01"), (20006.67, "30.01"),
        (33333.33, "50"), (-33333.33, "-50"), (20000.11, "30.000165"),
    ],
)  # fmt: skip
def test_an_area_that_was_converted_from_mu_by_a_rounded_factor_is_those_mu_again(cell: object, mu: str) -> None:
    """By 1 亩 = 666.67 ㎡ (domain reference, section 9) 30 亩 become 20,000.10 ㎡; they are no more than 30 亩 for it."""
    assert [Decimal(v).scaleb(-SCALES["area"]) for v, _ in read("area", [cell], "0.0015")] == [Decimal(mu)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cell", "date"),
    [
        ("2024、3、5", dt.date(2024, 3, 5)), ("2024。3。5", dt.date(2024, 3, 5)), ("2024—3—5", dt.date(2024, 3, 5)),
        ("'2024-03-05", dt.date(2024, 3, 5)), ("2024年三月五日", dt.date(2024, 3, 5)), ("贰零贰肆年零叁月壹拾伍日", dt.date(2024, 3, 15)),
        ("5-Mar-24", dt.date(2024, 3, 5)), ("Mar-24", dt.date(2024, 3, 1)), ("2024/03/05 12:00:00 AM", dt.date(2024, 3, 5)),
        ("2024年3月初", None), ("24.03", None), ("5-Abc-24", None),
    ],
)  # fmt: skip
def test_days_in_rarer_writings_are_read_where_they_can_mean_one_day_only(cell: str, date: dt.date | None) -> None:
    """贰零贰肆年零叁月壹拾伍日: 支付结算办法 (中国人民银行), annex 1, on the days of bills."""
    assert parse_date(cell, 2025, WORDS["values"])[0] == date


@pytest.mark.parametrize(("cell", "period"), [("上半年", "2025H1"), ("2024年下半年", "2024H2"), ("2024年度", "2024"), ("四月", "2025-04")])
def test_half_years_and_months_in_words_are_periods(cell: str, period: str) -> None:
    assert parse_period(cell, 2025)[0] == period


def test_a_month_that_no_year_has_is_no_period() -> None:
    assert parse_period("2025年13月", 2025) == (None, values.FAILED)


def test_area_in_hectares_and_square_metres_becomes_mu() -> None:
    assert read("area", ["2公顷", "10亩", "666平方米"]) == [(30_000_000, "converted"), (10_000_000, "converted"), (999_000, "converted")]


def test_numbers_that_excel_has_rounded_are_lost_not_repaired() -> None:
    assert read("account_no", [6.2e18, "6222 0200 1111 2222 333"]) == [(None, "failed"), ("6222020011112222333", "ok")]
    assert read("citizen_id", [5.3e17, "5.3E+17"]) == [(None, "failed"), (None, "failed")]


def test_identity_numbers_carry_their_check() -> None:
    """GB 11643-1999: the standard's own worked example is 11010519491231002X."""
    assert citizen_id_is_valid("11010519491231002X")
    assert read("citizen_id", ["11010519491231002x", "110105194912310021", "11010519491331002X", "1101**********002X"]) == [
        ("11010519491231002X", "ok"), ("110105194912310021", "check_digit"), ("11010519491331002X", "check_digit"),
        ("1101**********002X", "ambiguous"),
    ]  # fmt: skip


def test_credit_codes_carry_their_check() -> None:
    """GB 32100-2015: 91350100M000100Y43 is the code that the standard prints."""
    assert credit_code_is_valid("91350100M000100Y43")
    assert credit_code_check("91350100M000100Y4") == "3"
    assert read("credit_code", ["91350100M000100Y43", "91350100M000100Y44"]) == [
        ("91350100M000100Y43", "ok"),
        ("91350100M000100Y44", "check_digit"),
    ]


def test_a_company_s_credit_code_stands_as_a_party_s_number() -> None:
    assert [s for _, s in read("party_id", ["91350100M000100Y43", "110105194912310021"])] == ["ok", "check_digit"]


def test_account_codes_are_read_from_code_with_name_and_from_a_known_name() -> None:
    assert read("account_code", ["102.01", "10201 银行存款", "应收款", "杂项"]) == [
        ("10201", "converted"), ("10201", "converted"), ("112", "converted"), (None, "failed"),
    ]  # fmt: skip


def test_choices_take_known_spellings_and_keep_what_is_unknown_for_the_rule_to_name() -> None:
    listed = (("自用", ("自用", "在用")), ("出租", ("出租", "出租出借")))
    assert read("choice", ["在用", "出租", "失联", ""], values=listed) == [
        ("自用", "converted"),
        ("出租", "ok"),
        ("失联", "ok"),
        (None, "blank"),
    ]


def test_yes_and_no_in_office_words() -> None:
    assert read("boolean", ["是", "无", "√", "未备案", "也许", ""]) == [
        (True, "ok"), (False, "ok"), (True, "ok"), (False, "ok"), (None, "failed"), (None, "blank"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "number"), [("二十三", 23), ("二〇二五", 2025), ("壹万贰仟叁佰", 12300), ("十", 10), ("一百零五", 105), ("三组", None)]
)
def test_chinese_numerals(text: str, number: int | None) -> None:
    assert chinese_integer(text) == number


@pytest.mark.parametrize(
    ("text", "year"),
    [("2025年度科目余额表", 2025), ("二〇二五年度", 2025), ("科目余额表2024", 2024), ("2024-2025年", None), ("村账", None)],
)
def test_the_year_in_a_title(text: str, year: int | None) -> None:
    assert find_year(text) == year


def test_ditto_marks_stand_for_the_cell_above_and_nowhere_else() -> None:
    assert read("text", ["新寨村", "同上", "〃", "老寨村"]) == [
        ("新寨村", "ok"),
        ("新寨村", "converted"),
        ("新寨村", "converted"),
        ("老寨村", "ok"),
    ]
    assert read("date", ["2024.3.5", "〃"])[1] == (dt.date(2024, 3, 5), "converted")
    assert read("text", ["同上", "甲"])[0] == (None, "failed")
