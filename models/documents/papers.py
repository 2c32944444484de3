"""The papers of an inspection, by name and file type: what the command line and the Record screen write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.documents import evidence_list, record_paper
from models.errors import BadInput
from models.language import N_

if TYPE_CHECKING:
    from models.store.seat import Seat

PAPERS = {"record": N_("On-site inspection record"), "evidence": N_("List of evidence")}
"""The papers that can be written, with their names."""
_PREVIEW_WIDTH = 78


def written_paper(seat: Seat, inspection_id: str, paper: str, suffix: str) -> bytes | str:
    """A paper as it goes into a file.

    Args:
        paper: a key of `PAPERS`.
        suffix: ".docx", ".html" or ".txt".

    Raises:
        BadInput: for another file type, or an inspection that is not there.
    """
    made = {
        ("record", ".docx"): record_paper.fill_record,
        ("record", ".html"): record_paper.html_page,
        ("evidence", ".docx"): evidence_list.fill_evidence_list,
        ("evidence", ".html"): evidence_list.html_page,
    }.get((paper, suffix.lower()))
    if made is not None:
        return made(seat, inspection_id)  # type: ignore[operator, no-any-return, unused-ignore]
    if suffix.lower() == ".txt":
        preview = record_paper.preview if paper == "record" else evidence_list.preview
        return "\n".join(preview(seat, inspection_id, _PREVIEW_WIDTH)) + "\n"
    raise BadInput(
        N_("Papers are written as .docx, .html or .txt; “{suffix}” is none of them."), suffix=suffix
    )
