"""The tables of exhaust air as rows: every column of every line of the files, and nothing else."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal

from models.law import air_data, limit_data
from models.law.limit_data import FOLDER


def lines(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_of_the_table_of_emissions_is_read() -> None:
    found = air_data.air_rows.__wrapped__()
    assert found == air_data.air_rows()
    assert len(found) > 40
    for row, line in zip(found, lines("gb16297.csv"), strict=True):
        assert (row.parameter, row.category, row.concentration, row.note) == (
            line["parameter"], line["category"], line["concentration"], line["note"],
        )  # fmt: skip
        assert (row.boundary, row.boundary_unit) == (line["boundary"], line["boundary_unit"])
        assert row.least_height == Decimal(line["least_height"])
        assert list(row.rates) == ["2", "3"]
        told = zip(row.rates["2"], row.rates["3"], strict=True)
        assert " ".join(f"{high}:{two}/{three}" for (high, two), (_, three) in told) == line["rates"]


def test_every_row_of_boilers_is_read() -> None:
    found = air_data.boiler_rows.__wrapped__()
    assert found == air_data.boiler_rows()
    assert len(found) > 5
    for row, line in zip(found, lines("gb13271.csv"), strict=True):
        assert (row.parameter, row.fuel, row.oxygen) == (
            line["parameter"], line["fuel"], Decimal(line["oxygen"]),
        )  # fmt: skip
        assert row.limits == {"表1": line["table1"], "表2": line["table2"], "表3": line["table3"]}


def test_the_lowest_stack_is_read() -> None:
    assert limit_data.lowest_stack() == Decimal(15)


def test_the_basis_of_the_order_of_limits_is_that_of_the_day() -> None:
    """From the Code's first day, and of no day given, by the law before it."""
    first = date(2026, 8, 15)
    before, code = limit_data.order_basis(None), limit_data.order_basis(first)
    assert "法典" in code
    assert "法典" not in before
    assert limit_data.order_basis(first - timedelta(days=1)) == before
    assert limit_data.order_basis(first + timedelta(days=1)) == code
