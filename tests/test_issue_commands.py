"""`auditlib issues export | import | intake | requests | tree | overdue | letters | score | digest` as people call them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from register_cases import AS_OF, AT, ORGANISATIONS, OTHER_VILLAGE, VILLAGE, finding, run
from typer.testing import CliRunner, Result

from auditlib.cli.issues import issues_app
from auditlib.issues.events import Kind
from auditlib.issues.register import Register

LATER = "2026-02-10T10:00+08:00"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    with Register.open(tmp_path / "register.db") as register:
        run(
            register,
            finding("a"),
            finding("b", severity="red"),
            finding("c", org_code=OTHER_VILLAGE, org_name="下河村"),
            organisations=ORGANISATIONS,
        )
        register.add_person("组长", name="组长", role="lead", by="组长", at=AT)
        register.add_person("村干", name="村干", role="village", org_code=VILLAGE, by="组长", at=AT)
        for issue in register.issues(AS_OF):
            register.act(issue.issue_id, Kind.ACCEPTED, by="组长", at=AT)
            register.act(
                issue.issue_id,
                Kind.ASSIGNED,
                by="组长",
                at=AT,
                owner="县水务局" if issue.org_code == OTHER_VILLAGE else "李主任",
                deadline="2026-03-01",
            )
    return tmp_path


def call(place: Path, *arguments: str) -> Result:
    return CliRunner().invoke(issues_app, [*arguments, "--register", str(place / "register.db")])


def told(result: Result, status: int = 0) -> Any:
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


def test_a_form_goes_out_and_comes_back(place: Path) -> None:
    out = told(call(place, "export", "--for", "上河村", "--out", str(place / "f.xlsx"), "--as-of", "2026-01-31", "--json"))
    assert (len(out["issues"]), out["to_fill"], out["org_code"]) == (2, 2, VILLAGE)
    book = load_workbook(place / "f.xlsx")
    sheet = book["整改反馈"]
    for column, value in ((8, "已整改"), (9, "已补签收单"), (10, dt.date(2026, 2, 5))):
        sheet.cell(4, column).value = value
    sheet.cell(5, 8).value = "大概"
    book.save(place / "back.xlsx")
    came = told(call(place, "import", str(place / "back.xlsx"), "--as", "村干", "--at", LATER, "--json"), 1)
    assert came["counts"] == {"taken": 1, "refused": 1} and came["rows"][0]["steps"] == ["started", "handled", "reported_back"]
    again = call(place, "import", str(place / "back.xlsx"), "--as", "村干", "--at", LATER)
    assert again.exit_code == 1 and "以前已收下 1 行" in again.stdout and "大概" in again.stdout


def test_a_filled_form_is_never_written_over_and_mistakes_say_what_to_do(place: Path) -> None:
    (place / "f.xlsx").write_bytes(b"filled in")
    taken = call(place, "export", "--for", VILLAGE, "--out", str(place / "f.xlsx"))
    assert taken.exit_code == 2 and (place / "f.xlsx").read_bytes() == b"filled in" and "没有覆盖" in taken.stderr
    strange = call(place, "export", "--for", "火星村", "--out", str(place / "g.xlsx"))
    assert strange.exit_code == 2 and "上河村" in strange.stderr and not (place / "g.xlsx").exists()
    missing = call(place, "import", str(place / "nowhere.xlsx"), "--as", "村干")
    assert missing.exit_code == 2 and "nowhere.xlsx" in missing.stderr


def test_a_department_gets_the_form_of_what_was_given_to_it(place: Path) -> None:
    out = told(call(place, "export", "--for", "县水务局", "--out", str(place / "f.xlsx"), "--as-of", "2026-01-31", "--json"))
    assert len(out["issues"]) == 1 and out["org_code"] == ""


def test_lists_of_others_come_in_and_requests_without_taker_stand_first(place: Path) -> None:
    (place / "求助.csv").write_text("编号,单位,需求内容\n1,上河村,要测绘\n2,火星村,某\n", encoding="utf-8")
    came = told(call(place, "intake", str(place / "求助.csv"), "--source", "request", "--as", "组长", "--at", LATER, "--json"), 1)
    assert (len(came["raised"]), [r["row"] for r in came["refused"]]) == (1, [3])
    (row,) = told(call(place, "requests", "--as-of", "2026-02-11", "--json"))["requests"]
    assert (row["title"], row["is_waiting"]) == ("要测绘", True)


def test_the_tree_says_what_is_missing_and_overdue_who_is_next(place: Path) -> None:
    assert told(call(place, "tree", "--json"))["gaps"] == []
    (place / "责任人.csv").write_text("单位,责任类别,责任人\n上河村,属地,甲\n上河村,属地,乙\n", encoding="utf-8")
    result = call(place, "tree", "--duties", str(place / "责任人.csv"))
    assert result.exit_code == 1 and "上河村" in result.stdout and "甲" in result.stdout
    assert told(call(place, "overdue", "--as-of", "2026-02-28", "--json"))["overdue"] == []
    (place / "错.csv").write_text("单位,责任类别,责任人\n上河村,属地,甲\n天上村,属地,乙\n", encoding="utf-8")
    wrong = call(place, "overdue", "--as-of", "2026-02-28", "--duties", str(place / "错.csv"))
    assert wrong.exit_code == 1 and "第 3 行" in wrong.stdout and "天上村" in wrong.stdout
    assert len(told(call(place, "overdue", "--as-of", "2026-02-28", "--duties", str(place / "错.csv"), "--json"), 1)["refused"]) == 1
    rows = told(call(place, "overdue", "--as-of", "2026-03-08", "--json"), 1)["overdue"]
    assert [(r["overdue_days"], r["answerable"]["person"]) for r in rows] == [(7, "县农业农村局长"), (7, "张镇长"), (7, "张镇长")]


def test_a_letter_is_sent_listed_printed_again_and_answered(place: Path) -> None:
    send = (
        "letters",
        "send",
        "--for",
        "上河村",
        "--issuer",
        "师河县农业农村局",
        "--mark",
        "师农经",
        "--as",
        "组长",
        "--at",
        "2026-02-01T09:00+08:00",
    )
    sent = told(call(place, *send, "--reply-by", "2026-02-20", "--out", str(place / "out"), "--json"))
    assert sent["number"] == "师农经整改〔2026〕1号" and len(sent["letter"]["items"]) == 2
    html, docx = (Path(file) for file in sent["files"])
    before = (html.read_bytes(), docx.read_bytes())
    assert call(place, "letters", "list", "--as-of", "2026-02-20").exit_code == 0
    late = call(place, "letters", "list", "--as-of", "2026-02-25")
    assert late.exit_code == 1 and "逾期 5 天" in late.stdout
    again = told(call(place, "letters", "print", "HAN-", "--out", str(place / "again"), "--json"))
    assert tuple(Path(file).read_bytes() for file in again["files"]) == before
    answer = ["letters", "answer", "HAN-", "--text", "两项均已补记入账，见记-88", "--as", "组长", "--at", "2026-02-25T09:00+08:00"]
    assert call(place, *answer).exit_code == 0
    assert call(place, "letters", "list", "--as-of", "2026-03-25").exit_code == 0
    nobody = call(place, *send[:-4], "--out", str(place / "x"))
    assert nobody.exit_code == 2 and call(place, "letters", "send", "--for", "上河村", "--letter", "poem", "--as", "组长").exit_code == 2


def test_scores_show_formula_and_inputs_and_the_digest_its_figures(place: Path) -> None:
    cards = told(call(place, "score", "--from", "2026-01-01", "--to", "2026-03-31", "--org", "云岭镇", "--json"))
    assert [c["name"] for c in cards["cards"]] == ["云岭镇", "上河村", "下河村"] and len(cards["formula"]["measures"]) == 6
    closed = cards["cards"][0]["parts"][0]
    assert (closed["measure"], closed["part"], closed["whole"], closed["percent"]) == ("closed", 0, 3, "0.00")
    assert call(place, "score", "--from", "2026-02-01", "--to", "2026-01-01").exit_code == 2
    figures = told(call(place, "digest", "--period", "monthly", "--on", "2026-01-31", "--json"))
    assert (figures["new"], figures["open"], figures["settled_percent"]) == (3, 3, "0.00")
    assert "新增" in call(place, "digest", "--on", "2026-01-31").stdout
