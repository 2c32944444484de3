"""A pack as it is read, field by field, and each fault of one, word for word: file, key and what is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from models.errors import BadInput
from models.law.citation import Citation
from models.law.packs import Gap, Instrument, Packs, Version, load_packs
from models.law.ranges import PenaltyRange

OWN = '[instruments.own]\ntitle = "示例"\nin_force = 2024-01-01\nmark = "D"\n'
ROW = '[[bases.X1]]\nrequires = ["own:3"]\nmark = "D"\n'


def read(folder: Path, *texts: str) -> Packs:
    folder.mkdir(exist_ok=True)
    for count, text in enumerate(texts):
        (folder / f"own{count or ''}.toml").write_text(text, encoding="utf-8")
    return load_packs([folder])


def test_every_field_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
[instruments.one]
title = "甲法全称"
short = "甲法"
en = "Act A"
in_force = 2020-01-01
repealed = 2030-12-31
mark = "S"
date_mark = "M"
source = "公报"
[instruments.two]
title = "乙法"
in_force = 2021-06-01
mark = "S2"
[instruments.day]
title = "一日法"
in_force = 2021-06-01
repealed = 2021-06-01
mark = "L"

[[bases.X1]]
requires = ["one:3"]
punishes = ["two:30.1(2)"]
ranges = [
    { min = 100, max = 200 },
    { max = 1, whom = "person", of = "情节严重的" },
    { min = 0, max = 5, unit = "detention_days" },
    { min = 7, max = 7 },
]
from = 2022-01-01
until = 2022-12-31
mark = "S"
penalty_mark = "M"
note = "说明"
[[bases.X1]]
requires = ["one:4"]
penalty = "警告"
ranges = [{ max = 9 }]
from = 2023-01-01
until = 2023-01-01
mark = "L"
[[bases.X2]]
punishes = ["two:1"]
until = 2021-06-01
mark = "D"
[[bases.X3]]
requires = ["day:1"]
mark = "D"

[[gaps.X2]]
from = 2021-06-02
until = 2022-01-01
why = "甲"
[[gaps.X2]]
why = "乙"

[aliases]
first = "X1"
second = 2
[pack]
name = "示例"
""",
    )
    one, two = Citation("one", "3"), Citation("two", "30.1(2)")
    begun, last = date(2021, 6, 1), date(2030, 12, 31)
    assert found == Packs(
        instruments={
            "one": Instrument("one", "甲法全称", "甲法", "Act A", date(2020, 1, 1), last, "S", "M"),
            "two": Instrument("two", "乙法", "乙法", "乙法", date(2021, 6, 1), None, "S2", "S2"),
            "day": Instrument(
                "day", "一日法", "一日法", "一日法", date(2021, 6, 1), date(2021, 6, 1), "L", "L"
            ),
        },
        versions={
            "X1": (
                Version(
                    requires=(one,),
                    punishes=(two,),
                    penalty="100元以上200元以下罚款；情节严重的：对责任人员1元以下罚款；拘留0日以上5日以下；"
                    "7元以上7元以下罚款",
                    ranges=(
                        PenaltyRange(100, 200, "yuan", "", ""),
                        PenaltyRange(None, 1, "yuan", "person", "情节严重的"),
                        PenaltyRange(0, 5, "detention_days", "", ""),
                        PenaltyRange(7, 7, "yuan", "", ""),
                    ),
                    in_force=date(2022, 1, 1),
                    repealed=date(2022, 12, 31),
                    mark="S",
                    penalty_mark="M",
                    note="说明",
                ),
                Version(
                    requires=(Citation("one", "4"),),
                    punishes=(),
                    penalty="警告",
                    ranges=(PenaltyRange(None, 9),),
                    in_force=date(2023, 1, 1),
                    repealed=date(2023, 1, 1),
                    mark="L",
                    penalty_mark="L",
                    note="",
                ),
            ),
            "X2": (
                Version((), (Citation("two", "1"),), "", (), begun, begun, "D", "D", ""),
            ),
            "X3": (
                Version((Citation("day", "1"),), (), "", (), begun, begun, "D", "D", ""),
            ),
        },
        gaps={"X2": (Gap(date(2021, 6, 2), date(2022, 1, 1), "甲"), Gap(date.min, date.max, "乙"))},
        aliases={"first": "X1", "second": "2"},
    )  # fmt: skip


def test_a_basis_holds_while_all_that_it_cites_does(tmp_path: Path) -> None:
    """From the latest of their first days to the earliest of their last."""
    text = OWN + "repealed = 2026-01-01\n" + OWN.replace("own", "two").replace("2024", "2023") + (
        "repealed = 2025-01-01\n"
        '[[bases.X1]]\nrequires = ["two:1"]\npunishes = ["own:1"]\nmark = "D"\n'
        '[[bases.X2]]\nrequires = ["own:1"]\nfrom = 2020-01-01\nuntil = 2030-01-01\nmark = "D"\n'
    )  # fmt: skip
    found = read(tmp_path, text).versions
    assert [(one.in_force, one.repealed) for key in ("X1", "X2") for one in found[key]] == [
        (date(2024, 1, 1), date(2025, 1, 1)),
        (date(2024, 1, 1), date(2026, 1, 1)),
    ]
    assert [found["X1"][0].covers(date(2025, 1, day)) for day in (1, 2)] == [True, False]
    assert [found["X1"][0].covers(day) for day in (date(2023, 12, 31), date(2024, 1, 1))] == [False, True]


def test_versions_stand_in_order_and_may_follow_one_another_at_once(tmp_path: Path) -> None:
    rows = (
        '[[bases.X1]]\nrequires = ["own:2"]\nfrom = 2024-06-02\nmark = "D"\n'
        '[[bases.X1]]\nrequires = ["own:1"]\nuntil = 2024-06-01\nmark = "D"\n'
    )
    found = read(tmp_path, OWN + rows).versions["X1"]
    assert [one.requires[0].article for one in found] == ["1", "2"]


def test_a_later_folder_replaces_and_a_later_file_may_cite_what_an_earlier_one_has(tmp_path: Path) -> None:
    read(
        tmp_path / "a", OWN + ROW + '[[gaps.X1]]\nwhy = "甲"\n[[gaps.X2]]\nwhy = "乙"\n[aliases]\nz = "X1"\n'
    )
    read(tmp_path / "b", ROW.replace("own:3", "own:4"), '[instruments.own]\ntitle = "改"\n'
         'in_force = 2023-01-01\nmark = "S"\n[aliases]\nz = "X2"\n')  # fmt: skip
    found = load_packs([tmp_path / "a", tmp_path / "b"])
    assert (found.instruments["own"].title, found.aliases) == ("改", {"z": "X2"})
    assert [one.requires for one in found.versions["X1"]] == [(Citation("own", "4"),)]
    assert found.versions["X1"][0].in_force == date(2023, 1, 1)
    assert list(found.gaps) == ["X2"], "who gives the basis anew knows of no gap any more"


TWICE = ROW.replace("mark", "{0}\nmark")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[nonsense]\n", "nonsense: “nonsense” is not known here."),
        ("instruments = 5\n", "instruments: “instruments” is not known here."),
        ("aliases = 5\n", "aliases: “aliases” is not known here."),
        ("gaps = 5\n", "gaps: “gaps” is not known here."),
        ("[instruments]\nown = 5\n", "own: “[instruments.own]” is missing."),
        (OWN + "fine = 5\n", "own: “fine” is not known here."),
        (OWN.replace("2024-01-01", '"2024"'),
         "own: “in_force” must be a date written 2026-08-15, without quotation marks."),
        (OWN + 'repealed = "2024"\n',
         "own: “repealed” must be a date written 2026-08-15, without quotation marks."),
        (OWN.replace("2024-01-01", "2024-01-01T00:00:00"),
         "own: “in_force” must be a date written 2026-08-15, without quotation marks."),
        (OWN.replace("in_force = 2024-01-01\n", ""), "own: “in_force” is missing."),
        (OWN + "repealed = 2023-12-31\n",
         "own: this version was never in force (2024-01-01 – 2023-12-31)."),
        (OWN.replace('mark = "D"\n', ""), "own: “mark” is missing."),
        (OWN.replace('"D"', '"Q"'), "own: “Q” is not known here."),
        (OWN + 'date_mark = "Q"\n', "own: “Q” is not known here."),
        (OWN + 'date_mark = ""\n', "own: “date_mark” is missing."),
        (OWN.replace('"示例"', "7"), "own: “title” must be text."),
        (OWN.replace('"示例"', '" "'), "own: “title” is missing."),
        (OWN.replace('title = "示例"\n', ""), "own: “title” is missing."),
        (OWN + "short = 7\n", "own: “short” must be text."),
        (OWN + "en = 7\n", "own: “en” must be text."),
        (OWN + '[bases.X1]\nrequires = ["own:3"]\n', "X1: “[[bases.X1]]” is missing."),
        (OWN + "[bases]\nX1 = [5]\n", "X1: “[[bases.X1]]” is missing."),
        (OWN + "[gaps]\nX1 = [5]\n", "X1: “[[gaps.X1]]” is missing."),
        (OWN + ROW + "fine = 3\n", "X1: “fine” is not known here."),
        (OWN + '[[bases.X1]]\nmark = "D"\n', "X1: “requires” is missing."),
        (OWN + '[[bases.X1]]\nrequires = "own:3"\nmark = "D"\n', "X1: “requires” must be text."),
        (OWN + '[[bases.X1]]\npunishes = "own:3"\nmark = "D"\n', "X1: “punishes” must be text."),
        (OWN + '[[bases.X1]]\nrequires = [5]\nmark = "D"\n',
         "X1: “5” is not a citation. Write instrument:article, such as code:1108.1(3)."),
        (OWN + ROW.replace("own:3", "other:3"), "X1: “other” is not known here."),
        (OWN + ROW + 'punishes = ["other:3"]\n', "X1: “other” is not known here."),
        (OWN + ROW + 'punishes = ["own"]\n',
         "X1: “own” is not a citation. Write instrument:article, such as code:1108.1(3)."),
        (OWN + ROW + 'from = "2024"\n',
         "X1: “from” must be a date written 2026-08-15, without quotation marks."),
        (OWN + ROW + "until = 5\n",
         "X1: “until” must be a date written 2026-08-15, without quotation marks."),
        (OWN + ROW + "until = 2023-12-31\n",
         "X1: this version was never in force (2024-01-01 – 2023-12-31)."),
        (OWN + ROW.replace('mark = "D"\n', ""), "X1: “mark” is missing."),
        (OWN + ROW + 'penalty_mark = "Q"\n', "X1: “Q” is not known here."),
        (OWN + ROW + "penalty = 5\n", "X1: “penalty” must be text."),
        (OWN + ROW + "note = 5\n", "X1: “note” must be text."),
        (OWN + ROW + ROW, ("X1: two versions are in force on the same days (2024-01-01 – ). "
         "Give one of them from/until.")),
        (OWN + ROW + "until = 2024-06-01\n" + ROW + "from = 2024-06-01\n",
         ("X1: two versions are in force on the same days (2024-06-01 – 2024-06-01). "
         "Give one of them from/until.")),
        (OWN + ROW + "ranges = 5\n", "X1: “ranges” is missing."),
        (OWN + ROW + "ranges = [5]\n", "X1: “ranges” is missing."),
        (OWN + ROW + "ranges = [{ max = 5, least = 3 }]\n", "X1: “least” is not known here."),
        (OWN + ROW + "ranges = [{ min = 1 }]\n",
         "X1: “min = 1, max = None” is no range. Write whole numbers, min not above max."),
        (OWN + ROW + "ranges = [{ min = true, max = 5 }]\n",
         "X1: “min = True, max = 5” is no range. Write whole numbers, min not above max."),
        (OWN + ROW + "ranges = [{ min = 6, max = 5 }]\n",
         "X1: “min = 6, max = 5” is no range. Write whole numbers, min not above max."),
        (OWN + ROW + "ranges = [{ max = 0 }]\n",
         "X1: “min = None, max = 0” is no range. Write whole numbers, min not above max."),
        (OWN + ROW + "ranges = [{ min = 0, max = 0 }]\n",
         "X1: “min = 0, max = 0” is no range. Write whole numbers, min not above max."),
        (OWN + ROW + "ranges = [{ min = -1, max = 1 }]\n",
         "X1: “min = -1, max = 1” is no range. Write whole numbers, min not above max."),
        (OWN + ROW + 'ranges = [{ max = 5, unit = "cents" }]\n', "X1: “cents” is not known here."),
        (OWN + ROW + 'ranges = [{ max = 5, whom = "all" }]\n', "X1: “all” is not known here."),
        (OWN + ROW + "ranges = [{ max = 5, unit = 5 }]\n", "X1: “unit” must be text."),
        (OWN + ROW + "ranges = [{ max = 5, whom = 5 }]\n", "X1: “whom” must be text."),
        (OWN + ROW + "ranges = [{ max = 5, of = 5 }]\n", "X1: “of” must be text."),
        (OWN + "[[gaps.X1]]\nuntil = 2023-01-01\n", "X1: “why” is missing."),
        (OWN + '[[gaps.X1]]\nwhy = "甲"\nnote = 5\n', "X1: “note” is not known here."),
        (OWN + '[[gaps.X1]]\nwhy = "甲"\nfrom = 5\n',
         "X1: “from” must be a date written 2026-08-15, without quotation marks."),
        (OWN + '[[gaps.X1]]\nwhy = "甲"\nuntil = 5\n',
         "X1: “until” must be a date written 2026-08-15, without quotation marks."),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(tmp_path, text)
    assert refused.value.text() == f"own.toml, {said}"


@pytest.mark.parametrize(
    "row", [OWN, OWN + ROW, '[[gaps.X1]]\nwhy = "甲"\n'], ids=["instruments", "bases", "gaps"]
)
def test_what_two_files_of_a_folder_give_is_refused_by_both_names(tmp_path: Path, row: str) -> None:
    other = row.replace(OWN, OWN.replace("own]", "two]")) if ROW in row else row
    with pytest.raises(BadInput) as refused:
        read(tmp_path, row, other)
    key = "own" if row == OWN else "X1"
    assert refused.value.text() == f"own1.toml, {key}: already given in own.toml. Keep one of the two."


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        load_packs([tmp_path / "none"])
    assert refused.value.text() == f"{tmp_path / 'none'}: no such folder of legal packs."


def test_what_is_no_pack_in_a_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("[nonsense]", encoding="utf-8")
    assert load_packs([tmp_path]) == Packs()
