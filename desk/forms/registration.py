from staff.forms import ReadableField, StaffForm

ARCHIVE = "打印会员登记表存档"


class PrintForm(StaffForm):
    """Why a registration form is printed with all its numbers."""

    first_field = "reason"

    reason = ReadableField(
        label="原因",
        max_length=200,
        initial=ARCHIVE,
        help_text="登记表上是完整的电话、证件号和住址，谁、何时、为什么打印会留下记录。",
        error_messages={"required": "请填写打印的原因"},
    )
