from django import forms
from django.utils.datastructures import MultiValueDict

from desk.forms.fields import ScannedField, Written
from members.rules.signing import Signed, signature_image
from rewards.rules.proof import Proof, proof_from
from staff.exceptions import Refusal
from staff.forms import StaffForm

_PROOF = ("signature", "signed_text", "slip_number")


class ProofForm(StaffForm):
    """A form that ends with a signature on the screen or the number of a paper slip.

    A form of this kind says in `text_to_sign` what the member signs; its page includes
    desk/_proof.html, and desk.views.proof answers with the text. `needs_proof` is False where
    something else proves it, such as a service card.
    """

    needs_proof = True

    signature = Written(label="签名", required=False, widget=forms.HiddenInput)
    signed_text = Written(label="签署的内容", required=False, widget=forms.HiddenInput)
    slip_number = ScannedField(
        label="纸质凭证号",
        required=False,
        help_text="会员在纸上签收时填写，可以扫码；屏幕签字不用填",
    )

    def text_to_sign(self) -> str:
        """What the screen shows to be signed, once nothing but the proof is missing."""
        raise NotImplementedError

    def clean(self) -> None:
        if self.needs_proof and not self.faults_before_signing():
            with self.refusals():
                self._check_signed()
                self.proof()

    def faults_before_signing(self) -> list[str]:
        """What is still wrong with the form apart from its proof."""
        others = {name: said for name, said in self.errors.items() if name not in _PROOF}
        return [str(sentence) for said in others.values() for sentence in said]

    def proof(self) -> Proof:
        """Signature or slip number. Raises Refusal."""
        return proof_from(signed=self._signed(), slip_number=self.cleaned_data["slip_number"])

    def _signed(self) -> Signed | None:
        if not self.cleaned_data["signature"]:
            return None
        return Signed(self.text_to_sign(), signature_image(self.cleaned_data["signature"]))

    def _check_signed(self) -> None:
        """The text that was shown is the one that is kept (R69); otherwise it is signed anew."""
        shown, kept = self.cleaned_data["signed_text"], self.text_to_sign()
        if self.cleaned_data["signature"] and shown.split() != kept.split():
            self._forget_signature()
            message = "签字后内容又改过，请会员重新签字"
            raise Refusal("signed_another", 422, message, "slip_number")

    def _forget_signature(self) -> None:
        """Other fields stay as they were typed, also those with several answers."""
        typed = self.data if isinstance(self.data, MultiValueDict) else MultiValueDict()
        self.data = MultiValueDict({**dict(typed.lists()), "signature": [""], "signed_text": [""]})
