from typing import ClassVar

from django.db import models

from members.models.patient import Patient


class SearchKey(models.Model):
    """What people type to find a name: its end in Chinese, its pinyin, its initials.

    Follows from the name alone; see `members.rules.search_keys`.
    """

    # The constraint below begins with the patient: a second index would only cost imports time.
    patient = models.ForeignKey(
        Patient,
        models.PROTECT,
        related_name="search_keys",
        verbose_name="病人",
        db_index=False,
    )
    key = models.CharField("检索码", max_length=200)

    class Meta:
        verbose_name = "检索码"
        verbose_name_plural = "检索码"
        indexes: ClassVar = [
            models.Index(
                fields=["key"], name="search_key_begins", opclasses=["varchar_pattern_ops"]
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="search_key_once",
                fields=["patient", "key"],
                violation_error_message="同一份档案的检索码不能重复",
            ),
        ]

    def __str__(self) -> str:
        return self.key
