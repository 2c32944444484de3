"""The laptop's own addresses in local networks, found without sending a single packet."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
from ipaddress import IPv4Address, IPv4Network

PRIVATE = tuple(IPv4Network(net) for net in ("192.168.0.0/16", "172.16.0.0/12", "10.0.0.0/8"))
"""RFC 1918: the networks of hotspots and offices. Never an address that the internet reaches."""
LINK_LOCAL = IPv4Network("169.254.0.0/16")
"""RFC 3927: a cable between two devices."""

# connecting a UDP socket sends nothing: it only asks the routing table which address of ours would be used
_ASKED = (
    "192.168.43.1",
    "172.20.10.1",
    "192.168.137.1",
    "192.168.49.1",
    "192.168.1.1",
    "172.16.0.1",
    "10.0.0.1",
)
"""Hotspots of Android, iOS and Windows, Wi-Fi Direct, and one of each private network."""
_VIRTUAL = (
    "docker",
    "br-",
    "veth",
    "virbr",
    "vmnet",
    "vboxnet",
    "tun",
    "tap",
    "utun",
    "wg",
    "zt",
    "ppp",
    "tailscale",
)


def addresses() -> list[str]:
    """This laptop's IPv4 addresses in local networks, the likeliest way to a phone first; may be empty."""
    found = dict.fromkeys([*(pair[1] for pair in sorted(_of_interfaces(), key=_is_virtual)), *_by_routes()])
    return sorted((each for each in found if rank(each) is not None), key=lambda each: rank(each) or 0)


def rank(address: str) -> int | None:
    """0 for a private address, 1 for a link-local one, None for any that is not to be listened on."""
    try:
        parsed = IPv4Address(address)
    except ValueError:
        return None
    if any(parsed in net for net in PRIVATE):
        return 0
    return 1 if parsed in LINK_LOCAL else None


def _is_virtual(pair: tuple[str, str]) -> bool:
    return pair[0].startswith(_VIRTUAL)


def _by_routes() -> list[str]:
    found = []
    for asked in _ASKED:
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((asked, 9))
            found.append(str(probe.getsockname()[0]))
    return found


def _of_interfaces() -> list[tuple[str, str]]:
    """Name and address of each network interface; Linux only, elsewhere the routes must do."""
    if not sys.platform.startswith("linux"):
        return []
    import fcntl

    found = []
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            with contextlib.suppress(OSError):  # it has no IPv4 address
                asked = struct.pack("256s", name.encode()[:15])
                told = fcntl.ioctl(probe.fileno(), 0x8915, asked)  # SIOCGIFADDR
                found.append((name, socket.inet_ntoa(told[20:24])))
    return found
