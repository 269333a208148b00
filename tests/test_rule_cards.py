"""Every rule has a card that an auditor can read.

Outside authority: the list of rules D01-D20 of the contract and the problem types F01-F58 of the domain reference,
with their severity (the stronger one of a range) and their lead owner as printed there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from string import Formatter

import pytest

from auditlib.catalog.load import _card, read_yaml
from auditlib.catalog.places import expectations
from auditlib.catalog.specs import RuleCard

RULES = (*(f"D{n:02}" for n in range(1, 21)), *(f"F{n:02}" for n in range(1, 59)))
FAMILIES = {"handover", "inventory", "contracts", "funds"}
OWNERS = {"行": "行业监管", "属": "属地管理", "村": "村级自治"}
SEVERITIES = {"R": "red", "O": "orange", "Y": "yellow", "B": "blue"}
PLACEHOLDERS = ("records", "field", "expected", "actual", "amount", "period", "raw", "org", "detail")
TEXTS = ("name", "what", "why", "reading", "false_alarms", "rectification", "evidence")
CJK = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
DAY = re.compile(r"|\d{4}-\d\d-\d\d")

# severity and owners of F01 to F58, in order
PROBLEM_TYPES = """
O村 R村属 R村属 R村 O村属 O村 Y村 O村属 O属 O属 O属村 R村 O村属 O村 R村属 R村 O村属 O村属 O村 R村属
Y村属 O村属行 R村 Y村属 O村属 R村行 Y属村 Y属 O村行 O村行 O村 O村属 O村 R村属 O村属 O属村 O村属行 R村属 R村 O村
O村属 R村属行 R属行 R村属 O村属 R村属 O村属 O属 O属 O村属 R属村 O村属 Y村属 O属村 O村属 O属行 O属村 Y村属
""".split()

# rules with several kinds of breach word each of them; the checks name the variant
VARIANTS = {
    "D05": {"", "unread", "quantity", "quantity_unread"},
    "D06": {"unknown", "disagree"},
    "D12": {"opening", "movement", "closing"},
    "F11": {"twice", "missing"},
    "F17": {"twice", "rate"},
    "F44": {"", "body"},
    "F57": {"minutes"},
    "F10": {"bank_only", "book_only"},
    "F19": {"missing", "late", "unknown"},
    "F23": {"missing", "short"},
    "F03": {"unfiled", "unlisted"},
    "F05": {"papers", "signature", "invoice"},
    "F43": {"misused", "idle"},
    "F45": {"excess", "reserve"},
    "F52": {"missing", "late", "untrue"},
    "F53": {"signer", "kin"},
    "F28": {"none", "line"},
    "F31": {"original", "let"},
    "F37": {"total", "area"},
    "F42": {"tender", "paid", "budget"},
    "F51": {"figures", "late", "unwatched"},
    "F55": {"id_twice", "dead_paid", "shares"},
}


def load(rule: str) -> RuleCard:
    return _card(expectations() / "rules" / f"{rule}.yaml")


def test_every_rule_has_a_card_and_no_card_is_stray() -> None:
    assert {p.stem for p in (expectations() / "rules").glob("*.yaml")} == set(RULES)
    assert len(PROBLEM_TYPES) == 58


@pytest.mark.parametrize("rule", RULES)
def test_the_card_uses_only_words_of_the_catalogue(rule: str) -> None:
    card = load(rule)
    known_ledgers = {p.stem for p in (expectations() / "ledgers").glob("*.yaml")}
    known_parameters = read_yaml(expectations() / "parameters.yaml")
    assert card.rule == rule
    assert card.family in FAMILIES
    assert card.severity in SEVERITIES.values()
    assert {card.owner, *card.helpers} <= set(OWNERS.values())
    assert card.owner not in card.helpers
    assert card.ledgers and set(card.ledgers) <= known_ledgers
    assert set(card.parameters) <= set(known_parameters)


@pytest.mark.parametrize(("rule", "printed"), list(zip(RULES[20:], PROBLEM_TYPES, strict=True)))
def test_severity_and_owner_are_those_of_the_problem_type(rule: str, printed: str) -> None:
    card = load(rule)
    lead, *helpers = printed[1:]
    assert (card.severity, card.owner) == (SEVERITIES[printed[0]], OWNERS[lead])
    assert set(card.helpers) == {OWNERS[h] for h in helpers}


@pytest.mark.parametrize("rule", RULES)
def test_a_parameter_that_the_text_names_is_declared_and_the_other_way_round(rule: str) -> None:
    card = load(rule)
    known = read_yaml(expectations() / "parameters.yaml")
    for text in card.what.values():
        assert {p for p in known if re.search(rf"\b{p}\b", text, re.ASCII)} <= set(card.parameters)
    assert all(any(p in text for text in card.what.values()) for p in set(card.parameters) - {"disclosure_every"})


@pytest.mark.parametrize("rule", RULES)
def test_chinese_is_chinese_and_english_is_english(rule: str) -> None:
    card = load(rule)
    pairs = [getattr(card, name) for name in TEXTS] + list(card.message.values())
    pairs += [{"zh": b["law_zh"], "en": b["law_en"]} for b in card.basis] + [{"zh": b["zh"], "en": b["en"]} for b in card.basis]
    assert all(set(p) == {"zh", "en"} for p in pairs)
    assert all(CJK.search(p["zh"]) for p in pairs)
    assert not [p["en"] for p in pairs if not p["en"].strip() or CJK.search(p["en"])]


@pytest.mark.parametrize("rule", RULES)
def test_the_message_is_one_line_and_formats_with_and_without_values(rule: str) -> None:
    card = load(rule)
    assert set(card.message) == VARIANTS.get(rule, {""})
    for template in (text for wording in card.message.values() for text in wording.values()):
        used = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
        assert "records" in used and used <= set(PLACEHOLDERS)
        assert "\n" not in template
        full = template.format(**{p: f"<{p}>" for p in PLACEHOLDERS})
        assert all(f"<{p}>" in full for p in used)
        empty = template.format(**dict.fromkeys(PLACEHOLDERS, ""))
        assert len(empty) > 10 and "{" not in empty


@pytest.mark.parametrize("rule", RULES)
def test_chinese_and_english_of_a_message_say_the_same_values(rule: str) -> None:
    for wording in load(rule).message.values():
        used = [{name for _, name, _, _ in Formatter().parse(wording[lang]) if name} for lang in ("zh", "en")]
        assert used[0] == used[1]


@pytest.mark.parametrize("rule", RULES)
def test_every_basis_cites_law_article_and_gist(rule: str) -> None:
    basis = load(rule).basis
    assert basis
    for entry in basis:
        assert set(entry) - {"variants"} == {"law_zh", "law_en", "article", "valid_from", "valid_to", "zh", "en"}
        assert all(entry[k].strip() for k in ("law_zh", "law_en", "article", "zh", "en"))
        assert DAY.fullmatch(entry["valid_from"]) and DAY.fullmatch(entry["valid_to"])
        assert not entry["valid_to"] or entry["valid_from"] < entry["valid_to"]
    assert len({(b["law_zh"], b["article"]) for b in basis}) == len(basis)


@pytest.mark.parametrize("rule", RULES)
def test_some_basis_is_in_force_through_the_whole_of_2025(rule: str) -> None:
    # a fact of January 2025 is not judged by a law that came in May
    assert any(b["valid_from"] <= "2025-01-01" and not b["valid_to"] for b in load(rule).basis)


def test_one_article_has_one_gist_and_one_date_in_all_cards() -> None:
    seen: dict[tuple[str, str], set[tuple[str, ...]]] = defaultdict(set)
    for entry in (b for rule in RULES for b in load(rule).basis):
        seen[entry["law_zh"], entry["article"]].add(tuple(entry[k] for k in ("law_en", "valid_from", "valid_to", "zh", "en")))
    assert seen and all(len(found) == 1 for found in seen.values())


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("text", TEXTS)
def test_no_two_cards_share_a_text(text: str, language: str) -> None:
    texts = [getattr(load(rule), text)[language] for rule in RULES]
    assert len(set(texts)) == len(RULES)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("text", ["what", "why", "reading"])
def test_no_two_cards_share_a_boilerplate_sentence(text: str, language: str) -> None:
    where: dict[str, list[str]] = defaultdict(list)
    for rule in RULES:
        for sentence in re.split(r"[。；]|[.;] ", getattr(load(rule), text)[language].strip().rstrip(".")):
            if len(sentence) > (12 if language == "zh" else 40):
                where[sentence.strip()].append(rule)
    assert len(where) >= len(RULES)
    assert {sentence: rules for sentence, rules in where.items() if len(rules) > 1} == {}


def test_no_text_is_shorter_than_a_sentence() -> None:
    short = {
        (rule, text): getattr(load(rule), text)["zh"]
        for rule in RULES
        for text in ("what", "why", "reading", "false_alarms", "rectification")
        if len(getattr(load(rule), text)["zh"]) < 15
    }
    assert short == {}
