"""Statements that give one amount with a direction, a sign or a word, folded into paid in and paid out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..catalog.specs import LedgerSpec
from .values import AMBIGUOUS, BLANK, CONVERTED, Typed, raw_text, squeeze

ON_NEARLY_ALL = 0.95  # of the slips of an account


def fold_slips(
    typed: Mapping[str, Typed], raw: Mapping[str, Sequence[Any]], how: Mapping[str, Any] | None
) -> tuple[dict[str, Typed], dict[str, Sequence[Any]]]:
    """`typed` and `raw` with account, counterparty and direction told from payer and payee, as lists of bank slips (回单) have them.

    The account itself is the one that the head names, else the one that stands on every slip; where the accounts do not tell, the name
    that stands on every slip. Where only one of the two has a column, that is the account itself where it never differs, else the other's.
    A slip on which neither or both are the account's own is left without a direction, as any other movement of which it is not told.
    """
    if how is None or how["paid_in"] in typed or how["paid_out"] in typed:
        return dict(typed), dict(raw)
    slips, found, cells = how["slips"], dict(typed), dict(raw)
    accounts, names = ([typed.get(slips[f"{side}{what}"]) for side in ("payer", "payee")] for what in ("_account", ""))
    for sides, own, other in ((accounts, slips["account"], slips["counterparty_account"]), (names, "", slips["counterparty"])):
        if not all(sides) and (lone := next((s for s in sides if s), None)):  # of one side only: its own where it never differs
            found.setdefault(own if own and len(set(lone.values.to_pylist())) == 1 else other, lone)
    if out := _who_paid(accounts, typed.get(slips["account"])) or _who_paid(names, None):
        cells[how["direction"]] = [slips["paid_out_word"] if o > 0 else slips["paid_in_word"] if o < 0 else "" for o in out]
        chosen = {slips["account"]: ("payer_account", "payee_account"), slips["counterparty_account"]: ("payee_account", "payer_account"),
                  slips["counterparty"]: ("payee", "payer")}  # fmt: skip
        for name, (when_out, when_in) in chosen.items():
            columns = [c for w in (when_out, when_in) if (c := typed.get(slips[w]))]
            if name not in typed and len(columns) == 2:
                found[name] = _picked(columns, [o >= 0 for o in out])
                cells[name] = [raw[slips[when_out if o >= 0 else when_in]][i] for i, o in enumerate(out)]
    return found, cells


def _who_paid(sides: Sequence[Typed | None], named: Typed | None) -> list[int]:
    """For each slip 1 where the account itself paid, -1 where it was paid, 0 where it is not told; [] where that is so of all."""
    if not all(sides):
        return []
    payers, payees = (side.values.to_pylist() for side in sides if side)
    own = {n for n in named.values.to_pylist() if n} if named else _on_every_slip(payers, payees)
    out = [(a in own) - (b in own) for a, b in zip(payers, payees, strict=True)]
    return out if any(out) else []


def _on_every_slip(payers: Sequence[str | None], payees: Sequence[str | None]) -> set[str]:
    """The one account or name that stands on nearly every slip."""
    counted = Counter(a for pair in zip(payers, payees, strict=True) for a in {*pair} if a).most_common(2)
    is_clear = bool(counted) and counted[0][1] >= ON_NEARLY_ALL * len(payers) and (len(counted) < 2 or counted[1][1] < counted[0][1])
    return {counted[0][0]} if is_clear else set()


def _picked(columns: Sequence[Typed], is_first: Sequence[bool]) -> Typed:
    """For each row the value of the first column or of the second."""
    import pyarrow as pa

    values = [c.values.to_pylist() for c in columns]
    status = [c.status.to_pylist() for c in columns]
    at = [0 if first else 1 for first in is_first]
    chosen = pa.array([values[k][i] for i, k in enumerate(at)], columns[0].values.type)
    return Typed(chosen, pa.array([status[k][i] for i, k in enumerate(at)], pa.int8()))


def fold_amounts(
    spec: LedgerSpec,
    typed: Mapping[str, Typed],
    raw: Mapping[str, Sequence[Any]],
    head: Sequence[str],
    how: Mapping[str, Any] | None,
    notes: list[Any],
) -> dict[str, Typed]:
    """`typed` with paid_in and paid_out filled from the amount, where the table has no such columns.

    A movement of which neither column, sign nor words tell the direction is AMBIGUOUS in both and counted in a note.
    """
    found = dict(typed)
    if how is None or how["paid_in"] in typed or how["paid_out"] in typed or how["amount"] not in typed:
        return found
    amounts = typed[how["amount"]].values.to_pylist()
    directions = _directions(amounts, raw, head, how)
    found[how["paid_in"]] = _side(amounts, directions, 1)
    found[how["paid_out"]] = _side(amounts, directions, -1)
    undirected = sum(d == 0 and a not in (None, 0) for d, a in zip(directions, amounts, strict=True))
    if undirected:
        notes.append(("note.undirected", {"n": undirected}))
    return found


def _directions(amounts: Sequence[int | None], raw: Mapping[str, Sequence[Any]], head: Sequence[str], how: Mapping[str, Any]) -> list[int]:
    """1 in, -1 out, 0 not told."""
    if how["direction"] in raw:
        words = {squeeze(w): s for key, s in (("in_words", 1), ("out_words", -1), ("neither_words", 0)) for w in how[key]}
        return [words.get(squeeze(raw_text(c)), 0) for c in raw[how["direction"]]]
    if any((a or 0) < 0 for a in amounts):
        turned = -1 if any(w in t for w in how["reversed_titles"] for t in head) else 1
        return [turned * ((a > 0) - (a < 0)) if a else turned for a in amounts]
    hints = [" ".join(squeeze(raw_text(raw[h][i])) for h in how["hints"] if h in raw) for i in range(len(amounts))]
    return [_hinted(text, how) for text in hints]


def _hinted(text: str, how: Mapping[str, Any]) -> int:
    """The word that stands first decides: 退货 of what was 消费."""
    places = [(text.find(w), s) for key, s in (("in_hints", 1), ("out_hints", -1)) for w in how[key] if w in text]
    return min(places)[1] if places else 0


def _side(amounts: Sequence[int | None], directions: Sequence[int], side: int) -> Typed:
    import pyarrow as pa

    values = [abs(a) if a is not None and d == side else None for a, d in zip(amounts, directions, strict=True)]
    status = [
        CONVERTED if v is not None else AMBIGUOUS if d == 0 and a else BLANK for v, d, a in zip(values, directions, amounts, strict=True)
    ]
    return Typed(pa.array(values, pa.int64()), pa.array(status, pa.int8()))
