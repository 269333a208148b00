"""The run as a value, kept in the output folder: the workbook shows the last audit without auditing again.

Plain JSON that is read back by the records' own types, so that a foreign file can bring nothing but values.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import types
import typing
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from ..issues.register import RunOutcome
from ..words.records import AuditRun
from .output import noted_outputs, write_output

FILE = "run.json"
BEFORE = "run_before.json"  # the run before, of other ledgers, another day or other limits


@dataclasses.dataclass(frozen=True, slots=True)
class KeptRun:
    run: AuditRun
    outcome: RunOutcome


def keep_run(run: AuditRun, outcome: RunOutcome, out: Path) -> Path:
    """Writes the run to `out`; the one that stood there is kept as the run before, unless this one repeats it.

    Raises OutputError as every report does.
    """
    text = json.dumps(plain(KeptRun(run, outcome)), ensure_ascii=False, separators=(",", ":"))
    last = kept_run(out)
    if last is not None and last.run.workspace == run.workspace and _asked(last.run) != _asked(run):
        with noted_outputs():  # it is the run before that wrote this
            write_output(out, BEFORE, (out / FILE).read_text(encoding="utf-8"))
    return write_output(out, FILE, text + "\n")


def kept_run(out: Path) -> KeptRun | None:
    """The last run that was written to `out`; None where there is none, or where another version of auditlib wrote it otherwise."""
    return _read(out / FILE)


def run_before(out: Path, workspace: str) -> AuditRun | None:
    """The run before the last one in `out`, to hold the two together; None where there was none of the county folder `workspace`."""
    before = _read(out / BEFORE)
    return before.run if before and before.run.workspace == workspace else None


def _asked(run: AuditRun) -> tuple[object, ...]:
    """What a run was made of: two runs that agree in this repeat each other."""
    files = sorted({(s.file, s.sha256) for s in run.sources})
    return files, run.as_of, run.fiscal_year, run.parameters, run.packs


def _read(path: Path) -> KeptRun | None:
    try:
        return typing.cast(KeptRun, revived(KeptRun, json.loads(path.read_text(encoding="utf-8"))))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, InvalidOperation):
        return None


def plain(value: Any) -> Any:
    """A value of the records as JSON takes it: amounts as text, nothing lost."""
    if dataclasses.is_dataclass(value):
        return {name: plain(getattr(value, name)) for name in _fields(type(value))}
    if isinstance(value, tuple | list | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, Mapping):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, dt.date) else value


@cache
def _fields(kind: Any) -> Mapping[str, Any]:
    hints = typing.get_type_hints(kind)
    return {f.name: hints[f.name] for f in dataclasses.fields(kind)}


def revived(kind: Any, value: Any) -> Any:
    """A value of type `kind` from what JSON made of it. Raises TypeError, KeyError or ValueError where it is none."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else revived(next(k for k in inner if k is not types.NoneType), value)
    if origin is tuple:
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(revived(k, v) for k, v in zip(kinds, value, strict=True))
    if dataclasses.is_dataclass(kind):
        fields = _fields(kind)
        if not value.keys() <= fields.keys():
            raise KeyError(str(kind))
        # a field that an earlier version did not write has its default; without one, the kind itself refuses
        return kind(**{name: revived(k, value[name]) for name, k in fields.items() if name in value})  # type: ignore[operator]
    if kind is Decimal:
        return Decimal(value)
    if kind is dt.date:
        return dt.date.fromisoformat(value)
    return _simple(kind, value)


def _simple(kind: Any, value: Any) -> Any:
    if kind is float and isinstance(value, int):
        return float(value)
    if kind is Any or isinstance(value, kind):
        return value
    raise TypeError(f"{value!r} is no {kind}")
