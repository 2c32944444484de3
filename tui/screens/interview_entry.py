"""The two fields of an interview, and the question that stands in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from textual import events
from textual.message import Message

from models.inspections.onsite import interviews
from tui.widgets.longfield import LongField


class EntryField(LongField):
    """Several lines; Enter is done with it."""

    class Done(Message):
        """Enter was pressed."""

        def __init__(self, entry: EntryField) -> None:
            super().__init__()
            self.entry = entry

        @property
        def control(self) -> EntryField:
            """The field."""
            return self.entry

    class Out(Message):
        """Esc was pressed."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.post_message(self.Done(self))
            return
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self.post_message(self.Out())
            return
        await super()._on_key(event)


@dataclass
class Entry:
    """One question with its answer, while it is written or corrected; used in the verbs' thread."""

    record: str = ""
    """Id of the question, once it is one."""
    after: str = ""
    """Behind which question it is put; empty for the end."""
    kept: dict[str, str] = field(default_factory=dict)
    fresh: bool = True
    """Whether it is written now for the first time."""

    def keep(self, notebook: Any, interview: str, question: str, answer: str) -> str:
        """Make the question, or correct what differs; gives its id, empty while there are no words."""
        if not self.record:
            if not question.strip():
                return ""
            self.record = interviews.ask(notebook, interview, question, answer or None, after=self.after)
        else:
            typed = {"question": question, "answer": answer}
            changed = {key: text for key, text in typed.items() if text != self.kept.get(key, "")}
            if changed:
                interviews.correct(notebook, self.record, **changed)
        self.kept = {"question": question, "answer": answer}
        return self.record
