"""Cases become findings: identity, wording, law, owner, and the cell to look at."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from ..catalog.settings import Settings
from ..catalog.specs import SEVERITIES, Catalog, RuleCard
from ..intake.folds import told_by
from ..words.messages import say
from ..words.records import Case, Evidence, EvidenceCell, Finding, Organisation, Source
from .judged import Act, basis_of, severity_of
from .outcome import merged

CELLS_SHOWN = 60  # of one finding; a rule on a year's balance sheet would otherwise show hundreds
_SUM = re.compile(r"-?\d{4,}\.\d{2}")
_QUARTER = re.compile(r"(\d{4})Q([1-4])")
_COLON = {"zh": "；", "en": "; "}


class RawCells(Protocol):
    """What the sheets say, unchanged."""

    def cells(self, ledger: str, row_ids: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
        """row_id -> field -> raw text."""
        ...


class Places(Protocol):
    """Where rows stand."""

    def places(self, ledger: str, row_ids: Sequence[int]) -> Mapping[int, tuple[int, int]]:
        """row_id -> (source_id, sheet row, 1-based)."""
        ...

    def dates(self, ledger: str, fields: Sequence[str], row_ids: Sequence[int]) -> Mapping[int, dt.date]:
        """row_id -> the first of the date fields that is filled; rows without one are left out."""
        ...


class FramePlaces:
    """Places as the typed ledgers in a folder tell them."""

    def __init__(self, frames_dir: Path) -> None:
        self._root = frames_dir

    def places(self, ledger: str, row_ids: Sequence[int]) -> Mapping[int, tuple[int, int]]:
        import pyarrow.parquet as pq

        path = self._root / f"{ledger}.parquet"
        if not row_ids or not path.exists():
            return {}
        columns = ["row_id", "source_id", "sheet_row"]
        table = pq.read_table(path, columns=columns, filters=[("row_id", "in", sorted(set(row_ids)))])
        return {i: (s, r) for i, s, r in zip(*(table.column(c).to_pylist() for c in columns), strict=True)}

    def dates(self, ledger: str, fields: Sequence[str], row_ids: Sequence[int]) -> Mapping[int, dt.date]:
        import pyarrow.parquet as pq

        path = self._root / f"{ledger}.parquet"
        if not row_ids or not path.exists():
            return {}
        table = pq.read_table(path, columns=["row_id", *fields], filters=[("row_id", "in", sorted(set(row_ids)))])
        rows = zip(*(table.column(c).to_pylist() for c in ("row_id", *fields)), strict=True)
        found = {i: next((d for d in dates if d is not None), None) for i, *dates in rows}
        return {i: d for i, d in found.items() if d is not None}


def finding_id(case: Case) -> str:
    """The same for the same case in every run: it knows neither row nor value."""
    identity = "\x1f".join((case.rule, case.org_code, case.ledger, *case.key))
    return hashlib.sha256(identity.encode("utf-8")).hexdigest()[:16]


def settle(
    cases: Iterable[Case],
    catalog: Catalog,
    settings: Settings,
    organisations: Sequence[Organisation],
    sources: Sequence[Source],
    raw: RawCells,
    places: Places,
) -> tuple[Finding, ...]:
    """One finding for each case, red first, then by rule, organisation and place in the workspace.

    Cases with one identity are one finding. Evidence whose row or source is not there is left out, never guessed.
    """
    whole = merged(cases)
    at = _At(
        catalog,
        settings,
        {o.org_code: o.name for o in organisations},
        {s.source_id: s for s in sources},
        *_looked_up(whole, catalog, raw, places),
        _acts(whole, catalog, places),
    )
    return tuple(sorted((_finding(case, at) for case in whole), key=_order))


def _order(finding: Finding) -> tuple[Any, ...]:
    return (
        SEVERITIES.index(finding.severity),
        finding.rule,
        finding.org_code,
        finding.source_file,
        finding.sheet,
        finding.row or 0,
        finding.finding_id,
    )


@dataclass(frozen=True, slots=True)
class _At:
    catalog: Catalog
    settings: Settings
    names: Mapping[str, str]
    sources: Mapping[int, Source]
    places: Mapping[tuple[str, int], tuple[int, int]]
    texts: Mapping[tuple[str, int], Mapping[str, str]]
    acts: Mapping[tuple[str, tuple[str, ...], int], dt.date]  # ledger, date fields, row -> the day of the act


def _acts(cases: Sequence[Case], catalog: Catalog, places: Places) -> dict[tuple[str, tuple[str, ...], int], dt.date]:
    """The days of the acts that the evidence shows, one question for each ledger and choice of date fields."""
    wanted: dict[tuple[str, tuple[str, ...]], set[int]] = defaultdict(set)
    for case in cases:
        card = catalog.rules.get(case.rule)
        for piece in case.evidence if card else ():
            if fields := card.act_on.get(piece.ledger):
                wanted[piece.ledger, fields].add(piece.row_id)
                break
    found = {}
    for (ledger, fields), ids in sorted(wanted.items()):
        found.update({(ledger, fields, i): d for i, d in places.dates(ledger, fields, sorted(ids)).items()})
    return found


def _looked_up(
    cases: Sequence[Case], catalog: Catalog, raw: RawCells, places: Places
) -> tuple[dict[tuple[str, int], tuple[int, int]], dict[tuple[str, int], Mapping[str, str]]]:
    """Places and raw texts of all evidence, one question for each ledger."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for case in cases:
        for piece in case.evidence[:CELLS_SHOWN]:
            wanted[piece.ledger].add(piece.row_id)
    where: dict[tuple[str, int], tuple[int, int]] = {}
    texts: dict[tuple[str, int], Mapping[str, str]] = {}
    for ledger, ids in sorted(wanted.items()):
        rows = sorted(ids)
        where.update({(ledger, i): p for i, p in places.places(ledger, rows).items()})
        if ledger in catalog.ledgers:
            texts.update({(ledger, i): t for i, t in raw.cells(ledger, rows).items()})
    return where, texts


def _cells(case: Case, at: _At) -> tuple[EvidenceCell, ...]:
    found: dict[tuple[Any, ...], EvidenceCell] = {}
    for piece in case.evidence:
        for cell in _cells_of(piece, case, at):
            found.setdefault((cell.file, cell.sheet, cell.row, cell.column, cell.field), cell)
        if len(found) >= CELLS_SHOWN:
            break
    return tuple(found.values())[:CELLS_SHOWN]


def _cells_of(piece: Evidence, case: Case, at: _At) -> Iterable[EvidenceCell]:
    place = at.places.get((piece.ledger, piece.row_id))
    source = at.sources.get(place[0]) if place else None
    if place is None or source is None:
        return
    texts = at.texts.get((piece.ledger, piece.row_id))
    for field in piece.fields:
        name, index = _column(source, piece.ledger, field, at)
        if index is None:
            continue
        header = next((c.header for c in source.columns if c.index == index), "")
        raw = case.actual if texts is None else texts.get(name, "")
        row, letters = source.standing(place[1], index)
        if letters:
            yield EvidenceCell(source.file, source.sheet, row, letters, header, field, raw)


def _finding(case: Case, at: _At) -> Finding:
    card = at.catalog.rules.get(case.rule)
    file, sheet, row, column, raw = _place(case, at)
    spec = at.catalog.ledgers.get(case.ledger)
    name = at.names.get(case.org_code) or case.org_name
    actual = case.actual or raw
    said = {
        language: _message(
            card,
            case,
            language,
            {
                "records": _COLON[language].join(period_in_words(record, language) for record in case.records),
                "field": _label(spec, case.field, language),
                "expected": grouped_sum(case.expected),
                "actual": grouped_sum(actual),
                "amount": "" if case.amount is None else f"{case.amount:,.2f}",
                "period": case.period,
                "detail": case.detail,
                "raw": raw or case.actual,
                "org": name or case.org_code,
            },
        )
        for language in ("zh", "en")
    }
    return Finding(
        finding_id(case),
        case.rule,
        severity_of(card, case, at.settings) if card else "yellow",
        case.org_code,
        name,
        case.ledger,
        case.records,
        case.field,
        case.amount,
        case.expected,
        actual,
        case.period,
        file,
        sheet,
        row,
        column,
        said["zh"],
        said["en"],
        basis_of(card, case, _act_of(card, case, at), at.settings) if card else "",
        card.owner if card else "属地管理",
        _cells(case, at),
    )


def _place(case: Case, at: _At) -> tuple[str, str, int | None, str, str]:
    """File, sheet, row, column letters and raw text of the first evidence that has a place."""
    for piece in case.evidence:
        place = at.places.get((piece.ledger, piece.row_id))
        source = at.sources.get(place[0]) if place else None
        if place is None or source is None:
            continue
        field = piece.fields[0] if piece.fields else case.field
        name, index = _column(source, piece.ledger, field, at)
        raw = at.texts.get((piece.ledger, piece.row_id), {}).get(name, "")
        row, letters = (place[1], "") if index is None else source.standing(place[1], index)
        return source.file, source.sheet, row, letters, raw
    return "", "", None, "", ""


def _column(source: Source, ledger: str, field: str, at: _At) -> tuple[str, int | None]:
    """The field whose column says `field` in this source, and the column's 0-based position, None where there is none."""
    spec = at.catalog.ledgers.get(ledger)
    names = told_by(spec.fields[field], ledger, at.catalog.words) if spec and field in spec.fields else (field,)
    return next(((n, i) for n in names if (i := source.column_of(n)) is not None), (field, None))


def _label(spec: Any, field: str, language: str) -> str:
    if spec is None or field not in spec.fields:
        return field
    return spec.fields[field].label(language)


def period_in_words(told: str, language: str) -> str:
    """A quarter as people say it, 2025年第2季度 for 2025Q2; every other period or number of a record as it is."""
    quarter = _QUARTER.fullmatch(told)
    return say("publication.period.quarter", language, year=quarter[1], part=quarter[2]) if quarter else told


def grouped_sum(told: str) -> str:
    """A sum as people read it in a sentence, 317,705.69 for 317705.69; all else (a count, a day, a number of a paper) as it is."""
    return f"{Decimal(told):,}" if _SUM.fullmatch(told) else told


class _Lenient(dict[str, str]):
    """Placeholders that a card names and a case does not have stay empty."""

    def __missing__(self, key: str) -> str:
        return ""


def _message(card: RuleCard | None, case: Case, language: str, values: Mapping[str, str]) -> str:
    if card is None:
        return say("checks.fallback_message", language, rule=case.rule, records=values["records"], field=values["field"])
    texts = card.message.get(case.variant) or card.message.get("") or next(iter(card.message.values()))
    return texts[language].format_map(_Lenient(values))


def _act_of(card: RuleCard, case: Case, at: _At) -> Act:
    """When the act was done: as the first piece of evidence in a ledger that dates it says."""
    for piece in case.evidence:
        if fields := card.act_on.get(piece.ledger):
            return Act(True, at.acts.get((piece.ledger, fields, piece.row_id)))
    return Act(False, None)
