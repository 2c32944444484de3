"""Every call of the server × every role × unit, by who has a second factor and showed no code of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.problems import read_problem
from sync.server import factors

from .callers import UNITS, World, person
from .codes import Phone
from .test_roles import ENDPOINTS, ROLES, Call, filled, get_file


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with filled(tmp_path_factory.mktemp("factor") / "server") as made:
        yield made


SOME = {"officer", "city", "grid_worker", "expert,legal"}
"""In every run, all in the soak: what a code opens is told by test_roles for each."""
WITHHELD: dict[tuple[str, str], Call] = {
    ("GET", "/v1/sync/pull"): lambda who, unit: who.send(
        "GET", "/v1/sync/pull?after=0&bytes=9999", sync_epoch=who.world.central.epoch
    ),
    **{key: ENDPOINTS[key][0] for key in (("GET", "/v1/snapshot"), ("GET", "/v1/snapshot/{sha256}"))},
    ("GET", "/v1/blobs/{sha256}"): get_file,
}
"""What tells of others: nobody is told it whose code is due, whether or not it is there."""


@pytest.mark.requirement("R090")
@pytest.mark.parametrize(
    "role", [role if role in SOME else pytest.param(role, marks=pytest.mark.soak) for role in ROLES]
)
def test_who_has_a_factor_and_showed_no_code_hands_in_and_is_told_nothing(world: World, role: str) -> None:
    reader = person(world, role)
    phone = Phone(factors.give(world.central, reader.officer))
    for unit in UNITS:
        for (method, path), (call, expected) in ENDPOINTS.items():
            who = reader if method == "GET" else person(world, role)
            if who is not reader:
                factors.give(world.central, who.officer)
            if (method, path) in WITHHELD:
                answer = WITHHELD[method, path](who, unit)
                problem = read_problem(answer.headers["content-type"], answer.data)
                assert (answer.status, problem and problem.name) == (403, "second-factor"), (path, unit)
                continue
            # of another's entry no receipt either: it looks as one that is not there
            status = 404 if path == "/v1/receipts/{device}/{q}" else expected(who, unit)
            answer = call(who, unit)
            assert answer.status == status, (method, path, unit, answer.data[:200])
    reader.session(phone.code())
    for unit in UNITS:
        for key in (*WITHHELD, ("GET", "/v1/receipts/{device}/{q}")):
            call, expected = ENDPOINTS[key]
            assert call(reader, unit).status == expected(reader, unit), key
