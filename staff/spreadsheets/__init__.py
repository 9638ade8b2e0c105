"""Spreadsheets that hospitals send: .xlsx and .csv in, rows of text and refused rows out."""

from staff.spreadsheets.reading import Column, Row, Sheet, open_sheet
from staff.spreadsheets.refused import RefusedRows

__all__ = ["Column", "RefusedRows", "Row", "Sheet", "open_sheet"]
