"""Findings as rows of a grid: how grave, which rule, where, what, how much, and one more column that the page names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..reports.figures import yuan
from ..reports.view import CountyView
from ..words.messages import say
from ..words.records import Finding
from .grid import Column

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ("severity", "rule", "rule_name", "org_name", "message", "amount")


def finding_columns(language: str, last: str) -> list[Column]:
    """The columns; `last` is the title of the last one."""
    titled = [(name, say(f"workbook.column.{name}", language)) for name in _COLUMNS]
    return [Column(c, t, "num" if c == "amount" else "", yuan if c == "amount" else str) for c, t in titled] + [Column("standing", last)]


def finding_frame(view: CountyView, findings: Sequence[Finding], standing: Callable[[Finding], str]) -> pd.DataFrame:
    """One row a finding, in their order; `standing` words the last column."""
    import pandas as pd

    rows = [
        (view.term(f"severity.{f.severity}", f.severity), f.rule, view.rule_name(f.rule), f.org_name or view.name(f.org_code),
         view.message(f), f.amount, standing(f))
        for f in findings
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=[*_COLUMNS, "standing"], dtype=object)
