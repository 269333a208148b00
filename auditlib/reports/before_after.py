"""沉睡资产盘活、违规占用清收: idle and occupied property in two runs, item by item, and what became of it.

师宗 brought idle assets into use and recovered occupied ones: money and area, before and after. An item is the same by its number;
one that is no longer in the register does not count as put right. Amounts are 元, areas 亩.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..catalog.specs import SCALES
from ..checks.frames import Frames
from ..words.errors import WorkspaceError
from ..words.messages import say
from .blocks import cut
from .description import Page, Section
from .figures import grouped, yuan
from .ledger_rows import rows_file
from .markup import Safe, join, paragraph, table, tag
from .masking import mask
from .results import Results
from .view import CountyView, view_of

_KIND_OF = {"闲置": "idle", "被占用": "occupied", "待报废": "scrap", "": "unknown"}  # any other use of the registers is use
KINDS = ("idle", "occupied", "in_use", "scrap", "unknown")
OUTCOMES = ("reused", "recovered", "newly", "unresolved", "gone", "unknown")
_LEDGERS = {"fixed_assets": "asset_no", "resources": "parcel_no"}


@dataclass(frozen=True, slots=True)
class Holding:
    """An asset or a parcel as one run has it."""

    org_code: str
    ledger: str
    record: str
    name: str
    use: str  # as the register says it, '' where it says nothing
    area: Decimal  # 亩; 0 for an asset
    value: Decimal  # original cost, 元; 0 for a parcel
    rent: Decimal = Decimal(0)  # a year, of the contracts on it

    @property
    def kind(self) -> str:
        """One of KINDS."""
        return _KIND_OF.get(self.use, "in_use")


@dataclass(frozen=True, slots=True)
class Change:
    """One holding in both runs; None where a run does not have it."""

    before: Holding | None
    after: Holding | None

    @property
    def shown(self) -> Holding:
        found = self.after or self.before
        assert found is not None, "a change is of something"
        return found

    @property
    def outcome(self) -> str:
        """reused, recovered, newly, unresolved, gone or unknown; '' where it was never idle or occupied."""
        was = self.before.kind if self.before else ""
        if self.after is None:
            return "gone" if was in ("idle", "occupied") else ""
        now = self.after.kind
        if was in ("idle", "occupied"):
            return {"in_use": "reused" if was == "idle" else "recovered", "unknown": "unknown"}.get(now, self._moved(was, now))
        return "newly" if now in ("idle", "occupied") else ""

    @staticmethod
    def _moved(was: str, now: str) -> str:
        """What is no longer occupied is recovered, though nobody uses it yet; what stood idle and waits to be scrapped is not in use."""
        return "recovered" if was == "occupied" and now in ("idle", "scrap") else "unresolved"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs: everything that was or is idle or occupied, and the sums of all that both compared."""

    before: Mapping[str, tuple[int, Decimal, Decimal]]  # kind -> items, area, value
    after: Mapping[str, tuple[int, Decimal, Decimal]]
    changes: tuple[Change, ...]
    left_out: tuple[str, ...]  # organisations of which only one run has a register

    def of(self, outcome: str) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.outcome == outcome)

    @property
    def rent(self) -> Decimal:
        """What the holdings brought into use or recovered earn now, a year."""
        done = (*self.of("reused"), *self.of("recovered"))
        return sum((c.after.rent for c in done if c.after), Decimal(0))


def compared(before: Sequence[Holding], after: Sequence[Holding]) -> Comparison:
    """Compares by organisation, register and number; a register that one run lacks for an organisation is left out whole."""
    books = [{(h.org_code, h.ledger) for h in run} for run in (before, after)]
    both = books[0] & books[1]
    runs = [{(h.org_code, h.ledger, h.record): h for h in run if (h.org_code, h.ledger) in both} for run in (before, after)]
    changes = tuple(Change(runs[0].get(key), runs[1].get(key)) for key in sorted({*runs[0], *runs[1]}))
    left_out = tuple(sorted({org for org, _ in books[0] ^ books[1]}))
    return Comparison(_sums(runs[0].values()), _sums(runs[1].values()), changes, left_out)


def _sums(holdings: Iterable[Holding]) -> dict[str, tuple[int, Decimal, Decimal]]:
    found = {kind: (0, Decimal(0), Decimal(0)) for kind in KINDS}
    for h in holdings:
        n, area, value = found[h.kind]
        found[h.kind] = (n + 1, area + h.area, value + h.value)
    return found


def holdings(frames: Frames) -> list[Holding]:
    """The assets and parcels of a run; rows without a number cannot be followed and are left to the findings (D01)."""
    rents = _rents(frames)
    return [_holding(row, ledger, key, rents) for ledger, key in _LEDGERS.items() if frames.has(ledger)
            for row in frames.records(frames.rows(ledger)) if row[key]]  # fmt: skip


def _rents(frames: Frames) -> dict[tuple[str, str], int]:
    """Organisation and subject -> fen a year of the contracts that still run on the cut-off date."""
    found: dict[tuple[str, str], int] = {}
    if frames.has("contracts"):
        for row in frames.records(frames.rows("contracts")):
            if row["subject_no"] and (row["ends_on"] is None or row["ends_on"] >= frames.settings.as_of):
                key = (row["org_code"], row["subject_no"])
                found[key] = found.get(key, 0) + (row["annual_rent"] or 0)
    return found


def _holding(row: Mapping[str, Any], ledger: str, key: str, rents: Mapping[tuple[str, str], int]) -> Holding:
    area, value = (Decimal(row.get(name) or 0) for name in ("area_mu", "original_value"))
    rent = Decimal(rents.get((row["org_code"], row[key]), 0)).scaleb(-2)
    return Holding(
        row["org_code"] or "", ledger, row[key], row["name"] or "", row["use_status"] or "", area.scaleb(-SCALES["area"]),
        value.scaleb(-2), rent,
    )  # fmt: skip


def compare_runs(old: Results, new: Results) -> Comparison:
    """Compares the registers that two audits kept. Raises WorkspaceError where one keeps none, or the first is not the older."""
    if old.out.resolve() == new.out.resolve():
        raise _wrong("same", folder=new.out)
    if old.run.as_of >= new.run.as_of:
        raise _wrong("order", before=old.run.as_of.isoformat(), after=new.run.as_of.isoformat())
    with old.ledgers() as frames:
        before = holdings(frames)
    with new.ledgers() as frames:
        after = holdings(frames)
    return compared(before, after)


def _wrong(key: str, **values: object) -> WorkspaceError:
    return WorkspaceError("\n".join(say(f"before_after.error.{key}", language, **values) for language in ("zh", "en")))


# The page


def before_after_page(old: Results, new: Results, found: Comparison, language: str) -> Page:
    """The comparison as a page; it travels, so texts are masked."""
    view = view_of(new.run, new.catalog, (), language)
    days = {"before": old.run.as_of.isoformat(), "after": new.run.as_of.isoformat()}
    bodies = {"summary": _summary(view, found), "places": _places(view, found)}
    bodies |= {name: _list(view, found.of(name)) for name in OUTCOMES}
    bodies["gone"] = join((bodies["gone"], paragraph(_t(view, "note.gone"), "note")))
    return Page(
        title=_t(view, "title", county=new.run.county),
        subtitle=_t(view, "subtitle", **days),
        kind="sheet",
        language=language,
        fields=tuple((_t(view, f"column.{name}"), day) for name, day in days.items()),
        trail=(("index.html", new.run.county), ("", _t(view, "subtitle", **days))),
        sections=tuple(Section(name, _t(view, f"section.{name}"), body) for name, body in bodies.items()),
        footer=view.t("footer.masked", as_of=days["after"]),
    )


def _t(view: CountyView, key: str, **values: object) -> str:
    return say(f"before_after.{key}", view.language, **values)


def _summary(view: CountyView, found: Comparison) -> Safe:
    rows = [[_t(view, f"kind.{kind}"), *_pair(found.before[kind], found.after[kind])] for kind in KINDS]
    totals = [tuple(map(sum, zip(*run.values(), strict=True))) for run in (found.before, found.after)]
    rows.append([tag("strong", _t(view, "total")), *_pair(*totals)])  # type: ignore[arg-type]
    names = ("items_before", "items_after", "area_before", "area_after", "value_before", "value_after")
    columns = [(_t(view, "column.use"), "head"), *((_t(view, f"column.{name}"), "num") for name in names)]
    notes = [paragraph(_t(view, "rent", rent=yuan(found.rent))), paragraph(_t(view, "note.both"), "note")]
    if found.left_out:
        who = view.t("list").join(view.name(code) for code in found.left_out)
        notes.append(paragraph(_t(view, "note.left_out", who=who), "unrun"))
    return join((table(_t(view, "caption.summary"), columns, rows, "totals"), *notes))


def _pair(before: tuple[int, Decimal, Decimal], after: tuple[int, Decimal, Decimal]) -> list[str]:
    shown = [grouped(before[0]), grouped(after[0])]
    return shown + [yuan(Decimal(amount)) for n in (1, 2) for amount in (before[n], after[n])]


def _places(view: CountyView, found: Comparison) -> Safe:
    """By township: how many, which area, which cost was brought into use, recovered, and is new."""
    places: dict[str, list[Change]] = {}
    for change in found.changes:
        if change.outcome:
            places.setdefault(view.township_of.get(change.shown.org_code, ""), []).append(change)
    rows = []
    for code, changes in sorted(places.items()):
        cells = [_sum_of([c for c in changes if c.outcome == name]) for name in ("reused", "recovered", "newly", "unresolved")]
        rows.append([view.name(code) if code else "—", *cells])
    if not rows:
        return paragraph(_t(view, "nothing"), "empty")
    columns = [(_t(view, "column.place"), "head"), *((_t(view, f"column.{n}"), "num") for n in ("reused", "recovered", "newly"))]
    columns.append((_t(view, "section.unresolved"), "num"))
    return table(_t(view, "caption.places"), columns, rows)


def _sum_of(changes: Sequence[Change]) -> Safe:
    area, value = (sum((getattr(c.shown, name) for c in changes), Decimal(0)) for name in ("area", "value"))
    return join((grouped(len(changes)), tag("small", f"{yuan(area)} / {yuan(value)}") if changes else ""))


def _list(view: CountyView, changes: Sequence[Change]) -> Safe:
    if not changes:
        return paragraph(_t(view, "nothing"), "empty")
    kept, note = cut(view, changes, ", ".join(rows_file("*", ledger) for ledger in _LEDGERS))
    rows = [_line(view, change) for change in kept]
    kinds = (("organisation", "head"), ("ledger", "nowrap"), ("record", "nowrap"), ("name", ""), ("before", "nowrap"), ("after", "nowrap"),
             ("area", "num"), ("value", "num"), ("rent", "num"))  # fmt: skip
    shown = table(_t(view, f"section.{changes[0].outcome}"), [(_t(view, f"column.{n}"), k) for n, k in kinds], rows)
    return join((shown, note))


def _line(view: CountyView, change: Change) -> list[object]:
    at = change.shown
    uses = [mask(h.use, view.organisations) if h and h.use else "—" for h in (change.before, change.after)]
    amounts = [yuan(amount) if amount else "·" for amount in (at.area, at.value, at.rent)]
    return [view.name(at.org_code), view.ledger(at.ledger), at.record, mask(at.name, view.organisations), *uses, *amounts]
