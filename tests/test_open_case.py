"""A county with known defects that nobody here wrote: every planted defect of the rules delivered is found, and nothing else.

Read where it lies (AUDITLIB_CASES, or ../shared/cases beside the checkout), with its own scorers; skipped elsewhere.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from audited_county import audited_case

from auditlib.catalog.load import load_catalog

ROOT = Path(__file__).resolve().parent.parent
CASES = Path(os.environ.get("AUDITLIB_CASES", ROOT.parent / "shared" / "cases"))
pytestmark = pytest.mark.skipif(
    not (CASES / "open").is_dir(), reason="the open county is not here: set AUDITLIB_CASES to the folder of cases"
)


def scorer(name: str) -> ModuleType:
    sys.path.insert(0, str(CASES))
    try:
        spec = importlib.util.spec_from_file_location(name, CASES / f"{name}.py")
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.dont_write_bytecode = True
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(CASES))


@pytest.fixture(scope="module")
def out() -> Path:
    county = next(p for p in (CASES / "open").iterdir() if (p / "audit.toml").is_file())
    made = audited_case(county)
    assert made.audit.run.errors == ()
    return made.out


def delivered() -> set[str]:
    catalog = load_catalog()
    suites = {e["meta"]["rule"] for ledger in catalog.ledgers.values() for e in ledger.expectations}
    return suites | {c.rule for c in (*catalog.checks, *catalog.reconciliations)}


def test_every_defect_of_the_rules_delivered_is_found_and_nothing_else(out: Path) -> None:
    score: dict[str, Any] = scorer("score").score(str(out / "findings.csv"), str(CASES / "open"))
    missed = [m for m in score["missed"] if m["rule"] in delivered()]
    assert missed == []
    assert score["false"] == []
    assert score["decoys_hit"] == 0
    assert score["amounts_right"] == score["amounts_compared"]


def test_every_sheet_is_read_as_what_it_is(out: Path) -> None:
    score: dict[str, Any] = scorer("score_sources").score(str(out / "sources.csv"), str(CASES / "open"))
    assert score["wrong"] == []
    assert score["noise_read"] == 0
