"""The formats of `auditlib validate` as their readers take them, with ledger text that tries to be something else.

SARIF 2.1.0 (OASIS), workflow commands and job summaries (GitHub), code quality (GitLab), JUnit XML, HTML.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from test_validate import changed, table, validate
from validate_formats import Elements, code_quality, commands, junit, markdown_text, sarif

HOSTILE = [
    "租赁\n::error file=x::forged",
    "<script>alert(1)</script>",
    "</failure></testcase>&amp;",
    "\x1b[31m\x07红",
    "a|b`c`*d* [x](javascript:y) @all #1",
    "%0A::warning::forged 100%",
    "\u202e倒写",
    "]]>&bad;",
]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger whose list of kinds (D04 shows what the cell says) and key hold text of another kind."""
    rows = [changed(合同编号=f"HT-{n}", 合同类别=text) for n, text in enumerate(HOSTILE)]
    return table(tmp_path_factory.mktemp("敌意") / "合同,台账:100%.csv", [*rows, changed(合同编号="HT-90", 承租方="")])


def output(path: Path, form: str, *more: str) -> str:
    done = validate(path, "--format", form, "--as-of", "2025-12-31", "--fiscal-year", "2025", *more)
    assert done.exit_code == 1, done.output
    return done.stdout


@pytest.fixture(scope="module")
def findings(hostile: Path) -> list[dict[str, str]]:
    found = json.loads(output(hostile, "json"))["findings"]
    assert {f["rule"] for f in found} == {"D01", "D04"} and len(found) == len(HOSTILE) + 1
    return found


def test_sarif_is_what_the_schema_of_oasis_accepts_with_sheet_cell_and_stable_fingerprints(
    hostile: Path, findings: list[dict[str, str]]
) -> None:
    (run,) = sarif(output(hostile, "sarif"))["runs"]
    assert [r["partialFingerprints"]["auditlib/finding/v1"] for r in run["results"]] == [f["finding_id"] for f in findings]
    rules = run["tool"]["driver"]["rules"]
    for result, finding in zip(run["results"], findings, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding["rule"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["region"]["startLine"] == int(finding["row"])
        assert location["logicalLocations"][0]["name"] == f"{finding['column']}{finding['row']}"
    assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].removeprefix("file://"))
    assert run["artifacts"][0]["hashes"]["sha-256"] == json.loads(output(hostile, "json"))["files"][0]["sha256"]
    assert run["invocations"][0] == {"executionSuccessful": True, "exitCode": 1, "toolExecutionNotifications": []}


def test_a_fingerprint_survives_rows_that_move_and_values_that_change(tmp_path: Path) -> None:
    """SARIF 2.1.0, 3.27.17: a partial fingerprint holds nothing that changes from run to run without the result changing."""
    one = table(tmp_path / "合同.csv", [changed(承租方="")])
    before = sarif(output(one, "sarif"))["runs"][0]["results"]
    table(one, [changed(合同编号="HT-000"), changed(承租方="", 年租金="1300")])
    after = sarif(output(one, "sarif"))["runs"][0]["results"]
    assert [r["partialFingerprints"] for r in before] == [r["partialFingerprints"] for r in after]
    assert before[0]["locations"] != after[0]["locations"]


def test_sarif_names_an_unreadable_file_as_a_result_and_a_notification(tmp_path: Path) -> None:
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04 no zip")
    done = validate(tmp_path / "坏.xlsx", "--format", "sarif")
    (run,) = sarif(done.stdout)["runs"]
    assert done.exit_code == 2 and not run["invocations"][0]["executionSuccessful"]
    assert [r["ruleId"] for r in run["results"]] == ["file.unreadable"] and len(run["invocations"][0]["toolExecutionNotifications"]) == 1


def test_annotations_are_one_command_a_finding_and_ledger_text_starts_none(hostile: Path, findings: list[dict[str, str]]) -> None:
    """GitHub: workflow commands; data escapes %, CR, LF, properties ':' and ',' too."""
    told = commands(output(hostile, "github"))
    assert sorted((c.properties["line"], c.message) for c in told) == sorted((f["row"], seen(f["message_zh"])) for f in findings)
    assert {c.name for c in told} <= {"error", "warning", "notice"}
    assert {c.properties["file"].rsplit("/", 1)[-1] for c in told} == {hostile.name}
    assert all(set(c.properties) == {"file", "line", "col", "title"} for c in told)


def seen(text: str) -> str:
    """As a terminal may show it: nothing that moves the cursor, but line breaks where the format carries them."""
    return "".join(c if c.isprintable() or c == "\n" else "�" for c in text)


def test_gitlab_gets_every_finding_once(hostile: Path, findings: list[dict[str, str]]) -> None:
    entries = code_quality(output(hostile.parent / hostile.name, "gitlab").replace(f'"path": "{hostile.as_posix()}"', '"path": "x.csv"'))
    assert [e["fingerprint"] for e in entries] == [f["finding_id"] for f in findings]
    assert [e["location"]["lines"]["begin"] for e in entries] == [int(f["row"]) for f in findings]


def test_gitlab_shows_the_same_finding_of_two_files_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("甲.csv", "乙.csv"):
        table(tmp_path / name, [changed(承租方="")])
    entries = code_quality(validate("甲.csv", "乙.csv", "--format", "gitlab").stdout)
    assert [e["location"]["path"] for e in entries] == ["甲.csv", "乙.csv"]


def test_junit_has_a_case_for_every_rule_and_holds_no_character_that_xml_forbids(hostile: Path) -> None:
    root = junit(output(hostile, "junit"))
    cases = {c.attrib["name"].split()[0]: c for c in root.iter("testcase") if re.match(r"[DF]\d\d ", c.attrib["name"])}
    assert cases["D04"].find("failure") is not None and cases["D01"].find("failure") is not None
    assert cases["D03"].find("failure") is None and cases["D03"].find("skipped") is None
    skipped = cases["D08"].find("skipped")
    assert skipped is not None and "乙方证件号" in skipped.attrib["message"]
    assert "</failure>" in "".join(root.itertext())


def test_junit_keeps_what_is_below_the_threshold_out_of_the_failures(hostile: Path) -> None:
    done = validate(hostile, "--format", "junit", "--fail-on", "red", "--as-of", "2025-12-31")
    root = junit(done.stdout)
    assert done.exit_code == 0 and root.attrib["failures"] == "0"
    assert "HT-90" in "".join(e.text or "" for e in root.iter("system-out"))


def test_a_page_runs_nothing_and_reaches_nowhere(hostile: Path) -> None:
    page = output(hostile, "html")
    elements = Elements(page)
    assert not {"script", "iframe", "link", "img", "form"} & set(elements.tags)
    assert not [v for n, v in elements.attributes if n.startswith("on") or n in ("src", "href")]
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in elements.attributes
    assert "<script>alert(1)</script>" in elements.text
    assert "\x1b" not in page and "\u202e" not in page


def test_plain_text_moves_no_cursor_and_keeps_one_line_a_finding(hostile: Path, findings: list[dict[str, str]]) -> None:
    text = output(hostile, "text")
    assert not [c for c in text if not c.isprintable() and c != "\n"]
    assert sum(any(f"({f['finding_id']})" in line for f in findings) for line in text.splitlines()) == len(findings)
    assert not [line for line in text.splitlines() if line.startswith("::")]


def test_a_summary_in_markdown_shows_ledger_text_and_is_none_of_it(hostile: Path, tmp_path: Path, findings: list[dict[str, str]]) -> None:
    output(hostile, "text", "--summary", str(tmp_path / "摘要.md"))
    text = (tmp_path / "摘要.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == len(findings) and all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)
    ours = re.sub(r"^(## |\*\*|\| |- )|\*\*$| \|( |$)|^\|---\|---\|---\|---\|$|</?(details|summary)>", "", text, flags=re.M)
    assert not re.search(r"[`*_\[\]<>|@]", ours)
    assert "<script>alert(1)</script>" in markdown_text(text) and "@all" in markdown_text(text)


def test_github_actions_gets_the_summary_by_itself(hostile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "step.md"
    page.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    output(hostile, "text")
    assert page.read_text(encoding="utf-8") == "before\n", "outside GitHub Actions the file is not ours"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    output(hostile, "text")
    assert page.read_text(encoding="utf-8").startswith("before\n## 台账文件检查")


def test_several_reports_of_one_run_say_the_same(hostile: Path, tmp_path: Path, findings: list[dict[str, str]]) -> None:
    output(hostile, "github", "--also", f"sarif={tmp_path / 'a' / 'x.sarif'}", "--also", f"json={tmp_path / 'x.json'}")
    results = sarif((tmp_path / "a" / "x.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert len(results) == len(findings) == len(json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))["findings"])


def test_the_same_file_gives_the_same_bytes(hostile: Path, tmp_path: Path) -> None:
    first, second = (output(hostile, "json", "--also", f"sarif={tmp_path / name}") for name in ("1", "2"))
    assert first == second and (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()
