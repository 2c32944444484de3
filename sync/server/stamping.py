"""Every evening an outside time-stamp (RFC 3161) over the newest signed head, where that is configured.

`tsa` in `server.toml` names the authority, `tsa_root` the file of its root certificate. One that does not
answer stops nothing: sealing and synchronising never ask it, and it is asked again ten minutes later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import urllib3

from models.errors import BadInput
from models.language import N_
from models.registry.days import local
from models.store import schema
from models.store.lookup import last_of
from sync.checkpoint import Checkpoint, verified_text
from sync.proof import stamps
from sync.server.central import Central, b64
from sync.server.settings import Settings
from sync.server.tables import HeadStamp, SignedHead

EVENING = 18
"""The hour from which a day's last head is stamped."""
_SECONDS = 15
_QUERY = {"content-type": "application/timestamp-query"}
Ask = Callable[[str, bytes], bytes]
"""Sends a query to an address; the answer."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """A head that was stamped."""

    size: int
    time: str
    authority: str


def due(central: Central) -> bool:
    """Whether the newest head waits for a stamp: evening has come, or a day has gone by since the last."""
    if not Settings.read(central.folder).tsa:
        return False
    now = central.clock.wall_ms()
    with central:
        last = _newest()
        head = last_of(SignedHead, "size")
    if head is None or (last is not None and last.size >= head.size):
        return False
    if last is None or now - last.stamped_at >= 24 * 3600 * 1000:
        return True
    evening = local(now).replace(hour=EVENING, minute=0, second=0, microsecond=0)
    if local(now) < evening:
        evening -= timedelta(days=1)
    return bool(local(last.stamped_at) < evening)


def stamp(central: Central, ask: Ask | None = None) -> Stamped:
    """Have the newest head stamped now.

    Raises:
        BadInput: no authority is configured, it does not answer, or its answer is none.
        StoreRefused: the log is damaged, and nothing is signed.
    """
    settings = Settings.read(central.folder)
    if not settings.tsa:
        raise BadInput(N_("No time-stamping authority is configured. Name it: qingcha admin stamp --tsa URL"))
    head = central.sign_head()
    text = verified_text(head.note, name=None, public_key=central.public_key_der).encode()
    asked, nonce = stamps.query(text)
    try:
        answer = (ask or _post)(settings.tsa, asked)
        found = stamps.read(answer, text, nonce=nonce)
        if settings.tsa_root:
            found = stamps.check(answer, text, Path(settings.tsa_root).read_bytes())
    except (stamps.StampRefused, urllib3.exceptions.HTTPError, OSError) as reason:
        raise BadInput(
            N_("The authority gave no good time-stamp ({reason}). Nothing else is held up by it."),
            reason=str(reason)[:200],
        ) from reason
    with central.writing():
        schema.keep(
            HeadStamp, size=head.size, note=head.note, answer=answer, stamped_at=central.clock.wall_ms()
        )
    return Stamped(head.size, found.time, found.authority)


def newest_size(central: Central) -> int:
    """The size of the newest stamped head; 0 for none."""
    with central:
        last = _newest()
    return last.size if last is not None else 0


def stamped_with(central: Central, cursor: int) -> Any:
    """The first stamped head that holds an entry; None before it."""
    with central:
        return HeadStamp.select().where(HeadStamp.size >= cursor).order_by(HeadStamp.size).first()


def receipt(central: Central, row: Any, *, stamped: bool) -> dict[str, Any]:
    """What the server says of a logged entry, as JSON.

    Args:
        stamped: in the first head that bears an outside time-stamp, and with that, where there is one.
    """
    head = stamped_with(central, row.cursor) if stamped else None
    if head is None:
        return central.receipt(row).as_dict()
    signed = Checkpoint(central.origin, head.size, b"", head.note)
    return {**central.receipt(row, signed).as_dict(), "stamp": b64(bytes(head.answer))}


def _newest() -> Any:
    return last_of(HeadStamp, "size")


def _post(url: str, asked: bytes) -> bytes:
    with urllib3.PoolManager(timeout=_SECONDS, retries=False) as pool:
        answer = pool.request("POST", url, body=asked, headers=_QUERY, preload_content=False, redirect=False)
        data: bytes = answer.read(stamps.LIMIT + 1)
        answer.release_conn()
    if answer.status != 200:
        raise stamps.StampRefused(f"HTTP {answer.status}")
    return data
