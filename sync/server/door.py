"""Who calls, and may they: requests with a signature or a session, enrolment, and sessions themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.store.signer import device_id
from sync.problems import Problem
from sync.server import factors, people
from sync.server.central import Central, b64
from sync.server.logs import caller_is
from sync.server.people import Caller
from sync.server.rates import Rates
from sync.server.requests import Incoming, Outgoing, from_base64, number
from sync.signing import SignatureRefused, verify_request
from sync.wire import Limits

MIN_SCHEMA = 1
"""Oldest schema version whose notebooks may pull."""


CODE_DUE = (
    "Show the code of your phone's app first: qingcha sync --code 123456, or Phone code on the Sync screen. "
    "What was sent is received all the same."
)
"""For a program of before this version too, which shows it as it is."""


class Door:
    """What every call of the protocol passes first, and the calls that open it."""

    def __init__(self, central: Central, limits: Limits) -> None:
        self.central = central
        self.limits = limits
        self.rates = Rates(lambda: central.clock.mono_ms())

    def _signed(self, request: Incoming, *, server_nonce: bool = False, whole: bool = True) -> Caller:
        """The caller of a signed request; where its body is not `whole`, the digest of that is not asked.

        Raises:
            Problem: auth.
        """
        central = self.central
        signed = self._checked(request, lambda device: people.public_key(central, device), whole=whole)
        if server_nonce:
            people.check_server_nonce(central, signed[1])
        elif people.session_device(central, self.token(request)) != signed[0]:
            raise Problem("auth", "another device's session")
        self.rates.device(signed[0])
        people.use_nonce(central, *signed)
        caller_is(signed[0])
        return people.caller(central, signed[0])

    def _checked(
        self, request: Incoming, key: Callable[[str], bytes | None], *, whole: bool = True
    ) -> tuple[str, str]:
        try:
            signed = verify_request(
                request.method,
                request.target,
                request.headers,
                request.digest if whole else None,
                public_key=key,
                now_s=self.central.clock.wall_ms() // 1000,
            )
        except SignatureRefused as reason:
            raise Problem("auth", str(reason), time=self.central.clock.wall_ms()) from reason
        return signed.device, signed.nonce

    def _reading(self, request: Incoming) -> Caller:
        """The caller of a request that changes nothing."""
        device = people.session_device(self.central, self.token(request))
        self.rates.device(device)
        caller_is(device)
        return people.caller(self.central, device)

    def _told(self, request: Incoming) -> Caller:
        """The caller of a request for what others sent.

        Raises:
            Problem: auth, second-factor.
        """
        who = self._reading(request)
        if who.code_due:
            raise Problem("second-factor", CODE_DUE)
        return who

    def _receiving(self, request: Incoming) -> Caller:
        """The caller of a request for what others wrote.

        Raises:
            Problem: auth, second-factor, epoch, revoked, or upgrade for a notebook that could not read it
                (R15).
        """
        who = self._told(request)
        self._same_epoch(request)
        if who.revoked:
            raise Problem("revoked")
        if number(request.header("sync-schema") or "1", "sync-schema") < MIN_SCHEMA:
            raise Problem("upgrade", f"schema {MIN_SCHEMA} is the oldest that is served", min_sv=MIN_SCHEMA)
        return who

    @staticmethod
    def token(request: Incoming) -> str:
        """The bearer token of a request; Problem auth where it has none."""
        kind, _, token = request.header("authorization").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Problem("auth", "no session")
        return token

    def _same_epoch(self, request: Incoming) -> None:
        if request.header("sync-epoch") != self.central.epoch:
            raise Problem("epoch", epoch=self.central.epoch)

    def _holding(self, told: dict[str, Any], **more: Any) -> Outgoing:
        """An answer that says what is here, in this life of the log (R8)."""
        return Outgoing({"epoch": self.central.epoch, **told}, **more)

    def enrol(self, request: Incoming) -> Outgoing:
        """POST /v1/enrol: a one-time code and a public key, signed by that key."""
        asked = request.json()
        key = from_base64(asked.get("public_key"))
        try:
            self._checked(request, {device_id(key): key}.get)
        except ValueError as reason:
            raise Problem("bad-request", "not a public key") from reason
        self.rates.before_code(request.address)
        try:
            code, name, held = (str(asked.get(each, "")) for each in ("code", "name", "certificate"))
            device = people.enrol(self.central, code, key, name, officer_certificate=held)
        except Problem as problem:
            if problem.name == "code-wrong":
                self.rates.wrong_code(request.address)
            raise
        who = people.caller(self.central, device.id)
        caller_is(device.id)
        return Outgoing(
            {
                "device": device.id,
                "certificate": device.certificate,
                "authority": self.central.authority,
                "organisation": self.central.organisation,
                "host": self.central.meta("host"),
                "server": {"device": self.central.device, "key": b64(self.central.public_key_der)},
                "origin": self.central.origin,
                "epoch": self.central.epoch,
                "name": people.name_of(self.central, who.officer),
                **who.told(),
                "recovery": self.central.meta("recovery") or "",
                "bundles": self.central.bundle_note(),
                "limits": self.limits.as_dict(),
                "time": self.central.clock.wall_ms(),
            },
            status=201,
        )

    def nonce(self, request: Incoming) -> Outgoing:
        """GET /v1/nonce: the nonce that opens a session, and the server's time."""
        return Outgoing({"nonce": people.server_nonce(self.central), "time": self.central.clock.wall_ms()})

    def session(self, request: Incoming) -> Outgoing:
        """POST /v1/session: with the server's nonce, or a code too; a bearer token of fifteen minutes."""
        who = self._signed(request, server_nonce=True)
        code = request.json().get("code", "")
        if not isinstance(code, str):
            raise Problem("bad-request", "code is six digits, as text")
        shown = factors.show(self.central, who.officer, who.device, code)
        return Outgoing(
            {
                "token": people.open_session(self.central, who.device),
                "seconds": people.SESSION_S,
                "revoked": who.revoked,
                "factor": shown.standing,
                "code": shown.code,
                "time": self.central.clock.wall_ms(),
            }
        )
