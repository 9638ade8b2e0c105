from desk.forms.fields import Written
from staff.forms import StaffForm


class UndoForm(StaffForm):
    """Why an issue, a claim or a use is taken back."""

    first_field = "reason"

    reason = Written(label="原因", help_text="一句话写明，今后可以查到；列入主管的每日核查。")
