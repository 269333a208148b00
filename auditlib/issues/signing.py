"""Signatures by a person's own key: Ed25519 (RFC 8032) over the content digest of an event.

The private key is a PKCS #8 file protected by a passphrase. It never stands in the register: there is only the public
key, brought by an event that the key itself signed. What a signature looks like in an event:

    ed25519:<first 16 hex digits of the SHA-256 of the public key>:<base64 of the 64 bytes>

The message that is signed is the content digest of the event (64 hex digits in ASCII, see events). It holds issue,
number within the issue, kind, time, actor and payload; the place in the register is sealed by the chain.
"""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..words.errors import RegisterError
from .events import Draft, canonical, content_digest, time_text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_SCHEME = "ed25519"
SHORTEST_PASSPHRASE = 8  # characters


@dataclass(frozen=True, slots=True)
class Signer:
    """A person's unlocked key."""

    key_id: str
    public_key: str  # 64 hex digits
    _private: Ed25519PrivateKey = field(repr=False)

    def sign(self, draft: Draft) -> Draft:
        """`draft` with its signature. Raises ValueError for a payload that cannot stand in an event."""
        content = content_digest(draft.issue_id, draft.version, draft.kind, time_text(draft.at), draft.actor, canonical(draft.payload))
        signature = base64.b64encode(self._private.sign(content.encode("ascii"))).decode("ascii")
        return replace(draft, signature=f"{_SCHEME}:{self.key_id}:{signature}")


def key_id_of(public_key: str) -> str:
    return hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:16]


def make_key(path: Path, passphrase: str) -> Signer:
    """A new key, written to `path` (only its owner may read it), protected by `passphrase`.

    Raises RegisterError when something stands at `path` already, when it cannot be written, or when the passphrase is
    shorter than eight characters.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise RegisterError.of("issues.key.short", shortest=SHORTEST_PASSPHRASE)
    private = Ed25519PrivateKey.generate()
    text = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode("utf-8")),
    )  # fmt: skip
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
    except FileExistsError:
        raise RegisterError.of("issues.key.exists", path=path) from None
    except OSError as error:
        raise RegisterError.of("issues.key.unwritable", path=path, error=error.strerror) from error
    return _signer(private)


def load_key(path: Path, passphrase: str) -> Signer:
    """The key in `path`. Raises RegisterError for a wrong passphrase, a missing file and a file that is no such key."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        private = load_pem_private_key(path.read_bytes(), passphrase.encode("utf-8"))
    except OSError as error:
        raise RegisterError.of("issues.key.unreadable", path=path, error=error.strerror) from error
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise RegisterError.of("issues.key.wrong", path=path) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise RegisterError.of("issues.key.wrong", path=path)
    return _signer(private)


def _signer(private: Ed25519PrivateKey) -> Signer:
    public = private.public_key().public_bytes_raw().hex()
    return Signer(key_id_of(public), public, private)


def signed_with(signature: str) -> str:
    """The key id that a signature names; '' when it is none of ours."""
    parts = signature.split(":")
    return parts[1] if len(parts) == 3 and parts[0] == _SCHEME else ""


def is_good(signature: str, content: str, public_key: str) -> bool:
    """Whether `signature` was made over the content digest `content` by the key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if signed_with(signature) != key_id_of(public_key):
        return False
    try:
        raw = base64.b64decode(signature.split(":")[2], validate=True)
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(raw, content.encode("ascii"))
    except (InvalidSignature, ValueError):
        return False
    return True
