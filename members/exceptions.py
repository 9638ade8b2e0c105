"""What is refused about patient files, in the words that page, API and file share."""

from staff.exceptions import Refusal


def unknown_patient(file_number: str) -> Refusal:
    """A patient file that isn't there."""
    message = f"没有档案号为 {file_number} 的病人，请核对或先建档案"
    return Refusal("unknown_patient", 404, message, "file_number")


def name_differs(file_number: str) -> Refusal:
    """A row whose name is not that of the file it names."""
    message = f"档案 {file_number} 的姓名与这一行不同，请核对档案号"
    return Refusal("name_differs", 409, message, "name")
