from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from scheme.forms.items import ItemForm, PricesForm
from scheme.operations.items import add_item, set_prices
from scheme.queries.drafts import items as all_items
from scheme.queries.drafts import price_changes
from scheme.views.requests import colleague
from staff.clock import checked_now
from staff.permissions import requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires("scheme.change_item")
def items(request: HttpRequest) -> HttpResponse:
    """The prices of all gifts and services, and who changed them lately."""
    form = PricesForm(request.POST if request.method == "POST" else None, items=all_items())
    if form.is_valid():
        with form.refusals():
            made = set_prices(prices=form.changed(), by=colleague(request), now=checked_now())
            said = f"已保存：修改了 {len(made)} 个项目的价格" if made else "没有改动"
            messages.success(request, said)
            return redirect("scheme:items")
    return render(request, "scheme/items.html", {"form": form, "changes": price_changes()})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("scheme.change_scheme")
def item_new(request: HttpRequest) -> HttpResponse:
    """Register a gift or a service that drafts can then use."""
    form = ItemForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with form.refusals():
            made = add_item(**form.cleaned_data)
            messages.success(request, f"已新建项目“{made.name}”，现在可以在草稿里选择")
            return redirect("scheme:drafts")
    return render(request, "scheme/item_new.html", {"form": form})
