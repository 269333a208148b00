"""The files of expectations/ and of county packs: read, looked at for their shape, and every fault named at its line.

Lines are looked for only when there is something to tell: reading stays as fast as the YAML library is.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..words.errors import AuditlibError, CatalogError
from ..words.kept import contents_of
from ..words.messages import LANGUAGES, say
from .schema import ENDING, Fault, Key, faults

_SHOWN = 8  # faults of one file that are told at once


@dataclass(frozen=True, slots=True)
class Document:
    """One file and what it holds."""

    path: Path
    content: Any


def read_yaml(path: Path) -> Any:
    """One YAML file. Raises CatalogError naming file, line and problem."""
    import yaml

    try:
        return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else _unreadable_value(path) if type(error) is ValueError else 0
        place = f"{path}:{line}" if line else str(path)
        detail = getattr(error, "problem", None) or getattr(error, "strerror", None) or error
        raise CatalogError(both("catalog.unreadable", place=place, detail=detail)) from error


def _unreadable_value(path: Path) -> int:
    """The line of the first value that looks like a date and is none; 0 where there is no such value."""
    import yaml

    waiting: list[Any] = [yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.ScalarNode):
            try:
                yaml.SafeLoader("").construct_object(node)
            except ValueError:
                return int(node.start_mark.line) + 1
        elif isinstance(node, yaml.CollectionNode):
            waiting += [n for part in reversed(node.value) for n in (part if isinstance(part, tuple) else (part,))]
    return 0


def key_twice(path: Path) -> tuple[Key, int, int] | None:
    """The first key of a YAML file that stands twice in one table, with its two lines; YAML would keep the second and lose the first."""
    import yaml

    tree = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    waiting: list[tuple[Key, Any]] = [((), tree)]
    while waiting:
        key, node = waiting.pop()
        if isinstance(node, yaml.SequenceNode):
            waiting += [((*key, n), part) for n, part in enumerate(node.value)]
        elif isinstance(node, yaml.MappingNode):
            lines: dict[str, int] = {}
            for name, value in node.value:
                line = name.start_mark.line + 1
                if name.value in lines:
                    return (*key, name.value), lines[name.value], line
                lines[name.value] = line
                waiting.append(((*key, name.value), value))
    return None


def read_document(path: Path, schema: str) -> Document:
    """A YAML file whose shape is right. Raises CatalogError naming file, line, key, value and candidates of each fault."""
    return _shaped(path, read_yaml(path), schema)


def read_documents(kind: str, files: Sequence[tuple[Path, str]]) -> list[Document]:
    """Shipped YAML files and the schema of each, in their order; parsed once and kept under `kind` (`words.kept`). Raises CatalogError."""
    contents = contents_of(kind, [path for path, _ in files], read_yaml)
    return [_shaped(path, content, schema) for (path, schema), content in zip(files, contents, strict=True)]


def _shaped(path: Path, content: Any, schema: str) -> Document:
    if told := faults(schema, content):
        raise refused(path, told, schema)
    return Document(path, content)


def refused(path: Path, told: Iterable[Fault], schema: str) -> CatalogError:
    """All faults of a file (the first few of many) in one error, and where the format is written down."""
    listed = list(told)
    lines = [fault_text(path, fault) for fault in listed[:_SHOWN]]
    if len(listed) > _SHOWN:
        lines.append(both("catalog.more_faults", n=len(listed) - _SHOWN))
    lines.append(both("catalog.format", schema=f"expectations/schemas/{schema}{ENDING}"))
    return CatalogError("\n".join(lines))


def fault_text(path: Path, fault: Fault) -> str:
    """A fault in both languages, its place in front."""
    wanted = near(str(fault.value), fault.wanted) if fault.code in ("unknown", "choice") else ", ".join(fault.wanted)
    return both(f"catalog.fault.{fault.code}", place=place_of(path, fault.key), value=shown(fault.value), wanted=wanted or "—")


def wrong(path: Path, key: Key, message: str, /, error: type[AuditlibError] = CatalogError, **values: object) -> AuditlibError:
    """The error `message` (of the catalogue) at a key of a file."""
    return error(both(message, place=place_of(path, key), **values))


def unknown(path: Path, key: Key, value: object, candidates: Collection[str]) -> AuditlibError:
    """The error for a name that nobody knows, with the names that look like it."""
    return wrong(path, key, "catalog.not_known", value=shown(value), candidates=near(str(value), candidates) or "—")


def both(message: str, /, **values: object) -> str:
    """A message in both languages: nobody has been asked for one yet."""
    return "\n".join(say(message, language, **values) for language in LANGUAGES)


def near(value: str, candidates: Iterable[str]) -> str:
    """The candidates that look like `value`, else all of them."""
    listed = [str(c) for c in candidates]
    return ", ".join(difflib.get_close_matches(value, listed, n=3) or listed)


def shown(value: object) -> str:
    """A value in an error, cut where it is long and without control characters."""
    text = "".join(c if c.isprintable() else " " for c in str(value))
    return text if len(text) <= 60 else f"{text[:57]}..."


def place_of(path: Path, key: Key) -> str:
    """`file:line: key › key` of a value; the line of the nearest key above it where the key itself is missing."""
    line = (_toml_line if path.suffix == ".toml" else yaml_line)(path, key)
    return f"{path}:{line}: {key_text(key)}" if key else f"{path}:{line}"


def key_text(key: Key) -> str:
    """`expectations[3].meta.rule`"""
    parts = [f"[{part}]" if isinstance(part, int) and not isinstance(part, bool) else f".{part}" for part in key]
    return "".join(parts).removeprefix(".")


def yaml_line(path: Path, key: Key) -> int:
    """The 1-based line of a key in a YAML file, or of the nearest key above it."""
    import yaml

    try:
        node: Any = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return 1
    line = 1
    for part in key:
        found = _step(node, part)
        if found is None:
            break
        line, node = found
    return line


def _step(node: Any, part: Any) -> tuple[int, Any] | None:
    kind = getattr(node, "id", "")
    if kind == "mapping":
        return next(((k.start_mark.line + 1, v) for k, v in node.value if k.value == str(part)), None)
    if kind == "sequence" and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None


def _toml_line(path: Path, key: Key) -> int:
    """The 1-based line of `name` or `table.name` in a TOML file; of the table where the name is not there."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError):
        return 1
    table, best = "", 1
    for number, line in enumerate(lines, start=1):
        if heading := re.match(r"\s*\[\s*\"?([^\]\"]+?)\"?\s*\]", line):
            table = heading[1]
            if key and table == key[0]:
                best = number
        elif entry := re.match(r"\s*[\"']?([\w\-]+)[\"']?\s*(?:\.\s*([\w\-]+)\s*)?=", line):
            names = tuple(n for n in (table, entry[1], entry[2]) if n)
            if names == tuple(map(str, key[: len(names)])):
                return number
    return best
