"""What a notebook does with its server: enrol once, synchronise at the end of the day."""

from __future__ import annotations

import base64
import contextlib
import json
import platform
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from models.errors import BadInput, StoreRefused
from models.language import lasting, listed
from models.registry import units as registry
from models.registry.tables import Officer
from models.registry.units import label_of
from models.store.database import CONTRADICTIONS, unhurried
from models.store.lookup import by_id
from models.store.notebook import Notebook
from models.store.seat import Seat
from models.store.signer import device_id
from sync import copied, former, second_factor
from sync import outcome as says
from sync.address import ServerAddress, read_enrolment
from sync.courier import Calling, Cancelled, Courier, NotTheServer, Pace
from sync.engine import Call, Engine, Forked, Steps
from sync.file_ledger import THERE
from sync.ledger import Ledger
from sync.outcome import Exit, Outcome, Progress, SyncFailed, Told, Trouble
from sync.problems import Problem
from sync.pulling import Pulling
from sync.queries import count_conflicts
from sync.rehoming import Rehoming
from sync.sending import Sending
from sync.transport import HttpTransport, NoAnswer, NoTls, Transport, WrongCertificate

CLOCK_TOLERANCE_MS = 120_000
"""A clock that is further off is worth a sentence."""
_FORKS = 3
"""How often one synchronisation begins anew since another copy of the notebook came in between."""
_PROBLEMS = {
    "revoked": (Exit.REVOKED, says.REVOKED),
    "quota": (Exit.REVOKED, says.REVOKED_FULL),
    "too-late": (Exit.REVOKED, says.REVOKED_LATE),
    "auth": (Exit.NOT_ENROLLED, says.DEVICE_UNKNOWN),
    "code-wrong": (Exit.WRONG_CODE, says.WRONG_CODE),
    "code-used": (Exit.USED_CODE, says.USED_CODE),
    "code-expired": (Exit.EXPIRED_CODE, says.EXPIRED_CODE),
    "code-another": (Exit.WRONG_CODE, says.ANOTHERS_CODE),
    "busy": (Exit.NO_ANSWER, says.BUSY),
    "slow-down": (Exit.NO_ANSWER, says.BUSY),
    "damaged": (Exit.FAILED, says.DAMAGED),
    "disk-full": (Exit.SERVER_FULL, says.SERVER_FULL),
    "epoch": (Exit.SERVER_WENT_BACK, says.SERVER_WENT_BACK),
    "upgrade": (Exit.FAILED, says.UPGRADE),
}


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What an enrolment gave."""

    address: ServerAddress
    name: str
    """Of the person with the account; empty from a server before it told this."""


def enrol(
    notebook: Seat,
    address: ServerAddress | None,
    code: str,
    *,
    transport: Transport | None = None,
    pace: Pace | None = None,
) -> Enrolled:
    """Make this notebook's device known to a server; a notebook begun without one keeps all it has.

    A code made for who holds another certificate than this notebook's person is refused, and stays good.

    Args:
        address: where the server is; may be None when `code` is the text of an enrolment QR code.
        code: the one-time code, or that text, which also names the server's key.

    Returns:
        The address enrolled with, and for whom.

    Raises:
        SyncFailed: with one sentence and an exit code; nothing was changed.
    """
    named = read_enrolment(code)
    if address is None:
        if named is None:
            raise SyncFailed(Exit.WRONG_CODE, says.NO_ADDRESS)
        address = ServerAddress.parse(named.address)
    ledger = Ledger(notebook)
    if named is not None:
        _refuse_another(ledger, named.server)
    link = transport or HttpTransport(address)
    calling, public_key = copied.first_known_as(notebook)
    courier = Courier(calling, link, Outcome(), pace=pace or Pace())
    asked = {
        "code": named.code if named is not None else code,
        "public_key": base64.b64encode(public_key).decode(),
        "name": platform.node(),
        "certificate": _own_certificate(notebook),
    }
    call = Call("POST", "/v1/enrol", msgspec.json.encode(asked), {"content-type": "application/json"}, True)
    try:
        with _told_apart(address.url):
            answer = courier.ask_unbound(call)
        told = answer.json()
        facts = _server_facts(told, address, notebook.clock.wall_ms())
        if named is not None and facts["device"] != named.server:
            raise SyncFailed(Exit.WRONG_SERVER, says.WRONG_SERVER)
        _refuse_another(ledger, facts["device"])
    finally:
        link.close()
    # first, as it is what may be refused
    _keep_recovery(notebook, told.get("recovery"))
    with notebook.writing():
        ledger.keep_server(**facts)
        copied.enrolled(ledger, facts["certificate"])
        ledger.follow_units(told)
        ledger.keep_bundle_note(told.get("bundles"))
        notebook.remember_server_time(notebook.clock.wall_ms() + (courier.offset_ms or 0))
        _adopt(notebook, facts["officer"], facts["role"])
    return Enrolled(address, str(told.get("name", "")))


def _own_certificate(notebook: Seat) -> str:
    """The certificate number of who began the notebook; empty where it is not known here."""
    with notebook:
        own = by_id(Officer, notebook.person)
    return own.certificate or "" if own is not None else ""


def synchronise(
    notebook: Notebook,
    address: ServerAddress | None = None,
    *,
    progress: Told = lambda told: None,
    cancelled: Callable[[], bool] = lambda: False,
    transport: Transport | None = None,
    pace: Pace | None = None,
    files_first: Collection[str] = (),
    code: str = "",
) -> Outcome:
    """Bring notebook and server together: entries up, entries down, files up. What happens is returned.

    Nothing counts as received before the server's signed receipt for it was verified. It may be stopped at
    any moment and goes on from there.

    Args:
        address: by default where the notebook was enrolled.
        progress: told often, from this thread.
        cancelled: asked between steps and while waiting.
        files_first: SHA-256 of files that go before all others, as those of a case that somebody waits for.
        code: the current code of the person's second factor, where the server asks for one.

    Raises:
        BadInput: the code is none.
    """
    shown = second_factor.code_in(code) if code else ""

    def over_network(engine: Engine) -> None:
        engine.files_first = files_first
        where = address or _kept_address(engine.ledger)
        with _told_apart(where.url):
            _converse(notebook, engine, where, transport, cancelled, pace or Pace(), shown)

    return conversation(notebook, progress, over_network)


def conversation(notebook: Seat, progress: Told, converse: Callable[[Engine], None]) -> Outcome:
    """One conversation, by whatever way, from its line among the sessions to its outcome.

    Args:
        converse: makes it; what it raises becomes a sentence of the outcome.
    """
    outcome = Outcome()
    engine: Engine | None = None
    session = 0
    going = True
    while going:
        going = False
        try:
            ledger = Ledger(notebook)
            engine = Engine(ledger, outcome, progress)
            session = session or ledger.begin_session()
            # what a loss of power takes of it the next one gives; closing the session waits for all of it
            with _told_apart(), unhurried():
                converse(engine)
        except SyncFailed as failed:
            outcome.problems.append(failed.trouble())
        except StoreRefused as refused:
            going = notebook.made_room()
            told = Trouble(Exit.DONE, says.ROOM_MADE) if going else _refused(refused)
            (outcome.warnings if going else outcome.problems).append(told)
    if outcome.put_aside:
        outcome.warnings.append(Trouble(Exit.PUT_ASIDE, says.PUT_ASIDE, {"count": outcome.put_aside}))
    _finish(notebook, outcome, session, engine.phase if engine is not None else "")
    progress(Progress("done", outcome.entries_sent, outcome.entries_sent, outcome.bytes_up, outcome.bytes_up))
    return outcome


def _refused(refused: StoreRefused) -> Trouble:
    return Trouble(Exit.DISK_FULL, refused.msgid, refused.params)


def _converse(
    notebook: Notebook,
    engine: Engine,
    where: ServerAddress,
    transport: Transport | None,
    cancelled: Callable[[], bool],
    pace: Pace,
    code: str,
) -> None:
    ignore_dates = False
    while True:
        link = transport or HttpTransport(where, ignore_dates=ignore_dates)
        courier = Courier(notebook, link, engine.outcome, cancelled, pace, code=code)
        try:
            copied.certify(
                notebook,
                engine.ledger,
                engine.outcome,
                partial(_calling, link, engine.outcome, cancelled, pace),
            )
            courier.run(_steps(notebook, engine.ledger, engine, courier))
            return
        except WrongCertificate as wrong:
            # with a wrong clock every certificate looks expired; the server still has to prove itself by
            # its pinned signing key, and our requests are signed, so the dates alone do not stop us
            if not wrong.outside_dates or ignore_dates or transport is not None:
                raise
            ignore_dates = True
            engine.outcome.warnings.append(Trouble(Exit.WRONG_CERTIFICATE, says.CERTIFICATE_TIME))
        finally:
            link.close()


def _calling(
    link: Transport, outcome: Outcome, cancelled: Callable[[], bool], pace: Pace, who: Calling
) -> Courier:
    return Courier(who, link, outcome, cancelled, pace)


def _steps(notebook: Notebook, ledger: Ledger, engine: Engine, courier: Courier) -> Steps[None]:
    for _try in range(_FORKS):
        try:
            return (yield from _whole(notebook, ledger, engine, courier))
        except Forked:  # another copy has synchronised since hello: the next one finds it out
            continue
    raise SyncFailed(Exit.FORK, says.FORK)


def _whole(notebook: Notebook, ledger: Ledger, engine: Engine, courier: Courier) -> Steps[None]:
    healing = Rehoming(engine, notebook)
    have, revoked = yield from healing.hello()
    _note_time(notebook, ledger, engine.outcome, courier.offset_ms or 0)
    yield from engine.catch_up(have)
    if not revoked:
        yield from healing.say_again()
    yield from engine.push(have)
    if not revoked and (yield from healing.give_back()):
        yield from engine.push(ledger.acknowledged())
    if not revoked:
        leave_units(engine)
        yield from pulled(engine)
    yield from engine.seal_receipts()
    yield from engine.seal_stamps()
    yield from Sending(engine).whole()
    engine.phase = "done"


def pulled(engine: Engine) -> Steps[None]:
    """Fetch what others wrote; a notebook that is too old for it hands in all the same (R15), and so does one
    whose person has to show a code first."""
    try:
        yield from Pulling(engine).whole()
        former.caught_up(engine.ledger)
    except Problem as problem:
        if problem.name == second_factor.PROBLEM:
            engine.outcome.problems.append(second_factor.trouble(engine.outcome.factor))
        elif problem.name == "upgrade":
            engine.outcome.problems.append(Trouble(*_PROBLEMS["upgrade"]))
        else:
            raise
    _tell_decisions(engine.ledger, engine.outcome)


def leave_units(engine: Engine) -> None:
    """Forget what the account may not read any more, and say so."""
    gone = engine.ledger.leaving()
    if gone:
        told = {"units": listed(map(label_of, gone)), "count": engine.ledger.leave_units()}
        engine.outcome.warnings.append(Trouble(Exit.DONE, says.UNITS_TAKEN, told))


def _tell_decisions(ledger: Ledger, outcome: Outcome) -> None:
    """Say what supervisors decided on own entries that had been put aside (R5)."""
    found = ledger.decisions
    if found:
        told = {"released": found["release"], "rejected": found["reject"]}
        outcome.warnings.append(Trouble(Exit.DONE, says.RELEASED, told))


def _note_time(notebook: Seat, ledger: Ledger, outcome: Outcome, offset_ms: int) -> None:
    """Remember the server's time (R12), and say so when this device's clock is far from it."""
    notebook.remember_server_time(notebook.clock.wall_ms() + offset_ms)
    ledger.update_server(clock_offset_ms=offset_ms)
    if abs(offset_ms) <= CLOCK_TOLERANCE_MS:
        return
    outcome.warnings.append(
        Trouble(
            Exit.DONE,
            says.CLOCK_BEHIND if offset_ms > 0 else says.CLOCK_AHEAD,
            {"amount": lasting(abs(offset_ms))},
        )
    )


def _finish(notebook: Seat, outcome: Outcome, session: int, phase: str) -> None:
    """Count what is left and close the session's line; a full disk must not hide the outcome."""
    with contextlib.suppress(StoreRefused):
        with notebook:
            outcome.unsent_entries = notebook.journal.unsent()[0]
        ledger = Ledger(notebook)
        counts = ledger.file_counts()
        outcome.unsent_files = sum(count for state, (count, _size) in counts.items() if state not in THERE)
        if differing := count_conflicts(notebook):
            outcome.warnings.append(Trouble(Exit.DONE, says.CONFLICTS, {"count": differing}))
        if session:
            ledger.end_session(session, outcome, phase)


def _kept_address(ledger: Ledger) -> ServerAddress:
    server = ledger.server()
    if server is None:
        raise SyncFailed(Exit.NOT_ENROLLED, says.NOT_ENROLLED)
    return ServerAddress(server.url, Path(server.ca_file) if server.ca_file else None)


def _refuse_another(ledger: Ledger, server: str) -> None:
    """Refuse to leave a server: its receipts and places in its log mean nothing to another.

    Raises:
        SyncFailed: when the notebook is enrolled with another server than the one of this device id.
    """
    kept = ledger.server()
    if kept is not None and kept.device != server:
        raise SyncFailed(Exit.WRONG_SERVER, says.ENROLLED_ELSEWHERE, server=kept.url)


def _keep_recovery(notebook: Seat, recipient: object) -> None:
    """Let the agency's recovery key open the notebook, where the server names one.

    Raises:
        SyncFailed: when what it names is no such key.
    """
    set_recovery = getattr(notebook, "set_recovery", None)
    if not recipient or set_recovery is None:
        return
    try:
        set_recovery(str(recipient).strip())
    except BadInput as reason:
        raise SyncFailed(Exit.FAILED, says.REFUSED, reason="senseless answer (recovery)") from reason


def _adopt(notebook: Seat, officer: str, role: str) -> None:
    """Take on the person's official record where the notebook has none of its own that the server takes.

    A notebook is begun with an officer's record; from an account that may not enter officers, such as a grid
    worker's, the server puts it aside. One that was taken on from an account of before is not its own.
    """
    with notebook:
        first = notebook.journal.at(notebook.device, 1)
        own = first is not None and first.entry().parsed_head.u == notebook.person
        known = own and by_id(Officer, notebook.person) is not None
    found = registry.role(role)
    taken = found is not None and not found.may.isdisjoint({"inspect", "edit_officers"})
    if not (known and taken):
        notebook.set_meta(person=officer)
        notebook.person = officer


def _server_facts(told: dict[str, Any], address: ServerAddress, now: int) -> dict[str, Any]:
    """What to keep of the answer to an enrolment.

    Raises:
        SyncFailed: when it is not a whole one.
    """
    try:
        server = told["server"]
        key = base64.b64decode(server["key"], validate=True)
        if device_id(key) != server["device"]:
            raise ValueError("the server's key is not its own")
        texts = ("host", "origin", "epoch", "organisation", "certificate", "authority", "officer", "role")
        facts = {name: str(told[name]) for name in texts}
        units = ",".join(str(unit) for unit in told["units"])
    except (KeyError, TypeError, ValueError) as reason:
        raise SyncFailed(Exit.FAILED, says.REFUSED, reason="senseless answer (enrol)") from reason
    return {
        **facts,
        "url": address.url,
        "ca_file": str(address.ca_file) if address.ca_file else None,
        "key": key,
        "device": server["device"],
        "units": units,
        "limits": json.dumps(told.get("limits") or {}),
        "enrolled_at": now,
    }


@contextmanager
def _told_apart(server: str = "-") -> Iterator[None]:
    """Turn what a conversation ends with into one sentence and exit code.

    Args:
        server: the address that was asked; a stick asks none.

    Raises:
        SyncFailed: always instead of the exceptions of transport and protocol.
    """
    try:
        yield
    except Cancelled:
        raise SyncFailed(Exit.CANCELLED, says.CANCELLED) from None
    except NotTheServer as noise:
        raise SyncFailed(Exit.NO_ANSWER, says.NOT_THE_SERVER) from noise
    except NoTls as noise:
        raise SyncFailed(Exit.NO_ANSWER, says.NO_TLS, server=server) from noise
    except NoAnswer as silence:
        raise SyncFailed(Exit.NO_ANSWER, says.NO_ANSWER, server=server) from silence
    except CONTRADICTIONS as contradiction:
        # what is signed holds: it is the places in the log that cannot be
        raise SyncFailed(Exit.FAILED, says.REFUSED, reason="senseless answer (places)") from contradiction
    except WrongCertificate as wrong:
        if wrong.unknown_authority or wrong.other_name:
            words = says.UNKNOWN_AUTHORITY if wrong.unknown_authority else says.OTHER_NAME
            raise SyncFailed(Exit.WRONG_CERTIFICATE, words, server=server) from wrong
        raise SyncFailed(Exit.WRONG_CERTIFICATE, says.WRONG_CERTIFICATE, reason=str(wrong) or "-") from wrong
    except Problem as problem:
        known = _PROBLEMS.get(problem.name)
        if known is not None:
            raise SyncFailed(*known, server=server) from problem
        reason = problem.name + (f": {problem.detail[:120]}" if problem.detail else "")
        raise SyncFailed(Exit.FAILED, says.REFUSED, reason=reason) from problem
