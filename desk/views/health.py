from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from staff.clock import clocks_differ
from staff.permissions import public

_PLAIN = "text/plain; charset=utf-8"


@require_safe
@public
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("正常\n", content_type=_PLAIN)


@require_safe
@public
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and has every table that this version needs."""
    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return _unready("数据库暂时连不上")
    if behind:
        return _unready("数据库还没有升级到这个版本")
    if sentence := clocks_differ():
        return _unready(sentence)
    return HttpResponse("就绪\n", content_type=_PLAIN)


def _unready(sentence: str) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", content_type=_PLAIN, status=503)
