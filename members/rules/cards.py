"""A card's number for scanners, drawn as SVG without styles. Pure."""

from io import BytesIO
from itertools import groupby

import segno
from barcode.codex import Code128

# What a scanner needs blank around the marks, in modules (ISO/IEC 18004 and 15417).
_QR_QUIET, _BARS_QUIET = 4, 10
_BARS_HEIGHT = 40


def qr_svg(number: str) -> bytes:
    """The QR code of a card number, black on white whatever the theme."""
    drawn = BytesIO()
    segno.make_qr(number, error="m").save(
        drawn,
        kind="svg",
        border=_QR_QUIET,
        dark="#000",
        light="#fff",
        svgclass=None,
        lineclass=None,
        omitsize=True,
    )
    return drawn.getvalue()


def bars_svg(number: str) -> bytes:
    """The Code 128 bars of a card number; they may be stretched to any height."""
    modules = bars(number)
    width = len(modules) + 2 * _BARS_QUIET
    marks, at = [], _BARS_QUIET
    for mark, run in groupby(modules):
        length = len(list(run))
        if mark == "1":
            marks.append(f"M{at} 0h{length}v{_BARS_HEIGHT}h-{length}z")
        at += length
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_BARS_HEIGHT}"'
        ' preserveAspectRatio="none" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{width}v{_BARS_HEIGHT}H0z"/>'
        f'<path fill="#000" d="{"".join(marks)}"/></svg>'
    ).encode()


def bars(number: str) -> str:
    """Bars and gaps of a Code 128 symbol, "1" and "0" a module, from the start to the stop."""
    (modules,) = Code128(number).build()
    return str(modules)
