"""Statements that give one amount with a direction, a sign or a word, folded into paid in and paid out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..catalog.specs import LedgerSpec
from .values import AMBIGUOUS, BLANK, CONVERTED, Typed, raw_text, squeeze

if TYPE_CHECKING:
    pass


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
