"""`auditlib issues letters send|list|print|answer`: 整改通知书, 监察建议书."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from ...issues.letters import Letter, Order, answer_letter, items_of, letters_of, send_letter
from ...issues.register import Register
from ...words.errors import RegisterError
from ...words.messages import say
from ..console import aligned
from .bodies import issues_for
from .call import (
    AsOfOption,
    AsOption,
    AtOption,
    JsonOption,
    KeyOption,
    LangOption,
    Language,
    PlaceAfter,
    PlaceArgument,
    RegisterOption,
    catalog_of,
    clock,
    day_of,
    issues_app,
    json_text,
    key_of,
    named,
    opened_register,
    time_given,
    told,
    who,
)
from .excel import write_new

letters_app = typer.Typer(help="整改通知书、监察建议书。Letters.", no_args_is_help=True, rich_markup_mode=None)
issues_app.add_typer(letters_app, name="letters")

FolderOption = Annotated[Path, typer.Option("--out", help="函件写到哪个文件夹。The folder for the files.")]
WordsOption = Annotated[Path | None, typer.Option("--wording", help="本单位自己的函件样式文件夹。A folder with the office's own wording.")]
LetterArgument = Annotated[str, typer.Argument(metavar="LETTER", help="函的编号（HAN-…），或其开头。Id of the letter.")]


@letters_app.command("send")
@told
def send(
    place: PlaceArgument = None,
    to: Annotated[str, typer.Option("--for", help="发给哪个单位或部门。The organisation or department.")] = "",
    letter: Annotated[
        str, typer.Option("--letter", help="函件：rectification 整改通知书、supervision 监察建议书、comments 审计报告征求意见函。")
    ] = "rectification",
    issuer: Annotated[str, typer.Option("--issuer", help="发文单位。The issuing body.")] = "",
    mark: Annotated[str, typer.Option("--mark", help="发文代字，如 青农经。Its mark in the number.")] = "",
    reply_by: Annotated[
        str, typer.Option("--reply-by", help="要求反馈的日期，默认按函件样式（reply_days）。The day by which to answer.")
    ] = "",
    out: FolderOption = Path("."),
    wording: WordsOption = None,
    register: RegisterOption = None,
    as_person: AsOption = None,
    at: AtOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """按未销号的问题发函：编号、登记、写成网页和 Word。Number a letter, enter it, and write it as HTML and DOCX."""
    from ...reports.letters import load_wording

    words, moment = load_wording(letter, wording), time_given(at, lang)
    day = day_of(reply_by or None, lang) if reply_by else clock(place).day_of(moment) + dt.timedelta(days=words.reply_days)
    evidence = {rule: card.evidence["zh"] for rule, card in catalog_of(place).rules.items()}
    with opened_register(register, place, None) as opened:
        organisations, every = opened.organisations(), opened.issues(clock(place).day_of(moment))
        code, name, issues = issues_for(every, organisations, to, lang)
        order = Order(words.letter, issuer, mark, name, code, day, items_of(issues, evidence), words.needs_matters)
        sent = send_letter(opened, order, by=who(as_person, lang), at=moment, signer=key_of(key, lang))
    files = _write(sent, out, wording, frozenset(o.org_code for o in organisations), lang)
    _shown(sent, files, wording, as_json, lang)


def _write(letter: Letter, out: Path, wording: Path | None, codes: frozenset[str], lang: Language) -> list[Path]:
    from ...reports.letters import letter_docx, letter_html, letter_page, load_wording

    page = letter_page(letter, load_wording(letter.letter, wording), codes)
    files = [out / f"{letter.letter_id}.html", out / f"{letter.letter_id}.docx"]
    write_new(files[0], letter_html(page).encode("utf-8", "backslashreplace"), lang)
    write_new(files[1], letter_docx(page), lang)
    return files


def _shown(letter: Letter, files: list[Path], wording: Path | None, as_json: bool, lang: Language) -> None:
    from ...reports.letters import letter_number, load_wording

    number = letter_number(letter, load_wording(letter.letter, wording))
    if as_json:
        typer.echo(json_text({"letter": _json_of(letter), "number": number, "files": [str(file) for file in files]}))
    else:
        values = {"number": number, "letter": letter.letter_id, "to": letter.to, "count": len(letter.items)}
        typer.echo(say("letters.sent", lang, files="、".join(map(str, files)), **values))


def _json_of(letter: Letter) -> dict[str, object]:
    return {**dataclasses.asdict(letter), "items": [dataclasses.asdict(item) for item in letter.items]}


@letters_app.command("list")
@told
def list_letters(
    place: PlaceArgument = None,
    register: RegisterOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """列出发过的函；有逾期未反馈的退出码为 1。List the letters; exit status 1 when an answer is late."""
    day = day_of(as_of, lang)
    with Register.open_existing(named(register, place, None)) as opened:
        letters = letters_of(opened.events())
    if as_json:
        typer.echo(json_text({"letters": [{**_json_of(letter), "days_left": letter.days_left(day)} for letter in letters]}))
    else:
        head = [say(f"letters.list.{name}", lang) for name in ("letter", "mark", "issuer", "to", "count", "sent_on", "reply_by", "state")]
        rows = [
            [x.letter_id, _number(x), x.issuer, x.to, str(len(x.items)), x.sent_on.isoformat(),
             x.reply_by.isoformat(), _state(x, day, lang)]
            for x in letters
        ]  # fmt: skip
        typer.echo("\n".join(aligned([head, *rows])))
    raise typer.Exit(1 if any((letter.days_left(day) or 0) < 0 for letter in letters) else 0)


def _number(letter: Letter) -> str:
    """The number as it is printed; where the office's wording is gone, mark, year and serial."""
    from ...reports.letters import letter_number, load_wording, wordings

    known = letter.letter in wordings()
    return letter_number(letter, load_wording(letter.letter)) if known else f"{letter.mark}〔{letter.year}〕{letter.serial}"


def _state(letter: Letter, day: dt.date, lang: Language) -> str:
    left = letter.days_left(day)
    if left is None:
        assert letter.answered_on is not None
        return say("letters.state.answered", lang, on=letter.answered_on.isoformat())
    return say("letters.state.late", lang, days=-left) if left < 0 else say("letters.state.waiting", lang, days=left)


def _one(opened: Register, letter: str, lang: Language) -> Letter:
    letters = letters_of(opened.events())
    found = [each for each in letters if letter and each.letter_id.startswith(letter)]
    if len(found) != 1:
        candidates = "、".join(each.letter_id for each in (found or letters)[:5]) or say("issues.none", lang)
        raise RegisterError(say("letters.unknown", lang, letter=letter, candidates=candidates))
    return found[0]


@letters_app.command("print")
@told
def print_letter(
    letter: LetterArgument,
    place: PlaceAfter = None,
    out: FolderOption = Path("."),
    wording: WordsOption = None,
    register: RegisterOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """把发过的函原样再写一份。Write a letter again as it was sent."""
    with Register.open_existing(named(register, place, None)) as opened:
        found, codes = _one(opened, letter, lang), frozenset(o.org_code for o in opened.organisations())
    _shown(found, _write(found, out, wording, codes, lang), wording, as_json, lang)


@letters_app.command("answer")
@told
def answer(
    letter: LetterArgument,
    place: PlaceAfter = None,
    text: Annotated[str, typer.Option("--text", help="对方怎样答复。What was answered.")] = "",
    register: RegisterOption = None,
    as_person: AsOption = None,
    at: AtOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Language.zh,
) -> None:
    """登记对方的反馈。Note the answer to a letter."""
    with opened_register(register, place, None) as opened:
        found = _one(opened, letter, lang)
        done = answer_letter(opened, found.letter_id, text, by=who(as_person, lang), at=time_given(at, lang), signer=key_of(key, lang))
    if as_json:
        typer.echo(json_text({"letter": _json_of(done)}))
    else:
        typer.echo(say("letters.answer_noted", lang, letter=done.letter_id, on=(done.answered_on or done.sent_on).isoformat()))
