"""How one pack after the other is laid over the shipped documents, and what happens where two say different things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .documents import Document, place_of, read_yaml, refused, unknown, wrong
from .load import Documents, check_suite, ledger_of
from .schema import Key, faults
from .specs import Decision

Change = tuple[str, str]  # kind (packs.change.<kind>), what
# Files of expectations/issues that a pack may set otherwise; how far, auditlib/issues/county.py says
_POLICIES = ("defaults", "transitions", "closing", "scores", "escalation", "duties")
_NEW = "new"  # under this key a word list holds what the shipped one does not have


@dataclass(frozen=True, slots=True)
class _Said:
    """Who set a thing to what, and where."""

    pack: str
    value: Any
    place: str


@dataclass(slots=True)
class Layers:
    """What has been laid so far; nothing of what is shipped is changed, only replaced."""

    shipped: Documents
    issues: Path  # folder of the shipped issue policies
    decisions: dict[str, Decision] = field(default_factory=dict)
    forms: dict[str, Document] = field(default_factory=dict)  # templates in the place of the shipped ones
    _laid: dict[str, dict[str, Document]] = field(default_factory=dict)
    _policy: dict[str, dict[str, Any]] = field(default_factory=dict)
    _said: dict[Key, _Said] = field(default_factory=dict)

    def folder(self, name: str) -> dict[str, Document]:
        return self._laid.setdefault(name, dict(self.shipped[name]))

    def documents(self) -> Documents:
        return {name: self._laid.get(name, found) for name, found in self.shipped.items()}

    def policy(self, name: str) -> dict[str, Any]:
        return self._policy.setdefault(name, {})

    def issue_policy(self) -> Mapping[str, Mapping[str, Any]]:
        return self._policy

    def say(self, thing: Key, value: Any, by: _By, key: Key) -> None:
        """Notes that a pack sets `thing`. Raises CatalogError where a pack that it does not extend set it otherwise."""
        before = self._said.get(thing)
        if before and before.pack != by.pack and before.value != value and before.pack not in by.extends:
            raise wrong(by.path, key, "packs.conflict", value=value, pack=by.pack, other=before.pack, said=before.value, there=before.place)
        self._said[thing] = _Said(by.pack, value, place_of(by.path, key))


@dataclass(frozen=True, slots=True)
class _By:
    """The pack and file that speak."""

    pack: str
    extends: frozenset[str]
    path: Path


def lay(pack: str, documents: Mapping[str, Document], extends: frozenset[str], layers: Layers) -> tuple[Change, ...]:
    """Lays the documents of one pack over `layers`; out comes what it changes, by kind. Raises CatalogError."""
    found: dict[str, list[str]] = {}
    ordered = sorted(documents.items(), key=lambda d: (_ORDER.index(d[0].split("/")[0] if "/" in d[0] else f"{d[0]}.yaml"), d[0]))
    for name, document in ordered:
        folder, _, stem = name.rpartition("/")
        for kind, text in _LAID[folder or f"{name}.yaml"](_By(pack, extends, document.path), stem, document, layers):
            found.setdefault(kind, []).append(text)
    return tuple((kind, ", ".join(texts)) for kind, texts in found.items())


def _parameters(by: _By, _: str, document: Document, layers: Layers) -> Iterable[Change]:
    known = layers.folder("parameters")
    base = known["parameters"]
    content = dict(base.content)
    for name, given in document.content.items():
        layers.say(("parameter", name), given, by, (name,))
        if isinstance(given, dict):
            if name in layers.shipped["parameters"]["parameters"].content:
                raise wrong(by.path, (name,), "packs.parameter_exists", value=name)
            content[name] = {**given, "set_by": by.pack}
            continue
        if name not in content:
            raise unknown(by.path, (name,), name, content)
        if content[name]["unit"] != "word" and not isinstance(given, (int, float)):
            raise wrong(by.path, (name,), "settings.number", value=given, unit=content[name]["unit"])
        content[name] = {**content[name], "default": given, "set_by": by.pack}
    known["parameters"] = Document(base.path, content)
    return [("parameters", ", ".join(f"{n} = {_plain(v)}" for n, v in document.content.items()))]


def _plain(given: Any) -> Any:
    return given["default"] if isinstance(given, dict) else given


def _card(by: _By, stem: str, document: Document, layers: Layers) -> Iterable[Change]:
    cards = layers.folder("rules")
    rule = document.content["rule"]
    if stem in cards:
        raise wrong(by.path, ("rule",), "packs.card_exists", value=rule, other=cards[stem].path)
    if not rule[1:2].isalpha():
        raise wrong(by.path, ("rule",), "packs.rule_id", value=rule)
    cards[stem] = document
    return [("rules", rule)]


def _decisions(by: _By, _: str, document: Document, layers: Layers) -> Iterable[Change]:
    cards, told = layers.folder("rules"), []
    for rule, given in document.content.items():
        if rule not in cards:
            raise unknown(by.path, (rule,), rule, cards)
        if "severity" in given:
            layers.say(("severity", rule), given["severity"], by, (rule, "severity"))
            cards[rule] = Document(cards[rule].path, {**cards[rule].content, "severity": given["severity"]})
            told.append(("severity", rule))
        if "applies" in given:
            layers.say(("applies", rule), given["applies"], by, (rule, "applies"))
            layers.decisions[rule] = Decision(
                rule, by.pack, given["applies"], given["reason"], given["decided_by"], str(given.get("decided_on", ""))
            )
            told.append(("rules_on" if given["applies"] else "rules_off", rule))
    return told


def _entries(folder: str) -> Any:
    def entries(by: _By, stem: str, document: Document, layers: Layers) -> Iterable[Change]:
        layers.folder(folder)[f"{by.pack}/{stem}"] = document
        listed = document.content if isinstance(document.content, list) else [document.content]
        return [(folder, ", ".join(dict.fromkeys(e["rule"] for e in listed)))]

    return entries


# ---- ledgers -----------------------------------------------------------------------------------------------


def _ledger(by: _By, stem: str, document: Document, layers: Layers) -> Iterable[Change]:
    ledgers = layers.folder("ledgers")
    if stem not in ledgers:
        told = faults("ledger", document.content)
        if told and isinstance(document.content, dict) and not {"labels", "key"} & set(document.content):
            raise unknown(by.path, ("ledger",), stem, ledgers)  # an addition to a ledger that there is not
        if told:
            raise refused(by.path, told, "ledger")
        ledgers[stem] = document
        check_suite(by.path, ledger_of(document), document.content.get("expectations") or (), layers.folder("rules"))
        return [("ledgers", stem)]
    if told := faults("pack-ledger", document.content):
        raise refused(by.path, told, "pack-ledger")
    if document.content["ledger"] != stem:
        raise wrong(by.path, ("ledger",), "catalog.named_as_file", value=document.content["ledger"], expected=stem)
    merged = _added(by, ledgers[stem], document.content, layers)
    check_suite(by.path, ledger_of(merged), document.content.get("expectations") or (), layers.folder("rules"))
    ledgers[stem] = merged
    return [("ledgers_more", stem)]


def _added(by: _By, base: Document, given: dict[str, Any], layers: Layers) -> Document:
    """A known ledger with what a pack adds to it."""
    content, ledger = dict(base.content), base.content["ledger"]
    content["titles"] = _joined(content["titles"], given.get("titles") or ())
    content["derived"] = dict(content.get("derived") or {})
    for name, operation in (given.get("derived") or {}).items():
        if name in content["derived"] or name in content["fields"]:
            raise wrong(by.path, ("derived", name), "packs.column_exists", value=name)
        content["derived"][name] = operation
    content["fields"] = dict(content["fields"])
    content["expectations"] = list(content.get("expectations") or ())
    for name, entry in (given.get("fields") or {}).items():
        key = ("fields", name)
        if "type" in entry:
            layers.say(("field", ledger, name), entry, by, key)
            if name in layers.shipped["ledgers"].get(ledger, base).content["fields"]:
                raise wrong(by.path, key, "packs.column_exists", value=name)
            content["fields"][name] = entry
        elif name not in content["fields"]:
            raise unknown(by.path, key, name, content["fields"])
        else:
            content["fields"][name] = _more_words(content, name, entry)
            content["expectations"] = _lists_widened(content["expectations"], base.content["fields"][name], content["fields"][name], name)
        _own_headers(by, content["fields"], name, entry.get("headers") or ())
    content["expectations"] += given.get("expectations") or ()
    return Document(base.path, content)


def _joined(there: Iterable[Any], more: Iterable[Any]) -> list[Any]:
    found = list(there)
    return found + [m for m in more if m not in found]


def _more_words(content: dict[str, Any], name: str, entry: dict[str, Any]) -> dict[str, Any]:
    field_ = dict(content["fields"][name])
    field_["headers"] = _joined(field_["headers"], entry.get("headers") or ())
    if entry.get("values"):
        values = dict(field_.get("values") or {})
        field_["values"] = values | {v: _joined(values.get(v, ()), words) for v, words in entry["values"].items()}
    return field_


def _lists_widened(suite: list[Any], before: dict[str, Any], after: dict[str, Any], name: str) -> list[Any]:
    """The suite with a new value of the field allowed wherever exactly the old ones were."""
    old, new = list(before.get("values") or {}), list(after.get("values") or {})
    if not old or old == new:
        return suite
    found = []
    for entry in suite:
        kwargs, meta = entry["kwargs"], entry["meta"]
        if kwargs.get("column") == name and entry["type"] == "expect_column_values_to_be_in_set" and kwargs["value_set"] == old:
            entry = {**entry, "kwargs": {**kwargs, "value_set": new}}
        if kwargs.get("column") == f"{name}__status" and meta.get("expected") == f"={'/'.join(old)}":
            entry = {**entry, "meta": {**meta, "expected": f"={'/'.join(new)}"}}
        found.append(entry)
    return found


def _own_headers(by: _By, fields: Mapping[str, Any], name: str, headers: Iterable[str]) -> None:
    """A header that already stands for another field of the ledger would make both unsure."""
    for header in headers:
        other = next((n for n, f in fields.items() if n != name and header in f["headers"]), None)
        if other:
            raise wrong(by.path, ("fields", name, "headers"), "packs.header_taken", value=header, other=other)


# ---- words and the policy of issues ------------------------------------------------------------------------


def _words(by: _By, stem: str, document: Document, layers: Layers) -> Iterable[Change]:
    lists = layers.folder("words")
    if stem not in lists:
        raise unknown(by.path, (), stem, lists)
    merged = _grown(lists[stem].content, document.content, by, (stem,), layers)
    lists[stem] = Document(lists[stem].path, merged)
    return [("words", stem)]


def _grown(base: Any, more: Any, by: _By, thing: Key, layers: Layers) -> Any:
    """A word list with more words: lists and tables grow, a single text is replaced."""
    key = thing[1:]
    if isinstance(base, dict) and isinstance(more, dict):
        return _table_grown(base, more, by, thing, layers)
    if isinstance(base, list) and isinstance(more, list):
        kinds = {type(x) for x in base} or {str}
        if bad := next((x for x in more if type(x) not in kinds), None):
            raise wrong(by.path, key, "catalog.fault.type", value=bad, wanted="/".join(sorted(k.__name__ for k in kinds)))
        return _joined(base, more)
    if type(base) is not type(more):
        raise wrong(by.path, key, "catalog.fault.type", value=more, wanted=type(base).__name__)
    layers.say(("words", *thing), more, by, key)
    return more


def _table_grown(base: dict[Any, Any], more: dict[Any, Any], by: _By, thing: Key, layers: Layers) -> dict[Any, Any]:
    found = dict(base)
    is_dictionary = bool(base) and all(isinstance(v, str) for v in base.values()) and len(thing) > 1
    for name, value in more.items():
        if name == _NEW and name not in base:
            for own, words in value.items():
                layers.say(("words", *thing, own), words, by, (*thing[1:], _NEW, own))
                found[own] = words
        elif name in base:
            found[name] = _grown(base[name], value, by, (*thing, name), layers)
        elif is_dictionary or name in layers.folder("ledgers"):
            layers.say(("words", *thing, name), value, by, (*thing[1:], name))
            found[name] = value
        else:
            raise unknown(by.path, (*thing[1:], name), name, [*map(str, base), _NEW])
    return found


def _policy(by: _By, stem: str, document: Document, layers: Layers) -> Iterable[Change]:
    if stem not in _POLICIES:
        raise unknown(by.path, (), stem, _POLICIES)
    base = read_yaml(layers.issues / f"{stem}.yaml")
    _set_policy(layers.policy(stem), base, document.content, by, (stem,), layers)
    return [("issues", ", ".join(map(str, document.content)))]


def _set_policy(into: dict[Any, Any], base: Any, given: dict[Any, Any], by: _By, thing: Key, layers: Layers) -> None:
    """Tables are set key by key, everything else whole; at the top only keys that the shipped policy has."""
    for name, value in given.items():
        if len(thing) == 1 and name not in base:
            raise unknown(by.path, (name,), name, list(map(str, base)))
        below = base.get(name) if isinstance(base, dict) else None
        if isinstance(value, dict) and isinstance(below, dict):
            _set_policy(into.setdefault(name, {}), below, value, by, (*thing, name), layers)
        else:
            layers.say(("issues", *thing, name), value, by, (*thing[1:], name))
            into[name] = value


def _form(by: _By, stem: str, document: Document, layers: Layers) -> Iterable[Change]:
    shipped = sorted(p.stem for p in (layers.issues.parent / "forms_out").glob("*.yaml"))
    if stem not in shipped:
        raise unknown(by.path, (), stem, shipped)
    layers.say(("forms_out", stem), document.content, by, ())
    layers.forms[stem] = document
    return [("forms_out", stem)]


_LAID = {
    "parameters.yaml": _parameters, "words": _words, "rules": _card, "rules.yaml": _decisions, "ledgers": _ledger,
    "checks": _entries("checks"), "reconciliations": _entries("reconciliations"), "issues": _policy,
    "forms_out": _form,
}  # fmt: skip
# cards before what names them; words after ledgers, whose names they may carry
_ORDER = ("parameters.yaml", "rules", "rules.yaml", "ledgers", "words", "checks", "reconciliations", "issues", "forms_out")
