"""The report page on a demo county, and the three notebooks of issues, follow-up and report, run from top to bottom.

What a report says is judged by html.parser and, for the PDF, by pypdf.
"""

from __future__ import annotations

import datetime as dt
import html
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from audited_county import copied

from auditlib.issues.register import Register
from auditlib.workbook.last_audit import NotAudited
from auditlib.workbook.report_view import PREVIEW, ReportView

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
AT = dt.datetime(2026, 2, 1, 2, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An audited county, with its output beside it."""
    return copied(tmp_path_factory.mktemp("demo"))[0]


def view_of(county: Path, language: str = "zh") -> ReportView:
    return ReportView(county, county.parent / "out", language=language)


def test_every_page_that_the_audit_wrote_can_be_chosen_the_county_first(county: Path) -> None:
    view = view_of(county)
    pages = [page for _, page in view.report.options]
    assert set(pages) == {p.relative_to(view.out).as_posix() for p in view.out.rglob("*.html")} and len(pages) >= 4
    assert pages[0] == view.report.value == "index.html"
    assert any("一村一册" in label for label, _ in view.report.options)


def test_the_preview_is_the_text_of_the_report_and_says_that_it_is_cut(county: Path) -> None:
    view = view_of(county)
    assert view.audit.run.county in view.preview.value and "<iframe" not in view.preview.value
    for _, page in view.report.options:
        view.report.value = page
        (shown,) = re.findall(r"<pre[^>]*>(.*?)</pre>", view.preview.value, flags=re.S)
        assert shown.strip() and "{" not in shown[:100]  # words, no style sheet
        assert ('class="cut"' in view.preview.value) == (len(html.unescape(shown)) >= PREVIEW)
        assert Path(page).name in view.link.value


def test_the_reports_are_written_anew_with_the_issues_of_now(county: Path) -> None:
    view = view_of(county)
    issue = min(view.audit.issues, key=lambda i: i.issue_id)
    book = view.out / next(page for _, page in view.report.options if Path(page).stem == issue.org_code)
    assert "已受理" not in book.read_text(encoding="utf-8")
    with Register.open(view.out / "register.db") as register:
        register.add_person("组长", name="组长", role="lead", by="组长", at=AT)
        register.act(issue.issue_id, "accepted", by="组长", at=AT)
    view.write.click()
    assert "已受理" in book.read_text(encoding="utf-8")
    assert f"{len(view.audit.issues)} 件问题" in view.message.value


def test_a_report_is_printed_as_pdf(county: Path) -> None:
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        pytest.skip("no chromium on this machine: no PDF was printed")
    import pypdf

    view = view_of(county)
    view.pdf.click()
    printed = pypdf.PdfReader(view.out / "index.pdf")
    assert len(printed.pages) >= 1 and "index.pdf" in view.message.value
    assert not list(view.out.glob("*.part"))


def test_without_an_audit_the_page_says_where_to_start(tmp_path: Path) -> None:
    (tmp_path / "空县").mkdir()
    with pytest.raises(NotAudited):
        ReportView(tmp_path / "空县", tmp_path / "out")


# ---- the notebooks


@pytest.mark.parametrize("name", ["50_issues", "60_follow_up", "90_report"])
def test_the_notebook_runs_from_top_to_bottom_and_shows_its_page(county: Path, tmp_path: Path, name: str) -> None:
    import nbformat
    from nbclient import NotebookClient

    notebook: Any = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert all(not cell.outputs for cell in notebook.cells if cell.cell_type == "code")
    places = {"AUDITLIB_WORKSPACE": str(county), "AUDITLIB_OUT": str(county.parent / "out"), "IPYTHONDIR": str(tmp_path)}
    places["AUDITLIB_LAB"] = "1"  # somebody sits before the page: the audit that was made is taken, none is made
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env={**os.environ, "PYTHONPATH": str(NOTEBOOKS.parent), **places})
    outputs = [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]
    assert all(o.output_type != "error" and o.get("name") != "stderr" for o in outputs)
    assert any("application/vnd.jupyter.widget-view+json" in o.get("data", {}) for o in outputs)
    states = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"].values()
    said = "\n".join(str(s["state"].get("value", "")) for s in states if s["model_name"] == "HTMLModel")
    assert {"50_issues": "时限清单", "60_follow_up": "跟进什么", "90_report": "打开这份报告"}[name] in said
    assert "<script" not in said.lower()
