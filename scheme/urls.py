from django.urls import path

from scheme.views import drafts, editing, items, versions

app_name = "scheme"

urlpatterns = [
    path("", versions.in_force, name="in_force"),
    path("<int:pk>/", versions.version, name="version"),
    path("drafts/", drafts.drafts, name="drafts"),
    path("drafts/new/", drafts.draft_new, name="draft_new"),
    path("drafts/<int:pk>/", drafts.draft, name="draft"),
    path("drafts/<int:pk>/settings/", editing.settings, name="draft_settings"),
    path("drafts/<int:pk>/tiers/", editing.tiers, name="draft_tiers"),
    path("drafts/<int:pk>/tiers/<int:rank>/", editing.benefits, name="draft_benefits"),
    path("drafts/<int:pk>/catalogue/", editing.catalogue, name="draft_catalogue"),
    path("drafts/<int:pk>/gifts/", editing.gift_bands, name="draft_gift_bands"),
    path("drafts/<int:pk>/compare/", drafts.compare, name="compare"),
    path("drafts/<int:pk>/request/", drafts.request_to_publish, name="request_publication"),
    path("drafts/<int:pk>/withdraw/", drafts.withdraw, name="withdraw_publication"),
    path("drafts/<int:pk>/delete/", drafts.delete, name="draft_delete"),
    path("items/", items.items, name="items"),
    path("items/new/", items.item_new, name="item_new"),
]
