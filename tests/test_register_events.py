"""The identity of an event and the chain that seals it.

Outside authority: SHA-256 (FIPS 180-4) over bytes that are written out here by hand, so that any other program can
check a register.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from register_cases import AT, finding, run

from auditlib.issues.events import GENESIS, Draft, Kind, canonical, seal
from auditlib.issues.register import Register

DRAFT = Draft("WT-1", 1, Kind.RAISED, AT, "审计员", {"金额": "1200.00", "row": 12, "none": None})
CONTENT = 'auditlib-event/1\nWT-1\n1\nraised\n2026-01-31T02:00:00.000000Z\n审计员\n{"none":null,"row":12,"金额":"1200.00"}'


def sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def test_identity_follows_from_the_content_alone() -> None:
    assert seal(DRAFT, 1, GENESIS).event_id == seal(DRAFT, 7, "f" * 64).event_id == f"EV-{sha(CONTENT)[:24]}"


def test_hash_follows_from_content_place_and_the_event_before() -> None:
    assert sha("auditlib-event/1\ngenesis") == GENESIS
    assert seal(DRAFT, 1, GENESIS).hash == sha(f"auditlib-event/1\n1\n{GENESIS}\n{sha(CONTENT)}\n")
    assert seal(replace(DRAFT, signature="s"), 2, "f" * 64).hash == sha(f"auditlib-event/1\n2\n{'f' * 64}\n{sha(CONTENT)}\ns")


@pytest.mark.parametrize(
    "other",
    [
        {"issue_id": "WT-2"}, {"version": 2}, {"kind": Kind.CLOSED}, {"at": AT + dt.timedelta(microseconds=1)}, {"actor": "别人"},
        {"payload": {}},
    ],
)  # fmt: skip
def test_any_other_content_is_another_event(other: dict[str, object]) -> None:
    assert seal(replace(DRAFT, **other), 1, GENESIS).event_id != seal(DRAFT, 1, GENESIS).event_id


def test_the_same_moment_in_another_zone_is_the_same_event() -> None:
    in_china = AT.astimezone(dt.timezone(dt.timedelta(hours=8)))
    assert seal(replace(DRAFT, at=in_china), 1, GENESIS) == seal(DRAFT, 1, GENESIS)


def test_a_signature_is_sealed_but_is_no_part_of_the_identity() -> None:
    plain, signed = seal(DRAFT, 1, GENESIS), seal(replace(DRAFT, signature="ed25519:…"), 1, GENESIS)
    assert (plain.event_id, plain.hash == signed.hash) == (signed.event_id, False)


@pytest.mark.parametrize("name", ["issue_id", "actor", "signature"])
def test_no_field_runs_over_into_the_next_line(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        seal(replace(DRAFT, **{name: "a\nb"}), 1, GENESIS)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        seal(replace(DRAFT, at=dt.datetime(2026, 1, 31)), 1, GENESIS)


@pytest.mark.parametrize("value", [1.5, 2**53, b"x", float("nan"), {1: "x"}, "\ud800", object()])
def test_what_programs_write_differently_cannot_stand_in_an_event(value: object) -> None:
    with pytest.raises(ValueError, match="payload"):
        canonical({"x": value})


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda v: st.lists(v, max_size=3) | st.dictionaries(TEXTS, v, max_size=3), max_leaves=8,
)  # fmt: skip


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_the_canonical_form_is_read_back_as_itself(payload: dict[str, object]) -> None:
    import json

    assert json.loads(canonical(payload)) == payload
    assert canonical(json.loads(canonical(payload))) == canonical(payload)


# Tampering with the file


@pytest.fixture
def register(tmp_path: Path) -> Register:
    opened = Register.open(tmp_path / "register.db")
    run(opened, *(finding(f"记-{n:03}") for n in range(4)))  # four issues, and the run itself
    return opened


def tamper(register: Register, *statements: str) -> None:
    """Changes the file past auditlib, guards taken away as somebody who knows them would."""
    connection = sqlite3.connect(register.shown)
    for statement in ("DROP TRIGGER auditlib_events_no_UPDATE", "DROP TRIGGER auditlib_events_no_DELETE", *statements):
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_register_that_nobody_touched_is_whole(register: Register) -> None:
    result = register.verify()
    assert (result.is_whole, result.events, result.head) == (True, 5, register.head())


@pytest.mark.parametrize(
    ("statements", "bad_seq", "problem"),
    [
        (["UPDATE auditlib_events SET payload = replace(payload, '1200.00', '12.00') WHERE seq = 2"], 2, "altered"),
        (["UPDATE auditlib_events SET payload = payload || ' ' WHERE seq = 2"], 2, "altered"),
        (["UPDATE auditlib_events SET payload = '{' WHERE seq = 3"], 3, "altered"),
        (["UPDATE auditlib_events SET kind = 'struck off' WHERE seq = 3"], 3, "altered"),
        (["UPDATE auditlib_events SET kind = 'closed' WHERE seq = 3"], 3, "altered"),
        (["UPDATE auditlib_events SET actor = '别人' WHERE seq = 1"], 1, "altered"),
        (["UPDATE auditlib_events SET at = '2026-01-30T02:00:00.000000Z' WHERE seq = 4"], 4, "altered"),
        (["UPDATE auditlib_events SET signature = 'x' WHERE seq = 4"], 4, "altered"),
        (["UPDATE auditlib_events SET payload = CAST(payload AS BLOB) WHERE seq = 2"], 2, "altered"),
        (["UPDATE auditlib_events SET version = 7 WHERE seq = 2"], 2, "version"),
        (["UPDATE auditlib_events SET actor = actor || char(10) || payload, payload = '' WHERE seq = 1"], 1, "altered"),
        (["DELETE FROM auditlib_events WHERE seq = 2"], 2, "missing"),
        (["DELETE FROM auditlib_events WHERE seq = 2", "UPDATE auditlib_events SET seq = seq - 1 WHERE seq > 2"], 2, "order"),
        (["UPDATE auditlib_events SET seq = -1 WHERE seq = 2", "UPDATE auditlib_events SET seq = 2 WHERE seq = 3",
          "UPDATE auditlib_events SET seq = 3 WHERE seq = -1"], 2, "order"),
    ],
)  # fmt: skip
def test_the_first_event_that_does_not_fit_is_named(
    register: Register, statements: list[str], bad_seq: int, problem: str
) -> None:
    tamper(register, *statements)
    result = register.verify()
    assert (result.bad_seq, result.problem) == (bad_seq, f"issues.chain.{problem}")


def test_a_cut_off_tail_shows_against_a_printed_head(register: Register) -> None:
    printed = register.head()
    tamper(register, "DELETE FROM auditlib_events WHERE seq = 5")
    assert register.verify().is_whole  # the chain alone cannot show it
    assert register.verify(printed).problem == "issues.chain.cut_off"


def test_an_older_printed_head_stays_good(register: Register) -> None:
    printed = register.head()
    run(register, finding("记-900"))
    assert register.verify(printed).is_whole


@pytest.mark.parametrize("statement", ["UPDATE auditlib_events SET actor = 'x'", "DELETE FROM auditlib_events"])
def test_the_file_refuses_to_change_an_event(register: Register, statement: str) -> None:
    connection = sqlite3.connect(register.shown)
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        connection.execute(statement)
    connection.close()
