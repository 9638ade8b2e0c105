"""What an invented hospital charges, by department, and how treatments follow each other."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Treatment:
    """A line of the price list: what it is, where it is done, between which sums in yuan."""

    department: str
    name: str
    lowest: int
    highest: int


CHECKUP, FILLINGS, CROWNS = "口腔内科", "口腔内科", "口腔修复科"
IMPLANTS, BRACES, SURGERY = "口腔种植科", "口腔正畸科", "口腔颌面外科"
GUMS, CHILDREN, BEAUTY, HERBS = "牙周科", "儿童口腔科", "美容科", "中医科"

TREATMENTS = {
    "exam": Treatment(CHECKUP, "口腔检查", 15, 60),
    "xray": Treatment(CHECKUP, "牙片", 20, 80),
    "ct": Treatment(IMPLANTS, "口腔CT", 260, 380),
    "filling": Treatment(FILLINGS, "补牙", 160, 480),
    "root_canal": Treatment(FILLINGS, "根管治疗", 480, 1180),
    "crown": Treatment(CROWNS, "全瓷冠", 1280, 3680),
    "denture": Treatment(CROWNS, "活动义齿", 880, 2600),
    "implant_first": Treatment(IMPLANTS, "种植一期", 5800, 9800),
    "implant_second": Treatment(IMPLANTS, "种植二期", 1200, 2600),
    "implant_crown": Treatment(IMPLANTS, "种植牙冠", 2400, 4600),
    "full_implant": Treatment(IMPLANTS, "半口种植", 18000, 26000),
    "braces_plan": Treatment(BRACES, "正畸方案设计", 280, 600),
    "braces_first": Treatment(BRACES, "正畸首期", 3800, 7800),
    "braces_part": Treatment(BRACES, "正畸分期", 1200, 2800),
    "braces_visit": Treatment(BRACES, "正畸复诊", 60, 180),
    "extraction": Treatment(SURGERY, "拔牙", 90, 420),
    "wisdom_tooth": Treatment(SURGERY, "阻生齿拔除", 580, 1480),
    "stitches": Treatment(SURGERY, "拆线", 15, 40),
    "scaling": Treatment(GUMS, "超声波洁牙", 168, 320),
    "deep_scaling": Treatment(GUMS, "龈下刮治", 480, 1600),
    "fluoride": Treatment(CHILDREN, "涂氟", 100, 180),
    "sealant": Treatment(CHILDREN, "窝沟封闭", 140, 320),
    "milk_tooth": Treatment(CHILDREN, "乳牙治疗", 120, 420),
    "facial": Treatment(BEAUTY, "面部护理", 168, 498),
    "herbal": Treatment(HERBS, "中草药热疗", 88, 198),
}

DEPARTMENTS = tuple(dict.fromkeys(line.department for line in TREATMENTS.values()))

# A course: days since the step before, and what is paid for on that day.
Course = tuple[tuple[int, tuple[str, ...]], ...]

ADULTS: tuple[tuple[int, Course], ...] = (
    (8, ((0, ("exam", "scaling")), (190, ("scaling",)))),
    (8, ((0, ("exam", "filling")), (16, ("filling",)))),
    (6, ((0, ("exam", "xray", "root_canal")), (9, ("root_canal",)), (21, ("crown",)))),
    (4, ((0, ("exam", "xray")), (6, ("wisdom_tooth",)), (8, ("stitches",)))),
    (3, ((0, ("exam", "extraction")), (45, ("denture",)))),
    (3, ((0, ("scaling",)), (10, ("deep_scaling",)), (14, ("deep_scaling",)))),
    (2, ((0, ("facial",)), (30, ("facial",)), (30, ("facial",)))),
    (2, ((0, ("herbal",)), (7, ("herbal",)), (7, ("herbal",)))),
    (
        3,
        (
            (0, ("exam", "ct")),
            (8, ("implant_first",)),
            (10, ("stitches",)),
            (100, ("implant_second",)),
            (21, ("implant_crown",)),
        ),
    ),
)
TEETH_IN_LINE: Course = (
    (0, ("exam", "braces_plan")),
    (12, ("braces_first",)),
    (32, ("braces_visit",)),
    (35, ("braces_visit",)),
    (34, ("braces_visit", "braces_part")),
    (36, ("braces_visit",)),
    (33, ("braces_visit",)),
    (35, ("braces_visit", "braces_part")),
    (40, ("braces_visit",)),
)
MINORS: tuple[tuple[int, Course], ...] = (
    (6, ((0, ("exam", "fluoride")), (180, ("fluoride",)))),
    (4, ((0, ("exam", "milk_tooth")), (12, ("milk_tooth",)))),
    (3, ((0, ("sealant", "sealant")),)),
    (2, TEETH_IN_LINE),
)
