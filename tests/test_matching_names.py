"""Names as people write them, what a person decides about two of them, and records of one person in lists without a key.

Outside authority: febrl, a generator of persons with typed errors (Christen, ANU), data sets 1 and 3 with their true pairs.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
import subprocess
import sys
import time
from itertools import combinations
from pathlib import Path

import pytest
from conftest import published
from ledger_frames import ORGANISATIONS, check

from auditlib.catalog.load import load_catalog
from auditlib.matching.linkage import Field, groups, link
from auditlib.matching.name_decisions import read_decisions, remember
from auditlib.matching.names import DIFFERENT, SAME, SUGGESTED, compare_names, core
from auditlib.words.errors import WorkspaceError

WORDS = load_catalog().words["matching"]


@pytest.mark.parametrize(
    ("one", "other", "status", "how"),
    [
        ("红星砖厂", "红星砖厂", SAME, "exact"),
        ("红星砖厂", " 红　星 砖厂", SAME, "form"),
        ("ＡＢＣ建材（云溪）店", "abc建材(云溪)店", SAME, "form"),
        ("紅星磚廠", "红星砖厂", SAME, "form"),
        ("红星砖厂有限公司", "红星砖厂", SAME, "kind"),
        ("红星砖厂（普通合伙）", "红星砖厂", SAME, "kind"),
        ("上坪村村民委员会", "上坪村股份经济合作社", SUGGESTED, "aside"),  # two bodies of one village
        ("张伟", "张玮", SUGGESTED, "sound"),
        ("恒永达果蔬合作社", "恒咏达果蔬合作社", SUGGESTED, "sound"),
        ("云溪镇农资站", "云溪农资站", SUGGESTED, "letters"),
        ("张伟", "李伟", DIFFERENT, ""),
        ("上坪村一组", "上坪村二组", DIFFERENT, ""),
        ("一号商铺", "1号商铺", SUGGESTED, "letters"),
        ("上坪村第三组", "上坪村第3组", SUGGESTED, "letters"),
        ("上坪村3组", "上坪村二组", DIFFERENT, ""),
        ("农商行", "供电所", DIFFERENT, ""),
        ("", "供电所", DIFFERENT, ""),
    ],
)
def test_two_names(one: str, other: str, status: str, how: str) -> None:
    for a, b in ((one, other), (other, one)):
        found = compare_names(a, b, WORDS)
        assert (found.status, found.how) == (status, how)


def test_a_name_never_loses_all_of_itself() -> None:
    assert core("合作社", WORDS) == "合作社" and core("（集体）", WORDS) == "集体"


def test_an_answer_is_remembered_and_used_in_the_next_run(tmp_path: Path) -> None:
    assert read_decisions(tmp_path) == {}
    remember(tmp_path, "恒永达合作社", "恒咏达合作社", same=True, by="李审计", on=dt.date(2026, 2, 3), why="看过营业执照")
    remember(tmp_path, "张伟", "张玮", same=False, by="李审计", on=dt.date(2026, 2, 3))
    kept = read_decisions(tmp_path)
    assert compare_names("恒咏达合作社", "恒永达 合作社", WORDS, kept).status == SAME
    assert compare_names("张玮", "张伟", WORDS, kept) == compare_names("张伟", "张玮", WORDS, kept)
    assert compare_names("张玮", "张伟", WORDS, kept).status == DIFFERENT
    assert {(d.by, d.on) for d in kept.values()} == {("李审计", "2026-02-03")}
    remember(tmp_path, "张玮", "张伟", same=True, by="王主任", on=dt.date(2026, 3, 1))  # the last answer stands
    assert compare_names("张玮", "张伟", WORDS, read_decisions(tmp_path)).status == SAME


@pytest.mark.parametrize(
    "text", ["names: [{left: a, right: b, same: perhaps, by: x, on: 2026-01-01}]", "names: [{left: a}]", "words: []", "- 1"]
)
def test_a_decision_that_cannot_be_read_is_named_with_its_file(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "mappings" / "matching"
    folder.mkdir(parents=True)
    (folder / "names.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(WorkspaceError, match="names.yaml"):
        read_decisions(tmp_path)


def test_a_decision_needs_names_and_a_person(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="who decided"):
        remember(tmp_path, "a", "b", same=True, by=" ", on=dt.date(2026, 1, 1))


def test_a_counterparty_that_is_only_alike_is_for_a_person(tmp_path: Path) -> None:
    names = {o.org_code: o.name for o in ORGANISATIONS}
    near = names["V2"].replace("柳塘", "柳糖")
    claims = [{"claim_no": "W1", "kind": "债权", "account_code": "112", "amount": 5, "counterparty": near}]
    found = [m for m in check(tmp_path, {"claims": claims}, only=("F47",)).matches if m.reconciliation == "claims__claims"]
    assert [(m.right, m.how, m.state) for m in found] == [(names["V2"], "suggested (choice)", "ambiguous")]


def test_dictionaries_are_loaded_only_when_names_are_compared() -> None:
    code = (
        "import sys, auditlib.matching.run, auditlib.matching.names; print(sorted({'opencc', 'pypinyin', 'rapidfuzz'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


# ---- records without a key ------------------------------------------------------------------------------------------

PERSON = (
    Field("given_name", "text", "name", "name"), Field("surname", "text", "name", "name"), Field("street_number", "code", "address"),
    Field("address_1", "text", "address"), Field("address_2", "text", "address"), Field("suburb", "text", "address"),
    Field("postcode", "code", "address"), Field("state", "text", "address"), Field("date_of_birth", "code", "birth"),
    Field("soc_sec_id", "code", "number"),
)  # fmt: skip


def people(name: str) -> tuple[list[dict[str, str]], set[tuple[int, int]]]:
    with (published("febrl") / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        rows = [{k.strip(): (v or "").strip() for k, v in row.items()} for row in csv.DictReader(stream)]
    same: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        same.setdefault(row["rec_id"].split("-")[1], []).append(place)
    return rows, {pair for members in same.values() for pair in combinations(members, 2)}


@pytest.mark.parametrize(("name", "pairs"), [("dataset3", 6538), ("dataset1", 500)])
def test_febrl_persons_are_found_with_hardly_a_miss_and_no_wrong_pair(name: str, pairs: int) -> None:
    rows, truth = people(name)
    assert len(truth) == pairs
    started = time.process_time()
    told = {pair for members in groups(link(rows, PERSON)) for pair in combinations(members, 2)}
    spent = time.process_time() - started
    assert len(told & truth) / len(told) >= 0.999
    assert len(told & truth) / len(truth) >= 0.99
    assert spent < 5  # the promise of 5 seconds, in processor time


def test_those_who_share_a_house_and_a_surname_are_two_persons() -> None:
    draw = random.Random(2)
    filler = [
        {
            "given_name": f"g{i}",
            "surname": f"s{i % 40}",
            "address_1": f"{i}号院",
            "suburb": f"b{i % 9}",
            "date_of_birth": str(draw.randrange(19200101, 20201231)),
        }
        for i in range(300)
    ]
    house = {"surname": "彭", "address_1": "上坪村水塘边", "suburb": "上坪村"}
    couple = [{**house, "given_name": "志民", "date_of_birth": "19670812"}, {**house, "given_name": "秀菊", "date_of_birth": "19730822"}]
    again = {**house, "given_name": "志民", "date_of_birth": "19670821"}
    fields = [f for f in PERSON if f.name in ("given_name", "surname", "address_1", "suburb", "date_of_birth")]
    assert [(x.first, x.second) for x in link([*couple, again, *filler], fields)] == [(0, 2)]


def test_nothing_to_compare_is_no_link() -> None:
    assert link([], PERSON) == () and link([{"surname": "彭"}], PERSON) == ()
    assert link([{"surname": ""}, {"surname": ""}], PERSON) == ()
