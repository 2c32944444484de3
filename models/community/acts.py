"""All that a person can do in community work, what is done every day first."""

from __future__ import annotations

from models.community.complaint_acts import COMPLAINTS
from models.community.patrol_acts import PATROLS
from models.community.register_acts import REGISTER
from models.rooms import Act

ACTS: tuple[Act, ...] = (*PATROLS, *COMPLAINTS, *REGISTER)
