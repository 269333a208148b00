"""`write_demo`: the fictional county as the folder that an auditor would receive."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from ..words.errors import AuditlibError, OutputError
from ..words.messages import say
from . import sheets
from .county import close, found, same_name
from .defects import RULES, plant_books, plant_rows
from .layouts import COUNTY_SHEETS, STYLES
from .lexicon import LARGEST, PROVINCE
from .model import AS_OF, YEAR, Body, Case, County, Voucher

DEFAULT_SEED = 20250101
_COUNTY_FILES = {"organisations": "组织名录.xlsx", "cadres": "干部花名册.xlsx"}
_COLUMNS = ("case_id", "rule", "kind", "org_code", "org_name", "ledger", "records", "amount", "file", "sheet", "row", "note")


class DemoError(AuditlibError, ValueError):
    """The demo county cannot be made as asked."""


@dataclass(frozen=True, slots=True)
class DemoCounty:
    """What was written, and where."""

    county: str
    folder: Path  # the county folder: audit this one
    planted_list: Path  # planted.csv, one line a planted case or what follows from one
    townships: int
    villages: int
    groups: int  # groups that keep books
    files: int
    journal_lines: int
    injected: int
    implied: int


@dataclass(frozen=True, slots=True)
class _Place:
    file: str
    sheet: str
    row: int


def write_demo(folder: Path, *, villages: int = 8, seed: int = DEFAULT_SEED, plant: Collection[str] | None = None) -> DemoCounty:
    """Writes a fictional county into `folder`/<county>/ and the list of planted cases to `folder`/planted.csv.

    In: the number of villages (2 or more), a seed, and the rules to plant (None: all that can be planted;
    empty: a county without any breach). The same arguments give the same bytes. Out: what was written.
    Raises DemoError for a number or a rule that cannot be had, OutputError when the county folder holds
    files that are not the demo's, or cannot be written.
    """
    _check(villages, plant)
    county = found(villages, seed)
    same_name(county)
    cases = plant_books(county, plant)
    close(county)
    cases += plant_rows(county, plant)
    cases.sort(key=lambda c: RULES.index(c.rule))
    try:
        places = _write_county(folder / county.name, county)
        lines = _planted_lines(cases, places)
        (folder / "planted.csv").write_bytes(_table(lines).encode("utf-8-sig"))
    except OSError as error:
        raise OutputError(_both("demo.unwritable", folder=folder, error=error)) from error
    return DemoCounty(
        county.name, folder / county.name, folder / "planted.csv", len({b.township for b in county.bodies}),
        len(county.villages()),
        len(county.groups()), len({p.file for p in places.values()}) + 1, sum(len(b.rows("journal")) for b in county.bodies),
        sum(x[2] == "injected" for x in lines), sum(x[2] == "implied" for x in lines),
    )  # fmt: skip


def _check(villages: int, plant: Collection[str] | None) -> None:
    if not 2 <= villages <= LARGEST:
        raise DemoError(_both("demo.village_count", villages=villages, most=LARGEST))
    unknown = sorted(set(plant or ()) - set(RULES))
    if unknown:
        raise DemoError(_both("demo.unknown_rules", rules=", ".join(unknown), known=", ".join(RULES)))


def _both(key: str, **values: object) -> str:
    return f"{say(key, 'zh', **values)}\n{say(key, 'en', **values)}"


def _write_county(root: Path, county: County) -> dict[int | tuple[str, str], _Place]:
    _refuse_strangers(root, county)
    root.mkdir(parents=True, exist_ok=True)
    (root / "audit.toml").write_text(_settings(county), encoding="utf-8", newline="\n")
    places: dict[int | tuple[str, str], _Place] = {}
    for ledger, file in _COUNTY_FILES.items():
        rows = county.organisations if ledger == "organisations" else county.cadres
        book = sheets.Workbook(root / file)
        found_at = sheets.write_ledger(book, COUNTY_SHEETS[ledger], ledger, STYLES["merged"], rows, None)
        book.close()
        places |= {i: _Place(file, COUNTY_SHEETS[ledger].name, n) for i, n in found_at.items() if i}
    for township in dict.fromkeys(b.township for b in county.bodies):
        places |= _write_agency(root, [b for b in county.bodies if b.township == township])
    for body in county.bodies:
        places |= _write_body(root, body)
    return places


def _paths(body: Body) -> tuple[str, str]:
    """The workbook and the statement of an organisation, relative to the county folder."""
    style = STYLES[body.style]
    names = {"name": body.name, "village": body.village, "township": body.township, "last": body.account_no[-6:]}
    book = style.workbook if body.level == "village" else style.group_workbook
    return tuple(f"{body.township}/{body.village}/{pattern.format(**names)}" for pattern in (book, style.statement))  # type: ignore[return-value]


def _agency_path(body: Body) -> str:
    return f"{body.township}/{STYLES[body.style].agency_file.format(township=body.township)}"


def _refuse_strangers(root: Path, county: County) -> None:
    ours = {"audit.toml", *_COUNTY_FILES.values(), *(p for b in county.bodies for p in (*_paths(b), _agency_path(b)))}
    there = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()) if root.is_dir() else []
    strange = [p for p in there if p not in ours]
    if strange:
        raise OutputError(_both("demo.strange_files", folder=root, file=strange[0], count=len(strange)))


def _write_agency(root: Path, bodies: Sequence[Body]) -> dict[int | tuple[str, str], _Place]:
    file, style = _agency_path(bodies[0]), STYLES[bodies[0].style]
    sheet = style.sheets["agency_trial_balance"]
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    rows = []
    for body in bodies:
        for row in body.rows("agency_trial_balance"):
            row.update(org_code=body.code, org_name=body.name)
            rows.append(row)
    book = sheets.Workbook(root / file)
    found_at = sheets.write_ledger(book, sheet, "agency_trial_balance", style, rows, None)
    book.close()
    return {i: _Place(file, sheet.name, n) for i, n in found_at.items() if i}


def _write_body(root: Path, body: Body) -> dict[int | tuple[str, str], _Place]:
    style, (file, statement) = STYLES[body.style], _paths(body)
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    places: dict[int | tuple[str, str], _Place] = {}
    book = sheets.Workbook(root / file)
    sheets.write_cover(book, body)
    for ledger, sheet in style.sheets.items():
        rows = body.rows(ledger)
        if not rows or ledger in ("agency_trial_balance", "bank_statement"):
            continue
        for row in rows:
            row.setdefault("org_code", body.code)
            row.setdefault("org_name", body.name)
        for i, n in sheets.write_ledger(book, sheet, ledger, style, rows, body).items():
            places[i or (body.code, ledger)] = _Place(file, sheet.name, n)
    book.close()
    rows = body.rows("bank_statement")
    found_at = sheets.write_statement(root / statement, style.sheets["bank_statement"], style, body, rows)
    return places | {i: _Place(statement, "", n) for i, n in found_at.items()}


def _settings(county: County) -> str:
    from ..catalog.load import load_catalog

    def shown(value: object) -> str:
        return f'"{value}"' if isinstance(value, str) else str(value)

    lines = [
        "# 虚构的示例县，人名、地名、编号均属编造 / a fictional county; nothing in it is real",
        f'county = "{PROVINCE}{county.name}"', f"fiscal_year = {YEAR}", f"as_of = {AS_OF.isoformat()}", 'language = "zh"', "",
        "[parameters]",
        *(f"{p.name} = {shown(p.default)}" for p in load_catalog().parameters.values()),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _planted_lines(cases: Sequence[Case], places: dict[int | tuple[str, str], _Place]) -> list[list[str]]:
    lines = []
    for n, case in enumerate(cases, 1):
        place = _place(case, places)
        head = [case.body.code, case.body.name, case.ledger]
        amount = "" if case.amount is None else f"{Decimal(case.amount) / 100:.2f}"
        where = [place.file, place.sheet]
        lines.append([f"P{n:04d}", case.rule, "injected", *head, _text(case.records), amount, *where, str(place.row), case.note])
        lines += [[f"P{n:04d}", i.rule, "implied", *head, _text(i.records), "", *where, "", ""] for i in case.implied]
    return lines


def _place(case: Case, places: dict[int | tuple[str, str], _Place]) -> _Place:
    if isinstance(case.target, tuple):
        return places[case.target]
    if isinstance(case.target, Voucher):
        return places[id(case.target.rows[0])]
    return places[id(case.target() if callable(case.target) else case.target)]


def _text(records: Sequence[str | Voucher]) -> str:
    return ";".join(dict.fromkeys(str(r.number) if isinstance(r, Voucher) else r for r in records))


def _table(lines: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(_COLUMNS)
    out.writerows(lines)
    return text.getvalue()
