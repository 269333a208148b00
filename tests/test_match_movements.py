"""Two lists of movements that share no key.

Authority: the order of matching that reconciliations follow (exact, normalised, amount and date window, one to many
sums, rest; ties never broken in silence), and for sums the plain enumeration of all groups.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from auditlib.cli import match as command
from auditlib.matching.movements import Ambiguous, Movement, MovementMatches, Pair, match_movements

_FIRST = dt.date(2025, 3, 1)


def lines(*given: tuple[int, float, str]) -> list[Movement]:
    """Movements of rows 1, 2, …, each a day of March 2025, an amount in 元 and a text."""
    dated = ((row, _FIRST + dt.timedelta(day - 1), yuan, text) for row, (day, yuan, text) in enumerate(given, 1))
    return [Movement(row, round(yuan * 100), date, text) for row, date, yuan, text in dated]


def match(left: list[Movement], right: list[Movement], window_days: int = 5, **more: int) -> MovementMatches:
    return match_movements(left, right, window_days=window_days, **more)


def one(left: int, right: int, how: str, certain: bool = True) -> Pair:
    return Pair((left,), (right,), how, 0, certain)


# ---- one to one ---------------------------------------------------------------------------------------------


def test_amount_and_day_that_stand_once_are_a_pair() -> None:
    result = match(lines((1, 500, ""), (2, 800.5, "")), lines((2, 800.5, ""), (1, 500, "")))
    assert result.pairs == (one(1, 2, "amount+date"), one(2, 1, "amount+date"))


def test_amounts_agree_to_the_fen_and_in_sign() -> None:
    result = match(lines((1, 500, ""), (2, 70, "")), lines((1, 500.01, ""), (2, -70, "")))
    assert (result.pairs, result.left_only, result.right_only) == ((), (1, 2), (1, 2))


@pytest.mark.parametrize(("days", "met"), [(0, False), (4, False), (5, True)])
def test_the_window_counts_days_both_ends_included(days: int, met: bool) -> None:
    for left, right in ((1, 6), (6, 1)):
        result = match(lines((left, 500, "")), lines((right, 500, "")), days)
        assert bool(result.pairs) is met
        assert not met or result.pairs == (one(1, 1, "amount+window"),)


def test_the_same_day_goes_before_the_window() -> None:
    result = match(lines((1, 500, ""), (3, 500, "")), lines((3, 500, ""), (2, 500, "")))
    # paired by the day, but days 1-3 and 3-2 would explain the four lines as well
    assert result.pairs == (one(1, 2, "amount+window", False), one(2, 1, "amount+date", False))


def test_texts_tell_lines_of_one_day_apart() -> None:
    result = match(lines((1, 500, "付张三工资"), (1, 500, "付李四工资")), lines((1, 500, "李四"), (1, 500, "张三")))
    assert result.pairs == (one(1, 2, "amount+date+text"), one(2, 1, "amount+date+text"))


def test_texts_tell_lines_of_the_window_apart() -> None:
    result = match(lines((1, 500, "供电局 3月电费"), (2, 500, "水务公司")), lines((3, 500, "（水务公司）"), (4, 500, "供电局")))
    assert result.pairs == (one(1, 2, "amount+window+text"), one(2, 1, "amount+window+text"))


def test_a_text_that_comes_back_every_week_is_told_apart_by_its_days() -> None:
    left = lines((1, 500, "电费"), (4, 500, "甲"), (8, 500, "电费"), (11, 500, "乙"), (15, 500, "电费"))
    right = lines((3, 500, "电费"), (6, 500, ""), (10, 500, "电费"), (13, 500, ""), (17, 500, "电费"))
    result = match(left, right, 4)
    assert [(p.left, p.right) for p in result.pairs if p.how.endswith("+text")] == [((1,), (1,)), ((3,), (3,)), ((5,), (5,))]


def test_a_foreign_text_of_the_day_gives_way_to_the_same_text_nearby() -> None:
    result = match(lines((1, 500, "红星砖厂")), lines((1, 500, "农机站"), (3, 500, "红星砖厂")))
    assert (result.pairs, result.right_only) == ((one(1, 2, "amount+window+text"),), (1,))


def test_a_foreign_text_without_rival_does_not_hinder_the_day() -> None:
    assert match(lines((1, 500, "红星砖厂")), lines((1, 500, "转账"))).pairs == (one(1, 1, "amount+date"),)


def test_texts_that_are_alike_to_several_decide_nothing() -> None:
    result = match(lines((1, 500, "租金")), lines((2, 500, "一组租金"), (3, 500, "二组租金")))
    assert (result.pairs, result.ambiguous) == ((), (Ambiguous((1,), (1, 2)),))


# ---- ties ---------------------------------------------------------------------------------------------------


def test_lines_that_nothing_tells_apart_are_paired_in_order_and_not_certain() -> None:
    result = match(lines((1, 500, "电费"), (1, 500, "电费")), lines((1, 500, "电费"), (1, 500, "电费")))
    assert result.pairs == (one(1, 1, "amount+date+text", False), one(2, 2, "amount+date+text", False))


def test_so_are_they_when_only_one_side_cannot_be_told_apart() -> None:
    result = match(lines((1, 500, ""), (1, 500, "")), lines((2, 500, "甲"), (3, 500, "乙")))
    assert result.pairs == (one(1, 1, "amount+window", False), one(2, 2, "amount+window", False))


def test_one_too_many_of_them_stays_one_sided_and_all_are_uncertain() -> None:
    result = match(lines((1, 500, ""), (1, 500, "")), lines((1, 500, "")))
    assert (result.pairs, result.left_only) == ((one(1, 1, "amount+date", False),), (2,))
    result = match(lines((1, 500, ""), (1, 500, "")), lines((1, 500, ""), (3, 500, "")))
    assert result.pairs == (one(1, 1, "amount+date", False), one(2, 2, "amount+window", False))


def test_lines_of_different_days_that_could_meet_crosswise_are_ambiguous() -> None:
    result = match(lines((1, 500, ""), (3, 500, "")), lines((2, 500, ""), (4, 500, "")))
    assert (result.pairs, result.ambiguous) == ((), (Ambiguous((1, 2), (1, 2)),))
    assert (result.left_only, result.right_only) == ((), ())


def test_a_choice_between_two_days_is_ambiguous() -> None:
    assert match(lines((3, 500, "")), lines((2, 500, ""), (4, 500, ""))).ambiguous == (Ambiguous((1,), (1, 2)),)


def test_months_further_apart_than_the_window_do_not_disturb_each_other() -> None:
    result = match(lines((1, 500, ""), (15, 500, ""), (30, 500, "")), lines((3, 500, ""), (17, 500, ""), (31, 500, "")))
    assert [p.right for p in result.pairs] == [(1,), (2,), (3,)] and all(p.certain for p in result.pairs)


# ---- one to many --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parts", [(100, 200), (100, 200, 450), (100, 200, 450, 1000), (100, 100, 350)])
def test_one_line_is_several_of_one_day(parts: tuple[int, ...]) -> None:
    single, several = lines((2, sum(parts), "转账")), lines(*((1, part, "同") for part in parts))
    rows = tuple(range(1, len(parts) + 1))
    assert match(single, several).pairs == (Pair((1,), rows, f"sum of {len(parts)}", 0, True),)
    assert match(several, single).pairs == (Pair(rows, (1,), f"sum of {len(parts)}", 0, True),)
    assert not match(single, several, largest_group=len(parts) - 1).pairs


def test_payments_add_up_with_payments_only() -> None:
    assert match(lines((1, -300, "")), lines((1, -100, ""), (1, -200, ""))).pairs == (Pair((1,), (1, 2), "sum of 2", 0, True),)
    assert not match(lines((1, 300, "")), lines((1, 500, ""), (1, -200, ""))).pairs


def test_five_lines_or_lines_of_several_days_are_no_group() -> None:
    assert not match(lines((1, 15, "")), lines((1, 1, ""), (1, 2, ""), (1, 3, ""), (1, 4, ""), (1, 5, ""))).pairs
    assert not match(lines((1, 300, "")), lines((1, 100, ""), (2, 200, ""))).pairs


def test_two_groups_that_add_up_are_ambiguous() -> None:
    result = match(lines((1, 500, "")), lines((1, 100, ""), (1, 400, ""), (1, 200, ""), (1, 300, "")))
    assert (result.pairs, result.ambiguous) == ((), (Ambiguous((1,), (1, 2, 3, 4), 2),))


def test_a_group_claimed_twice_is_ambiguous() -> None:
    result = match(lines((1, 300, "甲"), (2, 300, "乙")), lines((1, 100, ""), (1, 200, "")))
    assert (result.pairs, result.ambiguous) == ((), (Ambiguous((1, 2), (1, 2), 2),))


def test_a_group_of_the_own_day_goes_before_one_of_another() -> None:
    result = match(lines((1, 300, "")), lines((2, 100, ""), (2, 200, ""), (1, 120, ""), (1, 180, "")))
    assert (result.pairs, result.right_only) == ((Pair((1,), (3, 4), "sum of 2", 0, False),), (1, 2))


def test_members_that_nothing_tells_apart_are_taken_in_order_and_not_certain() -> None:
    result = match(lines((1, 300, "")), lines((1, 100, "同"), (1, 100, "同"), (1, 100, "同"), (1, 100, "同")))
    assert (result.pairs, result.right_only) == ((Pair((1,), (1, 2, 3), "sum of 3", 0, False),), (4,))
    result = match(lines((1, 200, "")), lines((1, 100, "甲"), (1, 100, "乙"), (1, 100, "丙")))
    assert (result.pairs, result.ambiguous) == ((), (Ambiguous((1,), (1, 2, 3), 2),))


def test_a_line_with_a_candidate_of_its_own_amount_takes_no_part_in_sums() -> None:
    result = match(lines((1, 100, ""), (1, 300, "")), lines((2, 100, ""), (2, 100, "甲"), (1, 200, "")))
    assert (result.pairs, result.ambiguous) == ((), (Ambiguous((1,), (1, 2)),))
    assert (result.left_only, result.right_only) == ((2,), (3,))


def test_what_is_taken_can_make_another_group_sure() -> None:
    left = lines((1, 500, ""), (2, 450, ""))
    right = lines((1, 100, ""), (1, 400, ""), (1, 200, ""), (1, 300, ""), (2, 250, ""), (2, 200, ""))
    several = match(left, right)
    assert Pair((2,), (5, 6), "sum of 2", 0, True) in several.pairs
    assert several.ambiguous == (Ambiguous((1,), (1, 2, 3, 4), 2),)


def test_very_many_sums_are_chance_and_said_to_be() -> None:
    result = match(lines((1, 1000, "")), lines(*((1, 10 * n, "") for n in range(1, 90))))
    assert (result.pairs, result.ambiguous, result.left_only, len(result.right_only)) == ((), (), (1,), 89)
    assert [n.code for n in result.notes] == ["match.note.chance_left"]


def test_a_day_too_full_for_sums_is_said() -> None:
    result = match(lines((1, 3, "")), lines(*((1, n, "") for n in range(10, 450))))
    assert [n.code for n in result.notes] == ["match.note.day"]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=2, max_size=9), st.integers(41, 120))
def test_sums_are_those_of_plain_enumeration(parts: list[int], target: int) -> None:
    groups = {
        tuple(sorted(group)) for size in (2, 3, 4) for group in itertools.combinations(parts, size) if sum(group) == target
    }  # fmt: skip
    result = match(lines((1, target, "")), lines(*((1, part, "") for part in parts)))
    assert len(result.pairs) == (len(groups) == 1)
    assert len(result.ambiguous) == (1 < len(groups) <= 10)
    for pair in result.pairs:
        assert tuple(sorted(parts[row - 1] for row in pair.right)) in groups


# ---- properties ---------------------------------------------------------------------------------------------

_LINES = st.lists(
    st.tuples(st.integers(1, 12), st.sampled_from([1, 2, 3, 5, 100, -2]), st.sampled_from(["", "电费", "供电局电费", "张三"])),
    max_size=10,
).map(lambda found: lines(*found))


@settings(max_examples=120, deadline=None)
@given(_LINES, _LINES, st.integers(0, 5))
def test_every_line_stands_in_exactly_one_place_and_every_pair_agrees(
    left: list[Movement], right: list[Movement], window: int
) -> None:
    result = match(left, right, window)
    for side, given_lines, only in (("left", left, result.left_only), ("right", right, result.right_only)):
        placed = [row for found in (*result.pairs, *result.ambiguous) for row in getattr(found, side)]
        assert sorted([*placed, *only]) == [m.row for m in given_lines]
    for pair in result.pairs:
        ours, theirs = [left[r - 1] for r in pair.left], [right[r - 1] for r in pair.right]
        assert sum(m.amount for m in ours) == sum(m.amount for m in theirs)
        assert all(abs((a.date - b.date).days) <= window for a in ours for b in theirs)


@settings(max_examples=80, deadline=None)
@given(_LINES, _LINES)
def test_swapping_the_sides_swaps_what_is_one_sided(left: list[Movement], right: list[Movement]) -> None:
    forth, back = match(left, right), match(right, left)
    assert len(forth.pairs) == len(back.pairs)
    assert (len(forth.left_only), len(forth.right_only)) == (len(back.right_only), len(back.left_only))


@settings(max_examples=60, deadline=None)
@given(_LINES, _LINES, st.randoms())
def test_the_order_of_the_lists_does_not_matter(left: list[Movement], right: list[Movement], random: Any) -> None:
    mixed_left, mixed_right = random.sample(left, len(left)), random.sample(right, len(right))
    assert match(left, right) == match(mixed_left, mixed_right)


@pytest.mark.parametrize("wrong", [{"window_days": -1}, {"window_days": 5, "largest_group": 5}, {"window_days": 5, "largest_group": 0}])
def test_values_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="window_days"):
        match_movements([], [], **wrong)  # type: ignore[arg-type]


# ---- the command --------------------------------------------------------------------------------------------

BOOK = """日期,凭证号,金额,摘要
2025-03-01,记-1,"1,000.00",收红星砖厂租金
2025-03-03,记-2,500,付电费
2025-03-03,记-3,500,付电费
2025-03-10,记-4,120.5,办公用品
2025-03-10,记-5,79.5,打印纸
2025-03-20,记-6,约80,误工费
2025-03-21,记-7,,附注
2025-03-25,记-8,66,报刊
"""
BANK = """交易日,发生额,对方
2025年3月2日,1000.00,红星砖厂
20250303,500.00,供电局
2025/3/3,500.00,供电局
2025-03-11 09:30:00,200.00,文具店
2025-03-28,9.90,手续费
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "book.csv").write_text(BOOK, encoding="utf-8-sig")
    (tmp_path / "bank.csv").write_text(BANK, encoding="gb18030")
    return str(tmp_path / "book.csv"), str(tmp_path / "bank.csv")


def run(*arguments: str) -> Any:
    app = typer.Typer()
    app.command()(command.match)
    return CliRunner().invoke(app, list(arguments))


COLUMNS = ("--amount", "金额=发生额", "--date", "日期=交易日", "--text", "摘要=对方")


def test_json_is_one_document_as_the_contract_says(files: tuple[str, str]) -> None:
    result = run(*files, *COLUMNS, "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [(p["left"], p["right"], p["how"], p["difference"], p["certain"]) for p in document["pairs"]] == [
        ([2], [2], "amount+window+text", 0, True),
        ([3], [3], "amount+date", 0, False),
        ([4], [4], "amount+date", 0, False),
        ([5, 6], [5], "sum of 2", 0, True),
    ]
    assert (document["left_only"], document["right_only"], document["ambiguous"]) == ([7, 9], [6], [])
    assert document["set_aside"] == {"left": [8], "right": []}
    assert len(document["notes"]) == 2  # 约80 cannot be read, row 8 has no amount


def test_text_names_what_needs_a_look(files: tuple[str, str]) -> None:
    out = run(*files, *COLUMNS).stdout
    assert "其中 2 对分不出彼此" in out
    assert "  9     2025-03-25  66.00       报刊" in out
    assert "  5, 6  5     2025-03-10  200.00      2 笔相加                  是" in out
    assert "Left only (2 rows)" in run(*files, *COLUMNS, "--lang", "en").stdout


def test_everything_matched_is_status_0(files: tuple[str, str]) -> None:
    result = run(files[1], files[1], "--amount", "发生额", "--date", "交易日=交易日")
    assert (result.exit_code, "两边全部对上" in result.stdout) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--date", "日期=交易日"), "--amount"),
        (("--amount", "金额=发生额"), "--date"),
        (("--amount", "钱=发生额", "--date", "日期=交易日"), "左表的列：日期、凭证号、金额、摘要"),
        ((*COLUMNS, "--window", "-1"), "--window -1"),
        (("--amount", "金额=发生额", "--date", "日期=交易日", "--text", "x=y", "--lang", "en"), "--text x=y: not understood"),
    ],
)
def test_a_wrong_call_is_status_2_and_says_what_to_do(files: tuple[str, str], arguments: tuple[str, ...], says: str) -> None:
    result = run(*files, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


# ---- in the words of a county -------------------------------------------------------------------------------


def test_a_county_s_window_holds_unless_another_is_asked_for(files: tuple[str, str], tmp_path: Path) -> None:
    """`match_window_days` of audit.toml: 记-4 of the 10th and 记-5 together are the line of the 11th only where a day may pass."""
    county = tmp_path / "县"
    county.mkdir()
    (county / "audit.toml").write_text("[parameters]\nmatch_window_days = 0\n", encoding="utf-8")
    strict = json.loads(run(*files, *COLUMNS, "--county", str(county), "--json").stdout)
    assert [5, 6] not in [p["left"] for p in strict["pairs"]]
    asked = json.loads(run(*files, *COLUMNS, "--county", str(county), "--window", "1", "--json").stdout)
    assert [5, 6] in [p["left"] for p in asked["pairs"]]


def test_the_words_of_a_county_s_pack_hold(tmp_path: Path) -> None:
    """A text that the county's bank prints on every line tells no two lines apart, once its pack says so."""
    pack = tmp_path / "县" / "packs" / "own"
    texts = {
        pack / "pack.yaml": "name: own\nversion: '1'\ntitle: {zh: 本县, en: own}\nauthority: {zh: 本县, en: own}\nvalid_from: 2025-01-01\n",
        pack / "words" / "matching.yaml": "silent_texts: [农信银通道]\n",
        tmp_path / "县" / "audit.toml": 'fiscal_year = 2025\npacks = ["packs/own"]\n',
        tmp_path / "book.csv": "日期,金额,摘要\n2025-03-01,500,农信银通道\n2025-03-01,500,收租金\n",
        tmp_path / "bank.csv": "日期,金额,摘要\n2025-03-01,500,农信银通道\n2025-03-01,500,利息\n",
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    asked = (str(tmp_path / "book.csv"), str(tmp_path / "bank.csv"), "--amount", "金额", "--date", "日期", "--text", "摘要", "--json")
    plain, own = (json.loads(run(*asked, *more).stdout) for more in ((), ("--county", str(tmp_path / "县"))))
    sure = [p["certain"] for p in plain["pairs"] if p["how"] == "amount+date+text"]
    assert sure == [True] and not any(p["certain"] for p in own["pairs"]) and len(own["pairs"]) == 2


def test_a_county_that_is_not_there_is_status_2(files: tuple[str, str]) -> None:
    assert run(*files, *COLUMNS, "--county", "没有这个县").exit_code == 2
