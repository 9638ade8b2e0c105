"""Which role holds which permission (design section 6): the one table of rights.

`manage.py sync_roles` makes Django's groups follow it. A role that is not in a permission's
line does not have it; there is no superuser.
"""

FRONT_DESK = "前台"
CASHIER = "收费"
MEMBER_ADMIN = "会员管理员"
MARKETING = "市场部"
DEVELOPMENT = "发展部"
WAREHOUSE = "仓库"
FINANCE = "财务"
MEDICAL_AFFAIRS = "医务"
DOCTOR = "医生"
NURSE = "护士"
DIRECTORS_OFFICE = "院长办公室"
SUPERVISOR = "主管"
GENERAL_MANAGER = "总经理"
SYSTEM_ADMIN = "系统管理员"
HIS = "HIS接口"

ROLES = (
    FRONT_DESK,
    CASHIER,
    MEMBER_ADMIN,
    MARKETING,
    DEVELOPMENT,
    WAREHOUSE,
    FINANCE,
    MEDICAL_AFFAIRS,
    DOCTOR,
    NURSE,
    DIRECTORS_OFFICE,
    SUPERVISOR,
    GENERAL_MANAGER,
    SYSTEM_ADMIN,
    HIS,
)

_EVERYONE = tuple(role for role in ROLES if role != HIS)
_MANAGERS = (SUPERVISOR, GENERAL_MANAGER)
_DESK = (FRONT_DESK, CASHIER, MEMBER_ADMIN)
_OFFICES = (MARKETING, DEVELOPMENT, FINANCE, MEDICAL_AFFAIRS, DIRECTORS_OFFICE)
_CLINIC = (DOCTOR, NURSE)
_ADMIN = (SYSTEM_ADMIN,)

PERMISSIONS: dict[str, tuple[str, ...]] = {
    "scheme.view_scheme": _EVERYONE,
    "scheme.change_scheme": (MARKETING, *_MANAGERS),
    "scheme.publish_scheme": _MANAGERS,
    "scheme.change_item": (FINANCE, *_MANAGERS),
    "members.view_patient": (*_DESK, *_OFFICES, *_CLINIC, *_MANAGERS, HIS),
    "members.add_patient": (*_DESK, HIS),
    "members.change_patient": (*_DESK, HIS),
    "members.add_membership": (*_DESK, HIS),
    "members.view_personal": (FRONT_DESK, MEMBER_ADMIN, MARKETING, *_MANAGERS),
    "members.view_accesslog": (MEMBER_ADMIN, *_MANAGERS),
    "members.view_card": (*_DESK, MARKETING, *_MANAGERS),
    "members.change_card": _DESK,
    "members.view_jointalk": (*_DESK, MARKETING, *_MANAGERS),
    "members.add_jointalk": _DESK,
    "members.view_filemerge": (FRONT_DESK, MEMBER_ADMIN, *_MANAGERS),
    "members.add_filemerge": (FRONT_DESK, MEMBER_ADMIN),
    "members.add_distinctfiles": (FRONT_DESK, MEMBER_ADMIN),
    "members.change_filemerge": _MANAGERS,
    "members.view_household": (*_DESK, *_OFFICES, *_CLINIC, *_MANAGERS),
    "members.add_household": _DESK,
    "members.change_household": _DESK,
    "points.change_legacyconfirmation": _MANAGERS,
    "points.view_pointsentry": (*_DESK, *_OFFICES, *_MANAGERS, HIS),
    "points.view_receipt": (CASHIER, FINANCE, *_MANAGERS),
    "points.add_receipt": (CASHIER, HIS),
    "points.add_refund": (CASHIER, HIS),
    "points.add_correction": (CASHIER, HIS),
    "points.view_correction": (FINANCE, *_MANAGERS),
    "rewards.view_issue": (*_DESK, *_OFFICES, *_CLINIC, *_MANAGERS, HIS),
    "rewards.add_issue": _DESK,
    "rewards.add_deferral": _DESK,
    "rewards.add_claim": _DESK,
    "rewards.add_use": _DESK,
    "rewards.add_undoing": _DESK,
    "rewards.view_settlement": (*_DESK, FINANCE, *_MANAGERS),
    "rewards.add_settlement": (CASHIER,),
    "rewards.add_giftchange": _DESK,
    "rewards.change_giftchange": _MANAGERS,
    "rewards.add_redemption": (*_DESK, HIS),
    "rewards.add_redemptioncancel": (*_DESK, HIS),
    "rewards.view_simulation": (MARKETING, FINANCE, *_MANAGERS),
    "rewards.add_simulation": (MARKETING, *_MANAGERS),
    "staff.view_approval": _MANAGERS,
    "points.change_tierreview": _MANAGERS,
    "staff.view_import": (MARKETING, MEMBER_ADMIN, FINANCE, *_MANAGERS),
    "staff.add_import": (MARKETING, MEMBER_ADMIN, FINANCE),
    "staff.import_patients": (MARKETING, MEMBER_ADMIN),
    "staff.import_members": (MARKETING, MEMBER_ADMIN),
    "staff.import_payments": (MARKETING, FINANCE),
    "staff.import_legacy_points": (MARKETING, FINANCE),
    "staff.import_issues": (MARKETING, MEMBER_ADMIN),
    "staff.add_export": (MEMBER_ADMIN, MARKETING, FINANCE, *_MANAGERS),
    "staff.view_export": _MANAGERS,
    "staff.view_designation": (*_DESK, *_MANAGERS),
    "staff.add_designation": _MANAGERS,
    "staff.use_admin": _ADMIN,
    "staff.view_user": _ADMIN,
    "staff.add_user": _ADMIN,
    "staff.change_user": _ADMIN,
    "staff.view_department": _ADMIN,
    "staff.add_department": _ADMIN,
    "staff.change_department": _ADMIN,
    "staff.view_doctor": _ADMIN,
    "staff.add_doctor": _ADMIN,
    "staff.change_doctor": _ADMIN,
    "staff.view_apitoken": _ADMIN,
    "staff.change_apitoken": _ADMIN,
}


def permissions_of(role: str) -> set[str]:
    """The permissions that `role` holds, as "app.codename"."""
    return {permission for permission, roles in PERMISSIONS.items() if role in roles}
