"""Photos made for the demo and the tests: real JPEGs with real EXIF, of nothing that exists."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image, ImageFont

_FONTS = (
    "NotoSansCJK-Regular.ttc",
    "NotoSerifCJK-Regular.ttc",
    "wqy-microhei.ttc",
    "msyh.ttc",
    "PingFang.ttc",
)


def jpeg_with_exif(
    path: Path,
    *,
    taken: datetime | str | None = None,
    gps: tuple[float, float] | None = None,
    absurd: bool = False,
    size: tuple[int, int] = (1600, 1200),
    text: str = "",
    offset: str | None = "+08:00",
    camera: tuple[str, str] = ("QINGCHA", "SAMPLE"),
) -> Path:
    """Write a photo and give its path back.

    Args:
        path: where to; an existing file is replaced.
        taken: the wall clock of the camera, whatever its tzinfo; a str goes in as it is.
        gps: latitude and longitude in degrees, any numbers.
        absurd: a latitude of 200, a time without digits that mean anything; overrides both.
        size: in pixels.
        text: drawn into the picture, so that two photos differ.
        offset: the camera's offset from UTC; None for a camera that does not say.
        camera: maker and model.
    """
    if absurd:
        taken, gps = "0000:00:00 00:00:00", (200.0, 400.0)
    image = _picture(size, text)
    image.save(path, "JPEG", quality=85, exif=_exif(taken, gps, offset, camera))
    return path


def _exif(
    taken: datetime | str | None, gps: tuple[float, float] | None, offset: str | None, camera: tuple[str, str]
) -> Image.Exif:
    from PIL import ExifTags, Image

    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = camera
    if taken is not None:
        moment = taken if isinstance(taken, str) else taken.strftime("%Y:%m:%d %H:%M:%S")
        exif[ExifTags.Base.DateTime] = moment
        details = exif.get_ifd(ExifTags.IFD.Exif)
        details[ExifTags.Base.DateTimeOriginal] = moment
        if offset is not None:
            details[ExifTags.Base.OffsetTimeOriginal] = offset
    if gps is not None:
        position = exif.get_ifd(ExifTags.IFD.GPSInfo)
        latitude, longitude = gps
        position[ExifTags.GPS.GPSLatitudeRef] = "N" if latitude >= 0 else "S"
        position[ExifTags.GPS.GPSLatitude] = _sexagesimal(latitude)
        position[ExifTags.GPS.GPSLongitudeRef] = "E" if longitude >= 0 else "W"
        position[ExifTags.GPS.GPSLongitude] = _sexagesimal(longitude)
    return exif


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    """Degrees, minutes and seconds as cameras write them."""
    thousandths = round(abs(degrees) * 3_600_000)
    return (thousandths // 3_600_000, thousandths // 60_000 % 60, thousandths % 60_000 / 1000)


def _picture(size: tuple[int, int], text: str) -> Image.Image:
    """A slope of two colours taken from the text, with the text on it."""
    from PIL import Image, ImageDraw

    tones = hashlib.sha256(text.encode()).digest()
    slope = Image.linear_gradient("L").resize(size)
    image = Image.composite(
        Image.new("RGB", size, tuple(tones[:3])), Image.new("RGB", size, tuple(tones[3:6])), slope
    )
    if text:
        font, drawable = _font(max(12, size[1] // 16), text)
        corner = (size[0] // 20, size[1] // 20)
        drawing = ImageDraw.Draw(image)
        drawing.multiline_text(corner, drawable, "white", font, stroke_width=2, stroke_fill="black")
    return image


def _font(height: int, text: str) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, str]:
    from PIL import ImageFont

    for name in _FONTS:
        try:
            return ImageFont.truetype(name, height), text
        except OSError:
            continue
    return ImageFont.load_default(height), text.encode("ascii", "replace").decode()
