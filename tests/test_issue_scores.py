"""量化考核: closure, time, first answer, returns, false closures and satisfaction, by a formula that is data.

Published figures reproduced from rows: 30,485 accepted and 30,219 done (水富, published 99 %), disputes 1,957 → 1,932 =
98.72 %; 181 of 181 (京东); 343 → 341 = 99.4 % (卫东); 543 and 501 = 92.27 % (泸西).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from issue_cases import COUNTY, ORGANISATIONS, OTHER_VILLAGE, VILLAGE, Story, at, many

from auditlib.issues.events import Kind
from auditlib.issues.policy import load_clock
from auditlib.issues.scores import ScoreCard, inputs_of, load_formula, score_card
from auditlib.words.errors import CatalogError

CLOCK, END = load_clock(), dt.date(2026, 3, 31)


def card(story: Story, org_code: str = COUNTY, formula: Path | None = None) -> ScoreCard:
    organisation = next(o for o in ORGANISATIONS if o.org_code == org_code)
    return score_card(
        story.issues(END.isoformat()), organisation, ORGANISATIONS, formula=load_formula(formula), clock=CLOCK,
        start=dt.date(2026, 1, 1), end=END,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("accepted", "done", "percent"),
    [(30485, 30219, "99.13"), (1957, 1932, "98.72"), (181, 181, "100.00"), (343, 341, "99.42"), (543, 501, "92.27")],
)
def test_the_published_closure_rates_follow_from_rows(accepted: int, done: int, percent: str) -> None:
    share = card(many(accepted, done)).inputs.shares["closed"]
    assert (share.whole, share.part, share.percent) == (accepted, done, Decimal(percent))


def test_the_rate_of_weidong_rounds_to_the_published_place() -> None:
    percent = card(many(343, 341)).inputs.shares["closed"].percent
    assert percent is not None and percent.quantize(Decimal("0.1")) == Decimal("99.4")


def life(story: Story, key: str, *, closed: str | None = None, satisfied: str = "", returned: bool = False, **raised: str) -> None:
    story.tell(key, Kind.RAISED, at("2026-01-05", 9), **raised)
    story.tell(key, Kind.ACCEPTED, at("2026-01-05", 11)).tell(key, Kind.HANDLED, at("2026-01-06")).tell(
        key, Kind.REPORTED_BACK, at("2026-01-07")
    )
    if returned:
        story.tell(key, Kind.RETURNED, at("2026-01-08"), reason="缺佐证").tell(key, Kind.REPORTED_BACK, at("2026-01-09"))
    if closed:
        story.tell(key, Kind.CLOSED, at(closed))
    if satisfied:
        story.tell(key, Kind.FOLLOWED_UP, at("2026-02-20"), satisfaction=satisfied)


def village() -> Story:
    story = Story()
    life(story, "a", closed="2026-01-20", satisfied="satisfied")
    life(story, "b", closed="2026-01-20", satisfied="not", returned=True)
    life(story, "c", closed="2026-02-20")  # its 30 days ended on 4 February
    life(story, "d", closed="2026-01-20")
    story.tell("d", Kind.REOPENED, at("2026-02-25"), reason="又发生")
    life(story, "e", source="hotline")  # answered after two hours
    return story


def test_each_measure_counts_what_it_says() -> None:
    inputs = card(village()).inputs
    shares = {name: (share.part, share.whole) for name, share in inputs.shares.items()}
    assert shares == {
        "closed": (3, 5), "closed_on_time": (2, 5), "answered_in_time": (4, 5), "returned": (1, 5), "closed_falsely": (1, 4),
        "satisfied": (1, 2),
    }  # fmt: skip
    assert (inputs.first_response_hours, inputs.waiting) == (Decimal("2.00"), 0)


def test_the_score_is_the_formula_over_the_inputs_shown() -> None:
    found = card(village())
    weights = {"closed": 30, "closed_on_time": 25, "answered_in_time": 15, "returned": 10, "closed_falsely": 10, "satisfied": 10}
    assert {p.measure.measure: p.measure.weight for p in found.parts} == weights
    assert [p.points for p in found.parts] == [Decimal(t) for t in ("18.00", "10.00", "12.00", "8.00", "7.50", "5.00")]
    assert (found.score, found.weighed) == (Decimal("60.50"), 100) and found.grade is not None and found.grade.zh == "合格"


def test_what_could_not_be_measured_is_not_scored_and_said() -> None:
    found = card(many(10, 10))
    assert {p.measure.measure for p in found.parts if p.points is None} == {"returned", "satisfied"}
    assert (found.weighed, found.score) == (80, Decimal("100.00"))
    untouched = Story().tell("u", Kind.RAISED, at("2026-01-05"))
    assert card(untouched).inputs.shares["closed"].whole == 1 and card(untouched).inputs.waiting == 1  # left lying counts
    nothing = card(Story())
    assert (nothing.score, nothing.grade, nothing.weighed) == (None, None, 0)


def test_only_the_organisation_and_those_beneath_it_and_only_the_period_count() -> None:
    story = village()
    life(story, "z", org_code=OTHER_VILLAGE, org_name="下河村")
    story.tell("late", Kind.RAISED, at("2026-04-01")).tell("late", Kind.ACCEPTED, at("2026-04-01"))
    assert [card(story, code).inputs.shares["closed"].whole for code in (VILLAGE, OTHER_VILLAGE, COUNTY)] == [5, 1, 6]


def test_false_alarms_and_joined_matters_are_nobody_s_merit_or_fault() -> None:
    story = village()
    story.tell("f", Kind.RAISED, at("2026-01-05")).tell("f", Kind.ACCEPTED, at("2026-01-05")).tell("f", Kind.DECLINED, at("2026-01-06"))
    story.tell("g", Kind.RAISED, at("2026-01-05")).tell("g", Kind.ACCEPTED, at("2026-01-05")).tell(
        "g", Kind.JOINED, at("2026-01-06"), into="WT-a"
    )
    assert inputs_of(story.issues("2026-03-31"), clock=CLOCK, end=END).shares["closed"].whole == 5


def test_the_formula_is_data(tmp_path: Path) -> None:
    own = tmp_path / "scores.yaml"
    own.write_text(
        "population: accepted\ngraded_from: 0\nmeasures: [{measure: closed, weight: 1, better: high}]\n"
        "grades: [{at_least: 0, zh: 登记, en: noted}]\n",
        encoding="utf-8",
    )
    found = card(village(), formula=own)
    assert (found.score, found.grade.zh if found.grade else "") == (Decimal("60.00"), "登记")


def test_an_office_of_which_only_closures_could_be_counted_yet_gets_no_grade() -> None:
    """On the day of the first audit everything is open: 0 of 30 points, and nobody is called 不合格 for it."""
    story = Story()
    story.tell("a", Kind.RAISED, at("2026-03-30"))
    found = card(story)
    assert (found.score, found.weighed, found.grade) == (Decimal("0.00"), 30, None)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("graded_from: 50", "graded_from: 500", "0 to 100"),
        ("population: raised", "population: all", "accepted or raised"),
        ("measure: closed,", "measure: 办结率,", "candidates"),
        ("weight: 30", "weight: 0", "above 0"),
        ("better: low", "better: lower", "high or low"),
        ("at_least: 75", "at_least: 95", "must fall"),
        ("grades:", "marks:", "keys"),
    ],
)
def test_a_mistake_in_the_formula_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    shipped = (Path(__file__).parent.parent / "expectations" / "issues" / "scores.yaml").read_text(encoding="utf-8")
    assert old in shipped
    own = tmp_path / "scores.yaml"
    own.write_text(shipped.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogError, match=named):
        load_formula(own)
