from typing import Any

from django import forms
from django.core.files.uploadedfile import TemporaryUploadedFile

from desk.uploads import LARGEST_UPLOAD
from staff.forms import StaffForm

_LARGEST = f"{LARGEST_UPLOAD // 1_000_000} MB"
_TOO_LARGE = f"文件太大：最多 {_LARGEST}，请分成几个文件上传"


class UploadForm(StaffForm):
    """A spreadsheet from the colleague's computer."""

    first_field = "file"

    file = forms.FileField(
        label="文件",
        help_text=f"Excel 工作簿（.xlsx）或 CSV 文件，最多 {_LARGEST}。"
        "上传后先检查，不会马上写入。",
        widget=forms.ClearableFileInput({"accept": ".xlsx,.csv"}),
        error_messages={
            "required": "请选择要上传的文件",
            "empty": "文件是空的，请核对后再上传",
            "invalid": "请选择要上传的文件",
            "missing": "请选择要上传的文件",
        },
    )

    def __init__(self, *args: Any, sent: int, **kwargs: Any) -> None:
        """`sent` is how many bytes the browser sent in all."""
        super().__init__(*args, **kwargs)
        if sent > LARGEST_UPLOAD and not self.files:
            self.fields["file"].error_messages["required"] = _TOO_LARGE

    @property
    def upload(self) -> TemporaryUploadedFile:
        """The file, which lies on disk while the request lasts."""
        found = self.cleaned_data["file"]
        assert isinstance(found, TemporaryUploadedFile)
        return found
