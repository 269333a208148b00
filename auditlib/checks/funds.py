"""Rules on whose money it is and what becomes of it, by the names under which `expectations/checks/funds.yaml` asks for them."""

from __future__ import annotations

from .accounts_held import held_by_person, statements_without_filing
from .across import Check
from .cash import receipts_spent
from .debts import cadre_advances, debts_not_booked, debts_undecided
from .distribution import distribution_lawful
from .grants import grants_idle, grants_misused
from .income import income_not_booked
from .posts import groups_without_books, one_person_two_posts, supervisors_related
from .publication import periods_published, published_as_booked, published_in_time

CHECKS: dict[str, Check] = {
    "receipts_spent": receipts_spent,
    "income_not_booked": income_not_booked,
    "statements_without_filing": statements_without_filing,
    "held_by_person": held_by_person,
    "cadre_advances": cadre_advances,
    "debts_undecided": debts_undecided,
    "debts_not_booked": debts_not_booked,
    "grants_misused": grants_misused,
    "grants_idle": grants_idle,
    "distribution_lawful": distribution_lawful,
    "periods_published": periods_published,
    "published_in_time": published_in_time,
    "published_as_booked": published_as_booked,
    "supervisors_related": supervisors_related,
    "groups_without_books": groups_without_books,
    "one_person_two_posts": one_person_two_posts,
}
