from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("desk.urls")),
    path("", include("staff.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("api.urls")),
    path("scheme/", include("scheme.urls")),
]

handler400 = "desk.views.errors.bad_request"
handler403 = "desk.views.errors.denied"
handler404 = "desk.views.errors.missing"
handler500 = "desk.views.errors.failed"
