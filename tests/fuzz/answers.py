"""What a server answers, read by a real notebook's engine: it may refuse, and nothing else may happen.

An input is the name of a conversation, then the answers, each after an empty line. Where an answer says
`@head`, the server's true checkpoint is put; a page's line whose signature is `@` is signed.
"""

from __future__ import annotations

import atexit
import base64
import contextlib
import shutil
import tempfile
from functools import cache
from pathlib import Path

import msgspec

from models.store import keys
from models.store.change import new_id, put
from models.store.entry import GENESIS, hash_input
from models.store.notebook import Notebook
from sync import wire
from sync.checkpoint import sign_checkpoint
from sync.engine import Answer, Engine, Steps
from sync.ledger import Ledger
from sync.merkle import leaf_hash, root_of
from sync.outcome import Outcome, SyncFailed
from sync.problems import Problem
from sync.pulling import Pulling
from tests.fuzz.targets import ORIGIN, SIGNER, packed

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
        epoch="ab" * 16,
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
    seq, digest = engine.ledger.own_end()
    head = _head(engine)
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
                body = each.replace(b"@head", head).replace(b"@last", digest.hex().encode())
                if call.expects == "page":
                    body = packed(_resigned(body))
                call = steps.send(Answer(200, {}, body))
        except StopIteration:
            ended = True
        except (SyncFailed, Problem):
            pass
        finally:
            steps.close()
        raise _Undone
    return ended


def _head(engine: Engine) -> bytes:
    """The checkpoint of a log that holds the notebook's own entries and no other."""
    seat = engine.seat
    with seat:
        last, _ = engine.ledger.own_end()
        rows = [seat.journal.at(seat.device, seq) for seq in range(1, last + 1)]
        leaves = [leaf_hash(bytes(row.hash)) for row in rows if row is not None]
    note = sign_checkpoint(
        ORIGIN, len(leaves), root_of(leaves), public_key=SIGNER.public_key_der, sign=SIGNER.sign
    ).note
    return msgspec.json.encode(note)[1:-1]


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
