"""Who and where the demo is about: obviously made-up officers and enterprises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.registry.rules import credit_check_character

UNIT = "350602"
"""芗城区, where the demo's officers work."""
CITY = "350600"
"""The city itself, whose records (experts, bulletins, rounds) everybody reads."""
ORGANISATION = "漳州市生态环境局（演示）"


@dataclass(frozen=True, slots=True)
class DemoOfficer:
    """A person of the demo bureau."""

    name: str
    certificate: str
    role: str


OFFICERS = (
    DemoOfficer("执法员01", "闽E350602001", "officer,lead,dispatcher"),
    DemoOfficer("执法员02", "闽E350602002", "officer"),
    DemoOfficer("执法员03", "闽E350602003", "officer"),
    DemoOfficer("执法员04", "闽E350602004", "lead"),
    DemoOfficer("法制员01", "闽E350602011", "legal"),
    DemoOfficer("调度员01", "", "dispatcher"),
    DemoOfficer("网格员01", "", "grid_worker"),
)

_TRADES = (
    ("水产加工厂", "2", "3", "东环路"),
    ("罐头食品厂", "3", "3", "金峰路"),
    ("五金电镀厂", "1", "3", "北斗路"),
    ("印染厂", "1", "3", "石亭路"),
    ("纸制品厂", "2", "2", "浦南路"),
    ("混凝土搅拌站", "2", "3", "天宝路"),
    ("汽车修理厂", "3", "2", "胜利路"),
    ("家具厂", "3", "3", "芝山路"),
    ("饲料厂", "2", "3", "九龙路"),
    ("制药厂", "1", "2", "新华路"),
    ("钢琴配件厂", "3", "2", "丹霞路"),
    ("污水处理站", "1", "2", "江滨路"),
)


def credit_code(number: int) -> str:
    """A well-formed unified social credit code that no one holds (organisation part MA and seven digits)."""
    first = f"91{UNIT}MA{number:07d}"
    return first + credit_check_character(first)


def sites() -> list[dict[str, Any]]:
    """The enterprises of the demo, as fields of `registry.verbs.add_site`."""
    made = []
    for number in range(1, 25):
        trade, grade, zone, street = _TRADES[(number - 1) % len(_TRADES)]
        made.append(
            {
                "name": f"示例企业{number:02d}{trade}",
                "code": credit_code(number),
                "unit_code": UNIT,
                "address": f"芗城区{street}{number}号（演示）",
                "legal_person": f"法人{number:02d}",
                "contact": f"负责人{number:02d}",
                "phone": f"1380000{number:04d}",
                "latitude": f"24.{5000 + number * 37}",
                "longitude": f"117.{6100 + number * 29}",
                "permit_number": credit_code(number) + "001V" if number % 5 else "",
                "water_grade": grade,
                "noise_zone": zone,
            }
        )
    return made
