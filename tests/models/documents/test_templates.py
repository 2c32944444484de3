"""Templates: what is typed is printed and nothing else; what a template may do is little."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.documents import templates
from models.documents.text import visible
from models.errors import BadInput


def template(path: Path, *paragraphs: str) -> Path:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    document.save(str(path))
    return path


def words(data: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(data)).paragraphs)


@pytest.mark.parametrize(
    "text",
    [
        "A & B <b>",
        "</w:t></w:r></w:p><w:p><w:r><w:t>伪造",
        "{{7*7}}",
        "{{ 编号 }}",
        "{% for x in y %}",
        "{_{x}_} {_% %_}",
        "&amp; &#65; ]]>",
        "“引号” ‘单’ \"双\" 'one'",
        "\\1 \\g<0> $1",
        "100%_",
    ],
)
def test_typed_text_is_printed_as_it_was_typed(tmp_path: Path, text: str) -> None:
    path = template(tmp_path / "t.docx", "前{{ 值 }}后")
    assert words(templates.fill(path, {"值": text})) == f"前{text}后"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.characters(), max_size=80))
def test_any_text_survives_with_hidden_characters_made_visible(tmp_path: Path, text: str) -> None:
    path = template(tmp_path / "t.docx", "前{{ 值 }}后")
    assert words(templates.fill(path, {"值": text})) == f"前{visible(text)}后"


def test_control_and_bidi_characters_are_made_visible(tmp_path: Path) -> None:
    path = template(tmp_path / "t.docx", "{{ 值 }}")
    assert words(templates.fill(path, {"值": "\x1b[2J\x00\x07\x0c\u202egpj"})) == "␛[2J␀␇␌�gpj"


def test_a_tag_that_word_has_cut_into_runs_is_still_filled(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("{{ 编")
    paragraph.add_run("号").bold = True
    paragraph.add_run(" }}")
    document.save(str(tmp_path / "t.docx"))
    assert words(templates.fill(tmp_path / "t.docx", {"编号": "1"})) == "1"


@pytest.mark.parametrize(
    "harm",
    [
        "{{ ''.__class__ }}",
        "{{ 值.__class__.__mro__ }}",
        "{{ 值.format(1) }}",
        "{{ 值.upper() }}",
        "{{ range(3) }}",
        "{{ lipsum() }}",
        "{{ cycler }}",
        "{{ self._TemplateReference__context }}",
        "{{ 二维码.tpl }}",
        "{{ '9' * 999999999 }}",
        "{{ 2 ** 99999 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ 值 | center(999999999) }}",
        "{{ 值 | attr('x') }}",
        "{% macro m() %}{% endmacro %}",
        "{% import 'x' as y %}",
        "{% include 'x' %}",
        "{% extends 'x' %}",
        "{% for a in 表 %}" * 4 + "x" + "{% endfor %}" * 4,
        "{% for a in 值 %}x{% endfor %}",
        "{% for a in 长 %}{% for b in 长 %}x{% endfor %}{% endfor %}",
        "{% for a in [1, 2] %}x{% endfor %}",
        "{% set a = 值 %}",
        "{{ 值 ~ 值 }}",
        "{% filter upper %}x{% endfilter %}",
        "{% for a in 表 recursive %}{{ loop(表) }}{% endfor %}",
        "{% for a in 表 %}",
        "{{ 值",
    ],
)
def test_a_template_that_does_more_than_fill_in_is_refused_in_one_sentence(tmp_path: Path, harm: str) -> None:
    path = template(tmp_path / "harm.docx", harm)
    with pytest.raises(BadInput) as caught:
        templates.fill(path, {"值": "x", "表": ["1", "2"], "长": ["1"] * 1000})
    assert "harm.docx" in caught.value.text()


def test_an_unknown_name_is_named(tmp_path: Path) -> None:
    path = template(tmp_path / "t.docx", "{{ 编好 }}")
    with pytest.raises(BadInput, match="编好"):
        templates.fill(path, {"编号": "1"})


def test_conditions_loops_and_their_counters_are_allowed(tmp_path: Path) -> None:
    path = template(
        tmp_path / "t.docx",
        "{% for 件 in 表 %}{{ loop.index }}{{ 件.名 }}{% if not loop.last %}，{% endif %}{% endfor %}",
    )
    assert words(templates.fill(path, {"表": [{"名": "甲"}, {"名": "乙"}]})) == "1甲，2乙"


def bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("word/document.xml", b" " * (templates.SIZE_LIMIT + 1))
    return path


def test_what_is_no_template_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "text.docx").write_text("not a zip", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "empty.docx", "w"):
        pass
    broken = zipfile.ZipFile(tmp_path / "broken.docx", "w")
    with broken, zipfile.ZipFile(template(tmp_path / "good.docx", "x")) as good:
        for part in good.infolist():
            broken.writestr(part, good.read(part)[:-20])
    bomb(tmp_path / "bomb.docx")
    for name in ("text", "empty", "broken", "bomb", "absent"):
        with pytest.raises(BadInput, match=rf"{name}\.docx"):
            templates.fill(tmp_path / f"{name}.docx", {})


def test_the_bureaus_own_template_comes_first(own_templates: Path) -> None:
    assert templates.find("record", own_templates).parent == templates.SHIPPED
    own = template(own_templates / "record.docx", "x")
    assert templates.find("record", own_templates) == own
    assert templates.find("record", own_templates, "en") == own
    english = template(own_templates / "record.en.docx", "x")
    assert templates.find("record", own_templates, "en") == english
    assert templates.find("record", own_templates, "zh") == own
