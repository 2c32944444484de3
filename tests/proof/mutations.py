"""Changed packages of every kind we could think of: by accident, by a stranger, by an insider with a key.

Each is made of a genuine package and a seed, so that one that was accepted can be had again.
"""

from __future__ import annotations

import base64
import hashlib
import io
import random
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field

from models.documents.stored_zip import Bytes, write_zip
from models.store import sealing
from models.store.digests import digests_of
from models.store.entry import hash_input
from models.store.signer import Signer
from sync import merkle
from sync.checkpoint import sign_checkpoint, signature_of
from sync.proof import layout
from sync.receipts import Receipt
from sync.server import certificates

Members = dict[str, bytes]


@dataclass
class Keys:
    """Whose hands a forger has."""

    device: Signer
    """The key that sealed: an insider's."""
    colleague: Signer
    """Another enrolled device's."""
    colleague_certificate: bytes
    other_packages: list[Members]
    """Genuine packages of other records, of the same device."""
    stranger: Signer = field(default_factory=Signer.new)


@dataclass(frozen=True)
class Mutant:
    """A changed package."""

    kind: str
    members: Members
    link: str = ""
    """A member that is to be a symbolic link when unpacked."""


# -- what a forger does ------------------------------------------------------------------------------------


def repacked(members: Members, signer: Signer) -> Members:
    """With manifests made anew, and signed by that key."""
    made = dict(members)
    payload = {name: digests_of(data) for name, data in made.items() if name.startswith("data/")}
    made[layout.MANIFEST] = layout.manifest({name: each.sha256 for name, each in payload.items()})
    made[layout.MANIFEST_SM3] = layout.manifest({name: each.sm3 for name, each in payload.items()})
    return retagged(made, signer)


def retagged(members: Members, signer: Signer) -> Members:
    """With the tag manifest made anew, and signed by that key."""
    made = dict(members)
    tags = {
        name: hashlib.sha256(data).hexdigest()
        for name, data in made.items()
        if not name.startswith("data/") and name not in (layout.TAGS, layout.TAGS_SIGNED)
    }
    made[layout.TAGS] = layout.manifest(tags)
    made[layout.TAGS_SIGNED] = signer.sign(made[layout.TAGS])
    return made


def resealed(members: Members, record: bytes, signer: Signer) -> Members:
    """With another record sealed in the place of the one that was, and all that follows from it."""
    made = dict(members)
    digest = hashlib.sha256(record).hexdigest()
    parts = members["seal.txt"].decode().split("/")
    parts[9] = sealing.base32(bytes.fromhex(digest))
    line = "/".join(parts)
    signature = signer.sign(line.encode())
    encoded = base64.urlsafe_b64encode(signature).decode().rstrip("=")
    covers = members["entry.body"].partition(b'"covers":')[2].partition(b"]")[0]
    made[layout.RECORD] = record
    made["seal.txt"], made["seal.sig"] = line.encode(), signature
    made["entry.body"] = (
        b'{"line":"' + line.encode() + b'","sig":"' + encoded.encode() + b'","covers":' + covers
        + b'],"bytes":"' + digest.encode() + b'"}'
    )  # fmt: skip
    return repacked(made, signer)


def carried(members: Members, device: str, seq: int, *, prev: bytes = bytes(32)) -> Members:
    """With the head of an entry that another chain brings to the server: its first home stands in it."""
    rest = members["entry.head"].partition(b'"q":')[2].partition(b",")[2]
    head = b'{"v":1,"d":"' + b"ab" * 16 + b'","q":77,' + rest[:-1] + link_of(device, seq)
    return members | {"entry.head": head, "entry.prev": prev}


def link_of(device: str, seq: int, proof: str = "") -> bytes:
    """The end of a head that names the first home of a carried entry."""
    return f',"o":{{"d":"{device}","q":{seq},"h":"{"0" * 64}","s":"AA-_"{proof}}}}}'.encode()


def altered_record(members: Members, chance: random.Random) -> bytes:
    """Another record, still in canonical form: one digit or sign of a text is another."""
    record = members[layout.RECORD]
    marks = [
        place for place in range(len(record)) if record[place : place + 1] in b"0123456789" and place > 200
    ]
    # not within hashes, ids and keys: what a person would want to change
    place = next(
        (each for each in chance.sample(marks, len(marks)) if b'"wall":' in record[max(0, each - 16) : each]),
        chance.choice(marks),
    )
    other = chance.choice([mark for mark in b"0123456789" if mark != record[place]])
    return record[:place] + bytes([other]) + record[place + 1 :]


def entry_hash(members: Members) -> bytes:
    prev, head, body = (members[f"entry.{part}"] for part in ("prev", "head", "body"))
    return hashlib.sha256(hash_input(prev, head, body)).digest()


def own_log(members: Members, signer: Signer) -> Members:
    """A log of one's own, of one entry, that holds the seal."""
    leaf = merkle.leaf_hash(entry_hash(members))
    note = sign_checkpoint(
        "sync.example.cn/log", 1, leaf, public_key=signer.public_key_der, sign=signer.sign,
        time_ms=1_795_400_000_000,
    ).note  # fmt: skip
    made = dict(members)
    made["log.tlog-proof"] = Receipt(1, entry_hash(members), (), note).as_tlog_proof().encode()
    made["checkpoint.txt"] = note.partition("\n\n")[0].encode() + b"\n"
    made["checkpoint.sig"] = signature_of(note, signer.public_key_der)
    return made


# -- kinds of change ---------------------------------------------------------------------------------------

Kind = Callable[[Members, Keys, random.Random], Mutant]
KINDS: list[Kind] = []
BY_INSIDER: list[Kind] = []


def kind(made: Callable[[Members, Keys, random.Random], Members]) -> Kind:
    def mutant(members: Members, keys: Keys, chance: random.Random) -> Mutant:
        return Mutant(made.__name__, made(members, keys, chance))

    mutant.__name__ = made.__name__
    KINDS.append(mutant)
    return mutant


def _one(members: Members, chance: random.Random) -> str:
    return chance.choice(sorted(members))


def _flipped(data: bytes, chance: random.Random) -> bytes:
    if not data:
        return b"\0"
    place, bit = chance.randrange(len(data)), 1 << chance.randrange(8)
    return data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]


@kind
def bit_flip(members: Members, keys: Keys, chance: random.Random) -> Members:
    name = _one(members, chance)
    return members | {name: _flipped(members[name], chance)}


@kind
def truncation(members: Members, keys: Keys, chance: random.Random) -> Members:
    name = _one(members, chance)
    return members | {name: members[name][: chance.randrange(max(1, len(members[name])))]}


@kind
def appended(members: Members, keys: Keys, chance: random.Random) -> Members:
    name = _one(members, chance)
    return members | {name: members[name] + chance.choice([b"\n", b" ", b"\0", b"x" * 40])}


@kind
def deletion(members: Members, keys: Keys, chance: random.Random) -> Members:
    gone = _one(members, chance)
    return {name: data for name, data in members.items() if name != gone}


@kind
def swap(members: Members, keys: Keys, chance: random.Random) -> Members:
    pairs = [(a, b) for a in members for b in members if a < b and members[a] != members[b]]
    one, other = chance.choice(pairs)
    return members | {one: members[other], other: members[one]}


@kind
def swap_between_packages(members: Members, keys: Keys, chance: random.Random) -> Members:
    other = chance.choice([each for each in keys.other_packages if each["seal.txt"] != members["seal.txt"]])
    names = [name for name in members if name in other and members[name] != other[name]]
    some = chance.sample(names, chance.randrange(1, max(2, len(names) // 2)))
    return members | {name: other[name] for name in some}


@kind
def extra_file(members: Members, keys: Keys, chance: random.Random) -> Members:
    name = chance.choice(
        ["data/e999.jpg", "data/photo.exe", "readme.txt", "data/record.json.bak", "seal.sm2.sig", ".hidden",
         "data/.x", "device.pub", "log2.crt", "data/E000.JPG", "data/e000.jpg ", "CON.txt",
         "data/\x1b[2J.jpg"]
    )  # fmt: skip
    return members | {name: chance.choice([b"", b"x", members["seal.txt"]])}


@kind
def forged_manifests(members: Members, keys: Keys, chance: random.Random) -> Members:
    """Manifests fit again; nobody's key signs them."""
    name = chance.choice([each for each in sorted(members) if each.startswith("data/")])
    made = repacked(members | {name: _flipped(members[name], chance)}, keys.stranger)
    return made | {layout.TAGS_SIGNED: members[layout.TAGS_SIGNED]}


@kind
def signed_by_another_key(members: Members, keys: Keys, chance: random.Random) -> Members:
    record = altered_record(members, chance)
    return resealed(members, record, keys.stranger)


@kind
def own_certificate(members: Members, keys: Keys, chance: random.Random) -> Members:
    """An authority of one's own, that looks like the agency's."""
    authority = certificates.make_authority("演示生态环境局", 1_795_400_000_000)
    pem = certificates.certify(
        keys.stranger.public_key_der, device=keys.stranger.device, organisation="演示生态环境局",
        authority=authority, now_ms=1_795_400_000_000,
    ).encode()  # fmt: skip
    which = chance.choice([("device.crt", "package.crt"), ("package.crt",), ("device.crt",)])
    made = members | {name: pem for name in which if name in members}
    return resealed(made, altered_record(members, chance), keys.stranger)


@kind
def colleague_changes_a_record(members: Members, keys: Keys, chance: random.Random) -> Members:
    """An enrolled device packs what another sealed, with a change."""
    made = {name: data for name, data in members.items() if name not in ("package.crt", "package.pub")}
    made["package.crt"] = keys.colleague_certificate
    return repacked(made | {layout.RECORD: altered_record(members, chance)}, keys.colleague)


@kind
def colleague_seals_in_anothers_name(members: Members, keys: Keys, chance: random.Random) -> Members:
    made = resealed(members, altered_record(members, chance), keys.colleague)
    names = {"package.crt", "package.pub"}
    if chance.random() < 0.5:
        names |= {"device.crt", "device.pub"}
    made = {name: data for name, data in made.items() if name not in names}
    made["package.crt"] = keys.colleague_certificate
    if "device.crt" in names:
        made["device.crt"] = keys.colleague_certificate
    return retagged(made, keys.colleague)


def link(members: Members, keys: Keys, chance: random.Random) -> Mutant:
    """A member is a symbolic link: the members stay what they are."""
    return Mutant("link", members, _one(members, chance))


KINDS.append(link)


def insider(made: Callable[[Members, Keys, random.Random], Members]) -> Kind:
    """A kind of change by who holds the key that sealed; the tag manifest is theirs to sign."""
    found = kind(made)
    KINDS.remove(found)
    BY_INSIDER.append(found)
    return found


@insider
def insider_changes_a_logged_record(members: Members, keys: Keys, chance: random.Random) -> Members:
    return resealed(members, altered_record(members, chance), keys.device)


@insider
def insider_as_the_log(members: Members, keys: Keys, chance: random.Random) -> Members:
    """A device's certificate in the place of the log's."""
    made = resealed(members, altered_record(members, chance), keys.device)
    signer, pem = chance.choice(
        [(keys.device, members["device.crt"]), (keys.colleague, keys.colleague_certificate)]
    )
    return retagged(own_log(made, signer) | {"log.crt": pem}, keys.device)


@insider
def insider_with_a_log_of_nobody(members: Members, keys: Keys, chance: random.Random) -> Members:
    made = resealed(members, altered_record(members, chance), keys.device)
    return retagged(own_log(made, keys.stranger), keys.device)


@insider
def insider_bends_the_proof(members: Members, keys: Keys, chance: random.Random) -> Members:
    proof = members["log.tlog-proof"].decode()
    head, _, note = proof.partition("\n\n")
    magic, index, *path = head.split("\n")
    number = int(index.split()[1])
    bent = chance.randrange(6)
    if bent == 0:
        index = f"index {number + chance.choice([-1, 1, 2, 1 << 20])}"
    elif bent == 1 and path:
        path.pop(chance.randrange(len(path)))
    elif bent == 2:
        path.insert(chance.randrange(len(path) + 1), base64.b64encode(chance.randbytes(32)).decode())
    elif bent == 3 and len(path) > 1:
        path.reverse()
    elif bent == 4 and path:
        path[-1] = base64.b64encode(chance.randbytes(32)).decode()
    else:
        index = f"index 0{number}"
    made = members | {"log.tlog-proof": ("\n".join([magic, index, *path]) + "\n\n" + note).encode()}
    return retagged(made, keys.device)


@insider
def insider_changes_the_log_entry(members: Members, keys: Keys, chance: random.Random) -> Members:
    name = chance.choice(["entry.prev", "entry.head", "entry.body"])
    return retagged(members | {name: _flipped(members[name], chance)}, keys.device)


@insider
def insider_names_another_checkpoint(members: Members, keys: Keys, chance: random.Random) -> Members:
    note = members["log.tlog-proof"].decode().partition("\n\n")[2].encode()
    later = [each["after.note"] for each in keys.other_packages if each.get("after.note")]
    wrong = [each for each in (note, *later) if each != members["after.note"]]
    return retagged(members | {"after.note": chance.choice(wrong)}, keys.device)


@insider
def insider_changes_the_evidence(members: Members, keys: Keys, chance: random.Random) -> Members:
    """Other photographs than the record names, more or fewer: the manifests fit."""
    photos = [name for name in sorted(members) if layout.EVIDENCE.fullmatch(name)]
    made = dict(members)
    how = chance.randrange(3) if photos else 1
    if how == 0:
        made[chance.choice(photos)] = b"another photograph"
    elif how == 1:
        made[f"data/e{len(photos):03d}.jpg"] = b"one more"
    else:
        del made[chance.choice(photos)]
    return repacked(made, keys.device)


@insider
def insider_bends_a_manifest(members: Members, keys: Keys, chance: random.Random) -> Members:
    """Lines twice, out of order, in capitals, with other line ends, of files elsewhere."""
    name = chance.choice([layout.MANIFEST, layout.MANIFEST_SM3, layout.TAGS])
    lines = members[name].decode().split("\n")[:-1]
    bent = chance.randrange(7)
    if bent == 0:
        lines.append(lines[0])
    elif bent == 1 and len(lines) > 1:
        lines.reverse()
    elif bent == 2:
        lines[0] = lines[0][:64].upper() + lines[0][64:] if lines[0][:64].upper() != lines[0][:64] else ""
    elif bent == 3:
        lines[0] += "\r"
    elif bent == 4:
        lines.append(f"{hashlib.sha256(b'').hexdigest()}  /dev/null")
    elif bent == 5:
        lines[0] = "\ufeff" + lines[0]
    else:
        lines.append(f"{hashlib.sha256(b'').hexdigest()}  ../../x")
    made = members | {name: ("\n".join(lines) + "\n").encode()}
    if name == layout.TAGS:
        return made | {layout.TAGS_SIGNED: keys.device.sign(made[name])}
    return retagged(made, keys.device)


@insider
def insider_seals_what_the_line_does_not_say(members: Members, keys: Keys, chance: random.Random) -> Members:
    """A seal whose number, place or count is not that of the record."""
    parts = members["seal.txt"].decode().split("/")
    which = chance.choice([4, 7, 8, 10])
    other = {4: parts[4] + "1", 7: str(int(parts[7]) + 1), 8: str(int(parts[8]) + 1), 10: "A" * 13}
    parts[which] = other[which]
    line = "/".join(parts).encode()
    signature = keys.device.sign(line)
    encoded = base64.urlsafe_b64encode(signature).rstrip(b"=")
    body = members["entry.body"].partition(b'","covers":')[2]
    made = members | {"seal.txt": line, "seal.sig": signature}
    made["entry.body"] = b'{"line":"' + line + b'","sig":"' + encoded + b'","covers":' + body
    return retagged(made, keys.device)


def mutant(members: Members, keys: Keys, seed: int) -> Mutant:
    """The changed package of a seed; of the kinds that its package allows for."""
    chance = random.Random(seed)
    kinds = KINDS + (BY_INSIDER if "log.tlog-proof" in members else [])
    made = kinds[seed % len(kinds)](members, keys, chance)
    return made if made.link or made.members != members else mutant(members, keys, seed + 1_000_003)


# -- the zip itself ----------------------------------------------------------------------------------------


def zipped(members: Members) -> bytes:
    """A package as we write it."""
    file = io.BytesIO()
    write_zip(file, {name: Bytes(data) for name, data in members.items()})
    return file.getvalue()


def bent_zip(members: Members, seed: int) -> tuple[str, bytes]:
    """A zip that is not the one we write of these members: how, and its bytes."""
    chance = random.Random(seed)
    whole = zipped(members)
    how = seed % 9
    if how == 0:
        return "flip", _flipped(whole, chance)
    if how == 1:
        return "cut", whole[: chance.randrange(len(whole))]
    if how == 2:
        return "appended", whole + chance.randbytes(chance.randrange(1, 64))
    if how == 3:
        return "prepended", chance.randbytes(chance.randrange(1, 64)) + whole
    if how == 4:  # the directory says another size, place or count
        place = len(whole) - 22 + chance.choice([8, 10, 12, 16])
        return "end", whole[:place] + struct.pack("<H", chance.randrange(65536)) + whole[place + 2 :]
    file = io.BytesIO()
    names = sorted(members)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if how == 5 else zipfile.ZIP_STORED) as archive:
        for name in names if how != 6 else reversed(names):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = archive.compression
            info.external_attr = (0o120777 if how == 7 and name == names[0] else 0o100644) << 16
            archive.writestr(info, members[name])
        if how == 8:
            import warnings

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                archive.writestr(zipfile.ZipInfo(chance.choice(names), (1980, 1, 1, 0, 0, 0)), b"other")
    return {5: "deflated", 6: "order", 7: "link", 8: "twice"}[how], file.getvalue()
