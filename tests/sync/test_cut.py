"""A piece of a file that is cut on its way: what arrived stays, from whom it may come and only then."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

import pytest

from models.store.notebook import Notebook
from sync.address import ServerAddress
from sync.client import synchronise
from sync.courier import Courier
from sync.embedded import Running
from sync.engine import Call
from sync.server.central import Central
from sync.server.tables import Upload

from .conftest import QUICK, MakeNotebook, courier, eventually
from .test_http import attached, patch

DATA = os.urandom(900_000)
ARRIVED = 400_000


def cut(server: Running, call: Call, fields: Mapping[str, str], arrived: int) -> None:
    """Send a call's head and the beginning of its body, then break the connection."""
    head = [f"{call.method} {call.target} HTTP/1.1", "host: 127.0.0.1", f"content-length: {len(call.body)}"]
    head += [f"{name}: {value}" for name, value in fields.items()]
    with socket.create_connection(("127.0.0.1", server.port)) as link:
        link.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + call.body[:arrived])


def until(central: Central, offset: int) -> None:
    """Wait until so much of the one file has arrived."""

    def arrived() -> bool:
        with central:
            upload = Upload.get_or_none()
        return upload is not None and upload.offset == offset

    eventually(arrived)


@pytest.fixture
def begun(enrolled: MakeNotebook, server: Running) -> tuple[Notebook, Courier, str]:
    """A notebook with a file of which the server has the first piece."""
    book = enrolled()
    sha256 = attached(book, DATA)
    carrier = courier(book, ServerAddress.parse(server.url))
    carrier.ask(patch(sha256, DATA[:1000], 0, len(DATA)))
    return book, carrier, sha256


def test_what_arrived_of_a_piece_that_was_cut_is_not_sent_again(
    begun: tuple[Notebook, Courier, str], server: Running, central: Central
) -> None:
    book, carrier, sha256 = begun
    call = patch(sha256, DATA[1000:], 1000, len(DATA))
    cut(server, call, carrier._fields(call)(), ARRIVED)
    until(central, 1000 + ARRIVED)
    outcome = synchronise(book, pace=QUICK)
    assert outcome.ok
    assert outcome.bytes_up < len(DATA) - ARRIVED + 10_000
    assert central.vault.verify(sha256) == "kept"
    assert list((central.folder / "spool").iterdir()) == []


def test_a_piece_that_was_cut_is_kept_only_from_who_may_send_it(
    begun: tuple[Notebook, Courier, str], server: Running, central: Central
) -> None:
    _book, carrier, sha256 = begun
    call = patch(sha256, DATA[1000:], 1000, len(DATA))
    signed = {name.lower(): value for name, value in carrier._fields(call)().items()}
    elsewhere = patch(sha256, DATA[5000:], 5000, len(DATA))
    for wrong in (
        (call, {**signed, "signature": signed["signature"].replace("device=:", "device=:AA", 1)}),
        (call, {**signed, "upload-offset": "0"}),
        (call, {name: value for name, value in signed.items() if name != "authorization"}),
        (elsewhere, carrier._fields(elsewhere)()),
    ):
        cut(server, *wrong, 2 * ARRIVED)
    # were one of them kept, this one would not fit
    cut(server, call, carrier._fields(call)(), ARRIVED)
    until(central, 1000 + ARRIVED)
    (spool,) = (central.folder / "spool").glob(f"{sha256}*")
    assert spool.stat().st_size == 1000 + ARRIVED


def test_a_piece_that_was_cut_is_taken_once(
    begun: tuple[Notebook, Courier, str], server: Running, central: Central
) -> None:
    _book, carrier, sha256 = begun
    call = patch(sha256, DATA[1000:], 1000, len(DATA))
    fields = carrier._fields(call)()
    cut(server, call, fields, ARRIVED)
    until(central, 1000 + ARRIVED)
    with central.writing():
        Upload.update(offset=1000).execute()
    cut(server, call, fields, ARRIVED)
    cut(server, call, carrier._fields(call)(), 2 * ARRIVED)
    until(central, 1000 + 2 * ARRIVED)
