"""The legal basis of an act, chosen by the date of the act (行政处罚法37, 生态环境法典1057).

Keys are checklist items ("W03") and procedural rules ("V01", also by name: "two_officers"). What was in
force on the day of the act decides, not the day of entry: noise of 2022-06-04 rests on 环境噪声污染防治法
(2018), of 2022-06-05 on 噪声污染防治法 (2021), of 2026-08-15 on 生态环境法典.

A day on which nothing was in force gives None, because that is an answer in law, not a mistake;
`why_none` says why. A key that no pack knows is a mistake and raises.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from models.errors import BadInput
from models.language import N_, _, translate
from models.law.citation import Citation
from models.law.packs import Instrument, Packs, Version, load_packs
from models.law.ranges import PenaltyRange, compared

UNVERIFIED = ("M", "L", "D")
"""Marks of what was not read in a source: memory, low trust, derived."""
OWN_PACKS = Path(__file__).parent / "packs"


@dataclass(frozen=True)
class Basis:
    """What a key rests on, on one day. Texts are Chinese law; `en` is a reading aid."""

    key: str
    instrument: str
    """Title of the first instrument cited."""
    article: str
    """The articles that demand or forbid, as papers cite them."""
    penalty_article: str
    """The articles that punish; empty where none does."""
    penalty: str
    """The range of the penalty, in words; empty where none is known."""
    ranges: tuple[PenaltyRange, ...]
    """The same as data, in whole yuan and other units; empty where none is kept."""
    text: str
    """Everything in one line: articles, then 罚则 with its range."""
    en: str
    """The same in English, without the range."""
    in_force: date
    repealed: date | None
    """Last day in force; None while in force."""
    mark: str
    """Provenance of the articles: S read, S2 second hand, M memory, L low, D derived."""
    penalty_mark: str
    note: str

    @property
    def caution(self) -> str:
        """What to check before a paper rests on it, in the reader's language; empty where all was read."""
        said = []
        if self.mark in UNVERIFIED:
            said.append(_("The articles are not verified ({mark}): check them.").format(mark=self.mark))
        elif self.penalty_mark in UNVERIFIED:
            words = _("The range of the penalty is not verified ({mark}): check it.")
            said.append(words.format(mark=self.penalty_mark))
        return " ".join([*said, self.note] if self.note else said)


class Law:
    """The packs of one or several folders, ready to be asked."""

    def __init__(self, packs: Packs) -> None:
        self._packs = packs

    @classmethod
    def of(cls, folders: Iterable[Path]) -> Law:
        """Our own packs and then the user's folders, which may add keys or replace them.

        Raises:
            BadInput: naming the file, the key and what is wrong.
        """
        return cls(load_packs([OWN_PACKS, *folders]))

    def keys(self) -> list[str]:
        """Every key that has versions or gaps."""
        return sorted({*self._packs.versions, *self._packs.gaps})

    def instruments(self) -> list[Instrument]:
        """Every instrument, oldest first."""
        return sorted(self._packs.instruments.values(), key=lambda one: (one.in_force, one.key))

    def basis(self, key: str, on: date) -> Basis | None:
        """What the key rests on, on the day of the act; None where nothing was in force (see `why_none`).

        Raises:
            BadInput: for a key that no pack knows.
        """
        for version in self._versions(key):
            if version.covers(on):
                return self._shown(key, version)
        return None

    def why_none(self, key: str, on: date) -> str:
        """Why `basis` gives None on that day, as a sentence; empty where it gives a basis.

        Raises:
            BadInput: for a key that no pack knows.
        """
        versions = self._versions(key)
        if any(version.covers(on) for version in versions):
            return ""
        stated = self.gap(key, on)
        if stated:
            return stated
        later = [version.in_force for version in versions if version.in_force > on]
        if later:
            return _(
                "No legal basis for {key} is kept for {day}; the earliest kept is of {earliest}."
            ).format(key=key, day=on.isoformat(), earliest=min(later).isoformat())
        return _("No legal basis for {key} is kept for {day}.").format(key=key, day=on.isoformat())

    def gap(self, key: str, on: date) -> str:
        """Why a pack says that there is no basis on that day (Chinese data); empty where it says nothing."""
        gaps = self._packs.gaps.get(self._key(key), ())
        return next((gap.why for gap in gaps if gap.since <= on <= gap.until), "")

    def lighter_rule_note(self, on: date, today: date, key: str = "") -> str | None:
        """Whether the law changed between the act and today, so that the lighter one is to be applied.

        从旧兼从轻: the law of the day of the act, unless the newer is lighter or punishes no more
        (行政处罚法37, 生态环境法典1057). With a key, both bases are named; without, it is enough that an
        instrument in force on the day of the act is so no more. None where nothing changed.
        """
        if today <= on:
            return None
        rule = self.basis("lighter_rule", today)
        rule_text = rule.article if rule else ""
        if not key:
            gone = [one.short for one in self.instruments() if _lapsed(one, on, today)]
            if not gone:
                return None
            return _(
                "The law has changed since {day} ({gone}): the law of the day of the act applies, unless the "
                "new law is lighter or no longer punishes it ({rule})."
            ).format(day=on.isoformat(), gone="、".join(gone), rule=rule_text)
        then, now = self.basis(key, on), self.basis(key, today)
        if then == now:
            return None
        note = _(
            "Of the day of the act: {then}. Now: {now}. The former applies, unless the latter is lighter or "
            "no longer punishes it ({rule})."
        ).format(
            then=then.text if then else _("no legal basis"),
            now=now.text if now else _("no legal basis"),
            rule=rule_text,
        )
        return f"{note} {_hint(then, now)}".strip()

    def later_law(self, key: str, on: date, today: date) -> str:
        """从旧兼从轻 beside the basis of the day of the act: what is in force today, where it changed.

        Raises:
            BadInput: for a key that no pack knows.
        """
        then, now = self.basis(key, on), self.basis(key, today)
        if today <= on or then == now:
            return ""
        rule = self.basis("lighter_rule", today)
        return _(
            "The law has changed since. It applies as of the day of the act, unless the later is lighter or "
            "no longer punishes it ({rule}). {hint} Now: {now}"
        ).format(
            rule=rule.article if rule else "",
            hint=_hint(then, now),
            now=now.text if now else self.why_none(key, today),
        )

    def _key(self, key: str) -> str:
        return self._packs.aliases.get(key, key)

    def _versions(self, key: str) -> tuple[Version, ...]:
        name = self._key(key)
        if name not in self._packs.versions and name not in self._packs.gaps:
            raise BadInput(N_("No legal basis is called “{key}”. Use an item's code, such as W03."), key=key)
        return self._packs.versions.get(name, ())

    def _shown(self, key: str, version: Version) -> Basis:
        article = self._written(version.requires)
        penalty_article = self._written(version.punishes)
        text = article
        if penalty_article:
            text += ("；" if text else "") + f"罚则：{penalty_article}"
            if version.penalty:
                text += f"（{version.penalty}）"
        first = (version.requires or version.punishes)[0]
        english = "; ".join(
            self._written_in_english(one) for one in (version.requires, version.punishes) if one
        )
        return Basis(
            key=key,
            instrument=self._packs.instruments[first.instrument].title,
            article=article,
            penalty_article=penalty_article,
            penalty=version.penalty,
            ranges=version.ranges,
            text=text,
            en=english,
            in_force=version.in_force,
            repealed=version.repealed,
            mark=version.mark,
            penalty_mark=version.penalty_mark,
            note=version.note,
        )

    def _grouped(self, citations: tuple[Citation, ...]) -> dict[str, list[Citation]]:
        groups: dict[str, list[Citation]] = {}
        for one in citations:
            groups.setdefault(one.instrument, []).append(one)
        return groups

    def _written(self, citations: tuple[Citation, ...]) -> str:
        return "；".join(
            f"《{self._packs.instruments[key].short}》" + "、".join(one.text for one in group if one.article)
            for key, group in self._grouped(citations).items()
        )

    def _written_in_english(self, citations: tuple[Citation, ...]) -> str:
        return "; ".join(
            f"{self._packs.instruments[key].en} " + ", ".join(one.en for one in group if one.article)
            for key, group in self._grouped(citations).items()
        ).strip()


_HINTS = {
    "same": N_("By the ranges kept, both allow the same fines."),
    "lower": N_(
        "By the ranges kept, the fines of the later law are lower: look whether it is to be applied."
    ),
    "higher": N_("By the ranges kept, the fines of the later law are higher."),
    "mixed": N_("By the ranges kept, neither law is lighter in every case: weigh the case that applies."),
}


def _hint(then: Basis | None, now: Basis | None) -> str:
    """What the ranges of two bases say of which is lighter; empty where one of them is not known."""
    found = compared(then.ranges, now.ranges) if then and now else None
    return translate(_HINTS[found]) if found else ""


def _lapsed(instrument: Instrument, on: date, today: date) -> bool:
    return (
        instrument.repealed is not None
        and instrument.in_force <= on <= instrument.repealed
        and instrument.repealed < today
    )


_user_folders: tuple[Path, ...] = ()


def use_packs(*folders: Path) -> None:
    """Add the bureau's own folders of packs to ours, for this process.

    Raises:
        BadInput: naming the file, the key and what is wrong; the packs in use stay as they were.
    """
    Law.of(folders)
    global _user_folders
    _user_folders = folders


def law() -> Law:
    """The packs in use."""
    return _law(_user_folders)


@lru_cache(maxsize=4)
def _law(folders: tuple[Path, ...]) -> Law:
    return Law.of(folders)


def basis(key: str, on: date) -> Basis | None:
    """What the key rests on, on the day of the act; None where nothing was in force (`why_none` says why).

    Raises:
        BadInput: for a key that no pack knows.
    """
    return law().basis(key, on)


def why_none(key: str, on: date) -> str:
    """Why `basis` gives None on that day, as a sentence in the reader's language or Chinese data."""
    return law().why_none(key, on)


def basis_text(key: str, on: date) -> str:
    """The basis in one line for a screen or paper, or the sentence why there is none."""
    found = law().basis(key, on)
    return found.text if found else law().why_none(key, on)


def lighter_rule_note(on: date, today: date, key: str = "") -> str | None:
    """从旧兼从轻: the note to show where the law changed between the act and today; None where it did not."""
    return law().lighter_rule_note(on, today, key)
