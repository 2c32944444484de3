"""How far the devices have given back what a restore lost: who has reconciled with this life of the log."""

from __future__ import annotations

from typing import Any

from peewee import fn

from models.language import N_, translate
from sync.server.central import Central
from sync.server.tables import Device, Healed

RETURNING = N_(
    "Revocations and grants made after the backup come back with the first notebooks; "
    "revoke again now what cannot wait."
)


def note(central: Central, device: str) -> None:
    """A device goes on from the end that both logs have in common."""
    with central.writing():
        Healed.insert(
            epoch=central.epoch, device=device, at=central.clock.wall_ms()
        ).on_conflict_ignore().execute()


def gave_back(central: Central, device: str, stored: int) -> None:
    """A device gave back so many entries of others."""
    with central.writing():
        Healed.update(given_back=Healed.given_back + stored).where(
            (Healed.epoch == central.epoch) & (Healed.device == device)
        ).execute()


def is_settled(central: Central) -> bool:
    """Whether no device is still to come since a restore, or there was none."""
    return "note" not in standing(central).get("restored", {})


def standing(central: Central) -> dict[str, Any]:
    """After a restore: how many devices that may send have not come since, and what the others gave back.

    While any has not, a sentence says that what the administrator did after the backup may not be back.

    Empty for a log in its first life.
    """
    began = int(central.latest("epoch_began") or 0)
    if not began:
        return {}
    with central:
        came = Healed.select(Healed.device).where(Healed.epoch == central.epoch)
        # who was enrolled since has seen no other life
        before = (Device.enrolled_at < began) & Device.revoked_at.is_null()
        waiting = Device.select(fn.COUNT(Device.id)).where(before & Device.id.not_in(came)).scalar()
        given = Healed.select(fn.COALESCE(fn.SUM(Healed.given_back), 0)).where(Healed.epoch == central.epoch)
        healed = {"since": began, "devices_to_come": int(waiting), "given_back": int(given.scalar())}
    return {"restored": healed | ({"note": translate(RETURNING)} if waiting else {})}
