import logging

import pytest

from config.logs import without_traceback


@pytest.mark.parametrize(("status", "kept"), [(403, False), (404, False), (500, True)])
def test_only_a_mistake_of_ours_brings_a_traceback(status: int, kept: bool) -> None:
    trace = (ValueError, ValueError("x"), None)
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "", (), trace)
    record.status_code = status
    assert without_traceback(record)
    assert bool(record.exc_info) is kept
