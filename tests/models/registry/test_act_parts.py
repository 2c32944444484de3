"""What the acts of every area share, asked of every act of every room."""

from __future__ import annotations

import pytest

from models import catalogue, rooms
from models.registry import act_parts
from models.registry.act_parts import Held
from models.store.change import new_id, put, void
from models.store.notebook import Notebook

ACTS = {f"{name}.{act.name}": act for name in rooms.MODULES for act in rooms.room(name).acts}
SHOWING = {name: act for name, act in ACTS.items() if isinstance(act.preset, Held)}
ON_RECORDS = {name: act for name, act in ACTS.items() if catalogue.kind(act.subject) is not None}


@pytest.mark.parametrize("act", SHOWING.values(), ids=SHOWING)
def test_what_a_form_shows_at_first_is_kept_of_its_subject(act: rooms.Act) -> None:
    """A name that is no field of the record would leave the whole form empty."""
    assert isinstance(act.preset, Held)
    known = catalogue.kind(act.preset.kind)
    assert known is not None
    assert set(act.preset.names) <= set(known.table._meta.fields)
    assert act.preset.kind == act.subject


def test_nothing_is_done_to_what_is_withdrawn_or_not_there(notebook: Notebook) -> None:
    kinds = {act.subject: new_id() for act in ON_RECORDS.values()}
    for kind, record in kinds.items():
        notebook.write(put(kind, record, notebook.unit))
        notebook.write(void(kind, record, notebook.unit, "重复"))
    done = [
        name
        for name, act in ON_RECORDS.items()
        if not act_parts.refusal(notebook, act, kinds[act.subject])
        or not act_parts.refusal(notebook, act, new_id())
    ]
    assert done == []
