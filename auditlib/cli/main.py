"""The `auditlib` command."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Collection
from importlib import import_module

import typer

from ..words.messages import say
from .console import BROKEN

# command -> module beside this one and the function, or the group of commands, in it; in the order of `auditlib --help`
COMMANDS = {
    "audit": ("audit", "audit"), "read": ("read", "read"), "validate": ("validate", "validate"), "compare": ("compare", "compare"),
    "match": ("match", "match"), "names": ("names", "names"), "bank": ("bank", "bank"), "demo": ("demo", "demo"),
    "lab": ("lab", "lab"), "packs": ("packs", "packs"),
    "map": ("map", "map_file"), "reproduce": ("reproduce", "reproduce"),
    "rules": ("rules", "rules_app"), "issues": ("issues", "issues_app"), "report": ("report", "report_app"),
    "guide": ("guide", "guide"),
}  # fmt: skip


def app_of(names: Collection[str]) -> typer.Typer:
    """The command line with the commands `names` alone: each brings its own libraries, and none waits for those of the others."""
    app = typer.Typer(
        name="auditlib", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
        help="村集体三资审计工作簿：台账进，问题出。/ Audits the property of village collectives: ledgers in, findings out.",
    )  # fmt: skip
    app.callback()(_nothing)
    for name in names:
        module, member = COMMANDS[name]
        found = getattr(import_module(f".{module}", __package__), member)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name=name)(found)
    return app


def _nothing() -> None:
    """A command line of one command still asks for its name."""


def main() -> None:
    """Entry point; standard output is UTF-8 whatever the console says."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        app_of([asked] if asked in COMMANDS else COMMANDS)()
    except Exception:  # Python's own status for it is 1, which here means findings
        traceback.print_exc()
        print(say("audit.own_error", "zh"), say("audit.own_error", "en"), sep="\n", file=sys.stderr)
        sys.exit(BROKEN)


if __name__ == "__main__":
    main()
