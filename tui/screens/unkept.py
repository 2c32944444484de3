"""A screen whose form is kept only when it is finished: leaving it with something typed asks first."""

from __future__ import annotations

from textual.binding import Binding

from models.language import N_, _
from tui.keys import action
from tui.place import Place
from tui.widgets.form import Form


class UnkeptPlace(Place):
    """Esc asks before it drops what was typed; a second Esc stays, `y` leaves."""

    form_unkept = True
    back_means = N_("Goes back without doing it; what was typed here is dropped, after asking.")
    BINDINGS = [Binding(action("app.back").keys, "leave", show=False, id="app.back")]

    def typed(self) -> bool:
        """Whether something stands here that leaving would lose."""
        return any(text.strip() for form in self.query(Form) for text in form.values.values())

    async def action_leave(self) -> None:
        """One step back, when nothing is lost or it is meant."""
        if not self.typed():
            await self.desk.action_back()
            return
        from tui.widgets.confirm import Confirm

        question = _("Leave without finishing?")
        self.app.push_screen(Confirm(question, _("What is typed here is dropped.")), self._left)

    async def _left(self, yes: bool | None) -> None:
        if yes:
            await self.desk.action_back()
