"""The few errors that are raised: one class a cause, each saying what, where and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class AuditlibError(Exception):
    """Base of all errors that a user is meant to read; ends a command with exit status 2."""


class WorkspaceError(AuditlibError):
    """The county folder or its settings cannot be used."""


class OutputError(AuditlibError):
    """The output folder cannot be written or holds files that are not ours."""


class FormError(AuditlibError):
    """A form or report that may not be made yet, or of which nothing is known."""


class PrintError(AuditlibError):
    """A page cannot be printed to PDF."""


class CatalogError(AuditlibError):
    """Something in expectations/ is wrong: file, key, value, candidates."""


class UnreadableFile(AuditlibError):
    """A file that cannot be read; `code` names the message that says what to do."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail


class EngineError(AuditlibError, ValueError):
    """The engine asked for is not known, or its extra is not installed."""


class RegisterError(AuditlibError):
    """The issue register cannot be opened or refuses a change."""

    def __init__(self, text: str = "", key: str = "", values: Mapping[str, Any] | None = None) -> None:
        super().__init__(text)
        self._key, self._values = key, values or {}

    @classmethod
    def of(cls, key: str, /, **values: Any) -> RegisterError:
        """The error that the message `key` of the catalogue tells, in the language of whoever reads it."""
        return RegisterError(_in(key, values, "zh"), key, values)

    def told(self, language: str) -> str:
        return _in(self._key, self._values, language) if self._key else str(self)


def _in(key: str, values: Mapping[str, Any], language: str) -> str:
    """The message with its values; one that has a word of its own in each language is told in this one."""
    from .messages import say

    return say(key, language, **{name: value.told(language) if hasattr(value, "told") else value for name, value in values.items()})
