"""Tables and blocks for a notebook's page. Ledger text is text here: every cell goes through `markup.escape`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..reports.figures import grouped, yuan
from ..reports.markup import Safe, join, paragraph, table, tag
from ..words.errors import AuditlibError, RegisterError
from ..words.messages import say

if TYPE_CHECKING:
    import pandas as pd

ROWS = 200  # rows of one table on the page; what is left out is always said
_LINK = re.compile(r'<a [^<>]*>|</a>')


@cache
def _style() -> Safe:
    return Safe(f"<style>{(Path(__file__).parent / 'style.css').read_text(encoding='utf-8')}</style>")


def framed(*parts: object) -> str:
    """HTML of one output: the parts, each escaped unless this package wrote it, in the workbook's own style."""
    return join((_style(), tag("div", *parts, class_="auditlib-wb")))


def text_of(error: AuditlibError, language: str) -> str:
    """What went wrong, in the reader's language where the register said it."""
    return error.told(language) if isinstance(error, RegisterError) else str(error)


def unlinked(block: Safe) -> Safe:
    """A block of the reports without its links, which lead inside the output folder and nowhere from a notebook.

    Quotes and brackets of ledger text are escaped in `block`, so only links that the reports wrote can match.
    """
    return Safe(_LINK.sub("", block))


@dataclass(frozen=True, slots=True)
class Shown:
    """Something to look at: HTML for the notebook, a line of text elsewhere."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


def show(frame: pd.DataFrame, title: str = "", *, language: str = "zh", rows: int = ROWS) -> Shown:
    """A DataFrame as an escaped table under its title, the first `rows` rows, with the number of all of them."""
    columns = [(str(name), "num" if _is_number(frame[name]) else "") for name in frame.columns]
    body = [[_cell(value) for value in line] for line in frame.head(rows).itertuples(index=False, name=None)]
    count = len(frame)
    key = "workbook.rows_cut" if count > rows else "workbook.rows"
    told = say(key, language, n=grouped(count), shown=grouped(min(rows, count)))
    caption = f"{title} · {told}" if title else told
    block = table(caption, columns, body, "dense") if count else paragraph(caption, "empty")
    return Shown(framed(block), caption)


def _is_number(column: Any) -> bool:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column.dtype):
        return True
    present = column.dropna()
    return column.dtype == object and len(present) > 0 and all(isinstance(v, Decimal | int) for v in present)


def _cell(value: Any) -> str:
    import pandas as pd

    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, Decimal):
        return yuan(value)
    if isinstance(value, float):
        return f"{value:,.2f}"
    return str(value)


def block(parts: Sequence[object], text: str) -> Shown:
    """Blocks of the reports as one output."""
    return Shown(framed(*(unlinked(p) if isinstance(p, Safe) else p for p in parts)), text)
