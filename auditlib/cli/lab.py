"""`auditlib lab`: JupyterLab on the start notebook, on this machine only."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from ..catalog.places import shipped
from ..words.messages import say
from .console import refuse


def lab(
    workspace: Annotated[Path, typer.Argument(help="县文件夹或工作文件夹 / the county's folder, or any folder to work in")] = Path("."),
    port: Annotated[int, typer.Option("--port", help="端口 / port")] = 8888,
    lang: Annotated[str, typer.Option("--lang", help="zh | en")] = "zh",
) -> None:
    """打开 JupyterLab 工作簿（仅本机）。/ Open the workbook in JupyterLab, on this machine only."""
    if not workspace.is_dir():
        refuse(say("lab.no_folder", lang, folder=workspace), lang)
    notebooks = _own_copy(workspace)
    command = [
        sys.executable, "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", f"--ServerApp.root_dir={workspace.resolve()}",
        "--LabApp.extension_manager=readonly", f"--LabApp.default_url=/lab/tree/{notebooks}/00_start.ipynb",
    ]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    with tempfile.TemporaryDirectory(prefix="auditlib-lab-") as folder:
        raise typer.Exit(subprocess.call(command, env=_environment(Path(folder), lang)))


def _environment(folder: Path, language: str) -> dict[str, str]:
    """A token, and settings of the workbook's own: its language, no calls to the outside, widget callbacks one after another."""
    overrides = {
        "@jupyterlab/translation-extension:plugin": {"locale": "zh_CN" if language == "zh" else "default"},
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
        "@jupyterlab/apputils-extension:kernels-settings": {"commsOverSubshells": "disabled"},
    }
    (folder / "labconfig").mkdir()
    (folder / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(overrides), encoding="utf-8")
    paths = os.pathsep.join(p for p in (str(folder), os.environ.get("JUPYTER_CONFIG_PATH", "")) if p)
    token = os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(16)
    return {**os.environ, "JUPYTER_TOKEN": token, "JUPYTER_CONFIG_PATH": paths}


def _own_copy(workspace: Path) -> str:
    """The notebooks inside the folder that JupyterLab serves: as they lie in a checkout, else copied once."""
    if (workspace / "notebooks" / "00_start.ipynb").is_file():
        return "notebooks"
    target = workspace / "工作簿"
    target.mkdir(exist_ok=True)
    for source in sorted(shipped("notebooks").glob("*.ipynb")):
        if not (target / source.name).exists():
            shutil.copyfile(source, target / source.name)
    return "%E5%B7%A5%E4%BD%9C%E7%B0%BF"
