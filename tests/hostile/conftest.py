"""The world of hostile records, made once and copied for whoever changes it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.hostile.world import World, make_world


@pytest.fixture(scope="session")
def whole_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Every keepable string in every text field. Look at it, do not write."""
    return make_world(tmp_path_factory.mktemp("hostile") / "home")


@pytest.fixture
def world(whole_world: World, tmp_path: Path) -> World:
    """A copy that may be written to."""
    return copied(whole_world, tmp_path / "home")


def copied(world: World, home: Path) -> World:
    """The world in another home."""
    shutil.copytree(world.home, home)
    return replace(world, home=home, folder=home / world.folder.relative_to(world.home))


CopyWorld = Callable[[World, Path], World]
