"""`auditlib lab`: JupyterLab on the start notebook, on this machine only."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
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
    environment = {**os.environ, "JUPYTER_TOKEN": os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(16)}
    command = [
        sys.executable, "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", f"--ServerApp.root_dir={workspace.resolve()}",
        "--LabApp.extension_manager=readonly", f"--LabApp.default_url=/lab/tree/{notebooks}/00_start.ipynb",
    ]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    raise typer.Exit(subprocess.call(command, env=environment))


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
