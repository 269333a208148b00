"""The wheel holds everything it needs and works away from the checkout; public names are few and typed."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import auditlib

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Wheel and sdist, by the backend that pyproject.toml names; nothing is downloaded."""
    pytest.importorskip("hatchling", reason="the build backend (hatchling) is not installed")
    out = tmp_path_factory.mktemp("dist")
    script = f"from hatchling.build import build_sdist, build_wheel\nbuild_wheel({str(out)!r})\nbuild_sdist({str(out)!r})"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True)
    return next(out.glob("*.whl")), next(out.glob("*.tar.gz"))


def files_of(folder: Path) -> set[str]:
    return {p.relative_to(ROOT).as_posix() for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts}


def test_the_wheel_holds_expectations_notebooks_templates_messages_and_types(built: tuple[Path, Path]) -> None:
    names = set(zipfile.ZipFile(built[0]).namelist())
    shipped = {n for folder in ("expectations", "notebooks") for n in files_of(ROOT / folder) if "/." not in f"/{n}"}
    assert len(shipped) > 100
    assert {f"auditlib/_shipped/{n}" for n in shipped} <= names
    assert files_of(ROOT / "auditlib") <= names and "auditlib/py.typed" in names
    assert not {n for n in names if n.startswith(("tests/", "ledgers/"))}


def test_the_sdist_holds_what_the_wheel_is_made_of(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[1]) as archive:
        names = {n.partition("/")[2] for n in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "auditlib/py.typed", "notebooks/00_start.ipynb"} <= names
    assert files_of(ROOT / "expectations") <= names


def test_the_wheel_alone_writes_and_audits_a_county(built: tuple[Path, Path], tmp_path: Path) -> None:
    """In an environment of its own that sees the libraries of this one and not the checkout."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    site = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))
    zipfile.ZipFile(built[0]).extractall(site)
    (site / "libraries.pth").write_text("\n".join(p for p in sys.path if p.endswith("-packages")) + "\n", encoding="utf-8")
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(python), "-P", "-m", "auditlib", *arguments]
        clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHONPATH")}
        return subprocess.run(command, cwd=tmp_path, env=clean, capture_output=True, text=True, encoding="utf-8", check=False)

    asked = [str(python), "-P", "-c", "import auditlib; print(auditlib.__file__)"]
    where = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(where.stdout.strip()).is_relative_to(site)
    written = run("demo", "示范", "--villages", "2")
    assert written.returncode == 0, written.stderr
    (county,) = (p.parent for p in (tmp_path / "示范").rglob("audit.toml"))
    done = run("audit", str(county), "--out", "结果")
    assert done.returncode == 1, done.stderr
    assert (tmp_path / "结果" / "index.html").is_file() and (tmp_path / "结果" / "findings.csv").stat().st_size > 1000


def test_public_names_exist_say_what_they_do_and_load_nothing_before_they_are_used() -> None:
    script = "import sys, auditlib\nassert not [m for m in sys.modules if m.startswith('auditlib.')]\nassert 'typer' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)
    names = [n for n in auditlib.__all__ if n != "__version__"]
    assert 5 <= len(names) <= 15
    for name in names:
        found = getattr(auditlib, name)
        assert found.__doc__ and name in (auditlib.__doc__ or ""), name


def test_an_unknown_public_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(AttributeError, match="run_audit"):
        auditlib.run_adit  # noqa: B018
