"""`auditlib validate`: what single ledger files can show, for CI and for whoever sends them."""

from __future__ import annotations

import datetime as dt
import difflib
import os
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from ..words.errors import AuditlibError
from ..words.messages import say
from ..words.optional import left_out
from ..words.records import FileProblem
from .console import LangOption, date_of, refuse

if TYPE_CHECKING:
    from ..checks.alone import FileCheck
    from ..reports.validation.remarks import Validation

_DOCUMENTS = frozenset((".doc", ".docx", ".wps", ".pdf"))  # letters and scans: no ledgers, passed over in a folder
_NAMED = ("file.permission", "file.link")  # what a walk could not follow, and must not pass over


def validate(
    paths: Annotated[list[Path], typer.Argument(help="台账文件或文件夹 / ledger files or folders")],
    form: Annotated[str, typer.Option("--format", help="text | json | jsonl | sarif | junit | github | gitlab | html")] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="同 --format json / the same as --format json")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="写到文件 / write to a file")] = None,
    also: Annotated[list[str] | None, typer.Option("--also", help="再写一份：格式=文件 / one more report: FORMAT=FILE")] = None,
    fail_on: Annotated[
        str, typer.Option("--fail-on", help="哪一级起不通过 red | orange | yellow | blue / least severity that fails")
    ] = "blue",
    baseline: Annotated[Path | None, typer.Option("--baseline", help="已认可问题的清单 / file of accepted findings")] = None,
    changed_since: Annotated[
        str | None, typer.Option("--changed-since", help="只查 git 某版本以来的改动 / only what changed since")
    ] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="截止日 2026-01-31 / cut-off date")] = None,
    fiscal_year: Annotated[int | None, typer.Option("--fiscal-year", min=1950, max=2200, help="年度 / fiscal year")] = None,
    summary: Annotated[Path | None, typer.Option("--summary", help="写一页 Markdown 摘要 / write a summary in Markdown")] = None,
    lang: LangOption = "zh",
) -> None:
    """逐个检查台账文件，不需要整县。/ Check ledger files one by one: exit 0 nothing, 1 findings, 2 unreadable file or wrong call."""
    from ..reports.validation import FORMATS

    language = lang
    chosen = "json" if as_json else _one_of("--format", form, FORMATS, language)
    targets = [(chosen, out), *(_target(text, FORMATS, language) for text in also or [])]
    try:
        with left_out("pandas"):  # which libraries load on sight, and a small file is checked in less time
            value = _validated(paths, changed_since, baseline, _one_of("--fail-on", fail_on, ("red", "orange", "yellow", "blue"), language),
                               date_of(as_of, language), fiscal_year, language)  # fmt: skip
    except AuditlibError as error:
        refuse(str(error), language)
    for name, file in targets:
        _write(FORMATS[name](value), file, language)
    _summarise(value, summary, language)
    if chosen != "text" or out is not None:
        _tell(value)
    raise typer.Exit(value.status)


def _one_of(option: str, value: str, known: Collection[str], language: str) -> str:
    if value in known:
        return value
    near = difflib.get_close_matches(value, known, n=3) or list(known)
    refuse(say("validate.choice", language, option=option, value=value, candidates=", ".join(near)), language)


def _target(text: str, known: Collection[str], language: str) -> tuple[str, Path]:
    name, equals, file = text.partition("=")
    if not equals or not file:
        refuse(say("validate.also", language, value=text), language)
    return _one_of("--also", name, known, language), Path(file)


# ---- which files -----------------------------------------------------------------------------------------------


@dataclass
class _Chosen:
    """The files to check, by the names under which they are shown."""

    files: dict[str, Path] = field(default_factory=dict)
    problems: list[FileProblem] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)


def _choose(paths: Sequence[Path], language: str) -> _Chosen:
    from ..intake.workspace import files_in

    chosen = _Chosen()
    for path in paths:
        if path.is_dir():
            found, others = files_in(path)
            chosen.files |= {_shown(p): p for p in found}
            for other in others:
                _place(path / other.file, other, chosen)
        elif path.exists():
            chosen.files[_shown(path)] = path
        else:
            refuse(say("validate.no_path", language, path=path), language)
    return chosen


def _place(path: Path, problem: FileProblem, chosen: _Chosen) -> None:
    """What a folder holds beside ledger files: named, passed over, or checked for the message that says how to convert it."""
    if problem.code in _NAMED:
        chosen.problems.append(FileProblem(_shown(path), "", problem.code, problem.detail))
    elif problem.code == "file.convert" and path.suffix.lower() not in _DOCUMENTS:
        chosen.files[_shown(path)] = path
    else:
        chosen.passed_over.append(_shown(path))


def _shown(path: Path) -> str:
    """As seen from the current folder, which in CI is the root of the repository; whole where it lies elsewhere."""
    whole = Path(os.path.abspath(path))
    here = Path.cwd()
    return (whole.relative_to(here) if whole.is_relative_to(here) else whole).as_posix()


def _only_changed(chosen: _Chosen, paths: Sequence[Path], revision: str) -> None:
    from ..intake.revisions import changed_since

    folders = {(p if p.is_dir() else p.parent).resolve() for p in paths}
    changed = frozenset().union(*(changed_since(f, revision) for f in sorted(folders)))
    chosen.files = {name: p for name, p in chosen.files.items() if p.resolve() in changed}
    chosen.passed_over = [name for name in chosen.passed_over if Path(name).resolve() in changed]


# ---- the check and what is written ------------------------------------------------------------------------------


def _validated(
    paths: Sequence[Path],
    revision: str | None,
    baseline: Path | None,
    fail_on: str,
    as_of: dt.date | None,
    fiscal_year: int | None,
    language: str,
) -> Validation:
    from ..catalog.load import load_catalog
    from ..checks.alone import Asked, FileChecker
    from ..checks.baseline import load_baseline
    from ..reports.validation.remarks import validation

    accepted = load_baseline(baseline) if baseline else ()
    chosen = _choose(paths, language)
    if not chosen.files and not chosen.problems:
        refuse(say("validate.nothing_to_check", language, paths=", ".join(map(str, paths))), language)
    if revision is not None:
        _only_changed(chosen, paths, revision)
    catalog, today = load_catalog(), dt.date.today()
    checker = FileChecker(catalog, Asked(today, as_of, fiscal_year, language))
    own = baseline.resolve() if baseline else None
    files: list[FileCheck] = [checker.check(p, name) for name, p in chosen.files.items() if p.resolve() != own]
    return validation(
        files,
        catalog,
        baseline=accepted,
        today=today,
        language=language,
        fail_on=fail_on,
        problems=chosen.problems,
        passed_over=chosen.passed_over,
    )


def _write(text: str, file: Path | None, language: str) -> None:
    if file is None:
        sys.stdout.write(text)
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        _unwritable(file, error, language)


def _summarise(value: Validation, asked: Path | None, language: str) -> None:
    """The summary where it was asked for, and in the page of the job where GitHub Actions runs it."""
    from ..reports.validation.workflow import as_summary

    if asked is not None:
        _write(as_summary(value), asked, language)
    page = os.environ.get("GITHUB_STEP_SUMMARY")
    if page and os.environ.get("GITHUB_ACTIONS") == "true":
        try:
            with open(page, "ab") as stream:
                stream.write(as_summary(value).encode("utf-8", "backslashreplace"))
        except OSError as error:
            _unwritable(Path(page), error, language)


def _unwritable(file: Path, error: OSError, language: str) -> NoReturn:
    refuse(say("validate.unwritable", language, file=file, error=error.strerror or error), language)


def _tell(value: Validation) -> None:
    """The totals on standard error, where standard output is read by a program."""
    from ..reports.validation.listing import printable
    from ..reports.validation.remarks import about_the_call, totals

    for line in (*about_the_call(value), totals(value)):
        typer.echo(printable(line), err=True)
