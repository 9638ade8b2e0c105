from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from desk.forms.fields import DayField
from members.queries.alike import files_alike as alike_to
from members.rules import PatientDetails
from members.rules.details import read_details
from staff.permissions import requires
from staff.rules import plain

_TYPED = ("name", "birth_date", "phone", "document_type", "id_number")


@require_POST
@requires("members.view_patient")
def files_alike(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Files that agree with what is being typed, besides the file `pk` itself."""
    given = {field: plain(request.POST.get(field, "")) for field in _TYPED}
    given["birth_date"] = DayField(label="出生日期", required=False).to_python(given["birth_date"])
    typed, _ = read_details(given, PatientDetails(), today=timezone.localdate())
    context = {"alike": alike_to(typed, besides=pk), "joining": pk}
    return render(request, "desk/_alike.html", context)
