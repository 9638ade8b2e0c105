"""What a person reads on a page."""

import html
import re
from typing import Any


def words(response: Any) -> str:
    """The visible words of a page, without tags, single-spaced."""
    text = response.content.decode()
    text = re.sub(r"<(script|head).*?</\1>", " ", text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", text)).split())


def squeezed(response: Any) -> str:
    """The visible words without any blanks."""
    return words(response).replace(" ", "")
