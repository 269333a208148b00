"""What the commands that make something from the results of an audit share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
ForOption = Annotated[
    list[str] | None,
    typer.Option("--for", help="只要这些单位（代码或名称，含下级），可重复。Only these, with those beneath them; may be repeated."),
]
PdfOption = Annotated[bool, typer.Option("--pdf", help="同时打印成 PDF（需要浏览器）。Also as PDF, which needs a browser.")]
RegisterOption = Annotated[str | None, typer.Option("--register", help="台账文件或数据库地址。The register: a file or an SQLAlchemy URL.")]
