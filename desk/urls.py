from django.urls import path

from desk.views import approvals, enrolment, health, home, imports, merging, patients, till

urlpatterns = [
    path("", home.home, name="home"),
    path("approvals/", approvals.inbox, name="approvals"),
    path("approvals/<int:pk>/", approvals.approval, name="approval"),
    path("healthz", health.healthz, name="healthz"),
    path("imports/", imports.imports, name="imports"),
    path("imports/new/", imports.import_new, name="import_new"),
    path("imports/new/<str:kind>/", imports.import_upload, name="import_upload"),
    path("imports/template/<str:kind>/", imports.import_template, name="import_template"),
    path("imports/<int:pk>/", imports.import_detail, name="import"),
    path("imports/<int:pk>/next/", imports.import_next, name="import_next"),
    path("imports/<int:pk>/save/", imports.import_save, name="import_save"),
    path("imports/<int:pk>/cancel/", imports.import_cancel, name="import_cancel"),
    path("imports/<int:pk>/refused/", imports.import_refused, name="import_refused"),
    path("merging/", merging.suspects, name="suspects"),
    path("merging/<int:pk>/undo/", merging.undo, name="undo_merge"),
    path("merging/files/<int:one>/<int:other>/", merging.compare, name="compare_files"),
    path("merging/files/<int:one>/<int:other>/distinct/", merging.distinct, name="distinct_files"),
    path("merging/requests/<int:pk>/withdraw/", merging.withdraw, name="withdraw_merge"),
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
