"""Devices that say in a bundle whom they follow (R6): a stick reaches the server before they do."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from models.store.signer import device_id, verify
from sync.bundle import Following, Manifest
from sync.server import people
from sync.server.central import Central
from sync.server.tables import Device
from sync.signing import is_succession, succession


def key_after(central: Central, manifest: Manifest) -> bytes | None:
    """The public key (DER) of a bundle's device, where keys known here prove it; nothing is changed."""
    followers = [key for _said, key in _proved(central, manifest)]
    return followers[-1] if followers and device_id(followers[-1]) == manifest.device else None


def take_in(central: Central, manifest: Manifest) -> list[tuple[Following, Device]]:
    """Certify each that follows, as over a network; the same may come again.

    Raises:
        Problem: as `people.succeed`.
    """
    return [
        (said, people.succeed(central, people.caller(central, said.former), following))
        for said, following in _proved(central, manifest)
    ]


def _proved(central: Central, manifest: Manifest) -> Iterator[tuple[Following, bytes]]:
    """What is said with the key (DER) that follows, from one known here on, as far as both have signed."""
    last: bytes | None = None
    for each in manifest.follows:
        known = people.public_key(central, each.former)
        before = known if known is not None else last
        try:
            key, proof, word = (
                base64.b64decode(part, validate=True) for part in (each.public_key, each.proof, each.word)
            )
            good = (
                before is not None
                and device_id(before) == each.former
                and is_succession(key, each.former, proof)
                and verify(before, word, succession(each.former, device_id(key)))
            )
        except ValueError:
            return
        if not good:
            return
        last = key
        yield each, key
