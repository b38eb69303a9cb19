"""The manifests: Kubernetes' own schemas accept them, and they allow no more than is needed."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from typing import Any, Final

import kubernetes_validate  # type: ignore[import-untyped]  # it has no types
import pytest
import yaml

from tests.deployment.kustomize import (
    KUBERNETES,
    PRODUCTION,
    Document,
    build,
    document_of,
    documents,
    named,
    pods,
    sources,
)
from tests.deployment.processes import ROOT

VERSIONS: Final = ("1.33", "1.37")
"""Of Kubernetes; the oldest and the newest that are looked after."""

BUILT: Final = build(PRODUCTION)


STARTING: Final = [each for each in BUILT if list(pods(each))]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("document", BUILT, ids=named)
def test_kubernetes_knows_every_key(document: Document, version: str) -> None:
    """No key of a manifest is misspelt or in the wrong place; the API would drop it in silence."""
    kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda spec: spec.update(terminationGracePeriod=40),
        lambda spec: spec["containers"][0].update(livenessProbes={}),
        lambda spec: spec["containers"][0]["securityContext"].update(readOnlyRootFilesystem="yes"),
        lambda spec: spec["topologySpreadConstraints"][0].pop("maxSkew"),
    ],
)
def test_a_misspelt_key_is_caught(spoil: Callable[[dict[str, Any]], None]) -> None:
    """The schemas are strict: what they do not know they do not let pass."""
    deployment = document_of("Deployment", "escalade-workers")
    spoil(next(pods(deployment)))
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, VERSIONS[-1], strict=True)


def test_every_file_is_used() -> None:
    """A manifest that no kustomization names would be forgotten."""
    in_files = {
        named(each)
        for file in KUBERNETES.rglob("*.yaml")
        if file.name not in ("kustomization.yaml", "prometheus-adapter.yaml")
        for each in documents(file)
    }
    assert in_files == {named(each) for each in BUILT if each["kind"] != "ConfigMap"}


def test_kubectl_agrees() -> None:
    """Where kubectl is at hand: what is looked at here is what it would send."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed")
    done = subprocess.run(
        [kubectl, "kustomize", "--load-restrictor", "LoadRestrictionsNone", str(PRODUCTION)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    hashed = re.compile(r"\b(escalade-(?:settings|policies|codec))-[a-z0-9]{10}\b")
    theirs = list(yaml.safe_load_all(hashed.sub(r"\1", done.stdout)))
    assert sorted(map(sorted_json, theirs)) == sorted(map(sorted_json, BUILT))


def sorted_json(document: Document) -> str:
    return json.dumps(document, sort_keys=True)


@pytest.mark.parametrize("document", STARTING, ids=named)
def test_no_pod_may_more_than_it_needs(document: Document) -> None:
    """Not root, nothing to write but memory, no capability, no token of the cluster's, no secret in
    the environment, and a limit of memory."""
    (pod,) = pods(document)
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 10001,
        "runAsGroup": 10001,
        "fsGroup": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    for volume in pod["volumes"]:
        assert volume.keys() & {"secret", "projected", "emptyDir"}, volume
        assert "hostPath" not in volume
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert re.fullmatch(r"[\w./-]+@sha256:[0-9a-f]{64}", container["image"])
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        for each in container.get("env", ()):
            assert "value" in each
            assert not re.search("URL|PASSW|SECRET_|API_KEY", each["name"]), each


def test_whoever_has_the_keys_has_nothing_else() -> None:
    """The codec server has no way into Temporal or the records; the canary none into the
    records or the channels."""
    mounted = {
        document["metadata"]["name"]: set(secrets_of(next(pods(document)))) for document in STARTING
    }
    in_temporal = {"escalade-temporal", "escalade-payloads"}
    assert mounted == {
        "escalade-workers": {
            "escalade-temporal",
            "escalade-payloads",
            "escalade-records",
            "escalade-worker",
        },
        "escalade-canary": in_temporal,
        "escalade-canary-by-cron": in_temporal,
        "escalade-codec": {"escalade-payloads", "escalade-codec"},
    }
    assert [named(each) for each in BUILT if each["kind"] == "Secret"] == []


def secrets_of(pod: dict[str, Any]) -> list[str]:
    return [
        source["secret"]["name"]
        for volume in pod["volumes"]
        for source in sources(volume)
        if "secret" in source
    ]


def test_the_autoscaler_asks_for_what_is_served() -> None:
    """The metric's name is the adapter's, and the adapter's query is about what the workers serve
    and the alerts ask for, too."""
    (rule,) = yaml.safe_load((KUBERNETES / "prometheus-adapter.yaml").read_text())["externalRules"]
    scaler = document_of("HorizontalPodAutoscaler", "escalade-workers")["spec"]
    (metric,) = scaler["metrics"]
    alerts = (ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text("utf-8")

    assert metric["external"]["metric"]["name"] == rule["name"]["as"]
    served = re.search(r"temporal_\w+_bucket", rule["seriesQuery"])
    assert served is not None
    assert served[0] in rule["metricsQuery"]
    assert served[0] in alerts
    assert "replicas" not in document_of("Deployment", "escalade-workers")["spec"]
    assert scaler["minReplicas"] >= 2


@pytest.mark.parametrize("kind", ["PodDisruptionBudget", "Deployment", "Service"])
def test_every_selector_finds_its_pods(kind: str) -> None:
    """What selects pods selects those of the deployment that has its name."""
    for document in BUILT:
        if document["kind"] == kind:
            (template,) = [
                each["spec"]["template"]["metadata"]["labels"]
                for each in BUILT
                if named(each) == f"Deployment/{document['metadata']['name']}"
            ]
            selector = document["spec"]["selector"]
            assert selector.get("matchLabels", selector).items() <= template.items()


def test_what_is_not_allowed_is_forbidden() -> None:
    """Each pod is under the rule that allows nothing; no other rule lets anybody in from anywhere,
    the codec server out, or a worker by https to an inner address."""
    rules = {
        each["metadata"]["name"]: each["spec"] for each in BUILT if each["kind"] == "NetworkPolicy"
    }
    nothing = rules.pop("escalade-nothing-else")
    assert nothing["policyTypes"] == ["Ingress", "Egress"]
    assert nothing.keys() == {"podSelector", "policyTypes"}
    selected = nothing["podSelector"]["matchLabels"].items()
    for document in STARTING:
        spec = document["spec"]
        template = spec.get("jobTemplate", {}).get("spec", spec)["template"]
        assert selected <= template["metadata"]["labels"].items(), named(document)
    for rule in rules.values():
        assert all(each.get("from") for each in rule.get("ingress", ()))
    assert "egress" not in rules["escalade-codec"]
    blocks = [
        to["ipBlock"]
        for each in rules["escalade-channels"]["egress"]
        for to in each.get("to", ())
        if {"protocol": "TCP", "port": 443} in each["ports"]
    ]
    assert {"10.0.0.0/8", "169.254.0.0/16", "127.0.0.0/8"} <= set(blocks[0]["except"])
