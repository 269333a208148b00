"""What a page is before it is rendered: frozen, and free of layout."""

from __future__ import annotations

from dataclasses import dataclass

from .markup import Safe


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a page that the contents point at."""

    anchor: str
    title: str
    body: Safe


@dataclass(frozen=True, slots=True)
class Page:
    """A page: `kind` is 'book' (cover sheet when printed) or 'sheet'."""

    title: str
    subtitle: str
    kind: str
    language: str
    fields: tuple[tuple[str, str], ...]  # of the cover
    trail: tuple[tuple[str, str], ...]  # (relative path, text) of the pages above; '' for this one
    sections: tuple[Section, ...]
    footer: str
    seal: Safe = Safe("")  # below the footer: the head of the register, and how to check it
