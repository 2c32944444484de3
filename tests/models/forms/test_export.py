"""A filled form as other programs read it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import main as front_door
from models.errors import BadInput
from models.forms.export import features, files, nested, submission
from models.forms.export_csv import csv_bytes, guarded, tables
from models.forms.export_tree import key_of, whole
from models.forms.filling import Filling
from models.forms.geometry import geometry
from models.forms.xform import read_xform
from tests.models.forms.conftest import NOON, bare_form

pytestmark = pytest.mark.usefixtures("forms_read_here")

Make = Callable[..., Filling]

OUTFALLS = """
| survey |
| | type | name | label | relevant | calculation |
| | start | begun | | | |
| | end | ended | | | |
| | text | site | 单位 | | |
| | select_multiple kind | kinds | 特征 | | |
| | begin_group | water | 废水 | | |
| | decimal | ph | pH | | |
| | integer | count | 数量 | | |
| | geopoint | gate | 大门 | | |
| | end_group | | | | |
| | text | hidden | 不相关 | ${site} = 'x' | |
| | begin_repeat | points | 点位 | | |
| | geopoint | place | 位置 | | |
| | text | note_of | 备注 | | |
| | begin_repeat | bottles | 样品瓶 | | |
| | text | code | 编号 | | |
| | end_repeat | | | | |
| | end_repeat | | | | |
| | geotrace | path | 路线 | | |
| | geoshape | yard | 厂区 | | |
| choices |
| | list_name | name | label |
| | kind | smell | 异味 |
| | kind | colour | 有色 |
| settings |
| | form_title | form_id | version |
| | 排污口 | outfalls | 7 |
"""


@pytest.fixture
def filled(filling_of: Make) -> Filling:
    filling = filling_of(OUTFALLS)
    for path, value in {
        "site": "甲 & 乙 <有限公司>",
        "kinds": ["smell", "colour"],
        "ph": "7.25",
        "count": "3",
        "gate": "24.5 117.6 12.5 4",
        "/data/points[1]/place": "24.51 117.65",
        "/data/points[1]/note_of": "=1+1",
        "/data/points[1]/bottles[1]/code": "B1",
        "path": "24.5 117.6; 24.6 117.7 3 5",
        "yard": "0 0; 1 0; 1 1; 0 0",
    }.items():
        filling.set(path, value)
    round_2 = filling.add("/data/points")
    filling.add(f"{round_2}/bottles")
    filling.set(f"{round_2}/bottles[2]/code", "B3")
    filling.set("site", "x")
    filling.set("hidden", "geheim")
    filling.set("site", "甲 & 乙 <有限公司>")
    filling.finish()
    return filling


def parsed(filling: Filling) -> ElementTree.Element:
    return ElementTree.fromstring(submission(filling))


def test_the_submission_names_the_form_and_itself(filled: Filling) -> None:
    root = parsed(filled)
    assert (root.tag, root.attrib) == ("data", {"id": "outfalls", "version": "7"})
    assert root.findtext("meta/instanceID") == filled.value("/data/meta/instanceID")
    assert root.findtext("ended") == "2026-03-05T12:00:00.000+08:00"


def test_what_is_not_relevant_is_left_out_and_blank_questions_are_empty(filled: Filling) -> None:
    root = parsed(filled)
    assert root.find("hidden") is None
    (blank,) = root.findall("points[2]/note_of")
    assert blank.text is None
    assert [each.tag for each in root] == [
        *("begun", "ended", "site", "kinds", "water", "points", "points", "path", "yard", "meta")
    ]


def test_rounds_are_elements_of_their_own_and_the_template_is_none(filled: Filling) -> None:
    root = parsed(filled)
    assert [each.text for each in root.iter("code")] == ["B1", None, "B3"]
    assert "template" not in submission(filled)


def test_a_submission_read_again_has_the_same_answers(filled: Filling) -> None:
    found: dict[str, str] = {}

    def walk(element: ElementTree.Element, path: str) -> None:
        counts: dict[str, int] = {}
        for child in element:
            counts[child.tag] = counts.get(child.tag, 0) + 1
            number = f"[{counts[child.tag]}]" if child.tag in {"points", "bottles"} else ""
            walk(child, f"{path}/{child.tag}{number}")
            if child.text:
                found[f"{path}/{child.tag}{number}"] = child.text

    walk(parsed(filled), "/data")
    assert found == filled.answers(relevant_only=True)


@given(st.text())
def test_any_answer_comes_back_from_xml_as_it_was(text: str) -> None:
    filling = Filling(bare_form({"a": {"type": "string"}}), clock=lambda: NOON)
    filling.set("a", text)
    back = ElementTree.fromstring(submission(filling).encode()).findtext("a")
    allowed = [c for c in filling.value("a") if c in "\t\n\r" or " " <= c <= "\ud7ff" or c >= "\ue000"]
    assert [c for c in back or "" if c != "\ufffd"] == [c for c in allowed if c not in "\ufffd\ufffe\uffff"]
    assert len(back or "") == len(filling.value("a"))


def test_a_form_without_an_instance_id_gets_one_and_orx_puts_it_in_its_namespace() -> None:
    filling = Filling(bare_form({"a": {}}), clock=lambda: NOON)
    (found,) = ElementTree.fromstring(submission(filling)).findall("meta/instanceID")
    assert (found.text or "").startswith("uuid:")
    document = submission(filling, orx=True)
    orx = {"orx": "http://openrosa.org/xforms"}
    assert ElementTree.fromstring(document).find("orx:meta/orx:instanceID", orx) is not None


def test_json_is_nested_with_numbers_lists_and_places(filled: Filling) -> None:
    found = nested(whole(filled))
    assert found["water"] == {
        "ph": 7.25,
        "count": 3,
        "gate": {"type": "Point", "coordinates": [117.6, 24.5, 12.5], "properties": {"accuracy": 4.0}},
    }
    assert found["hidden"] is None
    assert found["kinds"] == "smell colour"
    assert [[each["code"] for each in point["bottles"]] for point in found["points"]] == [
        ["B1"],
        [None, "B3"],
    ]
    assert found["points"][1]["bottles"][1]["__id"] == f"{found['__id']}/points[2]/bottles[2]"
    assert found["path"]["coordinates"] == [[117.6, 24.5], [117.7, 24.6, 3.0]]


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("decimal", "0.1", 0.1),
        ("decimal", "7.10", 7.1),
        ("decimal", "0.12345678901234567890", "0.12345678901234567890"),
        ("decimal", "abc", "abc"),
        ("int", "9007199254740993", "9007199254740993"),
        ("int", "-12", -12),
        ("int", "1.5", "1.5"),
        ("string", "12", "12"),
    ],
)
def test_a_number_is_one_in_json_only_where_it_stays_exact(kind: str, text: str, shown: object) -> None:
    filling = Filling(bare_form({"a": {"type": kind}}), clock=lambda: NOON)
    filling.set("a", text)
    assert nested(whole(filling))["a"] == shown


def test_csv_has_a_table_for_the_form_and_one_for_each_repeat(filled: Filling) -> None:
    found = tables(whole(filled))
    assert list(found) == ["/data", "/data/points", "/data/points/bottles"]
    header, row = found["/data"]
    key = filled.value("/data/meta/instanceID")
    cells = dict(zip(header, row, strict=True))
    assert cells["water-ph"] == "7.25"
    assert cells["water-gate-Latitude"] == "24.5"
    assert cells["water-gate-Accuracy"] == "4"
    assert cells["hidden"] == ""
    assert cells["KEY"] == cells["meta-instanceID"] == key
    header, *rows = found["/data/points"]
    assert header == [
        *(f"place-{part}" for part in ("Latitude", "Longitude", "Altitude", "Accuracy")),
        *("note_of", "PARENT_KEY", "KEY"),
    ]
    assert rows[0] == ["24.51", "117.65", "", "", "'=1+1", key, f"{key}/points[1]"]
    assert found["/data/points/bottles"][-1] == ["B3", f"{key}/points[2]", f"{key}/points[2]/bottles[2]"]


def test_rounds_are_numbered_as_in_the_submission(filling_of: Make) -> None:
    """A round that is not relevant is no part of it, so Central would count without it."""
    filling = filling_of(
        "| survey |\n| | type | name | label | relevant |\n| | begin_repeat | r | R | position() > 1 |\n"
        "| | text | a | A | |\n| | end_repeat | | | |"
    )
    filling.add("/data/r")
    filling.set("/data/r[2]/a", "second")
    root = whole(filling)
    assert [each.text for each in parsed(filling).iter("a")] == ["second"]
    assert tables(root)["/data/r"][1:] == [["second", key_of(root), f"{key_of(root)}/r[1]"]]
    assert [each["a"] for each in nested(root)["r"]] == ["second"]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+86 596", "'+86 596"),
        ("-x", "'-x"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("＝1+1", "'＝1+1"),
        ("-1.5", "-1.5"),
        ("+3", "+3"),
        ("-1e3", "-1e3"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_a_cell_is_never_a_formula(text: str, cell: str) -> None:
    assert guarded(text) == cell


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2)))
def test_csv_read_again_has_the_same_cells(rows: list[list[str]]) -> None:
    text = csv_bytes(rows).decode()
    assert list(csv.reader(io.StringIO(text, newline=""))) == rows


def test_a_place_on_the_southern_half_is_no_formula(filling_of: Make) -> None:
    filling = filling_of("| survey |\n| | type | name | label |\n| | geotrace | way | Way |")
    filling.set("way", "-1 2; -3 4")
    assert tables(whole(filling))["/data"][1][0] == "-1 2; -3 4"


def test_geojson_has_a_feature_for_each_place(filled: Filling) -> None:
    found = features(whole(filled))
    assert found["type"] == "FeatureCollection"
    key = filled.value("/data/meta/instanceID")
    assert [each["id"].removeprefix(key) for each in found["features"]] == [
        *("/water/gate", "/path", "/yard", "/points[1]/place")
    ]
    gate, path, yard, place = found["features"]
    assert gate["geometry"] == {"type": "Point", "coordinates": [117.6, 24.5, 12.5]}
    assert gate["properties"]["water-gate-accuracy"] == 4
    assert gate["properties"]["water-ph"] == 7.25
    assert gate["properties"]["hidden"] is None
    assert "points-note_of" not in gate["properties"]
    assert path["geometry"]["type"] == "LineString"
    assert yard["geometry"]["coordinates"][0][0] == yard["geometry"]["coordinates"][0][-1]
    assert place["geometry"]["coordinates"] == [117.65, 24.51]
    assert place["properties"]["points-note_of"] == "=1+1"
    assert place["properties"]["site"] == "甲 & 乙 <有限公司>"


def test_rings_run_counterclockwise_in_geojson() -> None:
    ring = [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.0]]  # clockwise: north first
    made = geometry("geoshape", "0 0; 1 0; 1 1; 0 0")
    assert made == {"type": "Polygon", "coordinates": [ring]}
    made = geometry("geoshape", "0 0; 1 0; 1 1; 0 0", right_handed=True)
    assert made == {"type": "Polygon", "coordinates": [ring[::-1]]}
    assert geometry("geopoint", "91 0") is None


ANSWERS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["1", "-0.5", "9" * 60, "24.5 117.6 0 0", "0 0; 1 1; 0 1; 0 0", "0 0;1 1;", "=1", "a b"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["s", "i", "d", "p", "t", "a"]), ANSWERS))
def test_whatever_is_answered_all_formats_can_be_read(tmp_path: Path, answers: dict[str, str]) -> None:
    kinds = {"s": "string", "i": "int", "d": "decimal", "p": "geopoint", "t": "geotrace", "a": "geoshape"}
    filling = Filling(bare_form({name: {"type": kind} for name, kind in kinds.items()}), clock=lambda: NOON)
    for name, text in answers.items():
        filling.set(name, text)
    made = {
        suffix: data
        for suffix in (".xml", ".json", ".csv", ".geojson")
        for data in files(filling, tmp_path / f"o{suffix}").values()
    }
    ElementTree.fromstring(made[".xml"])
    json.loads(made[".json"], parse_constant=pytest.fail)
    json.loads(made[".geojson"], parse_constant=pytest.fail)
    header, row = csv.reader(io.StringIO(made[".csv"].decode(), newline=""))
    assert len(header) == len(row)
    assert all(cell == guarded(cell) or ";" in cell for cell in row)


def test_the_suffix_says_what_is_written(filled: Filling, tmp_path: Path) -> None:
    assert [path.name for path in files(filled, tmp_path / "o.CSV")] == [
        *("o.csv", "o-points.csv", "o-bottles.csv")
    ]
    assert next(iter(files(filled, tmp_path / "o.csv", bom=True).values())).startswith(b"\xef\xbb\xbf")
    for name in ("o.xml", "o.json", "o.geojson"):
        assert list(files(filled, tmp_path / name)) == [tmp_path / name]
    with pytest.raises(BadInput):
        files(filled, tmp_path / "o.xls")


def test_repeats_of_one_name_are_numbered(tmp_path: Path) -> None:
    groups = "".join(f"<{name}><r><a/></r></{name}>" for name in ("one", "two"))
    body = "".join(f'<repeat nodeset="/data/{name}/r"/>' for name in ("one", "two"))
    form = read_xform(
        f'<h><model><instance><data id="t">{groups}</data></instance></model><body>{body}</body></h>'
    )
    names = [path.name for path in files(Filling(form), tmp_path / "o.csv")]
    assert names == ["o.csv", "o-r~1.csv", "o-r~2.csv"]


def test_the_command_writes_and_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QINGCHA_LANG", "en")
    form, answers = tmp_path / "form.md", tmp_path / "a.json"
    form.write_text(OUTFALLS, encoding="utf-8")
    answers.write_text(json.dumps({"site": "甲", "ph": 7.1}), encoding="utf-8")
    words = ["form", "export", str(form), "--answers", str(answers), "--to"]
    assert front_door.main([*words, str(tmp_path / "out.json")]) == 0
    assert json.loads((tmp_path / "out.json").read_bytes())["water"]["ph"] == 7.1
    assert front_door.main([*words, str(tmp_path / "out.csv"), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out.splitlines()[-1])["files"]) == 3
    assert (tmp_path / "out-bottles.csv").exists()
    assert front_door.main([*words, str(tmp_path / "out.docx")]) == 2
    assert ".geojson" in capsys.readouterr().err
    answers.write_text(json.dumps({"ph": "sour"}), encoding="utf-8")
    assert front_door.main([*words, str(tmp_path / "out.xml")]) == 1
    assert ">sour<" in (tmp_path / "out.xml").read_text(encoding="utf-8")
    answers.write_text("[]", encoding="utf-8")
    assert front_door.main([*words, str(tmp_path / "out.xml")]) == 2
