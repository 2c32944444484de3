"""Bech32 (BIP 173): the text form of age's X25519 keys."""

from __future__ import annotations

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def encode(prefix: str, data: bytes) -> str:
    """The data under a human-readable prefix, in lower case, with its checksum."""
    values = _groups_of_five(data)
    checked = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + values
    checksum = _polymod([*checked, 0, 0, 0, 0, 0, 0]) ^ 1
    values += [(checksum >> 5 * (5 - place)) & 31 for place in range(6)]
    return prefix + "1" + "".join(_ALPHABET[value] for value in values)


def decoded(text: str) -> bytes:
    """The data in a text in lower case; who asks encodes it again and compares, so no checksum is looked at.

    Raises:
        ValueError: it holds other letters, or none.
    """
    letters = text.rpartition("1")[2][:-6]
    bits = 0
    for letter in letters:
        bits = bits << 5 | _ALPHABET.index(letter)
    return (bits >> len(letters) * 5 % 8).to_bytes(len(letters) * 5 // 8, "big")


def _groups_of_five(data: bytes) -> list[int]:
    bits = int.from_bytes(data, "big") << (-len(data) * 8 % 5)
    count = -(-len(data) * 8 // 5)
    return [(bits >> 5 * place) & 31 for place in reversed(range(count))]


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, constant in enumerate(_GENERATOR):
            check ^= constant if top >> place & 1 else 0
    return check
