"""Contracts beside each other, beside the land they are on and beside the people they are with."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from statistics import median
from typing import Any

import narwhals as nw

from ..catalog.specs import SCALES, CheckSpec
from ..kernels import joins, lettings
from ..kernels.terms import holds, ymd
from ..words.messages import say
from ..words.records import Case, Evidence, Organisation
from .across import Check
from .frames import Frames
from .outcome import Outcome, applicable
from .shown import day, plain, yuan

Row = Mapping[str, Any]
_TOWNSHIPS = ("township", "county")
_MU = 10 ** SCALES["area"]  # 1 亩 as the columns hold it


def _lettings(frames: Frames, ledger: str, a: Mapping[str, Any]) -> nw.LazyFrame:
    """Contracts of something that is let: neither works nor loans, and not ended before their time."""
    return lettings.of_kinds_and_status(frames.rows(ledger), a.get("but_kinds", ()), a.get("void", ()))


def _case(spec: CheckSpec, row: Row, shown: tuple[Evidence, ...], field: str, **more: Any) -> Case:
    """A case on one contract."""
    number = row["contract_no"] or say("checks.no_row_key", "zh", row=row["sheet_row"])
    return Case(spec.rule, row["org_code"] or "", spec.ledgers[0], (number,), (number,), shown, field, **more)


# --- time -------------------------------------------------------------------------------------------------------------


def expired_in_use(frames: Frames, spec: CheckSpec) -> Outcome:
    """Contracts that ended before a day, still count as running, and have no newer one on their subject.

    The subject is its number, or the contract's name where there is none. Arguments: before, running, void, but_kinds.
    """
    a, ledger = spec.arguments, spec.ledgers[0]
    looked, reasons = applicable(frames, {ledger: ["contract_no", "ends_on", "status"]})
    rows = lettings.with_terms(_lettings(frames, ledger, a))
    ended = rows.filter(
        (nw.col("last_end") < a["before"]) & holds(nw.col("status").is_in(list(a["running"]))) & ~nw.col("subject").is_null()
    )
    chosen = ["row_id", "sheet_row", "org_code", "contract_no", "ends_on", "last_end", "annual_rent", "status"]
    met = frames.records(lettings.without_newer(ended, rows).select(*chosen))
    cases = [
        _case(
            spec,
            row,
            (Evidence(ledger, row["row_id"], ("ends_on", "status", "annual_rent", "contract_no")),),
            "ends_on",
            amount=yuan(row["annual_rent"]),
            actual=row["ends_on"].isoformat(),
            period=day(row["last_end"]),
        )
        for row in met
    ]
    return Outcome(tuple(cases), looked, reasons)


def let_twice(frames: Frames, spec: CheckSpec) -> Outcome:
    """Two contracts on one subject whose terms overlap by more than the day on which one hands over to the other.

    Parts of a parcel that together are no larger than the parcel are let side by side, and so is a subject on which more
    than `parts_over` contracts overlap; one with more than `contracts_over` contracts in all years is no one piece (land that households
    hold under one number). Arguments: void, but_kinds, parts_over, contracts_over.
    """
    a, ledger = spec.arguments, spec.ledgers[0]
    looked, reasons = applicable(frames, {ledger: ["contract_no", "subject_no", "starts_on", "ends_on"]})
    rows = lettings.with_terms(_lettings(frames, ledger, a)).filter(~nw.col("subject_no").is_null())
    carried = ["row_id", "contract_no", "starts_on", "ends_on", "area_mu", "last_start", "party_b"]
    met = frames.records(lettings.overlapping(rows, carried, a["contracts_over"]), ["row_id", "row_id__other"])
    sizes = _parcel_areas(frames, {(r["org_code"], r["subject_no"]) for r in met})
    numbers: dict[tuple[Any, Any], set[str]] = defaultdict(set)
    for row in met:
        numbers[row["org_code"], row["subject_no"]] |= {row["contract_no"], row["contract_no__other"]}
    divided = {subject for subject, of in numbers.items() if len(of) > a["parts_over"]}
    cases = [_twice(spec, r) for r in met if (r["org_code"], r["subject_no"]) not in divided and not _are_parts(r, sizes)]
    return Outcome(tuple(cases), looked, reasons)


def _are_parts(row: Row, sizes: Mapping[tuple[Any, Any], int]) -> bool:
    size, parts = sizes.get((row["org_code"], row["subject_no"])), (row["area_mu"], row["area_mu__other"])
    return size is not None and None not in parts and sum(parts) <= size


def _twice(spec: CheckSpec, row: Row) -> Case:
    ledger = spec.ledgers[0]
    numbers = tuple(sorted((row["contract_no"], row["contract_no__other"])))
    ids = sorted((row["row_id"], row["row_id__other"]), reverse=True)
    if row["last_start"] != row["last_start__other"]:  # the later contract is the one to look at first
        later = row["last_start"] > row["last_start__other"]
        ids = [row["row_id"], row["row_id__other"]] if later else [row["row_id__other"], row["row_id"]]
    shown = tuple(Evidence(ledger, i, ("starts_on", "ends_on", "subject_no", "party_b", "contract_no")) for i in ids)
    begins = max(row["last_start"], row["last_start__other"])
    return Case(
        spec.rule,
        row["org_code"] or "",
        ledger,
        numbers,
        numbers,
        shown,
        "starts_on",
        actual=row["subject_no"],
        period=day(begins),
        variant="same_party" if _name(row["party_b"] or "1") == _name(row["party_b__other"] or "2") else "two_parties",
    )


def _parcel_areas(frames: Frames, wanted: set[tuple[Any, Any]]) -> dict[tuple[Any, Any], int]:
    if not wanted or not frames.has("resources"):
        return {}
    rows = frames.plain("resources").filter(nw.col("parcel_no").is_in(sorted({s for _, s in wanted})))
    sizes = rows.filter(~nw.col("area_mu").is_null()).group_by("org_code", "parcel_no").agg(nw.col("area_mu").max())
    return {(r["org_code"], r["parcel_no"]): r["area_mu"] for r in frames.records(sizes, ["org_code", "parcel_no"])}


# --- money ------------------------------------------------------------------------------------------------------------


def low_rent(frames: Frames, spec: CheckSpec) -> Outcome:
    """Rent by the mu below a share of the median of its land class in the township.

    The area is the contract's, else its parcel's; classes with few contracts are not compared. Arguments: ratio,
    peers_over, but_kinds.
    """
    a, (ledger, land) = spec.arguments, spec.ledgers
    looked, reasons = applicable(
        frames, {ledger: ["contract_no", "annual_rent", "subject_no"], land: ["parcel_no", "land_class"]}
    )
    townships = _townships(frames.organisations)
    classes: dict[tuple[str, str], list[tuple[Fraction, Row]]] = defaultdict(list)
    for row in _rented_land(frames, ledger, land, a):
        where = townships.get(row["org_code"] or "", "")
        classes[where, row["subject_class"]].append((Fraction(row["annual_rent"] * _MU, row["mu"]), row))
    cases, compared = [], set()
    for peers in classes.values():
        if len(peers) <= a["peers_over"]:
            continue
        standard = Fraction(median(rent for rent, _ in peers) * a["ratio"] / 10_000)
        compared |= {row["org_code"] or "" for _, row in peers}
        cases += [_low(spec, row, rent, standard, len(peers)) for rent, row in peers if rent < standard]
    for org in sorted(set(looked) - compared):
        del looked[org]
        reasons[org] = say("contracts.few_peers", frames.settings.language, count=a["peers_over"])
    return Outcome(tuple(c for c in cases if c.org_code in looked), looked, reasons)


def _rented_land(frames: Frames, ledger: str, land: str, a: Mapping[str, Any]) -> list[Row]:
    """Contracts with a rent on a parcel of known class and size, each number once."""
    sizes = frames.plain(land).group_by("org_code", "parcel_no").agg(nw.col("area_mu").max().alias("parcel_mu"))
    rows = _lettings(frames, ledger, a).filter(
        (nw.col("annual_rent") > 0) & ~nw.col("subject_class").is_null() & ~nw.col("contract_no").is_null()
    )
    rows = rows.join(sizes, left_on=["org_code", "subject_no"], right_on=["org_code", "parcel_no"], how="left")
    blank = nw.col("area_mu__status").is_in(["blank", "absent"])
    rows = rows.with_columns(nw.when(blank).then(nw.col("parcel_mu")).otherwise(nw.col("area_mu")).alias("mu"))
    chosen = ["row_id", "sheet_row", "org_code", "contract_no", "annual_rent", "subject_class", "mu"]
    met = frames.records(rows.filter(nw.col("mu") > 0).select(*chosen))
    first: dict[tuple[Any, str], Row] = {}
    for row in met:
        first.setdefault((row["org_code"], row["contract_no"]), row)
    return list(first.values())


def _low(spec: CheckSpec, row: Row, rent: Fraction, standard: Fraction, peers: int) -> Case:
    """`far`: not even half of what would already be low."""
    shown = (Evidence(spec.ledgers[0], row["row_id"], ("annual_rent", "area_mu", "subject_no", "contract_no")),)
    told = {"expected": plain(round(standard), 2), "actual": plain(round(rent), 2), "detail": str(peers)}
    return _case(spec, row, shown, "annual_rent", variant="far" if 2 * rent < standard else "low", **told)


def _townships(organisations: Sequence[Organisation]) -> dict[str, str]:
    """Organisation -> the township it belongs to; itself where the register names none above it."""
    known, found = {o.org_code: o for o in organisations}, {}
    for org in organisations:
        at, seen = org, {org.org_code}
        while at.level not in _TOWNSHIPS and at.parent_code in known and at.parent_code not in seen:
            at = known[at.parent_code]
            seen.add(at.org_code)
        found[org.org_code] = at.org_code if at.level in _TOWNSHIPS or not at.parent_code else at.parent_code
    return found


# --- people -----------------------------------------------------------------------------------------------------------


def related_party(frames: Frames, spec: CheckSpec) -> Outcome:
    """Contracts whose party carries the identity number of a cadre or near relative; names alone prove nothing.

    A number of 15 digits is the same as its 18-digit form; one with its middle hidden is nobody's.
    Ledgers: contracts, cadres.
    """
    ledger, people = spec.ledgers
    looked, reasons = applicable(frames, {ledger: ["contract_no", "party_b_id"]})
    _only_with_cadres(frames, people, looked, reasons)
    parties = lettings.with_short_number(frames.rows(ledger), "party_b_id").filter(~nw.col("short").is_null())
    cadres = lettings.with_short_number(frames.rows(people), "id_no").filter(~nw.col("short").is_null())
    cadres = cadres.select("short", *[nw.col(c).alias(f"{c}__cadre") for c in ("row_id", "id_no", "name", "role", "related_to")])
    chosen = ["row_id", "sheet_row", "org_code", "contract_no", "party_b", "party_b_id"]
    both = parties.select(*chosen, "short").join(cadres, on="short", how="inner")
    met = frames.records(both.drop("short"), ["row_id", "row_id__cadre"])
    cases = [_related(spec, row) for row in met if _same_number(row["party_b_id"], row["id_no__cadre"])]
    return Outcome(tuple(cases), looked, reasons)


def _same_number(one: str, other: str) -> bool:
    return one == other or len(one) != len(other)


def _related(spec: CheckSpec, row: Row) -> Case:
    ledger, people = spec.ledgers
    shown = (
        Evidence(ledger, row["row_id"], ("party_b", "party_b_id", "contract_no")),
        Evidence(people, row["row_id__cadre"], ("name", "role", "related_to", "id_no")),
    )
    who = "·".join(t for t in (row["name__cadre"], row["role__cadre"], row["related_to__cadre"]) if t)
    return _case(spec, row, shown, "party_b", expected=who, actual=row["party_b"] or "")


def _only_with_cadres(frames: Frames, people: str, looked: dict[str, int], reasons: dict[str, str]) -> None:
    """Takes out the organisations of villages of which the list of cadres has nobody."""
    village = {o.org_code: o.parent_code if o.level == "group" and o.parent_code else o.org_code for o in frames.organisations}
    listed = {village.get(org, org) for org, there in frames.presence(people).items() if there.has("id_no")}
    for org in sorted(looked):
        if village.get(org, org) not in listed:
            del looked[org]
            reasons[org] = say("contracts.no_cadres", frames.settings.language)


def used_by_another(frames: Frames, spec: CheckSpec) -> Outcome:
    """Someone uses what another person has leased: the register's user is not the party of the contract that it names.

    Told only where both are plainly persons, the contract still runs, and the user is the party of no contract on the
    same subject. Ledgers: the register, contracts. Arguments: key, after, no_person (endings and words).
    """
    a, (register, ledger) = spec.arguments, spec.ledgers
    key = a["key"]
    looked, reasons = applicable(frames, {register: [key, "user", "contract_no"], ledger: ["contract_no", "party_b"]})
    parties = _parties(frames, ledger, a["after"])
    rows = frames.rows(register).filter(~nw.col("user").is_null() & ~nw.col(key).is_null())
    once = parties.with_columns(nw.col("org_code").alias("org"))
    take = {"party_b": "party_b", "party_row": "party_row"}
    rows = joins.beside(rows, once, {"org_code": "org", "contract_no": "contract_no"}, take).filter(
        nw.col("user") != nw.col("party_b")
    )
    met = frames.records(rows.select("row_id", "party_row", "org_code", key, "user", "party_b"))
    suspects = [r for r in met if _is_other_person(r["user"], r["party_b"], a["no_person"])]
    entitled = _entitled(frames, ledger, {r[key] for r in suspects})
    cases = [_used(spec, r) for r in suspects if _name(r["user"]) not in entitled.get((r["org_code"], r[key]), ())]
    return Outcome(tuple(cases), looked, reasons)


def _parties(frames: Frames, ledger: str, after: int) -> nw.LazyFrame:
    """The party of every running contract with one, of numbers that stand once."""
    rows = frames.rows(ledger).with_columns(ymd("ends_on", 31).alias("last_end"))
    rows = rows.filter(~nw.col("party_b").is_null() & ~nw.col("contract_no").is_null() & (nw.col("last_end") > after))
    return (
        rows.group_by("org_code", "contract_no")
        .agg(nw.col("row_id").min().alias("party_row"), nw.col("party_b").min(), nw.col("party_b").max().alias("last"))
        .filter(nw.col("party_b") == nw.col("last"))
    )


def _entitled(frames: Frames, ledger: str, subjects: set[str]) -> dict[tuple[Any, Any], set[str]]:
    """(organisation, subject) -> the parties of all its contracts."""
    found: dict[tuple[Any, Any], set[str]] = defaultdict(set)
    if subjects:
        rows = frames.plain(ledger).filter(nw.col("subject_no").is_in(sorted(subjects)) & ~nw.col("party_b").is_null())
        for row in frames.records(rows.select("org_code", "subject_no", "party_b"), ["org_code", "subject_no", "party_b"]):
            found[row["org_code"], row["subject_no"]].add(_name(row["party_b"]))
    return found


def _name(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _is_other_person(user: str, party: str, no_person: Iterable[str]) -> bool:
    """Two different names of two to four characters, neither of which sounds like an office, a firm or several people."""
    one, other = _name(user), _name(party)
    if one == other or not all(re.fullmatch(r"[\u4e00-\u9fff]{2,4}", n) for n in (one, other)):
        return False
    return not any(word in name for word in no_person for name in (one, other))


def _used(spec: CheckSpec, row: Row) -> Case:
    (register, ledger), key = spec.ledgers, spec.arguments["key"]
    shown = (
        Evidence(register, row["row_id"], ("user", "contract_no", key)),
        Evidence(ledger, row["party_row"], ("party_b", "contract_no")),
    )
    return Case(
        spec.rule, row["org_code"] or "", register, (row[key],), (row[key],), shown, "user", None, row["party_b"], row["user"]
    )


CHECKS: dict[str, Check] = {
    "expired_in_use": expired_in_use,
    "let_twice": let_twice,
    "low_rent": low_rent,
    "related_party": related_party,
    "used_by_another": used_by_another,
}
