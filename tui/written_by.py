"""Which acts of the rooms write which kinds of record: their forms name the fields of those."""

from __future__ import annotations

WRITTEN_BY: dict[str, tuple[str, ...]] = {
    "activity": (
        "outreach.hold_activity",
        "outreach.add_activity",
    ),
    "assignment": (
        "planning.assign",
        "planning.assign_here",
        "planning.assign_recheck",
        "planning.assign_slip",
        "planning.assign_complaint",
        "planning.give_out",
    ),
    "attendance": ("outreach.attend",),
    "awareness": ("outreach.note_awareness",),
    "bulletin": ("units.issue_bulletin",),
    "carbon_figure": (
        "outreach.add_carbon_figure",
        "outreach.add_base_carbon",
        "outreach.add_restoration_carbon",
    ),
    "case_guidance": ("cases.guide",),
    "case_issue": ("cases.raise_issue",),
    "case_paper": (
        "cases.add_paper",
        "cases.add_clue_paper",
    ),
    "case_step": (
        "cases.back",
        "cases.reopen",
    ),
    "case_transfer": ("cases.transfer",),
    "clue": (
        "cases.register",
        "community.make_clue",
    ),
    "committee": ("community.found_committee",),
    "committee_member": ("community.add_member",),
    "community": ("community.add_community",),
    "complaint": (
        "community.register_complaint",
        "community.complaint_here",
    ),
    "covenant": ("community.adopt_covenant",),
    "custody": (
        "sampling.take_over",
        "sampling.bag",
        "sampling.hand_over",
        "sampling.open",
        "sampling.take_over_all",
        "sampling.bag_all",
        "sampling.hand_over_all",
        "sampling.open_all",
    ),
    "damage_case": ("cases.start",),
    "deliberation": ("cases.deliberate",),
    "education_base": ("outreach.open_base",),
    "exemplar": ("outreach.draft_from_case",),
    "expert": ("experts.add",),
    "expert_draw": (
        "experts.draw",
        "experts.draw_experts",
    ),
    "fund_entry": (
        "fund.enter_spending",
        "fund.enter_compensation",
        "fund.enter_self",
        "fund.enter_fine",
        "fund.spend",
        "fund.receive_compensation",
        "fund.receive_fine",
        "fund.note_self",
    ),
    "grid": ("community.add_grid",),
    "handover": ("penalties.hand_over",),
    "interview": (
        "onsite.interview",
        "onsite.interview_of_visit",
    ),
    "loss": ("cases.add_loss",),
    "measure": (
        "onsite.measure",
        "onsite.measure_of_visit",
    ),
    "measure_item": ("onsite.add_thing",),
    "mediation": (
        "community.mediate",
        "community.mediate_here",
        "community.mediate_complaint",
    ),
    "meeting": ("cases.meet",),
    "opinion": ("experts.opine",),
    "participant": ("community.add_participant",),
    "patrol": (
        "community.patrol",
        "community.patrol_grid",
    ),
    "penalty_case": (
        "penalties.file",
        "penalties.file_from_inspection",
    ),
    "permit_limit": ("sampling.add_permit_limit",),
    "publicity": (
        "outreach.note_publicity",
        "outreach.report_exemplar",
        "outreach.report_activity",
    ),
    "question": ("onsite.ask",),
    "ranking": ("units.enter_ranking",),
    "rectification": (
        "supervision.add_problem",
        "supervision.add_round_problem",
    ),
    "rectification_note": (
        "supervision.note_progress",
        "supervision.extend_rectification",
        "supervision.send_back_rectification",
    ),
    "reminder": ("penalties.remind",),
    "reporter": ("community.name_reporter",),
    "restoration": (
        "restoration.plan",
        "cases.plan_restoration",
    ),
    "restoration_amount": ("restoration.note_amount",),
    "restoration_base": ("restoration.add_base",),
    "restoration_guidance": ("restoration.guide",),
    "round": ("supervision.open_round",),
    "sample": ("sampling.add_sample",),
    "sampling": (
        "sampling.sample_water",
        "sampling.sample_air",
        "sampling.sample_solid",
        "sampling.sample_noise",
    ),
    "score": ("units.score",),
    "screening": ("penalties.screen",),
    "served_paper": ("onsite.add_paper",),
    "service": (
        "onsite.service",
        "onsite.service_of_visit",
        "onsite.service_of_case",
    ),
    "site_class": ("planning.classify_site",),
    "supervision": ("cases.supervise",),
    "task": ("units.add_task",),
    "task_report": (
        "units.report_task",
        "units.finish_task",
    ),
    "training": ("outreach.hold_training",),
    "transferred_complaint": (
        "supervision.register_complaint",
        "supervision.add_round_complaint",
    ),
    "transferred_reporter": ("supervision.note_reporter",),
    "upward_report": (
        "community.report",
        "community.report_patrol",
        "community.report_complaint",
    ),
}
"""Kind of record to the acts, as room.act, that write such records and are done to another kind or none."""
WRITING = frozenset(key for keys in WRITTEN_BY.values() for key in keys)
"""Those acts: on the record that they are done to they set nothing that their form names."""
