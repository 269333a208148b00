"""`auditlib demo`: a fictional county to try everything on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..demo import write_demo
from ..words.messages import say
from .console import LangOption, refuse


def demo(
    folder: Annotated[Path, typer.Argument(help="写到哪个文件夹 / folder to write into")],
    villages: Annotated[int, typer.Option("--villages", min=2, max=2000, help="村数 / how many villages")] = 8,
    seed: Annotated[int, typer.Option("--seed", help="随机种子 / seed")] = 20250101,
    lang: LangOption = "zh",
) -> None:
    """生成一个示范县（虚构，埋有已知问题）。/ Write a fictional county with known defects."""
    if folder.exists() and any(folder.iterdir()):
        refuse(say("demo.not_empty", lang, folder=folder), lang)
    county = write_demo(folder, villages=villages, seed=seed)
    files = sum(1 for p in county.folder.rglob("*") if p.is_file())
    typer.echo(say("demo.done", lang, path=county.folder, villages=villages, files=files))
