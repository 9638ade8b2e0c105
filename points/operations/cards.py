from datetime import datetime

from members.models import Card
from members.operations.cards import give_card
from points.queries import standing
from scheme.queries import rules_on
from scheme.rules import card_due
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation
from staff.rules import business_day


@operation
def hand_over_card(*, card_id: int, by: User, now: datetime) -> Card:
    """Record that a member got the physical card, which the rules in force provide (R29, C21).

    Raises Refusal 409 for a member who has an electronic card only, for a card that was handed
    over before, and for one that is stopped.
    """
    card = give_card(card_id=card_id, by=by, now=now)
    rules = rules_on(business_day(now))
    tier = standing(card.membership.patient.root_id).tier
    if rules is None or not card_due(rules, tier):
        message = "按现行会员规则，这位会员使用电子会员卡，不发实体卡"
        raise Refusal("card_not_due", 409, message)
    return card
