"""Sealing: refused with the list of what is missing, else asked plainly; then the code to show."""

from __future__ import annotations

from typing import Any

from models.inspections import queries, verbs
from models.language import _
from tui.screens.inspection_missing import show_missing
from tui.screens.inspection_parts import lacking
from tui.widgets.confirm import Confirm


def ask_to_seal(screen: Any, inspection_id: str) -> None:
    """Read what is there, then refuse or ask."""
    notebook = screen.notebook
    screen.desk.keep_typed()

    def read() -> tuple[queries.Sheet, list[queries.Missing]]:
        return queries.sheet(notebook, inspection_id), queries.missing(notebook, inspection_id)

    # in the verbs' thread: what was typed last is kept before it is read
    screen.do_verb(read, lambda answer: _ask(screen, inspection_id, *answer))


def _ask(screen: Any, inspection_id: str, sheet: queries.Sheet, missing: list[queries.Missing]) -> None:
    if sheet.inspection.sealed:
        screen.desk.say(_("This inspection is sealed already."), severity="warning")
        return
    blocking = lacking(missing)
    if blocking:
        title = _("Not sealed. Things that are missing: {count}. Enter goes there.").format(
            count=len(blocking)
        )
        show_missing(screen, inspection_id, blocking, title)
        return
    advised = sum(1 for each in missing if not each.blocking)
    answered = sum(1 for item in sheet.items if item.result)
    consequence = _(
        "It fixes answers ({answers}), findings ({findings}), measurements ({measurements}) and pieces of "
        "evidence ({evidence}) by their SHA-256 and this laptop's signature. After it nothing of it changes"
        " any more; what has to be corrected is added as an amendment."
    ).format(
        answers=answered,
        findings=len(sheet.findings),
        measurements=len(sheet.measurements),
        evidence=len(sheet.evidence),
    )
    if advised:
        consequence += "\n" + _("Advised points that are open: {count}; they do not stop the seal.").format(
            count=advised
        )
    question = _("Seal {number}?").format(number=sheet.inspection.number)
    screen.app.push_screen(
        Confirm(question, consequence, yes=_("Seal")),
        lambda yes: _seal(screen, inspection_id) if yes else None,
    )


def _seal(screen: Any, inspection_id: str) -> None:
    notebook = screen.notebook

    def sealed(found: verbs.Sealed) -> None:
        screen.desk.say(
            _("Sealed: {number}, SHA-256 {digest}.. Its QR code is under Record.").format(
                number=found.number, digest=found.sha256[:12]
            )
        )
        screen.load()

    screen.do_verb(lambda: verbs.seal_inspection(notebook, inspection_id), sealed)
