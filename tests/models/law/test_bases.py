"""Legal bases are chosen by the date of the act."""

from __future__ import annotations

import re
import tomllib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from models.law import bases
from models.law.citation import article_text, chinese_number
from models.law.packs import load_packs
from models.law.ranges import PenaltyRange, compared

GROUPS = {"A": 6, "B": 9, "C": 11, "W": 21, "Q": 15, "S": 15, "N": 9, "M": 8, "E": 7, "T": 13, "L": 9}
ITEMS = [f"{group}{number:02}" for group, count in GROUPS.items() for number in range(1, count + 1)]
DAYS = [date(2021, 6, 1), date(2021, 11, 30), date(2023, 9, 1), date(2026, 8, 14), date(2026, 8, 15)]
WITHOUT_BASIS = {
    date(2021, 6, 1): "A01 N02 N05 N09 T01 T04 T05 T07 T08 T11 T12 T13",
    date(2021, 11, 30): "A01 N02 N05 N09 T01 T04 T05 T07 T08 T11 T12 T13",
    date(2023, 9, 1): "A01 M08 T01 T07 T08 T12 T13",
    date(2026, 8, 14): "M08 T01 T07 T08 T12 T13",
    date(2026, 8, 15): "L02 L08",
}
"""Items for which no basis is kept on a day; the packs say why."""


@pytest.fixture
def restored():
    yield
    bases.use_packs()


@pytest.mark.parametrize("key", ITEMS)
def test_every_checklist_item_has_a_basis_or_a_stated_gap(key):
    for day in DAYS:
        found = bases.basis(key, day)
        if key in WITHOUT_BASIS[day].split():
            assert found is None
            assert bases.law().gap(key, day) == bases.why_none(key, day) != ""
        else:
            assert found is not None, (key, day)
            assert "《" in found.text
            assert bases.why_none(key, day) == bases.law().gap(key, day) == ""
            assert found.in_force <= day <= (found.repealed or date.max)


@given(st.sampled_from(ITEMS), st.dates(date(2021, 6, 1), date(2030, 1, 1)))
def test_no_day_since_2021_leaves_an_item_without_basis_or_reason(key, day):
    found = bases.basis(key, day)
    assert (found is None) == bool(bases.law().gap(key, day))


@pytest.mark.parametrize("key", ITEMS)
def test_from_the_codes_first_day_no_repealed_law_is_cited(key):
    found = bases.basis(key, date(2026, 8, 15))
    if found is None:
        assert key in ("L02", "L08")
        return
    gone = [one for one in bases.law().instruments() if one.repealed == date(2026, 8, 14)]
    assert len(gone) == 10
    for one in gone:
        assert f"《{one.short}》" not in found.text


def test_noise_rests_on_three_laws_in_turn():
    laws = {
        date(2022, 6, 4): "环境噪声污染防治法",
        date(2022, 6, 5): "噪声污染防治法",
        date(2026, 8, 14): "噪声污染防治法",
        date(2026, 8, 15): "生态环境法典",
    }
    for day, short in laws.items():
        assert bases.basis("N01", day).text.startswith(f"《{short}》")


def test_a_hidden_pipe_names_prohibition_penalty_and_range():
    old = bases.basis("W03", date(2026, 8, 14))
    assert old.article == "《水污染防治法》第三十九条"
    assert old.penalty_article == "《水污染防治法》第八十三条第三项；《环境保护法》第六十三条"
    new = bases.basis("W03", date(2026, 8, 15))
    assert new.article == "《生态环境法典》第一百六十四条第一款"
    assert new.penalty_article == "《生态环境法典》第一千一百零八条"
    assert "10万元以上100万元以下" in new.penalty
    assert new.text == f"{new.article}；罚则：{new.penalty_article}（{new.penalty}）"
    assert new.mark == "S"


def test_two_officers_goes_by_its_name_and_changes_with_the_measures():
    assert "环境行政处罚办法》第二十八条" in bases.basis("two_officers", date(2023, 6, 30)).text
    assert "生态环境行政处罚办法》第二十三条" in bases.basis("two_officers", date(2023, 7, 1)).text


def test_a_day_before_everything_says_from_when_a_basis_is_kept():
    assert bases.basis("W01", date(2001, 1, 1)) is None
    assert "2018-01-01" in bases.why_none("W01", date(2001, 1, 1))


def test_an_unknown_key_is_refused():
    with pytest.raises(BadInput, match="W99"):
        bases.basis("W99", date(2026, 1, 1))
    with pytest.raises(BadInput, match="W99"):
        bases.why_none("W99", date(2026, 1, 1))


@given(st.sampled_from(bases.law().keys()), st.dates(date(2015, 1, 1), date(2030, 1, 1)))
def test_one_day_has_at_most_one_basis_and_it_holds_to_its_last_day(key, day):
    found = bases.basis(key, day)
    if found is None:
        assert bases.why_none(key, day)
        return
    assert bases.basis(key, found.in_force) == found
    if found.repealed:
        assert bases.basis(key, found.repealed) == found
        assert bases.basis(key, found.repealed + timedelta(days=1)) != found


RANGE = re.compile(r"(?:(\d+)(万?)元以上)?(\d+)(万?)元以下")


def versions():
    """(key, version) of every basis kept."""
    packs = load_packs([bases.OWN_PACKS])
    return [(key, one) for key, found in packs.versions.items() for one in found]


def test_a_range_in_words_is_the_range_in_numbers():
    for key, one in versions():
        worded = [
            (int(least) * (10_000 if myriad else 1) if least else None, int(most) * (10_000 if more else 1))
            for least, myriad, most, more in RANGE.findall(one.penalty)
        ]
        counted = [(each.least, each.most) for each in one.ranges if each.unit.startswith("yuan")]
        assert worded == counted, key


def test_what_punishes_has_a_range_or_says_that_none_is_kept():
    for key, one in versions():
        if one.punishes and not one.ranges:
            assert "未录入" in one.note or "罚款" in one.penalty or "没有直接" in one.note, key


@pytest.mark.parametrize(
    ("key", "day", "words"),
    [
        ("B01", date(2026, 8, 14), "建设项目总投资额1%以上5%以下罚款"),
        ("B02", date(2026, 8, 15), "5万元以下罚款"),
        ("Q10", date(2026, 8, 15), "2000元以上2万元以下罚款"),
        ("T03", date(2026, 8, 15), "盗伐：补种1倍以上5倍以下；滥伐：补种1倍以上3倍以下"),
        ("T04", date(2026, 8, 15), "每平方米500元以上5000元以下罚款"),
        ("T07", date(2026, 8, 15), "每米500元以上1万元以下罚款"),
        ("M06", date(2026, 8, 15), "10万元以上100万元以下罚款；对责任人员5万元以上20万元以下罚款"),
        ("L01", date(2026, 8, 14), "3万元以上10万元以下罚款；饮用水水源保护区：10万元以上50万元以下罚款"),
    ],
)
def test_ranges_are_written_as_papers_write_them(key, day, words):
    assert bases.basis(key, day).penalty == words


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        ([(20_000, 200_000)], [(20_000, 200_000)], "same"),
        ([(20_000, 200_000)], [(50_000, 200_000)], "higher"),
        ([(200_000, 1_000_000)], [(100_000, 1_000_000)], "lower"),
        ([(50_000, 100_000)], [(20_000, 200_000)], "mixed"),
        ([(None, 50_000)], [(10_000, 50_000)], "higher"),
        ([(20_000, 100_000), (100_000, 500_000)], [(20_000, 500_000)], "same"),
        ([], [(10_000, 50_000)], None),
    ],
)
def test_two_laws_are_held_against_each_other_by_their_fines(then, now, said):
    made = [[PenaltyRange(*each) for each in side] for side in (then, now)]
    assert compared(*made) == said


def test_what_is_not_counted_in_yuan_for_the_party_is_not_compared():
    of_wood = [PenaltyRange(1, 5, "replant_times")]
    of_persons = [PenaltyRange(50_000, 200_000, whom="person")]
    assert compared(of_wood, of_wood) is None
    assert compared(of_persons, of_persons) is None


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**6)), min_size=1, max_size=4))
def test_a_law_is_as_light_as_itself_and_lighter_than_its_double(ends):
    one = [PenaltyRange(min(pair), max(pair)) for pair in ends]
    double = [PenaltyRange((each.least or 0) * 2 + 1, each.most * 2 + 1) for each in one]
    assert compared(one, one) == "same"
    assert compared(one, double) == "higher"
    assert compared(double, one) == "lower"


def test_the_lighter_rule_says_which_fines_are_lower():
    said = bases.lighter_rule_note(date(2025, 1, 1), date(2026, 11, 23), "A06")
    assert said.endswith("the fines of the later law are higher.")
    said = bases.lighter_rule_note(date(2025, 1, 1), date(2026, 11, 23), "C04")
    assert "lower" in said
    assert "By the ranges" not in bases.lighter_rule_note(date(2025, 1, 1), date(2026, 11, 23), "Q01")


def test_the_lighter_rule_is_noted_where_the_law_has_changed():
    act, today = date(2021, 11, 30), date(2026, 11, 23)
    note = bases.lighter_rule_note(act, today, "N01")
    assert "环境噪声污染防治法" in note
    assert "第一千一百零七条" in note
    assert "《行政处罚法》第三十七条；《生态环境法典》第一千零五十七条" in note
    assert "水污染防治法" in bases.lighter_rule_note(act, today)


def test_the_lighter_rule_is_silent_where_nothing_has_changed():
    assert bases.lighter_rule_note(date(2026, 9, 1), date(2026, 11, 23)) is None
    assert bases.lighter_rule_note(date(2026, 9, 1), date(2026, 11, 23), "N01") is None
    assert bases.lighter_rule_note(date(2021, 11, 30), date(2021, 11, 30)) is None
    assert "法典" not in bases.lighter_rule_note(date(2021, 11, 30), date(2022, 7, 1), "N01")


def test_a_bureaus_own_pack_adds_and_replaces_keys(tmp_path, restored):
    (tmp_path / "own.toml").write_text(
        """
[instruments.local]
title = "漳州市示例规定"
in_force = 2024-01-01
mark = "D"
[[bases.W06]]
requires = ["local:7"]
mark = "D"
[[bases.Z01]]
requires = ["local:8.2(3)"]
mark = "D"
""",
        encoding="utf-8",
    )
    bases.use_packs(tmp_path)
    assert bases.basis("W06", date(2025, 1, 1)).article == "《漳州市示例规定》第七条"
    assert bases.basis("Z01", date(2025, 1, 1)).article == "《漳州市示例规定》第八条第二款第三项"
    assert bases.basis("W06", date(2021, 1, 1)) is None
    assert bases.basis("W07", date(2025, 1, 1)) is not None


INSTRUMENT = '[instruments.own]\ntitle = "示例"\nin_force = 2024-01-01\nmark = "D"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[bases.X1]\n", "not a readable TOML"),
        ("[nonsense]\n", "“nonsense” is not known"),
        ('[instruments.own]\nin_force = 2024-01-01\nmark = "D"\n', "own: “title” is missing"),
        ('[instruments.own]\ntitle = "示例"\nmark = "D"\n', "“in_force” is missing"),
        ('[instruments.own]\ntitle = "示例"\nin_force = "2024-01-01"\nmark = "D"\n', "must be a date"),
        ('[instruments.own]\ntitle = "示例"\nin_force = 2024-01-01\nmark = "Q"\n', "“Q” is not known"),
        ('[instruments.own]\ntitle = 7\nin_force = 2024-01-01\nmark = "D"\n', "“title” must be text"),
        (INSTRUMENT + '[[bases.X1]]\nrequires = ["other:3"]\nmark = "D"\n', "X1: “other” is not known"),
        (
            INSTRUMENT + '[[bases.X1]]\nrequires = ["own:three"]\nmark = "D"\n',
            "“own:three” is not a citation",
        ),
        (INSTRUMENT + '[[bases.X1]]\nmark = "D"\n', "X1: “requires” is missing"),
        (INSTRUMENT + '[[bases.X1]]\nrequires = ["own:3"]\n', "“mark” is missing"),
        (INSTRUMENT + '[[bases.X1]]\nrequires = ["own:3"]\nmark = "D"\nfine = 3\n', "“fine” is not known"),
        (
            INSTRUMENT + '[[bases.X1]]\nrequires = ["own:3"]\nuntil = 2023-01-01\nmark = "D"\n',
            "never in force",
        ),
        (INSTRUMENT + '[[bases.X1]]\nrequires = ["own:3"]\nmark = "D"\n' * 2, "two versions are in force"),
        (
            INSTRUMENT + '[[bases.X1]]\nrequires = ["own:3"]\nmark = "D"\nranges = [{ min = 5, max = 3 }]\n',
            "min = 5, max = 3",
        ),
        (
            INSTRUMENT + '[[bases.X1]]\nrequires = ["own:3"]\nmark = "D"\nranges = [{ min = 5 }]\n',
            "max = None",
        ),
        (
            INSTRUMENT + '[[bases.X1]]\nrequires = ["own:3"]\nmark = "D"\nranges = [{ max = 1.5 }]\n',
            "max = 1.5",
        ),
        (
            INSTRUMENT
            + '[[bases.X1]]\nrequires = ["own:3"]\nmark = "D"\nranges = [{ max = 5, unit = "cents" }]\n',
            "“cents” is not known",
        ),
        (INSTRUMENT + '[[bases.X1]]\nrequires = ["own:3"]\nmark = "D"\nranges = 5\n', "“ranges” is missing"),
        (INSTRUMENT + "[[gaps.X1]]\nuntil = 2023-01-01\n", "“why” is missing"),
        (INSTRUMENT + '[bases.X1]\nrequires = ["own:3"]\n', "X1"),
        ("instruments = 5\n", "instruments: “instruments” is not known"),
        ("bases = 5\n", "bases: “bases” is not known"),
        ("[instruments]\nown = 5\n", "own: “[instruments.own]” is missing"),
        (INSTRUMENT + "repealed = 2023-12-31\n", "never in force (2024-01-01 – 2023-12-31)"),
        (INSTRUMENT + '[[bases.X1]]\nrequires = "own:3"\nmark = "D"\n', "X1: “requires” must be text"),
    ],
)
def test_a_faulty_pack_is_refused_with_file_key_and_fault(tmp_path, text, said):
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        bases.use_packs(tmp_path)
    assert "own.toml" in refused.value.text()
    assert said in refused.value.text()
    assert bases.basis("W03", date(2026, 9, 1)) is not None


def test_the_same_key_in_two_files_of_a_folder_is_refused(tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text(INSTRUMENT, encoding="utf-8")
    with pytest.raises(BadInput, match=r"two\.toml, own: already given in one\.toml"):
        bases.use_packs(tmp_path)


def test_a_missing_folder_of_packs_is_refused(tmp_path):
    with pytest.raises(BadInput, match="no such folder"):
        bases.use_packs(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("number", "written"),
    [(1, "一"), (10, "十"), (15, "十五"), (20, "二十"), (63, "六十三"), (100, "一百"), (101, "一百零一"),
     (110, "一百一十"), (164, "一百六十四"), (1005, "一千零五"), (1010, "一千零一十"), (1108, "一千一百零八"),
     (1242, "一千二百四十二")],
)  # fmt: skip
def test_articles_are_numbered_as_laws_number_them(number, written):
    assert chinese_number(number) == written


@pytest.mark.parametrize("number", [0, -1, 10_000])
def test_no_law_has_such_an_article(number):
    with pytest.raises(ValueError, match=str(number)):
        chinese_number(number)
    assert article_text(str(number)) == ""
    assert article_text("three") == article_text("") == ""


def test_a_key_that_has_only_a_gap_says_that_nothing_is_kept(tmp_path, restored):
    (tmp_path / "own.toml").write_text(
        INSTRUMENT
        + """repealed = 2024-12-31
[[bases.X1]]
requires = ["own:3"]
mark = "D"
""",
        encoding="utf-8",
    )
    bases.use_packs(tmp_path)
    assert bases.basis("X1", date(2024, 12, 31)) is not None
    assert bases.why_none("X1", date(2024, 12, 31)) == ""
    assert bases.why_none("X1", date(2025, 1, 1)) == "No legal basis for X1 is kept for 2025-01-01."
    assert bases.why_none("X1", date(2023, 12, 31)) == (
        "No legal basis for X1 is kept for 2023-12-31; the earliest kept is of 2024-01-01."
    )


def test_paragraphs_and_items_are_written_out():
    assert article_text("1139.1(2)") == "第一千一百三十九条第一款第二项"
    assert article_text("318-321") == "第三百一十八条至第三百二十一条"
    assert article_text("33(4)") == "第三十三条第四项"


def test_every_pack_names_the_provenance_of_its_instruments():
    for path in bases.OWN_PACKS.glob("*.toml"):
        for values in tomllib.loads(path.read_text(encoding="utf-8")).get("instruments", {}).values():
            assert values["mark"] in ("S", "S2", "M", "L", "D")
    assert {one.date_mark for one in bases.law().instruments()} <= {"S", "S2", "M", "L", "D"}


def test_what_was_not_read_in_a_source_is_told():
    assert bases.basis("W03", date(2026, 9, 1)).caution == ""
    derived = bases.basis("B07", date(2026, 9, 1)).caution
    assert derived.startswith("The range of the penalty is not verified (D)")
    assert "须经法制审核" in derived
    assert bases.basis("Q03", date(2024, 1, 1)).caution.startswith("The articles are not verified (M)")
    assert bases.basis("Q01", date(2024, 1, 1)).caution == "罚款幅度未录入，以条文为准。"
