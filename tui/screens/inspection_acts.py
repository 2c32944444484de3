"""What is done to a visit or a part of it from the Inspection screen, after a question."""

from __future__ import annotations

from functools import partial

from models.inspections import verbs
from models.language import _, translate
from models.planning import assignments
from models.rooms import Line
from tui.kinds import kind_label
from tui.place import Asking
from tui.widgets.choice import Choice
from tui.widgets.confirm import AskLine, Confirm
from tui.widgets.picker import Picker, among


def ask_to_withdraw(screen: Asking, part: str) -> None:
    """Take a finding or measurement out, with a reason."""
    if not part:
        screen.desk.say(_("Choose a finding or a measurement first (Tab)."), severity="warning")
        return
    question = AskLine(_("Why is it withdrawn?"), explain=_("It stays in the history with the reason."))
    screen.app.push_screen(question, partial(_withdraw, screen, part))


def _withdraw(screen: Asking, part: str, why: str | None) -> None:
    if why:
        notebook = screen.notebook
        screen.do_verb(lambda: verbs.withdraw(notebook, part, why))


def offer_start(screen: Asking, inspection_id: str) -> None:
    """Ask whether an assigned inspection begins now."""
    question = _("Begin this assigned inspection now?")
    consequence = _("Its beginning is noted as now; it can be corrected under the basic facts.")
    screen.app.push_screen(Confirm(question, consequence), partial(_start, screen, inspection_id))


def _start(screen: Asking, inspection_id: str, yes: bool | None) -> None:
    if yes:
        notebook = screen.notebook
        screen.do_verb(lambda: assignments.begin(notebook, inspection_id))


def show_onsite(screen: Asking, inspection_id: str) -> None:
    """List what belongs to the visit beside its record, and what can be begun for it; open what is chosen."""
    from models import rooms
    from models.inspections.onsite import queries
    from tui import acting
    from tui.screens.acts import open_act, open_record

    notebook = screen.notebook
    screen.desk.keep_typed()

    def read() -> list[Choice]:
        found = []
        for kind, rows in queries.of_visit(notebook, inspection_id).items():
            listing = rooms.listing_of(kind)
            lines = listing.lines(notebook, [row.id for row in rows]) if listing is not None else []
            found += [Choice(line.id, kind_label(kind), _words(line), kind) for line in lines]
        offers = acting.on_record(notebook, "inspection", inspection_id)
        return found + [
            Choice(each.key, "+ " + translate(each.act.title), each.refusal or translate(each.act.help), each)
            for each in offers
        ]

    def chosen(choice: Choice | None) -> None:
        if choice is None:
            return
        if isinstance(choice.data, str):
            open_record(screen, choice.data, choice.value)
        else:
            open_act(screen, choice.data)

    def show(choices: list[Choice]) -> None:
        screen.app.push_screen(
            Picker(_("Beside the record of this visit"), among(choices), wide=True), chosen
        )

    screen.do_verb(read, show)


def _words(line: Line) -> str:
    """The cells of a line of a list as one text."""
    texts = [cell if isinstance(cell, str) else cell.text for cell in line.cells]
    return "  ".join(text for text in texts if text)


def make_clue(screen: Asking, inspection_id: str, part: str) -> None:
    """Make a clue of a finding or measurement and open it: one key; of the whole visit it asks before."""
    if part:
        _clue(screen, inspection_id, part, True)
        return
    question = _("Make a clue of this inspection?")
    consequence = _(
        "The clue takes over site, day and facts, and has 30 days to be checked. Where there is one already, "
        "that is opened."
    )
    screen.app.push_screen(Confirm(question, consequence), partial(_clue, screen, inspection_id, part))


def _clue(screen: Asking, inspection_id: str, part: str, yes: bool | None) -> None:
    if not yes:
        return
    from models.cases.damage.clues import from_inspection

    notebook = screen.notebook
    screen.do_verb(
        lambda: from_inspection(notebook, inspection_id, part or None),
        lambda clue: screen.desk.open_place("sheet", kind="clue", record_id=clue),
    )
