"""The page of one township: its villages and groups rolled up. It travels, so ledger text is masked."""

from __future__ import annotations

from .blocks import family_table, verdict
from .clearance import Standing, clearance_box, clearance_table, standing
from .coverage import problems_of, sources_of
from .description import Page, Section
from .heat_map import by_family, heat_table, legend
from .lists import states_table
from .markup import Safe, escape, from_register, join, link, paragraph
from .ranking import place_of, ranking_table
from .reconciled import counts_table
from .rollup import by_rule, checks_of, coverage_matrix, findings_of, masked_problems, ranking, unrun_checks, worst
from .set_aside import masked_set_aside, rows_in_doubt, set_aside_note
from .view import CountyView

_BASE = "../"


def members(view: CountyView, township: str, books: tuple[str, ...]) -> tuple[str, ...]:
    """The organisations of a township that have a book, the township itself among them where it has one."""
    return tuple(code for code in books if view.township_of.get(code) == township)


def township_page(view: CountyView, township: str, books: tuple[str, ...]) -> Page:
    """Verdict and money, ranking, gravest findings, coverage and gaps of one township."""
    codes = members(view, township, books)
    findings, checks = findings_of(view, codes), checks_of(view, codes)
    problems = list(dict.fromkeys(p for code in codes for p in problems_of(view, code)))
    matches = [m for code in codes for m in view.matches.get(code, ())]
    issues = [i for code in codes for i in view.listed.get(code, ())]
    sources = tuple({s.source_id: s for code in codes for s in sources_of(view, code)}.values())
    told = verdict(view, findings, checks, len(problems) + rows_in_doubt(sources), set_aside_note(view, sources))
    own = join((link(f"{_BASE}{view.book(township)}", view.t("township.own")),)) if township in codes else ""
    bodies = {
        "summary": join((told, family_table(view, findings), paragraph(own) if own else "")),
        "villages": _villages(view, codes),
        "ranking": ranking(view, codes, _BASE, view.t("books")),
        "worst": worst(view, findings, _BASE),
        "by_rule": by_rule(view, findings, _BASE),
        "issues": states_table(view, issues),
        "clearance": join((clearance_box(view, standing(view, township)), clearance_table(view, _standings(view, codes)))),
        "coverage": coverage_matrix(view, codes, _BASE, "sources.csv"),
        "problems": masked_problems(view, problems, "index.html"),
        "set_aside": masked_set_aside(view, sources),
        "unrun": unrun_checks(view, checks, _BASE),
        "reconciliations": counts_table(view, matches, view.t("caption.reconciliations"))
        if matches
        else paragraph(view.t("matches.none"), "empty"),
    }
    sections = tuple(Section(name, view.t(f"section.{name}"), escape(body)) for name, body in bodies.items())
    return Page(
        title=view.name(township),
        subtitle=view.t("title.township", county=view.run.county, year=view.run.fiscal_year),
        kind="sheet",
        language=view.language,
        fields=_fields(view, len(codes)),
        trail=(("../index.html", view.run.county), ("", view.name(township))),
        sections=sections,
        footer=view.t("footer.masked", as_of=view.run.as_of.isoformat()),
    )


def _villages(view: CountyView, codes: tuple[str, ...]) -> Safe:
    """The villages with their groups, ranked and by family; an organisation under no village stands for itself."""
    below: dict[str, list[str]] = {}
    for code in codes:
        above = view.organisations[code].parent_code
        below.setdefault(above if view.organisations[code].level == "group" and above in codes else code, []).append(code)
    names = {code: link(f"{_BASE}{view.book(code)}", view.name(code)) for code in below}
    head = view.t("column.organisation")
    ranked = ranking_table(view, [place_of(view, code, mine) for code, mine in below.items()], names, view.t("caption.villages"), head)
    found = by_family(view, {code: findings_of(view, mine) for code, mine in below.items()})
    titles = [view.family_name(name) for name in found.columns]
    shown = heat_table(view, found, view.t("caption.heat_villages"), head, names, titles)
    return join((from_register(ranked), shown, legend(view, found)))


def _standings(view: CountyView, codes: tuple[str, ...]) -> list[tuple[str, Standing]]:
    return [(f"{_BASE}{view.book(code)}", standing(view, code)) for code in codes]


def _fields(view: CountyView, organisations: int) -> tuple[tuple[str, str], ...]:
    return (
        (view.t("cover.year"), str(view.run.fiscal_year)),
        (view.t("cover.as_of"), view.run.as_of.isoformat()),
        (view.t("cover.organisations"), str(organisations)),
    )
