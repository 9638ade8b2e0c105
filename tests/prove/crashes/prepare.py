"""What an administrator does before the first day, in one process: it is run by `Installation`."""

import os
from pathlib import Path

import django
from django.core.management import call_command

from config import embedded_postgres

ROOT = Path(__file__).parents[3]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    embedded_postgres.start_if_needed()
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("load_scheme", ROOT / "schemes" / "qujing_dental.toml")
    call_command("create_api_token", "HIS")


if __name__ == "__main__":
    main()
