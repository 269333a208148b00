"""What is said of a sheet whose opening rows do not agree with the trial balance, or whose balances do not follow from one another.

Both are notes on the sheet, not findings: no rule of the contract tests them, and which of the two is wrong cannot be told here.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .openings import CREDIT
from .sheet_notes import Note

if TYPE_CHECKING:
    from .conform import Conformed

_LEAST_LINKS = 5  # balances from which a chain can be told
_CHAINED = 0.8  # share of the links that hold where the balances are a running balance at all


def differing_openings(frames: Path, words: Mapping[str, Any]) -> dict[int, list[Note]]:
    """source_id -> a note for each opening row that the trial balance of its year contradicts; accounts it lacks are left alone.

    In: the folder of typed ledgers, and openings.yaml.
    """
    import pyarrow.parquet as pq

    spec = words["balances"]
    path = frames / f"{spec['ledger']}.parquet"
    rows = pq.read_table(frames / "openings.parquet").to_pylist()
    if not rows or not path.exists():
        return {}
    held = _balances(pq.read_table(path, columns=["org_code", spec["account"], spec["year"], spec["debit"], spec["credit"]]), spec)
    notes: dict[int, list[Note]] = {}
    for row in rows:
        balance = held.get((row["org_code"], row["account"], row["year"]))
        stated = -row["amount"] if row["side"] == CREDIT else row["amount"]
        if balance is not None and balance != stated:
            told = {"row": row["sheet_row"], "label": row["label"], "account": row["account"]}
            said = ("note.opening_differs", told | {"stated": yuan(stated), "balance": yuan(balance)})
            notes.setdefault(row["source_id"], []).append(said)
    return notes


def _balances(table: Any, spec: Mapping[str, str]) -> dict[tuple[str, str, int], int]:
    """Organisation, account and year -> opening debit less credit in fen; an account that stands twice or is not read has none."""
    found: dict[tuple[str, str, int], int] = {}
    twice = set()
    for row in table.to_pylist():
        key = (row["org_code"], row[spec["account"]], row[spec["year"]])
        if key in found:
            twice.add(key)
        if row[spec["debit"]] is not None or row[spec["credit"]] is not None:
            found[key] = (row[spec["debit"]] or 0) - (row[spec["credit"]] or 0)
    return {k: v for k, v in found.items() if k not in twice}


def yuan(fen: int) -> str:
    """An amount as notes say it: 1,234.50."""
    return f"{Decimal(fen).scaleb(-2):,.2f}"


def broken_chain(table: Conformed, words: Mapping[str, Any]) -> tuple[Note, ...]:
    """A note where a running balance, begun with the opening row, does not follow from the movements beside it.

    Statements run forwards or backwards; a column of balances that mostly does not add up either way is no running balance,
    and nothing is said of it.
    """
    import numpy as np

    spec = words["ledgers"].get(table.ledger)
    if spec is None or "balance" not in spec or len(table.rows) < _LEAST_LINKS:
        return ()
    columns = {n: table.columns[spec[n]] for n in ("balance", "debit", "credit")}
    if columns["balance"].null_count or len(set(table.columns[spec["account"]].to_pylist())) > 1:
        return ()
    balance, debit, credit = (c.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64) for c in columns.values())
    moved, rows = debit - credit, np.array(table.rows)
    forwards = balance[1:] != balance[:-1] + moved[1:]
    backwards = balance[:-1] != balance[1:] + moved[:-1]
    is_forwards = forwards.mean() <= backwards.mean()
    breaks = forwards if is_forwards else backwards
    if breaks.mean() > 1 - _CHAINED:
        return ()
    at = list(rows[1:][breaks] if is_forwards else rows[:-1][breaks])
    first = 0 if is_forwards else len(balance) - 1
    opening = next((o.amount for o in table.openings if o.row < table.rows[0] or not is_forwards), None)
    if opening is not None and balance[first] != opening + moved[first]:
        at.append(rows[first])
    return (("note.balance_breaks", {"n": len(at), "row": int(min(at)) + 1}),) if at else ()

