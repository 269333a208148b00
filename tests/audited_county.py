"""Audits for the tests of what is made of one; each is made once for all modules and all processes of a run of the tests."""

from __future__ import annotations

import atexit
import copyreg
import datetime as dt
import os
import pickle
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from conftest import PLACE

from auditlib.audit import Audit, run_audit
from auditlib.demo import write_demo
from auditlib.words.records import Finding, Source

TODAY = dt.date(2026, 1, 31)
AT = dt.datetime(2026, 2, 1, 2, 0, tzinfo=dt.UTC)
PATIENCE = 300  # seconds to wait for the process that audits


def _read_only(values: dict[object, object]) -> MappingProxyType[object, object]:
    return MappingProxyType(values)


copyreg.pickle(MappingProxyType, lambda view: (_read_only, (dict(view),)))  # pickle knows no read-only view of a dict


@dataclass(frozen=True)
class Audited:
    folder: Path  # the county
    out: Path
    audit: Audit


@cache
def audited() -> Audited:
    """A demo county of two villages and their groups with planted breaches, audited. Read only: copy it to change it."""
    return _made_once("demo", lambda home: write_demo(home / "county", villages=2).folder)


@cache
def audited_case(county: Path) -> Audited:
    """A county that lies somewhere, audited. Read only."""
    return _made_once("case", lambda _: county)


@dataclass(frozen=True)
class Examined:
    sources: tuple[Source, ...]
    findings: tuple[Finding, ...]


def examined(county: Path, frames: Path) -> Examined:
    """What is found in a county, by the steps of an audit from reading to findings; its typed ledgers stay in `frames`.

    Not made: the second opinion of Great Expectations, the register and the pages, which take longer than all of these.
    """
    from auditlib.catalog.packs import county_catalog
    from auditlib.catalog.settings import load_settings
    from auditlib.checks.findings import FramePlaces, settle
    from auditlib.checks.frames import Frames, RunInputs
    from auditlib.checks.run import run_rules
    from auditlib.engine import open_engine
    from auditlib.intake.frames import RawCells
    from auditlib.intake.workspace import read_workspace
    from auditlib.matching.run import run_reconciliations

    catalog = county_catalog(county)
    settings = load_settings(county, catalog, today=TODAY)
    intake = read_workspace(county, frames, catalog, settings)
    engine = open_engine("duckdb")
    try:
        ledgers = Frames(RunInputs(frames, catalog, settings, intake.organisations, intake.sources, engine))
        outcomes = run_rules(ledgers), run_reconciliations(ledgers)
    finally:
        engine.close()
    assert not [told for outcome in outcomes for told in outcome.errors]
    cases = tuple(case for outcome in outcomes for case in outcome.cases)
    raw = RawCells(frames, intake.sources)
    return Examined(intake.sources, settle(cases, catalog, settings, intake.organisations, intake.sources, raw, FramePlaces(frames)))


def copied(folder: Path) -> tuple[Path, Path]:
    """County and results of `audited()`, copied into `folder` to be changed there: `folder`/汀岚县 and `folder`/out."""
    made = audited()
    return Path(shutil.copytree(made.folder, folder / made.folder.name)), Path(shutil.copytree(made.out, folder / "out"))


def _made_once(name: str, county: Callable[[Path], Path]) -> Audited:
    home = (Path(os.environ[PLACE]) if PLACE in os.environ else _own_folder()) / name
    kept = home / "audit.pickle"
    try:
        home.mkdir()  # the process that makes the folder is the one that audits
    except FileExistsError:
        return _waited_for(kept)
    try:
        folder, out = county(home), home / "out"
        made = Audited(folder, out, run_audit(folder, out, today=TODAY, at=AT))
        unfinished = kept.with_suffix(".part")
        unfinished.write_bytes(pickle.dumps(made))
        unfinished.replace(kept)
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)  # those who wait are told
        raise
    return made


def _own_folder() -> Path:
    """Where no run of the tests has made one: for the benchmarks."""
    folder = tempfile.mkdtemp(prefix="audited-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _waited_for(kept: Path) -> Audited:
    end = time.monotonic() + PATIENCE
    while not kept.is_file():
        if time.monotonic() > end or not kept.parent.is_dir():
            raise RuntimeError(f"the audit that another process of the tests began has failed: {kept.parent}")
        time.sleep(0.2)
    found: Audited = pickle.loads(kept.read_bytes())  # written by this run of the tests
    return found
