"""Pages of reference made from the program itself: commands with their options, and the public names of the package."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from enum import Enum
from typing import Any

import typer.main

import auditlib

from ..words.messages import say
from .main import COMMANDS, app_of

_MARKS = str.maketrans({c: f"\\{c}" for c in "\\*_<>|"})


def commands_markdown() -> str:
    """Every command with arguments and options, Chinese and English as the command line has them. The same on every run."""
    parts = [f"# {say('guide.commands.title', 'zh')}", say("guide.commands.head", "zh")]
    for path, command in _walk(typer.main.get_command(app_of(COMMANDS)), ("auditlib",)):
        is_group = hasattr(command, "commands")
        parts.append(f"## `{' '.join(path)}{' …' if is_group else ''}`")
        parts.append(_plain(inspect.cleandoc(command.help or "")))
        if rows := [_parameter(p) for p in command.params if p.name != "help"]:
            parts.append("\n".join(("| | |", "| --- | --- |", *rows)))
    return "\n\n".join(p for p in parts if p) + "\n"


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The commands that can be called, beneath their groups, in the order of `--help`; a group with options of its own goes first."""
    for name, inner in command.commands.items():
        if hasattr(inner, "commands"):
            if any(p.name != "help" for p in inner.params):
                yield (*path, name), inner
            yield from _walk(inner, (*path, name))
        else:
            yield (*path, name), inner


def _parameter(parameter: Any) -> str:
    is_option = any(o.startswith("-") for o in parameter.opts)
    name = " / ".join((*parameter.opts, *parameter.secondary_opts)) if is_option else str(parameter.name).upper()
    default = parameter.default.value if isinstance(parameter.default, Enum) else parameter.default
    told = "" if default in (None, False, "", (), []) or callable(default) else f" (`{default}`)"
    return f"| `{name}` | {_plain(parameter.help or '')}{told} |"


def api_markdown() -> str:
    """The public names of auditlib: signature and docstring of each."""
    parts = [f"# {say('guide.api.title', 'zh')}", "```text\n" + inspect.cleandoc(auditlib.__doc__ or "") + "\n```"]
    for name in auditlib.__all__:
        found = getattr(auditlib, name)
        if inspect.isclass(found):
            parts += [f"## `{name}`", inspect.cleandoc(found.__doc__ or "")]
        elif callable(found):
            parts += [f"## `{name}`", f"```python\n{name}{_signature(found)}\n```", inspect.cleandoc(found.__doc__ or "")]
    return "\n\n".join(parts) + "\n"


def _signature(function: Any) -> str:
    """One parameter a line, annotations as they are written."""
    lines, starred = [], False
    signature = inspect.signature(function)
    for p in signature.parameters.values():
        if p.kind is p.KEYWORD_ONLY and not starred:
            lines.append("*")
            starred = True
        default = "" if p.default is p.empty else f" = {p.default!r}"
        lines.append(f"{p.name}: {p.annotation}{default}")
    return "(\n" + "".join(f"    {line},\n" for line in lines) + f") -> {signature.return_annotation}"


def _plain(text: str) -> str:
    """On one line, without markup of its own."""
    return " ".join(text.translate(_MARKS).split())
