"""What village books are made of beside the run: the files of expectations/books/, each read once and checked against the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from ..catalog.documents import read_document, unknown
from ..catalog.places import expectations
from ..catalog.specs import Catalog, LedgerSpec


@cache
def _content(name: str, schema: str) -> Any:
    return read_document(expectations() / "books" / f"{name}.yaml", schema).content


def balance_lines(version: str) -> Mapping[str, Any]:
    """The lines of the balance overview under the chart `version`. Raises CatalogError, KeyError for a chart without lines."""
    found: Mapping[str, Any] = _content("balance", "book-balance")[version]
    return found


def figures_wanted(catalog: Catalog) -> Mapping[str, Mapping[str, Any]]:
    """Ledger -> its figures; of a ledger that is not described all amounts and areas. Raises CatalogError with candidates."""
    given = _content("figures", "book-figures")
    for ledger, entry in given.items():
        if ledger in catalog.ledgers:
            _known(catalog.ledgers[ledger], ledger, entry)
    return {name: given.get(name) or {"sum": _amounts(spec)} for name, spec in catalog.ledgers.items()}


def _known(spec: LedgerSpec, ledger: str, entry: Mapping[str, Any]) -> None:
    there = {*spec.fields, *spec.derived}
    until = entry.get("until", {})
    named = [*entry.get("sum", ()), *entry.get("count", ()), *entry.get("by", ()), *entry.get("term", {}).values(), *until.get("sum", ())]
    named += [entry.get("days"), entry.get("years"), entry.get("top"), until.get("date")]
    for name in filter(None, named):
        if name not in there:
            raise unknown(expectations() / "books" / "figures.yaml", (ledger,), name, sorted(there))


def _amounts(spec: LedgerSpec) -> list[str]:
    return [f.name for f in spec.fields.values() if f.type in ("money", "area") and not f.is_auxiliary]


def handover_classes() -> Sequence[Mapping[str, Any]]:
    """The classes of a hand-over in their order. Raises CatalogError."""
    found: Sequence[Mapping[str, Any]] = _content("handover_pack", "book-handover")
    return found
