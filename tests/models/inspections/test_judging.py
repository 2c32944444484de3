"""A measurement's values as the limits take them."""

from __future__ import annotations

import pytest

from models.inspections.judging import sample_of
from models.inspections.sampling.rules import same_items


@pytest.mark.parametrize(
    ("given", "standard"),
    [
        ({"parameter": "颗粒物"}, "GB 16297-1996"),
        ({"parameter": "汞"}, "GB 16297-1996"),
        ({"parameter": "汞", "fuel": "煤"}, "GB 13271-2014"),
        ({"parameter": "油烟"}, "GB 18483-2001"),
        ({"parameter": "什么"}, "GB 16297-1996"),
        ({"parameter": "油烟", "standard": "GB 16297-1996"}, "GB 16297-1996"),
    ],
)
def test_a_value_of_air_has_a_standard_by_fuel_and_pollutant(given: dict[str, str], standard: str) -> None:
    assert sample_of({"medium": "air", **given}).standard == standard


def test_items_are_the_same_under_whatever_names() -> None:
    assert same_items("COD、汞", "汞及其化合物、化学需氧量")
    assert not same_items("COD、汞", "COD、铅")
    assert same_items("自定项目", "自定 项目")
