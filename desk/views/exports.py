"""Lists that leave the system as a workbook, each with a purpose on record (R41)."""

from io import BytesIO

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from desk.exports import (
    ACCESSES,
    EXPORTS,
    JOINING,
    MEMBERS,
    OVERSIGHT,
    RECEIPTS,
    UNCLAIMED,
    ListExport,
)
from desk.forms.exports import ExportForm
from desk.views.requests import colleague
from staff.operations.exports import record_export
from staff.permissions import requires
from staff.queries import exports as all_exports
from staff.rules import SHANGHAI
from staff.spreadsheets import write_list

EXPORTS_A_PAGE = 100


@require_safe
@requires("staff.add_export")
def exports(request: HttpRequest) -> HttpResponse:
    """The lists that this colleague may take, and for managers who took which."""
    own = [each for each in EXPORTS if request.user.has_perm(each.permission)]
    context: dict[str, object] = {"exports": own}
    if request.user.has_perm("staff.view_export"):
        page = Paginator(all_exports(), EXPORTS_A_PAGE)
        context["rows"] = page.get_page(request.GET.get("page", "1"))
    return render(request, "desk/exports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("staff.add_export", RECEIPTS.permission)
def receipts(request: HttpRequest) -> HttpResponse | FileResponse:
    """The receipts and refunds of a day."""
    return _export(request, RECEIPTS)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("staff.add_export", OVERSIGHT.permission)
def oversight(request: HttpRequest) -> HttpResponse | FileResponse:
    """The daily list of a day."""
    return _export(request, OVERSIGHT)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("staff.add_export", JOINING.permission)
def joining(request: HttpRequest) -> HttpResponse | FileResponse:
    """Everybody who can join, phones masked."""
    return _export(request, JOINING)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("staff.add_export", MEMBERS.permission)
def members(request: HttpRequest) -> HttpResponse | FileResponse:
    """All members, phones masked."""
    return _export(request, MEMBERS)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("staff.add_export", ACCESSES.permission)
def accesses(request: HttpRequest) -> HttpResponse | FileResponse:
    """Who saw whose details in full on some days."""
    return _export(request, ACCESSES)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("staff.add_export", UNCLAIMED.permission)
def unclaimed(request: HttpRequest) -> HttpResponse | FileResponse:
    """Who has gifts to collect and services to use."""
    return _export(request, UNCLAIMED)


def _export(request: HttpRequest, listed: ListExport) -> HttpResponse | FileResponse:
    today = timezone.localdate().isoformat()
    asked = {name: request.GET.get(name) or today for name in listed.form.days}
    form = listed.form(request.POST if request.method == "POST" else None, initial=asked)
    if form.is_valid():
        with form.refusals():
            return _download(request, listed, form)
    return render(request, "desk/export.html", {"listed": listed, "form": form})


def _download(request: HttpRequest, listed: ListExport, form: ExportForm) -> FileResponse:
    now, by, target = timezone.now(), colleague(request), BytesIO()
    rows = listed.rows_of(form, today=timezone.localdate(now))
    reason = form.cleaned_data["reason"]
    at = f"{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    note = f"{listed.title} {form.filters()}".strip() + f"\n{by.name} 于 {at} 导出，用途：{reason}"
    count = write_list(listed.title, listed.headings, rows, target, note=note)
    record_export(
        what=listed.code,
        title=listed.title,
        filters=form.filters(),
        row_count=count,
        reason=reason,
        by=by,
        now=now,
    )
    target.seek(0)
    name = f"{listed.title}-{now.astimezone(SHANGHAI):%Y%m%d-%H%M}.xlsx"
    return FileResponse(target, as_attachment=True, filename=name)
