"""Copies of a notebook that have only sticks both go on, and nothing is lost (R6)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from models.registry.tables import Site
from models.store.notebook import Notebook
from sync import outcome as says
from sync import queries
from sync.bundle import BundleRefused
from sync.carrying import export, take_answers
from sync.client import synchronise
from sync.outcome import Exit, Outcome
from sync.server import people
from sync.server.carried import take_in
from sync.server.central import Central
from sync.server.tables import Device, Succession
from tests.photos import take_photo

from .conftest import QUICK, MakeNotebook, add_sites, whole
from .test_old_copy import image_of, old_copy
from .test_rehoming import copied, same_everywhere  # noqa: F401 -- a fixture

MakeTwins = Callable[[int, int], tuple[Notebook, Notebook, list[str]]]


@pytest.fixture
def twins(enrolled: MakeNotebook, copied: Callable[[Notebook], Notebook]) -> MakeTwins:  # noqa: F811
    """A notebook and its copy, which each wrote so many sites since; and all that there are."""

    def make(one: int, two: int) -> tuple[Notebook, Notebook, list[str]]:
        book = enrolled()
        sites = add_sites(book, 2)
        whole(synchronise(book, pace=QUICK))
        twin = copied(book)
        return book, twin, [*sites, *add_sites(book, one), *add_sites(twin, two)]

    return make


def by_stick(book: Notebook, central: Central, folder: Path) -> Outcome:
    """There and back."""
    folder.mkdir()
    export(book, folder)
    (taken,) = take_in(central.folder, [folder])
    assert taken.answer is not None, taken.problem
    return take_answers(book, taken.answer)


def parted(outcome: Outcome) -> bool:
    return [each.msgid for each in outcome.problems] == [says.PARTED_BY_STICK]


def test_a_copy_with_nothing_but_sticks_goes_on_under_a_key_of_its_own(
    twins: MakeTwins, central: Central, tmp_path: Path
) -> None:
    book, twin, sites = twins(3, 4)
    photo = take_photo(twin, b"what only the copy has")
    former = book.device
    whole(by_stick(book, central, tmp_path / "1"))
    first = by_stick(twin, central, tmp_path / "2")
    assert parted(first)
    assert first.exit_code == Exit.NEXT_BUNDLE
    assert former != twin.device, "it went on under another key"
    assert first.problems[0].params == {"device": twin.device[:8], "count": 7}, "four sites, a photo, clocks"

    whole(by_stick(twin, central, tmp_path / "3"))
    assert queries.unsent(twin).entries == 0
    assert central.vault.has(photo)
    with central:
        assert Site.select().where(Site.id.in_(sites)).count() == 9
        assert Succession.get(Succession.device == twin.device).former == former
        assert twin.meta("device_certificate") == Device.get_by_id(twin.device).certificate
    same_everywhere(central, book, twin)


def test_an_answer_that_shows_a_fork_is_of_use_once(
    twins: MakeTwins, central: Central, tmp_path: Path
) -> None:
    book, twin, _sites = twins(1, 1)
    whole(synchronise(book, pace=QUICK))
    (tmp_path / "there").mkdir()
    export(twin, tmp_path / "there")
    (taken,) = take_in(central.folder, [tmp_path / "there"])
    assert taken.answer is not None
    assert parted(take_answers(twin, taken.answer))
    device = twin.device
    with pytest.raises(BundleRefused):
        take_answers(twin, taken.answer)
    assert twin.device == device
    whole(synchronise(twin, pace=QUICK))  # a network does as well
    same_everywhere(central, book, twin)


def test_an_old_image_of_a_revoked_device_parts_only_with_what_it_alone_has(
    enrolled: MakeNotebook, central: Central, tmp_path: Path
) -> None:
    book = enrolled()
    add_sites(book, 2)
    whole(synchronise(book, pace=QUICK))
    image = image_of(book, tmp_path / "image")
    add_sites(book, 2)
    whole(synchronise(book, pace=QUICK))
    people.revoke(central, book.device)
    with old_copy(book, image) as old:
        device = old.device
        outcome = by_stick(old, central, tmp_path / "1")
        assert [each.exit for each in outcome.problems] == [Exit.REVOKED]
        assert old.device == device
        kept = add_sites(old, 1)
        assert parted(by_stick(old, central, tmp_path / "2"))
        outcome = by_stick(old, central, tmp_path / "3")
        assert {each.exit for each in outcome.problems} <= {Exit.REVOKED}
        assert queries.unsent(old).entries == 0
    with central:
        assert Site.select().where(Site.id.in_(kept)).count() == 0, "put aside, as all of a revoked device"


def test_a_copy_that_wrote_less_than_what_the_server_has_is_not_told_to_export_for_ever(
    twins: MakeTwins, central: Central, tmp_path: Path
) -> None:
    """Of a fork that the server sees first nothing but hello is answered, and no proof that the log grew."""
    book, twin, sites = twins(5, 1)
    whole(synchronise(book, pace=QUICK))
    assert parted(by_stick(twin, central, tmp_path / "1"))
    whole(by_stick(twin, central, tmp_path / "2"))
    assert queries.unsent(twin).entries == 0
    with central:
        assert Site.select().where(Site.id.in_(sites)).count() == 8
    same_everywhere(central, book, twin)
