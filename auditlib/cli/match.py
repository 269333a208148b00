"""`auditlib match LEFT RIGHT --amount L=R --date L=R`: two lists of movements that share no key.

Exit status: 0 every line was matched, 1 one-sided or ambiguous lines, 2 a wrong call or a file that cannot be read.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from ..catalog.specs import Catalog
from ..matching.compare import Note, Table, column_labels, find_column
from ..matching.movements import Movement, MovementMatches, Pair, match_movements
from ..matching.suggestions import Suggestion, suggest
from ..matching.why_not import WhyNot, why_not
from ..words.errors import AuditlibError
from ..words.messages import say
from .compare import aligned, read_table, refuse, said, shown
from .console import LangOption
from .packs import CountyOption, PackOption, catalog_asked

_LARGEST = 10**15  # 元; beyond this an amount is a number of some other kind
_ROWS_NAMED = 20
_WINDOW = "match_window_days"  # the parameter


@dataclass(frozen=True, slots=True)
class _Columns:
    """Positions of the columns of one side; `text` is None when none was named."""

    amount: int
    date: int
    text: int | None


@dataclass(frozen=True, slots=True)
class _Lines:
    """The movements of one file, and the rows that are none."""

    movements: tuple[Movement, ...]
    set_aside: tuple[int, ...]  # no amount, or zero
    unreadable: tuple[int, ...]
    notes: tuple[Note, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Hints:
    """What the command says beside the matches: what might belong together, and why lines were not matched."""

    suggestions: tuple[Suggestion, ...]
    reasons: tuple[WhyNot, ...]


def match(
    left: Annotated[Path, typer.Argument(help="左表 / one list (csv, xlsx, xls)")],
    right: Annotated[Path, typer.Argument(help="右表 / the other list")],
    amount: Annotated[str, typer.Option("--amount", help="金额列：左=右 / amount columns, L=R")] = "",
    date: Annotated[str, typer.Option("--date", help="日期列：左=右 / date columns, L=R")] = "",
    text: Annotated[str, typer.Option("--text", help="摘要或对方列：左=右，可不写 / text columns, L=R")] = "",
    window: Annotated[
        int | None, typer.Option("--window", help="日期最多相差几天；不写用县里的 match_window_days / days apart, else the county's")
    ] = None,
    county: CountyOption = None,
    pack: PackOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
    lang: LangOption = "zh",
) -> None:
    """两份没有共同编号的流水逐笔配对。/ Match two lists of movements that share no key.

    --json: {pairs[]: left [rows], right [rows], how, difference (元), certain; left_only, right_only,
    ambiguous[]: left, right, solutions; suggestions[]: left, right, how, solutions; why_not[]: side, row, nearest,
    stopped_by, off; set_aside; notes}. Rows are numbered as the files show them. With a county its words and its window hold.
    """
    language = lang
    if window is not None and window < 0:
        refuse(say("match.error.window", language, given=window))
    catalog = catalog_asked(county, pack, language)
    apart = window if window is not None else _usual_window(county, catalog, language)
    tables = [read_table(path, language) for path in (left, right)]
    options = {"--amount": amount, "--date": date, "--text": text}
    chosen = _columns(options, [table for table, _ in tables], language)
    sides = [_lines(tables[i][0], chosen[i], side, catalog, language) for i, side in enumerate(("left", "right"))]
    movements = (sides[0].movements, sides[1].movements)
    silent = catalog.words["matching"]["silent_texts"]
    result = match_movements(*movements, window_days=apart, silent_texts=silent)
    hints = Hints(suggest(result, *movements, apart), why_not(result, *movements, apart))
    notes = [f"{path.name}: {note}" for path, (_, found) in zip((left, right), tables, strict=True) for note in found]
    notes += said([*sides[0].notes, *sides[1].notes, *result.notes], language)
    if as_json:
        typer.echo(json.dumps(as_document(result, hints, sides[0], sides[1], notes), ensure_ascii=False, indent=1))
    else:
        typer.echo("\n".join(render(result, hints, sides[0], sides[1], notes, language)))
    one_sided = result.left_only or result.right_only or result.ambiguous or sides[0].unreadable or sides[1].unreadable
    raise typer.Exit(1 if one_sided else 0)


def _usual_window(county: Path | None, catalog: Catalog, language: str) -> int:
    """Days that lines may be apart: `match_window_days` of the county's audit.toml, else of the packs, else as shipped."""
    from ..catalog.settings import load_settings

    if county is None:
        return int(catalog.parameters[_WINDOW].default)
    try:
        return int(load_settings(county, catalog, today=dt.date.today()).parameters[_WINDOW])
    except AuditlibError as error:
        refuse(str(error))


def as_document(result: MovementMatches, hints: Hints, left: _Lines, right: _Lines, notes: Sequence[str]) -> dict[str, Any]:
    """The JSON of contract section 5; differences in 元; rows whose amount or date cannot be read are one-sided."""
    return {
        "pairs": [
            {"left": list(p.left), "right": list(p.right), "how": p.how, "difference": _yuan(p.difference), "certain": p.certain}
            for p in result.pairs
        ],
        "left_only": sorted((*result.left_only, *left.unreadable)),
        "right_only": sorted((*result.right_only, *right.unreadable)),
        "ambiguous": [{"left": list(a.left), "right": list(a.right), "solutions": a.solutions} for a in result.ambiguous],
        "suggestions": [
            {"left": list(s.left), "right": list(s.right), "how": s.how, "solutions": s.solutions} for s in hints.suggestions
        ],
        "why_not": [
            {"side": w.side, "row": w.row, "nearest": w.nearest, "stopped_by": w.stopped_by,
             "off": _yuan(w.off) if w.stopped_by == "amount" else w.off}
            for w in hints.reasons
        ],
        "set_aside": {"left": list(left.set_aside), "right": list(right.set_aside)},
        "notes": list(notes),
    }


def render(result: MovementMatches, hints: Hints, left: _Lines, right: _Lines, notes: Sequence[str], language: str) -> Iterator[str]:
    """The result for people, line by line; what needs a look comes first, then the pairs."""
    by_row = tuple({m.row: m for m in side.movements} for side in (left, right))
    only = [sorted((*rows, *side.unreadable)) for rows, side in ((result.left_only, left), (result.right_only, right))]
    yield say("match.summary", language, left=left.rows, right=right.rows, pairs=len(result.pairs))
    if not (only[0] or only[1] or result.ambiguous):
        yield say("match.all", language)
    doubtful = sum(not pair.certain for pair in result.pairs)
    if doubtful:
        yield say("match.uncertain", language, count=doubtful)
    reasons = {(w.side, w.row): w for w in hints.reasons}
    for name, rows, movements in (("left", only[0], by_row[0]), ("right", only[1], by_row[1])):
        heads = _heads(language, name, "date", "amount", "text", "why_not")
        lines = [heads, *((*_shown_line(row, movements), _reason(reasons.get((name, row)), language)) for row in rows)]
        yield from _section(say(f"match.{name}_only", language, count=len(rows)), lines)
    yield from _section(say("match.ambiguous", language, count=len(result.ambiguous)), _ambiguous(result, by_row, language))
    yield from _section(say("match.suggestions", language, count=len(hints.suggestions)), _suggestions(hints.suggestions, language))
    yield from _section(say("match.pairs", language), _pairs(result, by_row, language))
    if notes:
        yield from ("", say("match.notes", language), *(f"  {shown(note)}" for note in notes))


def _reason(why: WhyNot | None, language: str) -> str:
    """The nearest candidate of a one-sided line and what stopped it; nothing for a line that could not be read."""
    if why is None:
        return ""
    off = _yuan_text(abs(why.off)) if why.stopped_by == "amount" else why.off
    return say(f"match.why_not.{why.stopped_by}", language, row=why.nearest or "", off=off)


def _suggestions(suggestions: Sequence[Suggestion], language: str) -> list[tuple[str, ...]]:
    rows = [_heads(language, "left", "right", "how", "solutions")]
    for s in suggestions:
        how = say(f"match.how.{s.how}", language)
        rows.append((", ".join(map(str, s.left)), ", ".join(map(str, s.right)), how, str(s.solutions)))
    return rows


def _section(title: str, rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A title and a table; nothing when the table is a head only."""
    if len(rows) > 1:
        yield from ("", title, *(f"  {line}" for line in aligned(rows)))


def _heads(language: str, *names: str) -> tuple[str, ...]:
    return tuple(say(f"match.head.{name}", language) for name in names)


def _shown_line(row: int, movements: Mapping[int, Movement]) -> tuple[str, ...]:
    m = movements.get(row)
    return (str(row), m.date.isoformat(), _yuan_text(m.amount), shown(m.text)) if m else (str(row), "?", "?", "")


def _ambiguous(result: MovementMatches, by_row: tuple[dict[int, Movement], ...], language: str) -> list[tuple[str, ...]]:
    rows = [_heads(language, "group", "side", "row", "date", "amount", "text")]
    for number, case in enumerate(result.ambiguous, 1):
        for side, found, movements in (("left", case.left, by_row[0]), ("right", case.right, by_row[1])):
            rows += [(str(number), say(f"match.side.{side}", language), *_shown_line(row, movements)) for row in found]
    return rows


def _pairs(result: MovementMatches, by_row: tuple[dict[int, Movement], ...], language: str) -> list[tuple[str, ...]]:
    rows = [_heads(language, "left", "right", "date", "amount", "how", "certain")]
    for pair in result.pairs:
        lines = [by_row[0][row] for row in pair.left]
        rows.append((
            ", ".join(map(str, pair.left)), ", ".join(map(str, pair.right)), lines[0].date.isoformat(),
            _yuan_text(sum(m.amount for m in lines)), _how(pair, language),
            say("match.certain.yes" if pair.certain else "match.certain.no", language),
        ))  # fmt: skip
    return rows


def _how(pair: Pair, language: str) -> str:
    if pair.how.startswith("sum of "):
        return say("match.how.sum", language, count=pair.how.removeprefix("sum of "))
    return say(f"match.how.{pair.how}", language)


def _yuan(fen: int) -> int | float:
    """元 as a JSON number: whole where it is whole."""
    return fen // 100 if fen % 100 == 0 else fen / 100


def _yuan_text(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


# ---- from a table to movements ------------------------------------------------------------------------------


def _columns(options: Mapping[str, str], tables: Sequence[Table], language: str) -> tuple[_Columns, _Columns]:
    labels = [column_labels(table.headers) for table in tables]
    names = {"left": "、".join(map(shown, labels[0])), "right": "、".join(map(shown, labels[1]))}
    found: dict[str, tuple[int, int] | None] = {}
    for option, given in options.items():
        found[option] = _column_pair(given, labels)
        if not given.strip() and option != "--text":
            refuse(say("match.error.missing", language, option=option, **names))
        if given.strip() and found[option] is None:
            refuse(say("match.error.pair", language, option=option, given=shown(given), **names))
    amount, date, text = found["--amount"], found["--date"], found["--text"]
    assert amount is not None and date is not None
    return tuple(_Columns(amount[i], date[i], text[i] if text else None) for i in (0, 1))  # type: ignore[return-value]


def _column_pair(given: str, labels: Sequence[Sequence[str]]) -> tuple[int, int] | None:
    """Columns of L=R, wherever the '=' that makes two headers of it stands; of one name for both sides alike."""
    cuts = [(given[: m.start()], given[m.end() :]) for m in re.finditer("=", given)] or [(given, given)]
    for names in cuts:
        places = [find_column(side, name) for side, name in zip(labels, names, strict=True)]
        if places[0] is not None and places[1] is not None:
            return places[0], places[1]
    return None


def _lines(table: Table, columns: _Columns, side: str, catalog: Catalog, language: str) -> _Lines:
    """The movements of one side; total rows and the like have no date and so come out as unreadable, not as movements."""
    from ..intake.values import BLANK, parse_date, parse_number

    words = catalog.words["values"]
    year = _usual_year([_cell(row, columns.date) for row in table.rows])
    movements, aside, unreadable, rounded = [], [], [], []
    for row, number in zip(table.rows, table.row_numbers, strict=True):
        value, status = parse_number(_cell(row, columns.amount), words)
        date = parse_date(_cell(row, columns.date), year, words)[0]
        if status == BLANK or value == 0:
            aside.append(number)
        elif value is None or date is None or abs(value) > _LARGEST:
            unreadable.append(number)
        else:
            fen = int((value * 100).quantize(Decimal(1), ROUND_HALF_UP))
            rounded += [number] if fen != value * 100 else []
            movements.append(Movement(number, fen, date, "" if columns.text is None else _cell(row, columns.text).strip()))
    found = (("match.note.set_aside", aside), ("match.note.unreadable", unreadable), ("match.note.rounded", rounded))
    label = say(f"match.side.{side}", language)
    notes = tuple(Note(code, (("side", label), ("rows", _named(rows)))) for code, rows in found if rows)
    return _Lines(tuple(movements), tuple(aside), tuple(unreadable), notes, len(table.rows))


def _cell(row: Sequence[str], position: int) -> str:
    return row[position] if position < len(row) else ""


def _usual_year(dates: Sequence[str]) -> int:
    """The year that stands most often among the dates, for those that give month and day only."""
    years = Counter(m[0] for text in dates if (m := re.match(r"\s*((?:19|20)\d\d)", text)))
    return int(min(years, key=lambda y: (-years[y], y))) if years else 2000


def _named(rows: Sequence[int]) -> str:
    return ", ".join(map(str, rows[:_ROWS_NAMED])) + (f" … ({len(rows)})" if len(rows) > _ROWS_NAMED else "")
