"""The control: settings under which one answer in ten is given for what is never committed."""

import random
from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from config.settings import *  # noqa: F403
from config.settings import MIDDLEWARE as HONEST

MIDDLEWARE = [*HONEST, "tests.prove.crashes.lying.AnswersWithoutCommit"]
SHARE = 0.1


class AnswersWithoutCommit:
    """As a server would that answers before its commit, and then is killed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            response = self.get_response(request)
            if request.method == "POST" and random.random() < SHARE:
                transaction.set_rollback(True)
        return response
