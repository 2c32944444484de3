"""The agency's recovery key split among several people: enough of them together have it, fewer know nothing.

By SLIP-0039 (Shamir's secret sharing): a share is a line of 33 English words with a checksum, to be written
on a card, and any other program of that standard joins them too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.errors import BadInput
from models.language import N_
from models.store import bech32
from models.store.data_key import age_pair

MOST = 16
"""Shares of one key at most (SLIP-0039)."""
WORDS = 33
"""Words of a share of 32 bytes."""
_PLAN = re.compile(r"\s*(\d{1,2})\s*/\s*(\d{1,2})\s*")
_WORD = re.compile("[a-z]+")
_BEGINNING = "AGE-SECRET-KEY-1"


@dataclass(frozen=True, slots=True)
class Plan:
    """How many shares are made, and how many of them give the key."""

    needed: int
    made: int

    @classmethod
    def of(cls, text: str) -> Plan:
        """The plan in a text such as 3/5.

        Raises:
            BadInput: it is none, or none that can be.
        """
        found = _PLAN.fullmatch(text)
        needed, made = map(int, found.groups()) if found else (0, 0)
        if not 2 <= needed <= made <= MOST:
            raise BadInput(
                N_(
                    "“{text}” is no way to split a key. Give how many are needed and how many there are, as "
                    "3/5: two needed at least, {most} made at most."
                ),
                text=text,
                most=MOST,
            )
        return cls(needed, made)


def split(identity: str, plan: Plan) -> list[str]:
    """The shares of a recovery key, each a line of words.

    Raises:
        BadInput: the key is none.
    """
    import shamir_mnemonic  # 15 ms, for what an agency does once

    secret = _secret_of(identity)
    (made,) = shamir_mnemonic.generate_mnemonics(1, [(plan.needed, plan.made)], secret)
    # what cannot be joined again would be found out years later
    for some in (made[: plan.needed], made[-plan.needed :]):
        if shamir_mnemonic.combine_mnemonics(some) != secret:
            raise RuntimeError("the shares do not give the key back")
    return list(made)


def key_of(texts: Mapping[str, str]) -> str:
    """The recovery key in one text, or that the shares in several give. Whether one text is a key, its user
    says.

    Raises:
        BadInput: as `joined`.
    """
    first = next(iter(texts.values()))
    alone = len(texts) == 1 and len(first.split()) < WORDS // 2
    return first if alone or first.upper().startswith(_BEGINNING) else joined(texts)


def joined(texts: Mapping[str, str]) -> str:
    """The recovery key that shares give.

    Args:
        texts: by a name for each, such as its file's. What is no word, as a number before it, is passed over.

    Raises:
        BadInput: one is none or was copied wrongly, they are of several keys, or too few.
    """
    import shamir_mnemonic

    read = {name: _share(name, text) for name, text in texts.items()}
    first = _of_one_key(read)
    distinct = {share.index: share for share in read.values()}
    if len(distinct) < first.member_threshold:
        raise BadInput(
            N_("Different shares of the key: {count}; {needed} are needed. Name more of their files."),
            count=len(distinct),
            needed=first.member_threshold,
        )
    some: Sequence[Any] = list(distinct.values())[: first.member_threshold]
    try:
        secret = shamir_mnemonic.combine_mnemonics([share.mnemonic() for share in some])
        return age_pair(secret).identity
    except (shamir_mnemonic.MnemonicError, ValueError) as error:
        raise BadInput(N_("These shares do not fit together. Compare each with its card.")) from error


def _of_one_key(read: Mapping[str, Any]) -> Any:
    """One of the shares, all of which are of one key."""
    keys = Counter(share.group_parameters() for share in read.values())
    (most, count), *others = keys.most_common()
    one = next(share for share in read.values() if share.group_parameters() == most)
    for name, share in read.items():
        if share.group_parameters() == most:
            continue
        if count > others[0][1]:
            raise BadInput(N_("{name} is a share of another key. Leave it out."), name=name)
        mate = next(each for each, other in read.items() if other is one)
        raise BadInput(
            N_("{one} and {other} are shares of different keys. Leave out what is not of your agency's key."),
            one=mate,
            other=name,
        )
    return one


def _share(name: str, text: str) -> Any:
    import shamir_mnemonic
    from shamir_mnemonic.wordlist import WORD_INDEX_MAP

    words = [word for word in text.lower().split() if _WORD.fullmatch(word)]
    for place, word in enumerate(words, 1):
        if word not in WORD_INDEX_MAP:
            raise BadInput(
                N_("Word {place} in {name}, “{word}”, stands in no share. Compare it with the card."),
                place=place,
                name=name,
                word=word[:20],
            )
    if len(words) != WORDS:
        raise BadInput(
            N_("Words in {name}: {count}; a share has {words}. Compare it with the card."),
            name=name,
            count=len(words),
            words=WORDS,
        )
    try:
        return shamir_mnemonic.Share.from_mnemonic(" ".join(words))
    except shamir_mnemonic.MnemonicError as error:
        raise BadInput(
            N_("{name} was copied wrongly: its words do not fit together. Compare each with the card."),
            name=name,
        ) from error


def _secret_of(identity: str) -> bytes:
    text = identity.strip()
    try:
        secret = bech32.decoded(text.lower())
        if age_pair(secret).identity == text.upper():
            return secret
    except ValueError:
        pass
    raise BadInput(N_("This is not a recovery key. It begins with AGE-SECRET-KEY-1."))
