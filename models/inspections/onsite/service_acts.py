"""What can be done with proofs of service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.inspections.onsite import (
    service_rules,
    services,
)
from models.inspections.onsite.act_parts import (
    OFFICERS,
    WHY,
    complete,
    of_unsealed,
    unsealed,
)
from models.language import N_
from models.registry import keeping
from models.registry.act_parts import first_of, held, whole
from models.rooms import Act, Field

if TYPE_CHECKING:
    from models.store.seat import Seat

# -- service -----------------------------------------------------------------------------------------------

_SERVICE = (
    Field("receiver", N_("Receiver"), required=True),
    Field("case_title", N_("Cause of the case")),
    Field("method", N_("Way of service"), "choice", choices=tuple(service_rules.METHODS.items())),
    Field("place", N_("Place of service")),
    Field("served_at", N_("Served at"), "moment"),
    Field("taken_by", N_("Who took it"), hint=N_("Who signed for it")),
    Field("relation", N_("What they are to the receiver"), hint=N_("Where another one took it")),
    Field("refusal_reason", N_("Why it was not accepted"), hint=N_("Where it was left behind")),
    Field("witness_name", N_("Witness")),
    Field("witness_unit", N_("Witness's employer")),
    *OFFICERS,
    Field("agent", N_("Body asked to serve"), hint=N_("Where another body serves")),
    Field("tracking", N_("Number of the mail"), hint=N_("By post")),
    Field("medium", N_("Medium of the notice"), hint=N_("By public notice")),
    Field("consent", N_("Confirmation of electronic service"), hint=N_("Number of the signed confirmation")),
    Field("note", N_("Note")),
)
_SERVED = (
    Field("name", N_("Paper"), required=True),
    Field("paper_number", N_("Official number")),
    Field("copies", N_("Copies"), "count"),
)


def _preset_service(seat: Seat, inspection_id: str) -> Mapping[str, Any]:
    row = keeping.row_of(seat, "inspection", inspection_id)
    if row is None:
        return {}
    return {
        "receiver": row.site_name,
        "place": row.place,
        "first_officer": row.first_officer,
        "second_officer": row.second_officer,
    }


def _preset_case(seat: Seat, case_id: str) -> Mapping[str, Any]:
    row = keeping.row_of(seat, "penalty_case", case_id)
    if row is None:
        return {}
    return {
        "receiver": row.party,
        "place": row.party_address,
        "case_title": "  ".join(part for part in (row.title, row.number) if part),
        "first_officer": row.lead_officer,
        "second_officer": row.helper_officer,
    }


_PROVE = N_("Begins a proof of service; name the papers in it, then seal it.")
SERVICES = (
    Act("service", N_("Prove a service"), _PROVE, services.begin, fields=_SERVICE),
    Act(
        "service_of_visit",
        N_("Prove a service"),
        _PROVE,
        services.begin,
        subject="inspection",
        fields=_SERVICE,
        preset=_preset_service,
        right="inspect",
    ),
    Act(
        "service_of_case",
        N_("Prove a service"),
        _PROVE,
        services.of_case,
        subject="penalty_case",
        fields=_SERVICE,
        preset=_preset_case,
    ),
    Act(
        "edit_service",
        N_("Fill in the service"),
        N_("Fills in the way, the time, who took it; the history keeps what it held."),
        whole(services.edit, _SERVICE),
        subject="service",
        fields=_SERVICE,
        preset=held("service", _SERVICE),
        why_not=unsealed("service"),
    ),
    Act(
        "add_paper",
        N_("Add a paper"),
        N_("Adds a paper that is served."),
        services.add_paper,
        subject="service",
        fields=_SERVED,
        why_not=unsealed("service"),
    ),
    Act(
        "drop_paper",
        N_("Take the paper off"),
        N_("Takes a paper off an unsealed proof, with a reason."),
        services.drop_paper,
        subject="served_paper",
        fields=(WHY,),
        why_not=of_unsealed("served_paper", "service"),
    ),
    Act(
        "seal_service",
        N_("Seal the proof"),
        N_("Fixes the proof of service by digest and signature."),
        lambda seat, record: services.seal(seat, record).record,
        subject="service",
        why_not=first_of(unsealed("service"), complete(services.missing)),
    ),
    Act(
        "withdraw_service",
        N_("Withdraw the proof"),
        N_("Withdraws an unsealed proof of service, with a reason."),
        services.withdraw,
        subject="service",
        fields=(WHY,),
        why_not=unsealed("service"),
    ),
)
