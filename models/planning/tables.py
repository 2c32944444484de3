"""The records of planning: classes of sites, draws by lot, what is told of them, assignments and answers.

Days are YYYY-MM-DD in China.
"""

from __future__ import annotations

from models.store.records import BooleanField, IntegerField, Record, TextField, record


@record("site_class", version=1, search=("site_name", "basis"), owner="site")
class SiteClass(Record):
    """How closely a site is watched from a year on; its id follows from site and year, so it is one."""

    site = TextField(null=True, index=True)
    site_name = TextField(null=True)
    year = IntegerField(null=True)
    category = TextField(null=True)
    """One of `rules.CLASSES`."""
    reasons = TextField(null=True)
    """For a special source: comma-joined `rules.SPECIAL`."""
    basis = TextField(null=True)
    """List or document that says so, or why the site is closed."""


@record("spot_draw", version=1, search=("number", "period", "reason"))
class SpotDraw(Record):
    """A draw of sites and officers (双随机): first its frozen list, then seed and result, then the seal.

    Not for those who are drawn: `access.TABLE` lets only who assigns read it. `DrawNotice` is for all.
    """

    number = TextField(null=True, index=True)
    category = TextField(null=True)
    """One of `rules.CATEGORIES`."""
    period = TextField(null=True, index=True)
    """"2026Q4", or "2026" for a year."""
    items = TextField(null=True)
    """The list of items to check (抽查事项): codes of checklists, "A,W"."""
    wanted = IntegerField(null=True)
    least = IntegerField(null=True)
    """How many the plan of the period still asks for."""
    least_basis = TextField(null=True)
    """How that was counted, with its source."""
    listed = TextField(null=True)
    """The exact text of the frozen list (`drawing`)."""
    list_hash = TextField(null=True)
    """SHA-256 of it in hex."""
    frozen_on = TextField(null=True)
    frozen_by = TextField(null=True)
    reason = TextField(null=True)
    """Why there is another draw after one that was annulled."""
    algorithm = TextField(null=True)
    seed = TextField(null=True)
    seed_source = TextField(null=True)
    """Where the seed was published, in words; empty where the program made it."""
    seed_on = TextField(null=True)
    """Day on which it was published."""
    result = TextField(null=True)
    """`drawing.Drawn.line` of each, one a line."""
    drawn_on = TextField(null=True)
    drawn_by = TextField(null=True)
    witness = TextField(null=True)


@record("draw_notice", version=1, search=("number", "period", "reason"))
class DrawNotice(Record):
    """What everybody may read of a draw: that it was annulled and why, or list, seed and result."""

    draw = TextField(null=True, index=True)
    """Not its parent: a sealed draw takes no more children."""
    number = TextField(null=True, index=True)
    kind = TextField(null=True)
    """"published" or "annulled"."""
    on = TextField(null=True)
    by = TextField(null=True)
    reason = TextField(null=True)
    """Of an annulment; or why it is published before all was inspected."""
    category = TextField(null=True)
    period = TextField(null=True)
    listed = TextField(null=True)
    list_hash = TextField(null=True)
    algorithm = TextField(null=True)
    seed = TextField(null=True)
    seed_source = TextField(null=True)
    seed_on = TextField(null=True)
    result = TextField(null=True)
    frozen_on = TextField(null=True)
    drawn_on = TextField(null=True)
    seal = TextField(null=True)
    """QR text of the draw's seal."""


@record("assignment", version=1, search=("number", "site_name", "purpose"), owner="inspection")
class Assignment(Record):
    """An inspection given to two officers: why, by whose approval, until when. Withdrawn: recalled."""

    number = TextField(null=True, index=True)
    """That of its inspection."""
    inspection = TextField(null=True, index=True)
    site = TextField(null=True, index=True)
    site_name = TextField(null=True)
    first_officer = TextField(null=True)
    second_officer = TextField(null=True)
    origin = TextField(null=True)
    """One of `rules.ORIGINS`."""
    origin_kind = TextField(null=True)
    """Kind of the record that it comes from: "spot_draw", "complaint", "inspection", …"""
    origin_id = TextField(null=True, index=True)
    purpose = TextField(null=True)
    approval_number = TextField(null=True)
    """行政检查审批表."""
    notice_number = TextField(null=True)
    """行政检查通知书."""
    due = TextField(null=True, index=True)
    covert = BooleanField(null=True)
    """暗查: without notice beforehand."""
    counted = BooleanField(null=True)
    """Whether it counts towards the yearly cap of the site."""
    replaces = TextField(null=True, index=True)
    """The assignment that came back, which this one takes the place of."""


@record("assignment_reply", version=1, search=("reason",), owner="assignment")
class AssignmentReply(Record):
    """What an officer answered: declined, or handed on to a colleague."""

    assignment = TextField(null=True, index=True)
    kind = TextField(null=True)
    """"declined" or "handed_on"."""
    officer = TextField(null=True)
    """Whose place it is about."""
    to = TextField(null=True)
    """Who took it over."""
    on = TextField(null=True)
    reason = TextField(null=True)
