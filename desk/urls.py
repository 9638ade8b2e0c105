from django.urls import path

from desk.views import approvals, enrolment, health, home, patients, till

urlpatterns = [
    path("", home.home, name="home"),
    path("approvals/", approvals.inbox, name="approvals"),
    path("approvals/<int:pk>/", approvals.approval, name="approval"),
    path("healthz", health.healthz, name="healthz"),
    path("patients/", patients.patients, name="patients"),
    path("patients/new/", patients.patient_new, name="patient_new"),
    path("patients/<int:pk>/", patients.patient, name="patient"),
    path("patients/<int:pk>/pay/", till.take_payment, name="take_payment"),
    path("patients/<int:pk>/enrol/", enrolment.enrol, name="enrol"),
    path("till/", till.till, name="till"),
    path("receipts/", till.receipts, name="receipts"),
    path("receipts/<int:pk>/", till.receipt, name="receipt"),
    path("receipts/<int:pk>/refund/", till.refund, name="refund"),
    path("readyz", health.readyz, name="readyz"),
]
