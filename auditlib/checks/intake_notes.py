"""What intake noted about whole rows: totals that were re-added (D05) and organisations in doubt (D06)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..catalog.specs import CheckSpec
from ..words.messages import say
from ..words.records import Case, Evidence, Source
from .frames import ATTRIBUTIONS, CONTROL_TOTALS, Frames
from .outcome import Outcome
from .shown import plain, yuan

UNREAD = "unread"  # the wording for a total over cells that count as nothing because they cannot be read
QUANTITY, QUANTITY_UNREAD = "quantity", "quantity_unread"  # the wordings for a total of areas or numbers, which is off by no money
_FEN = 2  # decimals of money


def _places(frames: Frames) -> dict[int, Source]:
    return {s.source_id: s for s in frames.sources}


def _where(source: Source | None) -> str:
    """The table as its owner knows it: the sheet, or the file where it has none."""
    return "" if source is None else source.sheet or source.file.rsplit("/", 1)[-1]


def control_totals(frames: Frames, spec: CheckSpec) -> Outcome:
    """A total row that differs from the sum of its rows: one case for each total and column."""
    frame = frames.plain(CONTROL_TOTALS)
    rows = [] if frame is None else frames.records(frame)
    sources, met, looked, cases = _places(frames), Counter(), Counter(), []
    for row in rows:
        looked[row["org_code"] or ""] += 1
        same = (row["source_id"], row["label"], row["field"])
        met[same] += 1
        if row["stated"] is not None and row["computed"] is not None and row["stated"] != row["computed"]:
            cases.append(_total_case(spec.rule, row, met[same], _where(sources.get(row["source_id"]))))
    told = say("checks.no_totals", frames.settings.language)
    return Outcome(tuple(cases), dict(looked), {o.org_code: told for o in frames.organisations if o.org_code not in looked})


def _total_case(rule: str, row: dict[str, Any], ordinal: int, where: str) -> Case:
    difference, is_money, unread = abs(row["stated"] - row["computed"]), row["scale"] == _FEN, row.get("unread") or ""
    wordings = ("", UNREAD) if is_money else (QUANTITY, QUANTITY_UNREAD)
    return Case(
        rule,
        row["org_code"] or "",
        row["ledger"],
        (where, row["label"], str(ordinal), row["field"]),
        (row["label"],),
        (Evidence(CONTROL_TOTALS, row["row_id"], (row["field"],)),),
        row["field"],
        yuan(difference) if is_money else None,
        plain(row["computed"], row["scale"]),
        plain(row["stated"], row["scale"]),
        variant=wordings[bool(unread)],
        detail=unread,
    )


def attributions(frames: Frames, spec: CheckSpec) -> Outcome:
    """A name or code that the register lacks, or two sources of the organisation that disagree: one case for each text found."""
    frame = frames.plain(ATTRIBUTIONS)
    rows = [] if frame is None else frames.records(frame)
    looked = {org: p.rows for ledger in frames.catalog.ledgers for org, p in frames.presence(ledger).items()}
    known = {o.org_code for o in frames.organisations}
    cases = [
        Case(
            spec.rule,
            r["org_code"] or "",
            r["ledger"],
            (r["found"], r["kind"]),
            (r["found"],),
            (Evidence(ATTRIBUTIONS, r["row_id"], ("org_code",)),),
            "org_code",
            None,
            r["expected"] or "",
            r["found"],
            "",
            r["kind"],
            "" if r["org_code"] in known else r["found"],
        )
        for r in rows
    ]
    told = say("checks.no_rows", frames.settings.language)
    return Outcome(tuple(cases), looked, {o.org_code: told for o in frames.organisations if o.org_code not in looked})
