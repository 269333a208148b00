"""The register of a county, with the county's own rules and calendar."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from ..catalog.packs import county_catalog
from ..catalog.settings import load_settings
from ..catalog.specs import Catalog
from ..issues.county import CountyRules, rules_of
from ..issues.places import locate_register
from ..issues.policy import Clock, county_clock
from ..issues.register import Register
from .places import default_out, default_workspace


def utc_now() -> dt.datetime:
    """The moment that a page writes into the register; tests give another clock."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class CountyRegister:
    """Where the register of a county stands, and what it is read by."""

    county: Path
    out: Path
    place: str
    catalog: Catalog
    clock: Clock

    @property
    def rules(self) -> CountyRules:
        """By what the issues are judged. Raises CatalogError for a pack that asks too little: the page tells it, and opens."""
        return rules_of(self.catalog)

    def opened(self) -> Register:
        """The register, open; use it in a `with` statement. Raises RegisterError when there is none yet."""
        return Register.open_existing(self.place, rules=self.rules)


def county_register(workspace: Path | str | None = None, out: Path | str | None = None) -> CountyRegister:
    """The register that belongs to a county folder and its output folder (None: as `last_audit` finds them).

    Raises an AuditlibError when there is no county, or when its settings cannot be read.
    """
    county = Path(workspace) if workspace else default_workspace()
    target = Path(out) if out else default_out(county)
    catalog = county_catalog(county)
    settings = load_settings(county, catalog, today=dt.date.today())
    place = locate_register(None, settings_register=settings.register, workspace=county, out=target)
    return CountyRegister(county, target, place, catalog, county_clock(catalog))
