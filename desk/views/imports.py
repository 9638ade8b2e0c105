from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from desk.forms.imports import UploadForm
from desk.imports import KINDS
from desk.queries.imports import import_page, kind_page, kinds_for, may_import
from desk.views.requests import colleague
from staff.clock import checked_now
from staff.exceptions import Refusal
from staff.models import Import
from staff.operations.file_kinds import FileKind
from staff.operations.staging import advance, begin_saving, cancel, stage
from staff.permissions import requires
from staff.queries import imports as all_imports
from staff.queries import refused_rows
from staff.spreadsheets import RefusedBook, fields_of, open_sheet, write_template

_PER_PAGE = 30


@require_safe
@requires("staff.view_import")
def imports(request: HttpRequest) -> HttpResponse:
    """All imports, the latest first."""
    rows = Paginator(all_imports(), _PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "desk/imports.html", {"rows": rows})


@require_safe
@requires("staff.add_import")
def import_new(request: HttpRequest) -> HttpResponse:
    """Which kind of file?"""
    return render(request, "desk/import_new.html", {"kinds": kinds_for(colleague(request))})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("staff.add_import")
def import_upload(request: HttpRequest, kind: str) -> HttpResponse:
    """What belongs into a file of this kind; then the import of the file that was sent."""
    chosen = _kind(request, kind)
    length = request.headers.get("Content-Length", "")
    sent = int(length) if length.isdecimal() else 0
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*data, sent=sent)
    if form.is_valid():
        with form.refusals():
            batch = stage(
                sheet=open_sheet(Path(form.upload.temporary_file_path()), chosen.columns),
                kind=chosen,
                file_name=Path(form.upload.name or "").name,
                by=colleague(request),
                now=timezone.now(),
            )
            return redirect("import", batch.pk)
    return render(request, "desk/import_upload.html", {"page": kind_page(chosen), "form": form})


@require_safe
@requires("staff.add_import")
def import_template(request: HttpRequest, kind: str) -> HttpResponse | FileResponse:
    """The workbook to fill in."""
    chosen = _kind(request, kind)
    target = BytesIO()
    write_template(str(chosen.kind.label), chosen.columns, target)
    return _download(target, f"{chosen.kind.label}导入模板.xlsx")


@require_safe
@requires("staff.view_import")
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """How far an import is, what would come of it or has, and which rows are wrong."""
    batch = get_object_or_404(all_imports(), pk=pk)
    return render(request, "desk/import.html", {"page": import_page(batch, colleague(request))})


@require_POST
@requires("staff.add_import")
def import_next(request: HttpRequest, pk: int) -> HttpResponse:
    """One step on: the page asks for the next one, or a colleague does by button."""
    batch, notice = _of_a_kind_i_may_import(request, pk), ""
    try:
        advance(batch_id=batch.pk, kind=KINDS[batch.kind], now=checked_now())
    except Refusal as refusal:
        notice = refusal.message
    page = import_page(all_imports().get(pk=pk), colleague(request))
    if "HX-Request" not in request.headers:
        if notice:
            messages.error(request, notice)
        return redirect("import", pk)
    if not page.is_working:
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("import", args=[pk])})
    return render(request, "desk/_import_progress.html", {"page": page, "notice": notice})


@require_POST
@requires("staff.add_import")
def import_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the good rows saved; the import's page drives the steps."""
    batch = _of_a_kind_i_may_import(request, pk)
    with _refusal_told(request):
        begin_saving(batch_id=batch.pk, by=colleague(request), now=checked_now())
    return redirect("import", pk)


@require_POST
@requires("staff.add_import")
def import_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up an import of which nothing is saved."""
    batch = _of_a_kind_i_may_import(request, pk)
    with _refusal_told(request):
        cancel(batch_id=batch.pk, now=timezone.now())
        messages.success(request, "已取消，数据没有改变")
        return redirect("imports")
    return redirect("import", pk)


@require_safe
@requires("staff.add_import")
def import_refused(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """The refused rows as a workbook, to be mended and sent again."""
    batch = _of_a_kind_i_may_import(request, pk)
    columns = KINDS[batch.kind].columns
    target = BytesIO()
    book = RefusedBook(batch.header, fields_of(batch.header, columns), target)
    for found in refused_rows(batch, columns):
        book.write(found.row, found.reason, found.field)
    book.close()
    return _download(target, f"{Path(batch.file_name).stem}-退回的行.xlsx")


def _kind(request: HttpRequest, name: str) -> FileKind:
    kind = KINDS.get(name)
    if kind is None or not may_import(colleague(request), kind):
        raise Http404("没有这种导入")
    return kind


def _of_a_kind_i_may_import(request: HttpRequest, pk: int) -> Import:
    batch = get_object_or_404(all_imports(), pk=pk)
    _kind(request, batch.kind)
    return batch


@contextmanager
def _refusal_told(request: HttpRequest) -> Iterator[None]:
    """The page that follows says what was refused."""
    try:
        yield
    except Refusal as refusal:
        messages.error(request, refusal.message)


def _download(target: BytesIO, name: str) -> FileResponse:
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=name)
