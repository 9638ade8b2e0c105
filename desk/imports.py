"""The kinds of files that pages take in, in the order in which a hospital needs them."""

from members.operations.imports import PATIENTS
from points.operations.imports import PAYMENTS
from points.operations.legacy_imports import LEGACY_POINTS
from points.operations.member_imports import MEMBERS
from rewards.operations.issue_imports import ISSUES
from staff.models import Import
from staff.operations.file_kinds import FileKind

KINDS: dict[str, FileKind] = {
    kind.kind: kind for kind in (PATIENTS, LEGACY_POINTS, PAYMENTS, MEMBERS, ISSUES)
}

LEADS: dict[str, str] = {
    Import.Kind.PATIENTS: "建立新的病人档案，更新已有的；空单元格不改动已有的内容。",
    Import.Kind.MEMBERS: "已经是会员的人：保留原会员号和入会日期。",
    Import.Kind.PAYMENTS: "以往的收费，逐笔计积分；同一张收据只计一次。",
    Import.Kind.LEGACY_POINTS: "原系统或登记册里的积分余额；由另一位负责人确认后才计入。",
    Import.Kind.ISSUES: "用系统以前已经领走的礼品、用掉的服务；导入后不再列为未领未用。",
}
