"""整改通知书, 监察建议书: numbered without gap or double, saying what is open, tracked until answered.

Outside authorities: GB/T 9704-2012 for number 〔year〕 serial and the layout; ECMA-376 for the package of a DOCX file.
"""

from __future__ import annotations

import datetime as dt
import io
import multiprocessing
import re
import zipfile
from pathlib import Path

import pytest
from register_cases import AS_OF, AT, ORGANISATIONS, OTHER_VILLAGE, VILLAGE, finding, run

from auditlib.issues.letters import Letter, Order, answer_letter, items_of, letters_of, send_letter
from auditlib.issues.lists import issues_of
from auditlib.issues.refusal import StepRefused
from auditlib.issues.register import Register
from auditlib.reports.letters import letter_docx, letter_html, letter_number, letter_page, load_wording, wordings
from auditlib.words.errors import CatalogError, RegisterError

REPLY = dt.date(2026, 2, 28)
ISSUER = "师河县农业农村局"


@pytest.fixture
def register(tmp_path: Path) -> Register:
    opened = Register.open(tmp_path / "register.db")
    findings = (
        finding("a"), finding("b", severity="red", amount=None), finding("c", org_code=OTHER_VILLAGE, org_name="下河村"),
        finding("d", message_zh="向李四（身份证530323197001011234，电话13812345678）付款 <script>alert(1)</script>{serial}"),
    )  # fmt: skip
    run(opened, *findings, organisations=ORGANISATIONS)
    opened.add_person("组长", name="组长", role="lead", by="组长", at=AT)
    opened.add_person("村干", name="村干", role="village", org_code=VILLAGE, by="组长", at=AT)
    return opened


def order(register: Register, org_code: str = VILLAGE, **other: object) -> Order:
    issues = issues_of(register.issues(AS_OF), org_code, ORGANISATIONS)
    values = {
        "letter": "rectification",
        "issuer": ISSUER,
        "mark": "师农经",
        "to": "上河村村民委员会",
        "to_code": org_code,
        "reply_by": REPLY,
    } | other
    return Order(items=items_of(issues, {"F08": "收款人签收单"}), **values)  # type: ignore[arg-type]


def sent(register: Register, when: dt.datetime = AT, **other: object) -> Letter:
    return send_letter(register, order(register, **other), by="组长", at=when)


# Numbers


def test_numbers_run_by_year_issuing_body_and_kind(register: Register) -> None:
    next_year = AT.replace(year=2027)
    letters = [
        sent(register), sent(register), sent(register, letter="supervision"), sent(register, issuer="师河县纪委监委"), sent(register),
        sent(register, when=next_year, reply_by=dt.date(2027, 3, 1)),
    ]  # fmt: skip
    assert [(x.year, x.serial) for x in letters] == [(2026, 1), (2026, 2), (2026, 1), (2026, 1), (2026, 3), (2027, 1)]
    assert letter_number(letters[1], load_wording("rectification")) == "师农经整改〔2026〕2号"
    assert set(letters_of(register.events())) == set(letters)


def _send_some(path: Path, count: int) -> None:
    with Register.open(path) as register:
        for _ in range(count):
            sent(register)


def test_four_offices_that_write_at_once_get_every_number_once(register: Register, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_send_some, args=(tmp_path / "register.db", 3)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert sorted(x.serial for x in letters_of(register.events())) == list(range(1, 13))
    assert register.verify().is_whole


def test_a_letter_that_is_refused_takes_no_number(register: Register) -> None:
    with pytest.raises(RegisterError, match="不必发函"):
        send_letter(register, Order("rectification", ISSUER, "师农经", "远山村", "", REPLY, ()), by="组长", at=AT)
    with pytest.raises(StepRefused):
        send_letter(register, order(register), by="村干", at=AT)
    with pytest.raises(RegisterError, match="早于发文日期"):
        sent(register, reply_by=dt.date(2026, 1, 1))
    with pytest.raises(RegisterError, match="发文"):
        sent(register, mark=" ")
    assert sent(register).serial == 1


# Tracked until answered


def test_a_letter_waits_is_late_and_is_answered_once(register: Register) -> None:
    letter = sent(register)
    assert (letter.days_left(dt.date(2026, 2, 20)), letter.days_left(dt.date(2026, 3, 3))) == (8, -3)
    answered = answer_letter(register, letter.letter_id, "已全部整改", by="组长", at=AT + dt.timedelta(days=20))
    assert (answered.answered_on, answered.answer, answered.days_left(dt.date(2026, 3, 3))) == (dt.date(2026, 2, 20), "已全部整改", None)
    assert letters_of(register.events()) == (answered,)
    with pytest.raises(RegisterError, match="已在 2026-02-20 登记"):
        answer_letter(register, letter.letter_id, "又一次", by="组长", at=AT + dt.timedelta(days=21))
    with pytest.raises(RegisterError, match="没有编号"):
        answer_letter(register, "HAN-0", "某", by="组长", at=AT)


def test_the_letter_can_be_printed_again_as_it_was(register: Register) -> None:
    letter = sent(register)
    before = letter_html(letter_page(letter, load_wording("rectification")))
    run(register, finding("a", amount=None), at=AT + dt.timedelta(days=1))
    (again,) = letters_of(register.events())
    assert letter_html(letter_page(again, load_wording("rectification"))) == before


# What it says


def test_it_names_every_open_matter_worst_first_with_law_money_and_date(register: Register) -> None:
    letter = sent(register)
    assert [item.severity for item in letter.items] == ["red", "orange", "orange"]
    page = letter_page(letter, load_wording("rectification"))
    assert "存在3项问题" in page.before[0] and "涉及金额2,400.00元（另有1项未定金额）" in page.before[0]
    assert all("现金管理暂行条例 第五条" in row[2] and item.issue_id in row[2] for row, item in zip(page.rows, letter.items, strict=True))
    assert page.rows[0][4] == "2026-02-15" and page.rows[0][5] == "收款人签收单"
    assert page.sign == (ISSUER, "2026年1月31日") and "2026年2月28日" in "".join(page.after)


def test_closed_matters_and_those_of_other_bodies_are_left_out(register: Register) -> None:
    assert {item.org_name for item in order(register, OTHER_VILLAGE).items} == {"下河村"}


def test_the_list_can_be_reached_and_moved_by_keyboard_on_a_narrow_screen(register: Register) -> None:
    """WCAG 2.1, 2.1.1 and 1.4.10: a table wider than the screen scrolls by itself, by keyboard too, and not the page with it."""
    html = letter_html(letter_page(sent(register), load_wording("rectification")))
    assert re.search(r'<div class="scroll" tabindex="0" role="region" aria-label="[^"]+">\s*<table>', html)
    assert ".scroll{overflow-x:auto}" in html


def test_what_leaves_is_masked_and_never_markup(register: Register) -> None:
    page = letter_page(sent(register), load_wording("rectification"), {o.org_code for o in ORGANISATIONS})
    html = letter_html(page)
    docx = zipfile.ZipFile(io.BytesIO(letter_docx(page))).read("word/document.xml").decode()
    for text in (html, docx):
        assert "530323197001011234" not in text and "13812345678" not in text and "138****5678" in text
        assert "<script" not in text and "&lt;script&gt;" in text and "{serial}" in text
    assert "default-src 'none'" in html and not re.search(r"https?://", html)


def test_a_word_file_is_a4_holds_the_same_texts_and_is_the_same_every_time(register: Register) -> None:
    from docx import Document

    page = letter_page(sent(register), load_wording("supervision"))
    data = letter_docx(page)
    document = Document(io.BytesIO(data))
    told = [p.text for p in document.paragraphs]
    assert [round(x / 36000) for x in (document.sections[0].page_width, document.sections[0].page_height)] == [210, 297]
    assert page.number in told and page.title in told and all(text in told for text in (*page.before, *page.after, *page.sign))
    assert [tuple(c.text for c in row.cells) for row in document.tables[0].rows] == [page.heads, *page.rows]
    assert letter_docx(page) == data


def test_characters_that_xml_cannot_hold_do_not_spoil_the_file(register: Register) -> None:
    from dataclasses import replace

    page = letter_page(sent(register), load_wording("rectification"))
    odd = replace(sent(register), issuer="师河\x0b县\ud800局")
    assert letter_page(odd, load_wording("rectification")).issuer == "师河县局" and letter_docx(page)


# Wording


def test_the_letters_are_shipped() -> None:
    assert wordings() == ("comments", "rectification", "supervision")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("{reply_by}", "{reply_date}", "candidates"),
        ("after_title:", "ending:", "keys"),
        ("sign: [", "sign: x #[", "list"),
        ("{count}", "{count.__class__}", "not known"),
        ("reply_days: 30", "reply_days: 0", "reply_days"),
        ("reply_days: 30", "reply_days: soon", "whole number"),
    ],
)
def test_a_mistake_in_the_wording_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    shipped = (Path(__file__).parent.parent / "expectations" / "letters" / "rectification.yaml").read_text(encoding="utf-8")
    body = shipped.index("\nletter:")
    assert old in shipped[body:]
    (tmp_path / "rectification.yaml").write_text(shipped[:body] + shipped[body:].replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogError, match=named):
        load_wording("rectification", tmp_path)


def test_an_office_writes_in_its_own_words(tmp_path: Path, register: Register) -> None:
    shipped = (Path(__file__).parent.parent / "expectations" / "letters" / "rectification.yaml").read_text(encoding="utf-8")
    (tmp_path / "rectification.yaml").write_text(shipped.replace("{mark}整改〔", "{mark}督〔"), encoding="utf-8")
    letter = sent(register)
    assert letter_page(letter, load_wording("rectification", tmp_path)).number == "师农经督〔2026〕1号"
    with pytest.raises(CatalogError, match="rectification"):
        load_wording("reminder", tmp_path)
