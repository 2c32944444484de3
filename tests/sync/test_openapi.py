"""The description of the calls is whole and true, and requests made from it break nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from models.store.entry import GENESIS
from sync import wire
from sync.server import admin, openapi, people
from sync.server.app import make_app
from sync.server.calls import served
from sync.server.central import Central
from sync.signing import new_nonce
from sync.wire import Limits
from tests.fuzz.decoders import kept_inputs
from tests.fuzz.targets import SIGNER

from .asgi import AsgiAdapter, Signed
from .conftest import UNIT, server_process

DOCUMENT = Path(__file__).parents[2] / "docs/openapi.json"
SCHEMA = schemathesis.openapi.from_dict(openapi.whole())
OPERATIONS = {each.ok().label: each.ok() for each in SCHEMA.get_all_operations()}
CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance]
FEW = settings(
    max_examples=8,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
MANY = settings(FEW, max_examples=2000, derandomize=False)
PHOTO = b"photo"

schemathesis.openapi.media_type(
    wire.MEDIA_TYPE,
    st.sampled_from(
        [each if each.startswith(b"\x28\xb5") else wire.pack(each) for each in kept_inputs("batch")]
    )
    | st.binary(max_size=300).map(wire.pack)
    | st.binary(max_size=300),
)
schemathesis.openapi.media_type("application/partial-upload", st.just(PHOTO) | st.binary(max_size=300))


@schemathesis.serializer(wire.MEDIA_TYPE, "application/partial-upload")
def as_they_are(ctx: schemathesis.SerializationContext, value: Any) -> Any:
    return value if isinstance(value, bytes) else msgspec.json.encode(str(value))


def test_the_kept_description_is_that_of_the_calls() -> None:
    """Made anew by: python -m sync.server.openapi > docs/openapi.json"""
    assert msgspec.json.decode(DOCUMENT.read_bytes()) == msgspec.json.decode(
        msgspec.json.encode(openapi.whole())
    )


def test_every_call_is_described(central: Central) -> None:
    described = {
        (method.upper(), path) for path, methods in openapi.whole()["paths"].items() for method in methods
    }
    assert described == {(call.method, call.path) for call in served(central, Limits())}
    assert len(described) == len(OPERATIONS) >= 18


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("described") / "server"
    admin.init(made, organisation="演示生态环境局", host="sync.example.cn")
    return made


@pytest.fixture(scope="module")
def seat(folder: Path) -> Iterator[Central]:
    central = Central.open(folder)
    yield central
    central.close()


@pytest.fixture(scope="module")
def right(seat: Central) -> dict[str, str]:
    """What an honest notebook would put where a name stands in the description."""
    officer = admin.add_officer(seat, "示例人01", role="lead", unit_code=UNIT, units=(UNIT,))
    people.enrol(seat, people.make_code(seat, officer), SIGNER.public_key_der, "手工设备")
    return {
        "sync-epoch": seat.epoch,
        "sync-first": "1",
        "sync-prev": base64.b64encode(GENESIS).decode(),
        "device": seat.device,
        "q": "1",
        "sha256": hashlib.sha256(PHOTO).hexdigest(),
        "from": "1",
        "to": "2",
        "after": "0",
        "bytes": "5000",
        "upload-offset": "0",
        "upload-length": str(len(PHOTO)),
        "upload-complete": "?1",
        "epoch": seat.epoch,
        "public_key": base64.b64encode(SIGNER.public_key_der).decode(),
        "code": people.make_code(seat, officer),
    }


def correct(case: Any, right: dict[str, str]) -> None:
    """Put what is right into a case wherever its name stands."""
    for members in (case.headers, case.query, case.path_parameters, case.body):
        if isinstance(members, Mapping):
            for name in members.keys() & right.keys():
                members[name] = right[name]


def ask(
    label: str, central: Central, right: dict[str, str], session: requests.Session, url: str, many: settings
) -> set[int]:
    """Send what the description gives, and what it forbids; the statuses that came back."""
    operation = OPERATIONS[label]
    takes_anything = operation.definition.raw.get("parameters") or operation.definition.raw.get("requestBody")
    nonce = partial(people.server_nonce, central) if label == "POST /v1/session" else new_nonce
    seen: set[int] = set()
    for mode in schemathesis.GenerationMode if takes_anything else [schemathesis.GenerationMode.POSITIVE]:

        @many
        @given(case=operation.as_strategy(generation_mode=mode), as_it_should=st.booleans())
        def check(case: Any, as_it_should: bool) -> None:
            if as_it_should:
                correct(case, right)
            session.auth = Signed(SIGNER, people.open_session(central, SIGNER.device), nonce)
            response = case.call(base_url=url, session=session)
            case.validate_response(response, checks=CHECKS)
            seen.add(response.status_code)

        check()
    return seen


def within(seat: Central) -> requests.Session:
    """Sends to the application in this process."""
    session = requests.Session()
    session.mount("http://", AsgiAdapter(make_app(seat)))
    return session


@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_breaks_the_application(seat: Central, right: dict[str, str], label: str) -> None:
    seen = ask(label, seat, right, within(seat), "http://127.0.0.1", FEW)
    assert seen - {401}, "nothing came past the door"


def test_no_request_breaks_a_real_server(folder: Path, seat: Central, right: dict[str, str]) -> None:
    few = settings(FEW, max_examples=2)
    with server_process(folder) as (process, url), requests.Session() as session:
        for label in OPERATIONS:
            assert ask(label, seat, right, session, url, few) - {401}, label
        assert process.poll() is None


@pytest.mark.soak
@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_breaks_the_application_for_long(seat: Central, right: dict[str, str], label: str) -> None:
    assert ask(label, seat, right, within(seat), "http://127.0.0.1", MANY) - {401}
