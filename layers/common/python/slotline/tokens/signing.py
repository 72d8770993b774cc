"""Sign access tokens with a key that never leaves KMS, and publish its public half.

ES256 by hand, because it is short, and a JWT library would lengthen this function's start by a third: a JWS
is two base64url parts and a signature over them (RFC 7515 §3.1); what KMS answers in DER becomes the two
32-byte numbers that RFC 7518 §3.4 asks for.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.access.identity import AccessToken

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

ALGORITHM = "ES256"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - a media type (RFC 9068 §2.1), not a secret
_COORDINATE = 32
_P256_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
"""A DER SubjectPublicKeyInfo of P-256 up to its uncompressed point (RFC 5480 §2): x and y follow, no more."""
_NOT_GIVEN_OUT = {"AccessDeniedException", "DisabledException", "KMSInvalidStateException", "NotFoundException"}
"""KMS's answers that say that a key is not there for us (API reference, GetPublicKey and common errors)."""


@dataclass(frozen=True, slots=True)
class KmsSigner:
    """Signs access tokens with a KMS key of spec ECC_NIST_P256."""

    kms: "Callable[[], KMSClient]"
    key_id: str

    def sign(self, token: AccessToken) -> str:
        """The token as a compact JWS."""
        header = {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": kid_of(self.key_id)}
        signed = f"{_part(header)}.{_part(token.claims())}"
        with raising_store_busy():
            answer = self.kms().sign(
                KeyId=self.key_id,
                Message=signed.encode("ascii"),
                MessageType="RAW",
                SigningAlgorithm="ECDSA_SHA_256",
            )
        return f"{signed}.{_base64url(raw_signature(answer['Signature']))}"


@dataclass(frozen=True, slots=True)
class KmsPublicKeys:
    """The public halves of the signing keys, each fetched once per process: a KMS key never changes.

    So the client is made for the first: a process that nobody shows a token needs none.
    """

    kms: "Callable[[], KMSClient]"
    key_ids: tuple[str, ...]
    _fetched: dict[str, dict[str, str]] = field(default_factory=dict)

    def jwk(self, kid: str) -> dict[str, str] | None:
        """The key of this id as a JWK (RFC 7517); None, without asking KMS, where it is not ours."""
        key_id = {kid_of(key): key for key in self.key_ids}.get(kid)
        if key_id is None:
            return None
        if kid not in self._fetched:
            self._fetched[kid] = self._fetch(kid, key_id)
        return self._fetched[kid]

    def jwks(self, tell: Callable[[ClientError], None]) -> dict[str, list[dict[str, str]]]:
        """All of them: the one that signs now, then those whose tokens may still be valid.

        Of these one that KMS does not give out is left out, and told of: a previous key may have been deleted, and a
        deployment takes the right to read it away before it takes its id. Others' tokens are verified all the same.
        """
        found = [self.jwk(kid_of(self.key_ids[0]))]
        for key in self.key_ids[1:]:
            try:
                found.append(self.jwk(kid_of(key)))
            except ClientError as error:
                if code_of(error) not in _NOT_GIVEN_OUT:
                    raise
                tell(error)
        return {"keys": [jwk for jwk in found if jwk is not None]}

    def _fetch(self, kid: str, key_id: str) -> dict[str, str]:
        with raising_store_busy():
            spki = self.kms().get_public_key(KeyId=key_id)["PublicKey"]
        x, y = point_of(spki)
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": _base64url(x),
            "y": _base64url(y),
            "use": "sig",
            "alg": ALGORITHM,
            "kid": kid,
        }


def kid_of(key_id: str) -> str:
    """A key's id without the ARN around it: it is published, and an ARN names the account."""
    return key_id.rpartition("/")[2]


def raw_signature(der: bytes) -> bytes:
    """r and s, 32 bytes each, of a DER `SEQUENCE { INTEGER r, INTEGER s }`. Raises ValueError for any other.

    Two P-256 numbers need at most 72 bytes, so every length is one byte.
    """
    if len(der) < 2 or der[0] != 0x30 or der[1] != len(der) - 2:
        raise ValueError("not a DER sequence")
    r, rest = _integer(der[2:])
    s, rest = _integer(rest)
    if rest:
        raise ValueError("more than two numbers in a signature")
    return r.to_bytes(_COORDINATE, "big") + s.to_bytes(_COORDINATE, "big")


def point_of(spki: bytes) -> tuple[bytes, bytes]:
    """x and y of a P-256 public key in DER. Raises ValueError for a key of another kind."""
    if not spki.startswith(_P256_PREFIX) or len(spki) != len(_P256_PREFIX) + 2 * _COORDINATE:
        raise ValueError("not a P-256 public key")
    return spki[-2 * _COORDINATE : -_COORDINATE], spki[-_COORDINATE:]


def _integer(der: bytes) -> tuple[int, bytes]:
    if len(der) < 2 or der[0] != 0x02 or len(der) < 2 + der[1]:
        raise ValueError("not a DER integer")
    end = 2 + der[1]
    return int.from_bytes(der[2:end], "big"), der[end:]


def _part(value: Mapping[str, object]) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")
