from django.core.management.base import BaseCommand

from members.operations.names import renew_search_keys


class Command(BaseCommand):
    help = "按姓名重写检索码（拼音、首字母等）：读音表更新以后，或 check_books 指出不符时运行"

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(f"已更新 {renew_search_keys()} 份档案的检索码")
