"""Tables printed one under another that are the records of one ledger: vouchers, and the pages of account books.

What stands around such a table (day and number of a voucher, who signed it, the account of a page) becomes columns of its rows, and the
tables become one. The sheet that was read stays as it is. Which tables they are is data, expectations/words/printed_records.yaml.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from .conform import read_head
from .layout import PATH, Block, header_key
from .lost_cells import Cell
from .sheets import RawSheet
from .values import squeeze

Fields = Mapping[str, Mapping[str, Mapping[str, float]]]  # header key -> ledger -> field -> how sure
Said = dict[str, tuple[str, Cell | None]]  # header -> value and where it stands, of what stands around one table
MOST_BALANCE = 0.9  # of the vouchers on pages that are all pages of a set of books


@dataclass(frozen=True, slots=True)
class Joined:
    """A table of a sheet; of several that were joined also what they are apart, where they may not be used together."""

    sheet: RawSheet
    block: Block
    origin: RawSheet | None = None
    apart: tuple[Block, ...] = ()  # in `origin`
    count: int = 0  # tables that were joined

    @property
    def tables(self) -> Iterator[tuple[RawSheet, Block]]:
        """The table itself, then those that it was joined from."""
        yield self.sheet, self.block
        yield from ((self.origin or self.sheet, b) for b in self.apart)


@dataclass(frozen=True, slots=True)
class _Kind:
    ledger: str
    said: frozenset[str]
    in_columns: frozenset[str]
    values: tuple[tuple[str, re.Pattern[str]], ...]
    is_pages: bool

    @staticmethod
    def of(entry: Mapping[str, Any]) -> _Kind:
        values = tuple((v["header"], re.compile(v["pattern"])) for v in entry["values"])
        return _Kind(entry["ledger"], frozenset(entry["said"]), frozenset(entry["in_columns"]), values, entry.get("account_pages", False))


def joined_records(sheet: RawSheet, blocks: Sequence[Block], words: Mapping[str, Any], fields: Fields) -> Iterator[Joined]:
    """The tables of a sheet, with those joined that are records of one ledger. `words`: those of the catalog."""
    kinds = [_Kind.of(e) for e in words["printed_records"]["stacked"]]
    owners = {squeeze(label) for label in words["layout"]["organisation_labels"]}
    for _, run in groupby(blocks, key=lambda b: b.headers):
        tables = list(run)
        named = _named(tables[0].headers)
        kind = next((k for k in kinds if k.in_columns <= (held := _fields(named, k.ledger, fields)) and not k.said & held), None)
        told = [_said(sheet, b, kind, fields) for b in tables] if kind and tables[0].header_rows else []
        if kind is None or not told or not all(kind.said & _fields(s, kind.ledger, fields) for s in told):
            yield from (Joined(sheet, b) for b in tables)
            continue
        around = [tuple(v for k, v, _ in read_head(sheet, b).pairs if k in owners) for b in tables]
        for _, same in groupby(range(len(tables)), key=around.__getitem__):
            chosen = list(same)
            one = _as_one(sheet, [tables[i] for i in chosen], [told[i] for i in chosen])
            yield replace(one, origin=sheet, apart=tuple(tables[i] for i in chosen)) if kind.is_pages else one


def _named(headers: Sequence[str]) -> list[str]:
    return [part for h in headers if h for part in (h.replace(PATH, ""), *h.split(PATH))]


def _fields(headers: Sequence[str] | Said, ledger: str, fields: Fields) -> frozenset[str]:
    """The fields of a ledger that these headers name, 凭证 › 号 among them by its upper part."""
    return frozenset(name for h in headers for name in fields.get(header_key(h), {}).get(ledger, {}))


def _said(sheet: RawSheet, block: Block, kind: _Kind, fields: Fields) -> Said:
    """Header and value of what stands above and below a table: with a label that the ledger knows, or of a form that says what it is."""
    head = read_head(sheet, replace(block, preamble=(*block.preamble, *block.footers)))
    found: Said = {}
    labelled: set[str] = set()
    for (label, value, _), place in zip(head.pairs, head.pair_places, strict=True):
        if kind.ledger in fields.get(header_key(label), {}):
            found.setdefault(label, (value, place))
            labelled.add(value)
    beside = read_head(sheet, replace(block, preamble=tuple(r for r, _ in block.totals)))  # 合计 | 附件 2 张
    placed = zip((*head.texts, *beside.texts), (*head.text_places, *beside.text_places), strict=True)
    for text, place in ((t, p) for t, p in placed if t not in labelled):
        for header, pattern in kind.values:
            if match := pattern.match(squeeze(text)):
                found.setdefault(header, (match[1], place))
    return found


def _as_one(sheet: RawSheet, tables: Sequence[Block], told: Sequence[Said]) -> Joined:
    first = tables[0]
    added = list(dict.fromkeys(h for said in told for h in said))
    rows, width = list(sheet.rows), len(first.headers)
    origins: dict[Cell, Cell | None] = {}
    for block, said in zip(tables, told, strict=True):
        more, places = zip(*(said.get(h, ("", None)) for h in added), strict=True)
        for r in block.data:
            origins.update({(r, width + k): place for k, place in enumerate(places)})
            rows[r] = [*rows[r][:width], *[""] * (width - len(rows[r])), *more]
    together: dict[str, Any] = {
        name: tuple(sorted(r for b in tables for r in getattr(b, name)))
        for name in ("data", "totals", "groups", "footers", "skipped", "labelled")
    }
    whole = replace(first, headers=(*first.headers, *added), **together)
    return Joined(replace(sheet, rows=rows, origins=origins), whole, count=len(tables))


def is_whole(vouchers: Sequence[tuple[str, str]], debits: Sequence[int | None], credits: Sequence[int | None]) -> bool:
    """Whether nearly all vouchers (day and number) balance on these lines, so that no page of the books is missing."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for voucher, debit, credit in zip(vouchers, debits, credits, strict=True):
        sums[voucher] += (debit or 0) - (credit or 0)
    return sum(not s for s in sums.values()) >= MOST_BALANCE * len(sums) > 0
