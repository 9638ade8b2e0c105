import os
import secrets
import tempfile
from importlib import import_module
from pathlib import Path

import django
from cryptography.fernet import Fernet

from tests.bench import ground


def main() -> None:
    """Measure on a new database; every figure of one run stands beside its yardstick."""
    with ground.server() as url, tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": url,
            "SECRET_KEY": secrets.token_urlsafe(),
            "INDEX_KEY": secrets.token_urlsafe(),
            "FIELD_KEYS": Fernet.generate_key().decode(),
        }
        django.setup()
        # Models can be imported only once Django knows the database.
        import_module("tests.bench.run").all_figures(url, Path(folder))


if __name__ == "__main__":
    main()
