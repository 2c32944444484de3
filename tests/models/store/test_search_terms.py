from __future__ import annotations

import random
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlcipher3
from hypothesis import example, given
from hypothesis import strategies as st
from pypinyin import Style, pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from models.store import search_terms
from models.store.projection import _FULL_TEXT
from models.store.search_terms import initials, query, terms

IDEOGRAPHS = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=40)
COMMON = "现场检查发现该公司废水总排口在线监测设备正常运行厂区雨污分流不彻底重庆长江水务行政处罚"


class Index:
    """A full-text index made as the store makes it."""

    def __init__(self) -> None:
        self.database = sqlcipher3.connect(":memory:")
        self.database.execute(_FULL_TEXT)

    def add(self, row: int, text: str) -> None:
        self.database.execute("INSERT INTO full_text (rowid, terms) VALUES (?, ?)", (row, terms(text)))

    def find(self, text: str) -> list[int]:
        match = query(text)
        if match is None:
            return []
        rows = self.database.execute("SELECT rowid FROM full_text WHERE full_text MATCH ?", (match,))
        return sorted(row for (row,) in rows)


@pytest.fixture(scope="module")
def shared() -> Iterator[Index]:
    index = Index()
    yield index
    index.database.close()


def found(index: Index, text: str, asked: str) -> bool:
    index.database.execute("DELETE FROM full_text WHERE rowid = 1")
    index.add(1, text)
    return index.find(asked) == [1]


def test_the_store_reads_terms_as_they_are_meant() -> None:
    assert search_terms.TOKENIZER in _FULL_TEXT


@given(text=IDEOGRAPHS, data=st.data())
def test_every_part_of_a_chinese_text_is_found(shared: Index, text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert found(shared, f"甲，{text}。乙", text[start:end])


@given(text=IDEOGRAPHS, asked=IDEOGRAPHS)
def test_a_chinese_text_is_found_by_its_own_parts_only(shared: Index, text: str, asked: str) -> None:
    assert found(shared, text, asked) == (asked in text)


@given(text=st.text(st.sampled_from(COMMON), min_size=2, max_size=30), data=st.data())
def test_the_initials_of_every_word_are_found_as_the_word_is_read(
    shared: Index, text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    asked = "".join(letters[0] for letters in pinyin(text[start:end], style=Style.FIRST_LETTER))
    assert found(shared, text, asked)
    assert found(shared, text, asked.upper())


def test_the_table_of_several_readings_is_what_pypinyin_s_phrases_say() -> None:
    used: dict[str, set[str]] = {}
    for phrase, readings in PHRASES_DICT.items():
        if len(phrase) == len(readings):
            for character, reading in zip(phrase, readings, strict=True):
                used.setdefault(character, set()).add(unicodedata.normalize("NFD", reading[0])[:1])
    expected = ["character,initials"]
    for code, readings in sorted(PINYIN_DICT.items()):
        every = [unicodedata.normalize("NFD", reading)[:1] for reading in readings.split(",")]
        kept = [
            letter
            for letter in dict.fromkeys(every)
            if letter == every[0] or letter in used.get(chr(code), ())
        ]
        if len(kept) > 1:
            expected.append(f"{chr(code)},{''.join(kept)}")
    file = Path(search_terms.__file__).with_name("pinyin_initials.csv")
    assert file.read_text().splitlines() == expected


@given(st.text(st.sampled_from(COMMON + "COD超标3838 ，-.7"), max_size=60))
def test_a_text_is_found_by_itself(shared: Index, text: str) -> None:
    assert found(shared, text, text) or query(text) is None


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("pskcb", [1]),
        ("PSK", [1]),
        ("kcb", [1]),
        ("排水", [1]),
        ("水", [1, 3]),
        ("标", [1, 2]),
        ("排标", []),
        ("排口 超标", [2]),
        ("超标 cod", [2]),
        ("3838", [2]),
        ("gb38", [2]),
        ("ＧＢ３８３８", [2]),
        ("2002", [2]),
        ("38", [2]),
        ("0042", [3]),
        ("1hpk", [2]),
        ("codcb", [2]),
        ("cqcj", [3]),
        ("zqcj", [3]),
        ("xzcf", [3]),
        ("ma6", [3]),
        ("没有的词", []),
        ("pskcbx", []),
    ],
)
def test_what_an_officer_types_finds_what_is_meant(asked: str, expected: list[int]) -> None:
    index = Index()
    index.add(1, "排水口超标")
    index.add(2, "GB3838-2002 COD超标7.5倍 1号排口")
    index.add(3, "重庆长江水务 行政处罚 510104-20261123-0042 91510100MA6XXXXX0A")
    assert index.find(asked) == expected


@given(st.text(st.characters(), max_size=300))
@example('"')
@example("a" * 5000)
@example("排" * 5000)
@example("a b " * 500)
@example("NEAR(a b, 2) AND terms:x OR * ^ - + ( ) {a b}:c")
@example("\x00\ud800\U000e0001\u202e")
@example("' ; DROP TABLE full_text; --")
def test_no_input_breaks_the_query(shared: Index, text: str) -> None:
    shared.find(text)
    terms(text)
    initials(text)


def test_no_input_of_twenty_thousand_breaks_the_query(shared: Index) -> None:
    dice = random.Random(20)
    alphabet = [
        *"\"'*^():{}-+~ \x00\n,.ANDORNEAT",
        "排",
        "水",
        "\ud800",
        "\u202e",
        "é",
        "ﷺ",
        "𠮷",
        "ガ",
        "\ue000",
    ]
    for _ in range(20_000):
        text = "".join(dice.choices(alphabet, k=dice.randrange(1, 16)))
        match = query(text)
        if match is not None:
            shared.database.execute("SELECT 1 FROM full_text WHERE full_text MATCH ?", (match,)).fetchone()


@given(st.text(max_size=100))
def test_a_text_cannot_forge_the_mark_of_initials(text: str) -> None:
    chinese = any(search_terms._letters(character) for run in search_terms._runs(text) for character in run)
    assert chinese or "~" not in terms(text)


@pytest.mark.parametrize("text", ["", "  ", "，。！", "\x00", "*", "\ud800", "~~~"])
def test_a_text_without_words_asks_for_nothing(text: str) -> None:
    assert query(text) is None
    assert terms(text) == ""
    assert initials(text) == ""


@pytest.mark.parametrize("rare", ["𠮷野家", "\ue001\ue002", "㐀㐁", "〇五"])
def test_rare_characters_of_names_are_found(shared: Index, rare: str) -> None:
    assert found(shared, f"当事人{rare}", rare)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("排水", "ps"),
        ("重行", "zx zh cx ch"),
        ("企业03", "qy03"),
        ("Ａ区，B栋", "aqbd"),
        ("COD", "cod"),
        ("123-456", "123456"),
    ],
)
def test_initials_of_a_name_begin_with_the_usual_reading(name: str, expected: str) -> None:
    assert initials(name) == expected


def test_initials_stay_few_whatever_the_name() -> None:
    assert len(initials("重长行单参" * 8).split()) == 8
    assert "cqcj" in initials("重庆长江").split()


def test_a_very_long_text_is_indexed_in_bounded_room() -> None:
    text = "示例企业废水排放口超标" * 5_000
    assert len(terms(text)) < 12 * len(text)


def test_a_pasted_key_takes_no_more_room_than_it_has(shared: Index) -> None:
    """Letters and digits without a space: what follows each change was kept, three gigabytes of it."""
    pasted = random.Random(1).randbytes(60_000).hex()
    assert len(terms(f"{pasted} GB3838")) < 20_000
    assert found(shared, f"{pasted} GB3838", pasted[:200])
    assert found(shared, f"{pasted} GB3838", "3838")


def test_searching_never_loads_pypinyin_itself() -> None:
    script = (
        "import sys; from models.store.search_terms import terms, initials;"
        "assert initials('示例企业').startswith('slqy'); terms('排水口');"
        "print(any(name.startswith('pypinyin') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert len(dict(search_terms._pinyin())) > 40_000


def test_without_the_file_the_package_itself_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    direct = dict(search_terms._pinyin())
    monkeypatch.setattr(search_terms, "find_spec", lambda name: None)
    assert dict(search_terms._pinyin()) == direct
