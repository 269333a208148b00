"""index.html: the county on one page, money and verdict first, and the way to every other page. Masked."""

from __future__ import annotations

from collections.abc import Sequence

from ..words.records import CheckResult, Source
from .blocks import cut, empty, family_table, file_links, heads, rule_link, tell, verdict
from .clearance import clearance_box, clearance_table, county_standing, standing
from .coverage import unrecognised
from .description import Page, Section
from .figures import grouped
from .heat_map import by_family, by_rule_id, heat_table, legend
from .lists import states_table
from .markup import Safe, bullets, escape, from_register, join, link, paragraph, table, tag
from .packs import packs_table
from .ranking import place_of, ranking_table
from .reconciled import counts_table
from .rollup import (
    by_rule,
    coverage_matrix,
    findings_of,
    masked,
    masked_problems,
    ranking,
    unrun_checks,
    worst,
)
from .set_aside import masked_set_aside, rows_in_doubt, set_aside_note
from .township import members
from .view import CountyView

_WAYS = (("leader", "leader_short"), ("directory", "directory"))


def _own_errors(view: CountyView) -> Safe:
    """Failures of this program: first and in red, because what they hide looks like assurance."""
    if not view.run.errors:
        return Safe("")
    kept, note = cut(view, view.run.errors, view.t("own_errors.all"))
    return tag(
        "div",
        tag("p", tag("strong", view.t("own_errors.title"))),
        bullets(masked(view, e) for e in kept),
        note,
        class_="own-errors",
        role="alert",
    )


def _townships(view: CountyView, townships: Sequence[str], books: tuple[str, ...]) -> Safe:
    if not townships:
        return empty(view, "townships.none")
    names = {code: link(view.township_page(code), view.name(code)) for code in townships}
    places = [place_of(view, code, members(view, code, books)) for code in townships]
    return from_register(ranking_table(view, places, names, view.t("caption.townships"), view.t("column.township")))


def _heat(view: CountyView, townships: Sequence[str], books: tuple[str, ...]) -> Safe:
    """Townships by family, then every kind of problem by township; who stands under none has a line of its own."""
    places = {code: findings_of(view, members(view, code, books)) for code in townships}
    if outside := [code for code in books if view.township_of.get(code, "") not in places]:
        places[""] = findings_of(view, outside)
    if not any(places.values()):
        return empty(view, "findings.none")
    names = {code: link(view.township_page(code), view.name(code)) if code else view.t("no_organisation") for code in places}
    families, rules = by_family(view, places), by_rule_id(places)
    titles = [view.family_name(name) for name in families.columns]
    first = heat_table(view, families, view.t("caption.heat"), view.t("column.township"), names, titles)
    kinds = {rule: rule_link(view, rule, "") for rule, _ in rules.rows}
    heads_of = [tag("span", view.name(code) if code else view.t("no_organisation")) for code in rules.columns]
    second = heat_table(view, rules, view.t("caption.heat_rules"), view.t("column.rule"), kinds, heads_of)
    return join((first, legend(view, families), second, legend(view, rules)))


def _unrecognised_row(view: CountyView, source: Source) -> list[object]:
    near = [view.field("", c) for column in source.columns for c in column.candidates[:1]]
    told = view.t("list").join(tell(view, n, file=source.file, sheet=source.sheet) for n in source.notes)
    headers = view.t("list").join(c.header for c in source.columns if c.header)
    guess = told or view.t("list").join(dict.fromkeys(near)) or view.t("no_guess")
    return [source.file, source.sheet or "—", *(masked(view, text) for text in (headers or "—", guess))]


def _unrecognised(view: CountyView) -> Safe:
    rows = [_unrecognised_row(view, s) for s in unrecognised(view)]
    if not rows:
        return empty(view, "unrecognised.none")
    kept, note = cut(view, rows, "sources.csv")
    names = (("file", "head"), ("sheet", ""), ("headers", "wide"), ("candidates", "wide"))
    return join((table(view.t("caption.unrecognised"), heads(view, *names), kept, "dense"), note))


def _parameters(view: CountyView) -> Safe:
    rows = []
    for name, value in view.run.parameters:
        spec = view.catalog.parameters.get(name)
        label = (spec.zh if view.language == "zh" else spec.en) if spec else name
        changed = view.t("changed") if spec and not _same(spec.default, value) else spec.set_by if spec else ""
        rows.append([label, tag("code", name), value, changed])
    columns = heads(view, ("parameter", "head"), ("key", ""), ("value", "num"), ("changed", ""))
    return table(view.t("caption.parameters"), columns, rows, "dense") if rows else empty(view, "parameters.none")


def _same(default: object, value: str) -> bool:
    try:
        return float(str(default)) == float(value)
    except ValueError:
        return str(default) == value


def _fields(view: CountyView, books: int) -> tuple[tuple[str, str], ...]:
    return (
        (view.t("cover.year"), str(view.run.fiscal_year)),
        (view.t("cover.as_of"), view.run.as_of.isoformat()),
        (view.t("cover.organisations"), grouped(books)),
        (view.t("cover.files"), grouped(len({s.file for s in view.run.sources}))),
        (view.t("cover.rules"), grouped(len(view.catalog.rules))),
    )


def _checks(view: CountyView, books: Sequence[str]) -> list[CheckResult]:
    """Checks of all that have a book, of the county as a whole, and every one that failed."""
    shown = frozenset(books)
    return [
        c for c in view.run.checks if c.org_code in shown or c.org_code not in view.organisations or c.status == "could_not_run"
    ]


def _summary(view: CountyView, codes: Sequence[str]) -> Safe:
    findings = findings_of(view, codes)
    gaps = len(view.run.problems) + len(unrecognised(view)) + rows_in_doubt(view.run.sources)
    told = verdict(view, findings, _checks(view, codes), gaps, set_aside_note(view, view.run.sources))
    ways = paragraph(join((link(f"{name}.html", view.t(f"title.{text}")) for name, text in _WAYS), "　·　"), "ways")
    return join((_own_errors(view), ways, told, family_table(view, findings)))


def _clearance(view: CountyView, townships: Sequence[str]) -> Safe:
    rows = [(view.township_page(code), standing(view, code)) for code in townships]
    return join((clearance_box(view, county_standing(view)), clearance_table(view, rows) if rows else ""))


def _progress(view: CountyView) -> Safe:
    """Where the issues stand, and the way to score cards and digest."""
    ways = [paragraph(link(f"{name}.html", view.t(f"title.{name}"))) for name in ("scores", "digest")] if view.register else []
    return join((states_table(view, view.issues), *ways))


def _beside(view: CountyView) -> tuple[tuple[str, str], ...]:
    """Pages that belong to no place: what is tested, and the working papers of it."""
    return (
        ("leader.html", view.t("title.leader_short")), ("directory.html", view.t("title.directory")),
        ("rules.html", view.t("title.rules")), ("papers/index.html", view.t("paper.all")),
    )  # fmt: skip


def county_page(view: CountyView, townships: Sequence[str], books: tuple[str, ...]) -> Page:
    """The first page: own failures, verdict and money, ranking, gravest findings, coverage, gaps, files."""
    findings, checks = findings_of(view, books), _checks(view, books)
    matches, there = view.run.matches, view.t("township_pages")
    bodies = {
        "summary": _summary(view, books),
        "townships": _townships(view, townships, books),
        "heat": _heat(view, townships, books),
        "ranking": ranking(view, books, "", there),
        "worst": worst(view, findings, ""),
        "by_rule": by_rule(view, findings, ""),
        "issues": _progress(view),
        "clearance": _clearance(view, townships),
        "coverage": coverage_matrix(view, books, "", there),
        "problems": masked_problems(view, view.run.problems, "sources.csv"),
        "unrecognised": _unrecognised(view),
        "set_aside": masked_set_aside(view, view.run.sources),
        "unrun": unrun_checks(view, checks, ""),
        "reconciliations": counts_table(view, matches, view.t("caption.reconciliations"))
        if matches
        else paragraph(view.t("matches.none"), "empty"),
        "parameters": _parameters(view),
        **({"packs": packs_table(view)} if view.run.packs else {}),
        "files": join((file_links(view, ""), *(paragraph(link(page, text)) for page, text in _beside(view)))),
    }
    sections = tuple(Section(name, view.t(f"section.{name}"), escape(body)) for name, body in bodies.items())
    return Page(
        title=view.t("title.county", county=view.run.county),
        subtitle=view.t("title.kind", year=view.run.fiscal_year),
        kind="sheet",
        language=view.language,
        fields=_fields(view, len(books)),
        trail=(),
        sections=sections,
        footer=view.t("footer.masked", as_of=view.run.as_of.isoformat()),
    )
