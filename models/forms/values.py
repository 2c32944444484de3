"""The values of an expression (text, number, truth, nodes) and how one becomes another.

XPath 1.0 §4 with the changes of the ODK XForms specification ("XPath Functions"): a node's value is text, a
field of type int or decimal counts as a number, text that is a date counts as days since 1970-01-01.
Numbers are Decimal, so 0.1 + 0.2 is 0.3 on an official record. Blank is the third value: blank text is "",
a blank number is NaN, and every comparison of size with a blank is false.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import ROUND_DOWN, ROUND_FLOOR, Context, Decimal

from models.forms.tree import Node

Scalar = str | Decimal | bool
Value = str | Decimal | bool | list[Node]

NUMBERS = Context(prec=34, Emin=-999_999, Emax=999_999, traps=[])
"""IEEE 754 decimal128's precision; nothing traps, a failed operation gives NaN or an infinity."""
NAN = Decimal("NaN")
_EPSILON = Decimal("1e-12")  # below this two numbers are equal, as in ODK Collect
_NUMERIC = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", re.ASCII)
_INTEGER = re.compile(r"-?[0-9]+", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?", re.ASCII)
_LOOSE_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})", re.ASCII)
_LOOSE_MOMENT = re.compile(r"(\d{4}\S*?)(?:日?\s+|日|T|t)(\d{1,2})(:\d{2}.*)", re.ASCII)
_EPOCH = date(1970, 1, 1)
_LONGEST_NUMBER = 200
_BLANKS = " \t\n\r"  # XML's; others are characters


def typed(node: Node) -> Scalar:
    """A node's value: blank while it is not relevant, a number where its type is one."""
    if not node.relevant:
        return ""
    text = node.text
    if text and node.numeric and len(text) <= _LONGEST_NUMBER and _NUMERIC.fullmatch(text):
        return Decimal(text)
    return text


def scalar(value: Value) -> Scalar:
    """The value itself, or that of the first node; no node is blank."""
    if isinstance(value, list):
        return typed(value[0]) if value else ""
    return value


def to_number(value: Value) -> Decimal:
    """Days since 1970-01-01 for a date, NaN for what is no number."""
    value = scalar(value)
    if isinstance(value, bool):
        return Decimal(int(value))
    if isinstance(value, Decimal):
        return value
    text = value.strip(_BLANKS)
    if len(text) > _LONGEST_NUMBER:
        return NAN
    if _NUMERIC.fullmatch(text):
        return NUMBERS.create_decimal(text)
    if len(text) >= 8 and text[:4].isdigit():
        moment = read_moment(text)
        if moment is not None:
            return days(moment)
    return NAN


def to_text(value: Value) -> str:
    """XPath's string(): whole numbers without a point, no exponent, at most a double's digits."""
    value = scalar(value)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value.is_nan():
        return "NaN"
    if value.is_infinite():
        return "-Infinity" if value < 0 else "Infinity"
    if abs(value) < _EPSILON:
        return "0"
    if (
        int(value.as_tuple().exponent) < -12
        and abs(value - (whole := value.to_integral_value(ROUND_DOWN))) < _EPSILON
    ):
        value = whole  # as ODK Collect has it
    if len(value.as_tuple().digits) > 17 and value != value.to_integral_value():
        # 10 div 3 has no end: printed as every XPath engine prints it, the nearest double's shortest form.
        value = Decimal(repr(float(value)))
    if abs(value.adjusted()) > 400:
        return "Infinity" if value > 1 else "0" if value > -1 else "-Infinity"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_truth(value: Value) -> bool:
    """XPath's boolean(): text that is not blank (even "false"), a number that is not zero.

    Of a node its value counts, as in ODK Collect; one that holds others is a truth by being there.
    """
    if isinstance(value, list) and value and value[0].holds:
        return True
    value = scalar(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, Decimal):
        return not value.is_nan() and abs(value) > _EPSILON
    return value != ""


def is_blank(value: Value) -> bool:
    """Blank text, or no number."""
    value = scalar(value)
    return value == "" if isinstance(value, str) else isinstance(value, Decimal) and value.is_nan()


def equal(left: Value, right: Value) -> bool:
    """`=`: by truth, number or text, whichever the two sides have; over nodes, any pair that agrees."""
    if isinstance(left, bool) or isinstance(right, bool):
        return to_truth(left) == to_truth(right)
    if isinstance(left, list) and len(left) > 1:
        return any(equal(typed(each), right) for each in left)
    if isinstance(right, list) and len(right) > 1:
        return any(equal(left, typed(each)) for each in right)
    a, b = scalar(left), scalar(right)
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    x, y = to_number(a), to_number(b)
    if x.is_nan() or y.is_nan():
        return False
    if x.is_infinite() or y.is_infinite():
        return x == y
    return x == y or abs(NUMBERS.subtract(x, y)) < _EPSILON


def unequal(left: Value, right: Value) -> bool:
    """`!=`: over several nodes, any pair that differs; else not `=`."""
    if isinstance(left, bool) or isinstance(right, bool):
        return not equal(left, right)
    if isinstance(left, list) and len(left) > 1:
        return any(unequal(typed(each), right) for each in left)
    if isinstance(right, list) and len(right) > 1:
        return any(unequal(left, typed(each)) for each in right)
    return not equal(left, right)


def less(left: Value, right: Value, or_equal: bool) -> bool:
    """`<` and `<=`, always by number; false where either side is blank."""
    if isinstance(left, list) and len(left) > 1:
        return any(less(typed(each), right, or_equal) for each in left)
    if isinstance(right, list) and len(right) > 1:
        return any(less(left, typed(each), or_equal) for each in right)
    a, b = _sizes(scalar(left), scalar(right))
    if a.is_nan() or b.is_nan():
        return False
    return a <= b if or_equal else a < b


def _sizes(left: Scalar, right: Scalar) -> tuple[Decimal, Decimal]:
    """Both as numbers. A date beside a dateTime is the local day, which does not begin at midnight of UTC."""
    if isinstance(left, str) and isinstance(right, str) and (len(left) > 10) != (len(right) > 10):
        one, two = read_moment(left), read_moment(right)
        if one is not None and two is not None:
            return _local_days(one), _local_days(two)
    return to_number(left), to_number(right)


def _local_days(moment: date | datetime) -> Decimal:
    return days(moment.astimezone().replace(tzinfo=UTC) if isinstance(moment, datetime) else moment)


def negated(number: Decimal) -> Decimal:
    """Unary minus; of zero it is the negative zero, as in IEEE 754."""
    return number.copy_negate() if number == 0 else NUMBERS.minus(number)


# --- dates ------------------------------------------------------------------------------------------------


def read_moment(text: str) -> date | datetime | None:
    """A date or dateTime of the ODK data types; None for anything else. No offset means local time."""
    text = text.strip()
    match = _DATE.match(text)
    if match is None:
        return None
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
    rest = text[match.end() :]
    if not rest:
        return day
    if rest[0] not in "Tt ":
        return None
    hour = read_time(rest[1:])
    if hour is None:
        return None
    try:
        return datetime.combine(day, hour) if hour.tzinfo else datetime.combine(day, hour).astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def read_time(text: str) -> time | None:
    """A time of day, with an offset where one is written."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    zone: timezone | None = None
    if match[5] == "Z":
        zone = UTC
    elif match[5]:
        digits = match[5][1:].replace(":", "").ljust(4, "0")
        shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        if shift >= timedelta(hours=24):
            return None
        zone = timezone(-shift if match[5][0] == "-" else shift)
    try:
        return time(
            int(match[1]), int(match[2]), int(match[3] or 0), int((match[4] or "0").ljust(6, "0")), zone
        )
    except ValueError:
        return None


def days(moment: date | datetime) -> Decimal:
    """Days since 1970-01-01: whole for a date, with the part of the day (UTC) for a dateTime."""
    if isinstance(moment, datetime):
        since = moment - datetime(1970, 1, 1, tzinfo=UTC)
        seconds = NUMBERS.add(
            Decimal(since.days * 86_400 + since.seconds),
            NUMBERS.divide(Decimal(since.microseconds), Decimal(10**6)),
        )
        return NUMBERS.divide(seconds, Decimal(86_400))
    return Decimal((moment - _EPOCH).days)


def from_days(number: Decimal, with_time: bool) -> date | datetime | None:
    """The moment so many days after 1970-01-01 (local, for a dateTime); None where no calendar reaches."""
    if number.is_nan() or number.is_infinite() or abs(number) > 3_000_000:
        return None
    try:
        if not with_time:
            return _EPOCH + timedelta(days=int(number))
        milliseconds = int(NUMBERS.multiply(number, Decimal(86_400_000)).to_integral_value(ROUND_FLOOR))
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)).astimezone()
    except (OverflowError, ValueError, OSError):
        return None


def moment_text(moment: date | datetime) -> str:
    """ISO 8601 as the ODK data types write it; a dateTime to the millisecond, with its offset."""
    if isinstance(moment, datetime):
        return moment.isoformat(timespec="milliseconds")
    return moment.isoformat()


def kept(value: Value, kind: str) -> str:
    """A calculated value as a node of that data type keeps it: blank for no number, a date for days.

    Text that cannot be made over stays, so that it is seen to be wrong.
    """
    value = scalar(value)
    if isinstance(value, str):
        moment = read_moment(value) if kind in {"date", "dateTime"} else None
        if moment is not None:
            return moment_text(_local_date(moment) if kind == "date" else _local_moment(moment))
        if kind not in {"int", "decimal"} or fits(kind, value):
            return value
    if kind in {"int", "decimal"}:
        number = to_number(value)
        value = value if isinstance(value, str) and number.is_nan() else number
    if isinstance(value, Decimal):
        if value.is_nan():
            return ""
        if kind in {"date", "dateTime"}:
            found = from_days(value, kind == "dateTime")
            return "" if found is None else moment_text(found)
        if kind == "int" and value.is_finite():
            value = value.to_integral_value(ROUND_DOWN)
    return to_text(value)


def _local_date(moment: date | datetime) -> date:
    return moment.astimezone().date() if isinstance(moment, datetime) else moment


def _local_moment(moment: date | datetime) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime(moment.year, moment.month, moment.day).astimezone()


# --- what a person types ----------------------------------------------------------------------------------


def tidy(kind: str, text: str) -> str:
    """What was typed, in the form its data type keeps: full-width digits, 2026年3月5日 and the like mended.

    What is not understood is given back as it is: nothing typed is lost, `flaw` then says what is wrong.
    """
    text = text.replace("\x00", "")
    if kind in {"int", "decimal"}:
        plain = unicodedata.normalize("NFKC", text).strip().lstrip("+").replace("−", "-")
        return plain if _NUMERIC.fullmatch(plain) else text.strip()
    if kind == "date":
        plain = unicodedata.normalize("NFKC", text).strip()
        match = _LOOSE_DATE.fullmatch(plain)
        if match:
            year, month, day = (part for part in match.groups() if part is not None)
            plain = f"{year}-{int(month):02}-{int(day):02}"
        return plain
    if kind == "dateTime":
        plain = unicodedata.normalize("NFKC", text).strip()
        match = _LOOSE_MOMENT.fullmatch(plain)
        return f"{tidy('date', match[1])}T{match[2].zfill(2)}{match[3]}" if match else plain
    if kind == "time":
        plain = unicodedata.normalize("NFKC", text).strip()
        return f"0{plain}" if re.match(r"\d:", plain, re.ASCII) else plain
    if kind in {"geopoint", "geotrace", "geoshape"}:
        return unicodedata.normalize("NFKC", text).strip()
    return text


def fits(kind: str, text: str) -> bool:
    """Whether text that is not blank is a value of a bind's data type (ODK XForms, "Data Types")."""
    match kind:
        case "int":
            return len(text) <= _LONGEST_NUMBER and _INTEGER.fullmatch(text) is not None
        case "decimal":
            return len(text) <= _LONGEST_NUMBER and _NUMERIC.fullmatch(text) is not None
        case "date":
            moment = read_moment(text)
            return moment is not None and not isinstance(moment, datetime)
        case "time":
            return read_time(text) is not None
        case "dateTime":
            return isinstance(read_moment(text), datetime)
        case "boolean":
            return text in {"true", "false", "1", "0"}
        case "geopoint":
            return is_point(text)
        case "geotrace" | "geoshape":
            points = [each.strip() for each in text.rstrip("; ").split(";")]
            enough = len(points) >= (2 if kind == "geotrace" else 4)
            closed = kind == "geotrace" or points[0].split()[:2] == points[-1].split()[:2]
            return enough and closed and all(map(is_point, points))
    return True


def is_point(text: str) -> bool:
    """Whether text is a geopoint: latitude and longitude in degrees, then perhaps altitude and accuracy."""
    parts = text.split()
    if not 2 <= len(parts) <= 4 or not all(len(p) <= 40 and _NUMERIC.fullmatch(p) for p in parts):
        return False
    numbers = [Decimal(p) for p in parts]
    return abs(numbers[0]) <= 90 and abs(numbers[1]) <= 180 and all(n >= 0 for n in numbers[3:])
