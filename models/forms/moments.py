"""The functions of dates and times (ODK XForms, "Date and Time Functions")."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import ROUND_FLOOR, Decimal

from models.errors import BadInput
from models.forms import values
from models.forms.arguments import Clock, Function
from models.forms.values import NUMBERS, Value, to_number, to_text
from models.language import N_


def _moment(value: Value, with_time: bool) -> date | datetime | None:
    value = values.scalar(value)
    moment: date | datetime | None = None
    if isinstance(value, str):
        if not value:
            return None
        moment = values.read_moment(value)
    if moment is None and not isinstance(value, bool):
        number = to_number(value)
        if isinstance(value, Decimal) and number.is_nan():
            return None
        moment = None if number.is_nan() else values.from_days(number, with_time)
    if moment is None:
        raise BadInput(N_("{value} is not a date."), value=to_text(value))
    if isinstance(moment, datetime) and not with_time:
        return moment.astimezone().date()
    return moment


def _local(moment: date | datetime) -> datetime:
    if isinstance(moment, datetime):
        return moment.astimezone()
    return datetime(moment.year, moment.month, moment.day).astimezone()


def _at(clock: Clock, hour: time) -> datetime:
    """A time of day as a moment of today; one with an offset is that of the place."""
    return datetime.combine(clock.now().date(), hour).astimezone()


def _today(clock: Clock, _: list[Value]) -> Value:
    return clock.now().date().isoformat()


def _now(clock: Clock, _: list[Value]) -> Value:
    return values.moment_text(clock.now())


def _date(_: Clock, arguments: list[Value]) -> Value:
    moment = _moment(arguments[0], with_time=False)
    return "" if moment is None else values.moment_text(moment)


def _date_time(_: Clock, arguments: list[Value]) -> Value:
    moment = _moment(arguments[0], with_time=True)
    if moment is None:
        return ""
    return values.moment_text(moment if isinstance(moment, datetime) else _local(moment))


def _decimal_date_time(_: Clock, arguments: list[Value]) -> Value:
    value = values.scalar(arguments[0])
    if isinstance(value, Decimal):
        return value
    moment = _moment(value, with_time=True)
    return "" if moment is None else values.days(_local(moment))


def _decimal_time(clock: Clock, arguments: list[Value]) -> Value:
    value = values.scalar(arguments[0])
    if isinstance(value, Decimal):
        return NUMBERS.subtract(value, value.to_integral_value(ROUND_FLOOR)) if value.is_finite() else value
    text = to_text(value)
    if not text:
        return ""
    hour = values.read_time(text)
    if hour is not None:
        hour = _at(clock, hour).time()
    else:
        moment = _moment(value, with_time=True)
        if moment is None:
            return ""
        hour = _local(moment).time()
    milliseconds = (hour.hour * 3600 + hour.minute * 60 + hour.second) * 1000 + hour.microsecond // 1000
    return NUMBERS.divide(Decimal(milliseconds), Decimal(86_400_000))


_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_WEEKDAYS_ZH = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"]


def _format_date(clock: Clock, arguments: list[Value]) -> Value:
    value = values.scalar(arguments[0])
    hour = values.read_time(value) if isinstance(value, str) else None
    found = _at(clock, hour) if hour is not None else _moment(value, with_time=True)
    if found is None:
        return ""
    moment = _local(found)
    chinese = clock.language() == "zh"
    parts = {
        "Y": f"{moment.year:04}",
        "y": f"{moment.year % 100:02}",
        "m": f"{moment.month:02}",
        "n": str(moment.month),
        "b": f"{moment.month}月" if chinese else _MONTHS[moment.month - 1],
        "d": f"{moment.day:02}",
        "e": str(moment.day),
        "H": f"{moment.hour:02}",
        "h": str(moment.hour),
        "M": f"{moment.minute:02}",
        "S": f"{moment.second:02}",
        "3": f"{moment.microsecond // 1000:03}",
        "a": (_WEEKDAYS_ZH if chinese else _WEEKDAYS)[moment.weekday()],
        "W": str(moment.isocalendar().week),
        "%": "%",
    }
    wanted = to_text(arguments[1])

    def part(match: re.Match[str]) -> str:
        if match[1] not in parts:
            raise BadInput(
                N_("The date format {format} cannot be read at {found}"), format=wanted, found=match[0]
            )
        return parts[match[1]]

    return re.sub(r"%(.?)", part, wanted, flags=re.DOTALL)


FUNCTIONS: dict[str, tuple[int, int, Function]] = {
    "today": (0, 0, _today),
    "now": (0, 0, _now),
    "date": (1, 1, _date),
    "date-time": (1, 1, _date_time),
    "decimal-date-time": (1, 1, _decimal_date_time),
    "decimal-time": (1, 1, _decimal_time),
    "format-date": (2, 2, _format_date),
    "format-date-time": (2, 2, _format_date),
}
