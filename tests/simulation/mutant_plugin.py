"""For pytest (`-p`): the mutant that the environment names holds in this process."""

from __future__ import annotations

import os

import models.areas  # noqa: F401
import sync.client
import sync.server.calls  # noqa: F401

from .mutants import MUTANTS, PLUGIN, applied

_mutant = next(each for each in MUTANTS if each.name == os.environ[PLUGIN])
_held = applied(_mutant)
_held.__enter__()
