"""The printed forms of expectations/forms/: what they are called, their columns, the ledger that their rows are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .documents import Document, read_documents, unknown
from .load import load_catalog
from .places import expectations
from .schema import Key
from .specs import FIELD_TYPES, LedgerSpec

_ANY_YEAR = "{year}"  # in a header
_YEARS = range(2000, 2100)


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
    number_marks: tuple[str, ...] = ()  # words beside which a bare number at the start of a title is the form's


@cache
def load_forms(folder: Path | None = None) -> tuple[FormBook, ...]:
    """The families of forms in expectations/forms/ (or in `folder`). Raises CatalogError: file, line, key, candidates."""
    ledgers = load_catalog().ledgers
    paths = sorted((folder or expectations() / "forms").glob("*.yaml"))
    return tuple(_book(document, ledgers) for document in read_documents("forms", [(path, "forms") for path in paths]))


def _known(path: Path, key: Key, value: str, candidates: Collection[str]) -> None:
    if value not in candidates:
        raise unknown(path, key, value, candidates)


def _all_known(path: Path, key: Key, values: Iterable[str], candidates: Collection[str]) -> None:
    for n, value in enumerate(values):
        _known(path, (*key, n), value, candidates)


def _book(document: Document, ledgers: Mapping[str, LedgerSpec]) -> FormBook:
    path, raw = document.path, document.content
    columns = {n: _column(path, n, e, raw["groups"]) for n, e in raw["columns"].items()}
    numbers = {n.split("-")[0] for n in raw["forms"]}
    forms = {n: _form(path, n, e, columns, ledgers, numbers) for n, e in raw["forms"].items()}
    identities = tuple(FormIdentity(e["result"], tuple(e["plus"]), tuple(e["minus"])) for e in raw["identities"])
    for i, identity in enumerate(identities):
        _known(path, ("identities", i, "result"), identity.result, columns)
        _all_known(path, ("identities", i, "plus"), identity.plus, columns)
        _all_known(path, ("identities", i, "minus"), identity.minus, columns)
    return FormBook(
        path.stem, raw["number"], tuple(raw["marks"]), tuple(raw.get("unless", ())), MappingProxyType(forms), identities,
        tuple(raw.get("number_marks", ())),
    )  # fmt: skip


def _column(path: Path, name: str, entry: dict[str, Any], groups: dict[str, list[str]]) -> FormColumn:
    """A column that stands under a group's head (账面数 › 原值) is known by both texts; a `bare` one by its own too."""
    _known(path, ("columns", name, "type"), entry["type"], FIELD_TYPES)
    if "group" in entry:
        _known(path, ("columns", name, "group"), entry["group"], groups)
    own = tuple(h.replace(_ANY_YEAR, str(y)) for h in entry["headers"] for y in (_YEARS if _ANY_YEAR in h else _YEARS[:1]))
    above = tuple(groups[entry["group"]]) if "group" in entry else ()
    joined = tuple(a + b for a in above for b in own)
    return FormColumn(name, entry["type"], entry["zh"], (own if entry.get("bare") or not above else ()) + joined)


def _form(
    path: Path, number: str, entry: dict[str, Any], columns: dict[str, FormColumn], ledgers: Mapping[str, LedgerSpec],
    numbers: Collection[str],
) -> FormSpec:  # fmt: skip
    where: Key = ("forms", number)
    _all_known(path, (*where, "columns"), entry["columns"], columns)
    _all_known(path, (*where, "needs"), entry.get("needs", ()), entry["columns"])
    ledger, values = str(entry.get("ledger", "")), entry.get("values") or {}
    fields = {f: tuple(c) for f, c in (entry.get("fields") or {}).items()}
    if ledger:
        _known(path, (*where, "ledger"), ledger, ledgers)
        for part, names in (("fields", fields), ("values", values)):
            for name in names:
                _known(path, (*where, part, name), name, ledgers[ledger].fields)
    for name, taken in fields.items():
        _all_known(path, (*where, "fields", name), taken, entry["columns"])
    lines = tuple(FormLine(e["form"], tuple(e["line"]), MappingProxyType(e["sums"]), e.get("of", "")) for e in entry.get("lines") or ())
    for n, line in enumerate(lines):
        _known(path, (*where, "lines", n, "form"), line.form, numbers)
    return FormSpec(
        number, entry["zh"], entry["en"], tuple(entry["names"]), entry["layout"], ledger,
        MappingProxyType({n: columns[n] for n in entry["columns"]}), MappingProxyType(fields), MappingProxyType(values),
        MappingProxyType({n: tuple(w) for n, w in (entry.get("items") or {}).items()}), lines,
        tuple(entry.get("needs", ())), tuple(entry.get("without", ())),
    )  # fmt: skip
