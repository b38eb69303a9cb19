"""What `kubectl kustomize` makes of an overlay, for machines without kubectl.

Only what our overlays use; anything else is an error, so that nothing is passed over in silence.
"""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import yaml

Document = dict[str, Any]

KUBERNETES: Final = Path(__file__).parent.parent.parent / "deploy" / "kubernetes"
PRODUCTION: Final = KUBERNETES / "production"

USED: Final = {
    "apiVersion",
    "kind",
    "namespace",
    "resources",
    "components",
    "images",
    "configMapGenerator",
}
CLUSTER_WIDE: Final = {"Namespace"}


def build(folder: Path) -> list[Document]:
    """The resources of a folder with a `kustomization.yaml`.

    Names of generated ConfigMaps are without the hash that kustomize appends.
    """
    return list(_Build(folder).resources.values())


class _Build:
    def __init__(self, folder: Path) -> None:
        self.resources: dict[tuple[str, str], Document] = {}
        self._add(folder)

    def _add(self, folder: Path) -> None:
        written = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))
        unknown = written.keys() - USED
        assert not unknown, f"{folder}: {unknown} is not understood here"
        for each in (*written.get("resources", ()), *written.get("components", ())):
            if (folder / each).is_dir():
                self._add(folder / each)
            else:
                for document in documents(folder / each):
                    self._take(document)
        for generator in written.get("configMapGenerator", ()):
            self._generate(folder, generator)
        for image in written.get("images", ()):
            for container in self._containers():
                if container["image"] == image["name"]:
                    container["image"] = f"{image['newName']}@{image['digest']}"
        if "namespace" in written:
            for document in self.resources.values():
                if document["kind"] not in CLUSTER_WIDE:
                    document["metadata"]["namespace"] = written["namespace"]

    def _take(self, document: Document) -> None:
        key = (document["kind"], document["metadata"]["name"])
        assert key not in self.resources, f"{key} is there twice"
        self.resources[key] = document

    def _generate(self, folder: Path, generator: dict[str, Any]) -> None:
        unknown = generator.keys() - {"name", "behavior", "literals", "files"}
        assert not unknown, f"{folder}: {unknown} is not understood here"
        data = dict(each.split("=", 1) for each in generator.get("literals", ()))
        for each in generator.get("files", ()):
            data[Path(each).name] = (folder / each).read_text("utf-8")
        key = ("ConfigMap", generator["name"])
        if generator.get("behavior") == "merge":
            self.resources[key]["data"] |= data
        else:
            self._take(
                {
                    "apiVersion": "v1",
                    "kind": "ConfigMap",
                    "metadata": {"name": generator["name"]},
                    "data": data,
                }
            )

    def _containers(self) -> Iterator[dict[str, Any]]:
        for document in self.resources.values():
            for spec in pods(document):
                yield from spec["containers"]


def documents(file: Path) -> Iterator[Document]:
    """What a file holds, nothing shared between its parts."""
    return (deepcopy(each) for each in yaml.safe_load_all(file.read_text("utf-8")))


def pods(document: Document) -> Iterator[dict[str, Any]]:
    """The pod that a resource starts, if it starts any."""
    spec = document.get("spec", {})
    template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
    if template is not None:
        yield template["spec"]


def named(document: Document) -> str:
    """Kind and name of a resource."""
    return f"{document['kind']}/{document['metadata']['name']}"


def document_of(kind: str, name: str) -> Document:
    """One resource of the production overlay."""
    found = [each for each in build(PRODUCTION) if named(each) == f"{kind}/{name}"]
    assert len(found) == 1, (kind, name)
    return found[0]


def sources(volume: dict[str, Any]) -> list[dict[str, Any]]:
    """What a volume is made of, as a projected one names it."""
    if "secret" in volume:
        return [{"secret": {"name": volume["secret"]["secretName"]}}]
    found: list[dict[str, Any]] = volume.get("projected", {}).get("sources", [])
    return found
