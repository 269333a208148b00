"""Cadres, near relatives and members."""

from __future__ import annotations

import datetime as dt
import random

from . import identity
from .lexicon import Census, Person
from .model import Body, Row

_ROLES = ("理事长", "会计", "出纳", "监事会主任", "理事", "理事")


def cadre_rows(body: Body, census: Census) -> list[Row]:
    """The organisation's lines of the county's roster of cadres; fills `body.cadres`."""
    rng = body.rng("cadres")
    if body.level == "group":
        body.cadres = [body.head, census.person(), census.person()]
        return [_cadre(body, rng, p, role, "") for p, role in zip(body.cadres, ("组长", "组务会成员", "组务会成员"), strict=True)]
    body.cadres = [body.head, body.accountant, body.cashier, *(census.person() for _ in range(3))]
    rows = [_cadre(body, rng, p, role, "") for p, role in zip(body.cadres, _ROLES, strict=True)]
    for of in rng.sample(body.cadres, 2):
        rows.append(_cadre(body, rng, census.person(), "近亲属", of.name))
    return rows


def _cadre(body: Body, rng: random.Random, person: Person, role: str, related_to: str) -> Row:
    return {
        "org_code": body.code, "org_name": body.name, "name": person.name, "id_no": person.id_no,
        "phone": identity.telephone(rng),
        "bank_account": identity.account_no(rng), "role": role, "related_to": related_to or None,
    }  # fmt: skip


def add_members(body: Body, census: Census) -> None:
    """The roster of members with their shares; the head and a director stand in it as anyone else."""
    rng = body.rng("members")
    people = [body.head, body.cadres[4], *(census.person() for _ in range(rng.randrange(26, 40)))]
    household, left = 0, 0
    for n, person in enumerate(people, 1):
        if left == 0:
            household, left = household + 1, rng.randrange(2, 5)
        left -= 1
        body.rows("members").append(_member(body, n, person, household, rng.choice((1, 1, 1, 2))))
    for status, n in (("死亡", 6 + body.index % 5), ("迁出", 14 + body.index % 7)):
        body.rows("members")[n]["status"] = status


def _member(body: Body, n: int, person: Person, household: int, shares: int) -> Row:
    return {
        "member_no": body.number("member", n), "name": person.name, "id_no": person.id_no, "household_no": f"H{household:03d}",
        "shares": shares, "status": "在册", "joined_on": dt.date(2019, 11, 30),
    }  # fmt: skip


def present_members(body: Body) -> list[Row]:
    return [r for r in body.rows("members") if r["status"] == "在册"]
