"""Accepted findings: who, why, until when; an acceptance that has run out accepts nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_validate import changed, table, validate

GONE, FAR = "2000-01-01", "2999-12-31"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return table(tmp_path / "合同台账.csv", [changed(承租方="")])


def finding_of(ledger: Path) -> str:
    (finding,) = json.loads(validate(ledger, "--json").stdout)["findings"]
    return str(finding["finding_id"])


def baseline(folder: Path, finding: str, until: str = FAR, **more: str) -> Path:
    entry = {"finding_id": finding, "accepted_by": "王审计", "reason": "原件已遗失", "until": until} | more
    path = folder / "认可.json"
    path.write_text(json.dumps({"accepted": [entry]}, ensure_ascii=False), encoding="utf-8")
    return path


def test_an_accepted_finding_is_shown_with_who_and_until_when_and_fails_nothing(ledger: Path, tmp_path: Path) -> None:
    done = validate(ledger, "--baseline", baseline(tmp_path, finding_of(ledger)))
    assert done.exit_code == 0
    assert "王审计" in done.stdout and FAR in done.stdout
    log = json.loads(validate(ledger, "--baseline", tmp_path / "认可.json", "--format", "sarif").stdout)
    (suppression,) = log["runs"][0]["results"][0]["suppressions"]
    assert suppression["status"] == "accepted" and "原件已遗失" in suppression["justification"]
    for form, empty in (("github", ""), ("gitlab", "[]")):
        assert validate(ledger, "--baseline", tmp_path / "认可.json", "--format", form).stdout.strip() == empty


def test_an_expired_acceptance_fails_and_says_so(ledger: Path, tmp_path: Path) -> None:
    done = validate(ledger, "--baseline", baseline(tmp_path, finding_of(ledger), until=GONE))
    assert done.exit_code == 1
    assert GONE in done.stdout and "到期" in done.stdout
    assert "suppressions" not in validate(ledger, "--baseline", tmp_path / "认可.json", "--format", "sarif").stdout


def test_the_cut_off_of_the_books_does_not_prolong_an_acceptance(ledger: Path, tmp_path: Path) -> None:
    path = baseline(tmp_path, finding_of(ledger), until="2020-01-01")
    assert validate(ledger, "--as-of", "2019-12-31", "--baseline", path).exit_code == 1


def test_an_entry_that_fits_nothing_is_named(ledger: Path, tmp_path: Path) -> None:
    done = validate(ledger, "--baseline", baseline(tmp_path, "0123456789abcdef"), "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["accepted_without_finding"] == ["0123456789abcdef"]
    assert "0123456789abcdef" in done.stderr


def test_yaml_reads_the_same_and_the_baseline_itself_is_no_ledger(ledger: Path, tmp_path: Path) -> None:
    text = f"accepted:\n- finding_id: {finding_of(ledger)}\n  accepted_by: 王审计\n  reason: 原件已遗失\n  until: {FAR}\n"
    (tmp_path / "认可.yaml").write_text(text, encoding="utf-8")
    assert validate(ledger, "--baseline", tmp_path / "认可.yaml").exit_code == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("accepted: 5", "accepted:"),
        ("accepted:\n- {finding_id: a, accepted_by: b, reason: c}", "until"),
        ("accepted:\n- {finding_id: a, accepted_by: '', reason: c, until: 2999-12-31}", "accepted_by"),
        ("accepted:\n- {finding_id: a, accepted_by: b, reason: c, until: soon}", "soon"),
        ("accepted:\n- {finding_id: a, acepted_by: b, reason: c, until: 2999-12-31}", "accepted_by"),
        ("accepted:\n- &e {finding_id: a, accepted_by: b, reason: c, until: 2999-12-31}\n- *e", "a"),
        ("accepted: [", "认可.yaml:"),
    ],
)
def test_a_wrong_entry_is_refused_with_file_entry_and_what_to_write(ledger: Path, tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "认可.yaml"
    path.write_text(text, encoding="utf-8")
    done = validate(ledger, "--baseline", path)
    assert done.exit_code == 2 and "认可.yaml" in done.stderr and told in done.stderr and "Traceback" not in done.output
