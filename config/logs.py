"""What the log leaves out."""

import logging


def without_traceback(record: logging.LogRecord) -> bool:
    """A page that was refused or not found is one line; a traceback means a mistake of ours."""
    if getattr(record, "status_code", 500) < 500:
        record.exc_info = None
    return True
