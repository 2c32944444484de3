"""What can be done with interviews, measures, their papers, and service."""

from __future__ import annotations

from models.inspections.onsite.interview_acts import INTERVIEWS
from models.inspections.onsite.measure_acts import MEASURES, PAPERS
from models.inspections.onsite.service_acts import SERVICES

ACTS = (*INTERVIEWS, *MEASURES, *PAPERS, *SERVICES)
