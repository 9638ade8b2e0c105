"""Histories that every demonstration has: each level by each path, and each special case."""

from dataclasses import dataclass

from desk.demo import people
from points.models import TierReview

Visit = tuple[int, str, str]  # days ago, treatment, yuan
Return = tuple[int, int, str, str]  # days ago, which payment, yuan, reason


@dataclass(frozen=True)
class Story:
    """One patient's payments and what came of them; days are counted back from today."""

    visits: tuple[Visit, ...]
    joins: int | None = None
    trait: str = people.ADULT
    returns: tuple[Return, ...] = ()
    decided: tuple[int, TierReview.Decision, str] | None = None


LEVELS = (
    # 普通会员 by one day, by the total; the day's sum of two receipts
    Story(((402, "crown", "1280.00"), (95, "scaling", "260.00")), joins=402),
    Story(((610, "crown", "1000.00"),), joins=610),
    Story(((57, "root_canal", "640.00"), (57, "xray", "380.00")), joins=57),
    Story(
        (
            (520, "filling", "420.00"),
            (488, "root_canal", "860.00"),
            (470, "filling", "360.50"),
            (301, "scaling", "280.00"),
            (164, "filling", "138.00"),
        ),
        joins=164,
    ),
    # 高级会员 by one day, by the total
    Story(((380, "denture", "1100.00"), (204, "implant_first", "5600.00")), joins=380),
    Story(((33, "braces_first", "5000.00"),), joins=33),
    Story(
        (
            (560, "crown", "1200.00"),
            (431, "crown", "2600.00"),
            (290, "crown", "2680.00"),
            (121, "denture", "1880.00"),
        ),
        joins=560,
    ),
    # VIP会员 by one day, by the total
    Story(((265, "implant_first", "10240.00"), (92, "implant_second", "1860.00")), joins=265),
    Story(
        (
            (640, "denture", "1260.00"),
            (505, "implant_crown", "4800.00"),
            (322, "implant_crown", "4700.00"),
            (118, "implant_crown", "4560.00"),
        ),
        joins=640,
    ),
    # 钻石VIP会员 by one day (two receipts), by the total
    Story(
        ((176, "implant_first", "12800.00"), (176, "implant_first", "8800.00")),
        joins=176,
    ),
    Story(
        (
            (690, "crown", "3000.00"),
            (548, "implant_first", "9000.00"),
            (360, "implant_first", "8200.00"),
            (74, "implant_crown", "6180.00"),
        ),
        joins=690,
    ),
)

JUST_BELOW = (
    Story(((150, "crown", "999.99"),)),
    Story(
        ((340, "root_canal", "800.00"), (333, "root_canal", "700.00"), (41, "filling", "499.00"))
    ),
    Story(((210, "implant_crown", "4999.00"),), joins=210),
    Story(
        ((480, "crown", "1200.00"), (270, "crown", "3000.00"), (63, "crown", "3799.00")), joins=480
    ),
    Story(((130, "implant_first", "9999.00"),), joins=130),
    Story(
        (
            (577, "implant_first", "6000.00"),
            (399, "implant_crown", "4999.00"),
            (88, "implant_crown", "4000.00"),
        ),
        joins=577,
    ),
    Story(((239, "full_implant", "19999.00"),), joins=239),
    Story(
        (
            (655, "implant_first", "12000.00"),
            (420, "implant_first", "9999.00"),
            (52, "implant_crown", "3000.00"),
        ),
        joins=655,
    ),
)

COULD_JOIN = (
    Story(((1, "crown", "1680.00"),)),
    Story(((2, "root_canal", "620.00"), (2, "xray", "40.00"), (2, "filling", "340.00"))),
    Story(((9, "implant_first", "6800.00"),)),
    Story(((27, "full_implant", "22000.00"),)),
    Story(((410, "root_canal", "900.00"), (220, "root_canal", "700.00"), (5, "filling", "400.00"))),
    Story(((700, "denture", "960.00"), (350, "denture", "980.00"), (16, "scaling", "188.00"))),
)

RETURNED = (
    Story(
        ((300, "wisdom_tooth", "680.00"),),
        returns=((299, 0, "680.00", "改约，治疗未做"),),
    ),
    Story(
        ((185, "crown", "1860.00"), (20, "exam", "30.00")),
        joins=185,
        returns=((179, 0, "360.50", "材料更换差价"),),
    ),
    Story(
        ((96, "deep_scaling", "900.00"), (60, "deep_scaling", "1400.00")),
        joins=60,
        returns=((55, 1, "150.00", "部分项目未做"), (48, 1, "49.99", "部分项目未做")),
    ),
    Story(((12, "facial", "398.00"),), returns=((11, 0, "398.00", "收费有误，重新收费"),)),
)

REVIEWED = (
    # Waits for a manager: 钻石VIP会员 on the ground of a VIP会员
    Story(
        ((140, "full_implant", "21800.00"), (70, "scaling", "260.00")),
        joins=140,
        returns=((6, 0, "6000.00", "减少一颗种植体"),),
    ),
    Story(
        ((355, "implant_first", "10500.00"),),
        joins=355,
        returns=((310, 0, "900.00", "材料更换差价"),),
        decided=(308, TierReview.Decision.KEEP, "因我院材料缺货更换，保留级别"),
    ),
    Story(
        ((23, "implant_first", "5200.00"), (16, "filling", "260.00")),
        joins=23,
        returns=((4, 0, "3200.00", "改为活动义齿"),),
        decided=(0, TierReview.Decision.WAIVE, "改变治疗方案，级别收回，礼品不追回"),
    ),
)

TODAY = (
    Story(((0, "filling", "320.00"),)),
    Story(((0, "scaling", "268.00"),)),
    Story(((0, "crown", "1960.00"),)),
    Story(((300, "crown", "1500.00"), (0, "root_canal", "640.00")), joins=300),
)

PARTICULAR = (
    Story(
        (
            (330, "braces_plan", "480.00"),
            (318, "braces_first", "6600.00"),
            (200, "braces_part", "2800.00"),
        ),
        joins=318,
        trait=people.MINOR,
    ),
    Story(((250, "sealant", "620.00"), (250, "milk_tooth", "400.00")), 250, people.MINOR),
    Story(((145, "crown", "2380.00"),), 145, people.FOREIGNER),
    Story(((280, "root_canal", "1150.00"),), 280, people.FROM_HONG_KONG),
    Story(((77, "extraction", "180.00"),), trait=people.NO_PHONE),
    Story(((44, "filling", "260.00"),), trait=people.NO_DOCUMENT),
)

STORIES = (*LEVELS, *JUST_BELOW, *COULD_JOIN, *RETURNED, *REVIEWED, *TODAY, *PARTICULAR)
