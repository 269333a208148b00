"""The `auditlib` command."""

from __future__ import annotations

import sys

import typer

from .audit import audit
from .compare import compare
from .demo import demo
from .issues import issues_app
from .lab import lab
from .map import map_file
from .match import match
from .read import read
from .rules import rules_app

app = typer.Typer(
    name="auditlib", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="村集体三资审计工作簿：台账进，问题出。/ Audits the property of village collectives: ledgers in, findings out.",
)  # fmt: skip
for command in (audit, read, compare, match, demo, lab):
    app.command()(command)
app.command(name="map")(map_file)
app.add_typer(rules_app, name="rules")
app.add_typer(issues_app, name="issues")


def main() -> None:
    """Entry point; standard output is UTF-8 whatever the console says."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    app()


if __name__ == "__main__":
    main()
