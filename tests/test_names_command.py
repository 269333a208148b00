"""`auditlib names`: what the program only takes for alike is listed, a person answers, and the next audit follows the answer.

Origin of the promise: names are never matched by likeness alone; the answer is kept with who, when and why.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest
import yaml
from names_county import ALIKE, EAST, WEST, names_county
from typer.testing import CliRunner

from auditlib.audit import run_audit
from auditlib.cli.main import app_of
from auditlib.matching.name_decisions import read_decisions
from auditlib.words.records import Match

AT = dt.datetime(2026, 2, 3, 9, tzinfo=dt.UTC)
_APP = app_of(["names"])


def audited(county: Path, out: Path) -> tuple[Match, ...]:
    found = run_audit(county, out, today=AT.date(), at=AT).run
    assert not found.errors
    return tuple(m for m in found.matches if m.reconciliation == "claims__claims")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("names")
    audited(names_county(folder), folder / "out")
    return folder


@pytest.fixture
def place(template: Path, tmp_path: Path) -> Path:
    """A folder with a county `汀岚县` and the results of its audit in `out`."""
    shutil.copytree(template, tmp_path / "here")
    return tmp_path / "here"


def call(place: Path, *more: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(_APP, ["names", str(place / "汀岚县"), "--out", str(place / "out"), *more], env={"AUDITLIB_AS": ""})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def listed(place: Path) -> list[tuple[str, str, str]]:
    return [(n["left"], n["right"], n["state"]) for n in json.loads(call(place, "--json")[1])["names"]]


def test_names_that_are_only_alike_wait_for_a_person(place: Path) -> None:
    status, said, _ = call(place)
    assert status == 1
    assert ALIKE in said and WEST in said and "待认定" in said and EAST in said  # and whose ledger it is
    assert listed(place) == [(ALIKE, WEST, "suggested")]


def test_the_answer_is_kept_with_who_when_and_why_and_the_next_audit_follows_it(place: Path) -> None:
    status, _, told = call(place, "--same", ALIKE, WEST, "--as", "李审计", "--why", "看过两村合同")
    assert status == 0 and "已记下" in told
    kept = yaml.safe_load((place / "汀岚县" / "mappings" / "matching" / "names.yaml").read_text(encoding="utf-8"))["names"]
    assert kept == [{"left": ALIKE, "right": WEST, "same": True, "by": "李审计", "on": dt.date.today(), "why": "看过两村合同"}]
    assert listed(place) == [(ALIKE, WEST, "same")]
    after = audited(place / "汀岚县", place / "out")
    assert [(m.state, m.difference and str(m.difference)) for m in after] == [("differing", "3000.00")]  # 8,000 claimed, 5,000 owed
    assert call(place)[0] == 0


def test_names_that_are_not_one_are_never_suggested_again(place: Path) -> None:
    assert call(place, "--different", ALIKE, WEST, "--as", "李审计", "--why", "邻县的村")[0] == 0
    after = audited(place / "汀岚县", place / "out")
    assert not [m for m in after if m.state == "ambiguous"]
    assert [m.state for m in after] == ["right_only"]  # what the west owes nobody claims


def test_of_two_answers_the_last_stands_and_both_are_kept(place: Path) -> None:
    call(place, "--same", ALIKE, WEST, "--as", "李审计", "--why", "听说")
    call(place, "--different", ALIKE, WEST, "--as", "王组长", "--why", "看过登记证")
    assert listed(place) == [(ALIKE, WEST, "different")]
    (answer,) = read_decisions(place / "汀岚县").values()
    assert (answer.by, answer.why) == ("王组长", "看过登记证")
    assert (place / "汀岚县" / "mappings" / "matching" / "names.yaml").read_text(encoding="utf-8").count("- left:") == 2


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--same", ALIKE, WEST, "--why", "x"), "--as"),
        (("--same", ALIKE, WEST, "--as", "李审计"), "--why"),
        (("--same", ALIKE, WEST, "--different", ALIKE, WEST, "--as", "李审计", "--why", "x"), "只能写一个"),
        (("--same", WEST, f" {WEST} ", "--as", "李审计", "--why", "x"), "没有什么要认定"),
        (("--same", WEST, "……", "--as", "李审计", "--why", "x"), "没有什么要认定"),
        (("--out", "nowhere"), "auditlib audit"),
    ],
)
def test_a_wrong_call_is_told_and_writes_nothing(place: Path, given: tuple[str, ...], says: str) -> None:
    status, _, told = call(place, *given)
    assert status == 2 and says in told
    assert read_decisions(place / "汀岚县") == {}


def test_an_answer_about_names_that_nobody_asked_about_is_kept_and_told(place: Path) -> None:
    status, _, told = call(place, "--same", "甲乙丙合作社", "甲乙炳合作社", "--as", "李审计", "--why", "x")
    assert status == 1 and "没有提出过这一对" in told  # the other pair still waits
    assert len(read_decisions(place / "汀岚县")) == 1


def test_the_list_speaks_english_and_hides_control_characters(place: Path) -> None:
    call(place, "--same", "甲乙丙合作社\x1b[2J", "甲乙炳合作社", "--as", "李审计\x1b", "--why", "x")
    _, said, _ = call(place, "--lang", "en")
    assert "waiting" in said and "\x1b" not in said
