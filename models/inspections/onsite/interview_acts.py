"""What can be done with interviews."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.inspections.onsite import (
    interview_rules,
    interviews,
)
from models.inspections.onsite.act_parts import (
    OFFICERS,
    RECORDER,
    WHY,
    WITNESS,
    complete,
    of_unsealed,
    unsealed,
)
from models.inspections.rules import AVOIDANCE
from models.language import N_
from models.registry import keeping
from models.registry.act_parts import first_of, held, whole
from models.rooms import Act, Field

if TYPE_CHECKING:
    from models.store.seat import Seat

_GENDERS = (("男", N_("male")), ("女", N_("female")))

# -- interviews --------------------------------------------------------------------------------------------

PERSON = (
    Field("person_name", N_("Who is asked"), required=True),
    Field("person_gender", N_("Sex"), "choice", choices=_GENDERS),
    Field("person_age", N_("Age")),
    Field("person_id_number", N_("Citizen number")),
    Field("person_nation", N_("Ethnic group")),
    Field("person_employer", N_("Employer")),
    Field("person_duty", N_("Duty")),
    Field(
        "person_relation",
        N_("Relation to the case"),
        hint=N_("as: legal representative, operator, neighbour"),
    ),
    Field("person_address", N_("Address")),
    Field("person_postcode", N_("Postcode")),
    Field("person_phone", N_("Phone")),
    Field("guardian_name", N_("Guardian"), hint=N_("Of a minor: who must be present")),
    Field("guardian_relation", N_("What the guardian is to the person")),
)
SETTING = (
    Field("case_title", N_("Cause of the case"), hint=N_("as: suspected discharge over the limit")),
    Field("place", N_("Place of the interview")),
    Field("began_at", N_("Began"), "moment"),
    *OFFICERS,
    RECORDER,
    Field("others", N_("Others present"), hint=N_("with employer; none: leave empty")),
)
ENDING = (
    Field("ended_at", N_("Ended"), "moment"),
    Field("shown_certificates", N_("Certificates shown"), "flag"),
    Field("told_rights", N_("Rights and duties told"), "flag"),
    Field("avoidance", N_("Withdrawal of officers"), "choice", choices=tuple(AVOIDANCE.items())),
    Field("avoidance_reason", N_("Reason for it"), hint=N_("Where withdrawal is asked for")),
    Field("alone", N_("Asked alone"), "flag"),
    Field("reading", N_("How it was read"), "choice", choices=tuple(interview_rules.READINGS.items())),
    Field("signed", N_("Signature"), "choice", choices=tuple(interview_rules.SIGNED.items())),
    Field("unsigned_pages", N_("Pages not signed"), hint=N_("as 2,3; none: leave empty")),
    *WITNESS,
)
_INTERVIEW = (*PERSON, *SETTING)


def _preset_interview(seat: Seat, inspection_id: str) -> Mapping[str, Any]:
    """Who was in charge on site, and where it was."""
    row = keeping.row_of(seat, "inspection", inspection_id)
    if row is None:
        return {}
    found = {f"person_{name}": getattr(row, f"contact_{name}") for name in interviews.PERSON}
    return {
        **found,
        "person_employer": row.site_name,
        "place": row.place,
        "began_at": seat.clock.wall_ms(),
        "first_officer": row.first_officer,
        "second_officer": row.second_officer,
        "recorder": row.recorder or row.first_officer,
    }


_BEGIN = N_("Begins an interview; the questions and answers are written in a screen of their own.")
INTERVIEWS = (
    Act("interview", N_("Begin an interview"), _BEGIN, interviews.begin, fields=_INTERVIEW),
    Act(
        "interview_of_visit",
        N_("Interview someone"),
        _BEGIN,
        interviews.begin,
        subject="inspection",
        fields=_INTERVIEW,
        preset=_preset_interview,
        right="inspect",
    ),
    Act(
        "edit_interview",
        N_("Correct person and place"),
        N_("Corrects who is asked, where, and by whom; the history keeps what it held."),
        whole(interviews.edit, _INTERVIEW),
        subject="interview",
        fields=_INTERVIEW,
        preset=held("interview", _INTERVIEW),
        why_not=unsealed("interview"),
    ),
    Act(
        "ask",
        N_("Add a question"),
        N_("Adds a question at the end, or behind one of those that are there."),
        interviews.ask,
        subject="interview",
        fields=(
            Field("question", N_("What was asked"), "long", required=True),
            Field("answer", N_("What was answered"), "long"),
            Field("after", N_("Behind the question"), "record", of="question", hint=N_("Empty: at the end")),
        ),
        why_not=unsealed("interview"),
    ),
    Act(
        "end_interview",
        N_("End and signatures"),
        N_("Notes the end of the interview, what was told, how it was read, who signed."),
        interviews.end,
        subject="interview",
        fields=ENDING,
        preset=held("interview", ENDING),
        why_not=unsealed("interview"),
    ),
    Act(
        "seal_interview",
        N_("Seal the interview"),
        N_("Fixes the record by digest and signature; nothing of it changes after that."),
        lambda seat, record: interviews.seal(seat, record).record,
        subject="interview",
        why_not=first_of(unsealed("interview"), complete(interviews.missing)),
    ),
    Act(
        "withdraw_interview",
        N_("Withdraw the interview"),
        N_("Withdraws an interview that is not sealed, with a reason; its number stays used."),
        interviews.withdraw,
        subject="interview",
        fields=(WHY,),
        why_not=unsealed("interview"),
    ),
    Act(
        "correct_question",
        N_("Correct the question or answer"),
        N_("Corrects the words before the seal; the history keeps what stood there."),
        interviews.correct,
        subject="question",
        fields=(
            Field("question", N_("What was asked"), "long", required=True),
            Field("answer", N_("What was answered"), "long"),
        ),
        preset=held("question", ("question", "answer")),
        why_not=of_unsealed("question", "interview"),
    ),
    Act(
        "take_question_out",
        N_("Withdraw the question"),
        N_("Withdraws it before the seal, with a reason; it stays in the history."),
        interviews.take_out,
        subject="question",
        fields=(WHY,),
        why_not=of_unsealed("question", "interview"),
    ),
)
