"""Imports every area's tables, so that a seat opened after this has them all."""

from __future__ import annotations

import models.cases.assessment.tables
import models.cases.collaboration.tables
import models.cases.damage.tables
import models.cases.fund.tables
import models.cases.penalty.tables
import models.cases.restoration.tables
import models.community.tables
import models.inspections.onsite.tables
import models.inspections.sampling.tables
import models.inspections.standards.tables
import models.inspections.tables
import models.outreach.tables
import models.oversight.rounds.tables
import models.oversight.tables
import models.planning.tables
import models.registry.experts.tables
import models.registry.tables  # noqa: F401
