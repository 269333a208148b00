"""Who wrote it: Ed25519 signatures (RFC 8032) by a person's own key, and what `check` finds when somebody goes round them."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from register_cases import AT, PDF, finding, papers, staffed, walk
from test_register_events import tamper

from auditlib.issues.events import GENESIS, Draft, Kind, chain_hash, content_digest, event_id_of
from auditlib.issues.evidence import LARGEST
from auditlib.issues.refusal import StepRefused
from auditlib.issues.register import Register
from auditlib.issues.signing import Signer, key_id_of, load_key, make_key
from auditlib.words.errors import RegisterError

SECRET = "山高水长不忘密码"


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with staffed(tmp_path / "register.db") as opened:
        yield opened


@pytest.fixture
def key(tmp_path: Path) -> Signer:
    return make_key(tmp_path / "镇经办.key", SECRET)


def the_issue(register: Register) -> str:
    return next(e.issue_id for e in register.events() if e.kind is Kind.RAISED)


def with_key(register: Register, key: Signer, person: str = "镇经办") -> str:
    register.register_key(person, key, by=person, at=AT)
    issue_id = the_issue(register)
    register.act(issue_id, Kind.ACCEPTED, by=person, at=AT, signer=key)
    return issue_id


def test_the_signature_is_that_of_rfc_8032() -> None:
    """Test 1 of RFC 8032 section 7.1 gives the public key; the message is the content digest of the event."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    draft = Draft("WT-1", 1, Kind.ACCEPTED, AT, "镇经办", {})
    signed = Signer(key_id_of(public), public, private).sign(draft)
    scheme, key_id, text = signed.signature.split(":")
    assert (scheme, key_id) == ("ed25519", hashlib.sha256(bytes.fromhex(public)).hexdigest()[:16])
    import base64

    content = content_digest("WT-1", 1, "accepted", "2026-01-31T02:00:00.000000Z", "镇经办", "{}")
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(base64.b64decode(text), content.encode())


def test_a_key_file_opens_only_with_its_passphrase_and_is_never_overwritten(tmp_path: Path, key: Signer) -> None:
    path = tmp_path / "镇经办.key"
    assert load_key(path, SECRET).public_key == key.public_key
    assert b"ENCRYPTED" in path.read_bytes() and path.stat().st_mode & 0o077 == 0
    for passphrase, where in (("wrong passphrase", path), (SECRET, tmp_path / "none.key"), (SECRET, Path(__file__))):
        with pytest.raises(RegisterError):
            load_key(where, passphrase)
    with pytest.raises(RegisterError):
        make_key(path, SECRET)
    with pytest.raises(RegisterError):
        make_key(tmp_path / "short.key", "1234567")
    assert not (tmp_path / "short.key").exists()


def test_who_has_a_key_signs_every_step_and_only_with_it(register: Register, key: Signer, tmp_path: Path) -> None:
    issue_id = with_key(register, key)
    step = {"by": "镇经办", "at": AT, "owner": "村委会", "deadline": "2026-06-30"}
    for signer in (None, make_key(tmp_path / "other.key", SECRET)):
        with pytest.raises(StepRefused):
            register.act(issue_id, Kind.ASSIGNED, signer=signer, **step)  # type: ignore[arg-type]
    register.act(issue_id, Kind.ASSIGNED, signer=key, **step)  # type: ignore[arg-type]
    assert register.check().is_whole
    with pytest.raises(StepRefused):
        register.act(issue_id, Kind.STARTED, by="村会计", at=AT, signer=key)  # another's key


def test_nobody_puts_a_key_in_anothers_place(register: Register, key: Signer, tmp_path: Path) -> None:
    with_key(register, key)
    mine = make_key(tmp_path / "mine.key", SECRET)
    for by in ("镇经办", "组长", "村会计"):
        with pytest.raises(StepRefused):
            register.register_key("镇经办", mine, by=by, at=AT)


def test_one_key_does_not_sign_for_two_people(register: Register, key: Signer) -> None:
    """Two names with one key would be one person who handles and verifies."""
    with_key(register, key)
    with pytest.raises(StepRefused) as caught:
        register.register_key("审计甲", key, by="审计甲", at=AT)
    assert [each.key for each in caught.value.reasons] == ["issues.refused.key_taken"] and "镇经办" in caught.value.told("en")


def test_a_lead_with_a_key_takes_a_lost_one_out_of_force(register: Register, key: Signer, tmp_path: Path) -> None:
    with_key(register, key)
    lead, new = (make_key(tmp_path / f"{name}.key", SECRET) for name in ("lead", "new"))
    with pytest.raises(StepRefused):
        register.revoke_key("镇经办", key.key_id, by="组长", at=AT)
    register.register_key("组长", lead, by="组长", at=AT)
    register.revoke_key("镇经办", key.key_id, by="组长", at=AT, signer=lead)
    register.register_key("镇经办", new, by="组长", at=AT, signer=lead)
    with pytest.raises(StepRefused):
        register.act(the_issue(register), Kind.DECLINE_ASKED, by="镇经办", at=AT, signer=key, reason="镇里统一代收")
    register.act(the_issue(register), Kind.DECLINE_ASKED, by="镇经办", at=AT, signer=new, reason="镇里统一代收")
    assert register.check().is_whole


# Attacks on the file by somebody who can write to it and knows how the chain is made


def rewrite(register: Register, changed: int, **values: str) -> None:
    """Changes event number `changed` and seals it and all that follow anew: a chain without a flaw."""
    connection = sqlite3.connect(register.shown)
    names = ("seq", "issue_id", "version", "kind", "at", "actor", "payload", "signature")
    rows = [
        dict(zip(names, row, strict=True)) for row in connection.execute(f"SELECT {', '.join(names)} FROM auditlib_events ORDER BY seq")
    ]
    connection.close()
    statements, previous = ["DELETE FROM auditlib_events"], GENESIS
    for row in rows:
        row.update(values if row["seq"] == changed else {})
        content = content_digest(*(row[n] for n in ("issue_id", "version", "kind", "at", "actor", "payload")))
        sealed = chain_hash(row["seq"], previous, content, row["signature"])
        cells = {**row, "event_id": event_id_of(content), "previous_hash": previous, "hash": sealed}
        quoted = ", ".join("'" + str(cell).replace("'", "''") + "'" for cell in cells.values())
        statements.append(f"INSERT INTO auditlib_events ({', '.join(cells)}) VALUES ({quoted})")
        previous = sealed
    tamper(register, *statements)


def test_a_forged_author_is_named_though_the_chain_was_sealed_anew(register: Register, key: Signer) -> None:
    issue_id = with_key(register, key)
    register.act(issue_id, Kind.DECLINE_ASKED, by="审计甲", at=AT, reason="镇里统一代收")
    last = len(register.events())
    rewrite(register, last, actor="镇经办")
    result = register.check()
    assert (result.chain.bad_seq, result.chain.problem) == (last, "issues.chain.forged")


def test_a_signed_event_cannot_be_changed_even_with_a_new_chain(register: Register, key: Signer) -> None:
    with_key(register, key)
    signed = len(register.events())
    rewrite(register, signed, payload='{"note":"另一句话"}')
    assert (register.verify().bad_seq, register.verify().problem) == (signed, "issues.chain.forged")


def test_a_chain_rewritten_without_signatures_shows_against_a_printed_head(register: Register) -> None:
    printed = register.head()
    rewrite(register, 1, actor="别人")
    assert register.verify().is_whole  # unsigned events: the chain alone cannot show it
    assert register.verify(printed).problem == "issues.chain.cut_off"
    assert not register.check(printed).is_whole


def test_a_kept_state_that_the_events_do_not_tell_is_named_and_made_anew(register: Register) -> None:
    tamper(
        register,
        """UPDATE auditlib_streams SET state = 'closed', facts = replace(facts, '"state":"raised"', '"state":"closed"')
        WHERE family = 'issue' """,
    )
    assert register.check().stale == (the_issue(register),)
    tamper_again = sqlite3.connect(register.shown)
    tamper_again.execute("DELETE FROM auditlib_streams WHERE family = 'person'")
    tamper_again.commit()
    tamper_again.close()
    assert len(register.check().stale) > 1
    register.rebuild()
    assert register.check().is_whole


@pytest.mark.parametrize("facts", ["{", "{}", '{"state":"on holiday"}'])
def test_a_kept_state_that_nobody_can_read_is_told_and_made_anew(register: Register, facts: str) -> None:
    tamper(register, f"UPDATE auditlib_streams SET facts = '{facts}' WHERE family = 'issue'")
    with pytest.raises(RegisterError, match="rebuild"):
        register.issues(AT.date())
    assert register.check().stale == (the_issue(register),)
    register.rebuild()
    assert register.check().is_whole and len(register.issues(AT.date())) == 1


def test_an_event_that_is_sealed_rightly_but_says_nothing_is_named(register: Register) -> None:
    rewrite(register, 1, payload="{}")
    assert register.verify().is_whole and register.check().stale == (the_issue(register),)


# The evidence store


def hand_in(register: Register, content: bytes = PDF, name: str = "回单.pdf") -> str:
    event = register.hand_in(the_issue(register), content, kind="voucher", dated="2026-01-20", name=name, by="村会计", at=AT)
    return str(event.payload["sha256"])


def test_a_file_is_kept_by_its_content_and_read_back(register: Register) -> None:
    sha256 = hand_in(register)
    folder = Path(f"{register.shown}.evidence")
    assert sha256 == hashlib.sha256(PDF).hexdigest() and register.evidence(sha256) == PDF
    assert [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()] == [f"{sha256[:2]}/{sha256[2:]}"]
    issue = register.issue(the_issue(register), AT.date())
    assert issue is not None and [(e.kind, e.name, e.sha256) for e in issue.evidence] == [("voucher", "回单.pdf", sha256)]


@pytest.mark.parametrize("change", ["altered", "missing"])
def test_a_file_that_is_missing_or_altered_is_found(register: Register, change: str) -> None:
    sha256 = hand_in(register)
    path = Path(f"{register.shown}.evidence") / sha256[:2] / sha256[2:]
    path.unlink() if change == "missing" else path.write_bytes(PDF + b"!")
    (lost,) = register.check().lost
    assert (lost.sha256, lost.name, lost.problem) == (sha256, "回单.pdf", f"issues.evidence.{change}")
    hand_in(register)  # the true file handed in again puts it right
    assert register.check().is_whole


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00 a program",
        b"\x7fELF",
        b"#!/bin/sh\nrm -rf /",
        b"<html><script>",
        b"\xef\xbb\xbf<svg onload=x>",
        b"PK\x03\x04 no archive",
        b"\x00\x01\x02",
    ],
)
def test_what_is_no_paper_is_refused_whatever_its_name(register: Register, content: bytes) -> None:
    with pytest.raises(RegisterError, match="回单.pdf"):
        hand_in(register, content)
    assert register.check().is_whole


def test_a_file_that_is_too_large_is_refused(register: Register) -> None:
    with pytest.raises(RegisterError, match="50 MB"):
        hand_in(register, b"%PDF-" + bytes(LARGEST))


def test_a_workbook_with_macros_is_refused_and_a_plain_one_is_taken(register: Register) -> None:
    import io
    import zipfile

    def workbook(*names: str) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name in names:
                archive.writestr(name, "x")
        return stream.getvalue()

    hand_in(register, workbook("xl/workbook.xml"), "台账.xlsx")
    with pytest.raises(RegisterError):
        hand_in(register, workbook("xl/workbook.xml", "xl/vbaProject.bin"), "台账.xlsx")


def test_a_name_is_never_a_path(register: Register) -> None:
    hand_in(register, name="../../etc/passwd")
    issue = register.issue(the_issue(register), AT.date())
    assert issue is not None and issue.evidence[0].name == "passwd"


def test_evidence_that_is_not_in_the_store_is_not_believed(tmp_path: Path) -> None:
    with staffed(tmp_path / "other.db", finding()) as register:
        Path(f"{register.shown}.evidence").rename(tmp_path / "gone")
        with pytest.raises(StepRefused, match="佐证库"):
            walk(register, the_issue(register), papers())
