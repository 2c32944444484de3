"""The closed lists of community work: value and words."""

from __future__ import annotations

from models.language import N_
from models.rooms import Choices

LEVELS: Choices = (
    ("city", N_("City")),
    ("county", N_("County level")),
    ("street", N_("Sub-district or town")),
    ("community", N_("Community")),
    ("grid", N_("Grid")),
)
"""市-县-街-社区-网格, from the top."""
CATEGORIES: Choices = (
    ("two_committees", N_("Member of the community's two committees")),
    ("grid_worker", N_("Grid worker")),
    ("owners_rep", N_("Representative of a building's owners")),
    ("resident", N_("Expert or dedicated resident")),
)
"""社区“两委”成员、网格员、单元楼业主代表、有专长或者热心社区工作的居民."""
DUTIES: Choices = (
    ("chair", N_("Chair of the committee")),
    ("deputy", N_("Deputy chair")),
    ("member", N_("Member")),
)
PARTICIPANTS: Choices = (
    ("residents_committee", N_("Residents' committee")),
    ("social", N_("Social organisation")),
    ("volunteers", N_("Volunteers")),
    ("owners_committee", N_("Owners' committee")),
    ("property", N_("Property company")),
    ("other", N_("Others")),
)
OBJECTS: Choices = (
    ("owners_committee", N_("Owners' committee")),
    ("property", N_("Property company")),
    ("common_area", N_("Common parts of the estate")),
    ("shop", N_("Shop or workshop")),
    ("resident", N_("Resident")),
)
ACTIONS: Choices = (
    ("learn", N_("Learn about it")),
    ("patrol", N_("Patrol")),
    ("coordinate", N_("Coordinate")),
    ("self_supervise", N_("Supervise by self-government")),
    ("stop", N_("Stop it")),
    ("report", N_("Report it")),
    ("handle", N_("Handle a complaint")),
)
"""了解、巡查、协调、自治监督、制止、报告、处理投诉举报: the seven of the notice."""
MANNERS: Choices = (
    ("outside", N_("From outside")),
    ("inside", N_("Went in")),
    ("handled", N_("Touched or moved something")),
)
CLASSES: Choices = (
    ("sewage", N_("Unlawful discharge")),
    ("greening", N_("Greening")),
    ("waste_sorting", N_("Waste sorting")),
    ("other", N_("Fumes, noise and other")),
)
"""违法排污、绿化、垃圾分类 are the notice's own; the fourth takes the rest."""
OUTCOMES: Choices = (
    ("none", N_("Nothing needed")),
    ("dissuaded", N_("Dissuaded")),
    ("stopped", N_("Stopped")),
    ("reported", N_("Reported upward")),
)
ANSWERS: Choices = (
    ("ok", N_("No problem found")),
    ("problem", N_("Problem found")),
    ("na", N_("Not applicable")),
)
WAYS: Choices = (
    ("sync", N_("By synchronisation")),
    ("file", N_("By file")),
    ("phone", N_("By telephone")),
    ("paper", N_("On paper")),
)
CHANNELS: Choices = (
    ("visit", N_("In person")),
    ("phone", N_("By telephone")),
    ("letter", N_("By letter")),
    ("online", N_("Online")),
    ("patrol", N_("On patrol")),
)
ATTENDANCE: Choices = (("came", N_("Took part")), ("absent", N_("Did not take part")))
RESULTS: Choices = (
    ("agreed", N_("Agreed")),
    ("partly", N_("Partly agreed")),
    ("failed", N_("Not agreed")),
    ("referred", N_("Passed on")),
)
FOUR_PARTIES: Choices = (
    ("owners", N_("Owners")),
    ("owners_committee", N_("Owners' committee")),
    ("government", N_("Local government")),
    ("departments", N_("Departments in charge")),
)
"""业主、业委会、基层政府、职能部门: each must be said to have come or why not."""
STATES: Choices = (
    ("waiting", N_("Not sent yet")),
    ("sent", N_("Sent out")),
    ("received", N_("Received")),
    ("closed", N_("Closed")),
)
"""Of an upward report."""
ITEMS: Choices = (
    ("G01", N_("G01 Fumes, flues")),
    ("G02", N_("G02 Noise")),
    ("G03", N_("G03 Sewage, mixed drains")),
    ("G04", N_("G04 Workshops, spraying")),
    ("G05", N_("G05 Waste sorting")),
    ("G06", N_("G06 Open burning")),
    ("G07", N_("G07 Building waste")),
    ("G08", N_("G08 Greens, trees")),
    ("G09", N_("G09 Property company")),
    ("G10", N_("G10 Owners' committee")),
    ("G11", N_("G11 Hazardous waste?")),
    ("G12", N_("G12 Water colour, fish")),
    ("G13", N_("G13 Complaints")),
    ("G14", N_("G14 Outreach")),
    ("G15", N_("G15 Committee at work")),
)
"""Short labels of the items of `checklists/G.md`, for forms and lists."""


def values(choices: Choices) -> tuple[str, ...]:
    """The values alone, as `keeping.tidy` takes them."""
    return tuple(value for value, _ in choices)
