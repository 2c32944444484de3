"""Imports every area's tables, so that a seat opened after this has them all."""

from __future__ import annotations

import models.cases.damage.tables
import models.inspections.tables
import models.registry.tables  # noqa: F401
