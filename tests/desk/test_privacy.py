from django.test import Client


def test_no_page_stays_in_the_browsers_cache(as_cashier: Client) -> None:
    assert "no-store" in as_cashier.get("/")["Cache-Control"]
