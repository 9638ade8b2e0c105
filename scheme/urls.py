from django.urls import path

from scheme import views

app_name = "scheme"

urlpatterns = [
    path("", views.in_force, name="in_force"),
    path("<int:pk>/", views.version, name="version"),
]
