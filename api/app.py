from django.db import DatabaseError, InterfaceError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError

from api import corrections, errors, members, patients, payments, redemptions, refunds
from staff.exceptions import Refusal
from staff.permissions import requires

api = NinjaAPI(
    title="会员积分接口",
    version="1",
    description="供医院信息系统（HIS）使用。请求头 Authorization: Bearer 令牌；内容为 JSON。",
    urls_namespace="api",
    docs_decorator=requires("staff.use_admin"),
)
api.add_exception_handler(Refusal, errors.refused)
api.add_exception_handler(AuthenticationError, errors.unauthenticated)
api.add_exception_handler(DatabaseError, errors.unavailable)
api.add_exception_handler(InterfaceError, errors.unavailable)
api.add_exception_handler(Exception, errors.broken)

for resource in (patients, payments, corrections, refunds, redemptions, members):
    api.add_router("", resource.router)
