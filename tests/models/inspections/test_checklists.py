"""The checklists shipped are sound XLSForms, and no former version is lost."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pyxform.xls2xform import convert

import models.inspections

FOLDER = Path(models.inspections.__file__).parent / "checklists"
INDEX = tomllib.loads((FOLDER / "index.toml").read_text(encoding="utf-8"))["checklist"]
XF = "{http://www.w3.org/2002/xforms}"
QC = "{urn:qingcha:checklist}"
COUNTS = {"A": 6, "B": 9, "C": 11, "W": 21, "Q": 15, "S": 15, "N": 9, "M": 8, "E": 7, "T": 13, "L": 9}


@pytest.fixture(scope="module", params=INDEX, ids=lambda entry: entry["code"])
def checklist(request):
    """An entry of the index with its form, as XML."""
    return request.param, compiled(FOLDER / request.param["file"])


def compiled(path):
    """A form as XML; pyxform has nothing to say of it."""
    done = convert(xlsform=path, validate=False)
    assert done.warnings == []
    return ElementTree.fromstring(done.xform)


def bindings(form):
    return {one.get("nodeset").rsplit("/", 1)[1]: one for one in form.iter(f"{XF}bind")}


def test_the_index_names_every_file():
    named = {each["file"] for entry in INDEX for each in (entry, *entry.get("earlier", ()))}
    assert named == {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.md")}
    assert [entry["code"] for entry in INDEX] == list(COUNTS)


def test_every_item_is_asked_and_has_a_note(checklist):
    entry, form = checklist
    code = entry["code"]
    names = [f"{code}{number:02}" for number in range(1, COUNTS[code] + 1)]
    asked = [one.get("ref").rsplit("/", 1)[1] for one in form.iter(f"{XF}select1")]
    assert asked == names
    bound = bindings(form)
    for name in names:
        assert bound[name].get("required") == "true()"
        note = bound[f"{name}_note"]
        assert "problem" in note.get("required")
        assert name in note.get("relevant")


def test_key_items_are_marked_in_form_and_index_alike(checklist):
    entry, form = checklist
    marked = [name for name, one in bindings(form).items() if one.get(f"{QC}key") == "yes"]
    assert marked == entry["key_items"]
    measured = {one.get(f"{QC}measure") for one in bindings(form).values()} - {None}
    assert measured <= {"water", "air", "noise"}


def test_every_label_and_hint_is_in_both_languages(checklist):
    _entry, form = checklist
    texts = {
        one.get("lang"): {
            f"{text.get('id')}#{value.get('form', '')}": value.text for text in one for value in text
        }
        for one in form.iter(f"{XF}translation")
    }
    assert set(texts) == {"中文 (zh)", "English (en)"}
    chinese, english = texts["中文 (zh)"], texts["English (en)"]
    assert set(chinese) == set(english)
    assert all(re.search("[一-龥]", text) for text in chinese.values())
    assert not any(re.search("[一-龥]", text) for text in english.values())
    asked = len(list(form.iter(f"{XF}select1")))
    for part in (":hint#", ":hint#guidance"):
        assert sum(name.endswith(part) for name in chinese) == asked


def test_answers_are_the_three_of_the_bureau(checklist):
    _entry, form = checklist
    names = [one.text for one in form.iter(f"{XF}name")]
    assert names == ["ok", "problem", "na"]


def test_the_form_bears_the_indexs_version(checklist):
    entry, form = checklist
    root = next(form.iter(f"{XF}instance"))[0]
    assert (root.get("id"), root.get("version")) == (f"qingcha_{entry['code']}", entry["version"])


def test_former_versions_stay_sound_forms_with_the_items_they_had():
    for entry in INDEX:
        for each in entry.get("earlier", ()):
            root = next(compiled(FOLDER / each["file"]).iter(f"{XF}instance"))[0]
            assert (root.get("id"), root.get("version")) == (f"qingcha_{entry['code']}", each["version"])


def test_the_catalogue_is_whole():
    assert sum(COUNTS.values()) == 123  # 138 with the 15 of the grid, which stand in models/community
