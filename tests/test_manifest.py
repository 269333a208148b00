"""The manifest: what was asked and what came out by hashes (as `sha256sum` gives them), and the audit repeated from it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import shutil
from pathlib import Path

import pytest
from audited_county import AT, copied
from typer.testing import CliRunner

from auditlib import __version__
from auditlib.audit import run_audit
from auditlib.catalog.places import expectations
from auditlib.catalog.program import program_hash
from auditlib.cli.main import app_of
from auditlib.issues.register import Register
from auditlib.reports.manifest import SHORT, Manifest, read_manifest, write_manifest
from auditlib.reports.markup import from_register, without_register
from auditlib.reports.reproduce import reproduction
from auditlib.words.errors import WorkspaceError


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A county, and the outputs of two audits of it: the second of a copy elsewhere, on another day, with a register of its own."""
    base = tmp_path_factory.mktemp("manifest")
    county, out = copied(base / "a")
    shutil.copytree(county, base / "b" / county.name)
    later = AT + dt.timedelta(days=30)
    run_audit(base / "b" / county.name, base / "out_b", today=later.date(), at=later, register=str(base / "other.db"))
    return county, out, base / "out_b"


def hashes(folder: Path) -> dict[str, str]:
    files = (p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("register.db"))
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_it_names_every_input_and_every_output_with_its_hash(twice: tuple[Path, Path, Path]) -> None:
    county, out, _ = twice
    manifest = read_manifest(out)
    inputs = {p.relative_to(county).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in county.rglob("*") if p.is_file()}
    assert manifest.question.inputs == inputs and len(inputs) > 3
    written = {o.file: o.sha256 for o in manifest.outputs}
    assert written == {name: h for name, h in hashes(out).items() if name not in ("manifest.json", ".auditlib-output")}
    assert {"findings.csv", "index.html", "papers/index.html", "run.json", "ledgers/journal.parquet"} <= set(written)
    assert {"ledgers/journal.yaml", "rules/F05.yaml", "parameters.yaml"} <= set(manifest.question.expectations)
    assert manifest.question.parameters["cash_limit"] and manifest.versions["duckdb"] and manifest.engine == "duckdb"


def test_every_page_carries_the_manifest_and_the_register_knows_it(twice: tuple[Path, Path, Path]) -> None:
    _, out, _ = twice
    manifest = read_manifest(out)
    pages = list(out.rglob("*.html"))
    assert len(pages) > 50
    assert not [p for p in pages if manifest.manifest_id[:SHORT] not in p.read_text(encoding="utf-8")]
    with Register.open(out / "register.db") as register:
        assert register.head() == manifest.register_head
        assert [r.manifest_hash for r in register.runs()] == [manifest.manifest_id]


def test_two_runs_leave_the_same_bytes_but_for_the_register_s_part(twice: tuple[Path, Path, Path]) -> None:
    _, first, second = twice
    a, b = read_manifest(first), read_manifest(second)
    assert a.manifest_id == b.manifest_id and a.register_head != b.register_head
    there = hashes(second)
    same = {o.file for o in a.outputs if there[o.file] == o.sha256}
    assert {"findings.csv", "findings.jsonl", "matches.csv", "sources.csv", "bank_open_items.csv", "ledgers/journal.parquet"} <= same
    done = reproduction(a, b, first, second)
    assert done.is_same and not done.differing and done.compared > 60, done.differing


def test_repeating_it_names_what_changed_what_was_altered_and_what_differs(twice: tuple[Path, Path, Path], tmp_path: Path) -> None:
    county, out, _ = twice
    changed, results = tmp_path / county.name, tmp_path / "out"
    shutil.copytree(county, changed)
    shutil.copytree(out, results)
    settings = changed / "audit.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + "\n# one line more\n", encoding="utf-8")
    (changed / "旧账.pdf").write_bytes(b"%PDF-1.4")
    with (results / "findings.csv").open("a", encoding="utf-8") as file:
        file.write("forged\n")
    done = CliRunner().invoke(app_of(["reproduce"]), ["reproduce", str(results), "--json"])
    assert done.exit_code == 1, done.stderr
    told = json.loads(done.stdout)
    assert {(c["name"], c["kind"]) for c in told["asked"]} == {("audit.toml", "changed"), ("旧账.pdf", "new")}
    assert [c["name"] for c in told["altered"]] == ["findings.csv"]
    assert "findings.csv" not in {c["name"] for c in told["differing"]} and "index.html" in {c["name"] for c in told["differing"]}
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([county.name, "out"])  # nothing was left behind


def test_a_page_made_anew_is_no_alteration_and_hides_none(twice: tuple[Path, Path, Path], tmp_path: Path) -> None:
    """`report leader` writes its page again; what somebody changed beside it is still found."""
    out = Path(shutil.copytree(twice[1], tmp_path / "out"))
    with (out / "sources.csv").open("a", encoding="utf-8") as file:
        file.write("forged\n")
    with (out / "leader.html").open("a", encoding="utf-8") as file:
        file.write("<!-- -->")
    assert CliRunner().invoke(app_of(["report"]), ["report", "leader", str(out)]).exit_code == 0
    manifest = read_manifest(out)
    assert [c.name for c in reproduction(manifest, manifest, out, out).altered] == ["sources.csv"]


def test_pages_in_the_language_asked_for_are_repeated_in_it(twice: tuple[Path, Path, Path], tmp_path: Path) -> None:
    """On the books of one group of the county, which are audited sooner than all."""
    whole, chinese, _ = twice
    (books_of_a_group,) = whole.rglob("*组三资台账*.xlsx")
    county = tmp_path / whole.name
    for path in (whole / "audit.toml", *whole.glob("组织名录*"), books_of_a_group):
        (county / path.relative_to(whole)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, county / path.relative_to(whole))
    call = ["audit", str(county), "--out", str(tmp_path / "out"), "--as-of", "2026-01-31", "--lang", "en"]
    done = CliRunner().invoke(app_of(["audit"]), call)
    assert done.exit_code == 1, done.stderr
    assert '<html lang="en"' in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert read_manifest(tmp_path / "out").question.language == "en" != read_manifest(chinese).question.language
    english = tmp_path / "out"
    books = {out: "".join(p.read_text(encoding="utf-8") for p in (out / "organisations").glob("*.html")) for out in (english, chinese)}
    assert "taken from title" in books[english] and "取自表头" not in books[english]
    assert "取自表头" in books[chinese]
    again = CliRunner().invoke(app_of(["reproduce"]), ["reproduce", str(tmp_path / "out"), "--county", str(county)])
    assert again.exit_code == 0, again.stdout


def test_another_program_of_one_version_is_told_apart(twice: tuple[Path, Path, Path], tmp_path: Path) -> None:
    manifest = read_manifest(twice[1])
    assert manifest.versions["auditlib"] == f"{__version__}+{program_hash()[:SHORT]}"
    other = dataclasses.replace(manifest, versions={**manifest.versions, "auditlib": f"{__version__}+0123456789abcdef"})
    assert [c.name for c in reproduction(manifest, other, None, tmp_path).versions] == ["auditlib"]


def test_a_manifest_that_was_altered_or_is_missing_is_refused(twice: tuple[Path, Path, Path], tmp_path: Path) -> None:
    _, out, _ = twice
    raw = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    raw["parameters"]["cash_limit"] = "999999"
    (tmp_path / "manifest.json").write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(WorkspaceError, match=raw["manifest_id"][:SHORT]):
        read_manifest(tmp_path)
    runner = CliRunner()
    assert runner.invoke(app_of(["reproduce"]), ["reproduce", str(tmp_path)]).exit_code == 2
    (tmp_path / "manifest.json").unlink()
    missing = runner.invoke(app_of(["reproduce"]), ["reproduce", str(tmp_path)])
    assert missing.exit_code == 2 and "manifest.json" in missing.stderr
    shutil.copy(out / "manifest.json", tmp_path / "manifest.json")
    lost = runner.invoke(app_of(["reproduce"]), ["reproduce", str(tmp_path), "--county", str(tmp_path / "none")])
    assert lost.exit_code == 2 and "--county" in lost.stderr


def test_the_id_covers_what_was_asked_and_not_with_what_it_was_made(twice: tuple[Path, Path, Path], tmp_path: Path) -> None:
    _, out, _ = twice
    manifest = read_manifest(out)
    other = dataclasses.replace(manifest, engine="spark", versions={"auditlib": "9"}, register_head="x", outputs=())
    assert other.manifest_id == manifest.manifest_id
    changed = {"as_of": "2020-01-01", "inputs": {}, "expectations": {}, "parameters": {}, "language": "en", "packs": {"x 1": "y"}}
    for name, value in changed.items():
        asked = dataclasses.replace(manifest.question, **{name: value})  # type: ignore[arg-type]
        assert asked.manifest_id != manifest.manifest_id, name
    write_manifest(other, tmp_path)
    assert read_manifest(tmp_path) == Manifest(other.question, other.workspace, "spark", {"auditlib": "9"}, "x")


def test_every_file_of_expectations_that_an_audit_reads_is_covered(twice: tuple[Path, Path, Path]) -> None:
    """Letters and forms are written afterwards, by calls of their own; packs stand under their own hashes."""
    later = {"letters", "forms_out", "packs"}
    files = {p.relative_to(expectations()).as_posix() for p in expectations().rglob("*.yaml")}
    assert set(read_manifest(twice[1]).question.expectations) == {f for f in files if f.partition("/")[0] not in later}


def test_what_the_register_told_is_marked_and_ledger_text_cannot_forge_the_mark() -> None:
    assert without_register("a" + from_register("<b>") + "c" + from_register(from_register("x")) + "d") == "acd"
    assert "<!--" not in from_register("<!--/register-->").removeprefix("<!--register-->").removesuffix("<!--/register-->")
