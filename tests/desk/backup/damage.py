"""What may become of a backup."""

import json
from pathlib import Path
from typing import Any

from desk.backup.manifest import NAME


def change(folder: Path, **values: Any) -> None:
    content = json.loads((folder / NAME).read_text(encoding="utf-8"))
    if "rows" in values:
        values["rows"] = content["rows"] | values["rows"]
    (folder / NAME).write_text(json.dumps(content | values), encoding="utf-8")
