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
    over before, for one that is stopped, and for one of a merged file (C40).
    """
    card = give_card(card_id=card_id, by=by, now=now)
    file = card.membership.patient
    if file.merged_into:
        message = f"这张卡属于已合并的档案 {file.file_number}，实体卡请从 {file.merged_into} 发"
        raise Refusal("card_of_merged_file", 409, message)
    rules = rules_on(business_day(now))
    if rules is None or not card_due(rules, standing(file.pk).tier):
        message = "按现行会员规则，这位会员使用电子会员卡，不发实体卡"
        raise Refusal("card_not_due", 409, message)
    return card
