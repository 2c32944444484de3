"""Three themes: day 日间, night 夜间 and sunlight 强光. No theme says anything by colour alone."""

from __future__ import annotations

from textual.theme import Theme

from models.language import N_

NAMES = {"day": N_("Day theme"), "night": N_("Night"), "sunlight": N_("Sunlight")}
"""Theme name to its label, a msgid."""

THEMES = (
    Theme(
        name="day",
        primary="#0b5563",
        secondary="#3d6b74",
        accent="#9a4a12",
        foreground="#1d272b",
        background="#f5f4ef",
        surface="#ffffff",
        panel="#e6e4db",
        success="#25613a",
        warning="#7a4d00",
        error="#9c1f1f",
        dark=False,
        variables={"edge": "#b9b6a8", "quiet": "#5f6a6d", "cursor-back": "#cfe3e4", "cursor-text": "#10292e"},
    ),
    Theme(
        name="night",
        primary="#6fb8b8",
        secondary="#88a6ad",
        accent="#e0a56a",
        foreground="#d3dcdd",
        background="#10171a",
        surface="#161f23",
        panel="#1f2b30",
        success="#85c294",
        warning="#e2bb66",
        error="#f08a80",
        dark=True,
        variables={"edge": "#3a4a50", "quiet": "#8b9ba0", "cursor-back": "#264a50", "cursor-text": "#f0f6f6"},
    ),
    Theme(
        name="sunlight",
        primary="#000000",
        secondary="#000000",
        accent="#000000",
        foreground="#000000",
        background="#ffffff",
        surface="#ffffff",
        panel="#ffffff",
        success="#000000",
        warning="#000000",
        error="#7a0000",
        dark=False,
        variables={"edge": "#000000", "quiet": "#000000", "cursor-back": "#000000", "cursor-text": "#ffffff"},
    ),
)
