"""What an administrator gets wrong on the first day is told with what to do, and costs nothing."""

from __future__ import annotations

import stat
from contextlib import closing
from pathlib import Path

import pytest

from models.errors import BadInput, QingchaError, RuleBroken, StoreRefused
from models.registry import verbs
from models.store import backup
from models.store.change import put
from models.store.notebook import Notebook
from sync import outcome as says
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.outcome import SyncFailed
from sync.server import admin
from sync.server.central import Central
from sync.server.durable import declare
from sync.server.serve import serve
from sync.server.tables import UnitGrant
from sync.transport import HttpTransport

from .conftest import QUICK


def made(folder: Path) -> Path:
    Central.create(folder, organisation="示例局", host="sync.example.cn").close()
    return folder


def test_only_its_owner_reads_a_server_s_database(tmp_path: Path) -> None:
    folder = made(tmp_path / "server")
    with closing(Central.open(folder)) as central, central:
        pass
    for path in (folder, *(folder.glob("central.db*"))):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name


def test_a_server_is_no_backup_of_itself(tmp_path: Path) -> None:
    folder = made(tmp_path / "server")
    with pytest.raises(BadInput):
        declare(folder, folder.parent / "server")


@pytest.mark.parametrize("more", [{"port": 99_999}, {"metrics": "99999"}])
def test_a_port_that_is_none_is_refused(tmp_path: Path, more: dict[str, object]) -> None:
    folder = made(tmp_path / "server")
    with pytest.raises(QingchaError, match="99999"):
        serve(folder, **more)


def test_a_certificate_that_cannot_be_read_is_named_before_anything_listens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = made(tmp_path / "server")
    junk = tmp_path / "junk.pem"
    junk.write_text("no certificate", encoding="utf-8")
    for cert in (tmp_path / "nope.pem", junk):
        with pytest.raises(BadInput, match=cert.name):
            serve(folder, certfile=cert, keyfile=cert)
        with pytest.raises(BadInput, match=cert.name):
            HttpTransport(ServerAddress.parse("sync.example.cn", cert))
    assert capsys.readouterr().out == ""


def test_a_code_alone_asks_for_its_server(notebook: Notebook) -> None:
    with pytest.raises(SyncFailed) as failed:
        enrol(notebook, None, "ABCD-EFGH-JKLM")
    assert failed.value.msgid == says.NO_ADDRESS


def test_a_copy_that_the_disk_had_no_room_for_can_be_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "copy"
    target.mkdir()
    (target / ".central.db.new").write_bytes(b"half")
    (target / ".0123456789abcdef.tmp").write_bytes(b"half")
    folder = made(tmp_path / "server")
    backup.refuse_other(folder, target, same=False)
    (target / "somebody's.txt").write_bytes(b"x")
    with pytest.raises(BadInput, match=str(target)):
        backup.refuse_other(folder, target, same=False)
    with pytest.raises(StoreRefused, match="磁盘已满"), backup.told_of_disk():
        raise OSError(28, "No space left on device")


def test_units_that_are_none_are_not_granted(central: Central) -> None:
    officer = admin.add_officer(central, "执法员09", certificate="闽E350602009", unit_code="350602")
    for units, reading in ((["35602"], []), (["350602"], ["35060"]), (["350602"], ["350602"])):
        with pytest.raises(BadInput):
            admin.grant(central, officer, units, reading=reading)
    with pytest.raises(BadInput):
        admin.add_officer(central, "执法员10", units=["350699"], unit_code="350602")
    admin.grant(central, officer, ["芗城区"], reading=["龙文区"])
    with central:
        held = {row.unit: row.writes for row in UnitGrant.select().where(UnitGrant.officer == officer)}
    assert held == {"350602": True, "350603": False}


def test_who_is_in_the_register_already_gets_an_account(central: Central) -> None:
    """A notebook entered them on the spot, or they are there since before a restore."""
    entered = verbs.add_officer(central, "执法员06", certificate="闽E350602006", unit_code="350602")
    fields = {"certificate": "闽E350602006", "unit_code": "350602"}
    with pytest.raises(RuleBroken):
        admin.add_officer(central, "别人", **fields)
    assert admin.add_officer(central, "执法员06", **fields) == entered
    assert admin.code(central, "闽E350602006").code
    with pytest.raises(RuleBroken):
        admin.add_officer(central, "执法员06", **fields)


def test_a_person_with_an_account_gets_no_second_one_of_their_notebooks_record(
    central: Central, notebook: Notebook, address: ServerAddress
) -> None:
    fields = {"certificate": "闽E350602007", "unit_code": "350602"}
    account = admin.add_officer(central, "执法员07", **fields)
    notebook.write(put("officer", notebook.person, "350602", name="执法员07", **fields))
    enrol(notebook, address, admin.code(central, account).code, pace=QUICK)
    assert synchronise(notebook, pace=QUICK).ok
    with pytest.raises(RuleBroken):
        admin.add_officer(central, "执法员07", **fields)
    assert [each["officer"] for each in admin.accounts(central)] == [account]
