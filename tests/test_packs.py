"""County packs: what a county decided for itself, laid over the shipped rules without any Python.

Outside authorities: the contract (section 4: what a finding says; section 5: exit statuses), coreutils' `sha256sum` for the checksum of
a pack, the packaging specification of entry points and of the database of installed distributions for packs that are installed.
"""

from __future__ import annotations

import csv
import json
import subprocess
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from ledger_frames import ORGANISATIONS, settings, write
from pack_county import audited, auditlib, write_county, write_pack

from auditlib.catalog.load import load_catalog
from auditlib.catalog.packs import Pack, checksum, county_catalog, in_order, offers, pack_files, told_off, with_packs
from auditlib.catalog.places import expectations
from auditlib.catalog.schema import schema_text
from auditlib.catalog.settings import load_settings
from auditlib.catalog.specs import Catalog
from auditlib.issues.policy import county_clock, load_clock
from auditlib.words.errors import CatalogError, WorkspaceError
from auditlib.words.records import COLUMNS, CheckResult

SAMPLE = expectations() / "packs" / "tinglan"
DECIDED = "reason: {zh: 县里定的, en: the county decided}, decided_by: 某局"


def laid(*folders: Path) -> Catalog:
    return with_packs(in_order([str(f) for f in folders], folders[0].parent))


def refused(*folders: Path) -> str:
    with pytest.raises(CatalogError) as error:
        laid(*folders)
    return str(error.value)


# ---- an audit with the sample pack -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_county(tmp_path_factory.mktemp("packs") / "汀岚县")


@pytest.fixture(scope="module")
def plain(county: Path) -> tuple[dict, list[dict[str, str]]]:  # type: ignore[type-arg]
    return audited(county, county.parent / "plain")


@pytest.fixture(scope="module")
def packed(county: Path, plain: tuple) -> tuple[dict, list[dict[str, str]]]:  # type: ignore[type-arg]
    return audited(
        county, county.parent / "packed", "--pack", "tinglan", "--register", plain[0]["report"].replace("index.html", "register.db")
    )


def of(found: tuple[dict, list[dict[str, str]]], rule: str) -> list[dict[str, str]]:  # type: ignore[type-arg]
    return [f for f in found[1] if f["rule"] == rule]


def test_without_the_pack_its_words_ledger_and_rules_are_not_known(plain: tuple) -> None:  # type: ignore[type-arg]
    document, found = plain
    assert [p["code"] for p in document["problems"]] == ["sheet.unrecognised"]
    assert document["packs"] == []
    assert not {f["rule"] for f in found} & {"FTL01", "FTL02"}


def test_a_new_ledger_kind_is_recognised_and_its_rule_finds_the_planted_row_and_not_the_near_ones(packed: tuple) -> None:  # type: ignore[type-arg]
    (case,) = of(packed, "FTL01")
    assert (case["records"], case["amount"], case["expected"], case["actual"]) == ("GF-1+2025-02", "0.01", "440.00", "439.99")
    assert (case["source_file"], case["row"], case["column"]) == ("白鹭镇/新寨村/光伏收益台账.csv", "3", "F")
    assert "少 0.01 元" in case["message_zh"] and "0.01 yuan missing" in case["message_en"]
    assert packed[0]["problems"] == []


def test_a_rule_added_to_a_known_ledger_finds_what_is_at_the_limit_and_not_what_lies_below(packed: tuple) -> None:  # type: ignore[type-arg]
    assert [(c["records"], c["amount"]) for c in of(packed, "FTL02")] == [("HT-1", "20000.00")]


def test_header_words_and_values_of_the_place_are_read(plain: tuple, packed: tuple) -> None:  # type: ignore[type-arg]
    assert [c["records"] for c in of(plain, "D04")] == ["HT-1"]  # 包山 is no kind of contract that the shipped lists know
    assert of(packed, "D04") == []
    unmapped = {}
    for name in ("plain", "packed"):
        with (Path(packed[0]["report"]).parents[1] / name / "sources.csv").open(encoding="utf-8-sig", newline="") as stream:
            unmapped[name] = {r["file"].rsplit("/", 1)[-1]: r["unmapped_columns"] for r in csv.DictReader(stream)}
    assert "种粮大户" in unmapped["plain"]["合同台账.csv"]
    assert unmapped["packed"]["合同台账.csv"] == ""


def test_a_parameter_of_the_pack_moves_the_limit_and_its_severity_is_the_pack_s(plain: tuple, packed: tuple) -> None:  # type: ignore[type-arg]
    assert [(c["records"], c["severity"]) for c in of(plain, "F13")] == [("ZQ-1", "orange"), ("ZQ-2", "orange")]
    assert [(c["records"], c["severity"]) for c in of(packed, "F13")] == [("ZQ-1", "red")]  # 3 years here, not 2


def test_audit_toml_overrides_the_pack_and_the_pack_overrides_what_is_shipped(tmp_path: Path) -> None:
    county = write_county(tmp_path / "县", 'packs = ["tinglan"]\n[parameters]\nstale_years = 2')
    catalog = county_catalog(county)
    found = load_settings(county, catalog, today=None)  # type: ignore[arg-type]
    assert found.parameters["stale_years"] == 2
    assert (found.parameters["decision_over"], load_catalog().parameters["decision_over"].default) == (Decimal(5000), 10000)
    assert found.parameters["lease_register_over"] == 20000


def test_every_page_names_the_pack_with_authority_and_checksum_and_the_first_one_says_what_it_changes(packed: tuple) -> None:  # type: ignore[type-arg]
    out = Path(packed[0]["report"]).parent
    pages = sorted(out.rglob("*.html"))
    assert {p.parent.name for p in pages} == {out.name, "townships", "organisations", "papers"}
    assert {p.stem for p in pages if p.parent == out} == {"index", "rules", "scores", "digest", "leader", "directory"}
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "汀岚县农业农村局（虚构）" in text and checksum(SAMPLE)[:16] in text, page.name
    index = (out / "index.html").read_text(encoding="utf-8")
    assert checksum(SAMPLE) in index and "停用规则" in index and "F31 " in index
    assert packed[0]["packs"][0]["checksum"] == checksum(SAMPLE)


def test_a_rule_switched_off_finds_nothing_and_is_shown_as_not_applicable_with_the_reason_and_who_decided(
    plain: tuple, packed: tuple
) -> None:  # type: ignore[type-arg]
    assert ([c["records"] for c in of(plain, "F31")], of(packed, "F31")) == (["HT-3"], [])
    book = (Path(packed[0]["report"]).parent / "organisations" / "990401101201.html").read_text(encoding="utf-8")
    assert "规则包 tinglan 停用：合同原件已统一移交县档案馆" in book
    assert "决定人：汀岚县农业农村局，2024-12-20" in book


def test_the_clock_and_the_colours_are_those_of_the_pack(packed: tuple, county: Path) -> None:  # type: ignore[type-arg]
    clock, shipped = county_clock(laid(SAMPLE)), load_clock()
    assert (clock.deadline_days["red"], clock.deadline_days["yellow"]) == (7, shipped.deadline_days["yellow"])
    assert (clock.shades[3].zh, shipped.shades[3].zh) == ("红", "橙")
    issues = json.loads(
        auditlib(
            "issues",
            "list",
            county,
            "--register",
            Path(packed[0]["report"]).parents[1] / "plain" / "register.db",
            "--as-of",
            "2026-01-31",
            "--json",
        ).stdout
    )["issues"]
    assert {i["rule"] for i in issues} >= {"FTL01", "FTL02", "F13", "F31"}


def test_an_unknown_pack_ends_the_call_with_status_2_and_names_candidates(county: Path, tmp_path: Path) -> None:
    done = auditlib("audit", county, "--out", tmp_path / "out", "--pack", "tinglang", status=2)
    assert "tinglang" in done.stderr and "可用的：tinglan" in done.stderr and "candidates: tinglan" in done.stderr
    assert not (tmp_path / "out").exists()


# ---- switches ----------------------------------------------------------------------------------------------


def test_switching_off_takes_the_suites_checks_and_reconciliations_of_a_rule_and_leaves_its_card(tmp_path: Path) -> None:
    rules = "".join(f"{r}: {{applies: false, {DECIDED}}}\n" for r in ("D13", "D09", "F49"))
    catalog = laid(write_pack(tmp_path / "aus", {"rules.yaml": rules}))
    assert {"D13", "D09", "F49"} <= set(catalog.rules)
    suites = {e["meta"]["rule"] for spec in catalog.ledgers.values() for e in spec.expectations}
    assert not {"D13", "D09", "F49"} & (suites | {c.rule for c in (*catalog.checks, *catalog.reconciliations)})
    assert {"D13", "D09", "F49"} <= {e["meta"]["rule"] for s in load_catalog().ledgers.values() for e in s.expectations} | {
        c.rule for c in (*load_catalog().checks, *load_catalog().reconciliations)
    }
    told = told_off(
        [CheckResult("D13", "V1", "trial_balance", "passed"), CheckResult("D12", "V1", "trial_balance", "passed")],
        catalog,
        ORGANISATIONS,
        "en",
    )
    assert [(r.rule, r.status) for r in told if r.org_code == "V1"] == [
        ("D12", "passed"), ("D09", "not_applicable"), ("D13", "not_applicable"), ("F49", "not_applicable"),
    ]  # fmt: skip
    assert all("switched off by pack aus: the county decided (decided by 某局)" in r.reason for r in told if r.status == "not_applicable")


def test_a_pack_that_extends_another_may_switch_a_rule_on_again(tmp_path: Path) -> None:
    base = write_pack(tmp_path / "prov", {"rules.yaml": f"F18: {{applies: false, {DECIDED}}}\n"})
    own = write_pack(tmp_path / "own", {"rules.yaml": f"F18: {{applies: true, {DECIDED}}}\n"}, extends="[../prov]")
    assert set(laid(base).decisions) == {"F18"}
    catalog = laid(own)
    assert not catalog.decisions and "F18" in {c.rule for c in catalog.checks}
    assert [p.name for p in catalog.packs] == ["prov", "own"]  # what is extended comes first


def test_what_a_switched_off_rule_had_found_is_not_put_forward_as_made_good(packed: tuple) -> None:  # type: ignore[type-arg]
    """An unrun check is no evidence (design, decision 1), nor is one by another limit: one of three gone was looked for."""
    assert packed[0]["register"]["put_forward"] == 1  # D04 HT-1; not F31 HT-3, which is off, nor F13 ZQ-2, whose years the pack moved


# ---- merging -----------------------------------------------------------------------------------------------


def test_one_thing_with_two_values_is_refused_naming_both_places(tmp_path: Path) -> None:
    one = write_pack(tmp_path / "one", {"parameters.yaml": "large_cash: 500\ncash_limit: 3000\n"})
    two = write_pack(tmp_path / "two", {"parameters.yaml": "cash_limit: 4000\n"})
    told = refused(one, two)
    assert f"{two / 'parameters.yaml'}:1: cash_limit" in told and f"{one / 'parameters.yaml'}:2: cash_limit" in told
    assert "4000" in told and "3000" in told and "extends: [one]" in told


@pytest.mark.parametrize(
    ("second", "head", "value"), [("cash_limit: 3000\n", {}, 3000), ("cash_limit: 4000\n", {"extends": "[one]"}, 4000)]
)
def test_the_same_value_twice_and_another_value_in_an_extending_pack_are_no_conflict(
    tmp_path: Path, second: str, head: dict[str, str], value: int
) -> None:
    one = write_pack(tmp_path / "packs" / "one", {"parameters.yaml": "cash_limit: 3000\n"})
    two = write_pack(tmp_path / "packs" / "two", {"parameters.yaml": second}, **({"extends": "[../one]"} if head else {}))
    assert laid(one, two).parameters["cash_limit"].default == value


def test_words_and_headers_of_several_packs_add_up_in_order(tmp_path: Path) -> None:
    files = [
        {
            "ledgers/contracts.yaml": f"ledger: contracts\nfields: {{party_b: {{headers: [{w}]}}}}\n",
            "words/payments.yaml": f"wages: [{w}]\n",
        }
        for w in "甲乙"
    ]
    one, two = (write_pack(tmp_path / n, f) for n, f in zip(("one", "two"), files, strict=True))
    catalog = laid(one, two)
    assert catalog.ledgers["contracts"].fields["party_b"].headers[-2:] == ("甲", "乙")
    assert catalog.words["payments"]["wages"][-2:] == ["甲", "乙"]
    assert load_catalog().words["payments"]["wages"][-1] == "社会保险"  # what is shipped stays as it is


def test_a_new_canonical_value_is_allowed_wherever_the_list_was_tested(tmp_path: Path) -> None:
    suite = laid(SAMPLE).ledgers["contracts"].expectations
    lists = [e["kwargs"]["value_set"] for e in suite if e["meta"]["rule"] == "D04" and e["kwargs"]["column"] == "kind"]
    shown = [e["meta"]["expected"] for e in suite if e["meta"]["rule"] == "D04" and e["kwargs"]["column"] == "kind__status"]
    assert lists and all(v[-1] == "托管" for v in lists)
    assert shown and all(s.endswith("/托管") for s in shown)


def test_a_pack_adds_a_check_across_ledgers_that_names_a_kernel_and_it_finds_only_what_dangles(tmp_path: Path) -> None:
    from auditlib.checks.frames import Frames, RunInputs
    from auditlib.checks.run import run_rules
    from auditlib.engine import open_engine

    whole = laid(SAMPLE)
    (check,) = [c for c in whole.checks if c.ledgers == ("solar_income",)]
    catalog = replace(whole, ledgers={n: replace(s, expectations=(), derived={}) for n, s in whole.ledgers.items()}, checks=(check,))
    station = {"period": "2025-01", "settled": "1", "received": "1"}
    rows = [{"station_no": "GF-1", "asset_no": "ZC-9", **station}, {"station_no": "GF-2", "asset_no": "ZC-1", **station}]
    ledgers = {"solar_income": rows, "fixed_assets": [{"asset_no": "ZC-1", "name": "光伏电站"}]}
    sources, engine = write(tmp_path / "frames", ledgers, catalog), open_engine("duckdb")
    try:
        outcome = run_rules(Frames(RunInputs(tmp_path / "frames", catalog, settings(catalog), ORGANISATIONS, sources, engine)))
    finally:
        engine.close()
    assert not outcome.errors
    assert [(c.rule, c.ledger, c.records[0]) for c in outcome.cases] == [("D09", "solar_income", "GF-1")]


# ---- what is wrong in a pack is named at its line, with candidates -----------------------------------------

CARD = (SAMPLE / "rules" / "FTL01.yaml").read_text(encoding="utf-8")
SUITE = """ledger: contracts
expectations:
- {type: expect_column_values_to_not_be_null, kwargs: {column: party_b}, meta: {rule: F31}}
"""
WRONG = {
    "parameter": ({"parameters.yaml": "large_cash: 1\ncash_limits: 3000\n"}, "parameters.yaml:2: cash_limits", "cash_limit"),
    "number": ({"parameters.yaml": "cash_limit: viel\n"}, "parameters.yaml:1: cash_limit", "yuan"),
    "parameter that exists": (
        {"parameters.yaml": "cash_limit: {default: 1, unit: yuan, zh: 限, en: x}\n"},
        "parameters.yaml:1",
        "cash_limit",
    ),
    "rule": ({"rules.yaml": f"F99: {{applies: false, {DECIDED}}}\n"}, "rules.yaml:1: F99", "F39"),
    "no reason": ({"rules.yaml": "F18: {applies: false, decided_by: 某局}\n"}, "rules.yaml:1: F18.reason", "F18.reason"),
    "severity": (
        {"rules.yaml": f"F18:\n  severity: rot\n  {DECIDED.replace(', decided', chr(10) + '  decided')}\n"},
        "rules.yaml:2: F18.severity",
        "red",
    ),
    "card of ours": ({"rules/F18.yaml": CARD.replace("FTL01", "F18")}, "rules/F18.yaml:2: rule", "rules.yaml"),
    "id of ours": ({"rules/F99.yaml": CARD.replace("FTL01", "F99")}, "rules/F99.yaml:2: rule", "FTL01"),
    "card's key": ({"rules/FTL01.yaml": CARD.replace("family:", "familie:")}, "rules/FTL01.yaml:3: familie", "family"),
    "card's ledger": ({"rules/FTL01.yaml": CARD}, "rules/FTL01.yaml:7: ledgers[0]", "fixed_assets"),
    "ledger": ({"ledgers/contract.yaml": "ledger: contract\ntitles: [合同]\n"}, "ledgers/contract.yaml:1: ledger", "contracts"),
    "field": (
        {"ledgers/contracts.yaml": "ledger: contracts\nfields:\n  party_c: {headers: [丙]}\n"},
        "ledgers/contracts.yaml:3: fields.party_c",
        "party_b",
    ),
    "header taken": (
        {"ledgers/contracts.yaml": "ledger: contracts\nfields:\n  party_b: {headers: [合同编号]}\n"},
        "contracts.yaml:3: fields.party_b",
        "contract_no",
    ),
    "column of a suite": (
        {"ledgers/contracts.yaml": SUITE.replace("party_b", "partie_b")},
        "contracts.yaml:3: expectations[0].kwargs.column",
        "party_b",
    ),
    "rule of a suite": (
        {"ledgers/contracts.yaml": SUITE.replace("F31", "F311")},
        "contracts.yaml:3: expectations[0].meta.rule",
        "F31",
    ),
    "ledger of a check": (
        {"checks/x.yaml": "- {rule: D09, kernel: dangling, ledgers: [contract]}\n"},
        "checks/x.yaml:1: [0].ledgers[0]",
        "contracts",
    ),
    "word list": ({"words/payment.yaml": "wages: [x]\n"}, "words/payment.yaml:1", "payments"),
    "word of a list": ({"words/payments.yaml": "wage: [x]\n"}, "words/payments.yaml:1: wage", "wages"),
    "kind of a word": ({"words/payments.yaml": "wages: [{a: b}]\n"}, "words/payments.yaml:1: wages", "str"),
    "clock": ({"issues/defaults.yaml": "deadline: {red: 3}\n"}, "issues/defaults.yaml:1: deadline", "deadline_days"),
    "policy": ({"issues/default.yaml": "deadline_days: {red: 3}\n"}, "issues/default.yaml:1", "defaults"),
    "key twice": (
        {"parameters.yaml": "cash_limit: 1\nlarge_cash: 2\ncash_limit: 3\n"},
        "parameters.yaml:3: cash_limit",
        "parameters.yaml:1",
    ),
    "file": ({"parameter.yaml": "x: 1\n"}, "parameter.yaml", "parameters.yaml"),
    "YAML": ({"parameters.yaml": "cash_limit: 1\n  x: [\n"}, "parameters.yaml:2", "parameters.yaml"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_named_with_file_line_key_and_candidates(name: str, tmp_path: Path) -> None:
    files, place, candidate = WRONG[name]
    told = refused(write_pack(tmp_path / "p1", files))
    assert f"{tmp_path / 'p1'}" in told and place in told and candidate in told
    assert told.splitlines()[0] != told.splitlines()[-1]  # in Chinese and in English


@pytest.mark.parametrize(("head", "place"), [
    ({"version": "1.0"}, "pack.yaml:2: version"), ({"name": "Ü"}, "pack.yaml:1: name"), ({"valid_from": "2025-02-30"}, "pack.yaml:5"),
    ({"valid_to": "2024-01-01"}, "pack.yaml:6: valid_to"), ({"autority": "x"}, "pack.yaml:6: autority"), ({"extends": "[p1]"}, "p1 → p1"),
])  # fmt: skip
def test_a_mistake_in_its_head_too(head: dict[str, str], place: str, tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "p1", {"parameters.yaml": "cash_limit: 1\n"}, **head)
    if "extends" in head:
        folder = write_pack(tmp_path / "p1", {}, extends="[../p1]")
    assert place in refused(folder)


def test_two_packs_of_one_name_are_refused(tmp_path: Path) -> None:
    one, two = write_pack(tmp_path / "a" / "p1"), write_pack(tmp_path / "b" / "p1")
    assert str(one / "pack.yaml") in refused(one, two)


# ---- when and where it holds -------------------------------------------------------------------------------


@pytest.mark.parametrize(("dates", "holds"), [
    ({"valid_from": "2024-01-01", "valid_to": "2024-12-31"}, False), ({"valid_from": "2026-01-01"}, False),
    ({"valid_from": "2025-12-31"}, True), ({"valid_from": "2024-01-01", "valid_to": "2025-01-01"}, True),
])  # fmt: skip
def test_a_pack_that_does_not_hold_in_the_fiscal_year_is_refused_and_one_that_holds_in_part_is_told(
    dates: dict[str, str], holds: bool, tmp_path: Path
) -> None:
    write_pack(tmp_path / "县" / "packs" / "p1", **dates)
    county = write_county(tmp_path / "县", 'packs = ["packs/p1"]')
    catalog = county_catalog(county)
    if not holds:
        with pytest.raises(WorkspaceError, match=r"audit.toml:4: packs\[0\]"):
            load_settings(county, catalog, today=None)  # type: ignore[arg-type]
        return
    (note,) = load_settings(county, catalog, today=None).notes  # type: ignore[arg-type]
    assert "只覆盖审计年度的一部分" in note


def test_a_pack_of_another_county_is_used_and_told(tmp_path: Path) -> None:
    write_pack(tmp_path / "县" / "packs" / "p1", county="青禾县")
    county = write_county(tmp_path / "县", 'packs = ["p1"]')  # by name: it stands in the county's own packs folder
    (note,) = load_settings(county, county_catalog(county), today=None).notes  # type: ignore[arg-type]
    assert "青禾县" in note and "汀岚县" in note


# ---- checksum ----------------------------------------------------------------------------------------------


def test_the_checksum_is_what_sha256sum_gives(tmp_path: Path) -> None:
    """Anyone can redo it with coreutils alone."""
    listed = "\n".join(pack_files(SAMPLE))
    try:
        each = subprocess.run(
            ["xargs", "-d", "\n", "sha256sum"], input=listed, capture_output=True, text=True, cwd=SAMPLE, check=True
        ).stdout
    except FileNotFoundError:
        pytest.skip("no coreutils here")
    total = subprocess.run(["sha256sum"], input=each, capture_output=True, text=True, check=True).stdout
    assert total.split()[0] == checksum(SAMPLE)
    assert "pack.yaml" in each and "ledgers/solar_income.yaml" in each


def test_the_checksum_changes_with_any_file_its_name_and_its_content_and_with_nothing_else(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "p1", {"parameters.yaml": "cash_limit: 1\n"})
    first = checksum(folder)
    (folder / ".DS_Store").write_text("x")
    assert checksum(folder) == first
    (folder / "README.md").write_text("x")
    second = checksum(folder)
    (folder / "README.md").rename(folder / "README.txt")
    assert len({first, second, checksum(folder)}) == 3


# ---- packs that are installed ------------------------------------------------------------------------------


def installed(site: Path, name: str, value: str) -> None:
    """What pip leaves of a wheel: the package, and a dist-info folder with its entry points."""
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[auditlib.packs]\n{name} = {value}\n", encoding="utf-8")


def test_packs_of_installed_packages_are_offered_by_name_and_none_of_their_code_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    write_pack(site / "yunling_pack", {"parameters.yaml": "cash_limit: 2222\n", "__init__.py": "raise SystemExit('ran')\n"}, name="yunling")
    write_pack(site / "several" / "data" / "dongtai", {"parameters.yaml": "large_cash: 333\n"})
    (site / "several" / "__init__.py").write_text("", encoding="utf-8")
    installed(site, "yunling", "yunling_pack")
    installed(site, "dongtai", "several:data.dongtai")
    monkeypatch.syspath_prepend(str(site))
    assert {(o.name, o.origin) for o in offers()} == {("yunling", "installed"), ("dongtai", "installed"), ("tinglan", "shipped")}
    county = write_county(tmp_path / "县", 'packs = ["yunling", "dongtai"]')
    catalog = county_catalog(county)
    assert (catalog.parameters["cash_limit"].default, catalog.parameters["large_cash"].default) == (2222, 333)


def test_the_command_lists_installed_packs_and_names_a_broken_one(tmp_path: Path) -> None:
    import os
    import sys

    site = tmp_path / "site"
    write_pack(site / "yunling_pack", {"parameters.yaml": "cash_limit: 2222\n"}, name="yunling")
    write_pack(site / "broken_pack", {"parameters.yaml": "cash_limit: [\n"}, name="broken")
    installed(site, "yunling", "yunling_pack")
    installed(site, "broken", "broken_pack")
    county = write_county(tmp_path / "县", 'packs = ["yunling"]')
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), *sys.path[:1]])}
    command = [sys.executable, "-m", "auditlib", "packs", str(county), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=True)
    document = json.loads(done.stdout)
    assert [p["name"] for p in document["in_use"]] == ["yunling"]
    assert {(p["name"], p["origin"]) for p in document["available"]} == {("yunling", "installed"), ("tinglan", "shipped")}
    assert document["in_use"][0]["changes"] == [{"kind": "parameters", "what": "cash_limit = 2222"}]
    (broken,) = document["broken"]
    assert broken["name"] == "broken" and "parameters.yaml:" in broken["problem"]


def test_the_command_refuses_a_folder_that_there_is_not(tmp_path: Path) -> None:
    assert "没有文件夹" in auditlib("packs", tmp_path / "nowhere", status=2).stderr


def test_the_sample_pack_is_whole_and_shows_every_kind_of_change() -> None:
    (pack,) = in_order(["tinglan"], Path())
    assert isinstance(pack, Pack) and pack.folder == SAMPLE.resolve()
    kinds = {kind for kind, _ in laid(SAMPLE).packs[0].changes}
    assert kinds == {"parameters", "rules", "rules_off", "severity", "ledgers", "ledgers_more", "words", "checks", "issues"}
    assert "打平伙" in laid(SAMPLE).words["payments"]["entertainment"]["any"]


def test_every_line_of_findings_jsonl_keeps_to_its_schema_and_a_broken_one_does_not(packed: tuple) -> None:  # type: ignore[type-arg]
    """As jsonschema, the reference library for Python, reads the schema."""
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource

    schemas = {name: schema_text(name) for name in ("finding", "common")}
    registry = Registry().with_resources([(f"{n}.schema.json", Resource.from_contents(s)) for n, s in schemas.items()])
    official, found = Draft202012Validator(schemas["finding"], registry=registry), packed[1]
    assert list(schemas["finding"]["properties"]) == list(COLUMNS)
    assert len(found) == 3 and all(official.is_valid(row) for row in found)
    for key, value in (("severity", "rot"), ("finding_id", "x"), ("rule", "X1"), ("owner", ""), ("message_zh", "")):
        assert not official.is_valid({**found[0], key: value}), key
    assert not official.is_valid({k: v for k, v in found[0].items() if k != "amount"})
