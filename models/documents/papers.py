"""The papers of an inspection, by name and file type: what the command line and the Record screen write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.documents import evidence_list, formed, record_paper, timeline_paper
from models.documents.files import as_file
from models.documents.paper import Paper
from models.language import N_

if TYPE_CHECKING:
    from models.store.seat import Seat

PAPERS = {
    "record": N_("On-site inspection record"),
    "evidence": N_("List of evidence"),
    **timeline_paper.NAMES,
}
"""The papers that can be written, with their names."""


def inspection_paper(seat: Seat, inspection_id: str, paper: str) -> Paper:
    """A paper of an inspection as a value.

    Args:
        paper: a key of `PAPERS`.

    Raises:
        BadInput: there is no such inspection.
    """
    if paper == "record":
        return record_paper.record_paper(seat, inspection_id)
    if paper == "evidence":
        return evidence_list.list_paper(seat, inspection_id)
    return formed.paper(seat, inspection_id, paper, formed.KINDS["inspection"])


def written_paper(seat: Seat, inspection_id: str, paper: str, suffix: str) -> bytes | str:
    """A paper as it goes into a file.

    Args:
        paper: a key of `PAPERS`.
        suffix: ".docx", ".pdf", ".html" or ".txt".

    Raises:
        BadInput: for another file type, .pdf without an office program, or an inspection that is not there.
    """

    def docx() -> bytes:
        if paper == "record":
            return record_paper.fill_record(seat, inspection_id)
        if paper == "evidence":
            return evidence_list.fill_evidence_list(seat, inspection_id)
        return formed.docx(seat, inspection_id, paper, formed.KINDS["inspection"])

    return as_file(suffix, docx, lambda: inspection_paper(seat, inspection_id, paper))
