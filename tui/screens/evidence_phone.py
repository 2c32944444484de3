"""From the phone: the code that opens a page on it, and what comes from there. Esc ends the page."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll

from models.documents import qr
from models.documents.text import one_line
from models.inspections import verbs
from models.language import _
from models.store.digests import Kept
from tui.place import Modal
from tui.screens.record_code import CodeArea
from tui.trouble import note_trouble
from tui.widgets.progress import amount
from tui.widgets.prose import Prose

if TYPE_CHECKING:
    from sync.phone import Intake, Running, Status

LOOK_EVERY = 0.5
"""Seconds between looks at what came."""
_SHOWN = 4


class PhoneScreen(Modal):
    """Listens while it is open, for one phone; what comes is evidence of the inspection at once.

    Args:
        inspection_id: which inspection.
        item: code of the item that the photos belong to; may be empty.
        title: what they are for, shown on both screens.
    """

    BINDINGS = [
        Binding("escape,q", "close", show=False),
        Binding("n", "renew", show=False),
        Binding("a", "other", show=False),
    ]

    def __init__(self, inspection_id: str, item: str, title: str) -> None:
        super().__init__(classes="code-view")
        self._inspection = inspection_id
        self._item = item
        self._title = title
        self._hosts: list[str] = []
        self._at = 0
        self._phone: Running | None = None
        self._seen: Status | None = None
        self._before = 0
        """Files taken through pages that were closed for a new code."""
        self._over = False
        self._lock = Lock()

    def compose(self) -> ComposeResult:
        """The code, and beside it the words."""
        with Horizontal(classes="code-all"):
            yield Vertical(id="phone-code")
            with VerticalScroll(id="phone-side", can_focus=False):
                yield Prose(_("Opening the page ..."), id="phone-words")

    def on_mount(self) -> None:
        """Begin to listen."""
        self._begin()
        self.set_interval(LOOK_EVERY, self._look)

    def on_unmount(self) -> None:
        """Whatever closes this screen ends the page: Esc, the lock, the end of the program."""
        self._end()

    # -- listening -----------------------------------------------------------------------------------------

    def _begin(self) -> None:
        intake, title = self._intake(), self._title

        def work() -> Running:
            from sync import lan, phone  # with the web server: only for who needs it

            hosts = lan.addresses()
            host = hosts[self._at % len(hosts)] if hosts else ""
            running = phone.start(intake, host=host, title=title)
            with self._lock:
                self._hosts = hosts
                if self._over:  # the screen was left meanwhile
                    running.stop()
                else:
                    self._phone = running
            return running

        self.ask(work, self._begun, failed=self._not_begun, exclusive=False, group="phone")

    def _intake(self) -> Intake:
        from sync.phone import Intake

        notebook, inspection, item = self.notebook, self._inspection, self._item
        home = self.desk.home
        note = _("came from a phone over the local network, {address}")

        def on_file(kept: Kept, name: str, address: str) -> None:
            verbs.take_in_kept(
                notebook,
                inspection,
                kept,
                name=name,
                kind="audio_visual",
                item=item or None,
                note=note.format(address=address),
            )

        def allowed() -> None:
            verbs.refuse_closed(notebook, inspection)

        def trouble(error: Exception) -> None:
            note_trouble(home, error)

        return Intake(notebook.vault.put_stream, on_file, allowed, trouble)

    def _begun(self, running: Running) -> None:
        if running is not self._phone:
            return
        code = self.query_one("#phone-code", Vertical)
        code.remove_children()
        code.mount(CodeArea(qr.modules(running.url), []))
        self._seen = None
        self._look()

    def _not_begun(self, error: Exception) -> bool:
        self.dismiss(None)
        return False  # the sentence is shown as a toast

    def _end(self) -> int:
        """Stop listening; gives back how many files came."""
        with self._lock:
            self._over = True
            return self._stop()

    def _stop(self) -> int:
        running, self._phone = self._phone, None
        if running is not None:
            running.stop()
            self._before += running.status.taken
        return self._before

    # -- showing -------------------------------------------------------------------------------------------

    def _look(self) -> None:
        running = self._phone
        if running is None or running.status == self._seen:
            return
        before, status = self._seen, running.status
        self._seen = status
        if before is not None and status.taken > before.taken:
            self.desk.note_person()  # who takes photos is there, though no key is pressed
        if status.ended:
            count = self._end()
            self.dismiss(None)
            self.desk.say(_("The page was closed: nobody used it. {count} received.").format(count=count))
            return
        self.query_one("#phone-words", Prose).show("\n".join(self._words(running, status)))

    def _words(self, running: Running, status: Status) -> list[str]:
        lines = [f"{_('From the phone')}  {self._title}", ""]
        if not status.opened_by:
            lines += [
                _("1 Phone and laptop in one network: the phone's hotspot, or one Wi-Fi."),
                _("2 Scan the code with the phone's camera, or type:"),
                running.url,
                "",
            ]
        if status.coming:
            size = amount(status.coming_bytes, "bytes")
            lines.append(_("Coming: {name} {size}").format(name=one_line(status.coming)[:40], size=size))
        elif status.opened_by:
            lines.append(_("Opened by {address}.").format(address=status.opened_by))
        else:
            lines.append(_("Waiting for the phone."))
        lines.append(_("received: {count}").format(count=self._before + status.taken))
        keys = [_("Esc ends the page."), _("n new code")]
        if len(self._hosts) > 1:
            at = self._at % len(self._hosts) + 1
            other = _("a other network ({number} of {count})")
            keys.append(other.format(number=at, count=len(self._hosts)))
        lines += ["  ".join(keys), ""]
        lines += [event.short() for event in reversed(status.events[-_SHOWN:])]
        lines.append(
            _(
                "The way is not encrypted: others in this network could look on. Use your own hotspot, and "
                "compare the digits of SHA-256 on both screens."
            )
        )
        return lines

    # -- keys ----------------------------------------------------------------------------------------------

    def action_close(self) -> None:
        """End the page."""
        count = self._end()
        self.dismiss(None)
        self.desk.say(_("The page on the phone has ended. {count} received.").format(count=count))

    def action_renew(self) -> None:
        """Another code: for another phone or browser."""
        if self._phone is None:
            return
        with self._lock:
            self._stop()
        self._begin()

    def action_other(self) -> None:
        """Listen in the next network of this laptop."""
        if len(self._hosts) > 1:
            self._at += 1
            self.action_renew()
