"""Attributes of the instance, and entities (ODK Entities Specification): sent, and kept over a restart."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from models.errors import BadInput
from models.forms.export import submission
from models.forms.filling import Filling
from models.forms.load import load, load_untrusted
from models.forms.queries import check
from models.forms.xform import read_xform

pytestmark = pytest.mark.usefixtures("forms_read_here")

FOLDER = Path(__file__).parents[2] / "conformance" / "forms"


def sent(filling: Filling) -> ElementTree.Element:
    return ElementTree.fromstring(submission(filling))


def test_each_entity_has_a_uuid_of_its_own_that_a_restart_keeps() -> None:
    form = load(FOLDER / "entities.md")
    filling = Filling(form)
    filling.set("plot", "A")
    filling.set("many", 2)
    filling.set("many", 3)
    entities = sent(filling).findall(".//entity")
    ids = [each.get("id") for each in entities]
    assert len(set(ids)) == len(ids) == 4
    assert all(uuid.UUID(each).version == 4 for each in ids)
    again = Filling(form, filling.answers())
    assert [each.get("id") for each in sent(again).findall(".//entity")] == ids
    assert not any(path.endswith("@dataset") for path in filling.answers()), (
        "what stands in the form is not kept"
    )


def test_rounds_that_come_within_a_new_round_have_ids_too() -> None:
    filling = Filling(load(FOLDER / "entities_nested.md"))
    filling.add("/data/plot")
    filling.add("/data/plot[2]/tree")
    ids = [each.get("id") for each in sent(filling).findall(".//entity")]
    assert len(ids) == 5
    assert all(ids)
    assert len(set(ids)) == 5


def test_a_submission_holds_the_entity_as_its_specification_says() -> None:
    filling = Filling(load_untrusted(FOLDER / "entities_update.md"))
    filling.set("tree", "3b7f4c1e-7c10-4a51-9d52-6f0c5a0f0001")
    filling.set("girth", 31)
    entity = sent(filling).find("meta/entity")
    assert entity is not None
    assert entity.attrib == {
        "dataset": "trees",
        "update": "true",
        "baseVersion": "3",
        "trunkVersion": "2",
        "branchId": "b6d8a3f0-0d3f-4f0e-9a37-1df0a4d5c001",
        "id": "3b7f4c1e-7c10-4a51-9d52-6f0c5a0f0001",
    }
    assert entity.findtext("label") == "31 cm 30"


def test_an_update_without_a_label_is_sent_all_the_same(filling_of: Callable[..., Filling]) -> None:
    filling = filling_of(
        "| survey |\n| | type | name | label | save_to |\n| | text | which | Which | |\n"
        "| | integer | girth | Girth | girth |\n"
        "| entities |\n| | list_name | entity_id |\n| | trees | ${which} |\n"
    )
    filling.set("which", "x")
    entity = sent(filling).find("meta/entity")
    assert entity is not None
    assert (entity.get("id"), entity.get("update"), len(entity)) == ("x", "1", 0)


def test_attributes_are_retained_with_their_namespaces() -> None:
    filling = Filling(load(FOLDER / "xform_attributes.xml"))
    filling.set("region", "zz")
    filling.add("round")
    root = sent(filling)
    odk, qc = "{http://www.opendatakit.org/xforms}", "{urn:qc}"
    assert root.attrib == {"id": "attributes", "version": "1", f"{odk}prefix": "qc", "lang": "zh"}
    level = root.find("level")
    assert level is not None
    assert level.attrib == {f"{qc}unit": "mg/L", "limit": "30"}
    assert root.find("round").attrib == {"kind": "tank"}  # type: ignore[union-attr]  # no jr:template


def test_a_setting_puts_an_attribute_on_the_instance(filling_of: Callable[..., Filling]) -> None:
    filling = filling_of(
        "| survey |\n| | type | name | label | instance::odk:tag |\n| | text | a | A | tag |\n"
        "| settings |\n| | form_id | attribute::bureau |\n| | f | zz |\n"
    )
    root = sent(filling)
    assert root.get("bureau") == "zz"
    assert root.find("a").attrib == {"{http://www.opendatakit.org/xforms}tag": "tag"}  # type: ignore[union-attr]


def test_an_attribute_takes_no_answer() -> None:
    with pytest.raises(BadInput):
        Filling(load(FOLDER / "entities.md")).set("/data/meta/entity/@dataset", "x")


def test_a_later_edition_of_entities_is_refused_by_name() -> None:
    document = (FOLDER / "xform_attributes.xml").read_text("utf-8")
    named = document.replace(
        "<model ",
        '<model xmlns:entities="http://www.opendatakit.org/xforms/entities" entities:entities-version="{}" ',
    )
    assert read_xform(named.replace("{}", "2025.1.7")).id == "attributes"
    with pytest.raises(BadInput, match=r"2031\.1\.0"):
        read_xform(named.replace("{}", "2031.1.0"))


BAD = """
| survey |
| | type | name | label | save_to |
| | text | species | Species | {save_to} |
| entities |
| | list_name | label | create_if | update_if |
| | {list_name} | {label} | {create_if} | {update_if} |
"""


@pytest.mark.parametrize(
    ("wrong", "sheet", "row", "column"),
    [
        ({"create_if": "${species} = bar("}, "entities", "2", "create_if"),
        ({"label": "foo(${species})"}, "entities", "2", "label"),
        ({"label": "${nowhere}"}, "entities", "2", "label"),
        ({"list_name": "a.b"}, "entities", "2", "list_name"),
        ({"update_if": "true()"}, "entities", "2", ""),
        ({"save_to": "label"}, "survey", "2", "save_to"),
        ({"save_to": "plots#species"}, "survey", "2", "save_to"),
    ],
)
def test_what_is_wrong_with_an_entity_is_told_by_sheet_row_and_column(
    tmp_path: Path, wrong: dict[str, str], sheet: str, row: str, column: str
) -> None:
    good = {
        "list_name": "trees",
        "label": "${species}",
        "create_if": "",
        "update_if": "",
        "save_to": "species",
    }
    file = tmp_path / "form.md"
    file.write_text(BAD.format(**good), encoding="utf-8")
    assert check(file, trusted=True).ok
    file.write_text(BAD.format(**good | wrong), encoding="utf-8")
    found = check(file, trusted=True)
    assert not found.ok
    told = found.error or (found.description.problems[0] if found.description else "")
    for each in (sheet, row, column):
        assert each in told.splitlines()[0]
