from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from desk.backup.shelf import newest
from staff.clock import clocks_differ
from staff.permissions import public

BACKUP_DUE = timedelta(hours=26)
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
    return HttpResponse(f"就绪\n{_backups()}\n", content_type=_PLAIN)


def _backups() -> str:
    """Told, but no reason to take the pages away: 26 hours leave a nightly backup two to run."""
    made_at = newest(settings.BACKUP_DIR)
    if made_at is None:
        return "警告：还没有备份"
    age = timezone.now() - made_at
    hours = max(int(age / timedelta(hours=1)), 0)
    return f"{'警告：' if age > BACKUP_DUE else ''}最近一次备份是 {hours} 小时前"


def _unready(sentence: str) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", content_type=_PLAIN, status=503)
