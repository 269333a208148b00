"""What all commands share: messages on standard error, exit statuses, and the progress of a long job."""

from __future__ import annotations

import datetime as dt
import functools
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from ..words.errors import AuditlibError, RegisterError
from ..words.messages import LANGUAGES, say

if TYPE_CHECKING:
    from ..audit import Step

FOUND, WRONG, BROKEN = 1, 2, 70  # findings; wrong input or call; an error of this program (EX_SOFTWARE of sysexits.h)


def refuse(message: str, language: str = "zh") -> NoReturn:
    """Says what is wrong and what to do, and ends with status 2."""
    typer.echo(say("audit.error", language, message=message), err=True)
    raise typer.Exit(WRONG)


def told(command: Callable[..., None]) -> Callable[..., None]:
    """What a person can put right ends a command with status 2 and its message on standard error, in the language of the call."""

    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except AuditlibError as error:
            lang = str(options.get("lang", "zh"))
            typer.echo(error.told(lang) if isinstance(error, RegisterError) else str(error), err=True)
            raise typer.Exit(WRONG) from error

    return run


def hand_out(text: str, out: Path | None, language: str) -> None:
    """Prints a page of text, or writes it to the file `out` and says so; ends with status 2 where that cannot be written."""
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        refuse(say("reports.output.unwritable", language, folder=out, detail=error.strerror or error), language)
    typer.echo(say("guide.written", language, file=out), err=True)


def check_language(given: str | None) -> str | None:
    """`given` where it is a language that we speak, or nothing; else the command ends with status 2."""
    if given is not None and given not in LANGUAGES:
        refuse("\n".join(say("console.language", language, given=given) for language in LANGUAGES))
    return given


LangOption = Annotated[str, typer.Option("--lang", help="zh | en", callback=check_language)]


def date_of(text: str | None, language: str = "zh") -> dt.date | None:
    """An ISO date given on the command line."""
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        refuse(say("audit.bad_date", language, value=text), language)


def width(text: str) -> int:
    """Columns that `text` takes on a terminal: a Chinese character two, a mark over another none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of texts as aligned lines."""
    widths = [max(width(r[i]) for r in rows) for i in range(len(rows[0]))] if rows else []
    return ["  ".join(c + " " * (w - width(c)) for c, w in zip(r, widths, strict=True)).rstrip() for r in rows]


def shown(text: str) -> str:
    """Ledger text on one line, without the characters of control or direction that could redraw the screen."""
    kept = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text if unicodedata.category(c) not in ("Cf", "Cs"))
    return " ".join("".join(kept).split())


def aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows of ledger texts as aligned lines."""
    return columns([[shown(cell) for cell in row] for row in rows])


def printable(text: str) -> str:
    """Ledger text without control characters, which could move the cursor or forge a line."""
    return "".join(c if c.isprintable() else "�" for c in text)


class Bar:
    """A bar with the current step where there is a terminal, a plain line a stage where there is none."""

    _WEIGHTS = {
        "intake": (0, 40),
        "checks": (40, 35),
        "matching": (75, 10),
        "findings": (85, 3),
        "register": (88, 2),
        "reports": (90, 10),
        "done": (100, 0),
    }

    def __init__(self, language: str) -> None:
        self._language = language
        self._live = sys.stderr.isatty()
        self._stage = ""
        self._steps = 0

    def __call__(self, step: Step) -> None:
        label = say(f"audit.stage.{step.stage}", self._language)
        if not self._live:
            if step.stage != self._stage:
                typer.echo(f"{label} …" if step.stage != "done" else label, err=True)
            self._stage = step.stage
            return
        self._steps = self._steps + 1 if step.stage == self._stage else 0
        self._stage = step.stage
        start, share = self._WEIGHTS[step.stage]
        part = step.done / step.total if step.total else 1 - 0.9**self._steps
        percent = int(start + share * part)
        filled = "█" * (percent // 4)
        detail = printable(step.detail)[-40:]
        sys.stderr.write(f"\r\x1b[2K{filled:░<25} {percent:3d}%  {label} {detail}" + ("\n" if step.stage == "done" else ""))
        sys.stderr.flush()
