from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from scheme.operations.loading import LoadResult, load_scheme
from staff.exceptions import Refusal
from staff.models import User

SENTENCES = {
    "published": "已发布",
    "draft": "已存为草稿，待另一位负责人批准后发布",
    "draft_replaced": "已更新草稿，待另一位负责人批准后发布",
    "unchanged": "内容没有变化",
}


class Command(BaseCommand):
    help = "载入会员规则文件（TOML）：第一个版本直接发布，以后的存为草稿"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="规则文件，例如 schemes/qujing_dental.toml")

    def handle(self, *args: object, file: Path, **options: object) -> None:
        self.stdout.write(_sentence(_load(file)))


def _load(file: Path) -> LoadResult:
    try:
        return load_scheme(document=file.read_bytes(), by=User.objects.system(), now=timezone.now())
    except OSError as error:
        raise CommandError(f"无法读取文件 {file}") from error
    except Refusal as refusal:
        raise CommandError(refusal.message) from refusal


def _sentence(result: LoadResult) -> str:
    return f"规则版本“{result.scheme}”：{SENTENCES[result.outcome]}"
