"""An audit that was stopped goes on where it was, and ends as one that nobody stopped.

The judge is an audit of the same county in another folder: its files, byte for byte.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from names_county import names_county

from auditlib.audit import Audit, Step, run_audit
from auditlib.reports.unfinished import FOLDER

AT = dt.datetime(2026, 2, 3, 9, tzinfo=dt.UTC)
DAY = dt.date(2026, 2, 3)
TOLD = ("findings.jsonl", "findings.csv", "sources.csv", "matches.csv")


class Stopped(Exception):
    """Somebody pressed the button."""


def _audit(county: Path, out: Path, stop_at: str = "", as_of: dt.date | None = None) -> tuple[Audit | None, Sequence[str]]:
    """The audit, None when it was stopped on entering a stage; and the stages that it went through."""
    seen: list[str] = []

    def progress(step: Step) -> None:
        if step.stage == stop_at:
            raise Stopped
        seen.append(step.stage)

    try:
        return run_audit(county, out, today=DAY, at=AT, as_of=as_of, progress=progress), seen
    except Stopped:
        return None, seen


def _files(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in TOLD} | {"run": _without_register((out / "run.json").read_text(encoding="utf-8"))}


def _without_register(text: str) -> bytes:
    """What was found; the register numbers its own runs."""
    return json.dumps(json.loads(text)["run"]).encode()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    done, seen = _audit(names_county(folder), folder / "out")
    assert done is not None and {"intake", "checks", "matching", "findings", "register"} <= set(seen)
    assert not (folder / "out" / FOLDER).exists() or not list((folder / "out" / FOLDER).iterdir())
    return _files(folder / "out")


@pytest.mark.parametrize(
    ("stop_at", "not_again"), [("checks", {"intake"}), ("matching", {"intake", "checks"}), ("register", {"intake", "checks", "matching"})]
)
def test_what_was_done_is_not_done_again_and_the_end_is_the_same(
    whole: dict[str, bytes], tmp_path: Path, stop_at: str, not_again: set[str]
) -> None:
    county, out = names_county(tmp_path), tmp_path / "out"
    stopped, _ = _audit(county, out, stop_at)
    assert stopped is None and not (out / "findings.csv").exists() and not (out / "register.db").exists()
    done, seen = _audit(county, out)
    assert done is not None and not_again.isdisjoint(seen)
    assert _files(out) == whole
    assert not list((out / FOLDER).glob("*")), "nothing waits any more"


def test_stopped_while_reading_it_reads_again(whole: dict[str, bytes], tmp_path: Path) -> None:
    county, out = names_county(tmp_path), tmp_path / "out"
    assert _audit(county, out, "intake")[0] is None
    done, seen = _audit(county, out)
    assert done is not None and "intake" in seen and _files(out) == whole


def test_results_inside_the_county_s_folder_do_not_hinder_it(whole: dict[str, bytes], tmp_path: Path) -> None:
    county = names_county(tmp_path)
    assert _audit(county, county / "out", "register")[0] is None
    done, seen = _audit(county, county / "out")
    assert done is not None and "intake" not in seen and _files(county / "out") == whole


def test_a_changed_file_another_day_and_another_answer_are_read_anew(tmp_path: Path) -> None:
    county, out = names_county(tmp_path), tmp_path / "out"
    ledger = next(p for p in sorted(county.rglob("*.csv")) if p.parent != county)
    assert _audit(county, out, "register")[0] is None
    ledger.write_bytes(ledger.read_bytes() + b"\r\n")
    changed, seen = _audit(county, out, "register")
    assert changed is None and "intake" in seen, "the file was changed"
    again, seen = _audit(county, out, as_of=dt.date(2025, 6, 30))
    assert again is not None and "intake" in seen, "another cut-off date was asked for"
    fresh, _ = _audit(county, tmp_path / "beside", as_of=dt.date(2025, 6, 30))
    assert fresh is not None and _files(out) == _files(tmp_path / "beside")


@pytest.mark.parametrize("name", ["stages.json", "frames.tar"])
def test_what_waits_broken_is_done_anew(whole: dict[str, bytes], tmp_path: Path, name: str) -> None:
    county, out = names_county(tmp_path), tmp_path / "out"
    assert _audit(county, out, "register")[0] is None
    kept = out / FOLDER / name
    kept.write_bytes(kept.read_bytes()[: kept.stat().st_size // 2])
    done, seen = _audit(county, out)
    assert done is not None and "intake" in seen and _files(out) == whole
