"""The figures of the data folder, counted by SQLite straight from the files, in whole cents."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path


def tables(**files: Path) -> sqlite3.Connection:
    """Return an in-memory database with one table of text per CSV file."""
    database = sqlite3.connect(":memory:")
    for name, path in files.items():
        with path.open(newline="", encoding="utf-8-sig") as source:
            header, *rows = csv.reader(source)
        columns = ", ".join(f'"{column}" TEXT' for column in header)
        database.execute(f'CREATE TABLE "{name}" ({columns})')
        marks = ", ".join("?" for _ in header)
        database.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)  # noqa: S608
    return database


WON_BY_AGENT = """
    SELECT sales_agent, SUM(CAST(close_value AS INTEGER)) * 100
    FROM pipeline WHERE deal_stage = 'Won' GROUP BY 1 ORDER BY 1
"""

WON_BY_QUARTER = """
    SELECT substr(close_date, 1, 4) || '-' || printf('%02d', (CAST(substr(close_date, 6, 2)
           AS INTEGER) - 1) / 3 * 3 + 1) || '-01',
           SUM(CAST(close_value AS INTEGER)) * 100
    FROM pipeline WHERE deal_stage = 'Won' GROUP BY 1 ORDER BY 1
"""

WON_AND_LOST_BY_PRODUCT = """
    SELECT replace(product, 'GTXPro', 'GTX Pro'),
           SUM(deal_stage = 'Won'), SUM(deal_stage = 'Lost')
    FROM pipeline GROUP BY 1 ORDER BY 1
"""

CENTS = "CAST(replace({0}, '.', '') AS INTEGER)"
"""Texts with exactly two decimals, in cents."""

UNIT_PRICE = "printf('%.2f', unitPrice)"

FREIGHT_TEXT = "printf('%.2f', freight)"

ORDER_TOTALS = f"""
    SELECT orderID, SUM((
             {CENTS.format(UNIT_PRICE)} * CAST(quantity AS INTEGER)
             * (100 - CAST(round(discount * 100) AS INTEGER)) + 50) / 100)
    FROM lines GROUP BY 1 ORDER BY 1
"""

FREIGHT = f"SELECT orderID, {CENTS.format(FREIGHT_TEXT)} FROM orders ORDER BY 1"
