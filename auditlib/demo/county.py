"""The county as it should be: every organisation with its books, all in order.

`found` makes people, property, contracts and vouchers; `close` derives from the vouchers all that must
follow from them, so that a case planted between the two is carried through by itself.
"""

from __future__ import annotations

import random

from . import books, identity, publication
from .assets import add_assets, close_assets, count_assets, inspect_assets
from .claims import add_claims, advance_to_cadre, standing_balances
from .decisions import put_in_order
from .land import add_land, join_deposits, let_all
from .lexicon import COUNTY, TOWNSHIPS, Census, township_tag, village_names
from .model import YEAR, Body, County, Row
from .people import add_members, cadre_rows, present_members
from .works import add_works
from .year import distribute, open_books, prior_year, run_year

_STYLES = ("merged", "coded")
_COUNTY_CODE = identity.REGION + "000000"


def found(villages: int, seed: int) -> County:
    """A county of `villages` villages in at least two townships; every other village has a group with books."""
    rng = random.Random(f"{seed}:county")
    census = Census(random.Random(f"{seed}:people"))
    county = County(COUNTY, [], [], [], seed)
    office = _office(rng, census, _COUNTY_CODE, COUNTY, "县", None, "11")
    county.organisations.append(office)
    towns = min(max(2, -(-villages // 12)), len(TOWNSHIPS))
    names = village_names(rng, villages)
    for t in range(towns):
        town_code = f"{identity.REGION}{101 + t * 3:03d}000"
        town = _office(rng, census, town_code, TOWNSHIPS[t], "乡镇", _COUNTY_CODE, "11")
        county.organisations.append(town)
        for index in range(t * villages // towns, (t + 1) * villages // towns):
            _found_village(county, census, town, t, index, names[index])
    return county


def _office(rng: random.Random, census: Census, code: str, name: str, level: str, parent: str | None, kind: str) -> Row:
    return {
        "org_code": code, "org_name": name, "level": level, "parent_code": parent, "credit_code": identity.credit_code(rng, kind),
        "head": census.person().name, "accountant": census.person().name, "cashier": census.person().name, "member_count": None,
        "households": None,
    }  # fmt: skip


def _found_village(county: County, census: Census, town: Row, t: int, index: int, name: str) -> None:
    n = sum(b.township == town["org_name"] and b.level == "village" for b in county.bodies) + 1
    code = f"{town['org_code'][:9]}{198 + n * 2 + n // 3:03d}"
    tail = ("股份经济合作社", "经济合作社")[t % 2]
    body = _body(county, census, town, "village", code, name + tail, name, f"{township_tag(t)}{n:02d}", index)
    county.bodies.append(body)
    _furnish(county, body, census)
    county.organisations.append(_entry(body, town["org_code"], "N2"))
    group_name = name + ("二组" if t % 2 == 0 else "第一村民小组")
    if index % 2 == 0:
        group = _body(county, census, town, "group", code + "02", group_name, name, f"{body.tag}Z2", index)
        group.accountant, group.cashier = body.accountant, body.cashier
        county.bodies.append(group)
        _furnish(county, group, census)
        county.organisations.append(_entry(group, code, "N1"))
    else:  # near-miss: a group without books, money or land stands in the register only
        county.organisations.append(_office(body.rng("group"), census, code + "01", group_name, "组", code, "N1"))


def _body(
    county: County, census: Census, town: Row, level: str, code: str, name: str, village: str, tag: str, index: int
) -> Body:
    rng = random.Random(f"{county.seed}:{code}:account")
    style = _STYLES[TOWNSHIPS.index(town["org_name"]) % 2]
    body = Body(
        code, name, level, town["org_name"], village, tag, style, index, county.seed, census.person(), census.person(),
        census.person(),
        town["accountant"], identity.account_no(rng), f"{COUNTY[:2]}农村商业银行{town['org_name'][:2]}支行",
    )  # fmt: skip
    body.months_restart = level == "village" and index == 2
    return body


def _entry(body: Body, parent: str, kind: str) -> Row:
    members = present_members(body)
    return {
        "org_code": body.code, "org_name": body.name, "level": "村" if body.level == "village" else "组", "parent_code": parent,
        "credit_code": identity.credit_code(body.rng("credit code"), kind), "head": body.head.name,
        "accountant": body.accountant.name,
        "cashier": body.cashier.name, "member_count": len(members) or 40 + body.index * 3,
        "households": len({m["household_no"] for m in members}) or 12 + body.index,
    }  # fmt: skip


def _furnish(county: County, body: Body, census: Census) -> None:
    """People, property, contracts and the vouchers of the year."""
    village = body.level == "village"
    county.cadres.extend(cadre_rows(body, census))
    if village:
        add_members(body, census)
    add_assets(body)
    add_land(body)
    let_all(body, census)
    if body.index % 3 == 2 or not village:
        join_deposits(body)
    if village:
        add_works(body, census)
        add_claims(body, census)
        if body.index % 4 == 3:
            advance_to_cadre(body)
    standing_balances(body)
    open_books(body)
    prior_year(body)
    body.prior += books.closing_vouchers(body.prior, YEAR - 1)
    run_year(body, census)
    if village:
        distribute(body)
    put_in_order(body)


def close(county: County) -> None:
    """Everything that follows from the vouchers."""
    watchers = {o["org_name"]: o["head"] for o in county.organisations}
    for body in county.bodies:
        body.vouchers += books.closing_vouchers(body.vouchers, YEAR)
        books.number_vouchers(body)
        books.journal_rows(body)
        body.ledgers["trial_balance_prior"] = books.balance_rows(YEAR - 1, body.opening, body.prior)
        body.ledgers["trial_balance"] = books.balance_rows(YEAR, books.opening_of_year(body), body.vouchers)
        body.ledgers["agency_trial_balance"] = [dict(r) for r in body.rows("trial_balance")]
        body.ledgers["bank_statement"] = books.statement_rows(body)
        close_assets(body)
        count_assets(body)
        inspect_assets(body)
        publication.file_account(body)
        publication.disclose(body)
        if body.index % 3 != 1:
            publication.hand_over(body, _former_head(county, body), watchers[body.township])
        for receipt in body.rows("receipts"):
            receipt["voucher_no"] = receipt["voucher"].number if receipt["voucher"] else None
        body.rows("receipts").sort(key=lambda r: (r["contract_no"], r["due_on"]))


def _former_head(county: County, body: Body) -> str:
    return Census(random.Random(f"{county.seed}:{body.code}:former"), {c["name"] for c in county.cadres}).person().name


def same_name(county: County) -> None:
    """Near-miss: a tenant has the name of a cadre of another village, but an identity number of his own."""
    for here, there in zip(county.villages(), county.villages()[1:], strict=False):
        contract = here.rows("contracts")[0]
        other = there.cadres[4].name
        for voucher in here.vouchers:
            if voucher.counterparty == contract["party_b"]:
                voucher.summary = voucher.summary.replace(contract["party_b"], other)
                voucher.counterparty = other
        for asset in here.rows("fixed_assets"):
            if asset["contract_no"] == contract["contract_no"]:
                asset["user"] = other
        contract["party_b"] = other
        return
