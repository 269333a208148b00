"""audit.toml: what a county sets for itself."""

from __future__ import annotations

import datetime as dt
import difflib
import tomllib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType
from typing import Any, Mapping

from ..words.errors import WorkspaceError
from .specs import Catalog, ParameterSpec

_SETTINGS = ("county", "fiscal_year", "as_of", "language", "register", "parameters")


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
        return Decimal(str(value))
    except InvalidOperation:
        raise WorkspaceError(f"{path}: [parameters] {spec.name} = {value!r}: a number in {spec.unit} is needed") from None


def _date(path: Path, value: Any) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise WorkspaceError(f"{path}: as_of = {value!r}: write a date as 2026-01-31") from None


def _parameters(path: Path, catalog: Catalog, given: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in given:
        if name not in catalog.parameters:
            near = difflib.get_close_matches(name, catalog.parameters, n=3)
            raise WorkspaceError(f"{path}: [parameters] '{name}' is not known; candidates: {', '.join(near) or ', '.join(catalog.parameters)}")
    return MappingProxyType({n: _number(path, s, given.get(n, s.default)) for n, s in catalog.parameters.items()})


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WorkspaceError(f"{path}: {error}") from error


def load_settings(workspace: Path, catalog: Catalog, *, today: dt.date, as_of: dt.date | None = None) -> Settings:
    """Settings of a county folder; `today` stands in for what no audit.toml says and is then noted.

    Raises WorkspaceError naming file, key and value.
    """
    path = workspace / "audit.toml"
    notes: list[str] = []
    if path.is_file():
        raw = _read(path)
        for key in raw:
            if key not in _SETTINGS:
                near = difflib.get_close_matches(key, _SETTINGS, n=2)
                notes.append(f"audit.toml: '{key}' is not known and was left aside; candidates: {', '.join(near) or ', '.join(_SETTINGS)}")
    else:
        raw = {}
        notes.append("settings.missing")
    when = as_of or (_date(path, raw["as_of"]) if "as_of" in raw else today)
    year = raw.get("fiscal_year", when.year - 1 if when.month < 7 else when.year)
    if not isinstance(year, int) or not 1950 <= year <= 2200:
        raise WorkspaceError(f"{path}: fiscal_year = {year!r}: a year such as 2025 is needed")
    language = str(raw.get("language", "zh"))
    if language not in ("zh", "en"):
        raise WorkspaceError(f"{path}: language = {language!r}: 'zh' or 'en'")
    return Settings(
        str(raw.get("county", workspace.resolve().name)), year, when, language, str(raw.get("register", "")),
        _parameters(path, catalog, raw.get("parameters") or {}), tuple(notes),
    )  # fmt: skip
