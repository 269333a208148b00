"""The few errors that are raised: one class a cause, each saying what, where and what to do."""

from __future__ import annotations


class AuditlibError(Exception):
    """Base of all errors that a user is meant to read; ends a command with exit status 2."""


class WorkspaceError(AuditlibError):
    """The county folder or its settings cannot be used."""


class OutputError(AuditlibError):
    """The output folder cannot be written or holds files that are not ours."""


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
