"""What stands encrypted behind a page pass: AES-256-GCM (NIST SP 800-38D), of a text that zlib made shorter.

A nonce is 96 random bits, so one key of the deployment is good for 2^32 texts (SP 800-38D §8.3). That a text is made
shorter first tells its length and nothing else: whoever writes the link knows all of it.
"""

import os
import zlib

MOST_INFLATED = 16 * 1024
"""Bytes of a text. API Gateway takes 10 KB of request line, so no link says more."""
_NONCE_LENGTH = 12


class AesSeals:
    """`Seals`. The library is imported when it is first needed: most links say nothing of a guest."""

    def seal(self, key: bytes, text: str, beside: bytes) -> bytes:
        """Nonce, then what is encrypted with its tag. Raises ValueError for a text that would not be opened again."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        plain, nonce = text.encode("utf-8", "surrogatepass"), os.urandom(_NONCE_LENGTH)
        if len(plain) > MOST_INFLATED:
            raise ValueError("a text this long is never sealed")
        return nonce + AESGCM(key).encrypt(nonce, zlib.compress(plain, 9), beside)

    def opened(self, key: bytes, sealed: bytes, beside: bytes) -> str | None:
        """The text, if it is whole, ours and no longer than any that is sealed."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            packed = AESGCM(key).decrypt(sealed[:_NONCE_LENGTH], sealed[_NONCE_LENGTH:], beside)
        except (InvalidTag, ValueError):  # ValueError: fewer bytes than a nonce has
            return None
        unpacking = zlib.decompressobj()
        plain = unpacking.decompress(packed, MOST_INFLATED)
        return plain.decode("utf-8", "surrogatepass") if unpacking.eof else None
