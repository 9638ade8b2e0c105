"""The pages that a colleague works from, for the header and the home page."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from staff.models import User


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of work: the page to begin it at, who may (all permissions), and its key at home."""

    title: str
    text: str
    url_name: str
    permission: str
    key: str = ""
    in_header: bool = True

    @property
    def url(self) -> str:
        return reverse(self.url_name)


WORKS = (
    Work("收费", "记一笔收费，看积分和级别的变化", "till", "points.add_receipt", "F4"),
    Work("查找病人", "按档案号、姓名、电话或会员号", "patients", "members.view_patient"),
    Work(
        "新建档案", "第一次来院的病人", "patient_new", "members.add_patient", "F6", in_header=False
    ),
    Work("今日收费", "当天的收据和退费", "receipts", "points.view_receipt", "F7"),
    Work("每日核查", "自己退的费、更正、补录和导入", "oversight", "points.view_correction"),
    Work("待审批", "级别复核等需要您决定的事项", "approvals", "staff.view_approval", "F8"),
    Work("导入", "以往的档案、会员、收费和积分，从 Excel 文件", "imports", "staff.view_import"),
    Work(
        "重复档案", "可能是同一人的两份档案，核对后申请合并", "suspects", "members.view_filemerge"
    ),
    Work("会员管理员", "谁是会员管理员，谁是替补", "designations", "staff.view_designation"),
    Work("会员规则", "怎样入会、怎样积分、各级别的礼遇", "scheme:in_force", "scheme.view_scheme"),
    Work("后台管理", "用户、科室、医生和接口令牌", "admin:index", "staff.use_admin"),
)


def works_of(user: User | AnonymousUser, *, works: Iterable[Work] = WORKS) -> list[Work]:
    """What this user may do, in the order of the home page."""
    return [work for work in works if user.has_perm(work.permission)]
