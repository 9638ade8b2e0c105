from django.urls import path

from staff import views

urlpatterns = [
    path("login/", views.log_in, name="login"),
    path("logout/", views.log_out, name="logout"),
    path("password/", views.change_password, name="change_password"),
    path("staff/designations/", views.member_admins, name="designations"),
    path("staff/designations/new/", views.designate, name="designate"),
]
