"""The city's figures of 2021 come out of about fifty whole cases in the practice notebook, as of any day."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import models.areas  # noqa: F401
from models.cases.damage import queries as damage
from models.cases.damage import stages
from models.cases.damage.tables import DamageCase
from models.cases.flow import verbs
from models.cases.fund import queries as fund
from models.documents.verify import verify_text
from models.language import use_language
from models.outreach import queries as outreach
from models.oversight import dispatch
from models.oversight.figures import city_figures
from models.oversight.published import as_json
from models.registry.sealing import seal_of
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from sync.server.central import Central
from tui.demo.world import open_notebook

ROOT = Path(__file__).parents[2]
AS_OF = "2021-11-30"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home without anything: the command makes the demo there."""
    return tmp_path_factory.mktemp("city")


def report(home: Path, as_of: str) -> dict[str, Any]:
    """What `qingcha report city --demo --json` prints."""
    done = subprocess.run(
        [sys.executable, "main.py", "report", "city", "--demo", "--as-of", as_of, "--json"],
        cwd=ROOT,
        env={**os.environ, "QINGCHA_HOME": str(home), "QINGCHA_NO_KEYRING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def printed(home: Path) -> dict[str, Any]:
    """The figures as of 2021-11-30."""
    return report(home, AS_OF)


@pytest.fixture(scope="module")
def book(home: Path, printed: dict[str, Any]) -> Iterator[Notebook]:
    """The practice notebook that the command made."""
    use_language("zh")
    with open_notebook(home) as opened:
        yield opened


@pytest.mark.requirement("R002", "R003", "R004", "R005", "R006", "R007")
def test_the_published_figures_come_out_of_the_records(printed: dict[str, Any]):
    wanted = {
        "units": 16,
        "covered": 16,
        "started": 50,
        "done": 22,
        "done_rate": 0.44,
        "awaiting": 7,
        "other": 21,
        "bulletins": 8,
    }
    assert {name: printed[name] for name in wanted} == wanted
    assert printed["started"] == printed["done"] + printed["awaiting"] + printed["other"]
    assert len(printed["by_unit"]) == 16
    assert all(row["started"] >= 1 for row in printed["by_unit"])


@pytest.mark.requirement("R008", "R009", "R010", "R011", "R012")
def test_what_was_restored(printed: dict[str, Any]):
    restored = printed["restoration"]
    assert restored["fish_fry"] > 300_000
    assert restored["snails"] == 1_358_800
    assert restored["river_water_m3"] > 80_000
    assert restored["channel_m"] > 300
    assert restored["replanting_yuan"] > 100_000


@pytest.mark.requirement("R047", "R048", "R049", "R050", "R053", "R054", "R055")
def test_the_pool_and_the_bases(printed: dict[str, Any]):
    experts = printed["experts"]
    assert (experts["total"], experts["court"], experts["system"]) == (74, 43, 31)
    assert len(experts["fields"]) == 6
    assert all(count >= 1 for count in experts["fields"].values())
    assert printed["bases"] == {"fish_release_built": 8, "replanting_building": 2, "watershed": 1}


@pytest.mark.requirement("R001")
def test_other_days_give_other_figures(home: Path, book: Notebook):
    before, after = (
        as_json(city_figures(book, date.fromisoformat(day))) for day in ("2021-06-30", "2021-12-31")
    )
    assert (before["started"], before["done"], before["bulletins"]) == (18, 3, 3)
    assert after["done"] > 22
    assert after["restoration"]["fish_fry"] > before["restoration"]["fish_fry"]
    for figures in (before, after):
        assert figures["started"] == figures["done"] + figures["awaiting"] + figures["other"]


@pytest.mark.requirement("R077")
def test_the_education_base_counts_from_the_day_on_which_it_opened(book: Notebook):
    assert outreach.bases(book, date(2021, 12, 2)) == []
    (base,) = outreach.bases(book, date(2021, 12, 3))
    assert base.opened_on == "2021-12-03"


@pytest.mark.requirement("R019")
def test_the_eight_bulletins_are_sealed_and_say_what_was_known_then(home: Path, book: Notebook):
    for month in range(4, 12):
        paper = dispatch.paper(book, f"2021-{month:02d}")
        assert paper.issued_on
        assert seal_of(book, paper.id) is not None
    november = dispatch.paper(book, "2021-11")
    assert november.table["figures"]["started"] == 50
    assert november.table["figures"]["done"] == 22
    assert "完成率44%" in november.text
    with contextlib.closing(Central.open(home / "demo" / "server")) as central:
        key = {central.key_id: central.public_key_der}
    sealed = seal_of(book, november.id)
    assert sealed is not None
    assert verify_text(sealed.qr_text, key).genuine
    assert not verify_text(sealed.qr_text.replace("2021", "2022", 1), key).genuine


def test_whole_cases_stand_behind_the_figures(book: Notebook):
    with book:
        cases = list(DamageCase.select().where(DamageCase.voided.is_null()))
    started = damage.standings(book, date.fromisoformat(AS_OF))
    assert len(started) == 50
    for each in started:
        if each.at.done:
            kinds = {row.kind for row in damage.papers_of(book, each.case.id)}
            assert {
                "start_approval",
                "damage_report",
                "expert_opinion",
                "agreement",
                "closing_approval",
            } <= kinds
            assert damage.losses_of(book, each.case.id)
            assert damage.meetings_of(book, each.case.id)
        assert damage.progress_of(book, each.case.id).odd == ()
    with book:
        entries = EntryRow.select().where(EntryRow.record_kind == "case_step").count()
    assert entries > 400
    assert len(cases) > 50
    assert all(cents >= 0 for cents in fund.balances(book, date.fromisoformat(AS_OF)).values())


def test_a_case_that_changes_moves_the_figures(home: Path, book: Notebook):
    day = date.fromisoformat(AS_OF)
    before = as_json(city_figures(book, day))
    moved = next(
        each.case for each in damage.standings(book, day) if each.at.done and each.started_on < "2021-06-01"
    )
    last = stages.in_order(damage.steps(book, moved.id))[-1]
    assert last.step == "closed"
    verbs.withdraw_step(book, last.id, "演示：误录")
    after = as_json(city_figures(book, day))
    assert (after["done"], after["other"]) == (before["done"] - 1, before["other"] + 1)
    verbs.step(book, moved.id, "closed", on="2021-12-01")
    later = as_json(city_figures(book, date(2021, 12, 1)))
    assert as_json(city_figures(book, day))["done"] == 21
    assert later["done"] >= 22
