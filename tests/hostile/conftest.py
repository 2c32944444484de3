"""The world of hostile records, made once and copied for whoever changes it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.hostile.desk import Desk, make_desk
from tests.hostile.world import World, make_world
from tests.once import made_once


@pytest.fixture(scope="session")
def whole_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Every keepable string in every text field. Look at it, do not write."""
    made: World = made_once(tmp_path_factory, "hostile", lambda folder: make_world(folder / "home"))
    return copied(made, tmp_path_factory.mktemp("hostile") / "home")  # one of this process may open it


@pytest.fixture
def world(whole_world: World, tmp_path: Path) -> World:
    """A copy that may be written to."""
    return copied(whole_world, tmp_path / "home")


def copied(world: World, home: Path) -> World:
    """The world in another home."""
    shutil.copytree(world.home, home)
    return replace(world, home=home, folder=home / world.folder.relative_to(world.home))


@pytest.fixture(scope="session")
def plain_desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A notebook to type into. Copy it."""
    return make_desk(tmp_path_factory.mktemp("desk") / "home")


@pytest.fixture
def desk(plain_desk: Desk, tmp_path: Path) -> Desk:
    """A copy of it."""
    home = tmp_path / "home"
    shutil.copytree(plain_desk.home, home)
    return replace(plain_desk, home=home, folder=home / plain_desk.folder.relative_to(plain_desk.home))
