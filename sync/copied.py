"""A notebook that finds at its opening that it is a copy goes on under a key of its own, at once (R6).

No server is asked: what is written from then on, on the screen and on paper, bears the new key's name, so
that two laptops never write under one. What the server has no receipt for is written again under its first
home's name, as after a fork. At the next contact the key until then names the one that follows it, before
anything else is said.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from models.store import token
from models.store.clock import Clock
from models.store.notebook import Notebook
from models.store.seat import Seat
from models.store.signer import Signer
from sync import outcome as says
from sync.bundle import Following
from sync.courier import Calling, Driver
from sync.engine import Call
from sync.ledger import Ledger
from sync.outcome import Exit, Outcome, Trouble
from sync.problems import Problem
from sync.rehoming import certificate_in, leave, successor_call
from sync.signing import succession
from sync.tables import FormerChain

_TOO_MANY = "followers_too_many"
"""Key of the fact that the server certifies no further key after the former one."""


def go_on_alone(notebook: Notebook) -> None:
    """Go on under a key of its own, with no token, in one transaction."""
    with notebook.writing():
        go_on_unasked(notebook)
        token.forget(notebook)


def go_on_unasked(notebook: Notebook) -> int:
    """Go on under a key of its own, in one transaction; how many entries are written again."""
    ledger = Ledger(notebook)
    ledger.scan_files()
    # its first entry stays in any case: it holds the key that what was sealed until now is verified by
    return leave(ledger, notebook, max(ledger.acknowledged(), 1), None)


def words(notebook: Notebook) -> Trouble:
    """What a person is told of it."""
    return Trouble(Exit.DONE, says.FOUND_COPIED, {"device": notebook.device[:8]})


@dataclass(frozen=True, slots=True)
class Former:
    """Calls as the device that a notebook was before."""

    signer: Signer
    clock: Clock

    @property
    def device(self) -> str:
        """Its id."""
        return self.signer.device

    def sign(self, data: bytes) -> bytes:
        """DER ECDSA signature by its key."""
        return self.signer.sign(data)


def first_known_as(notebook: Seat) -> tuple[Calling, bytes]:
    """Whom a server is to enrol, and the public key (DER): the device whose entries this notebook began with.

    What it carries of that one is believed by its signature, so that the server has to know it.
    """
    former = notebook.former_signers() if isinstance(notebook, Notebook) else []
    if not former or notebook.meta(_TOO_MANY):
        return notebook, notebook.public_key_der
    return Former(former[0], notebook.clock), former[0].public_key_der


def enrolled(ledger: Ledger, certificate: str) -> None:
    """Note that the certificate which an enrolment gave is that of `first_known_as`."""
    notebook = ledger.seat
    former = notebook.former_signers() if isinstance(notebook, Notebook) else []
    if former and isinstance(notebook, Notebook) and notebook.meta(_TOO_MANY):
        notebook.forget_former_signers()  # it was enrolled itself
        notebook.set_meta(**{_TOO_MANY: None})
    elif former:
        _keep_certificate(former[0].device, certificate)
        notebook.set_meta(device_certificate=None)
        ledger.update_server(certificate="")


def _keep_certificate(device: str, certificate: str) -> None:
    changed: dict[Any, Any] = {FormerChain.certificate: certificate}
    FormerChain.update(changed).where(FormerChain.device == device).execute()


def followings(notebook: Seat) -> list[Following]:
    """For a bundle: from the device that the server knows to this one; empty where it knows this one."""
    if not isinstance(notebook, Notebook):
        return []
    line = [*notebook.former_signers(), notebook.signer]
    found = []
    for former, following in pairwise(line):
        said = succession(former.device, following.device)
        signed = (following.public_key_der, following.sign(said), former.sign(said))
        found.append(Following(former.device, *(base64.b64encode(each).decode() for each in signed)))
    return found


def asked(notebook: Seat) -> list[Call]:
    """The calls of `certify`; empty where the server knows this notebook's key."""
    if not isinstance(notebook, Notebook):
        return []
    line = [*notebook.former_signers(), notebook.signer]
    return [successor_call(former.device, following) for former, following in pairwise(line)]


def certify(
    notebook: Notebook, ledger: Ledger, outcome: Outcome, asking: Callable[[Calling], Driver]
) -> None:
    """Have each key name the one that follows it; nothing where the server knows this notebook's key.

    May be repeated: the server gives the same certificate again.

    Args:
        asking: gives what makes calls as one device.

    Raises:
        Problem, NoAnswer, SyncFailed: what ends a conversation; nothing was changed.
    """
    line = [*notebook.former_signers(), notebook.signer]
    given: dict[str, str] = {}
    for former, following in pairwise(line):
        link = asking(Former(former, notebook.clock))
        try:
            answer = link.ask(successor_call(former.device, following))
        except Problem as problem:
            if problem.name == "too-many":  # then a code enrols the key of now, as that of another notebook
                notebook.set_meta(**{_TOO_MANY: "1"})
            raise
        given[following.device] = certificate_in(answer, following)
    if not given:
        return
    with notebook.writing():
        for device, certificate in given.items():
            _keep_certificate(device, certificate)
        notebook.forget_former_signers()
        notebook.set_meta(device_certificate=given[notebook.device])
        ledger.update_server(certificate=given[notebook.device])
    outcome.warnings.append(Trouble(Exit.DONE, says.COPY_CERTIFIED, {"device": notebook.device[:8]}))
