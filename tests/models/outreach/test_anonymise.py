"""No known name or number survives, however it is written; doing it again changes nothing."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.outreach.anonymise import Known, anonymise, folded, leaks, people_in, tokens, what_is
from models.registry.rules import credit_check_character, is_resident_id

pytestmark = pytest.mark.requirement("R058", "R089")

COMPANY = Known("漳州市芗城碧澄印染有限公司", "enterprise")
WANG = Known("王五", "person")


def plain(text: str) -> str:
    """As a reader sees through the disguises: plain width, small letters, no spaces and hyphens."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[^\S\n]|[-‐-―_.()\[\]]", "", text)


def resident_id(digits: str) -> str:
    return next(digits + check for check in "0123456789X" if is_resident_id(digits + check))


def credit_code(digits: str) -> str:
    first = f"91350602MA{digits}"
    return first + credit_check_character(first)


def full_width(text: str) -> str:
    return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)


people = st.builds(
    lambda surname, given_name: Known(surname + given_name, "person"),
    st.sampled_from(["王", "李", "张", "欧阳", "某某王", "阿卜杜拉·"]),
    st.text("五六伟芳某甲公司印染企业", min_size=1, max_size=3),
)
enterprises = st.builds(
    lambda region, name, trade, ending: Known(region + name + trade + ending, "enterprise"),
    st.sampled_from(["", "漳州市", "福建省漳州", "芗城区", "漳州市龙海"]),
    st.text("碧澄绿色某公司印染aBc１", max_size=4),
    st.sampled_from(["", "印染", "养殖", "化工"]),
    st.sampled_from(["有限公司", "公司", "厂", "养殖场", "专业合作社", ""]),
)
numbers = st.one_of(
    st.builds(lambda tail: Known("138" + tail, "phone"), st.text("0123456789", min_size=8, max_size=8)),
    st.builds(lambda tail: Known("0596-" + tail, "phone"), st.text("123456789", min_size=7, max_size=7)),
    st.builds(
        lambda tail: Known(resident_id("35060219900101" + tail), "identity"),
        st.text("0123456789", min_size=3, max_size=3),
    ),
    st.builds(lambda tail: Known(credit_code(tail), "code"), st.text("0123456789", min_size=7, max_size=7)),
    st.builds(lambda tail: Known("闽E" + tail, "plate"), st.text("ABC123456789", min_size=5, max_size=5)),
    st.builds(lambda name: Known(name + "@Example.com", "mail"), st.text("abcXYZ", min_size=3, max_size=8)),
)
known_things = st.lists(st.one_of(people, enterprises, numbers), min_size=1, max_size=8)


@st.composite
def disguised(draw: st.DrawFn, text: str) -> str:
    """The text as somebody may have typed it."""
    between = draw(st.sampled_from(["", " ", "-", "\u3000", "\u200b", "－"]))
    text = between.join(text)
    return draw(st.sampled_from([str, str.upper, str.lower, full_width]))(text)


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, list[Known]]:
    known = draw(known_things)
    filler = st.text("排放废水的某公司王138 0-企业，。\nA9", max_size=6)
    pieces = draw(st.lists(st.sampled_from(known), max_size=6))
    text = draw(filler)
    for piece in pieces:
        text += draw(disguised(piece.text)) + draw(filler)
    return text, known


def anonymous_already(known: Known) -> bool:
    """What bears a 某 for a name (某企业, 王某甲), or is one sign only, is not personal any more."""
    name = folded(known.text)
    return len(name) < 2 or bool(
        re.fullmatch(r"某.*|.{1,2}某{1,2}[甲乙丙丁戊己庚辛壬癸〇一二三四五六七八九]*", name)
    )


@given(texts())
def test_no_known_name_or_number_survives(case):
    text, known = case
    cleaned = plain(anonymise(text, known).text)
    for each in known:
        if not anonymous_already(each):
            assert plain(each.text) not in cleaned


@given(texts())
def test_doing_it_again_changes_nothing_and_finds_nothing(case):
    text, known = case
    once = anonymise(text, known)
    again = anonymise(once.text, known)
    assert again.text == once.text
    assert again.replaced == ()
    assert leaks(once.text, known) == []


@given(texts())
def test_a_leak_is_found_exactly_where_something_is_replaced(case):
    text, known = case
    assert bool(leaks(text, known)) == (anonymise(text, known).text != text)


def test_persons_keep_their_surname_and_enterprises_their_trade():
    text = anonymise("王五受漳州市芗城碧澄印染有限公司委托", [COMPANY, WANG]).text
    assert text == "王某受某印染公司委托"


def test_a_second_wang_is_told_apart_and_the_first_keeps_its_name_as_more_becomes_known():
    other = Known("王小六", "person")
    assert anonymise("王五、王小六", [WANG]).text == "王某、王小六"
    assert anonymise("王五、王小六", [WANG, other]).text == "王某、王某乙"
    many = [Known(f"王{name}", "person") for name in "一二三四五六七八九十百千"]
    assert len(set(tokens(many).values())) == 12


def test_double_surnames_are_kept_whole():
    assert anonymise("欧阳锋到场", [Known("欧阳锋", "person")]).text == "欧阳某到场"


@pytest.mark.parametrize(
    "written",
    [
        "漳州市芗城碧澄印染有限公司",
        "漳州市芗城(碧澄)印染有限公司",
        "碧澄印染",
        "碧澄公司",
        "碧澄",
        "碧 澄 印 染 厂",
    ],
)
def test_a_trade_name_goes_in_every_form_that_people_write(written):
    assert "碧" not in anonymise(f"查获{written}。", [COMPANY]).text


def test_a_common_word_in_a_company_name_stays_in_the_text():
    known = [Known("漳州绿色养殖有限公司", "enterprise")]
    assert anonymise("绿色发展、生猪养殖", known).text == "绿色发展、生猪养殖"
    assert anonymise("漳州绿色养殖有限公司", known).text == "某养殖公司"


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("电话138 0013 8000转", "13800138000"),
        ("电话１３８００１３８０００转", "13800138000"),
        ("+86-138-0013-8000", "13800138000"),
        ("(0596) 2021234", "2021234"),
        ("联系电话：2021234", "2021234"),
        (f"身份证{resident_id('35060219900101123')}号", "35060219900101"),
        ("身份证 350602 19900101 123x", "19900101"),
        ("旧证350602900101123", "350602900101123"),
        (f"信用代码{credit_code('1234567').lower()}", "1234567"),
        ("卡号6222 0210 0111 6245 702", "6222"),
        ("邮箱 Zhang.San@QQ.com", "qq.com"),
        ("车牌闽E·12345", "12345"),
        ("车牌闽ED12345的货车", "12345"),
    ],
)
def test_what_looks_like_personal_data_goes_even_if_nobody_knows_it(text, gone):
    assert gone not in plain(anonymise(text, []).text)


@pytest.mark.parametrize(
    "text",
    [
        "2021年11月30日，鱼苗300000尾，田螺1358800粒，河道水80000m³",
        "2021-11-30 2021-12-03 12345",
        "赔偿1,234,567.89元，(2021)闽0602民初1234号，闽E环罚〔2021〕12号",
        "COD 138.50 mg/L，坐标117.656001,24.510002",
        "编号350602-20211130-7K2QX-01，拨打12345、12369",
    ],
)
def test_amounts_days_and_numbers_of_papers_stay(text):
    assert anonymise(text, []).text == text


def test_an_address_goes_also_without_its_city():
    known = [Known("漳州市芗城区示例路88号", "address")]
    assert anonymise("住示例路８８号", known).text == "住某地"
    assert anonymise("漳州市芗城区", known).text == "漳州市芗城区"


def test_what_was_replaced_is_listed_once():
    found = anonymise("王五和王五", [WANG]).replaced
    assert [(each.what, each.original, each.put) for each in found] == [("person", "王五", "王某")]


def test_names_are_told_from_roles_and_bodies_in_a_list_of_those_present():
    text = "王五（检察官）、义务人代表李四、芗城区自然资源局 赵六；张三律师，西桥街道"
    assert people_in(text) == ["王五", "李四", "赵六", "张三"]


def test_a_party_is_an_enterprise_by_its_ending_or_its_length():
    assert what_is("示例印染企业03") == "enterprise"
    assert what_is("王五") == what_is("阿卜杜拉·买买提") == "person"


def test_a_name_that_every_replacement_would_hold_is_blocked_out():
    known = [Known("印染公司", "enterprise"), Known("企业", "person")]
    cleaned = anonymise("印染公司和企业", known).text
    assert "印染公司" not in cleaned
    assert "企业" not in cleaned
