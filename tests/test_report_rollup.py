"""Heat map, ranking and directory: every finding in one cell, shades that can be read in grey, a thousand places to be found."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from reports_sample import CATALOG, FINDINGS, ISSUES, RUN
from test_reports import read

from auditlib.reports.directory import by_letter, sound_of
from auditlib.reports.heat_map import STEPS, HeatMap, by_family, by_rule_id, heat_table, legend
from auditlib.reports.markup import escape
from auditlib.reports.pages import books_of, write_reports
from auditlib.reports.ranking import place_of, ranking_table, worst_first
from auditlib.reports.view import view_of

VIEW = view_of(RUN, CATALOG, ISSUES, "zh")
BOOKS = books_of(VIEW)
PLACES = {code: VIEW.findings.get(code, ()) for code in BOOKS}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reports(RUN, CATALOG, ISSUES, tmp_path_factory.mktemp("rollup") / "out", "zh").parent


@pytest.mark.parametrize("found", [by_family(VIEW, PLACES), by_rule_id(PLACES)], ids=["family", "rule"])
def test_every_finding_stands_in_exactly_one_cell(found: HeatMap) -> None:
    told = sum(len(findings) for findings in PLACES.values())
    assert sum(found.totals) == sum(n for _, counts in found.rows for n in counts) == told > 0


def test_the_shade_grows_with_the_count_and_nothing_has_none() -> None:
    found = HeatMap(("a",), tuple((str(n), (n,)) for n in (0, 1, 7, 40, 100)))
    shades = [found.shade(counts[0]) for _, counts in found.rows]
    assert shades == [0, 1, 1, 2, STEPS]
    assert HeatMap(("a",), (("x", (0,)),)).shade(0) == 0


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[n:n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_shades_can_be_told_apart_in_grey_and_black_type_keeps_its_contrast() -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 for the ink on every step; each step clearly darker than the one before."""
    import auditlib.reports

    style = (Path(auditlib.reports.__file__).parent / "templates" / "page" / "style.css").read_text("utf-8")
    steps = [_luminance(colour) for _, colour in sorted(re.findall(r"\.heat-([1-5])\{background:(#[0-9a-f]{6})\}", style))]
    ink = _luminance("#1d2226")
    assert len(steps) == STEPS
    assert all((step + 0.05) / (ink + 0.05) >= 4.5 for step in steps)
    assert all((light + 0.05) / (dark + 0.05) > 1.12 for light, dark in zip(steps, steps[1:], strict=False))


def test_a_cell_says_its_number_beside_the_shade() -> None:
    found = by_family(VIEW, PLACES)
    names = {code: VIEW.name(code) for code in PLACES}
    shown = heat_table(VIEW, found, "图", "单位", names, [VIEW.family_name(c) for c in found.columns])
    cells = re.findall(r'<span class="heat-(\d)">([^<]+)</span>', shown)
    assert len(cells) == len(found.rows) * len(found.columns)
    assert all((shade == "0") == (text == "·") for shade, text in cells)
    assert str(found.highest) in legend(VIEW, found)


def test_the_county_page_shows_both_maps_and_they_add_up_to_its_findings(site: Path) -> None:
    page = (site / "index.html").read_text("utf-8")
    part = page[page.index('id="heat"'):page.index('id="ranking"')]
    assert part.count("heat-map") == 2
    totals = re.findall(r'<td class="num">([\d,]+)</td></tr></tbody>', part)
    assert [int(total) for total in totals] == [sum(len(VIEW.findings.get(code, ())) for code in BOOKS)] * 2


def test_places_are_ranked_by_severity_then_money_and_each_value_has_its_rank() -> None:
    places = [place_of(VIEW, code, (code,)) for code in BOOKS]
    ranked = worst_first(places)
    reds = [place.figures.by_severity["red"] for place in ranked]
    assert reds == sorted(reds, reverse=True) and len(ranked) == len(BOOKS) > 2
    names = {code: escape(VIEW.name(code)) for code in BOOKS}
    shown = ranking_table(VIEW, places, names, "排名", "单位")
    assert shown.count("<small>#1</small>") >= 2
    most = max(places, key=lambda place: place.figures.total)
    assert f'{most.figures.total}<small>#1</small>' in shown


def test_a_place_is_settled_by_the_issues_of_all_beneath_it() -> None:
    told = place_of(VIEW, "x", tuple({str(i.org_code) for i in ISSUES}))
    assert (told.issues, told.settled, told.closure) == (2, 0, Decimal("0.00"))
    assert place_of(VIEW, "x", ()).closure is None, "of nothing there is no share"


def test_organisations_stand_under_the_letter_of_their_sound() -> None:
    """Hanyu Pinyin (ISO 7098), the order in which a Chinese reader looks for a name."""
    found = by_letter({"1": "半山湾村", "2": "铜锣岭村", "3": "安乐村", "4": "3号小区", "5": "白鹭镇"})
    assert found == {"A": ["3"], "B": ["5", "1"], "T": ["2"], "#": ["4"]}
    assert sound_of("安乐村") == "anlecun"


def test_the_directory_leads_to_every_page_of_the_county_without_a_script(site: Path) -> None:
    page = read(site / "directory.html")
    targets = {attributes["href"] for name, attributes in page.elements if name == "a" and "href" in attributes}
    assert {VIEW.book(code) for code in BOOKS} <= targets
    assert all((site / target).is_file() for target in targets if not target.startswith("#"))
    anchors = {attributes.get("id") for _, attributes in page.elements}
    assert {target[1:] for target in targets if target.startswith("#")} <= anchors
    assert not [name for name, _ in page.elements if name in ("script", "input", "form")]


def test_a_thousand_organisations_fit_into_a_directory_that_opens_at_once() -> None:
    from dataclasses import replace

    from auditlib.reports.directory import directory_page
    from auditlib.reports.render import render
    from auditlib.words.records import Organisation

    towns = [Organisation(f"T{n:02d}", f"第{n}镇", "township") for n in range(20)]
    villages = [Organisation(f"V{n:04d}", f"{'安白陈丁方'[n % 5]}家{n}村", "village", f"T{n % 20:02d}") for n in range(1000)]
    view = view_of(replace(RUN, organisations=(*towns, *villages), findings=(), matches=(), sources=()), CATALOG, (), "zh")
    page = render(directory_page(view, [v.org_code for v in villages], [t.org_code for t in towns]))
    assert all(page.count(f'href="organisations/V{n:04d}.html"') == 2 for n in range(0, 1000, 97))
    assert len(page.encode()) < 300_000 and FINDINGS
