"""审计报告 of one organisation: a draft for comment, final when the comment period is over and the answer is noted.

All figures come from the run. Only what was put to comment may stand in the final report: the letter `comments` of the register
says which matters were, when, until when, and what was answered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ..issues.issue import Issue, State
from ..issues.letters import Letter
from ..words.errors import FormError
from ..words.messages import say
from ..words.records import Finding
from .balance_overview import overview, total
from .coverage import delivered, expected_ledgers, missing, sources_of
from .figures import figures_of, grouped, statuses, yuan
from .findings import place
from .forms import Names, Values, names_of, organisation_texts, texts
from .letters import letter_number, load_wording, written_date
from .view import FAMILIES, SEVERITIES, CountyView

LETTER = "comments"  # expectations/letters/comments.yaml
_COMMENT = ("comment_number", "comment_sent_on", "comment_until", "comment_answered_on", "comment_answer")
NAMES = names_of(
    "stage", "draft", "final", "comment_days", "head", "accountant", "cashier", "delivered", "files", "not_delivered", "count", *SEVERITIES,
    "involved", "differences", "checks_done", "checks_unrun", "checks_not_applicable", "dismissed", "issuer", "dated", *_COMMENT,
    tables={
        "balances": texts("name", "opening", "closing"),
        "families": texts("name", "count", "involved", "differences"),
        "findings": texts("no", "rule", "name", "severity", "message", "place", "amount", "basis"),
    },
    groups={
        "rules": Names(
            texts("no", "rule", "name", "severity", "count", "amount", "basis", "remedy", "evidence"),
            {"findings": texts("message", "place", "amount", "expected", "actual")},
        )
    },
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """Draft or final, by whom and when; `letter` is the one that asked for comments, None for a draft."""

    issuer: str
    dated: dt.date
    letter: Letter | None = None


def comments_asked(letters: Sequence[Letter], code: str) -> Letter | None:
    """The last letter that put the draft report of an organisation to comment."""
    sent = [letter for letter in letters if letter.letter == LETTER and letter.to_code == code]
    return max(sent, key=lambda letter: (letter.sent_on, letter.year, letter.serial), default=None)


def stage_of_final(
    letters: Sequence[Letter], issues: Sequence[Issue], findings: Sequence[Finding], code: str, day: dt.date, issuer: str, language: str
) -> Stage:
    """The final stage on `day`.

    Raises FormError while the draft was not sent, its comment period runs, no answer is noted, or a matter was never put to comment.
    """
    letter = comments_asked(letters, code)
    if letter is None:
        raise FormError(say("forms.final.not_sent", language, code=code))
    values = {"letter": letter.letter_id, "until": letter.reply_by.isoformat(), "sent_on": letter.sent_on.isoformat()}
    if day <= letter.reply_by:
        raise FormError(say("forms.final.period_runs", language, **values))
    if letter.answered_on is None:
        raise FormError(say("forms.final.no_answer", language, **values))
    asked = {item.issue_id for item in letter.items}
    by_finding = {finding_id: issue for issue in issues for finding_id in issue.finding_ids}
    never = [f for f in findings if not _is_dismissed(by_finding.get(f.finding_id)) and not _was_asked(by_finding.get(f.finding_id), asked)]
    if never:
        told = "; ".join(f"{f.rule} {f.message_zh if language == 'zh' else f.message_en or f.message_zh}" for f in never[:5])
        raise FormError(say("forms.final.never_asked", language, n=len(never), matters=told))
    return Stage(issuer or letter.issuer, day, letter)


def _was_asked(issue: Issue | None, asked: set[str]) -> bool:
    return issue is not None and issue.issue_id in asked


def _is_dismissed(issue: Issue | None) -> bool:
    return issue is not None and issue.state is State.DECLINED


def report_values(view: CountyView, code: str, stage: Stage, issues: Sequence[Issue]) -> Values:
    """What the report of an organisation says; findings that were dismissed (误报) are counted, not shown."""
    dismissed = {finding_id for issue in issues if _is_dismissed(issue) for finding_id in issue.finding_ids}
    every = view.findings.get(code, ())
    findings = [f for f in every if f.finding_id not in dismissed]
    said = {
        **organisation_texts(view, code), **_stage_texts(view, stage), **_organisation(view, code), **_counts(view, code, findings),
        "dismissed": grouped(len(every) - len(findings)) if len(every) > len(findings) else "",
    }  # fmt: skip
    tables = {"balances": _balances(view, code), "families": _families(view, findings), "findings": _lines(view, findings)}
    return Values(said, tables, {"rules": _rules(view, findings)})


def _stage_texts(view: CountyView, stage: Stage) -> dict[str, str]:
    letter = stage.letter
    language = view.language
    told = dict.fromkeys(_COMMENT, "")
    if letter is not None:
        assert letter.answered_on is not None
        told = {
            "comment_number": letter_number(letter, load_wording(LETTER)), "comment_sent_on": written_date(letter.sent_on, language),
            "comment_until": written_date(letter.reply_by, language),
            "comment_answered_on": written_date(letter.answered_on, language), "comment_answer": letter.answer,
        }  # fmt: skip
    return {
        "stage": "" if letter else view.t("forms.draft"), "draft": "" if letter else "1", "final": "1" if letter else "",
        "comment_days": str(load_wording(LETTER).reply_days), "issuer": stage.issuer, "dated": written_date(stage.dated, language), **told,
    }  # fmt: skip


def _organisation(view: CountyView, code: str) -> dict[str, str]:
    organisation, lost = view.organisations[code], missing(view, code)
    have = delivered(view, code)
    return {
        **{name: getattr(organisation, name) or "—" for name in ("head", "accountant", "cashier")},
        "delivered": grouped(sum(name in have for name in expected_ledgers(view))),
        "files": grouped(len({s.file for s in sources_of(view, code)})),
        "not_delivered": view.t("list").join(view.ledger(name) for name in lost) or view.t("forms.none"),
    }


def _counts(view: CountyView, code: str, findings: Sequence[Finding]) -> dict[str, str]:
    figures, went = figures_of(findings), statuses(view.checks.get(code, ()))
    return {
        "count": grouped(figures.total), **{s: grouped(figures.by_severity[s]) for s in SEVERITIES},
        "involved": yuan(figures.involved), "differences": yuan(figures.differences),
        "checks_done": grouped(went["passed"] + went["found"]), "checks_unrun": grouped(went["could_not_run"]),
        "checks_not_applicable": grouped(went["not_applicable"]),
    }  # fmt: skip


def _balances(view: CountyView, code: str) -> list[dict[str, str]]:
    """Totals of the balance overview; none where it could not be made."""
    figures = view.figures
    lines = figures.balances.get(code, ()) if figures and figures.chart and code not in figures.other_charts else ()
    if not figures or not lines:
        return []
    found = overview(lines, figures.chart, {})
    sides = (("assets", found.assets), ("liabilities", found.liabilities), ("equity", found.equity))
    rows = [(view.t(f"balance.total.{name}"), total(part, "opening"), total(part, "closing")) for name, part in sides]
    rows += [(view.t(f"balance.total.{name}"), None, total(getattr(found, name), "closing")) for name in ("income", "expense")]
    return [{"name": name, "opening": yuan(opening), "closing": yuan(closing)} for name, opening, closing in rows]


def _families(view: CountyView, findings: Sequence[Finding]) -> list[dict[str, str]]:
    rows = []
    for family in (*FAMILIES, "other"):
        figures = figures_of(f for f in findings if view.family(f.rule) == family)
        if figures.total:
            rows.append((view.family_name(family), figures))
    if rows:
        rows.append((view.t("total"), figures_of(findings)))
    return [
        {"name": name, "count": grouped(f.total), "involved": yuan(f.involved), "differences": yuan(f.differences)} for name, f in rows
    ]


def _lines(view: CountyView, findings: Sequence[Finding]) -> list[dict[str, str]]:
    return [
        {
            "no": str(n), "rule": f.rule, "name": view.rule_name(f.rule), "severity": view.term(f"severity.{f.severity}"),
            "message": view.message(f), "place": place(view, f), "amount": yuan(f.amount), "basis": f.basis,
        } for n, f in enumerate(findings, 1)
    ]  # fmt: skip


def _rules(view: CountyView, findings: Sequence[Finding]) -> list[Values]:
    """The findings by rule, the gravest first (`findings` come worst first)."""
    order = {rule: n for n, rule in reversed(list(enumerate(f.rule for f in findings)))}
    ranked = sorted(findings, key=lambda f: order[f.rule])
    return [_rule(view, n, list(group)) for n, (_, group) in enumerate(groupby(ranked, key=lambda f: f.rule), 1)]


def _rule(view: CountyView, number: int, findings: Sequence[Finding]) -> Values:
    first, card, figures = findings[0], view.card(findings[0].rule), figures_of(findings)
    cases = [
        {"message": view.message(f), "place": place(view, f), "amount": yuan(f.amount), "expected": f.expected, "actual": f.actual}
        for f in findings
    ]
    said = {
        "no": str(number), "rule": first.rule, "name": view.rule_name(first.rule), "severity": view.term(f"severity.{first.severity}"),
        "count": grouped(len(findings)), "amount": yuan(figures.involved + figures.differences),
        "basis": view.t("list").join(dict.fromkeys(f.basis for f in findings if f.basis)) or "—",
        "remedy": card.rectification[view.language] if card else "—", "evidence": card.evidence[view.language] if card else "—",
    }  # fmt: skip
    return Values(said, {"findings": cases})
