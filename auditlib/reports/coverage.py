"""Which organisation delivered which ledger, and which files belong to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from ..words.records import AuditRun, FileProblem, Organisation, Source
from .view import CountyView

COUNTY_WIDE = frozenset(("organisations", "cadres"))  # one file for the whole county
BOOKS = frozenset(("trial_balance", "journal"))  # who keeps these is an accounting entity
_ORDER = (
    "trial_balance", "agency_trial_balance", "journal", "bank_accounts", "bank_statement", "fixed_assets", "asset_count",
    "resources", "resource_survey", "contracts", "receipts", "claims", "members", "distributions", "projects", "handover",
    "disclosures", "decisions", "inspections",
)  # fmt: skip  as contract section 2 lists them; a ledger that is not here comes last


def expected_ledgers(view: CountyView) -> tuple[str, ...]:
    """The ledgers that an organisation keeps, in reading order."""
    place = {name: i for i, name in enumerate(_ORDER)}
    return tuple(sorted(set(view.catalog.ledgers) - COUNTY_WIDE, key=lambda name: (place.get(name, len(place)), name)))


def keeps_ledgers(view: CountyView, code: str) -> bool:
    """Villages and groups; a township or county only where it delivered books of its own, not those of its villages."""
    return _must_keep(view.organisations[code]) or any(s.ledger in BOOKS for s in view.sources.get(code, ()))


def keepers(run: AuditRun) -> frozenset[str]:
    """Those of whom `keeps_ledgers` is true."""
    known = {o.org_code for o in run.organisations}
    delivered_books = {s.org_code for s in run.sources if s.ledger in BOOKS}
    return frozenset(o.org_code for o in run.organisations if _must_keep(o)) | (delivered_books & known)


def unchecked(run: AuditRun) -> int:
    """How many checks of those who keep ledgers could not be made, as the county's page counts them."""
    kept = keepers(run)
    return sum(c.status in ("not_applicable", "could_not_run") and c.org_code in kept for c in run.checks)


def _must_keep(organisation: Organisation) -> bool:
    return organisation.level in ("village", "group")


def delivered(view: CountyView, code: str) -> Mapping[str, str]:
    """Ledger -> 'own' (a table of its own) or 'shared' (rows of it were checked, or a table for several stands above)."""
    shared = {c.ledger: "shared" for c in view.checks.get(code, ()) if c.population and c.status in ("passed", "found")}
    shared |= {s.ledger: "shared" for s in sources_of(view, code) if s.ledger and s.org_code != code}
    own = {s.ledger: "own" for s in view.sources.get(code, ()) if s.ledger}
    return shared | own


def missing(view: CountyView, code: str) -> tuple[str, ...]:
    """The ledgers of which nothing was seen for this organisation."""
    have = delivered(view, code)
    return tuple(name for name in expected_ledgers(view) if name not in have)


def _folder(file: str) -> str:
    return PurePosixPath(file).parent.as_posix()


def _is_above(folder: str, other: str) -> bool:
    return folder == "." or other == folder or other.startswith(folder + "/")


def _folders(view: CountyView, code: str) -> frozenset[str]:
    return frozenset(_folder(s.file) for s in view.sources.get(code, ()))


def _above(view: CountyView, code: str) -> Iterator[str]:
    """The organisations above, nearest first; '' for tables that belong to none as a whole."""
    seen = {code}
    while code in view.organisations and (code := view.organisations[code].parent_code) and code not in seen:
        seen.add(code)
        if code in view.organisations and view.organisations[code].level in ("township", "county"):
            yield code
    yield ""


def sources_of(view: CountyView, code: str) -> tuple[Source, ...]:
    """The organisation's own tables, then those for several: of nobody, or of its township or county, in or above its folders."""
    own = view.sources.get(code, ())
    folders = _folders(view, code)
    shared = (s for above in _above(view, code) for s in view.sources.get(above, ()))
    return (*own, *(s for s in shared if any(_is_above(_folder(s.file), f) for f in folders)))


def _names_it(file: str, name: str) -> bool:
    parts = (*PurePosixPath(file).parts[:-1], PurePosixPath(file).stem)
    return len(name) > 1 and any(len(part) > 1 and (part in name or name in part) for part in parts[-2:])


def problems_of(view: CountyView, code: str) -> tuple[FileProblem, ...]:
    """Files in the organisation's folders, or named like it, that could not be used."""
    folders, name = _folders(view, code), view.name(code)
    return tuple(p for p in view.run.problems if _folder(p.file) in folders or _names_it(p.file, name))


def unrecognised(view: CountyView) -> tuple[Source, ...]:
    """Tables that no ledger could be made of."""
    return tuple(sorted((s for s in view.run.sources if not s.ledger), key=lambda s: (s.file, s.source_id)))
