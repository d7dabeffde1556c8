"""Signatures that anyone can verify with nothing but the public key: Ed25519 over canonical JSON.

A signed document is ``{"receipt": {…}, "signature": {algorithm, key_id, public_key, value}}``. Signed are the bytes of
`canonical` of the receipt, so spaces and the order of keys in the file do not matter. Ed25519 draws no lots: the same
receipt under the same key has the same signature.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

ALGORITHM = "Ed25519"
_SIGNATURE_KEYS = ("algorithm", "key_id", "public_key", "value")


class KeyFormatError(Exception):
    """A key cannot be read; the message says what is wanted."""


class SignatureError(Exception):
    """A document does not verify. ``code`` is unreadable, no_receipt, tampered or other_key."""

    def __init__(self, code: str) -> None:
        """``code`` says why."""
        super().__init__(code)
        self.code = code


def canonical(document: Mapping[str, Any]) -> bytes:
    """The one way to write ``document`` (texts, whole numbers, lists, objects, null): keys sorted, no spaces, UTF-8."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def new_private_pem() -> bytes:
    """A fresh private key, PEM (PKCS#8)."""
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True)
class PublicKey:
    """The key that verifies; ``raw`` are its 32 bytes."""

    raw: bytes

    @classmethod
    def from_pem(cls, pem: bytes) -> PublicKey:
        """Read a PEM; raises KeyFormatError."""
        try:
            key = load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise KeyFormatError("the key is no public key in PEM form") from error
        if not isinstance(key, Ed25519PublicKey):
            raise KeyFormatError("the key is no Ed25519 key")
        return cls(key.public_bytes(Encoding.Raw, PublicFormat.Raw))

    @property
    def key_id(self) -> str:
        """First 16 hex digits of the SHA-256 of the key."""
        return hashlib.sha256(self.raw).hexdigest()[:16]

    @property
    def pem(self) -> str:
        """The key as PEM, as it is published."""
        key = Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class Signer:
    """The private key of one installation."""

    def __init__(self, private_pem: bytes) -> None:
        """Read ``private_pem`` (PKCS#8, not encrypted); raises KeyFormatError."""
        try:
            key = load_pem_private_key(private_pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise KeyFormatError("the receipt key is no private key in PEM form without a password") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyFormatError("the receipt key is no Ed25519 key")
        self._key = key
        self.public = PublicKey(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, receipt: Mapping[str, Any]) -> dict[str, Any]:
        """``receipt`` with its signature."""
        signature = {
            "algorithm": ALGORITHM,
            "key_id": self.public.key_id,
            "public_key": b64encode(self.public.raw).decode(),
            "value": b64encode(self._key.sign(canonical(receipt))).decode(),
        }
        return {"receipt": dict(receipt), "signature": signature}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys stand once; two of a name could be read in two ways."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise SignatureError("unreadable")
    return found


def _decoded(text: str, size: int) -> bytes:
    try:
        content = b64decode(text, validate=True)
    except Base64Error as error:
        raise SignatureError("tampered") from error
    if len(content) != size:
        raise SignatureError("tampered")
    return content


def read_signed(text: bytes) -> dict[str, Any]:
    """A signed document from its JSON, its signature not yet looked at; raises SignatureError."""
    try:
        document = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise SignatureError("unreadable") from error
    if not (isinstance(document, dict) and set(document) == {"receipt", "signature"}):
        raise SignatureError("no_receipt")
    receipt, signature = document["receipt"], document["signature"]
    if not (isinstance(receipt, dict) and isinstance(signature, dict) and set(signature) == set(_SIGNATURE_KEYS)):
        raise SignatureError("no_receipt")
    if not all(isinstance(value, str) for value in signature.values()) or signature["algorithm"] != ALGORITHM:
        raise SignatureError("no_receipt")
    return document


def verify_signature(document: Mapping[str, Any], trusted: Mapping[str, PublicKey]) -> PublicKey:
    """The key that signed ``document`` (as of `read_signed`), which must be one of ``trusted``, by key id.

    With nothing trusted the key in the document itself is taken, which proves that nothing was changed but not by whom
    it was signed. Raises SignatureError.
    """
    signature = document["signature"]
    key = PublicKey(_decoded(signature["public_key"], 32))
    if trusted and key not in trusted.values():
        raise SignatureError("other_key")
    if signature["key_id"] != key.key_id:
        raise SignatureError("tampered")
    try:
        content = canonical(document["receipt"])
        Ed25519PublicKey.from_public_bytes(key.raw).verify(_decoded(signature["value"], 64), content)
    except (InvalidSignature, ValueError) as error:
        raise SignatureError("tampered") from error
    return key
