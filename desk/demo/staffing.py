"""Who works in the invented hospital: departments, doctors and one log-in per role."""

from dataclasses import dataclass
from datetime import date

from django.utils.crypto import salted_hmac

from desk.demo.treatments import DEPARTMENTS
from staff import roles
from staff.models import User
from staff.operations.directory import add_department, add_doctor
from staff.operations.people import create_user, designate_member_admin


@dataclass(frozen=True)
class Login:
    """A colleague who logs in, with the role as staff call it."""

    username: str
    name: str
    role: str
    department: str

    @property
    def group(self) -> str:
        """会员管理员 is a front-desk colleague with a designation, not a group of its own (R58)."""
        return roles.FRONT_DESK if self.role == roles.MEMBER_ADMIN else self.role


LOGINS = (
    Login("qiantai", "李晓燕", roles.FRONT_DESK, "前台"),
    Login("shoufei", "刘芳", roles.CASHIER, "收费室"),
    Login("huiyuan", "周敏", roles.MEMBER_ADMIN, "前台"),
    Login("shichang", "赵立新", roles.MARKETING, "市场部"),
    Login("fazhan", "钱文娟", roles.DEVELOPMENT, "发展部"),
    Login("cangku", "孙德全", roles.WAREHOUSE, "仓库"),
    Login("caiwu", "吴慧", roles.FINANCE, "财务科"),
    Login("yiwu", "郑红梅", roles.MEDICAL_AFFAIRS, "医务科"),
    Login("yisheng", "冯志刚", roles.DOCTOR, "口腔种植科"),
    Login("hushi", "陈雪", roles.NURSE, "护理部"),
    Login("yuanban", "何静", roles.DIRECTORS_OFFICE, "院长办公室"),
    Login("zhuguan", "罗建军", roles.SUPERVISOR, "前台"),
    Login("zongjingli", "马永康", roles.GENERAL_MANAGER, "总经理室"),
    Login("xitong", "高翔", roles.SYSTEM_ADMIN, "信息科"),
)
SUBSTITUTE = Login("tibu", "王丽萍", roles.FRONT_DESK, "前台")
SECOND_CASHIER = Login("shoufei2", "杨凤", roles.CASHIER, "收费室")

DOCTORS = (
    ("D1001", "段学文", "口腔内科"),
    ("D1002", "毕春兰", "口腔内科"),
    ("D1103", "尹绍华", "口腔修复科"),
    ("D1201", "冯志刚", "口腔种植科"),
    ("D1202", "晏明", "口腔种植科"),
    ("D1301", "唐雨薇", "口腔正畸科"),
    ("D1302", "方泽宇", "口腔正畸科"),
    ("D1401", "雷正祥", "口腔颌面外科"),
    ("D1501", "谭丽娟", "牙周科"),
    ("D1601", "苏静怡", "儿童口腔科"),
    ("D1701", "夏蕊", "美容科"),
    ("D1801", "保世荣", "中医科"),
)


@dataclass(frozen=True)
class Staff:
    """The colleagues as whom the history is written."""

    front_desk: User
    member_admin: User
    cashiers: tuple[User, User]
    marketing: User
    finance: User
    manager: User


def password() -> str:
    """The password of all demonstration log-ins; each installation has its own.

    Made from SECRET_KEY, so that every start prints the same one and no file contains it.
    """
    digest = salted_hmac("seed_demo", "password", algorithm="sha256").hexdigest()
    return f"{digest[:4]}-{digest[4:8]}-{digest[8:12]}"


def hire(*, since: date) -> Staff:
    """Departments, doctors and log-ins; the 会员管理员 is designated from `since` on."""
    logins = (*LOGINS, SUBSTITUTE, SECOND_CASHIER)
    named = dict.fromkeys((*DEPARTMENTS, *(login.department for login in logins)))
    departments = {name: add_department(name=name) for name in named}
    users = {
        login.username: create_user(
            username=login.username,
            name=login.name,
            role=login.group,
            password=password(),
            department=departments[login.department],
        )
        for login in logins
    }
    for number, name, department in DOCTORS:
        user = users["yisheng"] if name == users["yisheng"].name else None
        add_doctor(staff_number=number, name=name, department=departments[department], user=user)
    designate_member_admin(
        user=users["huiyuan"],
        substitute=users["tibu"],
        starts_on=since,
        by=users["zongjingli"],
    )
    return Staff(
        front_desk=users["qiantai"],
        member_admin=users["huiyuan"],
        cashiers=(users["shoufei"], users["shoufei2"]),
        marketing=users["shichang"],
        finance=users["caiwu"],
        manager=users["zongjingli"],
    )
