"""`auditlib lab`: JupyterLab on the start notebook, on this machine only."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from ..catalog.places import shipped
from ..words.folders import WORKBOOK
from ..words.messages import say
from .console import LangOption, refuse
from .lab_server import FIRST_PAGE, source_of

_OWN = Path(__file__).resolve().parent.parent / "workbook" / "lab"  # settings, style and the extension that runs our notebooks
FOLDER = WORKBOOK
START = "00_start.ipynb"
# run by every kernel at its start, while its page still loads: what each page needs first; of the first line see lab_server.serve
_STARTUP = """import sys; sys.modules.setdefault("rfc3987_syntax", None)
import anywidget, ipywidgets
import auditlib.workbook.acting, auditlib.workbook.start
from auditlib.catalog.load import load_catalog
load_catalog()
"""
_LOCALES = {"zh": "zh_CN", "en": "default"}


def lab(
    workspace: Annotated[Path, typer.Argument(help="县文件夹或工作文件夹 / the county's folder, or any folder to work in")] = Path("."),
    port: Annotated[int, typer.Option("--port", help="端口 / port")] = 8888,
    lang: LangOption = "zh",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="打开浏览器 / open the browser")] = True,
) -> None:
    """打开 JupyterLab 工作簿（仅本机）。/ Open the workbook in JupyterLab, on this machine only."""
    if not workspace.is_dir():
        refuse(say("lab.no_folder", lang, folder=workspace), lang)
    if any(find_spec(name) is None for name in ("jupyterlab", "ipykernel", "ipywidgets", "anywidget")):
        refuse(say("lab.not_installed", lang), lang)
    folder, aside = lay_notebooks(workspace)
    for name in aside:
        typer.echo(say("lab.set_aside", lang, name=name), err=True)
    with tempfile.TemporaryDirectory(prefix="auditlib-lab-", ignore_cleanup_errors=True) as private:
        write_settings(Path(private), folder, lang)
        status = subprocess.call(_command(workspace, folder, port, browser), env=_environment(Path(private), folder, lang))
    raise typer.Exit(status)


def _command(workspace: Path, folder: str, port: int, browser: bool) -> list[str]:
    command = [
        sys.executable, "-m", "auditlib.cli.lab_server", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={workspace.resolve()}",
        "--LabApp.extension_manager=readonly", "--LabApp.custom_css=True", "--ServerApp.terminals_enabled=False",
        f"--LabApp.default_url=/lab/tree/{quote(f'{folder}/{START}')}",
    ]  # fmt: skip
    if sys.platform != "win32":
        command.append("--KernelManager.transport=ipc")  # files that only this user can open, no ports
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return command


def write_settings(private: Path, folder: str, language: str) -> None:
    """The settings of this one server: language, nothing from outside, our style, and which notebooks run when opened."""
    import yaml

    labconfig = private / "labconfig"
    labconfig.mkdir(parents=True)
    text = (_OWN / "settings.yaml").read_text(encoding="utf-8").replace("{locale}", _LOCALES.get(language, "default"))
    _write_json(labconfig / "default_setting_overrides.json", yaml.safe_load(text))
    server = yaml.safe_load((_OWN / "server.yaml").read_text(encoding="utf-8"))
    trusted = json.dumps(_trusted(folder), ensure_ascii=False)  # as text: JupyterLab makes lists of the mappings in its page settings
    left_out = {f"@jupyterlab/{name}": True for name in server["left_out"]}
    _write_json(labconfig / "page_config.json", {"disabledExtensions": left_out, "auditlibNotebooks": trusted, **server["page"]})
    _write_json(private / "jupyter_server_config.json", server["config"])
    startup = private / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00_workbook.py").write_text(_STARTUP, encoding="utf-8")
    (private / "custom").mkdir()
    shutil.copyfile(_OWN / "custom.css", private / "custom" / "custom.css")


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")


def _environment(private: Path, folder: str, language: str) -> dict[str, str]:
    """A token; places of this server's own, so that nothing trusted or set elsewhere holds here; the workbook's extension.

    PYTHONSAFEPATH: no module is imported from the folder with the ledgers. AUDITLIB_LAB: pages wait for their buttons.
    AUDITLIB_DESK: who acts is kept for this desk alone.
    """
    places = {
        "JUPYTER_CONFIG_DIR": ".", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime", "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "IPYTHONDIR": "ipython",
    }  # fmt: skip
    return {
        **os.environ, **{name: str(private / place) for name, place in places.items()},
        "JUPYTER_PATH": os.pathsep.join(p for p in (str(_OWN), os.environ.get("JUPYTER_PATH", "")) if p),
        "JUPYTER_TOKEN": os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(16),
        "PYTHONSAFEPATH": "1", "AUDITLIB_LAB": language, "AUDITLIB_DESK": str(private / "desk"), FIRST_PAGE: f"{folder}/{START}",
    }  # fmt: skip


# ---- the notebooks in the folder that is served


def lay_notebooks(workspace: Path) -> tuple[str, tuple[str, ...]]:
    """The workbook's folder inside `workspace`, and the names of notebooks found there that were changed and set aside.

    A checkout serves its own `notebooks`. Elsewhere they are copied; one whose code is not ours keeps its text under another
    name, so that what opens and runs is always what was shipped.
    """
    source = shipped("notebooks")
    if (workspace / source.name).resolve() == source.resolve():
        return source.name, ()
    target = workspace / FOLDER
    target.mkdir(exist_ok=True)
    aside = [_lay(path, target) for path in sorted(source.glob("*.ipynb"))]
    return FOLDER, tuple(name for name in aside if name)


def _lay(source: Path, folder: Path) -> str:
    target, fresh = folder / source.name, source.read_bytes()
    if not target.exists():
        target.write_bytes(fresh)
        return ""
    if target.read_bytes() == fresh:
        return ""
    aside = next(p for p in (folder / f"{source.stem}_{n}.ipynb" for n in range(1, 10_000)) if not p.exists())
    target.rename(aside)
    target.write_bytes(fresh)
    return aside.name


def _trusted(folder: str) -> dict[str, str]:
    """Path of each notebook as the server has it -> SHA-256 of its code; the extension computes the same."""
    return {f"{folder}/{p.name}": code_hash(p) for p in sorted(shipped("notebooks").glob("*.ipynb"))}


def code_hash(path: Path) -> str:
    """SHA-256 (hex) over the texts of the code cells, with a zero character between them."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return hashlib.sha256("\0".join(source_of(c) for c in cells if c["cell_type"] == "code").encode()).hexdigest()
