"""The bureau's own packs replace facts of ours, key by key; a broken one is named and ours stay in use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest

from models.cases.damage import stages
from models.content import PACKS, use_content
from models.errors import BadInput
from models.law.bases import use_packs
from models.law.deadlines import limit, work_calendar
from models.law.parameters import parameter


@pytest.fixture(autouse=True)
def ours_again() -> Iterator[None]:
    """No pack outlives its test."""
    yield
    use_packs()
    for module, name in PACKS:
        getattr(import_module(module), name).use()


def pack(home: Path, name: str, text: str) -> None:
    folder = home / "packs"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_without_a_folder_nothing_changes(tmp_path: Path):
    assert not use_content(tmp_path)


@pytest.mark.requirement("R032", "R088")
def test_limits_parameters_holidays_and_papers_of_the_bureau_replace_ours(tmp_path: Path):
    pack(
        tmp_path,
        "deadlines.toml",
        '[limits.clue_check]\nzh = "核查"\n[[limits.clue_check.versions]]\namount = 20\nkind = "days"\n'
        'basis = "漳环〔2027〕1号"\nmark = "S"\n',
    )
    pack(tmp_path, "parameters.toml", "[meetings_most]\n[[meetings_most.versions]]\nvalue = 5\n")
    pack(tmp_path, "holidays.toml", '[2027]\noff = ["2027-01-01"]\non = []\n')
    pack(
        tmp_path,
        "stages.toml",
        '[steps.investigation]\npapers = [["start_approval"], ["procuratorate_notice"]]\n',
    )
    assert use_content(tmp_path)
    on = date(2027, 1, 4)
    assert limit("clue_check", on).amount == 20
    assert limit("consultation", on).amount == 90
    assert parameter("meetings_most", on).value == 5
    assert not work_calendar().is_worked(date(2027, 1, 1))
    assert stages.required("investigation") == (("start_approval",), ("procuratorate_notice",))
    assert len(stages.stages()) == 8


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deadlines.toml", "[limits.clue_check]\n"),
        ("parameters.toml", "[meetings_most]\n[[meetings_most.versions]]\nvalue = -1\n"),
        ("holidays.toml", '[2027]\noff = ["soon"]\n'),
        ("stages.toml", '[steps.investigation]\npapers = [["a_poem"]]\n'),
        ("start_evidence.toml", '[[evidence]]\nkey = "x"\nzh = "x"\nen = "x"\nhas = ["nothing"]\n'),
        ("stages.toml", "not toml"),
    ],
)
def test_a_broken_pack_is_named_and_ours_stays(tmp_path: Path, name: str, text: str):
    pack(tmp_path, name, text)
    with pytest.raises(BadInput, match=name):
        use_content(tmp_path)
    assert limit("clue_check", date(2026, 1, 1)).amount == 30
    assert stages.required("investigation") == (("start_approval",),)
