"""The recovery key in shares: enough of them give it back, fewer nothing, a copying mistake is named."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import BadInput
from models.store.data_key import make_recovery_pair
from models.store.shares import WORDS, Plan, joined, key_of, split

KEY = make_recovery_pair().identity
SHARES = split(KEY, Plan(3, 5))


def named(*texts: str) -> dict[str, str]:
    return {f"share{place}": text for place, text in enumerate(texts, 1)}


def test_any_three_of_five_give_the_key_in_any_order_and_more_do_too() -> None:
    for some in itertools.permutations(SHARES, 3):
        assert joined(named(*some)) == KEY
    assert joined(named(*SHARES)) == KEY
    assert joined(named(SHARES[0], *SHARES[:3])) == KEY, "one twice, in another file"


def test_two_of_three_five_give_nothing_and_the_sentence_says_how_many() -> None:
    for some in itertools.combinations(SHARES, 2):
        with pytest.raises(BadInput) as refused:
            joined(named(*some))
        assert (refused.value.params["count"], refused.value.params["needed"]) == (2, 3)
    with pytest.raises(BadInput) as refused:
        joined(named(SHARES[0], SHARES[0], SHARES[0]))
    assert refused.value.params["count"] == 1
    assert KEY not in "".join(SHARES)


@settings(max_examples=5, deadline=None)
@given(st.integers(2, 16).flatmap(lambda made: st.tuples(st.integers(2, made), st.just(made))))
def test_every_plan_gives_back_what_it_split(numbers: tuple[int, int]) -> None:
    shares = split(KEY, Plan(*numbers))
    assert len(shares) == numbers[1] == len(set(shares))
    assert {len(each.split()) for each in shares} == {WORDS}
    assert joined(named(*shares[-numbers[0] :])) == KEY


def test_a_share_may_be_typed_as_it_stands_on_the_card() -> None:
    words = SHARES[1].split()
    numbered = "2/5\n" + "\n".join(f"{place}. {word.upper()}" for place, word in enumerate(words, 1))
    assert joined(named(SHARES[0], numbered, SHARES[4])) == KEY


@pytest.mark.parametrize("place", [0, 2, 10, 31, 32])
def test_a_word_that_was_copied_wrongly_is_found(place: int) -> None:
    words = SHARES[1].split()
    words[place] = "academic" if words[place] != "academic" else "acid"
    with pytest.raises(BadInput) as refused:
        joined(named(SHARES[0], " ".join(words), SHARES[2]))
    assert refused.value.params["name"] == "share2"
    words[place] = "zhangzhou"
    with pytest.raises(BadInput) as refused:
        joined(named(SHARES[0], " ".join(words), SHARES[2]))
    assert (refused.value.params["place"], refused.value.params["word"]) == (place + 1, "zhangzhou")


@pytest.mark.parametrize("cut", [0, 1, 20, 32])
def test_a_share_that_was_cut_is_told(cut: int) -> None:
    with pytest.raises(BadInput) as refused:
        joined(named(SHARES[0], SHARES[1], " ".join(SHARES[2].split()[:cut])))
    assert (refused.value.params["name"], refused.value.params["count"]) == ("share3", cut)


def test_a_share_of_another_key_is_named() -> None:
    other = split(make_recovery_pair().identity, Plan(3, 5))
    with pytest.raises(BadInput) as refused:
        joined(named(SHARES[0], SHARES[1], other[2]))
    assert refused.value.params["name"] == "share3"
    with pytest.raises(BadInput) as refused:
        joined(named(other[2], SHARES[0], SHARES[1]))
    assert refused.value.params["name"] == "share1", "the odd one, and not those that differ from the first"
    with pytest.raises(BadInput) as refused:
        joined(named(other[2], SHARES[0]))
    assert refused.value.params == {"one": "share1", "other": "share2"}, "nobody knows which is the odd one"
    again = split(KEY, Plan(3, 5))
    with pytest.raises(BadInput):
        joined(named(SHARES[0], SHARES[1], again[2]))


@pytest.mark.parametrize("text", ["", "3", "5/3", "1/5", "3/17", "0/0", "a/b", "3/5/7", "-3/5"])
def test_a_plan_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        Plan.of(text)
    assert Plan.of(" 3 / 5 ") == Plan(3, 5)


@pytest.mark.parametrize(
    "text",
    ["", "AGE-SECRET-KEY-1", KEY[:-1], KEY[:-1] + "B", "age1xyz", "示例", "1"],
    ids=["none", "beginning", "cut", "wrong", "public", "words", "number"],  # the same in every process
)
def test_what_is_no_key_is_not_split(text: str) -> None:
    with pytest.raises(BadInput):
        split(text, Plan(2, 3))
    assert split(KEY.lower() + "\n", Plan(2, 3))


def test_a_key_alone_is_taken_as_it_is() -> None:
    assert key_of({"a": KEY}) == KEY
    assert key_of({"a": "neither"}) == "neither"
    assert key_of(named(*SHARES[:3])) == KEY
    with pytest.raises(BadInput):
        key_of({"a": SHARES[0]})


def test_the_standards_own_shares_are_joined() -> None:
    """SLIP-0039, vectors.json, "Valid mnemonic without sharing (256 bits)"."""
    import shamir_mnemonic

    words = (
        "theory painting academic academic armed sweater year military elder discuss acne wildlife boring "
        "employer fused large satoshi bundle carbon diagnose anatomy hamster leaves tracks paces beyond "
        "phantom capital marvel lips brave detect luck"
    )
    assert shamir_mnemonic.combine_mnemonics([words], b"TREZOR").hex() == (
        "989baf9dcaad5b10ca33dfd8cc75e42477025dce88ae83e75a230086a0e00e92"
    )
