"""The notebooks of the workbook: thin, stripped, and running from top to bottom on a demo county.

The authority for the form of a notebook file is nbformat 4.5 (its own JSON schema, by nbformat.validate); for the number of
findings it is findings.csv, the file that the audit itself wrote.
"""

from __future__ import annotations

import ast
import csv
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from audited_county import audited

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
RUN_HERE = ("00_start.ipynb", "10_intake.ipynb", "20_checks.ipynb")
NAMES = (
    *RUN_HERE,
    "30_reconcile.ipynb",
    "50_issues.ipynb",
    "60_follow_up.ipynb",
    "90_report.ipynb",
)  # the others run beside their views' tests
# what a thin cell may hold: imports of auditlib, one assignment of a verb's answer or a parameter, something to show
_STATEMENTS = (ast.ImportFrom, ast.Assign, ast.Expr)
_FORBIDDEN = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If, ast.IfExp, ast.Try, ast.With, ast.ListComp,
              ast.DictComp, ast.GeneratorExp, ast.BinOp, ast.BoolOp, ast.Compare, ast.JoinedStr, ast.Import)  # fmt: skip


def _stored(name: str) -> Any:
    return nbformat.read(NOTEBOOKS / name, as_version=4)


def _code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


# ---- as they lie in the repository


def test_every_notebook_of_the_repository_is_looked_at() -> None:
    assert set(NAMES) == {p.name for p in NOTEBOOKS.glob("*.ipynb")}


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_notebook_is_valid_and_of_format_4_5(name: str) -> None:
    notebook = _stored(name)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.kernelspec.language == "python"


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_notebook_holds_no_results_and_hides_its_code(name: str) -> None:
    notebook = _stored(name)
    assert _code(notebook), "a notebook without code cells shows nothing"
    assert all(cell.outputs == [] and cell.execution_count is None for cell in _code(notebook))
    assert all(cell.metadata.jupyter.source_hidden is True for cell in _code(notebook))
    assert "widgets" not in notebook.metadata


@pytest.mark.parametrize("name", NAMES)
def test_cell_ids_are_words_that_stay(name: str) -> None:
    ids = [cell.id for cell in _stored(name).cells]
    assert len(set(ids)) == len(ids)
    stage = name[3:-6]
    assert all(re.fullmatch(rf"{stage}(-[a-z]+)+", i) for i in ids), ids


@pytest.mark.parametrize("name", NAMES)
def test_cells_only_call_verbs_of_auditlib(name: str) -> None:
    for cell in _code(_stored(name)):
        tree = ast.parse(cell.source)
        assert all(isinstance(statement, _STATEMENTS) for statement in tree.body), cell.id
        assert not [node for node in ast.walk(tree) if isinstance(node, _FORBIDDEN)], cell.id
        imported = [node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)]
        assert all(module.split(".")[0] == "auditlib" for module in imported), cell.id


@pytest.mark.parametrize("name", NAMES)
def test_one_cell_is_tagged_for_parameters(name: str) -> None:
    tagged = [cell for cell in _code(_stored(name)) if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    assigned = [node for node in ast.parse(tagged[0].source).body if isinstance(node, ast.Assign)]
    names = {target.id for node in assigned for target in node.targets}
    assert {"WORKSPACE", "OUT", "AS_OF", "LANGUAGE"} <= names


@pytest.mark.parametrize("name", NAMES)
def test_words_stand_in_chinese_first_and_in_english_too(name: str) -> None:
    texts = [cell.source for cell in _stored(name).cells if cell.cell_type == "markdown"]
    assert len(texts) >= 4
    for text in texts:
        assert re.search(r"[\u4e00-\u9fff]", text.splitlines()[0]), text
        assert re.search(r"\*[A-Z][^*]+\*\s*$", text), f"no English at the end: {text}"


# ---- as they run


@dataclass(frozen=True)
class Ran:
    notebook: Any
    out: Path

    def texts(self) -> str:
        """Everything that the outputs and the widgets say, as one text."""
        said = [str(v) for cell in _code(self.notebook) for o in cell.outputs for v in o.get("data", {}).values()]
        return "\n".join((*said, *self.widgets("HTMLModel"), *self.widgets("LabelModel")))

    def widgets(self, model: str) -> list[str]:
        states = self.notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"].values()
        return [str(w["state"].get("value", "")) for w in states if w["model_name"] == model]

    def html_of(self, cell_id: str) -> str:
        (cell,) = [c for c in self.notebook.cells if c.id == cell_id]
        return "\n".join(o["data"].get("text/html", "") for o in cell.outputs if "data" in o)

    def findings(self) -> list[dict[str, str]]:
        with (self.out / "findings.csv").open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def county() -> Path:
    """Read only: it is the one that all tests share."""
    return audited().folder


def _run(name: str, county: Path, folder: Path) -> Ran:
    from nbclient import NotebookClient

    shutil.copyfile(NOTEBOOKS / name, folder / name)
    notebook = nbformat.read(folder / name, as_version=4)
    places = {"AUDITLIB_WORKSPACE": str(county), "AUDITLIB_OUT": str(folder / "out"), "IPYTHONDIR": str(folder / "ipython")}
    client = NotebookClient(notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    client.execute(env={**os.environ, "PYTHONPATH": str(NOTEBOOKS.parent), **places})
    return Ran(notebook, folder / "out")


@pytest.fixture(scope="module")
def ran(county: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """All notebooks, each in a folder and a kernel of its own, at the same time."""
    folders = [tmp_path_factory.mktemp(name[:2]) for name in RUN_HERE]
    with ThreadPoolExecutor(len(RUN_HERE)) as pool:
        return dict(zip(RUN_HERE, pool.map(_run, RUN_HERE, [county] * len(RUN_HERE), folders), strict=True))


@pytest.fixture
def started(ran: dict[str, Ran]) -> Ran:
    return ran["00_start.ipynb"]


@pytest.fixture
def intake(ran: dict[str, Ran]) -> Ran:
    return ran["10_intake.ipynb"]


@pytest.fixture
def one_village(ran: dict[str, Ran]) -> Ran:
    return ran["20_checks.ipynb"]


def _no_error(ran: Ran) -> bool:
    outputs = [o for cell in _code(ran.notebook) for o in cell.outputs]
    return all(o.output_type != "error" and o.get("name") != "stderr" for o in outputs)


def test_the_start_notebook_runs_and_says_nothing_on_standard_error(started: Ran) -> None:
    assert _no_error(started)
    assert (started.out / "index.html").is_file()


def test_the_summary_states_as_many_findings_as_the_file_holds(started: Ran) -> None:
    count = len(started.findings())
    assert count > 10
    stated = re.findall(r'class="figure lead"><dt>[^<]*</dt><dd>([\d,]+)</dd>', "".join(started.widgets("HTMLModel")))
    assert stated and {int(n.replace(",", "")) for n in stated} == {count}  # above the button's bar, and in its own part


def test_the_table_of_findings_states_the_same_number(started: Ran) -> None:
    html = started.html_of("start-findings")
    assert f"共 {len(started.findings())} 行" in html
    assert html.count("<tr>") - 1 == len(started.findings())


def test_the_bar_stands_at_its_end(started: Ran) -> None:
    assert "100" in started.widgets("IntProgressModel")
    assert "完成" in started.widgets("LabelModel")


def test_the_county_is_only_read(started: Ran, county: Path) -> None:
    assert not started.out.is_relative_to(county)
    assert {p.suffix for p in county.rglob("*") if p.is_file()} <= {".xlsx", ".csv", ".toml"}


def test_the_intake_notebook_shows_a_sheet_row_by_row_and_writes_nothing(intake: Ran, county: Path) -> None:
    assert _no_error(intake)
    (grid,) = [html for html in intake.widgets("HTMLModel") if 'class="sheet"' in html]
    assert '<td class="kind">表头</td>' in grid and '<td class="kind">数据</td>' in grid
    assert not intake.out.exists() and not (county / "mappings").exists()


def test_the_intake_notebook_lists_what_is_open_and_excerpts_a_cell(intake: Ran) -> None:
    assert "没有认全的表" in intake.html_of("intake-open")
    assert "<mark>" in intake.html_of("intake-excerpt")


def test_the_village_notebook_runs(one_village: Ran) -> None:
    assert _no_error(one_village)


def test_the_village_notebook_shows_the_village_with_most_findings(one_village: Ran) -> None:
    by_village: dict[str, int] = {}
    for row in one_village.findings():
        by_village[row["org_code"][:12]] = by_village.get(row["org_code"][:12], 0) + 1
    most = max(by_village.values())
    assert f"共 {most} 行" in one_village.html_of("checks-findings")
    assert one_village.html_of("checks-cards").count("<article") == most


def test_findings_are_shown_with_their_cell_and_the_law(one_village: Ran) -> None:
    cards = one_village.html_of("checks-cards")
    assert "<mark>" in cards and "法" in cards and "条" in cards


def test_great_expectations_itself_agrees_with_the_compiled_scan(one_village: Ran) -> None:
    html = one_village.html_of("checks-gx")
    assert "expect_column" in html and "一致" in html
    assert "不一致" not in html and "未能评定" not in html


def test_every_result_of_a_check_has_its_place(one_village: Ran) -> None:
    for cell in ("checks-could-not-run", "checks-found", "checks-not-applicable", "checks-passed"):
        assert "共 " in one_village.html_of(cell)


def test_no_output_holds_script(started: Ran, intake: Ran, one_village: Ran) -> None:
    for ran in (started, intake, one_village):
        said = ran.texts().lower()
        assert "<script" not in said and not re.search(r"<[^>]+\son[a-z]+=", said)
