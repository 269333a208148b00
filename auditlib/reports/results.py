"""The results of an audit, opened again to make something from them: the run, the catalogue it used, its folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..catalog.packs import county_catalog
from ..catalog.specs import Catalog
from ..issues.register import RunOutcome
from ..words.errors import WorkspaceError
from ..words.messages import say
from ..words.records import AuditRun
from .kept_run import kept_run

if TYPE_CHECKING:
    from ..checks.frames import Frames


@dataclass(frozen=True, slots=True)
class Results:
    """What one audit left in its output folder."""

    run: AuditRun
    outcome: RunOutcome
    catalog: Catalog
    out: Path

    @contextmanager
    def ledgers(self) -> Iterator[Frames]:
        """The typed ledgers as the checks saw them. Raises WorkspaceError where the folder holds none."""
        from .kept_ledgers import open_kept_ledgers

        with open_kept_ledgers(self.run, self.catalog, self.out) as frames:
            yield frames


def open_results(out: Path, county: Path | None = None) -> Results:
    """The last audit written to `out`; `county` is its folder, needed where packs stand that are neither shipped nor installed.

    Raises WorkspaceError where `out` holds no results, CatalogError for a pack that cannot be found.
    """
    kept = kept_run(out)
    if kept is None:
        raise WorkspaceError(say("reports.results.none", "zh", folder=out) + "\n" + say("reports.results.none", "en", folder=out))
    return Results(kept.run, kept.outcome, catalog_of(kept.run, county or out), out)


def catalog_of(run: AuditRun, county: Path) -> Catalog:
    """The catalogue that `run` used: the county's packs, and those that were named beside them."""
    catalog = county_catalog(county)
    extra = packs_beside(run, catalog)
    return county_catalog(county, extra) if extra else catalog


def packs_beside(run: AuditRun, catalog: Catalog) -> tuple[str, ...]:
    """The packs that a run used beside those of audit.toml (in `catalog`), by name."""
    known = {pack.name for pack in catalog.packs}
    return tuple(pack.name for pack in run.packs if pack.name not in known)
