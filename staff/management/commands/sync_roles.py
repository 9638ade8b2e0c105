from django.core.management.base import BaseCommand

from staff.operations.roles import sync_roles


class Command(BaseCommand):
    help = "让各角色的权限与权限表一致"

    def handle(self, *args: object, **options: object) -> None:
        count = sync_roles()
        self.stdout.write(f"已同步 {count} 个角色的权限")
