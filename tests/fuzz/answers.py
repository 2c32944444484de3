"""What a server answers, read by a real notebook's engine: it may refuse, and nothing else may happen.

An input is the name of a conversation, then the answers, each after an empty line; or the replies to a whole
synchronisation. What stands there for a true value is told at `_filled`; a page's line whose signature is `@`
is signed.
"""

from __future__ import annotations

import atexit
import base64
import contextlib
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from models.store import keys
from models.store.change import new_id, put
from models.store.database import CONTRADICTIONS
from models.store.entry import GENESIS, hash_input
from models.store.notebook import Notebook
from sync import wire
from sync.checkpoint import sign_checkpoint
from sync.client import synchronise
from sync.engine import Answer, Engine, Forked, Steps
from sync.ledger import Ledger
from sync.merkle import inclusion_path, leaf_hash, root_of
from sync.outcome import Outcome, SyncFailed
from sync.problems import Problem
from sync.pulling import Pulling
from sync.receipts import Receipt
from sync.transport import NoAnswer, Reply
from tests.fuzz.targets import EPOCH, ORIGIN, SIGNER, packed
from tests.in_turn import steady

PASSPHRASE = "青山绿水-2026"


class _Undone(Exception):
    """Takes back what an accepted answer changed, so that each input meets the same notebook."""


@cache
def _notebook() -> Notebook:
    folder = Path(tempfile.mkdtemp(prefix="qingcha-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    book = Notebook.create(folder / "book", PASSPHRASE, person=new_id(), unit="350602", cost=keys.FAST)
    for number in range(3):
        book.write(put("site", new_id(), "350602", name=f"示例企业{number}"))
    Ledger(book).keep_server(
        url="https://sync.example.cn",
        certificate="",
        authority="",
        officer=book.person,
        enrolled_at=0,
        key=SIGNER.public_key_der,
        device=SIGNER.device,
        origin=ORIGIN,
        epoch=EPOCH,
        organisation="",
        host="sync.example.cn",
        role="officer",
        units="350602",
        limits=msgspec.json.encode(wire.Limits().as_dict()).decode(),
    )
    return book


def answers(data: bytes) -> bool:
    """Whether the conversation came to its end."""
    book = _notebook()
    name, *told = data.split(b"\n\n")
    engine = Engine(Ledger(book), Outcome(), lambda progress: None)
    seq, _ = engine.ledger.own_end()
    conversations = {
        b"hello": engine.hello,
        b"push": lambda: engine.push(0),
        b"pull": Pulling(engine).whole,
        b"receipt": lambda: engine.catch_up(seq),
    }
    begin = conversations.get(name)
    if begin is None:
        return False
    ended = False
    with contextlib.suppress(_Undone), book.writing():
        steps: Steps[object] = begin()
        try:
            call = next(steps)
            for each in told[:8]:
                body = _filled(each, engine)
                if call.expects == "page":
                    body = packed(_resigned(body))
                call = steps.send(Answer(200, {}, body))
        except StopIteration:
            ended = True
        except (
            SyncFailed,
            Problem,
            Forked,
            *CONTRADICTIONS,
        ):  # the last: `sync.client` makes a sentence of it
            pass
        finally:
            steps.close()
        raise _Undone
    return ended


class _Replying:
    """A network that gives the replies of an input, one after another, and then nothing."""

    def __init__(self, replies: list[bytes]) -> None:
        self._left = replies[::-1]

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, most: int) -> Reply:
        for name, value in headers.items():
            f"{name}: {value}".encode("latin-1")  # as a real transport sends it
        if not self._left:
            raise NoAnswer("no more")
        first, _, data = self._left.pop().partition(b"\n")
        status, _, fields = first.decode("latin-1").partition(" ")
        told = dict(each.partition("=")[::2] for each in fields.split(";;"))
        if told.get("content-digest") == "@":
            data = packed(_resigned(data))
            told["content-digest"] = wire.content_digest(data)
        return Reply(int(status) if status in _STATUSES else 200, told, data)

    def close(self) -> None:
        """Nothing is open."""


_STATUSES = {"200", "201", "204", "206", "302", "400", "401", "409", "413", "429", "500", "503"}


def replies(data: bytes) -> bool:
    """A whole synchronisation with a server, or a portal, that answers anything; whether it went well."""
    book = _notebook()
    ledger = Ledger(book)
    filled = _filled(data, Engine(ledger, Outcome(), lambda progress: None))
    went = False
    with contextlib.suppress(_Undone), book.writing():
        went = synchronise(book, transport=_Replying(filled.split(b"\n\n")[:12]), pace=steady(2)).ok
        raise _Undone
    return went


def _filled(data: bytes, engine: Engine) -> bytes:
    """Bytes with true values for what begins with `@`: `@last` and `@seq` are hash and number of the last own
    entry; `@head`, `@receipt` and `@held`, the answer that gives one, are of a log that holds the own entries
    and no other, in the life `@epoch`."""
    if b"@" not in data:
        return data
    seat = engine.seat
    seq, digest = engine.ledger.own_end()
    with seat:
        rows = [seat.journal.at(seat.device, each) for each in range(1, seq + 1)]
    leaves = [leaf_hash(bytes(row.hash)) for row in rows if row is not None]
    head = sign_checkpoint(ORIGIN, seq, root_of(leaves), public_key=SIGNER.public_key_der, sign=SIGNER.sign)
    path = inclusion_path(seq - 1, seq, lambda level, at: root_of(leaves[at << level : (at + 1) << level]))
    told = Receipt(seq, digest, tuple(path), head.note).as_dict()
    receipt, held = msgspec.json.encode(told), msgspec.json.encode(told | {"epoch": EPOCH})
    filled = data.replace(b"@last", digest.hex().encode()).replace(b"@seq", b"%d" % seq)
    filled = filled.replace(b"@epoch", EPOCH.encode()).replace(b"@held", held)
    return filled.replace(b"@head", msgspec.json.encode(head.note)[1:-1]).replace(b"@receipt", receipt)


def _resigned(lines: bytes) -> bytes:
    """A page whose lines with `@` for a signature bear a true one of the server."""
    out = []
    for row in lines.split(b"\n"):
        parts = row.split(b"\t")
        if len(parts) == 6 and parts[3] == b"@":
            with contextlib.suppress(ValueError):
                prev = base64.urlsafe_b64decode(parts[2] + b"=") if parts[2] != b"." else GENESIS
                signature = SIGNER.sign_raw(hash_input(prev, parts[4], parts[5]))
                parts[3] = base64.urlsafe_b64encode(signature).rstrip(b"=")
        out.append(b"\t".join(parts))
    return b"\n".join(out)
