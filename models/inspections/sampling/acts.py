"""What can be done in sampling, as forms: at a visit, to a record, to a sample, to a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from models.inspections.rules import CUSTODY_ACTIONS
from models.inspections.sampling import fields, passing, queries, rules, verbs
from models.inspections.sampling.custody import can_follow
from models.inspections.sampling.lab_acts import OF_REPORTS, TAKING
from models.inspections.sampling.onsite import enter_site_values
from models.inspections.sampling.sealing import amend_sampling, seal_sampling
from models.inspections.sampling.sheets import moment
from models.language import N_, _, translate
from models.registry import keeping
from models.registry.act_parts import WhyNot, first_of, may_write, where
from models.rooms import Act, Field

if TYPE_CHECKING:
    from models.store.seat import Seat

_WHY = (Field("why", N_("Reason for withdrawing"), "long", required=True),)
_AT = Field("at", N_("When"), hint=N_("14:05, or 2027-06-30 14:05"))
_SEAL = Field("seal_number", N_("Number of the bag's seal"))
_CONDITION = Field("condition", N_("State of the sample"), "choice", choices=rules.CONDITION_WORDS)
_BY = Field("by", N_("Given by"), hint=N_("name; who has it, unless given"))
_TO = Field("to", N_("Taken by"), hint=N_("name"))
_COUNT = Field("count", N_("Bottles"), "count")
_NOTE = Field("note", N_("Remark"))


# -- presets and reasons -----------------------------------------------------------------------------------


def _of_record(matter: str) -> tuple[Field, ...]:
    return tuple(
        Field(each.key, each.label, "record", of="officer") if each.kind == "officer" else each.form_field()
        for each in fields.fields_of(matter)
    )


_SAMPLE = tuple(each.form_field() for each in fields.OF_SAMPLE)


def _shown(row: Any, asked: tuple[fields.Asked, ...]) -> dict[str, Any]:
    """What a form shows of a row: times as text."""
    return {
        each.key: moment(getattr(row, each.key)) if each.kind == "moment" else getattr(row, each.key)
        for each in asked
    }


def _record_preset(matter: str) -> Callable[[Seat, str], Mapping[str, Any]]:
    def preset(seat: Seat, record: str) -> Mapping[str, Any]:
        return _shown(keeping.kept(seat, "sampling", record), fields.fields_of(matter))

    return preset


def _sample_preset(seat: Seat, record: str) -> Mapping[str, Any]:
    row = keeping.kept(seat, "sample", record)
    other = queries.sample(seat, row.parallel_of) if row.parallel_of else None
    shown = _shown(row, fields.OF_SAMPLE)
    return {**shown, "parallel_of": (other.number or "") if other is not None else ""}


def _new_preset(matter: str) -> Callable[[Seat, str], Mapping[str, Any]]:
    def preset(seat: Seat, inspection: str) -> Mapping[str, Any]:
        visit = keeping.kept(seat, "inspection", inspection)
        before = [each for each in queries.of_visit(seat, visit.id) if each.matter == matter]
        carried = _shown(before[-1], fields.COMMON) if before else {}
        for name in ("began_at", "ended_at", "point", "abnormal", "symbol"):
            carried.pop(name, None)
        return {
            "first_officer": visit.first_officer,
            "second_officer": visit.second_officer,
            "location": visit.place,
            **carried,
            "symbol": rules.USUAL_SYMBOL[matter],
            "began_at": moment(seat.clock.wall_ms()),
        }

    return preset


def _new_sample(seat: Seat, sampling: str) -> Mapping[str, Any]:
    row = keeping.kept(seat, "sampling", sampling)
    # container and preservative depend on what is measured: another sample's are not proposed
    before = verbs.samples_of(seat, row.id)
    carried = {"name": before[-1].name} if before else {}
    taken = row.ended_at if row.ended_at is not None else seat.clock.wall_ms()
    return {**carried, "role": "ordinary", "bottles": 1, "taken_at": moment(taken)}


def _only(matter: str) -> WhyNot:
    words = rules.MATTERS[matter]

    def reason(row: Any) -> str:
        if row.sealed:
            return _("It is sealed.")
        return "" if row.matter == matter else _("This record is not of: {matter}").format(matter=_(words))

    return where("sampling", reason)


def _is_of(matter: str) -> Callable[[Seat, str], bool]:
    return lambda seat, record: keeping.kept(seat, "sampling", record).matter == matter


def _leaves_samples(seat: Seat, record: str) -> bool:
    return bool(keeping.kept(seat, "sampling", record).matter != "noise")


def _open_visit(row: Any) -> str:
    return _("The inspection is sealed: sampling belongs before it.") if row.sealed else ""


def _unsealed(row: Any) -> str:
    return _("It is sealed.") if row.sealed else ""


def _only_sealed(row: Any) -> str:
    return "" if row.sealed else _("It is not sealed yet: correct it directly.")


def _takes_samples(row: Any) -> str:
    if row.matter == "noise":
        return _("Noise leaves no sample: enter the levels in the record.")
    return _unsealed(row)


def _may_follow(action: str) -> WhyNot:
    """Why not: the step before does not allow it."""

    def why_not(seat: Seat, sample: str) -> str:
        events = verbs.custody_rows(seat, sample)
        if can_follow(events, action):
            return ""
        last = events[-1].action if events else ""
        words = translate(CUSTODY_ACTIONS.get(last or "", ""))
        return _("The last step was “{last}”.").format(last=words)

    return why_not


def _all_may_follow(action: str) -> WhyNot:
    """Why not: one of the record's samples is at another step."""
    of_one = _may_follow(action)

    def why_not(seat: Seat, sampling: str) -> str:
        said = ((each.number or "", of_one(seat, each.id)) for each in verbs.samples_of(seat, sampling))
        return next((f"{number}: {reason}" for number, reason in said if reason), "")

    return why_not


def _has_samples(seat: Seat, sampling: str) -> str:
    return "" if verbs.samples_of(seat, sampling) else _("No sample is written down.")


def _of_unsealed(seat: Seat, sample: str) -> str:
    row = keeping.kept(seat, "sample", sample)
    return _unsealed(keeping.kept(seat, "sampling", row.sampling or ""))


# -- what runs ---------------------------------------------------------------------------------------------


def _begin(matter: str) -> Callable[..., str]:
    return lambda seat, inspection, **values: verbs.begin(seat, inspection, matter, **values)


def _seal(seat: Seat, sampling: str) -> str:
    seal_sampling(seat, sampling)
    return sampling


def _amend(seat: Seat, sampling: str, *, why: str, **values: Any) -> str:
    amend_sampling(seat, sampling, why, **values)
    return sampling


def _step(action: str) -> Callable[..., str]:
    return lambda seat, sample, **values: passing.pass_on(seat, sample, action, **values)


def _step_all(action: str) -> Callable[..., None]:
    def run(seat: Seat, sampling: str, **values: Any) -> None:
        passing.pass_all(seat, sampling, action, **values)

    return run


_STEPS: tuple[tuple[str, str, str, str, tuple[Field, ...]], ...] = (
    (
        "bag",
        "bagged",
        N_("Seal in a bag"),
        N_("Writes the number of the seal that was put on the bag."),
        (Field("seal_number", N_("Number of the bag's seal"), required=True), _AT, _NOTE),
    ),
    (
        "hand_over",
        "handed",
        N_("Hand over"),
        N_("Writes who gives the sample to whom, as to the driver or the laboratory."),
        (Field("to", N_("Taken by"), required=True, hint=N_("name")), _BY, _AT, _COUNT, _NOTE),
    ),
    (
        "take_over",
        "received",
        N_("Taken over"),
        N_("Writes that it was taken over: when, how many bottles, in what state, under which seal."),
        (
            Field(
                "condition", N_("State of the sample"), "choice", required=True, choices=rules.CONDITION_WORDS
            ),
            _SEAL,
            _COUNT,
            _AT,
            _TO,
            _BY,
            _NOTE,
        ),
    ),
    (
        "open",
        "opened",
        N_("Open the bag"),
        N_("Writes that the seal was broken to analyse the sample, and what state it was in."),
        (
            Field(
                "condition", N_("State of the sample"), "choice", required=True, choices=rules.CONDITION_WORDS
            ),
            _SEAL,
            _AT,
            _BY,
            _NOTE,
        ),
    ),
)


def _step_acts() -> tuple[Act, ...]:
    found: list[Act] = []
    for name, action, title, words, asked in _STEPS:
        found.append(
            Act(
                name,
                title,
                words,
                _step(action),
                "sample",
                asked,
                why_not=first_of(may_write("custody"), _may_follow(action)),
            )
        )
        together = tuple(each for each in asked if each.key != "count")
        found.append(
            Act(
                f"{name}_all",
                title,
                words,
                _step_all(action),
                "sampling",
                together,
                why_not=first_of(may_write("custody"), _has_samples, _all_may_follow(action)),
                fits=_leaves_samples,
            )
        )
    return tuple(found)


_TITLES = {
    "water": (N_("Sample waste water"), N_("Write on: waste water")),
    "air": (N_("Sample exhaust gas"), N_("Write on: exhaust gas")),
    "solid": (N_("Sample solid waste or soil"), N_("Write on: solid waste or soil")),
    "noise": (N_("Measure noise"), N_("Write on: noise")),
}

ACTS: tuple[Act, ...] = (
    *(
        Act(
            f"sample_{matter}",
            begin,
            N_("Begins a sampling record at this visit, to be filled in at the site and sealed there."),
            _begin(matter),
            "inspection",
            _of_record(matter),
            preset=_new_preset(matter),
            why_not=first_of(may_write("sampling"), where("inspection", _open_visit)),
        )
        for matter, (begin, _edit) in _TITLES.items()
    ),
    *TAKING,
    *(
        Act(
            f"write_{matter}",
            edit,
            N_("Fills in or corrects the record; what stood there before stays in the history."),
            verbs.edit,
            "sampling",
            _of_record(matter),
            preset=_record_preset(matter),
            why_not=_only(matter),
            fits=_is_of(matter),
        )
        for matter, (_begin_words, edit) in _TITLES.items()
    ),
    *(
        Act(
            f"amend_{matter}",
            N_("Amend the sealed record"),
            N_("Writes a new sealed record that names this seal and says what it should have said, and why."),
            _amend,
            "sampling",
            (Field("why", N_("Reason for the amendment"), "long", required=True), *_of_record(matter)),
            preset=_record_preset(matter),
            why_not=where("sampling", _only_sealed),
            fits=_is_of(matter),
        )
        for matter in _TITLES
    ),
    Act(
        "add_sample",
        N_("Add a sample"),
        N_("Writes down a sample with its bottles; its number is for the label."),
        verbs.add_sample,
        "sampling",
        _SAMPLE,
        preset=_new_sample,
        why_not=where("sampling", _takes_samples),
        fits=_leaves_samples,
    ),
    Act(
        "judge_on_site",
        N_("Judge the values read on site"),
        N_("Enters pH or the level of noise as measurements of the visit, with their verdicts."),
        enter_site_values,
        "sampling",
        why_not=first_of(may_write("measurement"), where("sampling", _unsealed)),
    ),
    Act(
        "seal_record",
        N_("Seal the record"),
        N_("Fixes the record and its samples as they were signed at the site; nothing is changed after it."),
        _seal,
        "sampling",
        why_not=where("sampling", _unsealed),
    ),
    *_step_acts(),
    Act(
        "edit_sample",
        N_("Correct the sample"),
        N_("Corrects what is written of the sample, until its record is sealed."),
        verbs.edit_sample,
        "sample",
        _SAMPLE,
        preset=_sample_preset,
        why_not=_of_unsealed,
    ),
    Act(
        "withdraw_sample",
        N_("Withdraw the sample"),
        N_("Withdraws the sample with a reason; its number is not used again."),
        verbs.withdraw_sample,
        "sample",
        _WHY,
        why_not=_of_unsealed,
    ),
    Act(
        "withdraw_sampling",
        N_("Withdraw the record"),
        N_("Withdraws the sampling record and its samples with a reason; they stay in the history."),
        verbs.withdraw,
        "sampling",
        _WHY,
        why_not=where("sampling", _unsealed),
    ),
    *OF_REPORTS,
)
