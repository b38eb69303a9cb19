"""Says in the image which version of Escalade it has, where `escalade --version` looks.

Run by the environment that it is to be said in, with pyproject.toml as its argument.
"""

import sys
import sysconfig
import tomllib
from pathlib import Path

project = tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["project"]
name, version = project["name"], project["version"]
folder = Path(sysconfig.get_path("purelib")) / f"{name}-{version}.dist-info"
folder.mkdir()
(folder / "METADATA").write_text(
    f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n", encoding="utf-8"
)
