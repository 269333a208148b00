"""The same county as other offices would write it gives the same findings.

Another office writes other header words, heads of two rows, rows of column numbers, pages, units, date forms,
encodings and file formats; what it says stays the same (domain reference section 9). Findings about the writing
itself (D05 totals that an office leaves out, D06 names that a column no longer gives) are not compared.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from audited_county import audited, examined
from office_styles import restyle

from auditlib.words.records import AuditRun, Finding


def cases(findings: tuple[Finding, ...]) -> set[tuple[str, str, tuple[str, ...]]]:
    return {(f.rule, f.org_code, f.records) for f in findings if f.rule not in ("D05", "D06")}


@pytest.fixture(scope="module")
def plain() -> tuple[Path, AuditRun]:
    made = audited()
    return made.folder, made.audit.run


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_findings_do_not_depend_on_how_an_office_writes(seed: int, plain: tuple[Path, AuditRun], tmp_path: Path) -> None:
    county, as_it_was = plain
    restyle(county, tmp_path / "县", tmp_path / "frames", seed)
    restyled = examined(tmp_path / "县", tmp_path / "typed")
    assert sum(s.rows_read for s in restyled.sources) == sum(s.rows_read for s in as_it_was.sources)
    assert cases(restyled.findings) == cases(as_it_was.findings)
    assert len(cases(restyled.findings)) >= 20


def test_the_same_seed_writes_the_same_files(plain: tuple[Path, AuditRun], tmp_path: Path) -> None:
    for name in ("a", "b"):
        restyle(plain[0], tmp_path / name, tmp_path / f"frames-{name}", 5)
    written = [sorted(p.relative_to(tmp_path / n).as_posix() for p in (tmp_path / n).rglob("*") if p.is_file()) for n in ("a", "b")]
    assert written[0] == written[1]
    assert len(written[0]) >= 10
