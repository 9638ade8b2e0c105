"""How much a browser may send."""

from typing import Any

from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

LARGEST_UPLOAD = 20_000_000


class LimitedUpload(TemporaryFileUploadHandler):
    """Drops a file of more than LARGEST_UPLOAD bytes, and the form says so."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._size = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write to the temporary file what comes, as long as it is not too much."""
        self._size += len(raw_data)
        if self._size > LARGEST_UPLOAD:
            self.file.close()
            raise StopUpload(connection_reset=False)
        super().receive_data_chunk(raw_data, start)
