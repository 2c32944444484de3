"""A damage case to make an exemplary case of, with people whose names must not get out."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from models.registry.rules import credit_check_character
from models.store.change import new_id, put
from models.store.notebook import Notebook

UNIT = "350602"
COMPANY = "漳州市芗城碧澄印染有限公司"
OWNER = "欧阳示例"
OWNER_PHONE = "13850501234"
NEIGHBOUR = "示例邻居甲"
CODE = "91350602MA0000003" + credit_check_character("91350602MA0000003")


@dataclass
class Played:
    """A case of 碧澄印染, agreed on 2021-08-01, and the people about it."""

    notebook: Notebook
    id: str
    clue: str
    head: str

    def write(self, kind: str, **fields: object) -> str:
        """A record of the case's unit as it is."""
        record = new_id()
        self.notebook.write(put(kind, record, UNIT, **fields))  # type: ignore[arg-type]
        return record


@pytest.fixture
def head(notebook: Notebook) -> str:
    """A head, who may approve."""
    record = new_id()
    notebook.write(put("officer", record, UNIT, name="负责人示例", role="lead", unit_code=UNIT))
    return record


@pytest.fixture
def played(notebook: Notebook, head: str) -> Played:
    """The case with clue, complainant, meeting, losses and steps."""
    played = Played(notebook, new_id(), new_id(), head)
    inspection = played.write(
        "inspection", site_name=COMPANY, contact_name="赵示例", contact_id_number="35060219800101123X"
    )
    played.write("complainant", of=inspection, name=NEIGHBOUR, contact="电话 0596-2021234")
    notebook.write(
        put(
            "clue",
            played.clue,
            UNIT,
            number="XS-1",
            source="complaint",
            description=f"{NEIGHBOUR}反映{COMPANY}夜间排放废水，联系人欧阳示例 138-5050-1234",
            party=COMPANY,
            received_on="2021-05-01",
            inspection=inspection,
        )
    )
    notebook.write(
        put(
            "damage_case",
            played.id,
            UNIT,
            number="SH-1",
            title=f"{COMPANY}废水污染案",
            clue=played.clue,
            party=COMPANY,
            party_code=CODE,
            party_person=OWNER,
            party_phone=OWNER_PHONE,
            party_address="漳州市芗城区示例路88号",
            place="九龙江西溪某段",
            act="碧澄印染公司通过暗管排放印染废水",
            method="experts",
            agreed_cents=12_345_600,
            lead_officer=notebook.person,
        )
    )
    for day, step in (
        ("2021-05-20", "start"),
        ("2021-05-21", "investigation"),
        ("2021-06-10", "assessment"),
        ("2021-07-01", "consultation"),
        ("2021-08-01", "agreement"),
    ):
        played.write("case_step", case=played.id, step=step, on=day)
    played.write(
        "meeting",
        case=played.id,
        count=1,
        held_on="2021-07-20",
        present="欧阳示例、李检察（检察官）",
        result="agreed",
    )
    played.write("loss", case=played.id, head="restoration", item="水体修复", cents=12_345_600)
    return played
