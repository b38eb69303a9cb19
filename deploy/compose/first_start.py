"""Makes the secrets of a first start, each in the volume of those who may read it.

What is there is never touched, so that it may run at every start. A file is readable by every user
within the containers that mount its volume, and by root alone on the machine.
"""

import secrets
import sys
from pathlib import Path

from escalations.encryption import new_file, new_id
from workers.codec.tokens import digest, new_token

WHO = "operator"


def main(folder: Path) -> None:
    """Make what is missing in the volumes, which are mounted below the folder."""
    _make(folder / "database/password", secrets.token_urlsafe(32))
    password = _make(folder / "records/password", secrets.token_urlsafe(32))
    url = f"postgresql+psycopg://escalade:{password}@postgres/escalade"
    _make(folder / "records/ESCALADE_RECORDS_URL", url)
    _make(folder / "payloads/keys", new_file(new_id()))
    token = _make(folder / "operator/codec-token", new_token())
    _make(folder / "codec/tokens", f"{WHO} {digest(token)}\n")
    _make(folder / "grafana/password", secrets.token_urlsafe(16))


def _make(file: Path, content: str) -> str:
    """The file's content, which is this one if there was none."""
    if not file.exists():
        new = file.with_suffix(".new")
        new.write_text(content, encoding="utf-8")
        new.chmod(0o444)
        new.rename(file)
        sys.stdout.write(f"made {file}\n")
    return file.read_text(encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
