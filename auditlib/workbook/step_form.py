"""What is said with a step of an issue, as fields of a form: what must be said stands first and is marked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..catalog.specs import RuleCard
from ..issues.closing import evidence_kinds, kinds_needed, kinds_shown
from ..issues.events import Kind
from ..issues.issue import Issue
from ..issues.transitions import Transition, field_label
from ..words.messages import catalogue, say

if TYPE_CHECKING:
    from ipywidgets import FileUpload, Widget

_BY_A_FORM = frozenset(("sheet", "filled_by"))  # what only a return form brings
_BY_THE_STORE = frozenset(("sha256", "size", "type", "name"))  # what the evidence store tells of a file
_LONG = frozenset(("done", "result", "reason", "seen_on_site"))  # texts of several lines
_STYLE = {"description_width": "11em"}


class StepForm:
    """The fields of one step. `what` is what was filled in, as `Register.act` and `hand_in` take it."""

    def __init__(
        self, step: Transition, issue: Issue, others: Sequence[Issue], today: dt.date, cards: Mapping[str, RuleCard], language: str
    ) -> None:
        self.step, self.language, self._cards = step, language, cards
        self._today = today
        names = [n for n in (*step.needs, *step.may) if n not in _BY_A_FORM and not (step.kind is Kind.EVIDENCE and n in _BY_THE_STORE)]
        forms = {**step.needs, **step.may}
        self.fields: dict[str, Any] = {name: self._field(name, forms[name], issue, others) for name in names}
        self.file: FileUpload | None = _upload(say("workbook.issues.file", language)) if step.kind is Kind.EVIDENCE else None

    @property
    def widgets(self) -> list[Widget]:
        return [*([self.file] if self.file else []), *self.fields.values()]

    @property
    def what(self) -> Mapping[str, Any]:
        return {name: field.value for name, field in self.fields.items() if field.value not in (None, "")}

    def _field(self, name: str, form: str | tuple[str, ...], issue: Issue, others: Sequence[Issue]) -> Widget:
        import ipywidgets as w

        told: dict[str, Any] = {"description": self._label(name), "style": _STYLE, "layout": w.Layout(width="640px")}
        if isinstance(form, tuple):
            return w.Dropdown(options=[(self._word(word), word) for word in form], **told)
        if name == "kind":
            return w.Dropdown(options=_kinds(issue, self._cards, self.language), **told)
        if name == "into":
            return w.Dropdown(options=[(f"{i.issue_id} {i.title_in(self.language)}"[:80], i.issue_id) for i in others], **told)
        if form in ("date", "day_ahead", "day_past"):
            return w.DatePicker(value=self._day(name, issue), **told)
        return w.Textarea(rows=2, **told) if name in _LONG else w.Text(**told)

    def _day(self, name: str, issue: Issue) -> dt.date | None:
        if name == "deadline":
            return max(issue.deadline, self._today)
        return self._today if name in ("received", "done_on") else None

    def _label(self, name: str) -> str:
        own = f"workbook.field.{name}"
        label = field_label(name)
        text = say(own, self.language) if own in catalogue() else label if isinstance(label, str) else label.told(self.language)
        return f"{text} *" if name in self.step.needs else text

    def _word(self, word: str) -> str:
        key = f"issues.word.{word}"
        return say(key, self.language) if key in catalogue() else word


def _kinds(issue: Issue, cards: Mapping[str, RuleCard], language: str) -> list[tuple[str, str]]:
    """Kinds of evidence, those that closing still waits for first."""
    labels, shown = evidence_kinds(), kinds_shown(issue)
    needed = [kind for kind in kinds_needed(issue, cards) if kind in labels]
    first = [kind for kind in needed if kind not in shown]
    ordered = dict.fromkeys((*first, *needed, *labels))
    marked = {kind: say("workbook.issues.needed", language, kind=labels[kind][language]) for kind in first}
    return [(marked.get(kind, labels[kind][language]), kind) for kind in ordered]


def _upload(description: str) -> FileUpload:
    import ipywidgets as w

    return w.FileUpload(description=description, multiple=False, icon="", layout=w.Layout(width="auto"))
