"""What pages with a proof share: the text to sign, and how this desk proves things."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from desk.forms.proof import ProofForm

_ON_PAPER = "proof_on_paper"


def text_of(request: HttpRequest, form: ProofForm) -> HttpResponse:
    """What the screen shows to be signed, or what must be put right in the form before."""
    faults = form.faults_before_signing()
    context = {
        "faults": faults,
        "text": "" if faults else form.text_to_sign(),
        "unfinished": "请先把这一页填好，再签字：",
    }
    return render(request, "desk/_signing_text.html", context)


def signs_at_once(request: HttpRequest) -> bool:
    """Whether to ask for a signature as the page opens: unless the last proof was on paper."""
    return not request.session.get(_ON_PAPER, False)


def remember_proof(request: HttpRequest, form: ProofForm) -> None:
    """The next page begins with the kind of proof that this one had."""
    request.session[_ON_PAPER] = not form.cleaned_data["signature"]
