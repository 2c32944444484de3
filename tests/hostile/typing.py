"""Pasting and typing hostile strings into fields, and what must be true of what stands there and is kept."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from contextlib import suppress
from typing import Any

from textual import events
from textual._xterm_parser import XTermParser

from models.registry.rules import tidy_text
from tui.quirks import UNSEEN
from tui.widgets.form import Form
from tui.widgets.prose import Prose

BLANK = re.compile(r"\s")
SENTENCE_ENDS = "。.！!？?）)"
TYPED_KINDS = ("text", "long", "secret", "number", "date")


def written(text: str) -> str:
    """What of a text can be seen: no blank, nothing that hides or acts."""
    return BLANK.sub("", UNSEEN.sub("", text))


async def through(*pumps: Any) -> None:
    """Wait until each of these has worked off what it was sent so far, one after the other.

    `pilot.pause` asks every widget of the screen, which costs a form of forty fields 50 ms.
    """
    for pump in pumps:
        done = asyncio.Event()
        pump.call_later(done.set)
        while pump.is_running and not done.is_set():  # what is closed meanwhile works nothing off
            with suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), 0.05)


async def calm(pilot: Any, *pumps: Any) -> None:
    """Wait for what one change sets off: the message, the verb in its thread, the answer."""
    app = pilot.app
    await through(*pumps, app.screen, app)
    await asyncio.wrap_future(app.verbs.submit(int))
    await through(app.screen, app)


async def paste(pilot: Any, text: str) -> None:
    """Paste into whatever has the focus, as a terminal with bracketed paste does."""
    app = pilot.app
    app.post_message(events.Paste(text))
    await through(app, app.screen, app.focused)


def key_event(key: str) -> events.Key:
    """The event of a key by Textual's name, or of a letter."""
    return events.Key(key, key if len(key) == 1 else None)


async def type_keys(pilot: Any, text: str) -> None:
    """Type into whatever has the focus: the events that Textual's own parser makes of these characters."""
    parser = XTermParser()
    app = pilot.app
    for event in [*parser.feed(text), *parser.tick()]:
        if isinstance(event, events.Key):
            app.post_message(event)
            await through(app, app.screen, app.focused)


def shown_right(text: str, shown: str) -> None:
    """A field shows all that can be seen of a text, in order, and nothing of the rest."""
    assert not UNSEEN.search(shown.replace("\n", "")), repr(shown)
    assert written(shown) == written(text)


def kept_right(shown: str, kept: str | None, sentence: str) -> None:
    """What was shown is kept as it was shown, or refused with a sentence."""
    if sentence:
        assert sentence.rstrip()[-1] in SENTENCE_ENDS, sentence
        assert "{" not in sentence or "{" in shown, sentence
        return
    wanted = unicodedata.normalize("NFC", shown)
    assert written(kept or "") == written(wanted), (shown, kept)
    assert (kept or "") == tidy_text(kept or "")


def typed_fields(form: Form) -> list[str]:
    """Keys of the fields of a form that are typed into."""
    return [field.key for field in form.fields if field.kind in TYPED_KINDS]


def editor_of(app: Any, key: str) -> Any:
    """The editor of a field of the screen in front."""
    return app.screen.query(f"#field-{key}").first()


def sentence_at(app: Any, key: str) -> str:
    """What stands under a field, else under any field, else in the toasts."""
    own = app.screen.query(f"#error-{key}").first(Prose).text
    others = [prose.text for prose in app.screen.query(".form-error.shown").results(Prose) if prose.text]
    told = [note.message for note in app._notifications]
    return (own or " ".join([*others, *told])).removeprefix("! ")


async def fill(pilot: Any, form: Form, key: str, text: str, *, by: Any = paste) -> tuple[str, str]:
    """Put a text in place of what stands in a field, and leave it; what is shown, and the sentence."""
    app = pilot.app
    app.clear_notifications()
    editor = editor_of(app, key)
    if app.focused is not editor:
        form.focus_field(key)
        await pilot.pause()
    editor.load("")
    await by(pilot, text)
    shown = editor.value
    form.keep_now()
    await calm(pilot, form)
    return shown, sentence_at(app, key)
