"""The child process that reads pictures: started as a file by `photo.PhotoReader`, imports none of ours.

Reads requests from stdin and answers on stdout, one after the other. A request is one line of JSON,
`{"do": "facts"|"thumbnail", "size": bytes, "edge": pixels}`, and then the picture; an answer is one line
of JSON with `bytes`, and then so many bytes. Everything a picture says is passed on as text: judging it
is the parent's.
"""

from __future__ import annotations

import io
import json
import os
import sys
import warnings
from typing import Any

from PIL import (
    ExifTags,
    Image,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")
MOST_PIXELS = 100_000_000
MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 10
_LONGEST_TEXT = 400

_PLUGINS = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)

_TEXTS = {
    "make": (None, ExifTags.Base.Make),
    "model": (None, ExifTags.Base.Model),
    "changed": (None, ExifTags.Base.DateTime),
    "taken": (ExifTags.IFD.Exif, ExifTags.Base.DateTimeOriginal),
    "digitised": (ExifTags.IFD.Exif, ExifTags.Base.DateTimeDigitized),
    "offset": (ExifTags.IFD.Exif, ExifTags.Base.OffsetTimeOriginal),
    "latitude": (ExifTags.IFD.GPSInfo, ExifTags.GPS.GPSLatitude),
    "latitude_ref": (ExifTags.IFD.GPSInfo, ExifTags.GPS.GPSLatitudeRef),
    "longitude": (ExifTags.IFD.GPSInfo, ExifTags.GPS.GPSLongitude),
    "longitude_ref": (ExifTags.IFD.GPSInfo, ExifTags.GPS.GPSLongitudeRef),
    "altitude": (ExifTags.IFD.GPSInfo, ExifTags.GPS.GPSAltitude),
    "altitude_ref": (ExifTags.IFD.GPSInfo, ExifTags.GPS.GPSAltitudeRef),
}


def main() -> None:
    """Answer until stdin ends."""
    limit_once()
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while line := requests.readline(4096):
        limit_next()
        request = json.loads(line)
        answer, payload, last = _answer(request, requests.read(request["size"]))
        answers.write(json.dumps({**answer, "bytes": len(payload)}).encode() + b"\n" + payload)
        answers.flush()
        if last:
            return


def limit_once() -> None:
    """Memory, no core dump and no files, where the system has such limits (Windows has not)."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":  # elsewhere the limit is refused or not kept
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def limit_next() -> None:
    """Ten more seconds of processor time, for the next picture only; then the system ends this process."""
    try:
        import resource
    except ImportError:
        return
    used = sum(os.times()[:2])
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + CPU_SECONDS, most))


def _answer(request: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes, bool]:
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if request["do"] == "thumbnail":
                return {}, thumbnail(image, request["edge"]), False
            return facts(image), b"", False
    except MemoryError:
        return {"error": "memory"}, b"", True
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return {"error": "pixels"}, b"", False
    except Exception:  # a broken picture makes Pillow raise nearly anything
        return {"error": "unreadable"}, b"", False


def facts(image: Image.Image) -> dict[str, Any]:
    """Size, format and the EXIF texts; nothing of the picture itself is decoded."""
    said: dict[str, str] = {}
    broken = False
    try:
        exif = image.getexif()
        for name, (folder, tag) in _TEXTS.items():
            value = exif.get(tag) if folder is None else exif.get_ifd(folder).get(tag)
            if value is not None:
                said[name] = _text(value)
    except MemoryError:
        raise
    except Exception:
        broken = True
    kind = "JPEG" if image.format == "MPO" else image.format
    return {"width": image.width, "height": image.height, "format": kind, "said": said, "broken": broken}


def _text(value: object) -> str:
    """Rationals as `n/d`, several values with spaces between; bytes as numbers."""
    if isinstance(value, TiffImagePlugin.IFDRational):
        text = f"{value.numerator}/{value.denominator}"
    elif isinstance(value, bytes):
        text = " ".join(str(byte) for byte in value[:16])
    elif isinstance(value, tuple | list):
        text = " ".join(_text(one) for one in value[:16])
    else:
        text = str(value)
    return text[:_LONGEST_TEXT]


def thumbnail(image: Image.Image, edge: int) -> bytes:
    """A JPEG within edge x edge pixels, upright, on white, without any of the original's EXIF."""
    image.draft("RGB", (edge, edge))
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((edge, edge))
    if "A" in upright.getbands() or "transparency" in upright.info:
        upright = upright.convert("RGBA")
        ground = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(ground, upright)
    target = io.BytesIO()
    plain = Image.new("RGB", upright.size)
    plain.paste(upright.convert("RGB"))
    plain.save(target, "JPEG", quality=80)
    return target.getvalue()


if __name__ == "__main__":
    main()
