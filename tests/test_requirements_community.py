"""What a community owes that two areas hold together: its outreach is an activity of outreach."""

from __future__ import annotations

from datetime import date

import pytest

from models.community import verbs as community
from models.errors import RuleBroken
from models.outreach import queries, sheets, verbs
from models.outreach.room import ROOM
from models.registry import keeping
from models.store.change import put
from models.store.notebook import Notebook


@pytest.mark.requirement("R066")
def test_the_outreach_of_a_community_is_kept_by_who_works_there(notebook: Notebook):
    notebook.write(put("officer", notebook.person, "350602", role="dispatcher"))
    quarter = community.add_community(notebook, name="示例社区", street="示例街道", unit="350604")
    notebook.write(put("officer", notebook.person, "350602", role="grid_worker"))
    held = verbs.hold_activity(
        notebook,
        on="2021-12-18",
        form="law",
        theme="环境保护和物业管理法律法规宣传",
        community=quarter,
        people=85,
        text="讲解绿色低碳、节能环保",
    )
    assert keeping.row_of(notebook, "activity", held).unit == "350604"
    assert queries.people_reached(notebook, date(2021, 12, 17)) == 0
    assert queries.people_reached(notebook, date(2021, 12, 18)) == 85
    listing = next(each for each in ROOM.listings if each.name == "activities")
    (line,) = listing.lines(notebook, listing.find(notebook, "物业"))
    assert line.id == held
    assert "示例社区" in [str(getattr(cell, "text", cell)) for cell in line.cells]
    shown = [fact for section in sheets.activity_sheet(notebook, held).sections for fact in section.facts]
    assert [(fact.kind, fact.id) for fact in shown if fact.value == "示例社区"] == [("community", quarter)]


@pytest.mark.requirement("R066")
def test_an_activity_of_a_community_that_was_withdrawn_or_is_still_to_come_is_refused(notebook: Notebook):
    notebook.write(put("officer", notebook.person, "350602", role="dispatcher"))
    quarter = community.add_community(notebook, name="示例社区", street="示例街道", unit="350602")
    with pytest.raises(RuleBroken) as refused:
        verbs.hold_activity(notebook, on="2999-01-01", form="law", theme="普法", community=quarter)
    assert refused.value.field == "on"
    keeping.withdraw(notebook, "community", quarter, "误登")
    with pytest.raises(RuleBroken):
        verbs.hold_activity(notebook, on="2021-12-18", form="law", theme="普法", community=quarter)
