"""What expectations/ says, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..words.records import PackUse

# How a field is typed at intake, and what stands in the Parquet column of its name:
#   text, code, person, account_no, account_code, credit_code, citizen_id, party_id, period, choice -> string
#   money -> int64, fen            number, ratio -> int64, ten-thousandths
#   area -> int64, millionths of a mu: a hundredth of a square metre is 0.000015 亩 and stays exact
#   integer, year -> int64         date -> date32         boolean -> bool
FIELD_TYPES = (
    "text", "code", "person", "account_no", "account_code", "credit_code", "citizen_id", "party_id", "period",
    "choice", "money", "number", "area", "ratio", "integer", "year", "date", "boolean",
)  # fmt: skip
SEVERITIES = ("red", "orange", "yellow", "blue")  # worst first
SCALES = {"money": 2, "number": 4, "area": 6, "ratio": 4}  # decimal places kept in the integer
TEXT_TYPES = frozenset(
    ("text", "code", "person", "account_no", "account_code", "credit_code", "citizen_id", "party_id", "period", "choice")
)


@dataclass(frozen=True, slots=True)
class FieldSpec:
    name: str
    type: str
    zh: str
    en: str
    headers: tuple[str, ...]
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()  # choice: canonical value, its other spellings
    blank_is_nil: bool = False  # an empty cell means nothing posted (debit and credit columns)
    is_auxiliary: bool = False  # another way of saying what other fields say; its absence is no lack
    else_from: str = ""  # field whose cells are read instead where this one has no column

    @property
    def scale(self) -> int:
        """Decimal places held in the integer column; 0 for everything that is not a scaled number."""
        return SCALES.get(self.type, 0)

    def label(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class LedgerSpec:
    name: str
    zh: str
    en: str
    titles: tuple[str, ...]
    key: tuple[str, ...]
    fields: Mapping[str, FieldSpec]
    essential: tuple[tuple[str, ...], ...] = ()  # groups of fields of which one each makes the ledger recognisable
    derived: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # columns computed by kernels.derive
    expectations: tuple[Mapping[str, Any], ...] = ()  # Great Expectations' own vocabulary

    def label(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class SeverityBand:
    """Cases that weigh otherwise than their card says. All that is given must hold; a case without an amount meets no amount."""

    severity: str
    variants: tuple[str, ...] = ()  # kinds of breach
    ledgers: tuple[str, ...] = ()  # where the case stands
    amount_up_to: Any = None  # 元, or the name of a county parameter in 元
    amount_over: Any = None


@dataclass(frozen=True, slots=True)
class RuleCard:
    """One rule, as `auditlib rules show` prints it."""

    rule: str
    family: str  # handover | inventory | contracts | funds
    severity: str
    owner: str
    helpers: tuple[str, ...]
    ledgers: tuple[str, ...]
    parameters: tuple[str, ...]
    name: Mapping[str, str]  # zh, en
    what: Mapping[str, str]
    why: Mapping[str, str]
    reading: Mapping[str, str]
    false_alarms: Mapping[str, str]
    rectification: Mapping[str, str]
    evidence: Mapping[str, str]
    message: Mapping[str, Mapping[str, str]]  # variant ('' = the only one) -> zh, en
    basis: tuple[Mapping[str, str], ...]  # law, article, valid_from, valid_to, zh, en
    bands: tuple[SeverityBand, ...] = ()  # the first that holds gives the severity of a case, `severity` where none does
    evidence_kinds: tuple[str, ...] = ()  # what has to be there before an issue is closed, of Catalog.evidence_kinds
    act_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # ledger -> date fields of the act, the best first


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    name: str
    default: Any
    unit: str  # yuan | days | months | years | mu | ratio | word
    zh: str
    en: str
    set_by: str = ""  # the county pack whose value `default` is


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """A check across rows or ledgers: a kernel by name and what it works on (expectations/checks/*.yaml)."""

    rule: str
    kernel: str
    ledgers: tuple[str, ...]
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a county pack decided about a rule, and why."""

    rule: str
    pack: str  # name of the pack
    applies: bool
    reason: Mapping[str, str]  # zh, en
    decided_by: str
    decided_on: str  # '' when not said


@dataclass(frozen=True, slots=True)
class Catalog:
    ledgers: Mapping[str, LedgerSpec]
    rules: Mapping[str, RuleCard]
    checks: tuple[CheckSpec, ...]
    reconciliations: tuple[CheckSpec, ...]  # expectations/reconciliations/left__right.yaml, same form
    parameters: Mapping[str, ParameterSpec]
    charts: Mapping[str, Mapping[str, Any]]  # version -> valid_from, valid_to, accounts {code: {name, side}}
    words: Mapping[str, Any]  # expectations/words/*.yaml by file name
    evidence_kinds: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # id -> zh, en
    packs: tuple[PackUse, ...] = ()  # the county packs that are laid over expectations/, in order
    decisions: Mapping[str, Decision] = field(default_factory=dict)  # rule -> why a pack switched it off
    issue_policy: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # expectations/issues/*.yaml: what packs set otherwise
    forms_out: Mapping[str, Any] = field(default_factory=dict)  # form -> document of a pack that stands in the place of the shipped one
