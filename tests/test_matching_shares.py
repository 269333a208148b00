"""Organisations shared out among processes: what is found does not depend on how many there are, nor on whether they could start.

Judge: the same lines in one process.
"""

from __future__ import annotations

import os
import random
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from ledger_frames import ORGANISATIONS, posting, settings, write

from auditlib.catalog.load import load_catalog
from auditlib.checks.frames import Frames, RunInputs
from auditlib.engine import open_engine
from auditlib.matching import bank
from auditlib.matching.reconciliation import ReconciliationOutcome
from auditlib.matching.run import run_reconciliations
from auditlib.matching.shares import cut, shared_out

CATALOG = load_catalog()
F10 = replace(CATALOG, reconciliations=tuple(r for r in CATALOG.reconciliations if r.rule == "F10"))
ORGS = tuple(f"V{n}" for n in range(1, 7))


@dataclass(frozen=True, slots=True)
class _Beyond:
    """What only a value of ours knows."""

    number: int


def halved(number: int) -> tuple[int, _Beyond]:
    """Work that a test shares out; odd numbers cannot be done."""
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number // 2, _Beyond(number)


def test_results_stand_in_the_order_of_the_parts() -> None:
    assert shared_out(halved, [6, 2, 4], 2) == [(3, _Beyond(6)), (1, _Beyond(2)), (2, _Beyond(4))]


def where(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def test_whoever_is_free_takes_the_next_part() -> None:
    found = shared_out(where, [0.3] * 6, 2)
    assert os.getpid() in found and len(set(found)) == 3
    assert shared_out(where, [0.0] * 2, 0) == [os.getpid()] * 2


def test_what_goes_wrong_elsewhere_is_seen_here() -> None:
    with pytest.raises(ValueError, match="5 is odd"):
        shared_out(halved, [2, 5], 1)


def test_where_no_python_can_be_started_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    assert [half for half, _ in shared_out(halved, [6, 2, 4], 2)] == [3, 1, 2]


def test_lists_are_cut_where_they_are_full_and_lose_nothing() -> None:
    assert list(cut("abcde", [3, 1, 9, 1, 1], 4)) == [["a", "b"], ["c"], ["d", "e"]]
    assert list(cut("", [], 4)) == []


def test_any_number_of_processes_finds_the_same_in_the_bank_accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank, "_LINES_AT_ONCE", 40)
    alone = _reconciled(tmp_path)
    assert len({m.org_code for m in alone.matches}) == len(ORGS) and alone.cases and alone.statements
    asked: list[int] = []
    monkeypatch.setattr(bank, "shared_out", lambda work, parts, beside: asked.append(beside) or shared_out(work, parts, beside))
    monkeypatch.setattr(bank, "WORTH_A_PROCESS", 60)
    for processes in (2, 3):
        monkeypatch.setattr(bank, "cores", lambda n=processes: n)
        assert _reconciled(tmp_path) == alone
    assert asked == [1, 2]


def _reconciled(folder: Path) -> ReconciliationOutcome:
    draw = random.Random(20250301)
    books, banks = [], []
    for org in ORGS:
        for number in range(30):
            amount, day = draw.choice((500, 700, 1200, 90 + number)), draw.randrange(1, 28)
            who, on = f"付款{number % 7}", [f"2025-03-{d:02d}" for d in (day, min(day + 1, 28))]
            books.append({**posting(f"记-{number}", on[0], "10201", credit=amount, summary=who), "org_code": org})
            if draw.random() < 0.9:
                line = {"org_code": org, "account_no": f"9407{org}", "date": on[1], "paid_in": None, "paid_out": amount}
                banks.append({**line, "counterparty": who, "memo": None, "balance": None, "sheet_row": number})
    target = folder / f"{len(list(folder.iterdir()))}"
    target.mkdir()
    known = tuple(replace(ORGANISATIONS[0], org_code=org) for org in ORGS)
    sources, engine = write(target, {"journal": books, "bank_statement": banks}, CATALOG), open_engine("duckdb")
    try:
        found = run_reconciliations(Frames(RunInputs(target, F10, settings(F10), known, sources, engine)))
    finally:
        engine.close()
    assert not found.errors, found.errors
    return found
