#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_admission.py - the manifests of examples/kubevirt before Kubernetes' own code

Takes:  --packages DIR: where packages of Debian's next release are fetched to and built, once (Go, k8s.io/api,
        k8s.io/apiserver, kubectl); Debian's python3-yaml.
Gives:  manifests that Kubernetes does not read, expressions that it does not compile, pods that get another container than
        the one that is meant, or get it where they should not.
Rule:   hooks/admission decides, which has Kubernetes' packages in it; that it notices what is wrong is shown, too.
Not here: KubeVirt's own kinds (test_manifests.py); a cluster.
"""
import argparse
import copy
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

import yaml

TESTS = pathlib.Path(__file__).resolve().parent.parent
KUBEVIRT = TESTS.parent / "examples/kubevirt"
SUITE = "forky"  # the first with MutatingAdmissionPolicy in k8s.io/apiserver
GO = ["golang-go", "golang-src"]
# What hooks/admission imports, and what that imports.
LIBRARIES = ["golang-" + name + "-dev" for name in """
    cel-expr github-antlr4-go-antlr github-beorn7-perks github-blang-semver github-cespare-xxhash-v2 github-davecgh-go-spew
    github-emicklei-go-restful github-evanphx-json-patch github-fxamacker-cbor github-go-logr-logr github-go-openapi-jsonpointer
    github-go-openapi-jsonreference github-go-openapi-swag github-gogo-protobuf github-google-cel-go github-google-gnostic-models
    github-google-uuid github-json-iterator-go github-modern-go-concurrent github-modern-go-reflect2 github-munnerz-goautoneg
    github-pkg-errors github-prometheus-client-golang github-prometheus-client-model github-prometheus-common
    github-prometheus-procfs github-spf13-cobra github-spf13-pflag github-x448-float16 golang-x-exp golang-x-net golang-x-oauth2
    golang-x-sync golang-x-sys golang-x-term golang-x-text golang-x-time google-genproto google-protobuf gopkg-inf.v0
    gopkg-yaml.v2 gopkg-yaml.v3 k8s-api k8s-apimachinery k8s-apiserver k8s-client-go k8s-component-base k8s-klog
    k8s-kube-openapi k8s-sigs-json k8s-sigs-randfill k8s-sigs-structured-merge-diff-v6 k8s-sigs-yaml k8s-utils
    opentelemetry-otel""".split()]
PATCH = "k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch"
# Debian's k8s.io/apiserver may be older than its other parts of Kubernetes, and name what it imports by older names.
IMPORTS = {"gopkg.in/evanphx/json-patch.v4": "github.com/evanphx/json-patch",
           "sigs.k8s.io/structured-merge-diff/v4/": "sigs.k8s.io/structured-merge-diff/v6/"}
PACKAGES = ADMISSION = KUBECTL = None
SOCKETS = "kubevirt-plugin-sockets"


def fetch(folder):
    done = subprocess.run(["sh", TESTS / "tools/get-packages", SUITE, folder, "kubectl", *GO, *LIBRARIES], check=False)
    if done.returncode == 75:
        raise unittest.SkipTest("no packages: the mirror cannot be reached")
    if done.returncode:
        raise RuntimeError("get-packages: status %d" % done.returncode)


def overlay(source, folder):
    """Files of the library with imports by the names that are there; the argument for go."""
    replaced = {}
    for path in sorted((source / PATCH).glob("*.go")):
        text = path.read_text(encoding="utf-8")
        changed = text
        for old, new in IMPORTS.items():
            changed = changed.replace('"' + old, '"' + new)
        if changed != text:
            replaced[str(path)] = str(folder / path.name)
            (folder / path.name).write_text(changed, encoding="utf-8")
    (folder / "overlay.json").write_text(json.dumps({"Replace": replaced}), encoding="utf-8")
    return folder / "overlay.json"


def build(packages, folder):
    """The program; go itself knows what there is to do."""
    (folder / "own/src").mkdir(parents=True, exist_ok=True)
    own = folder / "own/src/admission"
    if not own.is_symlink():
        own.symlink_to(TESTS / "hooks/admission")
    root, = (packages / "usr/lib").glob("go-*")
    gocode = packages / "usr/share/gocode"
    program = folder / "admission"
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GOROOT": str(root), "GOPATH": "%s:%s" % (folder / "own", gocode),
                   "GOCACHE": str(folder / "cache"), "GO111MODULE": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "", "CGO_ENABLED": "0"}
    subprocess.run([root / "bin/go", "build", "-p", "2", "-overlay", overlay(gocode / "src", folder), "-o", program, "admission"],
                   cwd=folder / "own/src", env=environment, check=True, stdin=subprocess.DEVNULL, timeout=1500)
    return program


def setUpModule():
    global ADMISSION, KUBECTL
    folder = PACKAGES.absolute()
    fetch(folder / "root")
    ADMISSION, KUBECTL = build(folder / "root", folder), folder / "root/usr/bin/kubectl"


def manifests():
    return {str(path.relative_to(KUBEVIRT)): path.read_text(encoding="utf-8") for path in sorted(KUBEVIRT.rglob("*.yaml"))}


def ask(files, pods=None):
    done = subprocess.run([ADMISSION], input=json.dumps({"manifests": files, "pods": pods or {}}), capture_output=True, text=True,
                          timeout=120, check=True)
    return json.loads(done.stdout)


def pod(labels, volumes, containers=("compute",)):
    """As virt-controller makes them, in short."""
    return {"metadata": {"name": "virt-launcher-gpu-train-x7k2p", "namespace": "lab", **({"labels": labels} if labels else {})},
            "spec": {"containers": [{"name": name, "image": "registry.example/launcher"} for name in containers],
                     **({"volumes": [{"name": name, "emptyDir": {}} for name in volumes]} if volumes else {})}}


LAUNCHER = {"kubevirt.io": "virt-launcher", "vm.kubevirt.io/name": "gpu-train"}
GUESTS = {"guest": pod(LAUNCHER, ["private", SOCKETS]), "guest with sidecars": pod(LAUNCHER, [SOCKETS], ("compute", "hook-sidecar-0"))}
OTHERS = {"no labels": pod(None, [SOCKETS]), "another label": pod({"app": "virt-launcher"}, [SOCKETS]),
          "another pod of KubeVirt's": pod({"kubevirt.io": "virt-handler"}, [SOCKETS]), "no volumes": pod(LAUNCHER, None),
          "no plugins": pod(LAUNCHER, ["private"])}
CONTAINER = {
    "name": "vtopo-sidecar", "image": "registry.example/vtopo/sidecar:0.1.0", "imagePullPolicy": "IfNotPresent",
    "args": ["--plugin", "vtopo", "--log", "json"],
    "resources": {"requests": {"cpu": "50m", "memory": "32Mi"}, "limits": {"cpu": "200m", "memory": "64Mi"}},
    "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "runAsNonRoot": True,
                        "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}},
    "volumeMounts": [{"name": SOCKETS, "mountPath": "/var/run/kubevirt-plugin/vtopo/", "subPath": "vtopo"}]}


def without_empty(value):
    """As the API server keeps it: what is empty is not there."""
    if isinstance(value, dict):
        found = {key: without_empty(part) for key, part in value.items()}
        return {key: part for key, part in found.items() if part != {} or key == "emptyDir"}
    return [without_empty(part) for part in value] if isinstance(value, list) else value


class Admission(unittest.TestCase):
    maxDiff = None

    def test_manifests(self):
        """Kubernetes has all of their names, and compiles what is an expression."""
        found = ask(manifests())
        self.assertEqual(found["errors"], [])
        self.assertEqual(sorted(found["kinds"]), ["ConfigMap v1", "MutatingAdmissionPolicy admissionregistration.k8s.io/v1",
                                                  "MutatingAdmissionPolicyBinding admissionregistration.k8s.io/v1"])

    def test_guests(self):
        """Their pods have the container behind the others, and nothing else is changed."""
        for name, answer in ask(manifests(), GUESTS)["pods"].items():
            with self.subTest(name):
                wanted = copy.deepcopy(GUESTS[name])
                wanted["spec"]["containers"].append(CONTAINER)
                self.assertEqual((answer["matches"], answer.get("error")), (True, None))
                self.assertEqual(without_empty(answer["pod"]), wanted)

    def test_other_pods(self):
        for name, answer in ask(manifests(), OTHERS)["pods"].items():
            with self.subTest(name):
                self.assertEqual(answer, {"matches": False})

    def wrong(self, old, new, path="plugin/policy.yaml"):
        files = manifests()
        self.assertIn(old, files[path])
        files[path] = files[path].replace(old, new, 1)
        found = ask(files, GUESTS)
        return found["errors"] + [answer["error"] for answer in found["pods"].values() if "error" in answer]

    def test_what_is_wrong_is_noticed(self):
        cases = {("reinvocationPolicy:", "reinvocation:"): 'unknown field "reinvocation"',
                 ("policyName:", "policy:"): 'unknown field "policy"',
                 ("object.metadata.labels)", "object.metadata.labels"): "Syntax error",
                 ("object.spec.volumes.exists", "volumes.exists"): "undeclared reference",
                 ("value: Object.spec.containers{", "value: Object.spec.container{"): "unexpected type name",
                 ("imagePullPolicy:", "imagePullPolice:"): "imagePullPolice",
                 ('drop: ["ALL"]', 'drop: "ALL"'): "cannot unmarshal",
                 ('path: "/spec/containers/-"', 'path: "/spec/container/-"'): "doc is missing path"}
        for (old, new), words in cases.items():
            with self.subTest(new):
                self.assertIn(words, "\n".join(self.wrong(old, new)))
        self.assertIn('unknown field "date"', "\n".join(self.wrong("\ndata:", "\ndate:", "configmap.yaml")))

    def test_kustomize(self):
        """kubectl makes of the base what is in its files."""
        built = subprocess.run([KUBECTL, "kustomize", KUBEVIRT / "plugin"], capture_output=True, text=True, timeout=60, check=True,
                               env={"HOME": "/nonexistent", "PATH": os.environ["PATH"]}, stdin=subprocess.DEVNULL)
        files = [text for name, text in manifests().items() if re.match("plugin/(?!kustomization)", name)]

        def objects(texts):
            return sorted((value for text in texts for value in yaml.safe_load_all(text)), key=lambda value: value["kind"])

        self.assertEqual(objects([built.stdout]), objects(files))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", type=pathlib.Path, required=True)
    ARGUMENTS, REST = parser.parse_known_args()
    PACKAGES = ARGUMENTS.packages
    unittest.main(argv=[sys.argv[0], *REST])
