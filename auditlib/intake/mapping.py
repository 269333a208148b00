"""What a person settled about tables that were not recognised: `<workspace>/mappings/*.yaml`, one shape of table a file.

A mapping is found again by the folded headers of a table, so the same answer serves every later file of that shape. The files
are written by `auditlib map` and the intake notebook, may be edited by hand, and keep their earlier answers.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..catalog.specs import Catalog
from ..words.errors import WorkspaceError
from ..words.messages import LANGUAGES, say
from ..words.records import ColumnUse
from .layout import PATH, header_key, header_paths
from .mapping_text import ReadMapping, near, read_mapping_text
from .recognise import Guess, Recognition, Vocabulary, vocabulary_of
from .units import unit_in
from .values import fold, squeeze

FOLDER, VERSION = "mappings", 1
HEAD_ROWS = 60  # rows in which a head that a person pointed at is looked for again
_LEAST = 3  # columns that a shape needs before it is taken for a table with more columns
_SURE_NEW = 0.9  # a column that the mapping does not know is read only when its header is as good as certain
_SIGNED = ("revision", "made_by", "made_on", "why")
_SHAPE = ("header_rows", "columns", "sheet", "title", "file")
_ANSWER = ("ledger", "columns", "units", "organisation", "ignore")
_TOP = ("version", *_SIGNED, "shape", *_ANSWER, "header_rows", "history")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table stands, for mappings that hold only in some places."""

    file: str  # relative to the workspace where that is known
    sheet: str
    title: str  # the lines above the table, joined


@dataclass(frozen=True, slots=True)
class Shape:
    """What a table looks like: its folded headers from left to right, and where such tables must stand ('' for anywhere)."""

    columns: tuple[str, ...]  # a header that stands twice is 金额 and 金额#2
    header_rows: int = 1
    sheet: str = ""  # patterns with * and ?
    title: str = ""
    file: str = ""

    def holds_at(self, place: Place) -> bool:
        """Whether a table at `place` is meant."""
        by_file = not self.file or any(fnmatchcase(f, self.file) for f in (place.file, place.file.rsplit("/", 1)[-1]))
        named = ((self.sheet, place.sheet), (self.title, place.title))
        return by_file and all(not pattern or fnmatchcase(squeeze(text), squeeze(pattern)) for pattern, text in named)

    @property
    def identity(self) -> tuple[Any, ...]:
        """Equal for shapes that mean the same tables, whatever the order of their columns."""
        return tuple(sorted(self.columns)), self.sheet, self.title, self.file

    @property
    def narrowness(self) -> int:
        return sum(map(bool, (self.sheet, self.title, self.file)))


@dataclass(frozen=True, slots=True)
class TableMapping:
    """One file: the answer for one shape."""

    shape: Shape
    ledger: str  # '' with `ignore`
    columns: Mapping[str, str | None]  # folded header -> field, None for 'not a field of ours'
    units: Mapping[str, str] = field(default_factory=dict)  # field -> unit of its cells
    organisation: str = ""  # whose rows they all are, as a person writes it
    ignore: bool = False  # the sheet is no ledger
    header_rows: tuple[int, ...] = ()  # 1-based rows at which a person pointed when the head was found wrongly
    revision: int = 1
    made_by: str = ""
    made_on: str = ""
    why: str = ""
    history: tuple[Mapping[str, Any], ...] = ()  # earlier answers, oldest first
    name: str = ""  # of the file, '' before it is written

    @property
    def answer(self) -> tuple[Any, ...]:
        """Equal for mappings that say the same."""
        columns, units = frozenset(self.columns.items()), frozenset(self.units.items())
        return self.ignore, self.ledger, columns, units, self.organisation, bool(self.header_rows)

    @property
    def head_texts(self) -> frozenset[str]:
        """The folded texts of which the head is made."""
        bare = {_without_ordinal(c) for c in self.shape.columns}
        return frozenset({part for c in bare for part in c.split(PATH)} | {c.replace(PATH, "") for c in bare})

    def head_in(self, rows: Sequence[Sequence[Any]]) -> tuple[int, ...]:
        """The 0-based rows of `rows` at which this head stands, () where it does not."""
        height = self.shape.header_rows
        for first in range(min(len(rows), HEAD_ROWS) - height + 1):
            head = tuple(range(first, first + height))
            if set(self.shape.columns) <= set(column_keys(header_paths(rows, head))):
                return head
        return ()


@dataclass(frozen=True, slots=True)
class Fit:
    """A mapping that applies to a table."""

    mapping: TableMapping
    added: tuple[str, ...]  # columns of the table that the mapping does not know


class Mappings:
    """All mappings of a workspace."""

    def __init__(self, entries: Iterable[TableMapping] = ()) -> None:
        self.entries = tuple(sorted(entries, key=lambda m: m.name))

    @cached_property
    def head_texts(self) -> frozenset[str]:
        """Texts that are headers because a person said so."""
        return frozenset().union(*(m.head_texts for m in self.entries if not m.ignore))

    def fits(self, headers: Sequence[str], place: Place) -> tuple[Fit, ...]:
        """The mapping for a table with these headers; () where there is none, several where they contradict each other."""
        keys = {k for k in column_keys(headers) if k}
        here = [m for m in self.entries if m.shape.holds_at(place)]
        same = [Fit(m, ()) for m in here if set(m.shape.columns) == keys]
        wider = [Fit(m, _in_order(headers, keys - set(m.shape.columns))) for m in here if _is_drift(m, keys)]
        ranked = [(f.mapping.shape.narrowness, 0, f) for f in same] or [(0, len(f.mapping.shape.columns), f) for f in wider]
        best = max((r[:2] for r in ranked), default=None)
        chosen = [f for *rank, f in ranked if tuple(rank) == best]
        return tuple(chosen[:1] if len({f.mapping.answer for f in chosen}) == 1 else chosen)

    def of_shape(self, shape: Shape) -> TableMapping | None:
        """The mapping of exactly this shape."""
        return next((m for m in self.entries if m.shape.identity == shape.identity), None)


NO_MAPPINGS = Mappings()


def _is_drift(mapping: TableMapping, keys: set[str]) -> bool:
    """A few more columns than the shape has: a later year's sheet, not another table that shares some words."""
    known = set(mapping.shape.columns)
    return not mapping.ignore and len(known) >= _LEAST and known < keys and len(keys) - len(known) <= max(2, len(known) // 2)


def _in_order(headers: Sequence[str], keys: set[str]) -> tuple[str, ...]:
    return tuple(k for k in column_keys(headers) if k in keys)


def column_keys(headers: Sequence[str]) -> tuple[str, ...]:
    """The folded header of each column, '' for a column without one; repeated ones are numbered from 2 (金额, 金额#2)."""
    met: Counter[str] = Counter()
    keys = []
    for header in headers:
        key = path_key(header)
        met[key] += 1
        keys.append(key if not key or met[key] == 1 else f"{key}#{met[key]}")
    return tuple(keys)


def path_key(header: str) -> str:
    """A header path with each of its parts folded: width, variants (帐/账), units and marks make no difference."""
    parts = (header_key(p) for p in header.split(PATH))
    return PATH.join(p for p in parts if p) or squeeze(header)


def _without_ordinal(key: str) -> str:
    bare, mark, number = key.rpartition("#")
    return bare if mark and number.isdigit() and bare else key


# ---- a mapping in use --------------------------------------------------------------------------------------


def recognition_by(fit: Fit, headers: Sequence[str], vocabulary: Vocabulary) -> Recognition:
    """What the table is by the person's answer; columns that the answer leaves open are read only where they are certain."""
    m = fit.mapping
    if m.ignore:
        return Recognition("", 1.0, tuple(ColumnUse(i, h, "", 1.0) for i, h in enumerate(headers)), ())
    taken = {f for f in m.columns.values() if f}
    uses = []
    for index, (header, key) in enumerate(zip(headers, column_keys(headers), strict=True)):
        if key and key in m.columns:
            name = m.columns[key] or ""
            uses.append(ColumnUse(index, header, name, 1.0, (), m.units.get(name) or unit_in(header)))
        else:
            uses.append(_left_open(index, header, m, taken, vocabulary))
    columns = tuple(uses)
    return Recognition(m.ledger, 1.0, columns, (Guess(m.ledger, 1.0, columns),))


def _left_open(index: int, header: str, mapping: TableMapping, taken: set[str], vocabulary: Vocabulary) -> ColumnUse:
    if header_key(header) in vocabulary.ignored:
        return ColumnUse(index, header, "", 1.0)
    scores = vocabulary.scores(header, mapping.ledger) if header else {}
    ranked = sorted(((n, s) for n, s in scores.items() if n not in taken), key=lambda s: (-s[1], s[0]))
    others = tuple(n for n, _ in ranked)
    if ranked and ranked[0][1] >= _SURE_NEW:
        taken.add(others[0])
        return ColumnUse(index, header, others[0], round(ranked[0][1], 3), others[1:4], mapping.units.get(others[0]) or unit_in(header))
    return ColumnUse(index, header, None, 0.0, others[:3])


def notes_of(fits: Sequence[Fit]) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """What must be said of a table to which mappings apply: message key and values."""
    if len(fits) > 1:
        return (("mapping.ambiguous", {"names": ", ".join(f"{f.mapping.name}.yaml" for f in fits)}),)
    notes: list[tuple[str, Mapping[str, Any]]] = []
    for fit in fits:
        notes.append(("mapping.ignored" if fit.mapping.ignore else "mapping.applied", {"name": f"{fit.mapping.name}.yaml"}))
        if fit.added:
            notes.append(("mapping.added", {"columns": "、".join(fit.added)}))
    return tuple(notes)


# ---- reading the files -------------------------------------------------------------------------------------


def load_mappings(workspace: Path, catalog: Catalog) -> Mappings:
    """All mapping files of a workspace, none where the folder is missing.

    Raises WorkspaceError naming file, line, key, value and candidates; two files that answer differently for the same shape
    are both named.
    """
    folder = workspace / FOLDER
    if not folder.is_dir():
        return NO_MAPPINGS
    paths = sorted(p for p in folder.iterdir() if p.suffix in (".yaml", ".yml") and not p.name.startswith("."))
    vocabulary = vocabulary_of(catalog)
    read = [_mapping(read_mapping_text(p), vocabulary, catalog) for p in paths]
    by_shape: dict[tuple[Any, ...], TableMapping] = {}
    for mapping in read:
        other = by_shape.setdefault(mapping.shape.identity, mapping)
        if other.answer != mapping.answer:
            raise WorkspaceError(both("mapping.error.twice", folder=folder, one=other.name, other=mapping.name))
    return Mappings(by_shape.values())


def workspace_of(path: Path) -> Path | None:
    """The nearest folder above `path` that holds an audit.toml or a mappings folder, None where there is none."""
    here = path.resolve()
    return next((f for f in here.parents if (f / "audit.toml").is_file() or (f / FOLDER).is_dir()), None)


def both(key: str, /, **values: object) -> str:
    """A message in both languages: nobody has been asked for one yet."""
    return "\n".join(say(key, language, **values) for language in LANGUAGES)


def _mapping(text: ReadMapping, vocabulary: Vocabulary, catalog: Catalog) -> TableMapping:
    text.known_keys((), _TOP)
    if text.value("version") != VERSION:
        raise text.error("mapping.error.version", "version", value=text.value("version"), expected=VERSION)
    shape = _shape(text)
    ignore = text.boolean("ignore")
    ledger = "" if ignore else text.one_of("ledger", catalog.ledgers)
    columns = {} if ignore else _columns(text, shape, ledger, vocabulary, catalog)
    organisation = text.text("organisation")
    if organisation and not shape.narrowness:
        raise text.error("mapping.error.organisation", "organisation", value=organisation)
    head = text.numbers("header_rows")
    return TableMapping(
        shape, ledger, MappingProxyType(columns), MappingProxyType(_units(text, columns, ledger, catalog)), organisation, ignore, head,
        max(text.number("revision", 1), 1), text.text("made_by"), text.text("made_on"), text.text("why"),
        tuple(h for h in text.sequence("history") if isinstance(h, dict)), text.path.stem,
    )  # fmt: skip


def _shape(text: ReadMapping) -> Shape:
    text.known_keys(("shape",), _SHAPE)
    columns = tuple(_key(str(c)) for c in text.sequence("shape", "columns") if c is not None)
    if not columns or "" in columns:
        raise text.error("mapping.error.shape", "shape", "columns", value=text.value("shape", "columns"))
    height = text.number("header_rows", 1, under="shape")
    if not 1 <= height <= 3:
        raise text.error("mapping.error.height", "shape", "header_rows", value=height)
    return Shape(columns, height, *(text.text("shape", name) for name in ("sheet", "title", "file")))


def _key(written: str) -> str:
    """A column as a person may write it: folded like the headers of a table, its number kept."""
    bare = _without_ordinal(fold(written))
    return path_key(bare) + fold(written)[len(bare) :]


def _columns(text: ReadMapping, shape: Shape, ledger: str, vocabulary: Vocabulary, catalog: Catalog) -> dict[str, str | None]:
    known = (*catalog.ledgers[ledger].fields, *sorted(vocabulary.organisation_fields - set(catalog.ledgers[ledger].fields)))
    found: dict[str, str | None] = {}
    for header, name in text.mapping("columns").items():
        key = _key(str(header))
        if key not in shape.columns:
            raise text.error("mapping.error.column", "columns", header, value=header, candidates=near(str(header), shape.columns))
        if name is not None and name not in known:
            raise text.error("mapping.error.field", "columns", header, value=name, candidates=near(str(name), known))
        if name is not None and name in found.values():
            raise text.error("mapping.error.field_twice", "columns", header, value=name)
        found[key] = name
    return found


def _units(text: ReadMapping, columns: Mapping[str, str | None], ledger: str, catalog: Catalog) -> dict[str, str]:
    found = {}
    for name, unit in text.mapping("units").items():
        if name not in columns.values():
            read = [c for c in columns.values() if c]
            raise text.error("mapping.error.unit_field", "units", name, value=name, candidates=near(str(name), read))
        kinds = known_units(name, ledger, catalog)
        if str(unit) not in kinds:
            raise text.error("mapping.error.unit", "units", name, value=unit, candidates=", ".join(kinds) or "—")
        found[name] = str(unit)
    return found


def known_units(name: str, ledger: str, catalog: Catalog) -> tuple[str, ...]:
    """The units in which field `name` of `ledger` may stand, () for a field without units."""
    spec = catalog.ledgers[ledger].fields.get(name) if ledger in catalog.ledgers else None
    return tuple(catalog.words["units"].get(spec.type, ())) if spec else ()


# ---- writing them ------------------------------------------------------------------------------------------


def save_mapping(workspace: Path, mapping: TableMapping, catalog: Catalog, instead_of: TableMapping | None = None) -> TableMapping:
    """Writes `mapping` into the workspace's folder and returns it as it now stands, with name and revision.

    A shape that was settled before gets the next revision and keeps its earlier answers; the same answer again changes
    nothing. `instead_of` is an answer of another shape that this one takes back (the head was looked for in a wrong row): it
    goes into the history, and its file goes. Raises WorkspaceError where the folder cannot be written or leads out of the workspace.
    """
    folder = _own_folder(workspace)
    if instead_of is not None and instead_of.shape.identity != mapping.shape.identity:
        saved = save_mapping(workspace, mapping, catalog)
        saved = replace(saved, revision=saved.revision + 1, history=(*saved.history, _earlier(instead_of)))
        _write(folder / f"{saved.name}.yaml", document(saved))
        (folder / f"{instead_of.name}.yaml").unlink(missing_ok=True)
        return saved
    before = load_mappings(workspace, catalog).of_shape(mapping.shape)
    if before is not None and before.answer == mapping.answer:
        return before
    if before is not None:
        mapping = replace(mapping, name=before.name, revision=before.revision + 1, history=(*before.history, _earlier(before)))
    else:
        mapping = replace(mapping, name=_file_name(mapping), revision=1, history=())
    _write(folder / f"{mapping.name}.yaml", document(mapping))
    return mapping


def _own_folder(workspace: Path) -> Path:
    folder = workspace / FOLDER
    if not workspace.is_dir():
        raise WorkspaceError(both("mapping.error.no_workspace", folder=workspace))
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise WorkspaceError(both("mapping.error.cannot_write", folder=folder, detail=error.strerror or error)) from error
    if folder.is_symlink() or folder.resolve() != workspace.resolve() / FOLDER:
        raise WorkspaceError(both("mapping.error.outside", folder=folder))
    return folder


def _file_name(mapping: TableMapping) -> str:
    """Of our own words only; headers and sheet names are never part of a path."""
    digest = hashlib.sha256(repr(mapping.shape.identity).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{mapping.ledger or 'not_a_ledger'}-{digest[:10]}"


def _write(path: Path, content: Mapping[str, Any]) -> None:
    import yaml

    body = yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False, width=120)
    try:
        handle, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(f"# {say('mapping.file_head', 'zh')}\n# {say('mapping.file_head', 'en')}\n{body}")
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)  # a link that stands there is replaced, never followed
    except OSError as error:
        raise WorkspaceError(both("mapping.error.cannot_write", folder=path.parent, detail=error.strerror or error)) from error


def document(mapping: TableMapping) -> dict[str, Any]:
    """A mapping as its file and the JSON of `auditlib map` have it."""
    shape: dict[str, Any] = {"header_rows": mapping.shape.header_rows, "columns": list(mapping.shape.columns)}
    shape |= {n: v for n in ("sheet", "title", "file") if (v := getattr(mapping.shape, n))}
    head = {"header_rows": list(mapping.header_rows)} if mapping.header_rows else {}
    history = {"history": [dict(h) for h in mapping.history]} if mapping.history else {}
    return {"version": VERSION} | _signed(mapping) | {"shape": shape} | _answer(mapping) | head | history


def _signed(mapping: TableMapping) -> dict[str, Any]:
    return {n: getattr(mapping, n) for n in _SIGNED}


def _answer(mapping: TableMapping) -> dict[str, Any]:
    return {n: dict(v) if isinstance(v, Mapping) else v for n in _ANSWER if (v := getattr(mapping, n))}


def _earlier(mapping: TableMapping) -> dict[str, Any]:
    return _signed(mapping) | _answer(mapping)
