"""All chance of a simulated run: one seed gives ids, keys, nonces, waits, faults and the order of events.

The product takes its clocks and waits from its callers; what it draws by itself is drawn from here while
`seeded` holds.
"""

from __future__ import annotations

import secrets
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from types import SimpleNamespace

from cryptography.hazmat.primitives.asymmetric import ec

import models.store.change
import models.store.seat
from models.language import use_language
from models.store.clock import Clock
from models.store.profiles import P256_ORDER
from models.store.signer import Signer


def new_signer(random: Random) -> Signer:
    """A signer whose key follows from the seed."""
    return Signer(ec.derive_private_key(random.randrange(1, P256_ORDER), ec.SECP256R1()))


def uuid7(random: Random, now_ms: int) -> uuid.UUID:
    """A UUIDv7 (RFC 9562) of that time."""
    value = (now_ms & (1 << 48) - 1) << 80 | 7 << 76 | random.getrandbits(12) << 64
    return uuid.UUID(int=value | 2 << 62 | random.getrandbits(62))


@contextmanager
def seeded(random: Random, now_ms: Callable[[], int]) -> Iterator[None]:
    """While it holds, ids, keys, nonces, tokens and codes follow from `random`, times from `now_ms`."""
    kept = (
        secrets.token_bytes,
        models.store.change.uuid_utils,
        Signer.__dict__["new"],
        models.store.seat.Clock,
    )
    secrets.token_bytes = lambda count=None: random.randbytes(count or 32)
    models.store.change.uuid_utils = SimpleNamespace(uuid7=lambda: uuid7(random, now_ms()))  # type: ignore[assignment]
    Signer.new = classmethod(lambda cls: new_signer(random))  # type: ignore[assignment,method-assign]
    # what opens a seat by itself, as the command for a restored server, takes no clock
    models.store.seat.Clock = lambda: Clock(now_ms, now_ms, lambda: "server", lambda _ms: 480)  # type: ignore[misc,assignment]
    use_language("zh")
    try:
        yield
    finally:
        secrets.token_bytes, models.store.change.uuid_utils = kept[:2]
        Signer.new, models.store.seat.Clock = kept[2:]  # type: ignore[method-assign,misc]


class Faults:
    """Which faults happen, how often, and how many did."""

    def __init__(self, random: Random, rates: dict[str, float]) -> None:
        self.random = random
        self.on = True
        self.count: Counter[str] = Counter()
        # some seeds have much of one fault and none of another: more than the average of all would show
        self._rates = {name: rate * random.choice((0.0, 0.5, 1.0, 1.0, 2.0)) for name, rate in rates.items()}

    def hit(self, name: str) -> bool:
        """Whether this fault happens now."""
        if not self.on or self.random.random() >= self._rates[name]:
            return False
        self.count[name] += 1
        return True

    @contextmanager
    def resting(self) -> Iterator[None]:
        """None happens meanwhile: a test looks."""
        kept, self.on = self.on, False
        try:
            yield
        finally:
            self.on = kept
