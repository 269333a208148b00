"""The house stays in order: imports point down, rules have cards and proofs, names correspond in all folders."""

from __future__ import annotations

import ast
import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from auditlib.catalog.load import load_catalog
from auditlib.demo import write_demo

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "auditlib"
# floors of the house, lowest first; a module imports from floors below its own, or from its own floor
FLOORS = (
    "words",
    "catalog",
    "engine",
    "kernels",
    "intake",
    "checks",
    "matching",
    "issues",
    "reports",
    "audit",
    "workbook",
    "demo",
    "cli",
    "__main__",
)
BESIDE = {"demo": {"words", "catalog"}}  # leaves that may use only what is named
TOP_LEVEL = {"notebooks", "auditlib", "expectations", "ledgers", "tests", "pyproject.toml", "README.md"}
NEEDED_BESIDE = {
    ".pre-commit-hooks.yaml",
    "Makefile",
    "CHANGELOG.md",
    "LICENSE",
    ".gitignore",
    ".gitattributes",
    ".ci",
    ".github",
    "requirements.txt",
    "requirements-lab.txt",
    "README.zh-CN.md",
    "CONTRIBUTING.md",
    "requirements-test.txt",
}


def floor_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@dataclass(frozen=True)
class Imports:
    at_the_top: tuple[ast.Import | ast.ImportFrom, ...]
    anywhere: tuple[ast.Import | ast.ImportFrom, ...]


@cache
def imports(path: Path) -> Imports:
    """A module is parsed once; what else stands in it is not kept."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return Imports(*(tuple(n for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)) for nodes in (tree.body, ast.walk(tree))))


def imports_of(path: Path) -> set[str]:
    """Floors of auditlib that a module imports, wherever in it the import stands."""
    package = path.relative_to(PACKAGE).parts[:-1]
    found = set()
    for node in imports(path).anywhere:
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            names = [*base, *(node.module.split(".") if node.module else [])]
            found |= {names[0]} if names else {a.name for a in node.names}
        else:
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
            found |= {m.split(".")[1] for m in modules if m.startswith("auditlib.")}
    return found - {"__version__"}


MODULES = sorted(p for p in PACKAGE.rglob("*.py") if p.name != "__init__.py" or p.parent != PACKAGE)


def test_the_guard_looks_at_the_whole_package() -> None:
    assert len(MODULES) >= 60
    assert {floor_of(p) for p in MODULES} == set(FLOORS)
    assert sum(bool(imports_of(p)) for p in MODULES) >= 40


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_point_down_and_so_make_no_cycle_between_floors(path: Path) -> None:
    own = floor_of(path)
    below = set(FLOORS[: FLOORS.index(own) + 1]) - {f for f in BESIDE if f != own and own != "cli"}
    allowed = BESIDE.get(own, below) | {own}
    assert imports_of(path) <= allowed, f"{own} may not import {imports_of(path) - allowed}"


def test_no_two_modules_of_a_floor_import_each_other() -> None:
    """Imports inside one floor, followed to the end, never come back."""
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        own = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        here = path.relative_to(PACKAGE).parts[:-1]
        for node in imports(path).anywhere:
            if isinstance(node, ast.ImportFrom) and node.level:
                base = [*here[: len(here) - node.level + 1], *(node.module.split(".") if node.module else [])]
                targets = {".".join(base)} if node.module else {".".join([*base, a.name]) for a in node.names}
                graph.setdefault(own, set()).update(targets - {own})
    known = {".".join(p.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__") for p in MODULES}
    assert sum(len(t & known) for t in graph.values()) >= 100

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in done:
            for target in sorted(graph.get(name, ())):
                if target in known:
                    walk(target, (*trail, name))
            done.add(name)

    done: set[str] = set()
    for name in sorted(graph):
        walk(name, ())


def test_heavy_libraries_are_imported_late() -> None:
    """Start-up stays light: none of these stands at the top of a module, but for the kernels' own narwhals."""
    heavy = {
        "pandas",
        "duckdb",
        "pyarrow",
        "numpy",
        "scipy",
        "great_expectations",
        "nbconvert",
        "nbformat",
        "nbclient",
        "sqlalchemy",
        "pyspark",
        "xlsxwriter",
    }
    for path in MODULES:
        for node in imports(path).at_the_top:
            modules = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            assert not heavy & {m.split(".")[0] for m in modules}, path


def test_only_the_oracle_imports_great_expectations() -> None:
    users = [p for p in MODULES if any("great_expectations" in ast.dump(node) for node in imports(p).anywhere)]
    assert [p.relative_to(PACKAGE).as_posix() for p in users] == ["checks/oracle.py"]


def test_the_top_level_is_the_design_card_s() -> None:
    import subprocess

    tracked = subprocess.run(["git", "ls-files"], capture_output=True, text=True, cwd=ROOT, check=False).stdout.splitlines()
    if not tracked:
        pytest.skip("not a git checkout")
    names = {line.strip('"').split("/")[0] for line in tracked}
    assert TOP_LEVEL <= names <= TOP_LEVEL | NEEDED_BESIDE


# ---- the catalogue -------------------------------------------------------------------------------------------

CATALOG = load_catalog()


def rules_with_a_test() -> set[str]:
    suites = {e["meta"]["rule"] for ledger in CATALOG.ledgers.values() for e in ledger.expectations}
    return suites | {c.rule for c in (*CATALOG.checks, *CATALOG.reconciliations)}


def test_every_rule_that_is_tested_has_a_card() -> None:
    assert len(rules_with_a_test()) >= 28
    assert rules_with_a_test() <= set(CATALOG.rules)


def test_every_ledger_of_the_contract_has_its_expectations_and_every_name_used_is_one() -> None:
    contract = """organisations cadres trial_balance agency_trial_balance journal bank_accounts bank_statement fixed_assets asset_count
        resources resource_survey contracts receipts claims members distributions projects handover disclosures
        decisions inspections""".split()
    assert sorted(CATALOG.ledgers) == sorted(contract)
    for card in CATALOG.rules.values():
        assert set(card.ledgers) <= set(contract), card.rule
    for reconciliation in (ROOT / "expectations" / "reconciliations").glob("*.yaml"):
        assert all(part in contract or part in ("prior", "agency") for part in reconciliation.stem.split("__")), reconciliation.name


def test_every_tested_rule_has_a_planted_row_or_a_proof_of_its_own(tmp_path: Path) -> None:
    demo = write_demo(tmp_path, villages=8)
    with demo.planted_list.open(encoding="utf-8-sig", newline="") as stream:
        planted = {row["rule"] for row in csv.DictReader(stream) if row["kind"] == "injected"}
    proofs = "\n".join(
        p.read_text(encoding="utf-8")
        for p in sorted((ROOT / "tests").glob("test_*.py"))
        if p.name.startswith(("test_checks_", "test_rules_", "test_matching_"))
    )
    unproved = {r for r in rules_with_a_test() - planted if f'"{r}"' not in proofs}
    assert not unproved


def test_every_reconciliation_and_check_names_a_kernel_that_exists() -> None:
    from auditlib.checks.known import CHECKS
    from auditlib.matching.run import RECONCILIATIONS

    assert {c.kernel for c in CATALOG.reconciliations} <= set(RECONCILIATIONS)
    assert {c.kernel for c in CATALOG.checks} <= set(CHECKS)
