"""Units of money and area, read from heads, column titles and cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from .values import simplified, squeeze

_BRACKET = re.compile(r"[(\[【](?:单位[:：])?([^()\[\]【】]{1,8})[)\]】]")


def unit_in(header: str) -> str:
    """The unit in a column title: 面积(亩) -> 亩, 金额（单位：万元） -> 万元, else ''."""
    found = _BRACKET.findall(simplified(squeeze(header)))
    return next((u for u in found if re.fullmatch(r".*(元|亩|顷|平方米|平米|㎡|m2|平方公里|分|角)", u)), "")


def units_in_head(texts: Sequence[str], words: Mapping[str, Any]) -> dict[str, str]:
    """{'money': '万元', 'area': '亩'} from lines such as 单位：万元、亩 above a table."""
    found: dict[str, str] = {}
    for text in (simplified(squeeze(t)) for t in texts):
        for said in re.findall(r"(?:金额|计量|货币|面积)?[单單]位[:：]?([^:：()\[\]【】]{1,16})", text):
            for part in re.split(r"[、，,/;；和]", said):
                for kind, units in words["units"].items():
                    if part in units:
                        found.setdefault(kind, part)
    return found


def factor(kind: str, unit: str, words: Mapping[str, Any]) -> Decimal | None:
    """What one `unit` is in 元 or 亩; None when the unit is not known."""
    known = {squeeze(u): Decimal(v) for u, v in words["units"][kind].items()}
    return known.get(squeeze(unit)) if unit else Decimal(1)
