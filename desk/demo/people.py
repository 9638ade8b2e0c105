"""Invented patients: a file, and the answers they would give on the registration form."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from desk.demo import names
from members.rules import RESIDENT_ID, resident_id_check_digit

ADULT, MINOR, FOREIGNER, FROM_HONG_KONG = "adult", "minor", "foreigner", "from_hong_kong"
NO_PHONE, NO_DOCUMENT = "no_phone", "no_document"

_OTHER_PAPERS = {
    FOREIGNER: ("阮氏兰", "female", "passport", "C48"),
    FROM_HONG_KONG: ("邓家明", "male", "hk_macau_permit", "H02"),
}


@dataclass(frozen=True)
class Person:
    """An invented patient; a minor has a guardian's name, relation and phone."""

    file_number: str
    name: str
    sex: str
    birth_date: date
    phone: str
    document_type: str
    document_number: str
    address: str
    guardian: tuple[str, str, str] | None
    brought_document: bool

    def file(self) -> dict[str, object]:
        """What the front desk writes down on the first visit."""
        written: dict[str, object] = {
            "name": self.name,
            "sex": self.sex,
            "birth_date": self.birth_date.isoformat(),
            "phone": self.phone,
        }
        if self.brought_document:
            written |= self._papers()
        return written

    def registration(
        self, *, signed_on: date, consents: tuple[bool, bool, bool]
    ) -> dict[str, object]:
        """The form R69 as this person fills it in."""
        guardian = self.guardian or ("", "", "")
        return {
            "name": self.name,
            "sex": self.sex,
            "birth_date": self.birth_date.isoformat(),
            "phone": self.phone,
            **self._papers(),
            "accepts_follow_up": consents[0],
            "accepts_post": consents[1],
            "accepts_activities": consents[2],
            "guardian_name": guardian[0],
            "guardian_relation": guardian[1],
            "guardian_phone": guardian[2],
            "explained": True,
            "signed_on": signed_on.isoformat(),
        }

    def _papers(self) -> dict[str, object]:
        return {
            "document_type": self.document_type,
            "id_number": self.document_number,
            "address": self.address,
        }


class Inventor:
    """Invents patients one after the other, the same ones for the same random numbers."""

    def __init__(self, random: Random, *, today: date) -> None:
        self.random = random
        self.today = today
        self.unusual = list(names.UNUSUAL)
        self.files = 180_200
        self.serials = iter(random.sample(range(1000), 1000))

    def invent(self, trait: str) -> Person:
        """The next patient; `trait` says what is special about this one."""
        self.files += self.random.randint(1, 23)
        born = self._born(minor=trait == MINOR)
        name, sex = self._name(born) if trait not in _OTHER_PAPERS else _OTHER_PAPERS[trait][:2]
        kind, number = self._document(trait, born, sex)
        return Person(
            file_number=f"{self.files:08d}",
            name=name,
            sex=sex,
            birth_date=born,
            phone="" if trait == NO_PHONE else self._phone(),
            document_type=kind,
            document_number=number,
            address=self._address(),
            guardian=self._guardian(name) if trait == MINOR else None,
            brought_document=trait not in (NO_PHONE, NO_DOCUMENT) and self.random.random() < 0.6,
        )

    def _born(self, *, minor: bool) -> date:
        # A minor stays one for the two years behind and for some time ahead.
        years = self.random.uniform(5.5, 16) if minor else self.random.triangular(21, 84, 44)
        return self.today - timedelta(days=int(years * 365.25))

    def _name(self, born: date) -> tuple[str, str]:
        adult = self.today.year - born.year >= 18
        if self.unusual and adult and self.random.random() < 0.3:
            return self.unusual.pop(0)
        sex = self.random.choice(("male", "female", "female"))
        given = names.OLDER if self.today.year - born.year > 45 else names.YOUNGER
        # Half of all people carry one of the first twenty surnames.
        surnames = names.SURNAMES[:20] if self.random.random() < 0.5 else names.SURNAMES
        return self.random.choice(surnames) + self._given(given[sex]), sex

    def _given(self, known: tuple[str, ...]) -> str:
        """One of the given names, or one put together from two of them."""
        first, second = self.random.choice(known), self.random.choice(known)
        mixed = len(first) == len(second) == 2 and first[0] != second[1]
        return first[0] + second[1] if mixed and self.random.random() < 0.6 else first

    def _document(self, trait: str, born: date, sex: str) -> tuple[str, str]:
        serial = next(self.serials)
        if trait in _OTHER_PAPERS:
            _, _, kind, prefix = _OTHER_PAPERS[trait]
            return kind, f"{prefix}{serial:03d}{self.random.randint(100, 999)}"
        return RESIDENT_ID, _resident_id(born, serial // 2 * 2 + (sex == "male"))

    def _phone(self) -> str:
        prefix = self.random.choice(names.PHONE_PREFIXES)
        return f"{prefix}{self.random.randint(0, 99_999_999):08d}"

    def _address(self) -> str:
        weights = [weight for _, weight, _ in names.DISTRICTS]
        district, _, streets = self.random.choices(names.DISTRICTS, weights)[0]
        street, number = self.random.choice(streets), self.random.randint(3, 288)
        estate = self.random.choice(names.ESTATES)
        building = f"{estate}{self.random.randint(1, 24)}栋" if estate else ""
        room = f"{self.random.randint(1, 17)}0{self.random.randint(1, 4)}室" if estate else ""
        return f"云南省曲靖市{district}{street}{number}号{building}{room}"

    def _guardian(self, name: str) -> tuple[str, str, str]:
        mother = self.random.random() < 0.6
        given = self.random.choice(names.OLDER["female" if mother else "male"])
        surname = self.random.choice(names.SURNAMES) if mother else name[0]
        return surname + given, "母亲" if mother else "父亲", self._phone()


def _resident_id(born: date, serial: int) -> str:
    body = f"{names.ID_REGION}{born:%Y%m%d}{serial:03d}"
    return body + resident_id_check_digit(body)
