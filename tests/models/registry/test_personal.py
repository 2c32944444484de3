"""Names and numbers are found in a text however they are written, and quoted as the text has them."""

from __future__ import annotations

import pytest

from models.registry.personal import number_in, told_in

pytestmark = pytest.mark.requirement("R083", "R089")


@pytest.mark.parametrize(
    ("secret", "text", "passage"),
    [
        ("陈示例", "请找陈示例核实", "陈示例"),
        ("陈示例女士", "请找陈 示 例核实", "陈 示 例"),
        ("陈示例（业主）", "陈-示例反映", "陈-示例"),
        ("业主陈示例", "陈(示)例反映", "陈(示)例"),
        ("13800138000（陈示例）", "陈示例反映", "陈示例"),
        ("姓名：陈示例，电话：0596-2012345", "回拨２０１２３４５", "２０１２３４５"),
        ("+86 138 0013 8000", "回拨 138-0013-8000", "138-0013-8000"),
        ("13800138000", "一三八零零一三八零零零", "一三八零零一三八零零零"),
        ("Li@Example.CN", "邮件 li@example.cn 已复", "li@example.cn"),
    ],
)
def test_a_name_or_number_is_found_however_it_is_written(secret, text, passage):
    assert told_in(text, [None, secret]) == passage


@pytest.mark.parametrize("secret", ["匿名", "业主", "居民代表", "不详", "陈", "陈女士", "微信", "", None])
def test_words_that_name_nobody_are_not_looked_for(secret):
    assert told_in("居民业主代表匿名用微信反映，姓陈，其余不详", [secret]) == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("电话１３８ 0013-8000。", "１３８ 0013-8000"),
        ("+86-13800138000", "+86-13800138000"),
        ("身份证110101 19900307 1234", "110101 19900307 1234"),
        ("编号D350602202111210001", ""),
        ("2021-11-21 13:00至15:00监测", ""),
        ("立案12345678901234", ""),
    ],
)
def test_mobile_and_citizen_numbers_are_found_and_other_numbers_are_not(text, found):
    assert number_in(text) == found
