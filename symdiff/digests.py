"""Digests of texts, by which they are kept and found again."""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b  # has it from there, and loads OpenSSL: that takes 4 ms

__all__ = ["digest"]


def digest(text: str) -> str:
    """As 32 hexadecimal digits."""
    return blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()
