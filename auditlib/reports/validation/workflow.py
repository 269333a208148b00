"""GitHub: annotations as workflow commands, and the summary of a job in Markdown.

Workflow commands: data escape %, CR and LF, property values ':' and ',' too. Ledger text can start no command of its own,
because every line begins with ours and holds no raw line break.
"""

from __future__ import annotations

from .listing import printable
from .places import column_of, line_of
from .remarks import SEVERITIES, Remark, Validation, about_the_call, not_checked, notices, totals

_LEVELS = {"red": "error", "orange": "error", "yellow": "warning", "blue": "notice"}
LISTED = 200  # remarks in a summary; a step's summary may hold 1 MiB
_MARKUP = str.maketrans({c: f"&#{ord(c)};" for c in "\\`*_{}[]()<>#+-.!|~@&\"'$:/"})


def as_annotations(value: Validation) -> str:
    """One command a remark, gravest first (the page shows ten of each level a step); accepted ones are left out."""
    shown = sorted((r for r in value.remarks if not r.is_accepted), key=lambda r: SEVERITIES.index(r.severity))
    lines = [_command(_LEVELS[r.severity], _properties(r), r.message) for r in shown]
    lines += [_command("warning", {"title": "auditlib"}, text) for text in notices(value)]
    return "".join(f"{line}\n" for line in lines)


def _properties(remark: Remark) -> dict[str, str]:
    column = column_of(remark)
    where = "!".join(p for p in (remark.sheet, remark.cell) if p)
    found = {"file": remark.file, "line": str(line_of(remark)), "title": " ".join(p for p in (remark.code, remark.title, where) if p)}
    return found if column is None else found | {"col": str(column)}


def _command(level: str, properties: dict[str, str], text: str) -> str:
    given = ",".join(f"{name}={_property(content)}" for name, content in properties.items())
    return f"::{level} {given}::{_data(text)}"


def _data(text: str) -> str:
    safe = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return printable(safe)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_summary(value: Validation) -> str:
    """Markdown for `$GITHUB_STEP_SUMMARY` or any page: totals, the gravest remarks, what was not checked. All ledger text is inert."""
    t = value.say
    lines = [f"## {_plain(t('validate.title'))}", "", f"**{_plain(totals(value))}**", ""]
    shown = sorted((r for r in value.remarks if not r.is_accepted), key=lambda r: SEVERITIES.index(r.severity))
    if shown:
        heads = (_plain(t(f"validate.column.{c}")) for c in ("severity", "rule", "place", "message"))
        lines += ["| " + " | ".join(heads) + " |", "|---|---|---|---|"]
        lines += [_row(value, r) for r in shown[:LISTED]]
        lines += ["", _plain(t("validate.more", n=len(shown) - LISTED))] if len(shown) > LISTED else []
        lines.append("")
    lines += [f"- {_plain(text)}" for text in about_the_call(value)]
    unchecked = [(c.file, line) for c in value.files for line in not_checked(value, c)]
    if unchecked:
        lines += ["", f"<details><summary>{_plain(t('validate.not_checked'))}</summary>", ""]
        lines += [f"- {_plain(file)}: {_plain(line)}" for file, line in unchecked[:LISTED]]
        lines += ["", "</details>"]
    return "\n".join(lines) + "\n"


def _row(value: Validation, remark: Remark) -> str:
    cells = (value.say(f"severity.{remark.severity}"), f"{remark.code} {remark.title}", remark.place, remark.message)
    return "| " + " | ".join(_plain(c) for c in cells) + " |"


def _plain(text: str) -> str:
    """Text with every mark that Markdown or HTML could read written as a character reference."""
    return printable(" ".join(text.split())).translate(_MARKUP)
