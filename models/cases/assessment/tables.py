"""The records of an expert assessment (专家评估): who was drawn and how, and what they said."""

from __future__ import annotations

from models.store.records import BooleanField, IntegerField, Record, TextField, record


@record("expert_draw", version=1, search=("number", "reason"), owner="case")
class ExpertDraw(Record):
    """One drawing of experts for a case, with all that is needed to repeat it (`drawing`)."""

    number = TextField(null=True, index=True)
    case = TextField(null=True, index=True)
    how = TextField(null=True)
    """One of `rules.HOW`: by lot, or named with a reason."""
    field = TextField(null=True)
    """Field of work wanted, one of the pool's; empty for any."""
    count = IntegerField(null=True)
    near = TextField(null=True)
    """Code of the unit whose neighbourhood was drawn from."""
    nearest = IntegerField(null=True)
    """How many of the nearest county-level units; empty for all."""
    drawn_on = TextField(null=True)
    drawn_by = TextField(null=True)
    """Record id of the officer."""
    witness = TextField(null=True)
    """Who watched the draw, in words."""
    seed = TextField(null=True)
    algorithm = TextField(null=True)
    list_hash = TextField(null=True)
    """SHA-256 of the list of candidates, in hex."""
    candidates = TextField(null=True)
    """The list itself: `drawing.line` of each, in order."""
    declared = TextField(null=True)
    """Ties that somebody declared: "name: tie", one a line."""
    excluded = TextField(null=True)
    """Who was kept out and why: `rules.Exclusion.line`, one a line."""
    chosen = TextField(null=True, index=True)
    """Record ids of the experts, comma-joined, in the order of the draw."""
    reason = TextField(null=True)
    """Why there is a further draw, or why the experts were named and not drawn."""


@record("opinion", version=1, search=("number", "matter", "damage"), owner="case")
class Opinion(Record):
    """An expert opinion (专家意见) of a simple case; its experts are records of their own."""

    number = TextField(null=True, index=True)
    case = TextField(null=True, index=True)
    commissioned_by = TextField(null=True)
    matter = TextField(null=True)
    """委托事项."""
    materials = TextField(null=True)
    """材料清单."""
    surveyed_on = TextField(null=True)
    surveyed_place = TextField(null=True)
    damage = TextField(null=True)
    """损害确认."""
    causation = TextField(null=True)
    formula = TextField(null=True)
    """How the amount was computed."""
    parameters = TextField(null=True)
    """The values put into the formula."""
    parameter_source = TextField(null=True)
    """Where the values come from."""
    total_cents = IntegerField(null=True)
    restoration_mode = TextField(null=True)
    """One of `rules.MODES`."""
    restoration_amount = TextField(null=True)
    """How much, in words with units."""
    restoration_place = TextField(null=True)
    restoration_term = TextField(null=True)
    dissent = TextField(null=True)
    """分歧意见; "无" where there is none."""
    dated_on = TextField(null=True)


@record("opinion_expert", version=1, search=("name", "employer"), parent="opinion")
class OpinionExpert(Record):
    """One expert of an opinion, as they were on its day, with statement and signature."""

    opinion = TextField(null=True, index=True)
    draw = TextField(null=True, index=True)
    """The draw that chose the expert: one opinion may rest on several."""
    expert = TextField(null=True, index=True)
    name = TextField(null=True)
    employer = TextField(null=True)
    title = TextField(null=True)
    fields = TextField(null=True)
    source = TextField(null=True)
    no_conflict = BooleanField(null=True)
    """回避声明: whether the expert declared to have no tie with party, site or people of the case."""
    signed_on = TextField(null=True)
