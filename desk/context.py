from django.conf import settings
from django.http import HttpRequest


def hospital(request: HttpRequest) -> dict[str, str]:
    """The hospital's name, for every title and print."""
    return {"hospital_name": settings.HOSPITAL_NAME}
