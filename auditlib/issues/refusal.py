"""Why the register refuses a step, in the reader's language, and what would be allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..words.errors import RegisterError
from ..words.messages import say


@dataclass(frozen=True, slots=True)
class Label:
    """A word of the catalogue inside a reason, put into the reader's language only when it is read."""

    key: str

    def told(self, language: str) -> str:
        return say(self.key, language)


@dataclass(frozen=True, slots=True)
class Words:
    """A word that expectations/ labels: its id beside the label, because the id is what a person types."""

    name: str
    labels: Mapping[str, str] = field(hash=False)

    def told(self, language: str) -> str:
        label = self.labels.get(language, "")
        return f"{label} ({self.name})" if label and language == "en" else f"{label}（{self.name}）" if label else self.name


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that stands against a step: `key` of the catalogue and its values (texts, labels, or lists of them)."""

    key: str
    values: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def told(self, language: str) -> str:
        return say(self.key, language, **{name: _told(value, language) for name, value in self.values.items()})


def reason(key: str, /, **values: Any) -> Reason:
    return Reason(f"issues.refused.{key}", MappingProxyType(values))


def _told(value: Any, language: str) -> str:
    if isinstance(value, (Label, Words, Reason)):
        return value.told(language)
    if isinstance(value, (list, tuple)) and value and all(isinstance(each, Reason) for each in value):
        return "".join(f"\n  - {each.told(language)}" for each in value)
    if isinstance(value, (list, tuple)):
        between = "、" if language == "zh" else ", "
        return between.join(_told(each, language) for each in value) or say("issues.none", language)
    return str(value)


class StepRefused(RegisterError):
    """The step does not fit the issue as it stands; nothing was written."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(self.told("zh"))

    def told(self, language: str) -> str:
        return "\n".join(each.told(language) for each in self.reasons)


class Conflict(StepRefused):
    """Somebody else was faster: the issue is no longer as it was when the step was decided."""
