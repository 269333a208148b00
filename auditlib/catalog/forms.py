"""The printed forms of expectations/forms/: what they are called, their columns, the ledger that their rows are."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..words.errors import CatalogError
from .load import load_catalog, read_yaml
from .places import expectations
from .specs import FIELD_TYPES, LedgerSpec

LAYOUTS = ("list", "items", "two_sided")


@dataclass(frozen=True, slots=True)
class FormColumn:
    """One column of a printed form."""

    name: str
    type: str
    zh: str
    headers: tuple[str, ...]  # as they stand in a head, the parts of a merged one joined


@dataclass(frozen=True, slots=True)
class FormLine:
    """A line of another form that a form adds up to."""

    form: str  # number of the other form, without its variant (19 for 19-1)
    line: tuple[str, ...]  # what the line is called there
    sums: Mapping[str, str]  # column here -> column there
    item: str = ""  # item of this form that is compared; '' for the sum of its rows


@dataclass(frozen=True, slots=True)
class FormSpec:
    """A printed form and the ledger that its rows are, if any."""

    number: str
    zh: str
    en: str
    names: tuple[str, ...]
    layout: str  # list | items | two_sided
    ledger: str  # '' where no ledger takes its rows
    columns: Mapping[str, FormColumn]
    fields: Mapping[str, tuple[str, ...]]  # field of the ledger -> columns of the form, the first that is there
    values: Mapping[str, str]  # fields whose value the form itself gives
    items: Mapping[str, tuple[str, ...]]
    lines: tuple[FormLine, ...]
    needs: tuple[str, ...] = ()  # columns without which a table is not this form, whatever its title says
    without: tuple[str, ...] = ()  # headers that show the table to be something else

    def label(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class FormIdentity:
    """result = the sum of `plus` less the sum of `minus`, row by row."""

    result: str
    plus: tuple[str, ...]
    minus: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormBook:
    """One family of printed forms, and how its members are known."""

    name: str
    number: str  # pattern of the number as it is printed
    marks: tuple[str, ...]  # words without which the name of a form in a title says nothing
    unless: tuple[str, ...]  # words of a title in which the name of a form says nothing
    forms: Mapping[str, FormSpec]
    identities: tuple[FormIdentity, ...]


@cache
def load_forms(folder: Path | None = None) -> tuple[FormBook, ...]:
    """The families of forms in expectations/forms/ (or in `folder`). Raises CatalogError."""
    ledgers = load_catalog().ledgers
    return tuple(_book(path, ledgers) for path in sorted((folder or expectations() / "forms").glob("*.yaml")))


def _known(path: Path, what: str, value: str, candidates: Collection[str]) -> None:
    if value not in candidates:
        near = difflib.get_close_matches(str(value), list(candidates), n=3) or list(candidates)
        raise CatalogError(f"{path}: {what} '{value}' is not known; candidates: {', '.join(near)}")


def _book(path: Path, ledgers: Mapping[str, LedgerSpec]) -> FormBook:
    raw = read_yaml(path)
    columns = {n: _column(path, n, e, raw["groups"]) for n, e in raw["columns"].items()}
    forms = {n: _form(path, n, e, columns, ledgers) for n, e in raw["forms"].items()}
    identities = tuple(FormIdentity(e["result"], tuple(e["plus"]), tuple(e["minus"])) for e in raw["identities"])
    for name in (n for i in identities for n in (i.result, *i.plus, *i.minus)):
        _known(path, "identities", name, columns)
    for line in (x for f in forms.values() for x in f.lines):
        _known(path, "lines.form", line.form, {n.split("-")[0] for n in forms})
    return FormBook(path.stem, raw["number"], tuple(raw["marks"]), tuple(raw.get("unless", ())), MappingProxyType(forms), identities)


def _column(path: Path, name: str, entry: dict[str, Any], groups: dict[str, list[str]]) -> FormColumn:
    """A column that stands under a group's head (账面数 › 原值) is known by both texts; a `bare` one by its own too."""
    _known(path, f"columns.{name}.type", entry["type"], FIELD_TYPES)
    own = tuple(entry["headers"])
    above = tuple(groups[entry["group"]]) if "group" in entry else ()
    joined = tuple(a + b for a in above for b in own)
    return FormColumn(name, entry["type"], entry["zh"], (own if entry.get("bare") or not above else ()) + joined)


def _form(path: Path, number: str, entry: dict[str, Any], columns: dict[str, FormColumn], ledgers: Mapping[str, LedgerSpec]) -> FormSpec:
    where = f"forms.{number}"
    _known(path, f"{where}.layout", entry["layout"], LAYOUTS)
    for name in entry["columns"]:
        _known(path, f"{where}.columns", name, columns)
    for name in entry.get("needs", ()):
        _known(path, f"{where}.needs", name, entry["columns"])
    ledger = str(entry.get("ledger", ""))
    fields = {f: tuple(c) for f, c in (entry.get("fields") or {}).items()}
    if ledger:
        _known(path, f"{where}.ledger", ledger, ledgers)
        for name in (*fields, *(entry.get("values") or {})):
            _known(path, f"{where}.fields", name, ledgers[ledger].fields)
    for name in (c for taken in fields.values() for c in taken):
        _known(path, f"{where}.fields", name, entry["columns"])
    lines = tuple(FormLine(e["form"], tuple(e["line"]), MappingProxyType(e["sums"]), e.get("of", "")) for e in entry.get("lines") or ())
    return FormSpec(
        number, entry["zh"], entry["en"], tuple(entry["names"]), entry["layout"], ledger,
        MappingProxyType({n: columns[n] for n in entry["columns"]}), MappingProxyType(fields), MappingProxyType(entry.get("values") or {}),
        MappingProxyType({n: tuple(w) for n, w in (entry.get("items") or {}).items()}), lines,
        tuple(entry.get("needs", ())), tuple(entry.get("without", ())),
    )  # fmt: skip
