"""Democratic decisions: each held before the act that it covers."""

from __future__ import annotations

import datetime as dt

from .model import Body, Row


def decide(body: Body, held_on: dt.date, subject: str, all_members: bool = False) -> str:
    """Adds a decision and gives its number. Two thirds of all entitled agree (农村集体经济组织法 Art 27)."""
    rows = body.rows("decisions")
    rng = body.rng(f"decision {len(rows)}")
    entitled = sum(r["status"] == "在册" for r in body.rows("members")) if all_members else _delegates(body)
    present = entitled - rng.randrange(0, 3)
    n = 1 + sum(r["held_on"].year == held_on.year for r in rows)
    row: Row = {
        "decision_no": body.number("decision", n, held_on.year), "held_on": held_on, "body": _kind(body, all_members),
        "subject": subject,
        "entitled": entitled, "present": present, "in_favour": present - rng.randrange(0, 2), "minutes_held": True,
    }  # fmt: skip
    rows.append(row)
    return str(row["decision_no"])


def _delegates(body: Body) -> int:
    return (21 if body.level == "village" else 15) + body.index % 4 * 2


def _kind(body: Body, all_members: bool) -> str:
    if body.level == "group":
        return "户代表会议"
    return "成员大会" if all_members else "成员代表会议"


def put_in_order(body: Body) -> None:
    """Numbers decisions and contracts anew by their dates, in every place where they are named."""
    new: dict[str, str] = {}
    for ledger, key, day, pattern in (
        ("decisions", "decision_no", "held_on", "decision"),
        ("contracts", "contract_no", "signed_on", "contract"),
    ):
        rows = sorted(body.rows(ledger), key=lambda r: r[day])
        counts: dict[int, int] = {}
        for row in rows:
            counts[row[day].year] = counts.get(row[day].year, 0) + 1
            new[row[key]] = body.number(pattern, counts[row[day].year], row[day].year)
        body.ledgers[ledger] = rows
    for rows in body.ledgers.values():
        for row in rows:
            row.update({f: new.get(row[f], row[f]) for f in ("decision_no", "contract_no") if row.get(f)})
    for voucher in body.vouchers:
        voucher.decision_no = new.get(voucher.decision_no, voucher.decision_no)
        for line in voucher.lines:
            line.detail = new.get(line.detail, line.detail)
