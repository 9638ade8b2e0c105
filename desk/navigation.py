"""The pages that a colleague works from, for the frame of every page and the home page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from staff.models import User

T = TypeVar("T")

DESK = "前台"
MEMBERS = "会员"
CONTROL = "管理"
SYSTEM = "系统"


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of work: the page to begin it at, who may (all permissions), and its key at home.

    Pages below its address are its own, and those called one of `pages`.
    """

    title: str
    text: str
    url_name: str
    permission: str
    group: str
    key: str = ""
    in_nav: bool = True
    pages: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return reverse(self.url_name)


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the navigation; `current` is "page" on its own page, "true" on those below."""

    title: str
    url: str
    current: str = ""


@dataclass(frozen=True, slots=True)
class Group(Generic[T]):
    """Entries under one heading."""

    title: str
    links: list[T]


WORKS = (
    Work(
        "收费",
        "记一笔收费，看积分和级别的变化",
        "till",
        "points.add_receipt",
        DESK,
        "F4",
        pages=("take_payment",),
    ),
    Work(
        "查找病人",
        "按姓名、拼音、卡号、电话或证件",
        "patients",
        "members.view_patient",
        DESK,
        pages=(
            *("search", "card", "card_print", "card_give", "card_replace"),
            *("service_card", "service_card_print", "stop_claim", "undo_issue", "undo_use"),
            *("redemption", "cancel_redemption"),
        ),
    ),
    Work(
        "新建档案",
        "第一次来院的病人",
        "patient_new",
        "members.add_patient",
        DESK,
        "F6",
        in_nav=False,
    ),
    Work(
        "今日收费",
        "当天的收据和退费",
        "receipts",
        "points.view_receipt",
        DESK,
        pages=("void_refund",),
    ),
    Work(
        "待结算",
        "服务用过以后划价结算，打印结算单",
        "to_settle",
        "rewards.view_settlement",
        DESK,
        pages=("settle",),
    ),
    Work(
        "可入会名单",
        "达到入会标准、还不是会员的病人，逐位征询",
        "joining",
        "members.view_jointalk",
        MEMBERS,
    ),
    Work(
        "未领未用",
        "还没有领的礼品、快到期的服务，提醒会员",
        "unclaimed",
        "rewards.view_issue",
        MEMBERS,
    ),
    Work(
        "重复档案",
        "可能是同一人的两份档案，核对后申请合并",
        "suspects",
        "members.view_filemerge",
        MEMBERS,
    ),
    Work(
        "会员规则",
        "怎样入会、怎样积分、各级别的礼遇",
        "scheme:in_force",
        "scheme.view_scheme",
        MEMBERS,
    ),
    Work(
        "规则草稿",
        "改规则：写草稿，与现行规则比较，申请发布",
        "scheme:drafts",
        "scheme.change_scheme",
        MEMBERS,
        pages=("item_new",),
    ),
    Work(
        "项目价格",
        "礼品和服务的价目表价格、成本",
        "scheme:items",
        "scheme.change_item",
        MEMBERS,
    ),
    Work(
        "会员管理员", "谁是会员管理员，谁是替补", "designations", "staff.view_designation", MEMBERS
    ),
    Work(
        "待审批",
        "级别复核、换发礼品、新规则等需要您决定的事项",
        "approvals",
        "staff.view_approval",
        CONTROL,
        "F2",
    ),
    Work(
        "每日核查",
        "自己退的费、更正、补录、撤销和导入",
        "oversight",
        "points.view_correction",
        CONTROL,
    ),
    Work(
        "导入",
        "以往的档案、会员、收费、积分和已领礼品，从 Excel 文件",
        "imports",
        "staff.view_import",
        CONTROL,
    ),
    Work(
        "方案模拟",
        "发布新规则之前，用以往的收据算一算会员和费用",
        "simulations",
        "rewards.view_simulation",
        CONTROL,
    ),
    Work("导出", "名单存为 Excel 文件，写明用途", "exports", "staff.add_export", CONTROL),
    Work(
        "查看记录",
        "谁看过哪位病人的完整资料，为什么",
        "accesses",
        "members.view_accesslog",
        CONTROL,
    ),
    Work("后台管理", "用户、科室、医生和接口令牌", "admin:index", "staff.use_admin", SYSTEM),
    Work("界面组件", "每个组件在各种状态下的样子", "components", "staff.use_admin", SYSTEM),
)


def works_of(user: User | AnonymousUser, *, works: Iterable[Work] = WORKS) -> list[Work]:
    """What this user may do, in the order of the home page."""
    return [work for work in works if user.has_perm(work.permission)]


def grouped(works: Iterable[Work]) -> list[Group[Work]]:
    """Works under the headings of the home page."""
    return [Group(title, list(group)) for title, group in groupby(works, lambda work: work.group)]


def navigation_of(user: User | AnonymousUser, path: str, page: str) -> list[Group[Link]]:
    """The navigation of the page at `path` that the addresses call `page`.

    Its own entry is marked, also on the pages below.
    """
    works = works_of(user, works=[work for work in WORKS if work.in_nav])
    section = _section(works, path, page)
    home = Group("", [Link("首页", reverse("home"), "page" if page == "home" else "")])
    return [home] + [
        Group(group.title, [_link(work, section, path) for work in group.links])
        for group in grouped(works)
    ]


def _section(works: Sequence[Work], path: str, page: str) -> Work | None:
    """The work that claims the page, or whose address the page's begins with; the longest."""
    named = [work for work in works if page in work.pages]
    below = [work for work in works if path.startswith(work.url)]
    return named[0] if named else max(below, key=lambda work: len(work.url), default=None)


def _link(work: Work, section: Work | None, path: str) -> Link:
    if work is not section:
        return Link(work.title, work.url)
    return Link(work.title, work.url, "page" if path == work.url else "true")
