"""Values of the integer columns as people write them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any


def yuan(fen: int | None) -> Decimal | None:
    """Fen as 元 with two places."""
    return None if fen is None else Decimal(int(fen)).scaleb(-2)


def plain(value: int | None, scale: int) -> str:
    """A scaled integer as a plain decimal: money keeps two places, other numbers lose their trailing zeros."""
    if value is None:
        return ""
    number = Decimal(int(value)).scaleb(-scale)
    if scale in (0, 2):
        return f"{number:f}"
    text = f"{number:f}".rstrip("0").rstrip(".")
    return text if text not in ("", "-0") else "0"


def day(ymd: int | None) -> str:
    """yyyymmdd as 2025-01-31."""
    return "" if ymd is None else f"{ymd // 10000:04d}-{ymd // 100 % 100:02d}-{ymd % 100:02d}"


def text(value: Any, scale: int = 0) -> str:
    """Any cell value as text; '' for a missing one."""
    if value is None:
        return ""
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()[:10]
    if isinstance(value, bool):
        return "是" if value else "否"
    return plain(value, scale) if isinstance(value, int) else str(value)
