"""Blocks that several pages share. Everything shown is a value of the run, put through markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from ..issues.standing import state_told
from ..words.messages import catalogue, say
from ..words.records import CheckResult, FileProblem, Finding, Source
from .figures import Figures, figures_of, grouped, statuses, yuan
from .markup import Safe, bullets, escape, join, link, pairs, paragraph, table, tag
from .view import FAMILIES, LIMIT, SEVERITIES, CountyView, IssueLike

# a second sign beside the colour; the word is the third
_SHAPES = {"red": "▲", "orange": "◆", "yellow": "■", "blue": "●", "green": "○"}
_OWNERS = {"行业监管": "owner.sector", "属地管理": "owner.township", "村级自治": "owner.village"}
_T = TypeVar("_T")
_NOTHING = Safe("")


def severity_mark(view: CountyView, severity: str) -> Safe:
    """The level as sign, word and colour."""
    return _mark(severity, _word(view, severity))


def _word(view: CountyView, severity: str) -> str:
    return view.term(f"severity.{severity}", view.term(f"issues.colour.{severity}", severity))


def _mark(colour: str, word: str) -> Safe:
    shape = tag("span", _SHAPES.get(colour, "○"), aria_hidden="true")
    return tag("span", shape, word, class_=f"mark {colour if colour in _SHAPES else 'none'}")


def rule_link(view: CountyView, rule: str, base: str) -> Safe:
    """A rule's id and name, linked to its card where it has one; `base` leads to the output folder."""
    named = join((link(f"{base}rules.html#{rule}", rule), " ", view.rule_name(rule))) if view.card(rule) else escape(rule)
    paper = view.paper(rule)
    return join((named, " ", tag("a", view.t("paper.see"), href=f"{base}{paper}", class_="paper"))) if paper else named


def owner_name(view: CountyView, owner: object) -> str:
    """A lead owner in the reader's language; another text as it stands."""
    key = _OWNERS.get(str(owner))
    return view.t(key) if key else str(owner or "")


def cut(view: CountyView, rows: Sequence[_T], where: str, limit: int = LIMIT) -> tuple[Sequence[_T], Safe]:
    """The first rows, and the sentence that says how many there are and where all of them stand."""
    if len(rows) <= limit:
        return rows, Safe("")
    return rows[:limit], paragraph(view.t("cut", shown=grouped(limit), all=grouped(len(rows)), where=where), "cut")


def heads(view: CountyView, *names: tuple[str, str]) -> list[tuple[str, str]]:
    """Heads of a table: (name in the catalogue, kind of its cells) with the names in words."""
    return [(view.t(f"column.{name}"), kind) for name, kind in names]


def empty(view: CountyView, key: str, **values: object) -> Safe:
    return paragraph(view.t(key, **values), "empty")


def _figure(label: str, value: object, kind: str = "") -> Safe:
    return tag("div", tag("dt", label), tag("dd", value), class_=f"figure {kind}".strip())


def _headline(view: CountyView, figures: Figures, done: int, gaps: int) -> tuple[str, str]:
    """What the box says, and its kind: a level, 'clean', or 'none' where gaps forbid a verdict."""
    if figures.worst:
        counts = figures.by_severity
        values = {"n": grouped(counts[figures.worst]), "rest": grouped(counts["yellow"] + counts["blue"])}
        return view.t(f"verdict.{figures.worst}", **values), figures.worst
    if not done:
        return view.t("verdict.nothing"), "none"
    if gaps:
        return view.t("verdict.clean_but", done=grouped(done)), "none"
    return view.t("verdict.clean", done=grouped(done)), "clean"


def _figures(view: CountyView, figures: Figures) -> Safe:
    boxes = [_figure(view.t("figure.findings"), grouped(figures.total), "lead")]
    boxes += [_figure(severity_mark(view, s), grouped(figures.by_severity[s]), s) for s in SEVERITIES]
    boxes.append(_figure(view.t("figure.involved"), money(view, figures.involved), "money"))
    boxes.append(_figure(view.t("figure.differences"), money(view, figures.differences), "money"))
    return tag("dl", *boxes, class_="figures")


def verdict(
    view: CountyView, findings: Iterable[Finding], checks: Sequence[CheckResult], gaps: int = 0, beside: Safe = _NOTHING
) -> Safe:
    """Verdict and money, before anything else; what was not checked stands in the same box.

    `gaps` counts files, sheets, rows and ledgers that were not read or not seen: with them nothing is called clean.
    `beside` stands with the totals: rows that are not in them.
    """
    figures, went = figures_of(findings), statuses(checks)
    done, failed = went["passed"] + went["found"], went["could_not_run"]
    headline, kind = _headline(view, figures, done, gaps + failed)
    counts = {"done": grouped(done), "not_applicable": grouped(went["not_applicable"]), "failed": grouped(failed)}
    notes = (
        paragraph(view.t("verdict.checks", **counts), "unrun" if failed else "note"),
        paragraph(view.t("money_note"), "note"),
    )
    return tag("div", paragraph(headline, "headline"), _figures(view, figures), beside, *notes, class_=f"verdict {kind}")


def money(view: CountyView, amount: Any) -> Safe:
    """An amount with its unit, or a dash where there is none."""
    if amount is None:
        return Safe("—")
    return join((tag("span", yuan(amount), class_="yuan"), view.t("yuan")), "\u202f" if view.language == "zh" else " ")


def family_table(view: CountyView, findings: Sequence[Finding]) -> Safe:
    """Findings by family and severity, with a total that adds up."""
    families = [*FAMILIES, *(["other"] if any(view.family(f.rule) == "other" for f in findings) else [])]
    rows = []
    for family in families:
        rows.append(_family_row(view.family_name(family), figures_of(f for f in findings if view.family(f.rule) == family)))
    rows.append(_family_row(tag("strong", view.t("total")), figures_of(findings)))
    columns = [(view.t("column.family"), "head"), *((view.term(f"severity.{s}"), "num") for s in SEVERITIES)]
    columns += [(view.t("column.count"), "num"), (view.t("figure.involved_yuan"), "num"), (view.t("figure.differences_yuan"), "num")]
    return table(view.t("caption.families"), columns, rows, "totals")


def _family_row(name: object, figures: Figures) -> list[object]:
    counts = [grouped(figures.by_severity[s]) if figures.by_severity[s] else "·" for s in SEVERITIES]
    return [name, *counts, grouped(figures.total), yuan(figures.involved), yuan(figures.differences)]


def tell(view: CountyView, text: str, **values: object) -> str:
    """A message key spoken with its values; a text that is no key, or lacks a value, as it stands."""
    if text not in catalogue():
        return text
    try:
        return say(text, view.language, **values)
    except (KeyError, IndexError):
        return text


def problem_text(view: CountyView, problem: FileProblem) -> str:
    """What is wrong with a file and what to do, in words."""
    told = tell(view, problem.code, file=problem.file, sheet=problem.sheet, detail=problem.detail)
    return told if told != problem.code else f"{problem.code} {problem.detail}".strip()


def problems_table(view: CountyView, problems: Sequence[FileProblem], where: str) -> Safe:
    """Files that could not be used, what is wrong with them and what to do."""
    if not problems:
        return empty(view, "problems.none")
    shown, note = cut(view, sorted(problems, key=lambda p: (p.file, p.sheet, p.code)), where)
    rows = [[p.file, p.sheet, problem_text(view, p)] for p in shown]
    columns = [(view.t("column.file"), "head"), (view.t("column.sheet"), ""), (view.t("column.problem"), "wide")]
    return join((table(view.t("caption.problems"), columns, rows), note))


def _unmapped(view: CountyView, source: Source) -> Safe:
    guesses = {c.header: c.candidates for c in source.columns if c.field is None and c.header}
    items = []
    for header in source.unmapped_columns:
        near = view.t("list").join(view.field(source.ledger, c) for c in guesses.get(header, ())[:3])
        items.append(header + view.t("bracket", text=view.t("nearest") + near) if near else header)
    return escape(view.t("list").join(items) or "—")


def sources_table(view: CountyView, sources: Sequence[Source], code: str) -> Safe:
    """What was audited: files, sheets, ledgers, rows; and what was set aside or not understood."""
    if not sources:
        return empty(view, "sources.none")
    shown, note = cut(view, sources, "sources.csv")
    names = ("file", "sheet", "ledger", "period_read", "rows_read", "rows_total", "rows_quarantined", "unmapped", "confidence", "sha256")
    kinds = ("head", "", "", "", "num", "num", "num", "", "num", "hash")
    rows = [_source_row(view, s, code) for s in shown]
    columns = heads(view, *zip(names, kinds, strict=True))
    return join((table(view.t("caption.sources"), columns, rows, "dense"), note, paragraph(view.t("sources.note"), "note")))


def _source_row(view: CountyView, source: Source, code: str) -> list[object]:
    name = view.ledger(source.ledger) if source.ledger else tag("em", view.t("unrecognised"))
    marks = [
        *((view.t("shared_file"),) if source.ledger and source.org_code != code else ()),
        *(tell(view, n) for n in source.notes),
    ]
    shown = join((name, *(tag("small", m) for m in marks)))
    counts = (source.rows_read, source.rows_total, source.rows_quarantined)
    held = [grouped(n) if n or i == 0 else "·" for i, n in enumerate(counts)]
    return [
        source.file,
        source.sheet or "—",
        shown,
        _period(view, source),
        *held,
        _unmapped(view, source),
        f"{source.confidence:.0%}",
        source.sha256[:16],
    ]


def _period(view: CountyView, source: Source) -> Safe:
    """First and last day that a sheet tells of; a line may break between the two days and not within one."""
    days = dict.fromkeys(view.figures.periods.get(source.source_id, ())) if view.figures else ()
    return join((tag("span", day, class_="nowrap") for day in days), " – ")


def check_line(view: CountyView, check: CheckResult) -> str:
    ledger = view.ledger(check.ledger) if check.ledger else ""
    return f"{check.rule} {view.rule_name(check.rule)}" + (f" · {ledger}" if ledger else "")


def reason_of(view: CountyView, check: CheckResult) -> str:
    """Why a check did not apply or did not run, in words; never silent."""
    return tell(view, check.reason) if check.reason else view.t("reason.unsaid")


def text_of(value: object) -> str:
    """A plain value of the register as text: an enum by its value, nothing as ''."""
    return "" if value is None else str(getattr(value, "value", value))


def state_name(view: CountyView, state: object) -> str:
    """A state of an issue in the reader's language, as the register's own words have it."""
    text = text_of(state)
    return view.term(f"issues.state.{text}", text)


def issue_state(view: CountyView, issue: Any) -> str:
    """The state of an issue or of a row of a list, marked where records of it are gone from the ledgers."""
    return state_told(state_name(view, issue.state), getattr(issue, "gone", ()), view.language)


def colour_of(view: CountyView, issue: IssueLike) -> tuple[str, str]:
    """The warning colour of an issue and what the place calls it; ('', '') where it has none."""
    colour = text_of(issue.colour)
    return colour, (text_of(issue.colour_zh if view.language == "zh" else issue.colour_en) or _word(view, colour)) if colour else ""


def colour_mark(colour: str, word: str) -> Safe:
    """A warning colour with its sign and the word of the place, or a dash where there is none."""
    return _mark(colour, word) if colour else Safe("—")


def signature_lines(view: CountyView, who: Sequence[str]) -> Safe:
    """Lines to sign on, by the names of the catalogue (`reports.sign.…`)."""
    lines = (tag("div", tag("span", view.t(f"sign.{name}")), tag("span", "", class_="line")) for name in who)
    return tag("div", *lines, class_="signatures")


def facts(items: Iterable[tuple[object, object]]) -> Safe:
    """Terms and values, leaving out what is empty."""
    return pairs([(term, value) for term, value in items if str(value or "") not in ("", "—")])


def file_links(view: CountyView, base: str) -> Safe:
    """The tables that hold every row."""
    names = ("findings.csv", "findings.jsonl", "sources.csv", "matches.csv", "bank_reconciliation.csv", "bank_open_items.csv")
    return bullets([join((link(f"{base}{n}", n), " — ", view.t(f"download.{n.replace('.', '_')}"))) for n in names], "files")
