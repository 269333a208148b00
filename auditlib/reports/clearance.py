"""清零 on the page: written only when it is true, else what remains and what was not looked at.

The register knows what is open and which checks ran; the reports add what nobody delivered, could read, or could place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from ..issues.issue import Issue
from ..issues.lists import Clearance, clearance, tree_of
from ..words.messages import say
from ..words.records import FileProblem, Organisation, Source
from .blocks import heads
from .coverage import keeps_ledgers, missing, problems_of, sources_of
from .figures import grouped
from .markup import Safe, bullets, join, link, paragraph, table, tag
from .set_aside import rows_in_doubt
from .view import CountyView

COUNTY = "*"  # stands above everything, also above what no register of organisations names
_NAMED = 8


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether 清零 may be written of an organisation with those beneath it, and everything that it rests on."""

    code: str
    clearance: Clearance
    missing: Mapping[str, tuple[str, ...]]  # ledgers that were not seen, by organisation
    unread: int  # files and sheets that could not be read or recognised
    set_aside: int  # rows that could not be used

    @property
    def is_clear(self) -> bool:
        return self.clearance.is_clear and not (self.missing or self.unread or self.set_aside)


def standing(view: CountyView, code: str) -> Standing:
    """How `code` stands with those beneath it."""
    codes = tree_of(code, view.children)
    problems = {p for c in codes for p in problems_of(view, c)}
    sources = {s.source_id: s for c in codes for s in sources_of(view, c)}
    return _standing(view, code, codes, problems, sources.values())


def county_standing(view: CountyView) -> Standing:
    """How everything stands that was audited or is in the register."""
    codes = sorted({*view.organisations, *view.listed})
    return _standing(view, COUNTY, codes, view.run.problems, view.run.sources)


def _standing(
    view: CountyView, code: str, codes: Sequence[str], problems: Iterable[FileProblem], sources: Iterable[Source]
) -> Standing:
    known = [view.organisations.get(c, Organisation(c, "", "")) for c in codes]
    placed = [Organisation(code, "", ""), *(replace(o, parent_code=code) for o in known if o.org_code != code)]
    if code in view.organisations:
        placed[0] = view.organisations[code]
    issues = cast("list[Issue]", [i for c in codes for i in view.listed.get(c, ())])  # needs org_code and is_open only
    checks = [k for c in codes for k in view.checks.get(c, ())]
    absent = {c: lost for c in codes if c in view.organisations and keeps_ledgers(view, c) and (lost := missing(view, c))}
    tables = list(sources)
    unread = sum(not p.code.startswith("settings.") for p in problems) + sum(_is_lost(s) for s in tables)
    return Standing(code, clearance(issues, code, placed, checks), absent, unread, rows_in_doubt(tables))


def _is_lost(source: Source) -> bool:
    """A table that nothing could be made of: neither a cover, which holds none, nor a printed form that was read and kept."""
    return not source.ledger and bool(source.columns) and not source.rows_read


def reasons(view: CountyView, found: Standing) -> list[str]:
    """Why 清零 may not be written, a sentence each; empty when it may."""
    told, unseen = found.clearance, found.missing
    values = {
        "open": grouped(told.open), "could_not_run": grouped(told.could_not_run), "unchecked": grouped(len(told.unchecked)),
        "who": _some(view, [view.name(c) for c in told.unchecked]), "where": _some(view, [view.name(c) for c in unseen]),
        "missing": grouped(sum(map(len, unseen.values()))), "unread": grouped(found.unread), "set_aside": grouped(found.set_aside),
    }  # fmt: skip
    keys = [*told.reasons, *(k for k in ("missing", "unread", "set_aside") if getattr(found, k))]
    return [say(f"lists.not_clear.{key}", view.language, **values) for key in keys]


def _some(view: CountyView, names: Sequence[str]) -> str:
    more = view.t("and_more", n=len(names) - _NAMED) if len(names) > _NAMED else ""
    return view.t("list").join(names[:_NAMED]) + more


def clearance_box(view: CountyView, found: Standing) -> Safe:
    """清零, or what stands in its way, with the coverage beside it."""
    told = found.clearance
    rests_on = view.t("clearance.rests_on", ran=grouped(told.ran), organisations=grouped(told.organisations))
    if found.is_clear:
        return tag("div", paragraph(view.t("clearance.clear"), "headline"), paragraph(rests_on, "note"), class_="clearance clear")
    parts = (paragraph(view.t("clearance.not_clear"), "headline"), bullets(reasons(view, found)), paragraph(rests_on, "note"))
    return tag("div", *parts, class_="clearance")


def clearance_table(view: CountyView, rows: Sequence[tuple[str, Standing]]) -> Safe:
    """One line an organisation, with those beneath it; `rows` are (path of its page, '' for none; how it stands)."""
    names = (
        ("organisation", "head"), ("clearance", "nowrap"), ("open", "num"), ("unrun", "num"), ("ledgers_unseen", "num"),
        ("unread", "num"), ("rows_quarantined", "num"), ("unchecked", "num"),
    )  # fmt: skip
    body = [_row(view, target, found) for target, found in rows]
    shown = table(view.t("caption.clearance"), heads(view, *names), body)
    return join((shown, paragraph(view.t("clearance.note"), "note")))


def _row(view: CountyView, target: str, found: Standing) -> list[object]:
    told, name = found.clearance, view.name(found.code)
    word = view.t("clearance.yes" if found.is_clear else "clearance.no")
    counts = (
        told.open, told.could_not_run, sum(map(len, found.missing.values())), found.unread, found.set_aside, len(told.unchecked)
    )  # fmt: skip
    mark = tag("span", word, class_="mark green" if found.is_clear else "mark none")
    return [link(target, name) if target else name, mark, *(grouped(n) if n else "·" for n in counts)]
