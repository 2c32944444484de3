"""What a visit's parts may be: closed lists with their names, record numbers, ids made from content."""

from __future__ import annotations

import hashlib

from models.language import N_

SOURCES = {
    "routine": N_("Routine"),
    "special": N_("Special campaign"),
    "complaint": N_("Complaint or report"),
    "assigned": N_("Assigned or passed on"),
    "after_permit": N_("Check after permit"),
    "patrol": N_("Patrol"),
}
"""Where an inspection comes from (检查来源), with their names; the six of the published checklist form."""
PLANNED = frozenset(
    [
        "number",
        "site",
        "site_name",
        "site_code",
        "place",
        "legal_person",
        "source",
        "first_officer",
        "second_officer",
        "recorder",
        "checklists",
        "state",
        "assigned",
        "due",
        "approval_number",
        "notice_number",
    ]
)
"""What an assignment may say of an inspection before its officers begin it; all else is theirs to write."""
RESULTS = {"ok": N_("No problem found"), "problem": N_("Problem found"), "na": N_("Not applicable")}
"""The three answers to an item: 未发现问题, 发现问题, 不涉及."""
STATES = {"draft": N_("Draft"), "ready": N_("Ready to seal"), "sealed": N_("Sealed")}
VERDICTS = {
    "ok": N_("Within the limit"),
    "over": N_("Over the limit"),
    "undecidable": N_("Cannot be decided"),
}
EVIDENCE_KINDS = {
    "documentary": N_("Documentary evidence"),
    "physical": N_("Physical evidence"),
    "audio_visual": N_("Audio-visual material"),
    "electronic": N_("Electronic data"),
    "witness": N_("Witness testimony"),
    "party": N_("Statement of the party"),
    "appraisal": N_("Expert opinion"),
    "record": N_("Inspection or on-site record"),
}
"""The eight kinds of 行政处罚法 art. 46."""
CUSTODY_ACTIONS = {
    "collected": N_("Collected"),
    "bagged": N_("Sealed in a bag"),
    "handed": N_("Handed over"),
    "received": N_("Taken over"),
    "opened": N_("Opened the bag"),
}
SIGNATURES = {"signed": N_("Signed"), "refused": N_("Refused to sign"), "absent": N_("Absent")}
AVOIDANCE = {"none": N_("Does not ask for withdrawal"), "asked": N_("Asks for withdrawal")}
SEVERITIES = {"normal": N_("Ordinary finding"), "key": N_("Key finding")}
STATEMENT_KINDS = {"party": N_("Statement of the party"), "witness": N_("Witness testimony")}
FORMS = {"original": N_("The original"), "copy": N_("Copy of the original")}

_SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "image/gif": ".gif",
    "image/tiff": ".tif",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/x-msvideo": ".avi",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/wav": ".wav",
    "audio/ogg": ".ogg",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "text/plain": ".txt",
}


def child_id(inspection: str, kind: str, key: str) -> str:
    """The id of a child of which an inspection has only one by this key, the same on every device.

    So two officers who answer one item offline write one record, and what differs is a conflict that is
    shown, not two silent answers. In UUIDv7 layout (RFC 9562): the inspection's time, then bits of a hash.
    """
    stamp = inspection.replace("-", "")[:12]
    bits = int(hashlib.sha256(f"{inspection}\0{kind}\0{key}".encode()).hexdigest()[:19], 16) >> 2
    tail = f"{bits:019x}"
    variant = "89ab"[bits & 3]
    return f"{stamp[:8]}-{stamp[8:12]}-7{tail[1:4]}-{variant}{tail[4:7]}-{tail[7:19]}"


def joined(checklists: str | tuple[str, ...] | list[str]) -> str:
    """Checklist codes as they are kept: "A,C,W", each once, in the order given."""
    parts = checklists.split(",") if isinstance(checklists, str) else checklists
    return ",".join(dict.fromkeys(part.strip().upper() for part in parts if part.strip()))


def media_type(start: bytes, name: str) -> str:
    """The media type of a file by its first 16 bytes, else by its name's ending, else octet-stream."""
    if start[4:8] == b"ftyp":
        brand = start[8:12]
        if brand in (b"heic", b"heix", b"mif1", b"msf1"):
            return "image/heic"
        if brand.startswith(b"M4A"):
            return "audio/mp4"
        return "video/quicktime" if brand == b"qt  " else "video/mp4"
    if start[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(
            start[8:12], "application/octet-stream"
        )
    for magic, media in _MAGIC:
        if start.startswith(magic):
            return media
    ending = name.rpartition(".")[2].casefold()
    by_name = {suffix[1:]: media for media, suffix in _SUFFIXES.items()}
    return by_name.get(
        {"jpeg": "jpg", "log": "txt", "csv": "txt"}.get(ending, ending), "application/octet-stream"
    )


_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"PK\x03\x04", "application/zip"),
)


def suffix_of(media: str | None) -> str:
    """The ending that a file of that media type gets from us; ".bin" for any other."""
    return _SUFFIXES.get(media or "", ".bin")
