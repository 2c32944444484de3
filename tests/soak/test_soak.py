"""The campaigns of `make kills` and `make bad-link` at their full length, for `make soak`."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from . import bad_link, kills

pytestmark = pytest.mark.soak


def test_two_thousand_rounds_of_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    seed = secrets.token_hex(4)
    print(f"QINGCHA_KILL_SEED={seed}")
    tally = kills.campaign(tmp_path, 2_000, seed)
    print(tally)
    assert (tally.rounds, tally.lost, tally.doubled) == (2_000, 0, 0)


def test_a_link_that_is_cut_every_eight_seconds_costs_a_tenth_at_most(tmp_path: Path) -> None:
    whole, cut = bad_link.acceptance(tmp_path)
    print(whole, cut)
    assert cut.all <= bad_link.GOAL * whole.all
