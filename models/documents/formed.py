"""Papers that have a layout: as a value for screen and browser, as Word from the bureau's or our template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.documents import (
    interview_paper,
    layout,
    measure_papers,
    qr,
    service_paper,
    templates,
    timeline_paper,
)
from models.documents.paper import Paper
from models.documents.templates import Value
from models.language import in_chinese

if TYPE_CHECKING:
    from models.store.seat import Seat

Values = Callable[["Seat", str, str], tuple[str, dict[str, Value], str]]
"""Layout, values and the text of the code of one paper of a record."""


@dataclass(frozen=True, slots=True)
class Formed:
    """The papers of a kind of record."""

    names: Mapping[str, str]
    """Name to msgid."""
    values: Values


KINDS: dict[str, Formed] = {
    "interview": Formed(interview_paper.NAMES, interview_paper.values),
    "measure_paper": Formed(measure_papers.NAMES, measure_papers.values),
    "service": Formed(service_paper.NAMES, service_paper.values),
    "inspection": Formed(timeline_paper.NAMES, timeline_paper.values),
}
"""Kind of record to its papers."""


def paper(seat: Seat, record_id: str, name: str, formed: Formed) -> Paper:
    """A paper as a value.

    Raises:
        BadInput: there is no such record, or its sealed bytes are not here.
    """

    def made() -> Paper:
        found, values, qr_text = formed.values(seat, record_id, name)
        return layout.paper_of(found, values, qr_text)

    return in_chinese(made)


def docx(seat: Seat, record_id: str, name: str, formed: Formed, dpi: int = 300) -> bytes:
    """A paper as .docx, from the bureau's template where it has one.

    Args:
        dpi: of the printer, 300 or 600: the code's dots are whole printer dots.

    Raises:
        BadInput: as `paper`, or the bureau's template cannot be used.
    """
    found, values, qr_text = in_chinese(lambda: formed.values(seat, record_id, name))
    code = None
    if qr_text:
        modules = qr.seal_modules(qr_text)
        code = qr.png(modules, dpi), qr.printed_mm(modules, dpi)
    return templates.fill(templates.find(found), values, code)
