# SPDX-License-Identifier: GPL-2.0-or-later
"""hosts.py - a host description (examples/hosts, schemas/host.schema.json) as the checker's host"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "property"))
import hostmodel  # noqa: E402
from domain import id_set  # noqa: E402


def address(text):
    return hostmodel.bdf_parse(text) if text else None


def read(path):
    description = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    host = hostmodel.Host()
    for node in description["nodes"]:
        host.nodes[node["id"]] = hostmodel.Node(node["id"], id_set(node["cpus"]))
    for entry in description["functions"]:
        parent = host.functions[address(entry["parent"])] if "parent" in entry else None
        host.add(hostmodel.Function(
            address(entry["bdf"]), parent.root if parent else entry["root"], parent,
            entry.get("port", "endpoint"), int(entry["class"], 0), entry.get("node", -1),
            int(entry["vendor"], 0), int(entry["device"], 0),
            physfn=address(entry.get("physfn"))))
    return host
