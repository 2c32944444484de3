"""The log of filling a form in: lines as the specification of client audit logs and ODK Collect have them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.forms.audit import Audit, AuditLog, audit_of, cell, whole
from models.forms.filling import Filling
from models.forms.model import Form
from models.forms.unserved import unserved

FORM = """
| survey |
| | type | name | label | parameters |
| | audit | audit | | {} |
| | text | a | A | |
"""
ALL = (
    "track-changes=true identify-user=true track-changes-reasons=on-form-edit "
    "location-priority=balanced location-min-interval=60 location-max-age=120"
)


class Scene:
    """A log with answers and a clock that a test sets."""

    def __init__(self, audit: Audit, *, user: str = "林", resumed: bool = False) -> None:
        self.answers: dict[str, str] = {"/data/a": "", "/data/b": "1"}
        self.seconds = 0.0
        self.wall = 1_000_000
        self.log = AuditLog(
            audit,
            self.answers.get,
            now=lambda: self.wall,
            elapsed=lambda: self.seconds,
            user=user,
            resumed=resumed,
        )

    def after(self, seconds: float) -> AuditLog:
        self.seconds += seconds
        return self.log


def test_what_a_form_wants_logged(form_of: Callable[[str], Form]) -> None:
    plain = audit_of(form_of(FORM.format("")))
    assert plain == Audit("/data/meta/audit")
    full = audit_of(form_of(FORM.format(ALL)))
    assert full is not None
    columns = "event,node,start,end,latitude,longitude,accuracy,old-value,new-value,user,change-reason"
    assert full.header == columns
    assert audit_of(form_of("| survey |\n| | type | name | label |\n| | text | a | A |\n")) is None


def test_places_are_named_as_unserved_by_row(form_of: Callable[[str], Form]) -> None:
    (told,) = unserved(form_of(FORM.format(ALL)))
    assert (told.row, told.aspect) == (2, "parameters")
    assert not unserved(form_of(FORM.format("track-changes=true")))


def test_without_a_screen_there_is_no_log(filling_of: Callable[..., Filling]) -> None:
    assert filling_of(FORM.format("")).value("/data/meta/audit") == ""


def test_a_session_is_logged_with_the_time_that_passed_not_the_clock() -> None:
    scene = Scene(Audit("/data/meta/audit", changes=True))
    scene.log.view("question", "/data/a")
    scene.wall = 5  # somebody sets the clock
    scene.answers["/data/a"] = 'one, "two"'
    scene.after(2).changed()
    scene.log.view("question", "/data/b")
    scene.log.view("question", "/data/b")
    scene.after(1).view("jump")
    scene.after(1.5).view("add repeat", "/data/r[2]")
    scene.after(1).mark("delete repeat", "/data/r[1]")
    scene.after(1).leave()
    scene.log.leave()
    assert scene.log.take().splitlines() == [
        "form start,,1000000,,,",
        'question,/data/a,1000000,1002000,,"one, ""two"""',
        "question,/data/b,1002000,1003000,,",
        "jump,,1003000,1004500,,",
        "delete repeat,/data/r[1],1005500,,,",
        "add repeat,/data/r[2],1004500,1006500,,",
        "form save,,1006500,,,",
        "form exit,,1006500,,,",
    ]
    assert scene.log.take() == ""


def test_who_comes_back_resumes_and_saves_nothing_unless_something_changed() -> None:
    scene = Scene(Audit("/data/meta/audit"))
    scene.log.view("question", "/data/a")
    scene.log.leave()
    assert "form save" not in scene.log.take()
    scene.after(9).view("question", "/data/a")
    assert scene.log.take().startswith("form resume,,1009000,\n")


def test_a_reason_is_due_once_after_a_change_of_what_was_filled_in_before() -> None:
    audit = Audit("/data/meta/audit", user=True, reasons=True)
    first = Scene(audit)
    first.log.view("question", "/data/a")
    first.log.changed()
    assert not first.log.reason_due, "it is being filled in, not edited"
    again = Scene(audit, resumed=True)
    again.log.view("question", "/data/a")
    assert not again.log.reason_due
    again.log.changed()
    assert again.log.reason_due
    again.log.explain("读错了，重测")
    assert not again.log.reason_due
    assert "change reason,,1000000,,林,读错了，重测\n" in again.log.take()


def test_a_question_that_went_while_it_was_looked_at_changed_nothing() -> None:
    scene = Scene(Audit("/data/meta/audit", changes=True))
    scene.log.view("question", "/data/b")
    del scene.answers["/data/b"]
    scene.log.leave()
    assert "question,/data/b,1000000,1000000,,\n" in scene.log.take()


@given(st.text(alphabet=st.characters(exclude_characters="\r\x00", codec="utf-8")))
def test_any_text_comes_back_from_its_cell(text: str) -> None:
    if text.startswith('"') and not set(text) & {",", "\n"}:
        return  # quotes are escaped only within quotes ("CSV Format"): such a text no reader tells apart
    (row,) = csv.reader(io.StringIO(f"x,{cell(text)}\n", newline=""))
    assert row == ["x", text]


@pytest.mark.parametrize("places", [True, False])
def test_every_line_is_as_wide_as_the_header(places: bool) -> None:
    scene = Scene(Audit("/data/meta/audit", changes=True, user=True, reasons=True, places=places))
    scene.log.view("question", "/data/a")
    scene.log.mark("constraint error")
    scene.log.finalize()
    scene.log.leave()
    rows = list(csv.reader(io.StringIO(whole(scene.log.audit, scene.log.take()))))
    assert len({len(row) for row in rows}) == 1
    assert len(rows) == 6
