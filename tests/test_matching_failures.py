"""Where matching tools are known to go wrong, each as a test: nothing is used twice, nothing doubtful is called certain.

Beside them the two promises about work and certainty: sums of up to 36 lines are counted exactly, and of 300 bank lines
of which 30 % share their amounts no wrong pair is called certain.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditlib.catalog.load import load_catalog
from auditlib.matching.movements import Movement, MovementMatches, match_movements
from auditlib.matching.subset_sums import LARGEST, sums_to
from auditlib.matching.suggestions import suggest
from auditlib.matching.why_not import WhyNot, why_not

SILENT = load_catalog().words["matching"]["silent_texts"]
FIRST = dt.date(2025, 3, 1)


def lines(*given_lines: tuple[int, float, str]) -> list[Movement]:
    return [Movement(n, round(yuan * 100), FIRST + dt.timedelta(day - 1), text) for n, (day, yuan, text) in enumerate(given_lines, 1)]


def match(left: list[Movement], right: list[Movement], window: int = 5) -> MovementMatches:
    return match_movements(left, right, window_days=window, silent_texts=SILENT)


def certain(result: MovementMatches) -> set[tuple[tuple[int, ...], tuple[int, ...]]]:
    return {(p.left, p.right) for p in result.pairs if p.certain}


def used_once(result: MovementMatches) -> bool:
    for side in ("left", "right"):
        rows = [row for m in (*result.pairs, *result.ambiguous) for row in getattr(m, side)]
        rows += getattr(result, f"{side}_only")
        if max(Counter(rows).values(), default=1) > 1:
            return False
    return True


# ---- failure classes ----------------------------------------------------------------------------------------


def test_a_line_is_never_used_twice() -> None:
    """A join on amount and date would give the one bank line to both vouchers."""
    result = match(lines((1, 500, "电费"), (1, 500, "电费")), lines((1, 500, "电费")))
    assert used_once(result) and len(result.pairs) == 1 and len(result.left_only) == 1
    assert certain(result) == set()


def test_no_match_to_a_line_that_is_already_matched_not_even_in_a_sum() -> None:
    left, right = lines((1, 300, "砖"), (1, 800, "砖和沙")), lines((1, 300, "砖"), (1, 500, "沙"))
    result = match(left, right)
    assert used_once(result) and [(p.left, p.right) for p in result.pairs] == [((1,), (1,))]
    assert (result.left_only, result.right_only) == ((2,), (2,))
    assert why_not(result, left, right, 5)[0] == WhyNot("left", 2, None, "nothing")


def test_equal_amount_and_date_without_a_text_is_never_certain() -> None:
    left, right = lines((1, 500, "甲"), (1, 500, "乙")), lines((1, 500, ""), (1, 500, ""))
    assert certain(match(left, right)) == set()
    named = lines((1, 500, "乙"), (1, 500, "甲"))
    assert certain(match(left, named)) == {((1,), (2,)), ((2,), (1,))}


def test_the_split_of_a_payment_is_one_match_with_all_its_parts() -> None:
    result = match(lines((1, -900, "工程款")), lines((2, -300, ""), (2, -250, ""), (2, -350, "")))
    assert certain(result) == {((1,), (1, 2, 3))} and used_once(result)


def test_a_fee_inside_a_sum_is_found_where_it_is_booked_and_named_where_it_is_not() -> None:
    bank = lines((2, -1005, "转账"))
    booked = match(lines((1, -1000, "货款"), (1, -5, "手续费")), bank)
    assert certain(booked) == {((1, 2), (1,))}
    left = lines((1, -1000, "货款"))
    missing = match(left, bank)
    assert missing.pairs == () and why_not(missing, left, bank, 5)[0] == WhyNot("left", 1, 1, "amount", -500)


def test_a_fee_does_not_draw_a_sum_from_lines_that_have_their_own_counterpart() -> None:
    result = match(lines((1, -1000, ""), (1, -5, ""), (1, -1005, "")), lines((1, -1000, ""), (1, -1005, ""), (1, -5, "")))
    assert certain(result) == {((1,), (1,)), ((2,), (3,)), ((3,), (2,))}


def test_a_reversed_entry_is_no_match_of_its_original() -> None:
    """+500 and -500 on one side cancel in the books; the bank never saw either, and neither may take the other's line."""
    left, right = lines((1, 500, "误记"), (2, -500, "冲销误记"), (3, 500, "租金")), lines((3, 500, "租金"))
    result = match(left, right)
    assert certain(result) == {((3,), (1,))}
    assert result.left_only == (1, 2)


def test_a_refund_is_no_match_of_the_payment() -> None:
    left, right = lines((1, -500, "押金")), lines((3, 500, "退押金"))
    result = match(left, right)
    assert result.pairs == ()
    assert why_not(result, left, right, 5) == (WhyNot("left", 1, 1, "sign"), WhyNot("right", 1, 1, "sign"))


def test_equal_instalments_meet_month_by_month_and_a_missing_one_does_not_shift_the_others() -> None:
    month = (1, 32, 60, 91, 121, 152)
    paid = lines(*((day, 1200, "一号商铺租金") for day in month))
    booked = lines(*((day + 2, 1200, "一号商铺租金") for day in month if day != 60))
    result = match(booked, paid)
    assert [p.right[0] for p in result.pairs] == [1, 2, 4, 5, 6] and result.right_only == (3,)
    assert all(p.certain for p in result.pairs)
    reasons = why_not(result, booked, paid, 5)
    assert [(w.row, w.stopped_by) for w in reasons] == [(3, "day")]


def test_equal_instalments_closer_than_the_window_are_not_certain() -> None:
    result = match(lines((1, 100, "工资"), (4, 100, "工资"), (7, 100, "工资")), lines((2, 100, "工资"), (5, 100, "工资"), (8, 100, "工资")))
    assert certain(result) == set() and used_once(result)


def test_a_sum_that_a_larger_group_would_explain_as_well_is_not_certain() -> None:
    """600 = 100 + 500, but also 10 + 20 + 30 + 40 + 500: a search for few lines alone would call the first the only one."""
    result = match(lines((1, 600, "")), lines(*((1, a, "") for a in (100, 500, 10, 20, 30, 40))))
    assert [p.right for p in result.pairs] == [(1, 2)] and not result.pairs[0].certain


def test_a_chance_meeting_days_apart_with_a_foreign_payee_is_not_certain() -> None:
    assert not match(lines((1, 500, "红星砖厂")), lines((3, 500, "农机站"))).pairs[0].certain
    assert match(lines((1, 500, "红星砖厂")), lines((3, 500, ""))).pairs[0].certain


# ---- 300 lines, 30 % of equal amounts ---------------------------------------------------------------------------


def statement(seed: int, count: int = 300) -> tuple[list[Movement], list[Movement], set[tuple[int, int]]]:
    """Book and bank of a year and which line truly is which: 30 % of the amounts recur, 4 % of either side has no counterpart."""
    draw = random.Random(seed)
    usual = [draw.randrange(1, 40) * 5000 for _ in range(12)]
    payees = ["红星砖厂", "新兴超市", "东湖农机站", "西山水务所", "南河供电所", "北岭建材店"]
    book, bank, truth = [], [], set()
    for row in range(1, count + 1):
        amount = draw.choice(usual) if draw.random() < 0.3 else draw.randrange(1_000, 9_000_000)
        day, payee = dt.date(2025, 1, 1) + dt.timedelta(draw.randrange(360)), draw.choice(payees)
        kept = draw.random()
        if kept < 0.98:
            book.append(Movement(row, -amount, day, draw.choice((payee, f"付{payee}款", ""))))
        if kept > 0.02:
            bank.append(Movement(row, -amount, day + dt.timedelta(draw.randrange(4)), draw.choice((payee, payee, "转账"))))
        if 0.02 < kept < 0.98:
            truth.add((row, row))
    return book, bank, truth


@pytest.mark.parametrize("seed", range(12))
def test_no_wrong_pair_among_300_lines_is_called_certain(seed: int) -> None:
    book, bank, truth = statement(seed)
    result = match(book, bank)
    told = {(p.left[0], p.right[0]) for p in result.pairs if p.certain and len(p.left) == len(p.right) == 1}
    assert told <= truth and used_once(result)
    assert all(len(p.left) == len(p.right) == 1 for p in result.pairs if p.certain)  # every sum here is chance
    assert len(told) >= 0.6 * len(truth)  # and most of what is true is still told


# ---- sums -------------------------------------------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(1, 25), min_size=2, max_size=11), st.integers(2, 120))
def test_sums_are_counted_as_plain_enumeration_counts_them(amounts: list[int], target: int) -> None:
    every = (g for size in range(2, len(amounts) + 1) for g in itertools.combinations(range(len(amounts)), size))
    groups = [g for g in every if sum(amounts[i] for i in g) == target]
    sets = {tuple(sorted(amounts[i] for i in g)) for g in groups}
    found = sums_to(amounts, target, most=5)
    assert (found.solutions, found.choices) == (len(sets), len(groups))
    assert set(found.groups) <= sets and len(found.groups) == min(5, len(sets))
    if sets:
        assert len(found.groups[0]) == min(map(len, sets))


def test_36_candidates_are_counted_within_a_second_however_many_solutions_there_are() -> None:
    draw = random.Random(5)
    spread = [draw.randrange(10_000, 5_000_000) for _ in range(LARGEST)]
    started = time.process_time()
    assert sums_to(spread, sum(spread[3:9])).solutions >= 1
    dense = sums_to(list(range(1, LARGEST + 1)), 300)
    spent = time.process_time() - started
    assert dense.solutions == 374_209_352  # coefficient of x^300 in the product of (1 + x^k), k = 1..36
    assert len(dense.groups) == 10 and all(sum(g) == 300 for g in dense.groups)
    assert spent < 2  # two counts; a bound on work, told in processor time


def test_more_than_36_candidates_are_refused_rather_than_cut() -> None:
    with pytest.raises(ValueError, match="36"):
        sums_to([1] * 37, 5)


def test_equal_amounts_are_one_solution_with_many_choices() -> None:
    found = sums_to([100] * 10 + [30], 300)
    assert (found.solutions, found.choices, found.groups) == (1, 120, ((100, 100, 100),))


# ---- suggestions and reasons --------------------------------------------------------------------------------


def suggested(left: list[Movement], right: list[Movement]) -> list[tuple[tuple[int, ...], tuple[int, ...], str, int]]:
    result = match(left, right)
    found = suggest(result, left, right, 5)
    for s in found:  # a suggestion takes nothing away
        assert set(s.left) <= set(result.left_only) and set(s.right) <= set(result.right_only)
    return [(s.left, s.right, s.how, s.solutions) for s in found]


def test_many_to_many_is_only_suggested() -> None:
    left = lines((1, 310, "红星砖厂"), (2, 190, "红星砖厂"))
    right = lines((2, 260, "红星砖厂"), (4, 240, "红星砖厂"))
    assert match(left, right).pairs == ()
    assert suggested(left, right) == [((1, 2), (1, 2), "same text", 1)]


def test_the_totals_of_two_days_are_suggested() -> None:
    left, right = lines((1, 310, "甲"), (1, 190, "乙")), lines((2, 260, "丙"), (2, 240, "丁"))
    assert suggested(left, right) == [((1, 2), (1, 2), "days", 1)]


def test_parts_on_several_days_are_suggested_with_the_number_of_ways() -> None:
    left = lines((3, 500, ""))
    assert suggested(left, lines((1, 150, ""), (4, 350, ""), (5, 90, ""))) == [((1,), (1, 2), "sum over days", 1)]
    assert suggested(left, lines((1, 150, ""), (4, 350, ""), (2, 150, "")))[0][3] == 2
    assert suggested(left, lines((1, 150, ""), (4, 351, ""), (5, 90, ""))) == []


def test_a_line_out_of_the_window_is_named_with_its_days() -> None:
    left, right = lines((1, 500, "电费")), lines((20, 500, "电费"))
    assert why_not(match(left, right), left, right, 5) == (WhyNot("left", 1, 1, "day", 19), WhyNot("right", 1, 1, "day", 19))


def test_a_line_whose_counterpart_is_taken_says_so() -> None:
    left, right = lines((1, 500, "电费"), (1, 500, "电费")), lines((1, 500, "电费"))
    (reason,) = why_not(match(left, right), left, right, 5)
    assert (reason.nearest, reason.stopped_by) == (1, "taken")


# ---- certainty: what chance explains as well ------------------------------------------------------------------


def test_a_sum_of_lines_that_have_their_own_counterparts_is_not_certain() -> None:
    """570 + 585 = 1155, but the bank has a 570 of its own, whichever line of the books took it."""
    book = lines((17, -585, "往来单位206"), (17, -570, "往来单位71"), (20, -570, "往来单位8"))
    bank = lines((20, -1155, "转账"), (20, -570, "往来单位8"))
    sums = [p for p in match(book, bank).pairs if p.how.startswith("sum")]
    assert sums and not any(p.certain for p in sums)


def test_a_sum_that_nothing_else_explains_stays_certain() -> None:
    (pair,) = match(lines((17, -585, "劳务费"), (17, -570, "材料费")), lines((17, -1155, "老王"))).pairs
    assert pair.certain and pair.how == "sum of 2"


@pytest.mark.parametrize(
    ("one", "other", "is_certain"),
    [
        ("往来单位232", "往来单位253", False), ("往来单位232", "往来单位232", True), ("张三货款", "张三", True),
        ("3月电费", "3月电费1", True),
    ],
)
def test_texts_that_number_two_things_make_nothing_certain_on_another_day(one: str, other: str, is_certain: bool) -> None:
    (pair,) = match(lines((19, -1170, one)), lines((18, -1170, other))).pairs
    assert pair.certain is is_certain
