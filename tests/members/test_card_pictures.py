"""What a scanner reads from a printed card is exactly the card's number."""

import re
from xml.etree import ElementTree

import pytest
import segno
from barcode.charsets.code128 import CODES, STOP

from members.rules import card_number
from members.rules.cards import bars_svg, qr_svg

NUMBERS = [card_number(drawn) for drawn in (0, 7, 1234567890, 9999999999)]
START_C = 105


def drawn(svg: bytes) -> tuple[int, str]:
    """The width of the picture and the path of its black marks."""
    root = ElementTree.fromstring(svg)
    assert not re.search(rb"style|script|class", svg)
    width = int(root.attrib["viewBox"].split()[2])
    paths = [path.attrib for path in root.iter("{http://www.w3.org/2000/svg}path")]
    (black,) = (path["d"] for path in paths if "#000" in path.values())
    return width, black


def modules_of_bars(svg: bytes) -> str:
    width, path = drawn(svg)
    line = ["0"] * width
    for at, length in re.findall(r"M(\d+) 0h(\d+)", path):
        line[int(at) : int(at) + int(length)] = "1" * int(length)
    return "".join(line)


def scanned(modules: str) -> str:
    """Code 128 as a scanner decodes it: quiet zones, start C, pairs of digits, check, stop."""
    symbol = modules.strip("0")
    assert modules.index(symbol) >= 10 and len(modules) - modules.index(symbol) - len(symbol) >= 10
    assert symbol.endswith(STOP + "11")
    body = symbol.removesuffix(STOP + "11")
    start, *values, check = (CODES.index(body[at : at + 11]) for at in range(0, len(body), 11))
    assert start == START_C
    assert check == (start + sum(place * value for place, value in enumerate(values, 1))) % 103
    return "".join(f"{value:02}" for value in values)


def matrix_of(svg: bytes) -> list[str]:
    width, path = drawn(svg)
    rows = [["0"] * width for _ in range(width)]
    x = y = 0.0
    for move, dx, dy, length in re.findall(r"([Mm])(-?\d+) (-?[\d.]+)h(\d+)", path):
        x, y = (float(dx), float(dy)) if move == "M" else (x + float(dx), y + float(dy))
        rows[int(y)][int(x) : int(x) + int(length)] = "1" * int(length)
        x += float(length)
    return ["".join(row) for row in rows]


@pytest.mark.parametrize("number", NUMBERS)
def test_the_bars_say_the_number(number: str) -> None:
    assert scanned(modules_of_bars(bars_svg(number))) == number


@pytest.mark.parametrize("number", NUMBERS)
def test_the_qr_code_says_the_number(number: str) -> None:
    code = segno.make_qr(number, error="m")
    wanted = ["".join(map(str, row)) for row in code.matrix_iter(border=4)]
    assert matrix_of(qr_svg(number)) == wanted
    assert code.mode == "numeric"
