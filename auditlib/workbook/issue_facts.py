"""An issue as blocks of a page: facts, clock, what closing lacks, what the rerun says, time line. Ledger text is escaped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from ..issues.closing import lacks, needs_no_rerun
from ..issues.county import CountyRules
from ..issues.events import Event
from ..issues.issue import Issue
from ..issues.papers import Paper
from ..issues.policy import Clock
from ..issues.register import RunRecord
from ..issues.stages import stages_of
from ..issues.standing import gone_told, state_told
from ..issues.telling import said
from ..reports.blocks import colour_mark
from ..reports.markup import Safe, bullets, join, pairs, paragraph, table, tag
from ..words.messages import catalogue, say


def colour_of(issue: Issue, language: str) -> Safe:
    """The warning colour, as a shape and as what the county calls it."""
    word = (issue.colour_zh if language == "zh" else issue.colour_en) or say(f"issues.colour.{issue.colour}", language)
    return colour_mark(issue.colour, word)


def state_of(issue: Issue, language: str) -> str:
    return state_told(say(f"issues.state.{issue.state}", language), issue.gone, language)


def organisation_of(issue: Issue) -> str:
    return issue.org_name or issue.org_code


def owner_of(issue: Issue, language: str) -> str:
    key = f"issues.line.{issue.owner}"
    return say(key, language) if key in catalogue() else issue.owner


def amount_of(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:,.2f}"


def due_of(issue: Issue, language: str) -> str:
    """The deadline with the days that are left of it, or by which it is past; proposed ones are marked."""
    mark = "*" if issue.set_deadline is None else ""
    if not issue.is_open:
        return f"{issue.deadline.isoformat()}{mark}"
    key = "late" if issue.days_left < 0 else "left"
    return say(f"workbook.issues.{key}", language, deadline=f"{issue.deadline.isoformat()}{mark}", days=abs(issue.days_left))


def rerun_told(issue: Issue, runs: Sequence[RunRecord], events: Sequence[Event], rules: CountyRules, language: str) -> str:
    """What the audits say since the matter was reported back: gone, still there, not looked at, or nothing they could say."""
    run = next((r for r in runs if r.run_id == issue.cleared_by), None)
    if issue.cleared_by:
        on = run.as_of.isoformat() if run else issue.cleared_by
        told = say("workbook.rerun.gone", language, run=on)
        note = say("issues.gone.note", language, records=gone_told(issue.gone, language)) if issue.gone else ""
        return " ".join(filter(None, (told, note)))
    if needs_no_rerun(issue, rules.closing):
        return say("workbook.rerun.no_ledger", language)
    told = [e.at for e in events if e.kind in ("handled", "reported_back")]
    newest = runs[-1] if runs else None
    if not told or newest is None or newest.at <= told[-1]:
        return say("workbook.rerun.not_yet", language)
    return say("workbook.rerun.still", language, on=rules.clock.day_of(newest.at).isoformat())


def facts_of(issue: Issue, language: str) -> Safe:
    """The head of the card."""
    def column(name: str) -> str:
        return say(f"issues.column.{name}", language)

    told = [
        (column("org"), organisation_of(issue)), (column("state"), tag("strong", state_of(issue, language))),
        (column("deadline"), join((due_of(issue, language), " ", colour_of(issue, language)))),
        (column("owner"), owner_of(issue, language)), (column("amount"), amount_of(issue.amount)), (column("rule"), issue.rule),
        (column("basis"), issue.basis), (column("records"), "；".join(issue.records)),
        (say("workbook.issues.money", language), _money(issue, language)),
    ]  # fmt: skip
    head = tag("h4", issue.title_in(language), tag("small", issue.issue_id))
    return join((head, pairs([(name, value) for name, value in told if value])))


def _money(issue: Issue, language: str) -> str:
    sums = {name: getattr(issue, name) for name in ("recovered", "booked", "loss_avoided", "scheduled", "not_due")}
    return say("issues.between", language).join(f"{say(f'issues.word.{n}', language)} {amount_of(v)}" for n, v in sums.items() if v)


def lacks_of(issue: Issue, rules: CountyRules, language: str) -> Safe:
    """What closing still needs; nothing for an issue that has ended or that nobody has taken up."""
    if not issue.is_open or issue.first_response_at is None:
        return Safe("")
    missing = lacks(issue, rules.closing, rules.cards)
    if not missing:
        return paragraph(say("workbook.issues.lacks_nothing", language), "note")
    return join((tag("h5", say("issues.show.lacks", language)), bullets(reason.told(language) for reason in missing)))


def papers_of(papers: Sequence[Paper], language: str) -> Safe:
    """The papers that were shown for other issues too, for whoever verifies; nothing where each was shown once."""
    lines = [each.told(language) for paper in papers for each in paper.told()]
    return join((tag("h5", say("issues.show.papers", language)), bullets(lines, "note"))) if lines else Safe("")


def clocks_of(events: Sequence[Event], clock: Clock, at: dt.datetime, language: str) -> Safe:
    """The steps with a term of their own that are running, and how they stand at `at`."""
    standing = [s for s in stages_of(events, clock=clock, at=at) if not s.is_done]
    key = {True: "workbook.issues.stage_late", False: "workbook.issues.stage_due"}
    zone = clock.zone
    lines = [
        say(key[s.is_late], language, stage=_stage(s.stage, language), due=s.due_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"))
        for s in standing
    ]  # fmt: skip
    return bullets(lines, "note") if lines else Safe("")


def _stage(stage: str, language: str) -> str:
    """What a stage is called; one that a county added has no other name than its own."""
    key = f"workbook.stage.{stage}"
    return say(key, language) if key in catalogue() else stage


def time_line(events: Sequence[Event], clock: Clock, language: str) -> Safe:
    """What happened, the newest first, by the county's clock."""
    rows = [
        [e.at.astimezone(clock.zone).strftime("%Y-%m-%d %H:%M"), say(f"issues.kind.{e.kind}", language), e.actor, said(e, language)]
        for e in reversed(events)
    ]  # fmt: skip
    columns = [
        (say("workbook.issues.at", language), "nowrap"), (say("issues.column.kind", language), "head"),
        (say("issues.column.actor", language), ""), (say("issues.column.said", language), ""),
    ]  # fmt: skip
    return table(say("issues.list.events", language), columns, rows, "dense")
