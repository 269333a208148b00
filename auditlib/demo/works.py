"""Works and grants: finished and capitalised, under way, or granted and not yet begun."""

from __future__ import annotations

import datetime as dt

from .assets import add_asset
from .decisions import decide
from .lexicon import Census, Person
from .model import BANK, YEAR, Body, Line, Row, Voucher
from .office_days import days

_KINDS = (
    ("村内巷道硬化工程", "道路"),
    ("饮水管网改造工程", "水利"),
    ("灌溉渠道防渗工程", "水利"),
    ("农产品集散棚建设工程", "产业"),
)


def add_works(body: Body, census: Census) -> None:
    """One project a village, in one of four states."""
    name, kind = _KINDS[body.index % 4]
    builder = census.firm("91")
    if body.index % 4 == 0:
        _finished(body, name, kind, builder)
    elif body.index % 4 == 1:
        _under_way(body, name, kind, builder, 26_800_000, 20_000_000)
    elif body.index % 4 == 2:
        _granted(body, name, kind)
    else:  # near-miss: the price is exactly the amount over which a tender is needed
        _under_way(body, name, kind, builder, 50_000_000, 40_000_000)


def _project(body: Body, name: str, kind: str, **fields: object) -> Row:
    row: Row = dict.fromkeys((
        "budget", "contract_amount", "grant", "self_raised", "paid", "tender", "supplier", "started_on", "completed_on",
        "accepted_on",
        "capitalised_on", "asset_no",
    ))  # fmt: skip
    row = {"project_no": body.number("project", 1, YEAR), "name": name, "kind": kind, **row, **fields}
    body.rows("projects").append(row)
    return row


def _works_contract(body: Body, project: Row, builder: Person, ends_on: dt.date, status: str) -> str:
    signed = project["started_on"] - days(6)
    n = 1 + sum(c["signed_on"].year == signed.year for c in body.rows("contracts"))
    decision = decide(body, signed - days(25), f"讨论{project['name']}实施方案")
    body.rows("contracts").append({
        "contract_no": body.number("contract", n, signed.year), "name": f"{project['name']}施工合同", "kind": "工程",
        "party_b": builder.name,
        "party_b_id": builder.id_no, "subject_no": project["project_no"], "area_mu": None, "signed_on": signed,
        "starts_on": project["started_on"], "ends_on": ends_on, "annual_rent": None, "total": project["contract_amount"],
        "decision_no": decision, "trade_no": None, "original_held": True, "status": status,
    })  # fmt: skip
    return decision


def _grant(body: Body, on: dt.date, amount: int, name: str) -> None:
    body.vouchers.append(Voucher(
        on, f"收到{name}专项补助", [Line(BANK, debit=amount, detail=body.account_no), Line("241", credit=amount, detail=name)],
        counterparty=f"{body.township}财政所", handler=body.cadres[-1].name, bank_on=on - days(1),
    ))  # fmt: skip


def _pay(body: Body, on: dt.date, amount: int, project: Row, decision: str, what: str) -> None:
    body.vouchers.append(Voucher(
        on, f"付{project['name']}{what}", [Line("153", debit=amount, detail=project["name"]), Line(BANK, credit=amount,
        detail=body.account_no)],
        counterparty=project["supplier"], decision_no=decision, invoice_no=body.invoice(), handler=body.cadres[-1].name,
        attachments=5,
        bank_on=on + days(2),
    ))  # fmt: skip


def _finished(body: Body, name: str, kind: str, builder: Person) -> None:
    price, grant = 9_840_000, 7_200_000
    project = _project(
        body, name, kind, budget=10_500_000, contract_amount=price, grant=grant, self_raised=3_300_000, paid=price,
        tender="村级比选",
        supplier=builder.name, started_on=dt.date(YEAR, 4, 8), completed_on=dt.date(YEAR, 6, 20), accepted_on=dt.date(YEAR, 7, 3),
        capitalised_on=dt.date(YEAR, 7, 16),
    )  # fmt: skip
    decision = _works_contract(body, project, builder, dt.date(YEAR, 6, 30), "已完工")
    _grant(body, dt.date(YEAR, 3, 20), grant, name)
    _pay(body, dt.date(YEAR, 5, 14), price * 6 // 10, project, decision, "进度款")
    _pay(body, dt.date(YEAR, 7, 9), price - price * 6 // 10, project, decision, "结算款")
    done = project["capitalised_on"]
    asset = add_asset(body, (name.removesuffix("工程"), "公共设施", "非经营性", "项"), 1, done, price, 20)
    project["asset_no"] = asset["asset_no"]
    body.vouchers += [
        Voucher(
            done,
            f"{name}转固定资产",
            [Line("151", debit=price, detail=asset["asset_no"]), Line("153", credit=price, detail=name)],
        ),
        Voucher(done, f"{name}专项补助转公积公益金", [Line("241", debit=grant, detail=name), Line("311", credit=grant)]),
    ]


def _under_way(body: Body, name: str, kind: str, builder: Person, price: int, grant: int) -> None:
    paid = price * 4 // 10
    project = _project(
        body, name, kind, budget=price + 1_500_000, contract_amount=price, grant=grant, self_raised=price + 1_500_000 - grant,
        paid=paid,
        tender="公开比选", supplier=builder.name, started_on=dt.date(YEAR, 9, 10),
    )  # fmt: skip
    decision = _works_contract(body, project, builder, dt.date(YEAR + 1, 5, 31), "履行中")
    _grant(body, dt.date(YEAR, 8, 12), grant, name)
    _pay(body, dt.date(YEAR, 11, 5), paid, project, decision, "首期进度款")


def _granted(body: Body, name: str, kind: str) -> None:
    _project(body, name, kind, budget=8_600_000, grant=8_600_000, self_raised=0, paid=0)
    _grant(body, dt.date(YEAR, 10, 21), 8_600_000, name)
