"""The one kind of refusal, which form, page, API, import and admin show, and how imports break."""

from collections.abc import Mapping


class Refusal(Exception):
    """What was asked for may not be done.

    `code` is for programs, `message` one plain Chinese sentence for people, `status` the HTTP
    status (404 unknown, 409 conflict with what is stored, 422 bad field), `field` the English
    name of the field at fault, `extra` further facts for the API answer.
    """

    def __init__(
        self,
        code: str,
        status: int,
        message: str,
        field: str | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message
        self.field = field
        self.extra = dict(extra or {})


class ImportStopped(Exception):
    """The database went away: rows before `first` are in, those from `first` on are not."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__(f"rows {first}–{last}")
        self.first = first
        self.last = last
