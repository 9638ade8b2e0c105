from django.urls import include, path

from staff.admin import back_office

urlpatterns = [
    path("", include("desk.urls")),
    path("", include("staff.urls")),
    path("admin/", back_office.urls),
    path("api/", include("api.urls")),
    path("scheme/", include("scheme.urls")),
]

handler400 = "desk.views.errors.bad_request"
handler403 = "desk.views.errors.denied"
handler404 = "desk.views.errors.missing"
handler500 = "desk.views.errors.failed"
