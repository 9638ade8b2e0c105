"""The lists that can leave the system as a file: what is in them and who may take them (R41)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from desk.forms.exports import DayExportForm, ExportForm, SpanExportForm
from desk.queries.exports import (
    Rows,
    access_rows,
    joining_rows,
    member_rows,
    oversight_rows,
    receipt_rows,
    unclaimed_rows,
)


@dataclass(frozen=True, slots=True)
class ListExport:
    """A list: its code, what it is called, the right that its page asks for, and its columns.

    `rows` takes the days of the form, `is_of_today` instead today.
    """

    code: str
    title: str
    text: str
    permission: str
    headings: tuple[str, ...]
    rows: Callable[..., Rows]
    form: type[ExportForm] = ExportForm
    is_of_today: bool = False

    @property
    def url_name(self) -> str:
        return f"export_{self.code}"

    def rows_of(self, form: ExportForm, *, today: date) -> Rows:
        """What the form asks for. Raises Refusal."""
        return self.rows(today) if self.is_of_today else self.rows(*form.chosen())


RECEIPTS = ListExport(
    code="receipts",
    title="今日收费",
    text="一天的收据和退费，退费金额为负数",
    permission="points.view_receipt",
    headings=(
        "类别",
        "单号",
        "档案号",
        "姓名",
        "时间",
        "金额（元）",
        "积分",
        "经手人",
        "状态",
    ),
    rows=receipt_rows,
    form=DayExportForm,
)
OVERSIGHT = ListExport(
    code="oversight",
    title="每日核查",
    text="一天的自己退自己收的费、更正、补录、撤销和导入；退费和补录各最多 500 行，与页面相同",
    permission="points.view_correction",
    headings=("类别", "单号", "档案号", "姓名", "金额（元）", "经手人", "说明"),
    rows=oversight_rows,
    form=DayExportForm,
)
JOINING = ListExport(
    code="joining",
    title="可入会名单",
    text="可以入会而还没有入会的人：从哪天起、按哪条路径、多少分、上次的答复；电话只有末四位",
    permission="members.view_jointalk",
    headings=(
        "征询",
        "档案号",
        "姓名",
        "性别",
        "电话",
        "可入会",
        "路径",
        "累计积分",
        "入会即为",
        "上次征询",
        "征询人",
        "再问日期",
    ),
    rows=joining_rows,
    is_of_today=True,
)
MEMBERS = ListExport(
    code="members",
    title="会员名册",
    text="全部会员的级别、积分和三项意愿；电话只有末四位，没有证件号码和住址",
    permission="members.view_personal",
    headings=(
        "会员号",
        "档案号",
        "姓名",
        "性别",
        "电话",
        "入会日期",
        "级别",
        "累计积分",
        "可用积分",
        "接受回访",
        "接受杂志邮寄",
        "接受活动邀请",
    ),
    rows=member_rows,
    is_of_today=True,
)
ACCESSES = ListExport(
    code="accesses",
    title="查看记录",
    text="谁在什么时候看过谁的完整资料，为什么",
    permission="members.view_accesslog",
    headings=("时间", "查看人", "档案号", "姓名", "查看内容", "原因"),
    rows=access_rows,
    form=SpanExportForm,
)
UNCLAIMED = ListExport(
    code="unclaimed",
    title="未领未用",
    text="会员还没有领的礼品、今年年底前到期的服务；电话只有末四位",
    permission="rewards.view_issue",
    headings=(
        "种类",
        "会员号",
        "档案号",
        "姓名",
        "性别",
        "电话",
        "级别",
        "项目",
        "儿童",
        "数量",
        "最后一天",
        "状态",
        "推迟日期",
        "推迟原因",
    ),
    rows=unclaimed_rows,
    is_of_today=True,
)
EXPORTS = (RECEIPTS, OVERSIGHT, JOINING, UNCLAIMED, MEMBERS, ACCESSES)
