"""Spreadsheets that hospitals send: .xlsx and .csv in, rows of text and refused rows out."""

from staff.spreadsheets.reading import Column, Row, Sheet, fields_of, open_sheet, row_of
from staff.spreadsheets.refused import RefusedBook, RefusedRows
from staff.spreadsheets.template import explanation, write_template
from staff.spreadsheets.writing import Cell, write_list

__all__ = [
    "Cell",
    "Column",
    "RefusedBook",
    "RefusedRows",
    "Row",
    "Sheet",
    "explanation",
    "fields_of",
    "open_sheet",
    "row_of",
    "write_list",
    "write_template",
]
