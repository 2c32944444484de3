"""Accounts of several roles, as the administrator opens them."""

from __future__ import annotations

from pathlib import Path

import pytest

from main import main
from models.errors import RuleBroken
from models.store.change import new_id
from models.store.signer import Signer
from sync.server import admin, people
from sync.server.central import Central
from sync.server.tables import Account

from .conftest import UNIT


def test_an_account_holds_several_roles_by_code_or_by_name(central: Central) -> None:
    for given in ("officer,dispatcher", "执法人员、调度员"):
        officer = admin.add_officer(central, "示例人", role=given, unit_code=UNIT)
        device = Signer.new()
        people.enrol(central, people.make_code(central, officer), device.public_key_der, "设备")
        caller = people.caller(central, device.device)
        assert caller.role == "officer,dispatcher"
        assert {"inspect", "dispatch"} <= caller.may


def test_no_account_is_opened_with_a_role_that_nobody_knows(central: Central) -> None:
    for record in ("", new_id()):
        with pytest.raises(RuleBroken):
            admin.add_officer(central, "示例人", role="officer,king", unit_code=UNIT, record=record)


def test_one_command_opens_an_account_of_several_roles(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "server"
    admin.init(folder, organisation="演示生态环境局", host="sync.example.cn")
    words = ["admin", "officer", str(folder), "示例人", "--unit", UNIT, "--role", "officer,dispatcher"]
    assert main(words) == 0
    capsys.readouterr()
    central = Central.open(folder)
    try:
        with central:
            assert [row.role for row in Account.select()] == ["officer,dispatcher"]
    finally:
        central.close()
