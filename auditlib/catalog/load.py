"""Reads expectations/ into a Catalog; every mistake is named with its file, key and candidates."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..words.errors import CatalogError
from .places import expectations
from .specs import FIELD_TYPES, Catalog, CheckSpec, FieldSpec, LedgerSpec, ParameterSpec, RuleCard


def read_yaml(path: Path) -> Any:
    """One YAML file. Raises CatalogError naming file, line and problem."""
    import yaml

    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CatalogError(f"{path}: {error}") from error


def _known(path: Path, what: str, value: str, candidates: Any) -> None:
    if value not in candidates:
        near = difflib.get_close_matches(str(value), [str(c) for c in candidates], n=3)
        raise CatalogError(f"{path}: {what} '{value}' is not known; candidates: {', '.join(near) or ', '.join(map(str, candidates))}")


def _field(path: Path, name: str, entry: dict[str, Any]) -> FieldSpec:
    _known(path, f"fields.{name}.type", entry["type"], FIELD_TYPES)
    values = tuple((k, tuple(v)) for k, v in (entry.get("values") or {}).items())
    return FieldSpec(
        name, entry["type"], entry["zh"], entry["en"], tuple(map(str, entry["headers"])), values,
        bool(entry.get("blank_is_nil")), bool(entry.get("auxiliary")), str(entry.get("else_from", "")),
    )  # fmt: skip


def _ledger(path: Path) -> LedgerSpec:
    raw = read_yaml(path)
    if raw.get("ledger") != path.stem:
        raise CatalogError(f"{path}: ledger '{raw.get('ledger')}' must be named as its file")
    fields = {n: _field(path, n, e) for n, e in raw["fields"].items()}
    for key in raw["key"]:
        _known(path, "key", key, fields)
    return LedgerSpec(
        raw["ledger"], raw["labels"]["zh"], raw["labels"]["en"], tuple(raw["titles"]), tuple(raw["key"]),
        MappingProxyType(fields), _essential(path, raw, fields), MappingProxyType(raw.get("derived") or {}), tuple(raw.get("expectations") or ()),
    )  # fmt: skip


def _essential(path: Path, raw: dict[str, Any], fields: dict[str, FieldSpec]) -> tuple[tuple[str, ...], ...]:
    groups = tuple(tuple(g) for g in raw.get("essential") or [[k] for k in raw["key"]])
    for name in (n for g in groups for n in g):
        _known(path, "essential", name, fields)
    return groups


def _card(path: Path) -> RuleCard:
    raw = read_yaml(path)
    if raw.get("rule") != path.stem:
        raise CatalogError(f"{path}: rule '{raw.get('rule')}' must be named as its file")
    lists = {k: tuple(raw.get(k) or ()) for k in ("helpers", "ledgers", "parameters", "basis")}
    message = raw["message"] if not {"zh", "en"} <= set(raw["message"]) else {"": raw["message"]}
    texts = {k: raw[k] for k in ("name", "what", "why", "reading", "false_alarms", "rectification", "evidence")}
    return RuleCard(
        rule=raw["rule"], family=raw["family"], severity=raw["severity"], owner=raw["owner"], message=message, **texts, **lists
    )


def _check(path: Path) -> list[CheckSpec]:
    entries = read_yaml(path)
    return [
        CheckSpec(e["rule"], e["kernel"], tuple(e["ledgers"]), MappingProxyType(e.get("arguments") or {}))
        for e in (entries if isinstance(entries, list) else [entries])
    ]


def _each(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yaml"))


@cache
def load_catalog(root: Path | None = None) -> Catalog:
    """The whole of expectations/ (or of `root`, laid out alike). Raises CatalogError."""
    root = root or expectations()
    ledgers = {spec.name: spec for spec in map(_ledger, _each(root / "ledgers"))}
    rules = {card.rule: card for card in map(_card, _each(root / "rules"))}
    checks = [c for p in _each(root / "checks") for c in _check(p)]
    reconciliations = [c for p in _each(root / "reconciliations") for c in _check(p)]
    for spec in (*checks, *reconciliations):
        _known(root / "checks", "rule", spec.rule, rules)
        for ledger in spec.ledgers:
            _known(root / "checks", f"{spec.rule}.ledgers", ledger, ledgers)
    parameters = {n: ParameterSpec(n, e["default"], e["unit"], e["zh"], e["en"]) for n, e in read_yaml(root / "parameters.yaml").items()}
    charts = {p.stem: MappingProxyType(read_yaml(p)) for p in _each(root / "charts")}
    words = {p.stem: read_yaml(p) for p in _each(root / "words")}
    return Catalog(
        MappingProxyType(ledgers), MappingProxyType(rules), tuple(checks), tuple(reconciliations),
        MappingProxyType(parameters), MappingProxyType(charts), MappingProxyType(words),
    )  # fmt: skip
