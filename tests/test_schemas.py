"""The schemas in expectations/schemas say what the loader takes: editors, CI and the loader agree.

Outside authority: JSON Schema 2020-12, as the library jsonschema implements it; every shipped file is
put to it, and broken copies are refused by it and by the loader alike.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pack_county import text, write_pack
from referencing import Registry, Resource

from auditlib.catalog.documents import key_twice, read_document, read_yaml, refused
from auditlib.catalog.load import load_catalog, read_expectations
from auditlib.catalog.packs import in_order
from auditlib.catalog.places import expectations
from auditlib.catalog.schema import ENDING, Fault, checker, faults, schema_folder, schema_text
from auditlib.catalog.settings import load_settings
from auditlib.intake.mapping import load_mappings
from auditlib.words.errors import CatalogError, WorkspaceError

ROOT = expectations()
NAMES = sorted(p.name.removesuffix(ENDING) for p in schema_folder().glob(f"*{ENDING}"))
REGISTRY = Registry().with_resources([(f"{n}{ENDING}", Resource.from_contents(schema_text(n))) for n in NAMES])
SAMPLE = ROOT / "packs" / "tinglan"


def shipped() -> list[tuple[str, Path]]:
    """Every YAML file that has a schema, with the schema's name."""
    folders = {"ledgers": "ledger", "rules": "rule", "checks": "checks", "reconciliations": "checks", "charts": "chart", "words": "words"}
    found = [(schema, p) for folder, schema in folders.items() for p in sorted((ROOT / folder).glob("*.yaml"))]
    found += [(name, ROOT / f"{name}.yaml") for name in ("parameters", "evidence")]
    found += [(f"book-{name.removesuffix('_pack')}", ROOT / "books" / f"{name}.yaml") for name in ("balance", "figures", "handover_pack")]
    found += [("form", p) for p in sorted((ROOT / "forms_out").glob("*.yaml"))]
    found += [("forms", p) for p in sorted((ROOT / "forms").glob("*.yaml"))]
    in_pack = {"pack.yaml": "pack", "parameters.yaml": "pack-parameters", "rules.yaml": "pack-rules"}
    found += [(schema, SAMPLE / name) for name, schema in in_pack.items()]
    found += [("rule", p) for p in sorted((SAMPLE / "rules").glob("*.yaml"))] + [
        ("checks", p) for p in sorted((SAMPLE / "checks").glob("*.yaml"))
    ]
    return [*found, ("ledger", SAMPLE / "ledgers" / "solar_income.yaml"), ("pack-ledger", SAMPLE / "ledgers" / "contracts.yaml")]


def as_json(content: Any) -> Any:
    """What an editor sees: dates are text."""
    return json.loads(json.dumps(content, default=str))


def official(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema_text(name), registry=REGISTRY)


SHIPPED = shipped()


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_a_valid_one_and_keeps_to_what_the_loader_compiles(name: str) -> None:
    Draft202012Validator.check_schema(schema_text(name))
    assert schema_text(name)["$id"] == f"{name}{ENDING}"
    checker(name)


def test_a_schema_with_a_keyword_that_the_loader_does_not_know_is_refused_not_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    from auditlib.catalog import schema

    monkeypatch.setattr(schema, "schema_text", lambda name: {"type": "string", "maxLength": 3})
    checker.cache_clear()
    with pytest.raises(ValueError, match="maxLength"):
        checker("other")
    checker.cache_clear()


@pytest.mark.parametrize(("schema", "path"), SHIPPED, ids=[p.relative_to(ROOT).as_posix() for _, p in SHIPPED])
def test_every_shipped_file_is_right_by_both(schema: str, path: Path) -> None:
    content = read_yaml(path)
    assert not list(official(schema).iter_errors(as_json(content)))
    assert faults(schema, content) == []


def test_every_file_of_expectations_has_a_schema() -> None:
    looked_at = {p for _, p in SHIPPED}
    others = {p.relative_to(ROOT).parts[0] for p in ROOT.rglob("*.yaml") if p not in looked_at and "packs" not in p.parts}
    assert others <= {"forms", "issues", "letters"}  # read and checked by the parts that use them
    assert len(looked_at) >= 120


def test_no_key_stands_twice_in_a_shipped_file() -> None:
    """YAML 1.2, section 3.2.1.3: keys are unique; the library would keep the last one without a word."""
    assert [(p.name, twice) for p in sorted(ROOT.rglob("*.yaml")) if (twice := key_twice(p))] == []


def test_files_that_people_write_point_editors_at_their_schema() -> None:
    marked = [p for p in SAMPLE.rglob("*.yaml") if p.parent.name not in ("words", "issues")]
    assert len(marked) >= 8
    for path in marked:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        prefix = "# yaml-language-server: $schema="
        assert first.startswith(prefix) and (path.parent / first.removeprefix(prefix)).resolve().parent == schema_folder().resolve(), path


# ---- broken copies -----------------------------------------------------------------------------------------


def spots(content: Any, key: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to all tables and values of a document."""
    yield key
    if isinstance(content, dict):
        for name, value in content.items():
            yield from spots(value, (*key, name))
    elif isinstance(content, list):
        for n, value in enumerate(content):
            yield from spots(value, (*key, n))


def at(content: Any, key: tuple[Any, ...]) -> Any:
    for part in key:
        content = content[part]
    return content


CONTENTS = {(s, p): read_yaml(p) for s, p in SHIPPED if s not in ("words",)}
SPOTS = {place: list(spots(content)) for place, content in CONTENTS.items()}
STRANGE: list[Any] = [None, 17, 2.5, True, "", "§", [], {}, [[1]], {"§": 1}]


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, Any]:
    """A shipped document with a key taken out, a key put in, or a value of another kind."""
    place = draw(st.sampled_from(sorted(CONTENTS, key=str)))
    content = copy.deepcopy(CONTENTS[place])
    key = draw(st.sampled_from(SPOTS[place]))
    how = draw(st.sampled_from(("drop", "add", "change")))
    found = at(content, key)
    if how == "drop" and isinstance(found, dict) and found:
        del found[draw(st.sampled_from(sorted(found)))]
    elif how == "add" and isinstance(found, dict):
        found[draw(st.sampled_from(("strange_key", "zz", "名称")))] = draw(st.sampled_from(STRANGE))
    elif key:
        at(content, key[:-1])[key[-1]] = draw(st.sampled_from(STRANGE))
    return place[0], content


@given(broken())
@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_the_loader_and_the_official_library_refuse_the_same_documents(case: tuple[str, Any]) -> None:
    schema, content = case
    assert bool(faults(schema, content)) == (not official(schema).is_valid(as_json(content))), content


@given(broken())
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_every_fault_can_be_told_in_both_languages(case: tuple[str, Any]) -> None:
    schema, content = case
    told = faults(schema, content)
    if told:
        error = str(refused(Path("nowhere.yaml"), told, schema))
        assert f"{schema}{ENDING}" in error and "nowhere.yaml:1" in error


def test_a_required_key_that_is_gone_an_unknown_key_and_a_wrong_kind_are_named_with_line_and_candidates(tmp_path: Path) -> None:
    path = text(
        tmp_path / "x.yaml",
        "# one\nledger: x\nlabels: {zh: 甲}\ntitles: []\nkeys: [a]\nkey: [a]\n"
        "fields:\n  a:\n    type: moneys\n    zh: 甲\n    en: a\n    headers: 甲\n",
    )
    with pytest.raises(CatalogError) as error:
        read_document(path, "ledger")
    told = str(error.value)
    assert f"{path}:3: labels.en" in told
    assert f"{path}:4: titles" in told
    assert f"{path}:5: keys: the key 'keys' is not known; candidates: key" in told
    assert f"{path}:9: fields.a.type" in told and "candidates: money" in told
    assert f"{path}:12: fields.a.headers" in told and "array" in told


def test_names_that_stand_nowhere_are_named_with_line_and_candidates(tmp_path: Path) -> None:
    """A copy of expectations/ with one slip of the pen."""
    import shutil

    slips = {
        "ledgers/claims.yaml": ("key: [claim_no]", "key: [claim_number]", "key[0]", "claim_no"),
        "checks/references.yaml": ("ledgers: [fixed_assets]", "ledgers: [fixed_asset]", "[0].ledgers[0]", "fixed_assets"),
        "rules/F13.yaml": ("parameters: [stale_years]", "parameters: [stale_year]", "parameters[0]", "stale_years"),
    }
    for n, (name, (old, new, key, candidate)) in enumerate(slips.items()):
        root = tmp_path / str(n)
        shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns("packs", "schemas"))
        content = (root / name).read_text(encoding="utf-8")
        assert old in content
        (root / name).write_text(content.replace(old, new, 1), encoding="utf-8")
        line = content[: content.index(old)].count("\n") + 1
        with pytest.raises(CatalogError) as error:
            load_catalog(root)
        assert f"{root / name}:{line}: {key}" in str(error.value) and candidate in str(error.value)


def test_what_the_schema_cannot_say_of_keys_the_loader_says(tmp_path: Path) -> None:
    assert faults("parameters", {True: {"default": 1, "unit": "yuan", "zh": "x", "en": "x"}})[0] == Fault((True,), "key_type", True)


# ---- audit.toml, mappings ------------------------------------------------------------------------

SETTINGS = """county = "某县"
fiscal_year = 2025
as_of = 2026-01-31
language = "zh"
register = "r.db"
packs = []
[parameters]
cash_limit = 5000
"""
WRONG_SETTINGS = {
    "fiscal_year = 2025": [("fiscal_year = '2025'", 2), ("fiscal_year = 20.5", 2), ("fiscal_yaer = 2025", 2), ("fiscal_year = 99", 2)],
    'language = "zh"': [('language = "fr"', 4)],
    "packs = []": [("packs = 'x'", 6), ("packs = [3]", 6), ("pack = []", 6)],
    "as_of = 2026-01-31": [("as_of = 'gestern'", 3), ("as_of = 3", 3)],
    "[parameters]\ncash_limit = 5000": [
        ("parameters = 5", 7),
        ("[parameter]\ncash_limit = 1", 7),
        ("[parameters]\ncash_limit = true", 8),
        ("[parameters]\ncash_limit = [1]", 8),
    ],
}


def toml(content: str) -> Any:
    import tomllib

    return as_json(tomllib.loads(content))


def test_settings_that_are_right_are_taken_by_both(tmp_path: Path) -> None:
    text(tmp_path / "audit.toml", SETTINGS)
    assert official("audit").is_valid(toml(SETTINGS))
    assert load_settings(tmp_path, load_catalog(), today=None).parameters["cash_limit"] == 5000  # type: ignore[arg-type]


@pytest.mark.parametrize(("right", "wrong", "line"), [(r, w, n) for r, all_wrong in WRONG_SETTINGS.items() for w, n in all_wrong])
def test_settings_that_are_wrong_are_refused_by_both_at_their_line(right: str, wrong: str, line: int, tmp_path: Path) -> None:
    content = SETTINGS.replace(right, wrong)
    text(tmp_path / "audit.toml", content)
    assert not official("audit").is_valid(toml(content))
    with pytest.raises(WorkspaceError) as error:
        load_settings(tmp_path, load_catalog(), today=None)  # type: ignore[arg-type]
    assert f"{tmp_path / 'audit.toml'}:{line}: " in str(error.value)


def test_a_setting_that_nobody_knows_is_told_and_left_aside(tmp_path: Path) -> None:
    text(tmp_path / "audit.toml", "provinz = 'x'\n" + SETTINGS)
    (note,) = load_settings(tmp_path, load_catalog(), today=None).notes  # type: ignore[arg-type]
    assert note.startswith("audit.toml:1: provinz") and "county" in note


@pytest.mark.parametrize("value", ["inf", "nan", "'viel'"])
def test_a_parameter_that_is_no_number_is_refused(value: str, tmp_path: Path) -> None:
    text(tmp_path / "audit.toml", SETTINGS.replace("5000", value))
    with pytest.raises(WorkspaceError, match=r"audit.toml:8: parameters.cash_limit"):
        load_settings(tmp_path, load_catalog(), today=None)  # type: ignore[arg-type]


MAPPING = """version: 1
shape: {header_rows: 1, columns: [档号, 租户, 年租]}
ledger: contracts
columns: {档号: contract_no, 租户: party_b, 年租: null}
"""


@pytest.mark.parametrize(("old", "new"), [
    ("version: 1", "version: 2"), ("shape: {header_rows: 1", "shape: {header_row: 1"), ("ledger:", "leger:"),
    ("columns: [档号, 租户, 年租]", "columns: []"),
    ("version: 1\n", ""), ("header_rows: 1", "header_rows: eins"),
])  # fmt: skip
def test_a_mapping_that_is_wrong_is_refused_by_both(old: str, new: str, tmp_path: Path) -> None:
    path = text(tmp_path / "mappings" / "m.yaml", MAPPING)
    assert official("mapping").is_valid(as_json(read_yaml(path))) and len(load_mappings(tmp_path, load_catalog()).entries) == 1
    text(path, MAPPING.replace(old, new))
    assert not official("mapping").is_valid(as_json(read_yaml(path)))
    with pytest.raises(WorkspaceError, match="m.yaml"):
        load_mappings(tmp_path, load_catalog())


def test_a_mapping_that_the_program_writes_is_right(tmp_path: Path) -> None:
    from auditlib.intake.mapping import Shape, TableMapping, document

    mapping = TableMapping(
        Shape(("a", "b", "c")), "contracts", {"a": "contract_no", "b": None}, made_on="2026-01-31", history=({"revision": 1},)
    )
    assert official("mapping").is_valid(as_json(document(mapping)))


# ---- packs -------------------------------------------------------------------------------------------------


def test_a_pack_with_a_broken_head_is_refused_by_both(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "p1")
    right = read_yaml(folder / "pack.yaml")
    assert official("pack").is_valid(as_json(right)) and len(in_order([str(folder)], tmp_path)) == 1
    for key in ("name", "version", "title", "authority", "valid_from"):
        lacking = {k: v for k, v in right.items() if k != key}
        text(folder / "pack.yaml", json.dumps(lacking, default=str))
        assert not official("pack").is_valid(as_json(lacking))
        with pytest.raises(CatalogError, match=key):
            in_order([str(folder)], tmp_path)


def test_reading_looks_at_every_file_of_the_folder() -> None:
    documents = read_expectations(ROOT)
    assert sum(map(len, documents.values())) >= 110
    assert {d.path for group in documents.values() for d in group.values()} <= set(ROOT.rglob("*.yaml"))
