"""Cells become typed values, each with a status; nothing is guessed in silence.

Whole columns are converted at once: a column of one native type takes a vector path, anything else is
parsed once for every distinct text.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any

from ..catalog.specs import FieldSpec
from ..words.identifiers import citizen_id_is_valid, credit_code_is_valid
from ..words.numerals import NUMERALS, chinese_integer
from .choices import meant
from .square_metres import IN_MU, in_mu, rounding

if TYPE_CHECKING:
    import pyarrow as pa

STATUSES = ("ok", "converted", "blank", "failed", "ambiguous", "absent", "check_digit", "month", "open_ended")
OK, CONVERTED, BLANK, FAILED, AMBIGUOUS, ABSENT, CHECK_DIGIT, MONTH, OPEN_ENDED = range(len(STATUSES))
Parsed = tuple[Any, int]  # value or None, status
_EXACT_FLOAT = 2**53
MOST_REMEMBERED = 100_000  # texts kept for one way of reading
LONGEST_VALUE = 120  # characters; a longer text is no number and no date, whatever it holds


@dataclass(slots=True)
class Remembered:
    """What texts that are read alike were parsed as: offices write the same days, codes and names over and over."""

    values: dict[str, Any] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)  # texts whose value is anything but the text itself
    remarked: set[str] = field(default_factory=set)  # texts whose status is anything but OK

    def learn(self, distinct: set[str], parse: Callable[[Sequence[str]], Iterable[Parsed]]) -> None:
        """Parses the texts that have not been met before."""
        new = list(distinct.difference(self.values))
        if len(new) + len(self.values) > MOST_REMEMBERED:
            for known in (self.values, self.statuses, self.changed, self.remarked):
                known.clear()
            new = list(distinct)
        for text, (value, status) in zip(new, parse(new) if new else (), strict=True):
            self.values[text], self.statuses[text] = value, status
            if value != text:
                self.changed.add(text)
            if status != OK:
                self.remarked.add(text)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reading of one column depends on besides its cells."""

    spec: FieldSpec
    factor: Decimal  # what 1 in the cell is in 元 or 亩
    year: int  # year for dates that give none
    month: int  # last month such dates can fall in; a later month means the year before
    words: Mapping[str, Any]  # expectations/words
    account_names: Mapping[str, str]  # name of an account -> code, for columns that give names only
    known: Remembered = field(default_factory=Remembered, compare=False)  # texts that readings alike have parsed before


@dataclass(frozen=True, slots=True)
class Typed:
    values: pa.Array
    status: pa.Array  # int8 indices into STATUSES


def fold(text: str) -> str:
    """Width folded (NFKC), outer blanks off: 　１２３， -> 123,"""
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFKC", text).strip()


def squeeze(text: str) -> str:
    """`fold` and all inner white space taken out."""
    return "".join(fold(text).split())


@lru_cache(maxsize=1 << 15)
def simplified(text: str) -> str:
    """Traditional forms as simplified ones (臺帳 -> 台账), for looking words up; what is kept and shown stays as it was written."""
    return text if text.isascii() else _converter()(text).replace("帐", "账")


@cache
def _converter() -> Callable[[str], str]:
    from opencc import OpenCC

    return OpenCC("t2s").convert  # type: ignore[no-any-return]


def raw_text(cell: Any) -> str:
    """A cell as the spreadsheet shows it: 3.0 -> '3', a date -> '2025-03-05'."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    return "" if cell is None else str(cell)


def convert(reading: Reading, cells: Sequence[Any]) -> Typed:
    """A column of native cells as the Arrow array and statuses of its field's type (see catalog.specs)."""
    column = _converted(reading, cells)
    return _shares(column, 10**reading.spec.scale) if reading.spec.type == "ratio" else column


def _shares(column: Typed, one: int) -> Typed:
    """Shares of which some are more than the whole were written in per cent: 残值率 5 is 5 %."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if (pc.max(column.values).as_py() or 0) <= one:
        return column
    said = pc.fill_null(pc.greater_equal(column.values, one), False)
    values = pc.if_else(said, pc.divide(column.values, 100), column.values)
    return Typed(values, pc.if_else(said, pa.scalar(CONVERTED, pa.int8()), column.status))


def _converted(reading: Reading, cells: Sequence[Any]) -> Typed:
    import pyarrow as pa

    if cells and cells[0].__class__ is str and cells.count(cells[0]) == len(cells):
        return _one_text(reading, cells[:1], len(cells))
    kinds = set(map(type, cells))
    if float in kinds and (reading.spec.scale or reading.spec.type in ("integer", "year")):
        return _numbers(reading, cells)
    if kinds == {dt.date} and reading.spec.type == "date":
        return Typed(pa.array(cells, pa.date32()), all_of_status(OK, len(cells)))
    if kinds == {str}:
        return _texts(reading, cells)
    if str in kinds and not set(reading.words["values"]["ditto"]).isdisjoint(c for c in cells if c.__class__ is str):
        return _with_dittos(reading, cells)
    parse = _parser(reading)
    known = {token: parse(cell) for token, cell in {(type(c), c): c for c in cells}.items()}
    return _typed(reading.spec, [known[type(c), c] for c in cells])


def _with_dittos(reading: Reading, cells: Sequence[Any]) -> Typed:
    """同上 and 〃 stand for the cell above; the first row has none and stays as it is, unreadable."""
    import pyarrow as pa

    marks = set(reading.words["values"]["ditto"])
    filled, repeated = list(cells), [False] * len(cells)
    for i in range(1, len(filled)):
        if isinstance(filled[i], str) and filled[i].strip() in marks:
            filled[i], repeated[i] = filled[i - 1], True
    if isinstance(filled[0], str) and filled[0].strip() in marks:
        filled[0] = "#REF!"
    column = convert(reading, filled)
    status = [CONVERTED if r and s == OK else s for s, r in zip(column.status.to_pylist(), repeated, strict=True)]
    return Typed(column.values, pa.array(status, pa.int8()))


def _typed(spec: FieldSpec, parsed: Sequence[Parsed]) -> Typed:
    import pyarrow as pa

    return Typed(pa.array([p[0] for p in parsed], arrow_type(spec)), pa.array([p[1] for p in parsed], pa.int8()))


def arrow_type(spec: FieldSpec) -> pa.DataType:
    """The Arrow type of a field's column."""
    import pyarrow as pa

    if spec.scale or spec.type in ("integer", "year"):
        return pa.int64()
    return {"date": pa.date32(), "boolean": pa.bool_()}.get(spec.type, pa.string())


@lru_cache(maxsize=256)
def all_of_status(status: int, n: int) -> pa.Array:
    """The statuses of a column of `n` cells that are all alike; most columns are."""
    import pyarrow as pa

    return pa.repeat(pa.scalar(status, pa.int8()), n)


def _numbers(reading: Reading, cells: Sequence[Any]) -> Typed:
    """A column that holds floats: these and the empty cells at once, the others one by one."""
    import numpy as np
    import pyarrow as pa

    nan, n = float("nan"), len(cells)
    floats = np.array([c if c.__class__ is float else nan for c in cells], np.float64)
    scaled = floats * float(reading.factor * 10**reading.spec.scale)
    near = np.rint(scaled)
    # Excel's float noise is far below a fen; anything that is not must be rounded as money is, half up
    with np.errstate(invalid="ignore"):
        exact = (np.abs(scaled - near) <= 1e-4) & (np.abs(scaled) < _EXACT_FLOAT)
        if _is_in_square_metres(reading, reading.factor):
            exact &= floats == np.rint(floats)
    others = np.flatnonzero(~exact)
    values = np.where(exact, near, 0).astype(np.int64)
    if not len(others):
        return Typed(pa.array(values), all_of_status(OK, n))
    status = np.where(exact, OK, BLANK).astype(np.int8)
    if cells.count("") == len(others):
        return Typed(pa.array(values, mask=~exact), pa.array(status))
    missing = np.zeros(n, bool)
    parse = _parser(reading)
    known: dict[Any, Parsed] = {"": (None, BLANK)}
    for i in others.tolist():
        cell = cells[i]
        token = cell if cell.__class__ is str else (type(cell), cell)
        if token not in known:
            known[token] = parse(cell)
        value, status[i] = known[token]
        missing[i] = value is None
        values[i] = value or 0
    if not set(reading.words["values"]["ditto"]).isdisjoint(t for t in known if t.__class__ is str):
        return _with_dittos(reading, cells)
    return Typed(pa.array(values, mask=missing), pa.array(status))


_PLAIN_TEXT = r"^[0-9A-Za-z_\x{4e00}-\x{9fa5}]([0-9A-Za-z_.\-\x{4e00}-\x{9fa5}]*[0-9A-Za-z_\x{4e00}-\x{9fa5}])?$"
_PLAIN_TYPES = frozenset(("text", "code", "person"))


def _texts(reading: Reading, cells: Sequence[str]) -> Typed:
    """A column of texts: each distinct one is parsed once in all sheets that are read alike, and plain ones stand as they are."""
    import pyarrow as pa

    distinct, known = set(cells), reading.known
    if not distinct.isdisjoint(reading.words["values"]["ditto"]):
        return _with_dittos(reading, cells)
    known.learn(distinct, partial(_parsed_texts, reading))
    stored = cells if known.changed.isdisjoint(distinct) else list(map(known.values.__getitem__, cells))
    if known.remarked.isdisjoint(distinct):
        status = all_of_status(OK, len(cells))
    else:
        status = pa.array(list(map(known.statuses.__getitem__, cells)), pa.int8())
    return Typed(pa.array(stored, arrow_type(reading.spec)), status)


def _parsed_texts(reading: Reading, texts: Sequence[str]) -> list[Parsed]:
    parse = _parser(reading)
    if reading.spec.type not in _PLAIN_TYPES:
        return list(map(parse, texts))
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = pc.match_substring_regex(pa.array(texts, pa.string()), _PLAIN_TEXT).to_pylist()
    nil = set(reading.words["values"]["nil"])
    return [(t, OK) if p and t not in nil else parse(t) for t, p in zip(texts, plain, strict=True)]


def _one_text(reading: Reading, cell: Sequence[str], n: int) -> Typed:
    """A column of one text throughout, such as the year or the organisation."""
    import pyarrow as pa

    one = _texts(reading, cell)
    return Typed(pa.repeat(one.values[0], n), all_of_status(one.status[0].as_py(), n))


def _parser(reading: Reading) -> Callable[[Any], Parsed]:
    spec = reading.spec
    if spec.scale:
        return lambda cell: _scaled(reading, cell)
    return {
        "date": lambda c: parse_date(c, reading.year, reading.words["values"], reading.month),
        "integer": lambda c: _integer(reading, c),
        "year": lambda c: _year(reading, c),
        "boolean": lambda c: _boolean(reading, c),
        "choice": lambda c: _choice(reading, c),
        "period": lambda c: parse_period(c, reading.year),
        "account_code": lambda c: _account_code(reading, c),
        "account_no": lambda c: _digits(reading, c),
        "citizen_id": lambda c: _citizen(reading, c),
        "credit_code": lambda c: _credit(reading, c),
        "party_id": lambda c: _party(reading, c),
        "code": lambda c: _code(reading, c),
        "person": lambda c: _person(reading, c),
    }.get(spec.type, lambda c: _text(reading, c))


# ---- numbers -----------------------------------------------------------------------------------------------

_PLAIN = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?|[+-]?\.\d+")


@cache
def _marks(marks: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(fold(m)) for m in sorted(marks, key=len, reverse=True)))


@cache
def _negative(marks: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"^\((.+)\)$|^(?:{'|'.join(re.escape(fold(m)) for m in marks)})(.+)$|^(.+)-$")


@cache
def _counted(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<=[\d一二三四五六七八九十])(?:{'|'.join(map(re.escape, words))})$")


def parse_number(text: str, words: Mapping[str, Any]) -> tuple[Decimal | None, int]:
    """A number as offices write it: 1,234.50 ￥1234.5元整 (1,234.50) △50 3.5万 壹万贰仟元整 12%.

    Comes out with BLANK for the marks of nothing, FAILED for what is no number (约500, 300-500, #REF!).
    """
    if len(text) > LONGEST_VALUE:
        return None, FAILED
    given = squeeze(text)
    if not given or given in words["nil"] or not given.strip("-—_/"):
        return None, BLANK
    bare = _marks(tuple(words["currency_marks"])).sub("", given)
    if not bare.strip("-—_/"):  # ￥- and the 元 of a blank that nobody filled in
        return None, BLANK
    status = OK if _PLAIN.fullmatch(given) and "," not in given else CONVERTED
    negative = _negative(tuple(words["negative_marks"])).match(bare)
    if negative and (inner := next(g for g in negative.groups() if g)) and inner[0] not in "+-":
        value = _magnitude(inner, words["scale_words"])
        return (-value, CONVERTED) if value is not None else (None, FAILED)
    value = _magnitude(bare, words["scale_words"])
    return (value, status) if value is not None else (None, FAILED)


def _magnitude(text: str, scales: Mapping[str, str]) -> Decimal | None:
    noted = re.fullmatch(r"([^()]*\d[^()]*)\([^()\d]*\)", text)  # a remark in brackets behind the number
    text = noted[1] if noted else text
    if _PLAIN.fullmatch(text):
        return Decimal(text.replace(",", ""))
    if text.endswith("%") and _PLAIN.fullmatch(text[:-1]):
        return Decimal(text[:-1].replace(",", "")) / 100
    if (scale := scales.get(simplified(text[-1:]))) and _PLAIN.fullmatch(text[:-1]):
        return Decimal(text[:-1].replace(",", "")) * Decimal(scale)
    if text and all(c in NUMERALS or c in "角分厘点" for c in text):
        return _capital(text)
    if re.fullmatch(r"[+-]?\d+(\.\d+)?[eE][+-]?\d+", text):
        return Decimal(text)
    return None


def _capital(text: str) -> Decimal | None:
    """壹万贰仟叁佰伍角 once 元 and 整 are off is not unambiguous, so 角 and 分 are read from the end."""
    cents = 0
    tail = re.fullmatch(r"(.*?)(?:(.)角)?(?:(.)分)?", text)
    if tail is None:
        return None
    for digit, worth in ((tail[2], 10), (tail[3], 1)):
        if digit:
            cents += (chinese_integer(digit) or 0) * worth
    whole = chinese_integer(tail[1]) if tail[1] else 0
    return None if whole is None else Decimal(whole) + Decimal(cents) / 100


def _scaled(reading: Reading, cell: Any) -> Parsed:
    exact, status = _exact(reading, cell)
    if exact is None:
        return None, status
    if not exact.is_finite() or abs(exact) >= 2**63 - 1:  # beyond what the engine's integers hold, and all money
        return None, FAILED
    whole = exact.quantize(Decimal(1), ROUND_HALF_UP)
    return int(whole), status if abs(whole - exact) < Decimal("0.0001") else CONVERTED


def _exact(reading: Reading, cell: Any) -> tuple[Decimal | None, int]:
    """What a cell says in the smallest unit of its column's type, before it is rounded to a whole number of them."""
    value, status = _decimal(reading, cell)
    if value is None and status != FAILED:
        return None, status
    factor, own = reading.factor, _cell_unit(reading, cell)
    if own is not None:
        (value, status), factor = own, Decimal(1)
    return (None, status) if value is None else (_of_column(reading, value, factor) * 10**reading.spec.scale, status)


def _of_column(reading: Reading, value: Decimal, factor: Decimal) -> Decimal:
    if _is_in_square_metres(reading, factor):
        return in_mu(value, reading.words["values"]["mu_in_square_metres"])
    return value * factor


def _is_in_square_metres(reading: Reading, factor: Decimal) -> bool:
    """Whether a column holds areas of which 1 is `factor` 亩, which is a ㎡."""
    return reading.spec.type == "area" and factor == IN_MU


def may_be_off(reading: Reading, cells: Iterable[Any]) -> int:
    """By how many of its smallest units a sum of the `cells` of a column may be off because each was converted and rounded by itself."""
    if not _is_in_square_metres(reading, reading.factor):
        return 0
    values = (value for value in (_decimal(reading, cell)[0] for cell in cells) if value is not None and value.is_finite())
    return int(rounding(values, reading.words["values"]["mu_in_square_metres"]) * 10**reading.spec.scale)


def _cell_unit(reading: Reading, cell: Any) -> tuple[Decimal | None, int] | None:
    """The value in 元 or 亩 of a cell that names its own unit (3.2公顷, 5万元, 3.5万, 12亩3分), which stands over that of the column."""
    kind, words = reading.spec.type, reading.words["values"]
    if kind not in ("money", "area") or not isinstance(cell, str) or len(cell) > LONGEST_VALUE:
        return None
    text = simplified(squeeze(cell))
    for unit, worth in _by_length(tuple(reading.words["units"][kind].items())):
        rest = text[: -len(unit)]
        if text.endswith(unit) and (kind == "area" or _PLAIN.fullmatch(rest)):
            value, status = parse_number(rest, words)
            return (value, status) if value is None else (_of_column(reading, value, worth), CONVERTED)
    if written := _written_out(text, tuple(words["written_out"][kind])):
        return written
    if kind == "area":
        return None
    if reading.factor != 1 and any(w in text for w in (*words["scale_words"], *_yuan(tuple(reading.words["units"]["money"].items())))):
        return parse_number(text, words)
    return None


@cache
def _by_length(units: tuple[tuple[str, str], ...]) -> tuple[tuple[str, Decimal], ...]:
    return tuple((squeeze(u), Decimal(worth)) for u, worth in sorted(units, key=lambda u: -len(u[0])))


@cache
def _yuan(units: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(u for u, worth in units if worth == "1")


def _written_out(text: str, parts: tuple[str, ...]) -> tuple[Decimal, int] | None:
    """12亩3分4厘 -> 12.34 亩 (10 分 are a 亩, 10 厘 a 分), 12元5角 -> 12.50 元."""
    found = _parts(parts).fullmatch(text)
    return (sum((Decimal(p or 0) / 10**k for k, p in enumerate(found.groups())), Decimal(0)), CONVERTED) if found else None


@cache
def _parts(parts: tuple[str, ...]) -> re.Pattern[str]:
    whole, *smaller = map(re.escape, parts)
    return re.compile(rf"(?=.)(?:(\d+(?:\.\d+)?){whole})?" + "".join(rf"(?:(\d{{1,2}}(?:\.\d+)?){p})?" for p in smaller))


def _decimal(reading: Reading, cell: Any) -> tuple[Decimal | None, int]:
    if isinstance(cell, bool):
        return None, FAILED
    if isinstance(cell, (int, float)):
        value = Decimal(repr(cell))
        return (value, OK) if value.is_finite() else (None, FAILED)
    if isinstance(cell, str):
        text = cell
        if reading.spec.type in ("integer", "number"):
            text = _counted(tuple(reading.words["values"]["count_words"])).sub("", squeeze(cell))
        value, status = parse_number(text, reading.words["values"])
        return value, CONVERTED if status == OK and text != cell and text != squeeze(cell) else status
    return (None, BLANK) if cell is None else (None, FAILED)


def _integer(reading: Reading, cell: Any) -> Parsed:
    value, status = _decimal(reading, cell)
    if value is None:
        return None, status
    return (int(value), status) if value == value.to_integral_value() and abs(value) < 2**63 else (None, FAILED)


def _year(reading: Reading, cell: Any) -> Parsed:
    if isinstance(cell, (dt.date, dt.datetime)):
        return cell.year, CONVERTED
    text = squeeze(raw_text(cell))
    if not text:
        return None, BLANK
    year = find_year(text) or (int(text) if re.fullmatch(r"\d{4}", text) else None)
    return (year, OK if text == str(year) else CONVERTED) if year else (None, FAILED)


_MONTH_OR_DAY = r"(?:[-./年]?(?:0?[1-9]|1[0-2])(?!\d)(?:月|期|[-./月]\d{1,2}日?)?|(?:0[1-9]|1[0-2])(?:[0-3]\d)?(?!\d))"
_SPAN_OF_YEAR = re.compile(rf"(?<!\d)((?:19|20)\d\d){_MONTH_OR_DAY}(?:[-~～—–]+|至|到)((?:19|20)\d\d){_MONTH_OR_DAY}")


# 填报日期：2026年1月12日 is no year of the books either; 2025年12月31日 is the day as of which the year's tables stand
_HAN = "一二三四五六七八九十"
_DAY_OF_FILING = re.compile(
    rf"[12][09]\d\d年(?!12月31日)\d{{1,2}}月\d{{1,2}}日|[一二][〇零○{_HAN}]{{3}}年[{_HAN}]{{1,2}}月[{_HAN}]{{1,3}}日"
)


def find_year(text: str) -> int | None:
    """A year named in running text: 2025年度, 二〇二五年, 2025.01-2025.12; None when there is none or more than one."""
    bare = squeeze(text[:500])
    spans = {(m[1], m[2]) for m in _SPAN_OF_YEAR.finditer(bare)}
    if len(spans) == 1 and len(set(*spans)) == 1:  # accounting software heads its tables with the periods that they cover
        return int(spans.pop()[0])
    text = re.sub(r"\d{4}[-./]\d{1,2}(?!\d)([-./]\d{1,2})?", "", bare)  # a full date names no fiscal year
    text = _DAY_OF_FILING.sub("", text)
    years = {int(y) for y in re.findall(r"(?<!\d)((?:19|20)\d{2})(?!\d)", text)}
    years |= {n for y in re.findall(r"([一二][〇零○一二三四五六七八九]{3})年", text) if (n := chinese_integer(y))}
    return years.pop() if len(years) == 1 else None


# ---- dates and periods -------------------------------------------------------------------------------------

_TIME = re.compile(r"[T ]?(?:上午|下午)?\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm]|Z|[+]\d{2}:?\d{2})?$")
_STAMP = re.compile(r"^((?:19|20)\d{6})(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?$")  # 20250115102231, as banks write day and time
_YMD = re.compile(r"(\d{4}|\d{2})[-./年](\d{1,2})[-./月](\d{1,2})[日号]?")
_YM = re.compile(r"(\d{4})[-./年](\d{1,2})月?")
_M = re.compile(r"(\d{1,2})月份?")
_MD = re.compile(r"(\d{1,2})[月/.-](\d{1,2})[日号]?")
_YMD_OTHERWISE = re.compile(r"(\d{4})[、,。—–](\d{1,2})[、,。—–](\d{1,2})[日号]?")
_HAN = "〇零○一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾"  # small numerals and those of cheques
_HAN_DATE = re.compile(rf"(\d{{4}}|[{_HAN}]+)年(?:(\d{{1,2}}|[{_HAN}]+)月)?(?:(\d{{1,2}}|[{_HAN}]+)[日号])?")
_HAN_MONTH = re.compile(rf"(?:([{_HAN}]+)年)?([{_HAN}]+)月份?")
_ENGLISH = re.compile(r"(?:(\d{1,2})-)?([A-Za-z]{3})-(\d{4}|\d{2})")  # 5-Mar-24, Mar-24: what an English Excel writes into a text file
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NO_DAY = re.compile(r"0(\.0+)?|1900[-./年]0?1[-./月]0?0日?|0000[-./]00[-./]00")  # how a blank cell comes out as a date
_SERIALS = (15_000, 80_000)  # Excel day numbers from 1941 to 2119


def parse_date(cell: Any, year: int, words: Mapping[str, Any], month: int = 12) -> Parsed:
    """A date in any of the forms offices use; `year` (and `month`, the last one covered) stand in
    where a bank line gives month and day only.

    MONTH marks a date known to the month (its first day comes out); OPEN_ENDED is 长期; an impossible or
    doubtful date is FAILED or AMBIGUOUS and no date comes out.
    """
    if isinstance(cell, dt.datetime):
        return cell.date(), OK
    if isinstance(cell, dt.date):
        return cell, OK
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _numeric_date(cell)
    text = fold(cell[: LONGEST_VALUE + 1]) if isinstance(cell, str) else ""
    if not text or squeeze(text) in words["nil"]:
        return None, BLANK
    if squeeze(text) in words["open_ended"]:
        return None, OPEN_ENDED
    return _text_date(_STAMP.sub(r"\1", _TIME.sub("", text)).replace(" ", "").strip().strip("'"), year, month)


def may_be_day(number: float) -> bool:
    """Whether a number can be read as a day or a month: a serial of Excel, 20240305, 201005, 2024.3."""
    return _SERIALS[0] <= number <= _SERIALS[1] or 1900 <= number < 2100 or 190000 <= number < 21000000


def _numeric_date(number: float) -> Parsed:
    if number == 0:  # no day: what a formula or an export makes of a blank cell
        return None, BLANK
    text = _STAMP.sub(r"\1", raw_text(float(number)))
    if re.fullmatch(r"(19|20)\d{6}", text):
        return _real(int(text[:4]), int(text[4:6]), int(text[6:]), CONVERTED)
    if re.fullmatch(r"(19|20)\d{2}(0[1-9]|1[0-2])", text):  # 购建年月 201005
        return _real(int(text[:4]), int(text[4:]), 1, MONTH)
    if _SERIALS[0] <= number <= _SERIALS[1]:
        return dt.date(1899, 12, 30) + dt.timedelta(days=int(number)), CONVERTED
    if re.fullmatch(r"(19|20)\d{2}", text):
        return None, AMBIGUOUS
    month = re.fullmatch(r"((?:19|20)\d{2})\.(\d{1,2})", text)
    if month:  # 2024.3 is March; 2024.1 may be January or October that lost its nought
        return (None, AMBIGUOUS) if month[2] == "1" else _real(int(month[1]), int(month[2]), 1, MONTH)
    return None, FAILED


def _text_date(text: str, year: int, last_month: int) -> Parsed:
    if _NO_DAY.fullmatch(text):
        return None, BLANK
    if m := _YMD.fullmatch(text):
        short = len(m[1]) == 2
        return _real(_century(int(m[1]), year) if short else int(m[1]), int(m[2]), int(m[3]), CONVERTED if short else OK)
    if m := re.fullmatch(r"((?:19|20)\d{2})(\d{2})(\d{2})", text):
        return _real(int(m[1]), int(m[2]), int(m[3]), CONVERTED)
    if m := _YM.fullmatch(text) or re.fullmatch(r"((?:19|20)\d{2})(0[1-9]|1[0-2])", text):
        return _real(int(m[1]), int(m[2]), 1, MONTH)
    if m := _MD.fullmatch(text):
        return _real(year - (int(m[1]) > last_month), int(m[1]), int(m[2]), CONVERTED)
    if m := _M.fullmatch(text):
        return _real(year - (int(m[1]) > last_month), int(m[1]), 1, MONTH)
    if m := _HAN_DATE.fullmatch(text):
        parts = [_small(g) for g in m.groups(default="")]
        if m[2] or not m[1].isdecimal():
            return _real(parts[0] or 0, parts[1] or 1, parts[2] or 1, CONVERTED if parts[2] else MONTH)
    if m := _YMD_OTHERWISE.fullmatch(text):
        return _real(int(m[1]), int(m[2]), int(m[3]), CONVERTED)
    if (m := _ENGLISH.fullmatch(text)) and m[2].lower() in _MONTHS:
        named = int(m[3]) if len(m[3]) == 4 else _century(int(m[3]), year)
        return _real(named, _MONTHS.index(m[2].lower()) + 1, int(m[1] or 1), CONVERTED if m[1] else MONTH)
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        return _numeric_date(float(text))
    if _NO_DAY.fullmatch(text):
        return None, BLANK
    if re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}|(19|20)\d{2}年?", text):  # day or month first; a year without a day
        return None, AMBIGUOUS
    return None, FAILED


def _small(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() else chinese_integer(text)


def _century(short: int, year: int) -> int:
    return 2000 + short if 2000 + short <= year + 50 else 1900 + short


def _real(year: int, month: int, day: int, status: int) -> Parsed:
    try:
        return dt.date(year, month, day), status
    except ValueError:
        return None, FAILED


_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}


def parse_period(cell: Any, year: int) -> Parsed:
    """2025-01 or 2025Q1 from 2025年1月, 一季度, 2025年第1季度, 202501, 1-3月; the `year` stands in where none is given."""
    if isinstance(cell, (dt.date, dt.datetime)):
        return f"{cell.year}-{cell.month:02d}", CONVERTED
    text = squeeze(raw_text(cell)[: LONGEST_VALUE + 1])
    if not text:
        return None, BLANK
    if re.fullmatch(r"\d{4}-\d{2}|\d{4}Q[1-4]", text):
        return text, OK
    m = re.fullmatch(r"(?:(\d{4})年?度?[-.]?)?(?:第?([一二三四1-4])季度?|Q([1-4]))", text, re.I)
    if m:
        return f"{m[1] or year}Q{_QUARTERS.get(m[2] or '', m[2]) or m[3]}", CONVERTED
    if m := re.fullmatch(r"(?:(\d{4})年?度?)?([上下])半年度?", text):
        return f"{m[1] or year}H{'上下'.index(m[2]) + 1}", CONVERTED
    if m := re.fullmatch(r"(\d{4})年度?", text):
        return m[1], CONVERTED
    if (m := _HAN_MONTH.fullmatch(text)) and 1 <= (month := chinese_integer(m[2]) or 0) <= 12:  # 二〇二五年五月, 五月
        return f"{chinese_integer(m[1]) if m[1] else year}-{month:02d}", CONVERTED
    m = re.fullmatch(r"(?:(\d{4})[年.\-/]?)?(\d{1,2})月?(?:份)?", text)
    if m and 1 <= int(m[2]) <= 12 and (m[1] or "月" in text):
        return f"{m[1] or year}-{int(m[2]):02d}", CONVERTED
    m = re.fullmatch(r"(?:(\d{4})年?)?(\d{1,2})(?:月)?[-~至—](\d{1,2})月(?:份)?", text)
    if m and (int(m[2]), int(m[3])) in ((1, 3), (4, 6), (7, 9), (10, 12)):
        return f"{m[1] or year}Q{int(m[3]) // 3}", CONVERTED
    return (text, OK) if re.fullmatch(r"\d{4}(H[12])?", text) else (None, FAILED)


def find_period(text: str) -> str:
    """The month or quarter that running text names with its year: 2025年第一季度财务公开表 -> 2025Q1; '' for none or several."""
    bare = squeeze(text[:500])
    said = re.findall(r"(?:19|20)\d{2}年?度?(?:第?[一二三四1-4]季度?|\d{1,2}[-~至—]\d{1,2}月|\d{1,2}月(?!\d{1,2}日))", bare)
    found = {p for s in said if (p := parse_period(re.sub(r"(\d{4})年?度?", r"\1年", s, count=1), 0)[0])}
    return found.pop() if len(found) == 1 else ""


# ---- text --------------------------------------------------------------------------------------------------


def _is_error(reading: Reading, text: str) -> bool:
    return text in reading.words["values"]["excel_errors"]


def _text(reading: Reading, cell: Any) -> Parsed:
    text = fold(raw_text(cell))
    if _is_error(reading, text):
        return None, FAILED
    return (text, OK) if text else (None, BLANK)


def _person(reading: Reading, cell: Any) -> Parsed:
    text, status = _text(reading, cell)
    if text is None or text in reading.words["values"]["nil"]:
        return None, status if text is None else BLANK
    return ("".join(text.split()) if not text.isascii() else text), status


def _code(reading: Reading, cell: Any) -> Parsed:
    if isinstance(cell, float) and abs(cell) >= 1e15:
        return None, FAILED  # Excel keeps 15 digits: the rest is lost and must not be made up
    text = squeeze(raw_text(cell)).strip("'")
    if _is_error(reading, text):
        return None, FAILED
    return (None, BLANK) if not text or text in reading.words["values"]["nil"] else (text, OK)


def _digits(reading: Reading, cell: Any) -> Parsed:
    text, status = _code(reading, cell)
    if text is None:
        return None, status
    if re.fullmatch(r"\d(\.\d+)?E\+\d+", text, re.I):
        return None, FAILED
    bare = text.replace("-", "") if re.fullmatch(r"[\d-]+", text) else text
    return bare, status


def _account_code(reading: Reading, cell: Any) -> Parsed:
    text, status = _code(reading, cell)
    if text is None:
        return None, status
    if text.isdigit():
        return text, OK
    m = re.match(r"\d[\d.\-]*", text)
    if m:
        return re.sub(r"\D", "", m[0]), CONVERTED
    code = reading.account_names.get(simplified(re.split(r"[-—/\\:_]", text)[0]))
    return (code, CONVERTED) if code else (None, FAILED)


def _citizen(reading: Reading, cell: Any) -> Parsed:
    text, status = _digits(reading, cell)
    if text is None:
        return None, status
    text = text.upper()
    if "*" in text:
        return text, AMBIGUOUS  # masked: cannot be checked
    return text, OK if citizen_id_is_valid(text) else CHECK_DIGIT


def _credit(reading: Reading, cell: Any) -> Parsed:
    text, status = _code(reading, cell)
    if text is None:
        return None, status
    return text.upper(), OK if credit_code_is_valid(text.upper()) else CHECK_DIGIT


def _party(reading: Reading, cell: Any) -> Parsed:
    text, status = _digits(reading, cell)
    if text is None:
        return None, status
    text = text.upper()
    if citizen_id_is_valid(text) or credit_code_is_valid(text):
        return text, OK
    is_person = len(text) in (15, 17, 18) and text[:-1].isdigit() and text[0] in "12345678"
    return text, CHECK_DIGIT if is_person else AMBIGUOUS


def _boolean(reading: Reading, cell: Any) -> Parsed:
    if isinstance(cell, bool):
        return cell, OK
    text = simplified(squeeze(raw_text(cell)))
    words = reading.words["values"]
    if text in words["false"]:
        return False, OK
    if text in words["true"]:
        return True, OK
    return (None, BLANK) if not text or text in words["nil"] else (None, FAILED)


# the code of a list of choices beside its name, as software exports both: 01-自用, 2.出租, 闲置(3)
_CODED = re.compile(r"^(?:[0-9A-Za-z]{1,4}[-—.、:_]|\d{1,3}(?=[\u4e00-\u9fff]))|\([0-9A-Za-z]{1,4}\)$")


def _choice(reading: Reading, cell: Any) -> Parsed:
    text, status = _text(reading, cell)
    if text is None:
        return None, status
    bare = "".join(text.split())
    plain, named = simplified(bare), _CODED.sub("", simplified(bare))
    for canonical, spellings in reading.spec.values:
        if bare == canonical:
            return canonical, OK
        if bare in spellings or plain == canonical or plain in spellings or (named and (named == canonical or named in spellings)):
            return canonical, CONVERTED
    if bare in reading.words["values"]["nil"]:
        return None, BLANK
    around = reading.words["values"]["around_choice"]
    value = meant(named, reading.spec.values, tuple(around["before"]), tuple(around["behind"]))
    return (text, OK) if value is None else (value, CONVERTED)
