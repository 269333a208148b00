"""The shape of a file in expectations/, as a JSON Schema says it: one description for the loader, for editors and for CI.

The schemas stand in expectations/schemas/. They keep to a part of JSON Schema 2020-12 that is compiled here to plain functions, fast
enough to look at every file in every run: type, enum, const, properties, required, additionalProperties, propertyNames (pattern),
items, minItems, minProperties, minLength, pattern, minimum, anyOf and $ref. What a schema cannot say (that a name exists, that a word
stands in one column only) is the loader's.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .places import expectations

Key = tuple[Any, ...]  # the way to a value: names and positions
ENDING = ".schema.json"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a document."""

    key: Key  # where
    code: str  # key of the message catalogue: catalog.fault.<code>
    value: Any  # what stands there
    wanted: tuple[str, ...] = ()  # candidates, best first, or what would be right

    def under(self, part: Any) -> Fault:
        return Fault((part, *self.key), self.code, self.value, self.wanted)


Check = Callable[[Any], list[Fault]]  # [] when all is well
_NONE: list[Fault] = []

# A date that YAML or TOML reads as such counts as the text that it was written as. True and false are no numbers.
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str, dt.date), "integer": (int,), "number": (int, float), "boolean": (bool,),
    "null": (type(None),),
}  # fmt: skip
_IGNORED = frozenset(("$schema", "$id", "$defs", "title", "description", "examples", "default"))
_KNOWN = frozenset((
    "type", "enum", "const", "properties", "required", "additionalProperties", "propertyNames", "items", "minItems", "minProperties",
    "minLength", "pattern", "minimum", "anyOf", "$ref",
))  # fmt: skip


def schema_folder() -> Path:
    return expectations() / "schemas"


@cache
def schema_text(name: str) -> Mapping[str, Any]:
    """The schema `name` (as in 'ledger') as its file has it."""
    return json.loads((schema_folder() / f"{name}{ENDING}").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@cache
def checker(name: str, pointer: str = "") -> Check:
    """The schema `name`, or the part of it at `pointer` ('$defs/field'), as a function from a document to its faults."""
    part: Any = schema_text(name)
    for step in filter(None, pointer.split("/")):
        part = part[step]
    return _compiled(part, name)


def faults(name: str, content: Any) -> list[Fault]:
    """Everything that is wrong with the shape of a document, in its own order; [] when it is right."""
    return checker(name)(content)


def _compiled(part: Any, name: str) -> Check:
    """One (sub-)schema as a function."""
    if part is True:
        return lambda value: _NONE
    if unknown := set(part) - _KNOWN - _IGNORED:
        raise ValueError(f"schemas/{name}{ENDING}: {sorted(unknown)}: not in the part of JSON Schema that is used here")
    if "$ref" in part:
        return _reference(str(part["$ref"]), name)
    if "anyOf" in part:
        return _any_of([_compiled(p, name) for p in part["anyOf"]], part["anyOf"])
    if "enum" in part or "const" in part:
        return _listed(tuple(part.get("enum", (part.get("const"),))))
    kinds = part.get("type")
    checks = {k: _of_type(k, part, name) for k in ([kinds] if isinstance(kinds, str) else kinds or _TYPES)}
    return _typed(checks)


def _reference(target: str, name: str) -> Check:
    """Resolved when first needed: schemas may speak of themselves."""
    file, _, pointer = target.partition("#")
    other = file.removesuffix(ENDING) if file else name
    inside = pointer.strip("/")
    return lambda value: checker(other, inside)(value)


def _typed(checks: Mapping[str, Check]) -> Check:
    by_type = {t: check for kind, check in checks.items() for t in _TYPES[kind]}
    if "number" in checks:
        by_type |= {int: checks["number"], float: checks["number"]}
    wanted = tuple(checks)

    def check(value: Any) -> list[Fault]:
        found = by_type.get(type(value))
        return found(value) if found else [Fault((), "type", value, wanted)]

    return check


def _of_type(kind: str, part: Mapping[str, Any], name: str) -> Check:
    if kind == "object":
        return _object(part, name)
    if kind == "array":
        return _array(part, name)
    if kind == "string":
        return _string(part)
    least = part.get("minimum")
    if kind in ("integer", "number") and least is not None:
        return lambda value: _NONE if value >= least else [Fault((), "minimum", value, (str(least),))]
    return lambda value: _NONE


def _string(part: Mapping[str, Any]) -> Check:
    least, pattern = part.get("minLength", 0), part.get("pattern")
    search = re.compile(pattern).search if pattern else None

    def check(value: Any) -> list[Fault]:
        text = value if isinstance(value, str) else value.isoformat()
        if len(text) < least:
            return [Fault((), "empty", value)]
        return [Fault((), "pattern", value, (str(pattern),))] if search and not search(text) else _NONE

    return _NOTHING if not least and search is None else check


def _NOTHING(value: Any) -> list[Fault]:  # noqa: N802 - a constant that happens to be a function
    return _NONE


def _listed(allowed: tuple[Any, ...]) -> Check:
    kinds = {type(v) for v in allowed}

    def check(value: Any) -> list[Fault]:
        if type(value) in kinds and value in allowed:
            return _NONE
        return [Fault((), "choice", value, tuple(map(str, allowed)))]

    return check


def _array(part: Mapping[str, Any], name: str) -> Check:
    least, items = part.get("minItems", 0), part.get("items", True)
    inner = _compiled(items, name)
    plain_texts = items == {"type": "string"}

    def check(value: list[Any]) -> list[Fault]:
        if len(value) < least:
            return [Fault((), "too_few", value, (str(least),))]
        if items is True or (plain_texts and set(map(type, value)) <= {str}):
            return _NONE
        return [fault.under(n) for n, item in enumerate(value) for fault in inner(item)]

    return check


def _object(part: Mapping[str, Any], name: str) -> Check:
    properties = {k: _compiled(v, name) for k, v in part.get("properties", {}).items()}
    required, least = tuple(part.get("required", ())), part.get("minProperties", 0)
    others = part.get("additionalProperties", True)
    other = None if others is False else _compiled(others, name)
    pattern = (part.get("propertyNames") or {}).get("pattern")
    named = re.compile(pattern).search if pattern else None

    def check(value: dict[Any, Any]) -> list[Fault]:
        found: list[Fault] = []
        for key, inner in value.items():
            if type(key) is not str:
                found.append(Fault((key,), "key_type", key))
                continue
            if named is not None and not named(key):
                found.append(Fault((key,), "key_pattern", key, (str(pattern),)))
                continue
            at = properties.get(key, other)
            if at is None:
                found.append(Fault((key,), "unknown", key, tuple(properties)))
            elif told := at(inner):
                found += [fault.under(key) for fault in told]
        found += [Fault((key,), "missing", None) for key in required if key not in value]
        if len(value) < least:
            found.append(Fault((), "too_few", value, (str(least),)))
        return found

    return check


def _any_of(checks: list[Check], parts: list[Mapping[str, Any]]) -> Check:
    """The first alternative that holds; where none does, the faults of the one that came nearest."""

    def check(value: Any) -> list[Fault]:
        nearest: list[Fault] = []
        for one in checks:
            told = one(value)
            if not told:
                return _NONE
            if not nearest or max(len(f.key) for f in told) > max(len(f.key) for f in nearest):
                nearest = told
        if all(not f.key and f.code == "type" for f in nearest):
            kinds = tuple(dict.fromkeys(str(p["type"]) for p in parts if "type" in p))
            return [Fault((), "type", value, kinds or nearest[0].wanted)]
        return nearest

    return check
