"""Lists from files beside a form, pulldata(), and the filling before."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from models.errors import BadInput
from models.forms.filling import Filling
from models.forms.load import load, load_untrusted
from models.forms.model import Form
from models.forms.queries import check, fill

pytestmark = pytest.mark.usefixtures("forms_read_here")

FORM = """
| survey |
| | type | name | label | calculation | choice_filter | parameters | default |
| | select_one_from_file rivers.csv | river | 河流 | | | | |
| | select_one_from_file towns.xml | town | 乡镇 | | river = ${river} | value=code label=title | |
| | select_one_from_file outlets.geojson | outlet | 排口 | | | | |
| | calculate | length | | pulldata('rivers', 'km', 'name', ${river}) | | | |
| | calculate | place | | instance('outlets')/root/item[id = ${outlet}]/geometry | | | |
| | text | officer | 执法人员 | | | | ${last-saved#officer} |
"""
TOWNS = """<root><item><river>jiulong</river><code>c1</code><title>榜山镇</title></item>
<item><river>zhang</river><code>c2</code><title>陈岱镇</title></item></root>"""
OUTLETS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "id": "o1",
            "properties": {"title": "一号排口", "order": 1, "note": None},
            "geometry": {"type": "Point", "coordinates": [117.75, 24.5]},
        }
    ],
}


@pytest.fixture
def form_file(tmp_path: Path) -> Path:
    (tmp_path / "rivers.csv").write_bytes(
        "name,label,km\njiulong,九龙江,258\nzhang,漳江,58\n".encode("gb18030")
    )
    (tmp_path / "towns.xml").write_text(TOWNS, encoding="utf-8")
    (tmp_path / "outlets.geojson").write_text(json.dumps(OUTLETS), encoding="utf-8")
    file = tmp_path / "form.md"
    file.write_text(FORM, encoding="utf-8")
    return file


@pytest.mark.parametrize("read", [load, load_untrusted])
def test_lists_come_from_files_beside_the_form(form_file: Path, read: Callable[[Path], Form]) -> None:
    form = read(form_file)
    assert not form.problems
    filling = Filling(form)
    assert [choice.value for choice in filling.choices("river")] == ["jiulong", "zhang"]
    assert filling.choice_label("river", "jiulong") == "九龙江"
    assert filling.value("length") == "", "no key, no row"
    filling.set("river", "zhang")
    assert filling.value("length") == "58"
    assert [choice.value for choice in filling.choices("town")] == ["c2"]
    filling.set("outlet", "o1")
    assert filling.value("place") == "24.5 117.75 0 0"
    filling.set("river", "nowhere")
    assert filling.value("length") == ""
    assert filling.error("river") is not None


def test_what_was_saved_last_is_the_default(form_file: Path) -> None:
    form = load(form_file)
    first = fill(form, {"officer": "执法员01"})
    assert first.nodes["/data/officer"].value == "执法员01"
    assert fill(form, {}).nodes["/data/officer"].value == ""
    again = fill(form, {}, last_saved={"officer": "执法员01"})
    assert again.nodes["/data/officer"].value == "执法员01"


def test_a_file_that_is_not_there_is_named_by_row(form_file: Path) -> None:
    (form_file.parent / "rivers.csv").unlink()
    found = check(form_file)
    assert found.description is not None
    assert len(found.description.problems) == 2
    for told, row in zip(found.description.problems, ("2", "5"), strict=True):
        assert "rivers.csv" in told
        assert row in told
    filling = Filling(load(form_file))
    filling.set("river", "whatever")
    assert filling.error("river") is None, "an unknown list refuses nothing"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("towns.xml", b"<towns><town>"),
        ("towns.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><towns>&a;</towns>'),
        ("outlets.geojson", b"[" * 100_000),
        ("outlets.geojson", b'{"features": [1]}'),
        ("outlets.geojson", b'{"features": [{"geometry": {"type": "Point", "coordinates": [1]}}]}'),
        ("rivers.csv", b'name,label\n"never closed,1\n'),
        ("rivers.csv", b"name\n" + b"x\n" * 60_001),
    ],
)
def test_a_bad_list_is_refused_with_its_name(form_file: Path, name: str, content: bytes) -> None:
    (form_file.parent / name).write_bytes(content)
    with pytest.raises(BadInput) as refused:
        load_untrusted(form_file)
    assert name in refused.value.text()


def test_a_source_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.csv").write_text("name,label\na,b\n", encoding="utf-8")
    document = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
    <h:head><model><instance><data id="a"><q/></data></instance>
    <instance id="secret" src="jr://file-csv/../secret.csv"/><instance id="up" src="jr://file/.."/>
    <bind nodeset="/data/q" type="string"/></model></h:head>
    <h:body><select1 ref="/data/q"><itemset nodeset="instance('secret')/root/item"><value ref="name"/>
    </itemset></select1></h:body></h:html>"""
    file = inner / "form.xml"
    file.write_text(document, encoding="utf-8")
    assert not any(each.here for each in load(file).lists)


def test_what_a_terminal_cannot_do_is_named_by_row(tmp_path: Path) -> None:
    file = tmp_path / "form.md"
    file.write_text(
        """
| survey |
| | type | name | label | appearance |
| | begin group | g | G | |
| | image | sign | Sign | signature |
| | geotrace | line | Line | |
| | geopoint | spot | Spot | placement-map |
| | geopoint | typed | Typed | |
| | end group | | | |
| | start-geopoint | where | | |
| | text | other | Other | ex:org.example |
""",
        encoding="utf-8",
    )
    found = check(file)
    assert found.ok
    assert found.description is not None
    for told, row in zip(found.description.unserved, ("3", "4", "5", "9", "8"), strict=True):
        assert row in told


def test_external_choices_are_choices(tmp_path: Path) -> None:
    file = tmp_path / "form.md"
    file.write_text(
        """
| survey |
| | type | name | label | choice_filter |
| | select_one city | city | City | |
| | select_one_external street | street | Street | city=${city} |
| choices |
| | list_name | name | label |
| | city | zz | 漳州 |
| external_choices |
| | list_name | name | label | city |
| | street | a | 江滨路 | zz |
| | street | b | 湖滨路 | xm |
""",
        encoding="utf-8",
    )
    filling = Filling(load(file))
    filling.set("city", "zz")
    assert [choice.value for choice in filling.choices("street")] == ["a"]


def test_a_pattern_that_cannot_be_read_is_named_when_the_form_is_brought(tmp_path: Path) -> None:
    file = tmp_path / "form.md"
    file.write_text(
        "| survey |\n| | type | name | label | constraint |\n| | text | a | A | regex(., '[') |\n",
        encoding="utf-8",
    )
    found = check(file)
    assert found.description is not None
    assert "[" in found.description.problems[0]


def test_a_filter_by_a_column_that_no_row_has_is_named(tmp_path: Path) -> None:
    file = tmp_path / "form.md"
    file.write_text(
        """
| survey |
| | type | name | label | choice_filter |
| | text | t | T | |
| | select_one l | a | A | river = ${t} or not(selected(${t}, twon)) |
| choices |
| | list_name | name | label | river | town |
| | l | x | X | zhang | |
| | l | y | Y | | lh |
""",
        encoding="utf-8",
    )
    found = check(file)
    assert found.ok
    assert found.description is not None
    (told,) = found.description.unserved
    assert "twon" in told
    assert "3" in told
    assert "choice_filter" in told


def test_a_list_whose_rows_have_another_name_is_named(tmp_path: Path) -> None:
    (tmp_path / "towns.xml").write_text(TOWNS.replace("item>", "town>"), encoding="utf-8")
    file = tmp_path / "form.md"
    file.write_text(
        "| survey |\n| | type | name | label |\n| | select_one_from_file towns.xml | t | T |\n",
        encoding="utf-8",
    )
    found = check(file)
    assert found.description is not None
    (told,) = found.description.unserved
    assert "root/item" in told
    assert "root/town" in told


SEARCH = """
| survey |
| | type | name | label | appearance |
| | text | text | Text | |
| | select_one rows | row | Row | {} |
| choices |
| | list_name | name | label |
| | rows | code | {} |
"""


def test_a_search_among_ten_thousand_rows_is_not_waited_for(tmp_path: Path) -> None:
    rows = "".join(f"c{number},Outfall {number},r{number % 7}\n" for number in range(10_000))
    (tmp_path / "many.csv").write_text("code,name,river\n" + rows, encoding="utf-8")
    file = tmp_path / "form.md"
    search = "search('many', 'contains', 'name', ${text}, 'river', 'r3')"
    file.write_text(SEARCH.format(search, "name"), encoding="utf-8")
    filling = Filling(load_untrusted(file))
    assert len(filling.choices("row")) == sum(number % 7 == 3 for number in range(10_000))
    begun = time.perf_counter()
    for number in range(10):
        filling.set("text", f"999{number}")
        assert [each.value for each in filling.choices("row")] == [f"c999{number}"] * (number in {2, 9})
    assert time.perf_counter() - begun < 2.0


@pytest.mark.parametrize(
    ("search", "label", "word"),
    [
        ("search('gone')", "name", "gone.csv"),
        ("search('many', 'contains')", "name", "search()"),
        ("search(${text})", "name", "search()"),
        ("search('many', 'contains', 'nowhere', ${text})", "name", "nowhere"),
        ("search('many', 'contains', 'name', ${text}, 'river', 'x')", "name", "river"),
        ("search('many')", "title", "title"),
        ("search('many', )", "name", ")"),
    ],
)
def test_a_search_that_cannot_be_is_named_by_row(tmp_path: Path, search: str, label: str, word: str) -> None:
    (tmp_path / "many.csv").write_text("code,name\na,b\n", encoding="utf-8")
    file = tmp_path / "form.md"
    file.write_text(SEARCH.format(search, label), encoding="utf-8")
    found = check(file)
    assert found.description is not None
    (told,) = found.description.problems
    assert "3" in told
    assert "appearance" in told
    assert word in told


def test_a_search_typed_with_a_chinese_keyboard(tmp_path: Path) -> None:
    (tmp_path / "many.csv").write_text("code,name\na,东门\nb,西门\n", encoding="utf-8")
    file = tmp_path / "form.md"
    file.write_text(
        SEARCH.format("ｓearch（'many'，'contains'，'name'，＄｛text｝）", "name"), encoding="utf-8"
    )
    filling = Filling(load_untrusted(file))
    filling.set("text", "西")
    assert [each.value for each in filling.choices("row")] == ["b"]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_cells_stand_between_semicolons_or_tabs_too(tmp_path: Path, mark: str) -> None:
    rows = mark.join(["name", "label", "km"]) + "\n" + mark.join(["a", "One, two"]) + "\n"
    (tmp_path / "rivers.csv").write_text(rows, encoding="utf-8")
    file = tmp_path / "form.md"
    file.write_text(
        "| survey |\n| | type | name | label | calculation |\n"
        "| | select_one_from_file rivers.csv | a | A | |\n"
        "| | calculate | n | | count(instance('rivers')/root/item/km) |\n",
        encoding="utf-8",
    )
    filling = Filling(load(file))
    assert filling.choice_label("a", "a") == "One, two"
    assert filling.value("n") == "1", "a cell that is not there is blank, not absent"
