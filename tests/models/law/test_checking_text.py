"""`qingcha limits check`: what is typed is read or refused, the answer said in two lines and its reasons."""

from __future__ import annotations

from datetime import date

import pytest

from models.errors import BadInput
from models.language import use_language
from models.law import limit_data
from models.law.checking_text import check_text
from models.law.parameters import PARAMETERS, load_parameters, parameter, parameters

COD = {"grade": "1", "category": "其他", "sampled": "2026-09-01", "sampling": "composite"}


def test_the_limit_of_a_permit_comes_first_and_is_named() -> None:
    text, found = check_text(
        "COD", "70", **COD, permit="≤ 60", permit_number="913506000000000001001P", unit="mg/L"
    )
    assert (found.verdict, found.source, found.limit) == ("over", "permit", "60")
    assert text.splitlines()[0] == "COD 70 mg/L: over the limit, exceeding it 0.17 times"
    assert "913506000000000001001P" in text
    assert text.splitlines()[1].endswith("(the permit)")
    nameless, found = check_text("COD", "50", **COD, permit="60", unit="mg/L")
    assert (found.verdict, found.source) == ("ok", "permit")
    assert "排污许可证 -" in nameless
    with pytest.raises(BadInput, match="no limit"):
        check_text("COD", "50", **COD, permit="sixty", unit="mg/L")


def test_that_the_last_digit_decides_is_told_in_the_unit_of_the_limit() -> None:
    close = "The value lies within one unit of its last digit ({}) of the limit."
    for value, unit, told in (
        ("100", "mg/L", "1"),
        ("100000", "μg/L", "0.001"),
        ("0.10", "g/L", "10"),
        ("100", "", "1"),
    ):
        text, found = check_text("COD", value, **COD, unit=unit)
        assert (found.verdict, f"- {close.format(told)}" in text.splitlines()) == ("ok", True), text
    nothing = check_text("烷基汞", "0", point="车间", unit="μg/L", sampling="composite")[0]
    assert close.format("0.001") in nothing
    strange = check_text("COD", "60", **COD, permit="60", unit="degrees")[0]
    assert close.format("1") in strange, "a unit that only the permit knows"


def test_the_standard_of_an_industry_comes_before_the_general_one() -> None:
    text, found = check_text("COD", "70", **COD, industry="城镇污水处理厂")
    assert (found.standard, found.source) == ("GB 18918-2002", "industry")
    assert "the standard of the industry" in text
    assert check_text("COD", "70", **COD, industry="municipal_plant")[1].standard == "GB 18918-2002"
    assert check_text("COD", "70", **COD, industry="")[1].standard == "GB 8978-1996"
    with pytest.raises(
        BadInput, match=r"“brewery of bread” is no industry here\. Use one of: municipal_plant"
    ):
        check_text("COD", "70", **COD, industry="brewery of bread")


def test_what_is_no_field_of_a_measurement_is_named() -> None:
    with pytest.raises(BadInput, match="There is no “grad” in a measurement"):
        check_text("COD", "70", zzz="1", grad="1")


def test_a_standard_that_is_typed_is_the_one() -> None:
    text, found = check_text("COD", "70", **COD, standard="gb8978-1996")
    assert (found.standard, found.source) == ("GB 8978-1996", "chosen")
    assert text.splitlines()[1].endswith("(chosen by hand)")


@pytest.mark.parametrize(
    ("typed", "clause"), [("05:59", "夜间"), ("06:00", "昼间"), ("21:59", "昼间"), ("22:00", "夜间")]
)
def test_a_time_of_day_is_read(typed: str, clause: str) -> None:
    assert check_text("noise", "40", zone="3", taken_at=typed)[1].clause == f"表1 3类 {clause}"


@pytest.mark.parametrize(
    ("typed", "wet"),
    [("yes", 1), ("TRUE", 1), ("1", 1), (" 是 ", 1), ("no", 0), ("false", 0), ("0", 0), ("否", 0)],
)
def test_yes_and_no_are_read(typed: str, wet: int) -> None:
    _text, found = check_text("noise", "40", zone="3", period="day", rain=typed)
    assert sum("Rain" in line for line in found.lines()) == wet
    assert check_text("noise", "40", zone="3", period="day", rain=bool(wet))[1] == found


def test_what_is_no_day_time_or_yes_is_refused_with_how_it_is_written() -> None:
    for fields, said in (
        ({"built": "1997"}, r"built=1997 is no day \(2005-06-30\) or time"),
        ({"taken_at": "noon"}, "taken_at=noon is no day"),
        ({"rain": "perhaps"}, "rain is yes or no, not “perhaps”"),
    ):
        with pytest.raises(BadInput, match=said):
            check_text("noise", "40", **fields)


def test_what_cannot_be_judged_has_no_line_of_a_limit() -> None:
    text, found = check_text("noise", "40", period="day")
    assert found.verdict == "undecidable"
    assert text.splitlines()[0] == "noise 40 dB(A): cannot be judged"
    assert text.splitlines()[1] == "GB 12348-2008 表1 (the general standard)"
    assert text.splitlines()[2] == "- Give the acoustic zone, 0 to 4."


# -- names in both languages ---------------------------------------------------------------------------------


def test_what_a_list_offers_has_a_title_in_either_language() -> None:
    offered = [
        next(iter(limit_data.all_standards().values())).tables[0],
        *(next(iter(each.values())) for each in (limit_data.all_standards(), limit_data.waters())),
        *(next(iter(each.values())) for each in (limit_data.industries(), limit_data.all_parameters())),
        parameters()[0],
    ]
    assert [each.title for each in offered] == [each.en for each in offered]
    use_language("zh")
    assert [each.title for each in offered] == [each.zh for each in offered]
    assert all(each.zh != each.en for each in offered[1:4])


def test_an_industry_goes_by_key_and_by_either_name() -> None:
    for name in ("municipal_plant", "城镇污水处理厂", "municipal wastewater treatment plant"):
        found = limit_data.industry_named(name)
        assert found is not None
        assert found.key == "municipal_plant"
        assert found.standards == {"water": "GB 18918-2002"}
    assert limit_data.industry_named("none") is None


# -- dated parameters ----------------------------------------------------------------------------------------


def test_a_parameter_is_that_of_its_day() -> None:
    assert parameter("simple_case_cents", date(2025, 1, 12)) is None
    found = parameter("simple_case_cents", date(2025, 1, 13))
    assert found is not None
    assert (found.value, found.unit, found.mark) == (30_000_000, "cents", "S2")
    assert found.basis.startswith("环法规〔2025〕6号")
    assert parameters()[0].key == "simple_case_cents"
    with pytest.raises(BadInput, match="No parameter is called “simple”"):
        parameter("simple", date(2026, 1, 1))


def test_a_bureaus_parameter_replaces_ours_from_day_to_day(tmp_path) -> None:
    (tmp_path / "parameters.toml").write_text(
        """[simple_case_cents]
zh = "本局上限"
[[simple_case_cents.versions]]
value = 5
until = 2025-06-30
[[simple_case_cents.versions]]
value = 0
from = 2025-07-02
""",
        encoding="utf-8",
    )
    before = parameter("meetings_most", date(2026, 1, 1))
    PARAMETERS.use(tmp_path)
    try:
        days = [date(1990, 1, 1), date(2025, 6, 30), date(2025, 7, 1), date(2025, 7, 2)]
        found = [parameter("simple_case_cents", day) for day in days]
        assert [each and each.value for each in found] == [5, 5, None, 0]
        assert found[0] is not None
        assert (found[0].zh, found[0].en, found[0].unit, found[0].basis, found[0].mark) == (
            *("本局上限", "simple_case_cents", "", "", "M"),
        )
        assert parameter("meetings_most", date(2026, 1, 1)) == before
    finally:
        PARAMETERS.use()


def test_a_file_of_parameters_is_read_as_it_is_written(tmp_path):
    path = tmp_path / "parameters.toml"
    path.write_text(
        "[x]\nen = 'Ex'\nunit = 'days'\n"
        "[[x.versions]]\nvalue = 7\nbasis = '示例'\nmark = 'S'\nfrom = 2026-01-01\n",
        encoding="utf-8",
    )
    (found,) = load_parameters(path)["x"]
    assert (found.zh, found.en, found.value, found.unit) == ("x", "Ex", 7, "days")
    assert (found.basis, found.mark, found.in_force, found.until) == ("示例", "S", date(2026, 1, 1), None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 5", "parameters.toml, x: “versions” is missing"),
        ("[x]", "parameters.toml, x: “versions” is missing"),
        ("[x]\nversions = []", "parameters.toml, x: “versions” is missing"),
        ("[x]\nversions = {a = 1}", "parameters.toml, x: “versions” is missing"),
        ("[[x.versions]]\nbasis = '示例'", "parameters.toml, x: “value” is missing"),
        ("[[x.versions]]\nvalue = -1", "parameters.toml, x: “value” is missing"),
        ("[[x.versions]]\nvalue = true", "parameters.toml, x: “value” is missing"),
        ("[[x.versions]]\nvalue = '5'", "parameters.toml, x: “value” is missing"),
        ("[[x.versions]]\nvalue = 5\nfrom = '2026-01-01'", "parameters.toml, x: “from” is not known"),
        (
            "[[x.versions]]\nvalue = 5\nuntil = 2026-01-01T00:00:00",
            "parameters.toml, x: “until” is not known",
        ),
    ],
)
def test_a_faulty_parameter_is_refused_with_file_key_and_fault(tmp_path, text: str, said: str) -> None:
    path = tmp_path / "parameters.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=said):
        load_parameters(path)


def test_the_first_line_names_the_value_as_it_was_typed_and_what_it_exceeds() -> None:
    said = check_text("COD", "100000", **COD, unit="μg/L")[0].splitlines()
    assert said[0] == "COD 100000 μg/L: meets the limit"
    assert said[1] == "GB 8978-1996 表4 一级 其他 ≤100 mg/L (the general standard)"
    measured = {"period": "day", "zone": "2", "background": "50", "wind": "1", "rain": "no"}
    calibrated = {"calibration_before": "94", "calibration_after": "94"}
    said = check_text("noise", "70", **measured, **calibrated)[0].splitlines()
    assert said[:2] == [
        "noise 70 dB(A): over the limit, by 10 dB(A)",
        "GB 12348-2008 表1 2类 昼间 ≤60 dB(A) (the general standard)",
    ]
