"""Mistakes of the last days and how they were put right: receipts, refunds, double files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from desk.demo.people import Person
from desk.demo.staffing import Staff
from members.models import FileMerge
from members.operations.merging import request_merge
from members.operations.patients import save_patient
from points.operations.corrections import correct_receipt
from points.operations.merging import decide_merge
from points.operations.receipts import record_receipt
from points.operations.refunds import record_refund
from points.rules import NewCorrection, NewReceipt, NewRefund
from staff.models import User

DOUBLE_FILES = 3
_SAME_PERSON = "同名同电话，姓名和出生日期一致，病人说以前办过档案"


@dataclass(frozen=True)
class Mistakes:
    """Lets staff make the mistakes and mend them, on the files of these people."""

    staff: Staff
    now: datetime

    def happen(self, people: Sequence[Person]) -> None:
        """A receipt on the wrong file, one with a zero too many, late ones, double files."""
        cashier = self.staff.cashiers[0]
        self._paid("SJ-CW-01", people[0], "3860", days=2, by=cashier)
        self._corrected("SJ-CW-01", "刷错病人：同姓，档案号看错一位", file=people[1])
        self._paid("SJ-CW-02", people[2], "26800", days=1, by=cashier)
        self._corrected("SJ-CW-02", "金额多录一个零", amount="2680")
        self._paid("SJ-CW-03", people[3], "180", days=1, by=cashier)
        self._corrected("SJ-CW-03", "病人未付款，收据作废", void=True)
        self._paid("SJ-BL-01", people[1], "420", days=3, by=cashier)
        self._paid("SJ-TF-01", people[2], "560", days=0, by=cashier)
        self._refunded("SJ-TF-01", "TF-CW-01", "160", cashier)
        for place, decision in enumerate((True, None)):
            self._double(people[place], place, decision)
        self._second_file(people[3], 3)

    def _paid(self, number: str, person: Person, yuan: str, *, days: int, by: User) -> None:
        at = self.now - timedelta(days=days, minutes=50)
        record_receipt(new=_receipt(number, person.file_number, yuan, at), by=by, now=self.now)

    def _corrected(
        self,
        number: str,
        reason: str,
        *,
        file: Person | None = None,
        amount: str = "",
        void: bool = False,
    ) -> None:
        new = NewCorrection(
            receipt_number=number,
            reason=reason,
            void=void,
            file_number=file.file_number if file else None,
            amount=Decimal(amount) if amount else None,
        )
        correct_receipt(new=new, by=self.staff.cashiers[0], now=self.now)

    def _refunded(self, receipt: str, number: str, yuan: str, by: User) -> None:
        new = NewRefund(number, receipt, Decimal(yuan), self.now, "漏减优惠")
        record_refund(new=new, by=by, now=self.now)

    def _double(self, person: Person, place: int, approved: bool | None) -> None:
        """A second file, with a receipt, and the request to merge it; decided or waiting."""
        number = self._second_file(person, place)
        asked = request_merge(
            kept_number=person.file_number,
            absorbed_number=number,
            reason=_SAME_PERSON,
            by=self.staff.front_desk,
            now=self.now,
        )
        if approved is not None:
            self._decide(asked, approved)

    def _second_file(self, person: Person, place: int) -> str:
        number = f"{person.file_number}-2"
        told = {
            "name": person.name,
            "sex": person.sex,
            "birth_date": person.birth_date.isoformat(),
            "phone": person.phone,
        }
        front_desk = self.staff.front_desk
        save_patient(file_number=number, given=told, by=front_desk, now=self.now)
        at = self.now - timedelta(minutes=30 + place)
        new = _receipt(f"SJ-CF-{place}", number, f"{430 + 80 * place}", at)
        record_receipt(new=new, by=self.staff.cashiers[1], now=self.now)
        return number

    def _decide(self, asked: FileMerge, approve: bool) -> None:
        decide_merge(
            merge_id=asked.pk,
            approve=approve,
            sentence="已核对两份档案的电话和就诊记录",
            by=self.staff.manager,
            now=self.now,
        )


def _receipt(number: str, file_number: str, yuan: str, at: datetime) -> NewReceipt:
    department, doctor = "口腔内科", "D1001"
    return NewReceipt(number, file_number, Decimal(yuan), at, department, doctor, "手工收据")
