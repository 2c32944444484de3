"""A village's link: slow, far and cut about every second. All arrives once, and little is sent twice.

`make bad-link` is the same with a day's work over the link that acceptance names.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.bad_link import MBIT, Work, compared

RATE = 4 * MBIT
DELAY_S = 0.03
MOST = 1.5 * RATE * (DELAY_S + 0.02)
"""Bytes that a cut may cost: what is under way is lost on any link, and the relay takes 20 ms more of it."""


@pytest.mark.long
def test_a_days_work_arrives_once_over_a_link_that_is_cut_every_second(tmp_path: Path) -> None:
    work = Work(entries=2_000, photos=6, photo_bytes=3_000_000)
    whole, cut = compared(tmp_path, work, delay_s=DELAY_S, rate=RATE, cut_s=0.7, seed=7, patience_s=100)
    assert whole.up < work.photo_bytes + 400_000
    assert cut.cuts > 5
    again = cut.all - whole.all
    assert again < MOST * cut.cuts, f"{again} bytes were sent again after {cut.cuts} cuts"
