"""Parcels, their survey, contracts on parcels and assets, and the rent that falls due."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal

from .assets import LET
from .decisions import decide
from .lexicon import Census, Person, field_names
from .model import BANK, YEAR, Body, Line, Row, Voucher
from .office_days import days, plus_years, workday

_RENT = {"耕地": 560, "园地": 480, "养殖水面": 720, "未利用地": 60}  # yuan per mu and year
_LETTINGS = (("耕地", "流转", 6), ("耕地", "承包", 10), ("园地", "承包", 12), ("养殖水面", "承包", 8), ("未利用地", "四荒", 40))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contract says; rent in yuan."""

    kind: str
    subject: Row
    name: str
    starts_on: dt.date
    years: int
    rent: int
    area: Decimal | None = None


def add_land(body: Body) -> None:
    """The resource register: household land, reserve land (at most 5 %), common land and parcels let."""
    rng = body.rng("land")
    names = field_names(rng, 8)
    kinds = _LETTINGS if body.level == "village" else _LETTINGS[:2]
    rented = [(land, Decimal(rng.randrange(400, 2600)) / 100) for land, _, _ in kinds]
    if body.level == "village" and body.index % 4 == 1:
        rented[0] = ("耕地", Decimal(50))  # exactly the size from which a trade on the platform is needed
    if body.level == "village" and body.index % 4 == 3:
        rented[-1] = ("未利用地", Decimal("68.4"))  # large, so traded on the platform
    farmland = Decimal(rng.randrange(20, 40) * (20 if body.level == "village" else 5))
    ratio = Decimal("0.05") if body.index % 4 == 2 else Decimal(rng.randrange(25, 45)) / 1000
    reserve = (farmland * ratio).quantize(Decimal("0.01"), "ROUND_DOWN")
    household = farmland - reserve - sum(a for land, a in rented if land == "耕地")
    _parcel(body, "家庭承包地", "耕地", household, "承包到户")["household_mu"] = household
    _parcel(body, "集体机动地", "耕地", reserve, "自营")["reserve_land"] = True
    _parcel(body, "后山水源林", "林地", Decimal(rng.randrange(3000, 9000)) / 100, "自营")
    for name, (land, area) in zip(names, rented, strict=False):
        _parcel(body, f"{name}{land}", land, area, "出租")


def _parcel(body: Body, name: str, land_class: str, area: Decimal, use_status: str) -> Row:
    rows = body.rows("resources")
    row: Row = {
        "parcel_no": body.number("parcel", len(rows) + 1), "name": name, "land_class": land_class,
        "location": f"{body.village}{name[:2]}",
        "area_mu": area, "household_mu": Decimal(0), "use_status": use_status, "user": None, "contract_no": None,
        "reserve_land": False,
    }  # fmt: skip
    rows.append(row)
    drift = Decimal(body.rng(name).randrange(-15, 16)) / 1000
    survey = area if body.index % 2 else (area * (1 + drift)).quantize(Decimal("0.01"))
    body.rows("resource_survey").append({"parcel_no": row["parcel_no"], "land_class": land_class, "area_mu": survey})
    return row


def let_all(body: Body, census: Census) -> None:
    """Contracts on every asset and parcel that is let, with the rent due and received in the year."""
    for asset in [a for a in body.rows("fixed_assets") if a["name"] in LET]:
        let(body, _lease(body, asset), census.person())
    parcels = [p for p in body.rows("resources") if p["use_status"] == "出租"]
    for parcel, (_, kind, years) in zip(parcels, _LETTINGS, strict=False):
        coop = kind == "四荒" or body.rng(parcel["name"]).random() < 0.2
        tenant = census.firm("93") if coop else census.person()
        terms = _letting(body, parcel, kind, years)
        if kind == "流转" and body.index % 4 == 2:  # near-miss: ended in the year, renewed from the next day
            let(body, replace(terms, starts_on=dt.date(YEAR - 10, 7, 1), years=10), tenant)["status"] = "到期"
            terms = replace(terms, starts_on=dt.date(YEAR, 7, 1))
        let(body, terms, tenant)


def _lease(body: Body, asset: Row) -> Terms:
    rng = body.rng(f"lease {asset['asset_no']}")
    rent = asset["original_value"] // 100 * rng.randrange(7, 10) // 1000 * 10
    years, start = rng.randrange(4, 7), workday(rng, rng.randrange(3, 10), year=2022)
    if asset["name"] == LET[0] and body.index % 4 == 3:
        asset["acquired_on"] = dt.date(2010, 9, 15)
        years, start = 20, dt.date(2012, 4, 1)  # near-miss: exactly the 20 years that the law allows
    asset["use_status"] = "出租"
    return Terms("租赁", asset, f"{asset['name']}租赁合同", start, years, rent)


def _letting(body: Body, parcel: Row, kind: str, years: int) -> Terms:
    rng = body.rng(f"letting {parcel['parcel_no']}")
    start = workday(rng, rng.randrange(2, 11), year=2008 if kind == "四荒" else YEAR - years + rng.randrange(2, 4))
    share = 70 if body.index == 5 and kind == "承包" else rng.randrange(92, 109)  # near-miss: low, but over the ratio
    rent = int(_RENT[parcel["land_class"]] * share * parcel["area_mu"] / 100)
    return Terms(kind, parcel, f"{parcel['name']}{kind}合同", start, years, rent, parcel["area_mu"])


def let(body: Body, terms: Terms, tenant: Person) -> Row:
    """One contract, decided before it was signed; traded openly where it is large."""
    starts, total = terms.starts_on, terms.rent * terms.years
    signed = starts - days(12)
    large = total > 200_000 or (terms.area or 0) > 50
    n = 1 + sum(c["signed_on"].year == signed.year for c in body.rows("contracts"))
    row: Row = {
        "contract_no": body.number("contract", n, signed.year), "name": terms.name, "kind": terms.kind, "party_b": tenant.name,
        "party_b_id": tenant.id_no, "subject_no": terms.subject.get("parcel_no") or terms.subject["asset_no"],
        "area_mu": terms.area,
        "signed_on": signed, "starts_on": starts, "ends_on": plus_years(starts, terms.years) - days(1),
        "annual_rent": terms.rent * 100,
        "total": total * 100, "decision_no": decide(body, signed - days(20), f"讨论{terms.name[:-2]}事宜"),
        "trade_no": f"TLNJ{signed.year}{body.rng(terms.name).randrange(10**5):05d}" if large else None, "original_held": True,
        "status": "履行中",
    }  # fmt: skip
    body.rows("contracts").append(row)
    terms.subject.update(user=tenant.name, contract_no=row["contract_no"])
    _rent_of_year(body, row)
    return row


def _rent_of_year(body: Body, contract: Row) -> None:
    """Rent due in the year: at once or in two halves; one instalment of next year is not due yet."""
    rng = body.rng(contract["contract_no"])
    rent = contract["annual_rent"]
    if YEAR in (contract["starts_on"].year, contract["ends_on"].year):
        _receive(body, contract, workday(rng, 9 if contract["starts_on"].year == YEAR else 3), rent // 2)
        return
    if rng.random() < 0.35:
        _receive(body, contract, workday(rng, rng.choice((2, 3, 4))), rent - rent // 2)
        _receive(body, contract, workday(rng, rng.choice((8, 9))), rent // 2)
    else:
        _receive(body, contract, workday(rng, rng.randrange(2, 12)), rent)
    if rng.random() < 0.2:
        body.rows("receipts").append({
            "contract_no": contract["contract_no"], "due_on": workday(rng, 5, year=YEAR + 1), "amount_due": rent,
            "received_on": None,
            "amount_received": None, "voucher": None,
        })  # fmt: skip


def _receive(body: Body, contract: Row, due: dt.date, amount: int) -> None:
    rng = body.rng(f"{contract['contract_no']} {due}")
    on = due - days(rng.randrange(0, 7))
    account = "50101" if contract["kind"] == "租赁" else "50102"
    subject = contract["name"].removesuffix(f"{contract['kind']}合同")
    voucher = Voucher(
        on, f"收{contract['party_b']}交{subject}{'租金' if account == '50101' else '承包款'}",
        [Line(BANK, debit=amount, detail=body.account_no), Line(account, credit=amount, detail=contract["contract_no"])],
        counterparty=contract["party_b"], handler=body.cadres[-1].name, bank_on=on - days(rng.randrange(0, 3)),
    )  # fmt: skip
    body.vouchers.append(voucher)
    body.rows("receipts").append({
        "contract_no": contract["contract_no"], "due_on": due, "amount_due": amount, "received_on": voucher.bank_on,
        "amount_received": amount,
        "voucher": voucher,
    })  # fmt: skip


def join_deposits(body: Body) -> None:
    """Near-miss: the rents of up to three contracts reach the bank as one deposit."""
    first: dict[str, Row] = {}
    for receipt in body.rows("receipts"):
        if receipt["voucher"] and 4 <= receipt["voucher"].on.month <= 11:
            first.setdefault(receipt["contract_no"], receipt)
    paid = list(first.values())[:3]
    if len(paid) < 2:
        return
    on = min(r["voucher"].on for r in paid)
    for receipt in paid:
        voucher = receipt["voucher"]
        voucher.on, voucher.bank_on, voucher.bank_group = on, on, "joint deposit"
        receipt.update(received_on=on, due_on=on + days(3))
