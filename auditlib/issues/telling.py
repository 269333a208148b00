"""What an event said, in one line for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..words.messages import catalogue, say
from .closing import evidence_label
from .events import Event, Kind
from .standing import Gone, gone_told

# What a reader wants to see, in this order; words of a list are put into the reader's language.
_SAID = (
    "what", "amount", "voucher_no", "paper_name", "owner", "done", "result", "seen_on_site", "satisfaction", "reason", "body", "into",
    "from", "kind", "name", "note",
)  # fmt: skip
_ALSO = ("old_deadline", "deadline", "until", "dated")


def said(event: Event, language: str) -> str:
    """The words of a step, its dates last; nothing for what a run told, which the facts of the issue say."""
    if "finding_id" in event.payload:
        return ""
    if event.kind is Kind.PUT_FORWARD:
        return _of_run(event.payload, language)
    words = [_word(name, event.payload[name], language) for name in _SAID if event.payload.get(name)]
    words += [say("issues.said.covers", language, count=event.payload["covers"])] if event.payload.get("covers") else []
    shown = event.payload.get("also_shown", ())
    words += [say("issues.said.also_shown", language, name=name, issues=", ".join(ids)) for name, ids in shown]
    if later := event.payload.get("entered_later"):
        words.append(say("issues.said.entered_later", language, day=later[:10]))
    dates = " → ".join(str(event.payload[name]) for name in _ALSO if event.payload.get(name))
    return say("issues.between", language).join([*words, *([dates] if dates else [])])


def _of_run(told: Mapping[str, Any], language: str) -> str:
    """Which run no longer found it, on which books, whether it looked at fewer rows, and which records are no longer there."""
    run, as_of = told.get("run_id", ""), told.get("as_of", "")
    words = [say("issues.said.not_found", language, run=run, as_of=as_of)] if run else []
    words += [say("issues.said.fewer", language, before=told["fewer"][0], now=told["fewer"][1])] if told.get("fewer") else []
    words += [gone_told((Gone(*each) for each in told.get("gone", ())), language)] if told.get("gone") else []
    return say("issues.between", language).join(words)


def _word(name: str, value: Any, language: str) -> str:
    key = f"issues.word.{value}"
    if name == "kind":
        return evidence_label(value).told(language)
    return say(key, language) if name in ("what", "satisfaction") and key in catalogue() else str(value)
