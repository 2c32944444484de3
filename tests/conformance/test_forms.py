"""XLSForms and XForms with what ODK's documents say of their behaviour: each is loaded, filled and exported.

Beside each form stands NAME.toml: `properties` of device and user, `last_saved` (the answers before these),
`needs` (what the program cannot do yet), and steps. A step does one thing (`set` paths to values in their
order, `add` or `remove` rounds, `language`, `finish`) and says under `expect` what each path is then, with
the clause that it follows from in `source`.
"""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from models.errors import BadInput
from models.forms.export import files
from models.forms.filling import Filling
from models.forms.load import load
from tests.models.forms.conftest import NOON

FOLDER = Path(__file__).parent / "forms"
SCRIPTS = sorted(FOLDER.glob("*.toml"))

WAYS = {
    "value": Filling.value,
    "relevant": Filling.visible,
    "required": Filling.required,
    "read_only": Filling.read_only,
    "label": Filling.label,
    "hint": Filling.hint,
    "valid": lambda filling, path: path not in wrong(filling),
    "message": lambda filling, path: wrong(filling).get(path),
    "rounds": lambda filling, path: len(filling.rounds(path)),
    "choices": lambda filling, path: [choice.value for choice in filling.choices(path)],
    "choice_labels": lambda filling, path: [
        filling.choice_label(path, choice.value) for choice in filling.choices(path)
    ],
    "kind": lambda filling, path: filling.field(path).kind,
    "type": lambda filling, path: filling.field(path).type,
    "appearance": lambda filling, path: filling.field(path).appearance,
    "parameters": lambda filling, path: dict(filling.field(path).parameters),
    "marks": lambda filling, path: dict(filling.field(path).marks),
    "settable": lambda filling, path: is_settable(filling, path),
    "exists": lambda filling, path: path in filling.paths(),
}
"""What a script may say of a path."""


def wrong(filling: Filling) -> dict[str, str]:
    """Wrong and missing answers by path."""
    return {each.path: each.message for each in filling.missing()} | filling.errors()


def is_settable(filling: Filling, path: str) -> bool:
    try:
        filling.set(path, filling.value(path))
    except BadInput:
        return False
    return True


def form_file(script: Path) -> Path:
    (found,) = (
        file
        for suffix in (".md", ".xlsx", ".xml")
        if (file := script.with_name(script.stem + suffix)).exists()
    )
    return found


def cases() -> list[Any]:
    found = []
    for script in SCRIPTS:
        needs = tomllib.loads(script.read_text(encoding="utf-8")).get("needs")
        marks = [pytest.mark.xfail(reason=f"needs {needs}", strict=False)] if needs else []
        found.append(pytest.param(script, id=script.stem, marks=marks))
    return found


def do(filling: Filling, step: dict[str, Any]) -> None:
    for path, value in step.get("set", {}).items():
        filling.set(path, value)
    for path in step.get("add", []):
        filling.add(path)
    for path in step.get("remove", []):
        filling.remove(path)
    if "language" in step:
        filling.language = step["language"]
    if step.get("finish"):
        filling.finish()


@pytest.mark.parametrize("script", cases())
def test_a_form_behaves_as_its_standard_says(script: Path, tmp_path: Path) -> None:
    told = tomllib.loads(script.read_text(encoding="utf-8"))
    form = load(form_file(script))
    facts = {"id": form.id, "title": form.title, "version": form.version, "languages": list(form.languages)}
    assert {key: facts[key] for key in told.get("form", {})} == told.get("form", {})
    assert [problem.text() for problem in form.problems] == []
    filling = Filling(
        form, clock=lambda: NOON, properties=told.get("properties"), last_saved=told.get("last_saved")
    )
    for number, step in enumerate(told["step"], 1):
        do(filling, step)
        for path, expected in step["expect"].items():
            full = path if path.startswith("/") else form.names[path][0]
            found = {key: WAYS[key](filling, full) for key in expected}
            assert found == expected, f"step {number}, {path}: {step['source']}"
    assert [problem.text() for problem in filling.problems()] == []
    exports(filling, tmp_path)


def exports(filling: Filling, folder: Path) -> None:
    """All four ways out work, and the submission holds just what is relevant."""
    made = {
        file.name: data
        for suffix in (".xml", ".json", ".csv", ".geojson")
        for file, data in files(filling, folder / f"out{suffix}").items()
    }
    root = ElementTree.fromstring(made["out.xml"])
    meta = f"/{filling.form.root.name}/meta/instanceID"
    given = [(field_of(path), text) for path, text in filling.answers(relevant_only=True).items()]
    outer = f"/{filling.form.root.name}"
    named = {f"{outer}/@id", f"{outer}/@version"}
    found = [each for each in attributes(root, outer) if each[0] not in named] + list(leaves(root, outer))
    assert [each for each in found if each[0] != meta] == [each for each in given if each[0] != meta]
    assert [text for path, text in found if path == meta]
    assert "__id" in json.loads(made["out.json"])
    assert json.loads(made["out.geojson"])["type"] == "FeatureCollection"
    for name, data in made.items():
        if name.endswith(".csv"):
            widths = {len(row) for row in csv.reader(io.StringIO(data.decode(), newline=""))}
            assert len(widths) == 1, name


def field_of(path: str) -> str:
    """A path without the numbers of rounds."""
    return "/".join(part.partition("[")[0] for part in path.split("/"))


def leaves(element: ElementTree.Element, path: str) -> Iterator[tuple[str, str]]:
    """The fields, their attributes and answers of a submission, in document order."""
    for child in element:
        inner = f"{path}/{child.tag}"
        if child.text:
            yield inner, child.text
        yield from attributes(child, inner)
        yield from leaves(child, inner)


def attributes(element: ElementTree.Element, path: str) -> Iterator[tuple[str, str]]:
    """The attributes of an element that are not blank."""
    return ((f"{path}/@{key.rpartition('}')[2]}", text) for key, text in element.items() if text)


def test_every_script_has_its_form_and_names_its_sources() -> None:
    scripts = [tomllib.loads(script.read_text(encoding="utf-8")) for script in SCRIPTS]
    assert len(scripts) >= 40
    for script, told in zip(SCRIPTS, scripts, strict=True):
        assert form_file(script)
        assert all(step["source"] and step["expect"] for step in told["step"]), script.name


TYPES = """
text integer decimal range select_one select_multiple select_one_from_file select_multiple_from_file rank note
geopoint geotrace geoshape date time dateTime image audio background-audio video file barcode calculate
acknowledge trigger hidden xml-external csv-external start end today deviceid username phonenumber email audit
begin_group end_group begin_repeat end_repeat or_other
"""
COLUMNS = """
label::中文 hint guidance_hint constraint constraint_message required required_message relevant default
read_only calculation appearance parameters choice_filter repeat_count trigger media::image media::audio
body:: bind:: instance:: form_title form_id version instance_name default_language public_key submission_url
style allow_choice_duplicates namespaces save_to create_if update_if entity_id
"""


def test_between_them_the_forms_use_every_type_and_column() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in FOLDER.glob("*.md"))
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in text.splitlines()]
    words = {word for row in rows if row for word in row[0].split()}
    cells = [cell for row in rows for cell in row]
    assert [each for each in TYPES.split() if each not in words] == []
    assert [each for each in COLUMNS.split() if not any(cell.startswith(each) for cell in cells)] == []
