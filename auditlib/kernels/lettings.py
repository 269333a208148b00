"""Contracts as spells of time on a subject: which still count, which came later, which overlap.

A date known to the month counts as the day that is best for the village: it begins late, and what it ends, ends late for
the question whether it has ended and early for the question whether another overlaps it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from .terms import holds, ymd

FOR_EVER = 99_991_231  # the end of a contract without one


def of_kinds_and_status(rows: nw.LazyFrame[Any], but_kinds: Sequence[str], void: Sequence[str]) -> nw.LazyFrame[Any]:
    """Contracts of all kinds but those named, whose status has none of the words `void`."""
    if but_kinds:
        rows = rows.filter(~holds(nw.col("kind").is_in(list(but_kinds))))
    status = nw.coalesce(nw.col("status"), nw.lit(""))
    for word in void:
        rows = rows.filter(~status.str.contains(word, literal=True))
    return rows


def with_terms(rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Contracts with `subject` (number, else name), `last_start`, `first_end` and `last_end`, all yyyymmdd."""
    without_end = nw.col("ends_on__status") == "open_ended"
    return rows.with_columns(
        nw.coalesce(nw.col("subject_no"), nw.col("name")).alias("subject"),
        ymd("starts_on", 31).alias("last_start"),
        nw.when(without_end).then(nw.lit(FOR_EVER)).otherwise(ymd("ends_on", 1)).alias("first_end"),
        nw.when(without_end).then(nw.lit(FOR_EVER)).otherwise(ymd("ends_on", 31)).alias("last_end"),
    )


def without_newer(ended: nw.LazyFrame[Any], all_of: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Rows of `ended` on whose subject no contract of `all_of` starts or ends later; both as `with_terms` gives them."""
    latest = (
        all_of.filter(~nw.col("subject").is_null())
        .group_by("org_code", "subject")
        .agg(nw.col("last_start").max().alias("latest_start"), nw.col("last_end").max().alias("latest_end"))
    )
    rows = ended.join(latest, on=["org_code", "subject"], how="inner")
    newer = holds(nw.col("latest_start") > nw.col("last_start")) | holds(nw.col("latest_end") > nw.col("last_end"))
    return rows.filter(~newer)


def overlapping(rows: nw.LazyFrame[Any], carry: Sequence[str], at_most: int) -> nw.LazyFrame[Any]:
    """Pairs of contracts of different numbers on one subject whose terms share more than one day.

    Subjects with more than `at_most` contracts are left out: they are no one piece, and their pairs would be without number.
    Out: org_code, subject_no, the columns `carry`, and those of the other as `<column>__other`; each pair once.
    """
    mine = ["org_code", "subject_no"]
    few = rows.group_by(*mine).agg(nw.len().cast(nw.Int64).alias("together")).filter(nw.col("together") <= at_most)
    spells = rows.select(*dict.fromkeys([*mine, "first_end", *carry])).join(few.drop("together"), on=mine, how="inner")
    other = spells.rename({c: f"{c}__other" for c in ("first_end", *carry)})
    pairs = spells.join(other, on=mine, how="inner").filter(
        (nw.col("row_id") < nw.col("row_id__other"))
        & (nw.col("contract_no") != nw.col("contract_no__other"))
        & (nw.col("last_start") < nw.col("first_end__other"))
        & (nw.col("last_start__other") < nw.col("first_end"))
    )
    return pairs.select(*mine, *carry, *[f"{c}__other" for c in carry])


def with_short_number(rows: nw.LazyFrame[Any], field: str) -> nw.LazyFrame[Any]:
    """Rows with `short`, the 15-digit form of a citizen's identity number (GB 11643-1989), null for anything else.

    The 18-digit form of 1999 put the century before the year of birth and a check character at the end.
    """
    number = nw.col(field).str.replace_all("\\s", "").str.to_uppercase()
    long = nw.concat_str([number.str.slice(0, 6), number.str.slice(8, 9)])
    length = number.str.len_chars()
    of_person = holds(~number.str.contains("*", literal=True)) & (length.is_in([15, 18]))
    short = nw.when(length == 15).then(number).otherwise(long)
    return rows.with_columns(nw.when(of_person).then(short).otherwise(nw.lit(None, dtype=nw.String)).alias("short"))
