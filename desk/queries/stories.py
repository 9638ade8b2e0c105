"""What is told about a line of the ledger: the paper, why it was put right, which other file."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from members.models import FileMerge, Patient
from points.models import Correction, LegacyBalance, PointsEntry, Receipt, Refund
from rewards.models import Redemption

_MERGED = re.compile(r"(?:un)?merge:\d+:(?:in|out)")
_PEOPLE = ("patient", "correction__receipt__patient")
_SPENT = {PointsEntry.Kind.REDEEM, PointsEntry.Kind.REDEEM_CANCEL}


@dataclass(frozen=True, slots=True)
class Story:
    """The paper behind an entry; a sentence that may end in another patient's file; the reason."""

    receipt: Receipt | None = None
    refund: Refund | None = None
    sentence: str = ""
    file: Patient | None = None
    reason: str = ""
    redemption: Redemption | None = None


_CARRIED_OVER = Story(sentence="启用方案B，以前的积分转为可用")


def stories(entries: Sequence[PointsEntry]) -> list[Story]:
    """What is told about each entry, in at most eight statements for any number of them."""
    references = [entry.reference for entry in entries]
    kinds = {entry.kind for entry in entries}
    told: dict[str, Story] = {}
    told |= {paid.reference: _of_receipt(paid) for paid in _receipts(references)}
    told |= {back.reference: _of_refund(back) for back in _refunds(references)}
    if PointsEntry.Kind.REVERSAL in kinds:
        told |= _of_corrections(references)
    if PointsEntry.Kind.OPENING in kinds:
        balances = LegacyBalance.objects.filter(reference__in=references, rejected=False)
        found = balances.select_related("imported_in")
        told |= {balance.reference: _of_balance(balance) for balance in found}
    if kinds & _SPENT:
        told |= _of_redemptions(references)
    if PointsEntry.Kind.CHANGEOVER in kinds:
        told |= dict.fromkeys(
            (text for text in references if text.startswith("changeover:")), _CARRIED_OVER
        )
    if kinds & {PointsEntry.Kind.MERGE_IN, PointsEntry.Kind.MERGE_OUT}:
        told |= _of_merges(references)
    return [told.get(reference, Story()) for reference in references]


def _receipts(references: Sequence[str]) -> Iterable[Receipt]:
    return Receipt.objects.filter(reference__in=references).select_related(*_PEOPLE)


def _refunds(references: Sequence[str]) -> Iterable[Refund]:
    return Refund.objects.filter(reference__in=references).select_related("receipt", "correction")


def _of_receipt(paid: Receipt) -> Story:
    cause = paid.correction
    if cause is None:
        return Story(paid)
    if not cause.voids:
        return Story(paid, sentence=f"冲正后重录，第 {paid.revision} 版", reason=cause.reason)
    version = f"第 {paid.revision} 版，更正"
    if cause.receipt.patient_id == paid.patient_id:
        return Story(paid, sentence=version, reason=cause.reason)
    return Story(paid, None, f"{version}自档案", cause.receipt.patient, cause.reason)


def _of_refund(back: Refund) -> Story:
    if back.correction_id and back.correction_id == back.receipt.correction_id:
        return Story(None, back, "随更正的收据转入", reason=back.reason)
    return Story(None, back, reason=back.reason)


def _of_corrections(references: Sequence[str]) -> dict[str, Story]:
    related = ("receipt__patient", "refund__receipt")
    found = Correction.objects.filter(reference__in=references).select_related(*related)
    corrections = list(found)
    entered_again = Receipt.objects.filter(correction__in=corrections).select_related("patient")
    later = {receipt.correction_id: receipt for receipt in entered_again}
    return {made.reference: _of_correction(made, later.get(made.pk)) for made in corrections}


def _of_correction(made: Correction, later: Receipt | None) -> Story:
    if made.refund:
        return Story(None, made.refund, "退费冲正", reason=made.reason)
    if later is None:
        return Story(made.receipt, sentence="冲正，没有重录", reason=made.reason)
    if later.patient_id == made.receipt.patient_id:
        sentence = f"冲正，已更正为第 {later.revision} 版"
        return Story(made.receipt, sentence=sentence, reason=made.reason)
    return Story(made.receipt, None, "冲正，已更正到档案", later.patient, made.reason)


def _of_redemptions(references: Sequence[str]) -> dict[str, Story]:
    """By the reference of the redemption and that of its cancellation."""
    made = Redemption.objects.select_related("item", "cancel").filter(
        Q(reference__in=references) | Q(cancel__reference__in=references)
    )
    told = {}
    for bought in made:
        sentence = f"{bought.item} {bought.quantity} {bought.item.unit}"
        told[bought.reference] = Story(sentence=sentence, redemption=bought)
        if bought.voided:
            told[bought.cancel.reference] = Story(
                sentence=sentence, reason=bought.cancel.reason, redemption=bought
            )
    return told


def _of_balance(balance: LegacyBalance) -> Story:
    return Story(sentence=f"原积分转入，截至 {balance.until}，文件 {balance.imported_in.file_name}")


def _of_merges(references: Iterable[str]) -> dict[str, Story]:
    """By reference: "merge:7:out", and "unmerge:7:in" when it was taken back."""
    parts = {text: text.split(":") for text in references if _MERGED.fullmatch(text)}
    keys = {part[1] for part in parts.values()}
    merges = FileMerge.objects.select_related("kept", "absorbed").in_bulk([*map(int, keys)])
    return {text: _of_merge(merges[int(part[1])], part) for text, part in parts.items()}


def _of_merge(merge: FileMerge, part: Sequence[str]) -> Story:
    what, _, way = part
    undone = what == "unmerge"
    # Going out of one file is coming from it for the other.
    file = merge.absorbed if undone == (way == "out") else merge.kept
    sentence = {
        ("merge", "in"): "并入，来自档案",
        ("merge", "out"): "并入档案",
        ("unmerge", "in"): "撤销合并，转回自档案",
        ("unmerge", "out"): "撤销合并，转回档案",
    }[(what, way)]
    return Story(None, None, sentence, file, merge.undo_reason if undone else merge.reason)
