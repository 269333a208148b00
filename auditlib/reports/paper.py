"""A paper of an office before it is rendered: nothing but texts and tables; and as one self-contained page to print.

Wording is data: placeholders in braces, filled once, so that what comes in is never read as a placeholder again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .markup import escape
from .render import refuse_active_content

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")  # what XML cannot hold
_TEMPLATES = Path(__file__).parent / "templates"
PARAGRAPHS = ("heading", "text", "right", "centre", "note")


@dataclass(frozen=True, slots=True)
class Paragraph:
    kind: str  # of PARAGRAPHS
    text: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; columns of numbers stand right."""

    caption: str
    heads: tuple[str, ...]
    numbers: frozenset[int]  # places of the columns with numbers
    widths: tuple[int, ...]  # relative
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class SignLine:
    """Who signs, side by side, with room for the name."""

    who: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageBreak:
    pass


Block = Paragraph | Grid | SignLine | PageBreak


@dataclass(frozen=True, slots=True)
class Paper:
    language: str
    layout: str  # portrait | landscape | document (after GB/T 9704-2012)
    issuer: str
    title: str
    blocks: tuple[Block, ...]
    trace: str  # last line: what the paper was made from


def placeholders(text: str) -> tuple[str, ...]:
    """The names that stand in braces."""
    return tuple(_PLACEHOLDER.findall(text))


def filled(text: str, values: Mapping[str, str]) -> str:
    """`text` with its placeholders replaced. Raises KeyError for a name without a value."""
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


def printable(text: str) -> str:
    """`text` without the characters that no document can hold."""
    return _UNPRINTABLE.sub("", text)


@cache
def office_template(folder: str) -> Any:
    """The page template of one kind of paper; everything put into it is escaped."""
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(loader=FileSystemLoader(_TEMPLATES / folder), undefined=StrictUndefined, finalize=escape)
    return environment.get_template(f"{folder}.html.j2")


def paper_html(paper: Paper) -> str:
    """One self-contained file, without script or outside address. Raises ActiveContent."""
    kinds = [(type(block).__name__, block) for block in paper.blocks]
    text: str = office_template("paper").render(page=paper, blocks=kinds)
    refuse_active_content(text)
    return text


def unknown_names(text: str, known: Collection[str]) -> tuple[str, ...]:
    """Placeholders of `text` that are not `known`."""
    return tuple(name for name in placeholders(text) if name not in known)
