"""The demo county: its books balance, its numbers check, its defects are the ones listed.

Authorities reproduced: double entry and the identities of 财会〔2023〕14号; check characters of GB 11643
(the worked example 11010519491231002X of the standard) and of GB 32100.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from auditlib.catalog.load import read_yaml
from auditlib.catalog.places import expectations
from auditlib.demo import DemoError, identity, write_demo
from auditlib.demo.assets import accumulated
from auditlib.demo.books import SIX, daily, opening_of_year
from auditlib.demo.county import close, found, same_name
from auditlib.demo.defects import RULES
from auditlib.demo.layouts import COUNTY_SHEETS, STYLES
from auditlib.demo.model import BANK, CASH, YEAR, County
from auditlib.words.errors import OutputError

ASKED = {
    "D01", "D02", "D03", "D04", "D05", "D06", "D07", "D08", "D11", "D12", "D13", "D14", "D16", "D17", "D18", "D19", "D20",
    "F07", "F09", "F10", "F13", "F19", "F23", "F32", "F35", "F48", "F49", "F55",
}  # fmt: skip
SEEDS = (20250101, 7)


def clean(seed: int, villages: int = 8) -> County:
    county = found(villages, seed)
    same_name(county)
    close(county)
    return county


@pytest.fixture(scope="module", params=SEEDS)
def county(request: pytest.FixtureRequest) -> County:
    return clean(request.param)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, object]:
    folder = tmp_path_factory.mktemp("demo")
    return folder, write_demo(folder)


def planted(folder: Path) -> list[dict[str, str]]:
    with (folder / "planted.csv").open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def hashes(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


# the books


def test_every_voucher_balances_and_numbers_have_no_gap(county: County) -> None:
    for body in county.bodies:
        vouchers: dict[tuple[object, object], int] = defaultdict(int)
        for row in body.rows("journal"):
            vouchers[row["date"], row["voucher_no"]] += (row["debit"] or 0) - (row["credit"] or 0)
        assert len(vouchers) == len(body.vouchers) and set(vouchers.values()) == {0}
        months = [v.on.month if body.months_restart else 0 for v in body.vouchers]
        numbers = [int("".join(filter(str.isdigit, str(v.number)))) for v in body.vouchers]
        for month in set(months):
            assert sorted(n for n, m in zip(numbers, months, strict=True) if m == month) == list(
                range(1, months.count(month) + 1)
            )


@pytest.mark.parametrize("ledger", ["trial_balance", "trial_balance_prior", "agency_trial_balance"])
def test_trial_balances_balance_in_every_pair_of_columns(county: County, ledger: str) -> None:
    for body in county.bodies:
        rows = {r["account_code"]: r for r in body.rows(ledger)}
        first = [r for a, r in rows.items() if len(a) == 3]
        for debit, credit in zip(SIX[::2], SIX[1::2], strict=True):
            assert sum(r[debit] for r in first) == sum(r[credit] for r in first)
        for account, row in rows.items():
            net = row["opening_debit"] - row["opening_credit"] + row["debit"] - row["credit"]
            assert net == row["closing_debit"] - row["closing_credit"], account
            children = [r for a, r in rows.items() if a.startswith(account) and a != account]
            assert not children or all(row[c] == sum(r[c] for r in children) for c in SIX)


def test_trial_balance_is_the_sum_of_the_journal_and_opens_where_the_year_before_closed(county: County) -> None:
    for body in county.bodies:
        moved: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for row in body.rows("journal"):
            for account in {row["account_code"], row["account_code"][:3]}:
                moved[account][0] += row["debit"] or 0
                moved[account][1] += row["credit"] or 0
        now = {r["account_code"]: r for r in body.rows("trial_balance")}
        before = {r["account_code"]: (r["closing_debit"], r["closing_credit"]) for r in body.rows("trial_balance_prior")}
        assert {a: (r["debit"], r["credit"]) for a, r in now.items() if r["debit"] or r["credit"]} == {
            a: tuple(v) for a, v in moved.items() if any(v)
        }
        assert {
            a: (r["opening_debit"], r["opening_credit"]) for a, r in now.items() if r["opening_debit"] or r["opening_credit"]
        } == {a: v for a, v in before.items() if any(v)}
        assert [{c: r[c] for c in ("account_code", *SIX)} for r in body.rows("agency_trial_balance")] == [
            {c: r[c] for c in ("account_code", *SIX)} for r in body.rows("trial_balance")
        ]


def test_after_closing_nothing_stands_on_income_cost_and_321(county: County) -> None:
    for body in county.bodies:
        closed = [r for r in body.rows("trial_balance") if r["account_code"][0] == "5" or r["account_code"] == "321"]
        assert closed and all(r["closing_debit"] == r["closing_credit"] == 0 for r in closed)


def test_balances_stand_on_the_side_where_the_account_can_have_one(county: County) -> None:
    chart = read_yaml(expectations() / "charts" / "2023.yaml")["accounts"]
    for body in county.bodies:
        for row in [*body.rows("trial_balance"), *body.rows("trial_balance_prior")]:
            side = chart[row["account_code"][:3]]["side"]
            assert side != "debit" or not row["opening_credit"] and not row["closing_credit"]
            assert side != "credit" or not row["opening_debit"] and not row["closing_debit"]


def test_cash_is_never_negative_and_never_over_its_limit_but_once_exactly_at_it(county: County) -> None:
    peaks = [max(b for _, b in daily(body, CASH)) for body in county.bodies]
    assert all(b >= 0 for body in county.bodies for _, b in daily(body, CASH))
    assert max(peaks) == 500_000


def test_the_bank_is_never_overdrawn(county: County) -> None:
    for body in county.bodies:
        assert min(b for _, b in daily(body, BANK)) > 0
        assert min(r["balance"] for r in body.rows("bank_statement")) > 0


def test_statement_and_books_differ_only_by_what_is_on_its_way_at_the_year_end(county: County) -> None:
    in_transit = 0
    for body in county.bodies:
        statement, way = body.rows("bank_statement"), [v for v in body.vouchers if v.moved(BANK) and not v.bank_on]
        assert all(v.on >= dt.date(YEAR, 12, 27) for v in way)
        books = opening_of_year(body)[BANK] + sum(v.moved(BANK) for v in body.vouchers)
        assert statement[-1]["balance"] == books - sum(v.moved(BANK) for v in way)
        for voucher in body.vouchers:
            assert not voucher.bank_on or abs((voucher.bank_on - voucher.on).days) <= 3 and voucher.bank_on.year == YEAR
        in_transit += len(way)
    assert in_transit and any(r["memo"] == "承包款汇总缴存" for b in county.bodies for r in b.rows("bank_statement"))


# what the books rest on


def test_registers_agree_with_accounts_151_and_152_and_depreciation_is_straight_line(county: County) -> None:
    for body in county.bodies:
        balance = {r["account_code"]: r for r in body.rows("trial_balance")}
        assets = body.rows("fixed_assets")
        assert sum(a["original_value"] for a in assets) == balance["151"]["closing_debit"]
        assert sum(a["accumulated_depreciation"] for a in assets) == balance["152"]["closing_credit"]
        for a in assets:
            months = min(max((2025 - a["acquired_on"].year) * 12 + 12 - a["acquired_on"].month, 0), a["useful_life_years"] * 12)
            exact = Decimal(a["original_value"] * (100 - a["residual_rate"]) * months) / (a["useful_life_years"] * 1200)
            assert abs(accumulated(a, 2025, 12) - exact) <= Decimal("0.5")
            assert a["net_value"] == a["original_value"] - a["accumulated_depreciation"]


def test_claims_are_the_balances_of_their_accounts(county: County) -> None:
    for body in county.villages():
        sums = Counter[str]()
        for claim in body.rows("claims"):
            sums[claim["account_code"]] += claim["amount"] if claim["kind"] == "债权" else -claim["amount"]
        for row in body.rows("trial_balance"):
            if row["account_code"] in ("112", "11301", "11303", "211", "221"):
                assert sums[row["account_code"]] == row["closing_debit"] - row["closing_credit"]


def test_every_rent_received_stands_in_the_journal_with_its_voucher(county: County) -> None:
    for body in county.bodies:
        for receipt in body.rows("receipts"):
            lines = [
                r
                for r in body.rows("journal")
                if r["voucher_no"] == receipt["voucher_no"] and r["detail"] == receipt["contract_no"]
            ]
            assert (
                receipt["voucher_no"] is None
                and receipt["due_on"] > dt.date(2026, 1, 31)
                or any(r["credit"] == receipt["amount_received"] for r in lines)
            )
        keys = [(r["contract_no"], r["due_on"]) for r in body.rows("receipts")]
        assert len(keys) == len(set(keys))


def test_members_get_their_shares_times_one_amount_and_not_more_than_there_is(county: County) -> None:
    paid_somewhere = 0
    for body in county.villages():
        roster = {m["member_no"]: m for m in body.rows("members")}
        paid = body.rows("distributions")
        assert all(roster[d["member_no"]]["status"] == "在册" and roster[d["member_no"]]["shares"] == d["shares"] for d in paid)
        assert len({d["amount"] // d["shares"] for d in paid}) <= 1
        result = next(r for r in body.rows("trial_balance") if r["account_code"] == "322")
        assert sum(d["amount"] for d in paid) <= result["opening_credit"] + result["credit"] - (
            result["debit"] - sum(d["amount"] for d in paid)
        )
        paid_somewhere += bool(paid)
    assert paid_somewhere >= 6


def test_what_was_published_is_what_the_books_say(county: County) -> None:
    for body in county.bodies:
        for row in body.rows("disclosures"):
            quarter = int(row["period"].removeprefix(str(YEAR)).strip("年第季度Q"))
            mine = [
                r
                for r in body.rows("journal")
                if (r["date"].month + 2) // 3 == quarter and not r["summary"].startswith("年末结转")
            ]
            if row["item"] == "收入合计":
                assert row["amount"] == sum(r["credit"] or 0 for r in mine if r["account_code"].startswith("50"))
            if row["item"] == "支出合计":
                assert row["amount"] == sum(r["debit"] or 0 for r in mine if r["account_code"].startswith("51"))


def test_large_payments_have_a_decision_held_before(county: County) -> None:
    seen = 0
    for body in county.bodies:
        held = {d["decision_no"]: d["held_on"] for d in body.rows("decisions")}
        assert len(held) == len(body.rows("decisions"))
        for v in body.vouchers:
            own = v.moved(BANK) + v.moved(CASH)
            if own < -1_000_000:
                seen += 1
                assert held[v.decision_no] <= v.on
            assert own != -1_000_000 or not v.decision_no  # the near-miss
        for c in body.rows("contracts"):
            assert held[c["decision_no"]] < c["signed_on"] < c["starts_on"] < c["ends_on"]
    assert seen > 20


def test_terms_and_land_stay_within_the_law(county: County) -> None:
    exact_lease = exact_reserve = 0
    for body in county.bodies:
        for c in body.rows("contracts"):
            years = {"租赁": 20, "四荒": 50, "承包": 30}.get(c["kind"], 99)
            limit = c["starts_on"].replace(year=c["starts_on"].year + years) - dt.timedelta(days=1)
            assert c["ends_on"] <= limit
            exact_lease += c["ends_on"] == limit
            assert c["ends_on"] > dt.date(2026, 1, 31) or c["status"] != "履行中"
        farmland = sum(p["area_mu"] for p in body.rows("resources") if p["land_class"] == "耕地")
        reserve = sum(p["area_mu"] for p in body.rows("resources") if p["reserve_land"])
        assert reserve <= farmland * Decimal("0.05")
        exact_reserve += reserve == farmland * Decimal("0.05")
    assert exact_lease and exact_reserve


def test_references_lead_somewhere(county: County) -> None:
    for body in county.bodies:
        contracts = {c["contract_no"] for c in body.rows("contracts")}
        things = {
            r[k]
            for ledger, k in (("fixed_assets", "asset_no"), ("resources", "parcel_no"), ("projects", "project_no"))
            for r in body.rows(ledger)
        }
        assert {c["subject_no"] for c in body.rows("contracts")} <= things
        assert {r["contract_no"] for ledger in ("receipts", "fixed_assets", "resources") for r in body.rows(ledger)} - {
            None
        } <= contracts
        assert {r["asset_no"] for ledger in ("asset_count", "inspections") for r in body.rows(ledger)} <= things
        let = [r for ledger in ("fixed_assets", "resources") for r in body.rows(ledger) if r["use_status"] == "出租"]
        assert let and all(r["contract_no"] and r["user"] for r in let)


def test_no_invoice_is_paid_twice_and_no_payee_in_parts(county: County) -> None:
    invoices = Counter[str]()
    for body in county.bodies:
        paid: dict[str, list[tuple[dt.date, int]]] = defaultdict(list)
        for v in body.vouchers:
            own = -v.moved(BANK) - v.moved(CASH)
            if v.invoice_no:
                invoices[v.invoice_no] += 1 if own > 0 else -1
            if 0 < own <= 1_000_000 and v.counterparty:
                paid[v.counterparty].append((v.on, own))
            if own > 100_000 and not v.moved("212") and not v.moved("214") and not v.moved("113"):
                assert v.invoice_no and v.attachments
            assert -v.moved(CASH) <= 100_000 or v.moved(BANK) > 0
        for payments in paid.values():
            for on, _ in payments:
                assert sum(a for d, a in payments if 0 <= (d - on).days <= 10) <= 1_000_000
    assert len(invoices) > 150 and set(invoices.values()) == {1}


def test_rents_and_surveyed_areas_are_near_the_usual(county: County) -> None:
    from statistics import median

    classes: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for body in county.bodies:
        parcels = {p["parcel_no"]: p for p in body.rows("resources")}
        for survey in body.rows("resource_survey"):
            assert abs(parcels[survey["parcel_no"]]["area_mu"] - survey["area_mu"]) <= survey["area_mu"] * Decimal("0.05")
        for c in body.rows("contracts"):
            if c["area_mu"]:
                classes[body.township, parcels[c["subject_no"]]["land_class"]].append(c["annual_rent"] / c["area_mu"])
                assert c["trade_no"] or c["area_mu"] <= 50 and c["total"] <= 20_000_000
    assert len(classes) == 8
    for rents in classes.values():
        assert min(rents) >= Decimal("0.6") * median(rents)
    assert any(c["trade_no"] for b in county.bodies for c in b.rows("contracts"))


# people and numbers


def test_check_characters_follow_the_standards() -> None:
    assert identity.citizen_check("11010519491231002") == "X"  # the example of GB 11643
    assert identity.credit_check("91350100M000100Y4") == "3"  # the example of GB 32100
    assert identity.inner_check("D2143569") == "X"  # the example of GB 11714


def test_all_numbers_of_people_and_organisations_check_and_belong_to_nobody(county: County) -> None:
    people = [m["id_no"] for b in county.bodies for m in b.rows("members")] + [c["id_no"] for c in county.cadres]
    parties = {c["party_b_id"] for b in county.bodies for c in b.rows("contracts")}
    people += [p for p in parties if p[:2] not in ("91", "93")]
    assert len(people) > 300 and all(identity.citizen_check(p[:17]) == p[17] and p.startswith("9904") for p in people)
    assert all(dt.date(int(p[6:10]), int(p[10:12]), int(p[12:14])) < dt.date(2010, 1, 1) for p in people)
    codes = [o["credit_code"] for o in county.organisations] + [p for p in parties if p[:2] in ("91", "93")]
    assert all(identity.credit_check(c[:17]) == c[17] and c[2:8] == identity.REGION for c in codes)


def test_nobody_keeps_both_books_and_cash_and_no_tenant_is_a_cadre(county: County) -> None:
    assert all(o["accountant"] != o["cashier"] for o in county.organisations)
    cadres = {c["id_no"] for c in county.cadres}
    names = {c["name"] for c in county.cadres}
    tenants = [c for b in county.bodies for c in b.rows("contracts")]
    assert not any(c["party_b_id"] in cadres for c in tenants)
    assert any(c["party_b"] in names for c in tenants)  # the near-miss: the same name, another person


# the files


def test_two_townships_eight_villages_four_groups_and_every_kind_of_ledger(written: tuple[Path, object]) -> None:
    folder, demo = written
    assert (demo.townships, demo.villages, demo.groups) == (2, 8, 4)  # type: ignore[attr-defined]
    ledgers = {p.stem for p in (expectations() / "ledgers").glob("*.yaml")}
    assert len(ledgers) == 21
    for style in STYLES.values():
        assert set(style.sheets) | set(COUNTY_SHEETS) == ledgers | {"trial_balance_prior"}
    county = clean(SEEDS[0])
    assert all(60 <= len(b.rows("journal")) <= 160 for b in county.villages())
    assert {ledger for b in county.bodies for ledger, rows in b.ledgers.items() if rows} >= ledgers - set(COUNTY_SHEETS)


def test_every_header_is_one_that_the_expectations_know() -> None:
    common = read_yaml(expectations() / "words" / "common_columns.yaml")["organisation"]
    top = {"opening": "期初余额", "debit": "本期发生额", "credit": "本期发生额", "closing": "期末余额"}
    looked = 0
    sheets = [*((k, s) for style in STYLES.values() for k, s in style.sheets.items()), *COUNTY_SHEETS.items()]
    for ledger, sheet in sheets:
        spec = read_yaml(expectations() / "ledgers" / f"{ledger.removesuffix('_prior')}.yaml")
        assert any(t in sheet.title for t in spec["titles"]), sheet.title
        for field, header in sheet.columns:
            plain = header.split("(亩)")[0].split("(平方米)")[0]
            known = (spec["fields"].get(field) or common[field])["headers"]
            assert plain in known or sheet.two_rows and top[field.split("_")[0]] + plain in known, f"{ledger}.{field}: {header}"
            looked += 1
    assert looked > 350


def read_sheet(path: Path, sheet: str) -> list[list[object]]:
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def test_the_two_townships_lay_their_sheets_out_differently(tmp_path: Path) -> None:
    demo = write_demo(tmp_path, villages=2, plant=())
    merged, coded = (next(p for p in sorted(demo.folder.rglob(pattern))) for pattern in ("*村三资台账2025.xlsx", "三资台账.xlsx"))
    balance = read_sheet(merged, "余额2025")
    assert balance[2][2:8] == ["期初余额", "", "本期发生额", "", "期末余额", ""] and balance[3][2:8] == ["借方", "贷方"] * 3
    assert balance[1][0].startswith("编制单位：") and "单位代码" not in balance[2]  # type: ignore[union-attr]
    journal = read_sheet(coded, "序时账")
    assert journal[4][:2] == ["单位代码", "单位名称"] and journal[3][-1] == "单位：元"
    assert any("金额单位：万元" in row for row in read_sheet(coded, "项目台账"))
    first_total = next(r for r in read_sheet(coded, "收款台账") if r[0] == "总计")
    rows = [r for r in read_sheet(coded, "收款台账") if isinstance(r[4], float) and r[0] != "总计"]
    assert round(sum(r[4] for r in rows), 2) == first_total[4]  # type: ignore[misc]
    statements = sorted(demo.folder.rglob("*.csv"))
    assert {p.read_bytes()[:3] == b"\xef\xbb\xbf" for p in statements} == {True, False}
    assert all(p.read_bytes().decode("gb18030") for p in statements if p.read_bytes()[:3] != b"\xef\xbb\xbf")


def test_no_cell_holds_a_formula(written: tuple[Path, object]) -> None:
    from openpyxl import load_workbook

    looked = 0
    for path in sorted(written[0].rglob("*.xlsx"))[:3]:
        for sheet in load_workbook(path).worksheets:
            for cell in (c for row in sheet.iter_rows() for c in row):
                looked += 1
                assert cell.data_type != "f"
    assert looked > 1000


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_ones(written: tuple[Path, object], tmp_path: Path) -> None:
    write_demo(tmp_path / "again")
    assert hashes(tmp_path / "again") == hashes(written[0])
    write_demo(tmp_path / "again")  # over itself
    assert hashes(tmp_path / "again") == hashes(written[0])
    write_demo(tmp_path / "other", seed=2)
    assert hashes(tmp_path / "other") != hashes(written[0])


# the planted cases


def test_the_list_covers_the_rules_and_points_at_rows_that_exist(written: tuple[Path, object]) -> None:
    folder, demo = written
    lines = planted(folder)
    injected = [x for x in lines if x["kind"] == "injected"]
    assert ASKED <= {x["rule"] for x in injected} == set(RULES)
    assert len(injected) == demo.injected and len(lines) - len(injected) == demo.implied  # type: ignore[attr-defined]
    assert len({x["org_code"] for x in injected}) >= 9
    assert {x["case_id"] for x in lines} == {f"P{n:04d}" for n in range(1, len(injected) + 1)}
    for line in injected:
        path = demo.folder / line["file"]  # type: ignore[attr-defined]
        rows = read_sheet(path, line["sheet"])
        text = " ".join(map(str, rows[int(line["row"]) - 1]))
        named = line["records"].split(";")
        if line["ledger"] not in ("journal", "disclosures") and line["rule"] not in ("D12",):
            assert any(r in text for r in named), line


def test_a_clean_county_plants_nothing(tmp_path: Path) -> None:
    demo = write_demo(tmp_path, villages=3, plant=())
    assert (demo.injected, demo.implied) == (0, 0) and planted(tmp_path) == []


def test_only_the_rules_asked_for_are_planted(tmp_path: Path) -> None:
    write_demo(tmp_path, villages=3, plant=("F07", "D12"))
    assert {x["rule"] for x in planted(tmp_path) if x["kind"] == "injected"} == {"F07", "D12"}


def test_a_planted_case_in_the_vouchers_leaves_the_books_in_balance(tmp_path: Path) -> None:
    from auditlib.demo.defects import plant_books

    county = found(8, SEEDS[0])
    assert len(plant_books(county, None)) == 9
    close(county)
    for body in county.bodies:
        first = [r for r in body.rows("trial_balance") if len(r["account_code"]) == 3]
        assert all(sum(r[d] for r in first) == sum(r[c] for r in first) for d, c in zip(SIX[::2], SIX[1::2], strict=True))


@pytest.mark.parametrize("villages", [2, 5, 13])
def test_counties_of_other_sizes_can_be_made(tmp_path: Path, villages: int) -> None:
    demo = write_demo(tmp_path, villages=villages, seed=villages)
    assert demo.villages == villages and demo.townships >= 2 and demo.groups == (villages + 1) // 2


def test_what_cannot_be_made_is_refused_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="villages = 1:"):
        write_demo(tmp_path, villages=1)
    with pytest.raises(DemoError, match="F99"):
        write_demo(tmp_path, plant=("F99",))


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "汀岚县" / "我的文件.txt"
    mine.parent.mkdir()
    mine.write_text("别动", encoding="utf-8")
    with pytest.raises(OutputError, match="我的文件"):
        write_demo(tmp_path)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["我的文件.txt"]
