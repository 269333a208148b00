"""What the commands that make something from the results of an audit share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from ...words.errors import AuditlibError
from ..console import WRONG

report_app = typer.Typer(
    help="由审计结果生成公开表、底稿、表单、PDF。Makes publications, working papers, forms and PDF from the results of an audit.",
    no_args_is_help=True, rich_markup_mode=None,
)  # fmt: skip

ResultsArgument = Annotated[
    Path, typer.Argument(metavar="OUT", help="auditlib audit 的输出文件夹。The output folder of an audit.")
]
CountyOption = Annotated[
    Path | None, typer.Option("--county", help="县工作区（用到县里自己的规则包时需要）。The county folder, where it has packs of its own.")
]


def told(command: Callable[..., None]) -> Callable[..., None]:
    """What a person can put right ends a command with status 2 and its message on standard error."""

    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except AuditlibError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(WRONG) from error

    return run
