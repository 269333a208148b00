"""Reads expectations/ into a Catalog; every mistake is named with its file, line, key and candidates."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..words.collector import resting_collector
from .documents import Document, read_document, read_documents, read_yaml, unknown, wrong
from .places import expectations
from .schema import Key
from .specs import Catalog, CheckSpec, FieldSpec, LedgerSpec, ParameterSpec, RuleCard, SeverityBand

__all__ = ["Documents", "catalog_of", "load_catalog", "read_expectations", "read_yaml"]

# folder -> file name without ending -> what it holds; the one parameters.yaml stands under "parameters"
Documents = Mapping[str, Mapping[str, Document]]
FOLDERS = {
    "ledgers": "ledger", "rules": "rule", "checks": "checks", "reconciliations": "checks", "charts": "chart", "words": "words",
}  # fmt: skip
_ORIGIN = ("row_id", "source_id", "sheet_row", "org_code")  # columns that every typed ledger has
_COLUMNS = ("column", "column_A", "column_B", "column_list")
_META_COLUMNS = ("key", "records", "expected", "actual", "amount", "period")


def _known(path: Path, key: Key, value: str, candidates: Collection[str]) -> None:
    if value not in candidates:
        raise unknown(path, key, value, candidates)


def _named_as_file(document: Document, key: str) -> None:
    name = document.content[key]
    if name != document.path.stem:
        raise wrong(document.path, (key,), "catalog.named_as_file", value=name, expected=document.path.stem)


def _field(name: str, entry: dict[str, Any]) -> FieldSpec:
    values = tuple((k, tuple(v)) for k, v in (entry.get("values") or {}).items())
    return FieldSpec(
        name, entry["type"], entry["zh"], entry["en"], tuple(map(str, entry["headers"])), values,
        bool(entry.get("blank_is_nil")), bool(entry.get("auxiliary")), str(entry.get("else_from", "")),
    )  # fmt: skip


def ledger_of(document: Document) -> LedgerSpec:
    """A ledger from its file. Raises CatalogError for a key or an essential field that it does not have."""
    path, raw = document.path, document.content
    _named_as_file(document, "ledger")
    fields = {n: _field(n, e) for n, e in raw["fields"].items()}
    for n, key in enumerate(raw["key"]):
        _known(path, ("key", n), key, fields)
    return LedgerSpec(
        raw["ledger"], raw["labels"]["zh"], raw["labels"]["en"], tuple(raw["titles"]), tuple(raw["key"]),
        MappingProxyType(fields), _essential(path, raw, fields), MappingProxyType(raw.get("derived") or {}),
        tuple(raw.get("expectations") or ()),
    )  # fmt: skip


def _essential(path: Path, raw: dict[str, Any], fields: dict[str, FieldSpec]) -> tuple[tuple[str, ...], ...]:
    groups = tuple(tuple(g) for g in raw.get("essential") or [[k] for k in raw["key"]])
    for n, m, name in ((n, m, name) for n, g in enumerate(groups) for m, name in enumerate(g)):
        _known(path, ("essential", n, m), name, fields)
    return groups


def _card(path: Path) -> RuleCard:
    return card_of(read_document(path, "rule"))


def card_of(document: Document) -> RuleCard:
    """A rule card from its file."""
    raw = document.content
    _named_as_file(document, "rule")
    lists: dict[str, Any] = {k: tuple(raw.get(k) or ()) for k in ("helpers", "ledgers", "parameters", "basis")}
    message = raw["message"] if not {"zh", "en"} <= set(raw["message"]) else {"": raw["message"]}
    texts = {k: raw[k] for k in ("name", "what", "why", "reading", "false_alarms", "rectification", "evidence")}
    severity, bands = _severity(raw["severity"])
    act_on = MappingProxyType({ledger: tuple(names) for ledger, names in (raw.get("act_on") or {}).items()})
    return RuleCard(
        rule=raw["rule"], family=raw["family"], severity=severity, owner=raw["owner"], message=message, bands=bands,
        evidence_kinds=tuple(raw.get("evidence_kinds") or ()), act_on=act_on, **texts, **lists,
    )  # fmt: skip


def _severity(given: str | dict[str, Any]) -> tuple[str, tuple[SeverityBand, ...]]:
    """A word, or {default: word, bands: [...]}."""
    if isinstance(given, str):
        return given, ()
    bands = (
        SeverityBand(
            e["severity"], tuple(e.get("variants") or ()), tuple(e.get("ledgers") or ()), e.get("amount_up_to"), e.get("amount_over")
        )
        for e in given["bands"]
    )
    return given["default"], tuple(bands)


def _check_names(
    path: Path, card: RuleCard, ledgers: Mapping[str, LedgerSpec], parameters: Collection[str], kinds: Collection[str]
) -> None:
    """Raises CatalogError for a kind of evidence, a date field or a limit of a card that stands nowhere else."""
    for n, kind in enumerate(card.evidence_kinds):
        _known(path, ("evidence_kinds", n), kind, kinds)
    for ledger, fields in card.act_on.items():
        _known(path, ("act_on", ledger), ledger, ledgers)
        for n, name in enumerate(fields):
            _known(path, ("act_on", ledger, n), name, ledgers[ledger].fields)
    for n, band in enumerate(card.bands):
        for key, limit in (("amount_up_to", band.amount_up_to), ("amount_over", band.amount_over)):
            if isinstance(limit, str):
                _known(path, ("severity", "bands", n, key), limit, parameters)


def _entries(document: Document) -> Iterator[tuple[Key, dict[str, Any]]]:
    """The entries of a file of checks, with the way to each."""
    if isinstance(document.content, list):
        yield from (((n,), entry) for n, entry in enumerate(document.content))
    else:
        yield (), document.content


def _checks(documents: Mapping[str, Document], rules: Collection[str], ledgers: Collection[str]) -> Iterator[CheckSpec]:
    for document in documents.values():
        for key, e in _entries(document):
            _known(document.path, (*key, "rule"), e["rule"], rules)
            for n, ledger in enumerate(e["ledgers"]):
                _known(document.path, (*key, "ledgers", n), ledger, ledgers)
            yield CheckSpec(e["rule"], e["kernel"], tuple(e["ledgers"]), MappingProxyType(e.get("arguments") or {}))


def _condition_columns(entry: Any) -> Iterator[str]:
    if isinstance(entry, dict):
        for part in entry.get("conditions") or ():
            yield from _condition_columns(part)
        if isinstance(entry.get("column"), dict) and "name" in entry["column"]:
            yield str(entry["column"]["name"])


def check_suite(path: Path, spec: LedgerSpec, expectations: Collection[Mapping[str, Any]], rules: Collection[str]) -> None:
    """Raises CatalogError for an expectation that names a rule without a card or a column that the ledger does not have."""
    standing = {*_ORIGIN, *spec.fields, *spec.derived, *(f"{f}__status" for f in spec.fields)}
    for n, entry in enumerate(expectations):
        meta, kwargs = entry["meta"], entry["kwargs"]
        if meta["rule"] not in rules:
            raise unknown(path, ("expectations", n, "meta", "rule"), meta["rule"], rules)
        if "field" in meta and meta["field"] not in spec.fields:
            raise unknown(path, ("expectations", n, "meta", "field"), meta["field"], spec.fields)
        named = [("kwargs", k, c) for k in _COLUMNS if k in kwargs for c in _listed(kwargs[k])]
        named += [("kwargs", "row_condition", c) for c in _condition_columns(kwargs.get("row_condition"))]
        named += [("meta", k, c) for k in _META_COLUMNS if k in meta for c in _listed(meta[k]) if not c.startswith("=")]
        for part, key, column in named:
            if column not in standing:
                raise unknown(path, ("expectations", n, part, key), column, sorted(standing))


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _each(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yaml"))


@cache
def read_expectations(root: Path) -> Documents:
    """All files of a folder laid out like expectations/, their shapes looked at. Raises CatalogError."""
    with resting_collector():
        return _read(root)


def _read(root: Path) -> Documents:
    placed = [(folder, p.stem, p, schema) for folder, schema in FOLDERS.items() for p in _each(root / folder)]
    placed += [(name, name, root / f"{name}.yaml", name) for name in ("parameters", "evidence")]
    found: dict[str, dict[str, Document]] = {folder: {} for folder in FOLDERS}
    documents = read_documents("expectations", [(path, schema) for _, _, path, schema in placed])
    for (folder, name, _, _), document in zip(placed, documents, strict=True):
        found.setdefault(folder, {})[name] = document
    return found


def catalog_of(documents: Documents) -> Catalog:
    """What the files say, together. Raises CatalogError for a name that no file has."""
    ledgers = {spec.name: spec for spec in map(ledger_of, documents["ledgers"].values())}
    rules = {card.rule: card for card in map(card_of, documents["rules"].values())}
    for name, spec in ledgers.items():
        check_suite(documents["ledgers"][name].path, spec, spec.expectations, rules)
    parameters = {
        n: ParameterSpec(n, e["default"], e["unit"], e["zh"], e["en"], e.get("set_by", ""))
        for n, e in documents["parameters"]["parameters"].content.items()
    }
    kinds = documents["evidence"]["evidence"].content
    for card in rules.values():
        path = documents["rules"][card.rule].path
        for n, ledger in enumerate(card.ledgers):
            _known(path, ("ledgers", n), ledger, ledgers)
        for n, parameter in enumerate(card.parameters):
            _known(path, ("parameters", n), parameter, parameters)
        _check_names(path, card, ledgers, parameters, kinds)
    return Catalog(
        MappingProxyType(ledgers), MappingProxyType(rules), tuple(_checks(documents["checks"], rules, ledgers)),
        tuple(_checks(documents["reconciliations"], rules, ledgers)), MappingProxyType(parameters),
        MappingProxyType({n: MappingProxyType(d.content) for n, d in documents["charts"].items()}),
        MappingProxyType({n: d.content for n, d in documents["words"].items()}), MappingProxyType(kinds),
    )  # fmt: skip


@cache
def load_catalog(root: Path | None = None) -> Catalog:
    """The whole of expectations/ (or of `root`, laid out alike). Raises CatalogError."""
    return catalog_of(read_expectations(root or expectations()))
