"""County packs: folders of YAML that are laid over expectations/ without any Python.

A pack is laid out like expectations/ and says only what differs:

    pack.yaml                    name, version, authority, from when to when it holds, for which county, what it extends
    parameters.yaml              a value for a known parameter, or a parameter of its own
    rules.yaml                   rules switched off or on, other severities, each with the reason and who decided
    rules/*.yaml                 cards of rules of its own (an id such as FTL01: the kind F or D, letters of the county, two digits)
    ledgers/*.yaml               for a known ledger what is added (titles, headers, values, fields, expectations); else a new one
    checks/, reconciliations/    entries that name a kernel
    words/*.yaml                 words added to the lists of the same name; `new:` holds lists of its own
    issues/defaults.yaml         deadlines, clock and colours of issues where they differ; likewise transitions (who may do what),
                                 closing (never less than shipped), scores, escalation, duties (further headings)
    forms_out/*.yaml             templates of forms and reports in the place of the shipped ones

Order: what is shipped, then each pack in the order named, a pack that is extended before the one that extends it, then the
[parameters] of audit.toml. Words, headers, titles, entries and cards add up. One thing with two different values is an error that
names both places, unless the later pack extends the earlier one: then the later one holds.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..words.errors import CatalogError
from ..words.messages import say
from ..words.records import CheckResult, Organisation, PackUse
from .documents import Document, both, key_text, key_twice, near, read_document, read_yaml, wrong
from .laying import Layers, lay
from .load import catalog_of, load_catalog, read_expectations
from .places import expectations, shipped
from .specs import Catalog, Decision

GROUP = "auditlib.packs"  # entry points: name = package[:folder.below.it]
FOLDERS = ("ledgers", "rules", "checks", "reconciliations", "words", "issues", "forms_out")
FILES = ("pack.yaml", "parameters.yaml", "rules.yaml")
_BESIDE = ("readme", "license", "licence", "notice", "changelog", "__init__.py")
_UNSEEN = ("__pycache__",)


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as its folder holds it, before it is laid over anything."""

    use: PackUse
    folder: Path
    extends: tuple[str, ...]
    documents: Mapping[str, Document]  # path in the pack, as 'ledgers/claims' -> content


@dataclass(frozen=True, slots=True)
class Offer:
    """A pack that can be named."""

    name: str
    folder: Path
    origin: str  # shipped | installed | workspace


# ---- where packs are ---------------------------------------------------------------------------------------


def offers(workspace: Path | None = None) -> tuple[Offer, ...]:
    """Packs that can be used by name: those shipped, those of installed packages, those in `packs/` of a county folder.

    Of two with one name the one nearer to the county comes first. No code of an installed package is run.
    """
    found = [Offer(p.parent.name, p.parent, "workspace") for p in _below(workspace / "packs")] if workspace else []
    found += sorted(_installed(), key=lambda o: (o.name, str(o.folder)))
    found += [Offer(p.parent.name, p.parent, "shipped") for p in _below(shipped("expectations") / "packs")]
    return tuple(found)


def _below(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/pack.yaml"))


def _installed() -> Iterator[Offer]:
    from importlib.metadata import entry_points
    from importlib.util import find_spec

    for point in entry_points(group=GROUP):
        spec = find_spec(point.module)
        places = list(spec.submodule_search_locations or ()) if spec else []
        folders = [Path(p, *(point.attr or "").split(".")) if point.attr else Path(p) for p in places]
        yield from (Offer(point.name, f, "installed") for f in folders if (f / "pack.yaml").is_file())


def find_pack(named: str, beside: Path, workspace: Path | None = None) -> Path:
    """The folder of a pack: a path (from `beside`), else the name of one that is offered. Raises CatalogError with candidates."""
    folder = (beside / named).expanduser()
    if (folder / "pack.yaml").is_file():
        return folder.resolve()
    offered = offers(workspace)
    for offer in offered:
        if offer.name == named:
            return offer.folder.resolve()
    raise CatalogError(both("packs.not_found", name=named, folder=folder, candidates=near(named, [o.name for o in offered]) or "—"))


# ---- reading one -------------------------------------------------------------------------------------------


def pack_files(folder: Path) -> tuple[str, ...]:
    """Relative paths of all files of a pack in byte order, dot files and caches left out."""
    paths = (p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    seen = (p for p in paths if not any(part.startswith(".") or part in _UNSEEN for part in p.parts))
    return tuple(sorted((p.as_posix() for p in seen), key=lambda p: p.encode()))


def checksum(folder: Path) -> str:
    """SHA-256 over a line `sha256  path` for each file in byte order: what `sha256sum FILES… | sha256sum` prints."""
    lines = (f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in pack_files(folder))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def read_pack(folder: Path) -> Pack:
    """A pack from its folder. Raises CatalogError naming file, line, key and candidates."""
    head = read_document(folder / "pack.yaml", "pack")
    names = [n for n in pack_files(folder) if n != "pack.yaml" and not n.lower().startswith(_BESIDE)]
    documents = {}
    for name in names:
        path = folder / name
        if not _expected(name):
            allowed = (*FILES, *(f"{f}/….yaml" for f in FOLDERS))
            raise CatalogError(both("packs.unknown_file", file=path, candidates=near(name, allowed)))
        documents[name.removesuffix(".yaml")] = _document(path, name)
    return Pack(_use(head, folder), folder, tuple(head.content.get("extends") or ()), MappingProxyType(documents))


def _expected(name: str) -> bool:
    parts = name.split("/")
    return name in FILES or (len(parts) == 2 and parts[0] in FOLDERS and parts[1].endswith(".yaml"))


def _document(path: Path, name: str) -> Document:
    """A file of a pack, no key in it twice. The shape of a ledger file depends on whether the ledger is new, and is looked at later."""
    schema = {"parameters.yaml": "pack-parameters", "rules.yaml": "pack-rules"}.get(name) or {
        "rules": "rule", "checks": "checks", "reconciliations": "checks", "words": "words", "issues": "words", "forms_out": "form",
    }.get(name.split("/")[0])  # fmt: skip
    document = read_document(path, schema) if schema else Document(path, read_yaml(path))
    if twice := key_twice(path):
        key, first, second = twice
        raise CatalogError(both("catalog.twice", place=f"{path}:{second}: {key_text(key)}", value=key[-1], other=f"{path}:{first}"))
    return document


def _day(text: Any) -> dt.date | None:
    return dt.date.fromisoformat(str(text)) if text else None


def _use(head: Document, folder: Path) -> PackUse:
    raw = head.content
    dates: dict[str, dt.date | None] = {}
    for key in ("valid_from", "valid_to"):
        try:
            dates[key] = _day(raw.get(key))
        except ValueError:
            raise wrong(head.path, (key,), "packs.no_date", value=raw[key]) from None
    first, last = dates["valid_from"], dates["valid_to"]
    if first is None or (last is not None and last < first):
        raise wrong(head.path, ("valid_to",), "packs.ends_before", first=first, last=last)
    return PackUse(
        raw["name"], raw["version"], raw["title"]["zh"], raw["title"]["en"], raw["authority"]["zh"], raw["authority"]["en"],
        str(raw.get("document", "")), str(raw.get("county", "")), first, last, checksum(folder),
    )  # fmt: skip


def in_order(named: Sequence[str], workspace: Path) -> tuple[Pack, ...]:
    """The packs that are named and those that they extend, each once and before what extends it. Raises CatalogError."""
    done: dict[Path, Pack] = {}

    def take(folder: Path, trail: tuple[Path, ...]) -> None:
        if folder in trail:
            raise CatalogError(both("packs.circle", packs=" → ".join(p.name for p in (*trail, folder))))
        if folder in done:
            return
        pack = read_pack(folder)
        for other in pack.extends:
            take(find_pack(other, folder, workspace), (*trail, folder))
        same = next((p for p in done.values() if p.use.name == pack.use.name), None)
        if same:
            raise wrong(folder / "pack.yaml", ("name",), "catalog.twice", value=pack.use.name, other=same.folder / "pack.yaml")
        done[folder] = pack

    for name in named:
        take(find_pack(name, workspace, workspace), ())
    return tuple(done.values())


# ---- laying them over what is shipped ----------------------------------------------------------------------


def with_packs(packs: Sequence[Pack], root: Path | None = None) -> Catalog:
    """expectations/ (or `root`, laid out alike) with `packs` laid over it. Raises CatalogError."""
    if not packs:
        return load_catalog(root)
    above = _extended(packs)
    layers = Layers(read_expectations(root or expectations()), (root or expectations()) / "issues")
    uses = []
    for pack in packs:
        uses.append(replace(pack.use, changes=lay(pack.use.name, pack.documents, above[pack.use.name], layers)))
    catalog = catalog_of(layers.documents())
    set_otherwise: dict[str, Any] = {"issue_policy": MappingProxyType(layers.issue_policy()), "forms_out": MappingProxyType(layers.forms)}
    return _switched(replace(catalog, packs=tuple(uses), **set_otherwise), layers.decisions)


def _extended(packs: Sequence[Pack]) -> dict[str, frozenset[str]]:
    """Pack -> names of all the packs that it extends, directly or not."""
    above: dict[str, frozenset[str]] = {}
    by_folder = {p.folder: p.use.name for p in packs}
    for pack in packs:
        direct = [by_folder[find_pack(n, pack.folder)] for n in pack.extends]
        above[pack.use.name] = frozenset(direct).union(*(above[n] for n in direct))
    return above


def _switched(catalog: Catalog, decisions: Mapping[str, Decision]) -> Catalog:
    """The catalogue without the tests of the rules that are switched off; their cards stay."""
    off = {rule: d for rule, d in decisions.items() if not d.applies}
    ledgers = {
        name: replace(spec, expectations=tuple(e for e in spec.expectations if e["meta"]["rule"] not in off))
        for name, spec in catalog.ledgers.items()
    }
    kept: dict[str, Any] = {n: tuple(c for c in getattr(catalog, n) if c.rule not in off) for n in ("checks", "reconciliations")}
    return replace(catalog, ledgers=MappingProxyType(ledgers), decisions=MappingProxyType(off), **kept)


def county_catalog(workspace: Path, also: Iterable[str] = ()) -> Catalog:
    """The catalogue of a county folder: with the packs that its audit.toml names, then those in `also`.

    A pack is named by its path (from the county's folder) or by the name of one that is shipped or installed.
    Raises WorkspaceError for an audit.toml that cannot be read, CatalogError for a pack.
    """
    from .settings import packs_named

    named = tuple(dict.fromkeys((*packs_named(workspace), *also)))
    return with_packs(in_order(named, workspace)) if named else load_catalog()


# ---- what reports say of it --------------------------------------------------------------------------------


def reason_off(decision: Decision, language: str) -> str:
    """Why a rule does not apply, in one sentence."""
    when = say("packs.off.on", language, day=decision.decided_on) if decision.decided_on else ""
    return say("packs.off", language, pack=decision.pack, reason=decision.reason[language], by=decision.decided_by, when=when)


def told_off(
    results: Iterable[CheckResult], catalog: Catalog, organisations: Sequence[Organisation], language: str
) -> tuple[CheckResult, ...]:
    """`results`, and for each rule that a pack switched off one that says so for each organisation."""
    ran = (r for r in results if r.rule not in catalog.decisions)
    return *ran, *(
        CheckResult(rule, o.org_code, ledger, "not_applicable", reason=reason_off(decision, language))
        for rule, decision in sorted(catalog.decisions.items())
        for ledger in catalog.rules[rule].ledgers[:1] or ("",)
        for o in organisations
    )
