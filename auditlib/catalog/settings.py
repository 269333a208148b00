"""audit.toml: what a county sets for itself."""

from __future__ import annotations

import datetime as dt
import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..words.errors import WorkspaceError
from ..words.messages import say
from ..words.records import PackUse
from .documents import both, fault_text, near, place_of, shown, wrong
from .schema import faults
from .specs import Catalog, ParameterSpec

FILE = "audit.toml"
_SETTINGS = ("county", "fiscal_year", "as_of", "language", "register", "packs", "parameters")
_NAMED = 10  # so many folders are named as candidates
_MISTYPED = 0.8  # an unknown key as near as this to a known one is a slip of the pen that would change what is audited


@dataclass(frozen=True, slots=True)
class Settings:
    county: str
    fiscal_year: int
    as_of: dt.date
    language: str  # zh | en
    register: str  # '' when audit.toml names none
    parameters: Mapping[str, Any]  # Decimal for numbers, str for words; plain units (元, days, mu ...)
    notes: tuple[str, ...] = ()  # what had to be assumed

    @property
    def year_start(self) -> dt.date:
        return dt.date(self.fiscal_year, 1, 1)

    @property
    def year_end(self) -> dt.date:
        return dt.date(self.fiscal_year, 12, 31)


def _number(path: Path, spec: ParameterSpec, value: Any) -> Any:
    if spec.unit == "word":
        return str(value)
    try:
        number = Decimal(str(value))
        if not number.is_finite():
            raise InvalidOperation
        return number
    except InvalidOperation:
        raise wrong(path, ("parameters", spec.name), "settings.number", WorkspaceError, value=shown(value), unit=spec.unit) from None


def _parameters(path: Path, catalog: Catalog, given: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in given:
        if name not in catalog.parameters:
            candidates = near(name, catalog.parameters)
            raise wrong(path, ("parameters", name), "catalog.not_known", WorkspaceError, value=shown(name), candidates=candidates)
    return MappingProxyType({n: _number(path, s, given.get(n, s.default)) for n, s in catalog.parameters.items()})


def typed_parameters(catalog: Catalog, told: Iterable[tuple[str, str]]) -> Mapping[str, Any]:
    """Parameters from their text, as a run keeps them; defaults where a run of another version knew them not."""
    return _parameters(Path(FILE), catalog, {n: v for n, v in told if n in catalog.parameters})


def _read(path: Path) -> dict[str, Any]:
    """The file, its shape looked at. Raises WorkspaceError naming file, line, key, value and candidates."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise wrong(path, (), "settings.no_toml", WorkspaceError, detail=getattr(error, "strerror", None) or error) from error
    if isinstance(raw.get("as_of"), dt.datetime):
        raw["as_of"] = raw["as_of"].date()
    told = [f for f in faults("audit", raw) if f.code != "unknown" or len(f.key) > 1 or _is_slip(str(f.value))]
    if told:
        raise WorkspaceError("\n".join(fault_text(path, f) for f in told))
    return raw


def _is_slip(key: str) -> bool:
    return bool(difflib.get_close_matches(key, _SETTINGS, 1, _MISTYPED))


def refuse_folder_of_counties(workspace: Path) -> None:
    """Raises WorkspaceError for a folder that holds counties and is none itself: they would be audited as one, by the settings of none."""
    if (workspace / FILE).is_file():
        return
    below = sorted(path.parent for pattern in (f"*/{FILE}", f"*/*/{FILE}") for path in workspace.glob(pattern))
    if below:
        names = "".join(f"\n  {folder}" for folder in below[:_NAMED])
        more = f"\n  … {len(below)}" if len(below) > _NAMED else ""
        raise WorkspaceError(both("settings.counties_below", folder=workspace, file=FILE, count=len(below)) + names + more)


def packs_named(workspace: Path) -> tuple[str, ...]:
    """The packs that the audit.toml of a county names; () where there is none. Raises WorkspaceError."""
    path = workspace / FILE
    return tuple(_read(path).get("packs", ())) if path.is_file() else ()


def _when(path: Path, raw: Mapping[str, Any], today: dt.date) -> dt.date:
    try:
        return dt.date.fromisoformat(str(raw.get("as_of", today)))
    except ValueError:
        raise wrong(path, ("as_of",), "settings.date", WorkspaceError, value=shown(raw["as_of"])) from None


def _pack_notes(path: Path, packs: tuple[PackUse, ...], settings: Settings) -> Iterator[str]:
    """What must be said of the packs in use. Raises WorkspaceError for one that does not hold in the fiscal year."""
    language = settings.language
    for n, pack in enumerate(packs):
        last = pack.valid_to or dt.date.max
        dates = {"first": pack.valid_from, "last": pack.valid_to or say("packs.open_end", language)}
        if pack.valid_from > settings.year_end or last < settings.year_start:
            raise wrong(path, ("packs", n), "packs.not_in_force", WorkspaceError, pack=pack.name, year=settings.fiscal_year, **dates)
        if pack.valid_from > settings.year_start or last < settings.year_end:
            yield say("packs.part_of_year", language, pack=pack.name, **dates)
        if pack.county and pack.county not in settings.county:
            yield say("packs.other_county", language, pack=pack.name, county=pack.county, here=settings.county)


def _with_chosen(path: Path, raw: dict[str, Any], chosen: Mapping[str, Any], language: str) -> Iterator[str]:
    """Puts what was chosen for one run into `raw`, and tells of each that it stands in the place of the county's own."""
    for name, value in sorted(chosen.items()):
        table = raw if name == "fiscal_year" else raw.setdefault("parameters", {})
        table[name] = value
        yield say("settings.chosen", language, name=name, value=shown(value), file=path.name)


def load_settings(
    workspace: Path, catalog: Catalog, *, today: dt.date, as_of: dt.date | None = None, chosen: Mapping[str, Any] | None = None,
    language: str | None = None,
) -> Settings:  # fmt: skip
    """Settings of a county folder; `today` stands in for what no audit.toml says and is then noted.

    `catalog` is the county's, with its packs (`packs.county_catalog`). `chosen` are values of parameters, and of fiscal_year (an
    int), that stand in the place of the county's for one run; so does `language` (zh | en). Raises WorkspaceError naming file,
    line, key and value.
    """
    path = workspace / FILE
    raw = _read(path) if path.is_file() else {}
    language = language or str(raw.get("language", "zh"))
    notes = [] if path.is_file() else ["settings.missing"]
    for key in raw:
        if key not in _SETTINGS:
            values = {"value": shown(key), "candidates": near(key, _SETTINGS)}
            notes.append(say("settings.left_aside", language, place=place_of(path, (key,)).removeprefix(f"{workspace}{os.sep}"), **values))
    notes += _with_chosen(path, raw, chosen or {}, language)
    when = as_of or _when(path, raw, today)
    year = raw.get("fiscal_year", when.year - 1 if when.month < 7 else when.year)
    if not 1950 <= year <= 2200:
        raise wrong(path, ("fiscal_year",), "settings.year", WorkspaceError, value=year)
    settings = Settings(
        str(raw.get("county") or workspace.resolve().name), year, when, language, str(raw.get("register", "")),
        _parameters(path, catalog, raw.get("parameters") or {}), tuple(notes),
    )  # fmt: skip
    return replace(settings, notes=(*notes, *_pack_notes(path, catalog.packs, settings)))
