"""What all working papers (审计底稿) share: the frame of the page, tick marks, ledgers, commands, limits, signatures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..catalog.specs import CheckSpec, RuleCard
from ..words.messages import LANGUAGES
from ..words.records import Source
from .blocks import heads, signature_lines
from .description import Page, Section
from .figures import grouped
from .findings import basis_list
from .manifest import SHORT
from .markup import Safe, bullets, escape, join, link, paragraph, table, tag
from .view import CountyView

BASE = "../"  # from papers/ to the output folder
AGREED, DIFFERS, UNTESTED, SEE = "✓", "✗", "△", "§"
TICKS = {"agreed": AGREED, "differs": DIFFERS, "untested": UNTESTED, "see": SEE}
_SIGNED = ("prepared", "date", "reviewed", "date")
_ARGUMENTS = 300  # characters of a test's settings; the file that holds them all is named beside


@dataclass(frozen=True, slots=True)
class LedgerUse:
    """What came in of one ledger, over the whole county."""

    files: int
    sheets: int
    rows: int
    set_aside: int
    organisations: int


def tick(view: CountyView, mark: str) -> Safe:
    """A tick mark with its meaning for those who cannot see it."""
    kind = next(name for name, sign in TICKS.items() if sign == mark)
    return tag("span", mark, role="img", aria_label=view.t(f"paper.tick.{kind}"), class_=f"tickmark {kind}")


def tick_legend(view: CountyView) -> Safe:
    """What the marks mean, as it stands at the foot of every paper."""
    items = view.t("list").join(f"{sign} {view.t(f'paper.tick.{kind}')}" for kind, sign in TICKS.items())
    return paragraph(join((view.t("paper.ticks"), view.t("colon"), items)), "note")


def paper_link(view: CountyView, name: str, text: object, base: str = BASE) -> Safe:
    """`text`, linked to the paper of a rule or reconciliation where it has one."""
    return link(f"{base}{target}", text) if (target := view.paper(name)) else escape(text)


def organisation_link(view: CountyView, code: str, books: frozenset[str]) -> Safe:
    return link(f"{BASE}{view.book(code)}", view.name(code)) if code in books else escape(view.name(code))


def paper_page(view: CountyView, title: str, number: str, bodies: Mapping[str, object]) -> Page:
    """The frame: number, year, day and manifest on top, the parts as they come, signatures and tick marks at the end."""
    bodies = {**bodies, "paper_sign": join((tag("div", signature_lines(view, _SIGNED), class_="two"), tick_legend(view)))}
    fields = [
        (view.t("paper.no"), number),
        (view.t("cover.year"), str(view.run.fiscal_year)),
        (view.t("cover.as_of"), view.run.as_of.isoformat()),
    ]
    if view.run.manifest_id:
        fields.append((view.t("paper.manifest"), view.run.manifest_id[:SHORT]))
    return Page(
        title=title,
        subtitle=view.t("title.paper", county=view.run.county, year=view.run.fiscal_year),
        kind="sheet",
        language=view.language,
        fields=tuple(fields),
        trail=(("../index.html", view.run.county), ("index.html", view.t("title.papers")), ("", title)),
        sections=tuple(Section(name, view.t(f"section.{name}"), escape(body)) for name, body in bodies.items()),
        footer=view.t("footer.paper", as_of=view.run.as_of.isoformat()),
    )


def ledgers_used(view: CountyView) -> dict[str, LedgerUse]:
    """What came in of each ledger; computed once for all papers."""
    groups: dict[str, list[Source]] = {}
    for source in view.run.sources:
        groups.setdefault(source.ledger, []).append(source)
    return {
        name: LedgerUse(
            len({s.file for s in group}), len(group), sum(s.rows_read for s in group), sum(s.rows_quarantined for s in group),
            len({s.org_code for s in group if s.org_code}),
        )
        for name, group in groups.items()
    }  # fmt: skip


def ledgers_table(view: CountyView, names: Sequence[str], used: Mapping[str, LedgerUse]) -> Safe:
    """Population and source: files, rows and organisations of each ledger that a test reads."""
    rows = []
    for name in dict.fromkeys(names):
        u = used.get(name, LedgerUse(0, 0, 0, 0, 0))
        rows.append(
            [
                view.ledger(name),
                f"{grouped(u.files)} / {grouped(u.sheets)}",
                grouped(u.rows),
                grouped(u.set_aside),
                grouped(u.organisations),
            ]
        )
    columns = heads(
        view,
        ("ledger", "head"),
        ("paper_files_sheets", "num"),
        ("rows_read", "num"),
        ("rows_quarantined", "num"),
        ("paper_organisations_n", "num"),
    )
    note = paragraph(join((link(f"{BASE}sources.csv", "sources.csv"), " — ", view.t("paper.ledgers_note"))), "note")
    return join((table(view.t("paper.ledgers"), columns, rows, "dense"), note))


def commands(view: CountyView, also: Sequence[str] = ()) -> Safe:
    """The calls that make the result again, with everything that they need."""
    out, run = view.t("paper.out"), view.run
    packs = "".join(f" --pack {p.name}" for p in run.packs)
    county = f'"{run.workspace}"' if " " in run.workspace else run.workspace
    told = "" if view.language == LANGUAGES[0] else f" --lang {view.language}"
    lines = (f"auditlib audit {county} --out {out} --as-of {run.as_of.isoformat()}{packs}{told}", f"auditlib reproduce {out}", *also)
    return join((tag("h3", view.t("paper.commands")), bullets([tag("code", line) for line in lines], "commands")))


def limits(view: CountyView, card: RuleCard | None) -> Safe:
    """The county's limits that a rule goes by, with their values of this run."""
    if card is None or not card.parameters:
        return paragraph(view.t("paper.no_parameters"), "note")
    given, rows = dict(view.run.parameters), []
    for name in card.parameters:
        spec = view.catalog.parameters.get(name)
        default = str(spec.default) if spec else ""
        value = given.get(name, default)
        label = (spec.zh if view.language == "zh" else spec.en) if spec else name
        set_by = (spec.set_by if spec else "") or (view.t("paper.default") if value == default else view.t("changed"))
        rows.append([label, tag("code", name), value, set_by])
    columns = heads(view, ("parameter", "head"), ("key", ""), ("value", "num"), ("changed", ""))
    return table(view.t("paper.parameters"), columns, rows, "dense")


def arguments(spec: CheckSpec) -> str:
    """The settings of a test, as its file has them."""
    text = json.dumps(_plain(spec.arguments), ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _ARGUMENTS else f"{text[:_ARGUMENTS]} …"


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    return (
        [_plain(v) for v in value]
        if isinstance(value, list | tuple)
        else value
        if isinstance(value, bool | int | float | str)
        else str(value)
    )


def steps_table(view: CountyView, rows: Sequence[Sequence[object]]) -> Safe:
    """Tests carried out: (what, ledgers, settings, file of expectations/)."""
    columns = heads(view, ("paper_step", "head"), ("ledger", ""), ("paper_arguments", "wide"), ("paper_where_stands", "nowrap"))
    return table(view.t("paper.steps"), columns, rows, "dense")


def criteria(view: CountyView, card: RuleCard) -> Safe:
    """The law of the card, with article and validity."""
    return tag("div", basis_list(view, card), class_="law")


def missed_table(view: CountyView, missed: Mapping[str, Sequence[str]], limit: int) -> Safe:
    """Reasons and the organisations that were not tested for them."""
    if not missed:
        return paragraph(view.t("paper.every"), "note")
    rows = []
    for reason, codes in sorted(missed.items(), key=lambda item: (-len(item[1]), item[0])):
        named = view.t("list").join(view.name(c) for c in codes[:limit])
        more = view.t("and_more", n=len(codes) - limit) if len(codes) > limit else ""
        rows.append([tick(view, UNTESTED), reason, grouped(len(codes)), named + more])
    columns = heads(view, ("paper_tick", ""), ("reason", "head"), ("paper_organisations_n", "num"), ("paper_organisation_names", "wide"))
    return table(view.t("paper.not_covered"), columns, rows, "dense")
