# SPDX-License-Identifier: GPL-2.0-or-later
"""
pair_check.py - does one plan say two things of one pair?

Takes:  --explain=json, and whether the domain hides its hypervisor.
Gives:  violations: where the table of pairs, the cliques and the findings contradict each other.
Rule:   what follows from what is written down here once more, from the manual and not from the code.
Not here: whether what they agree about is so (the unit suites), where devices are (checker.py).
"""
import re

from verdict import Violation

BDF = r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]"
NVIDIA = "10de:"
CLIQUE = "x-nv-gpudirect-clique"
RECORD = "ua-vtopo-added"  # of what was added to devices with an alias of their own, for --undo

# Of each verdict: what may stand between the two, and what must (one of these).
VERDICTS = {
    "yes": (set(), None),
    "not yet": ({"ats-later"}, {"ats-later"}),
    "detour": ({"host", "acs-detour", "ats", "ats-later"}, {"host", "acs-detour", "ats", "ats-later"}),
    "unknown": ({"host", "acs-detour", "ats", "ats-later", "unread", "iommufd", "guest-iommu"},
                {"unread", "iommufd", "guest-iommu"}),
    "no": (None, {"host", "placement", "acs", "clique", "iommufd"}),
}
# What a finding has to say where something stands between two.
SAID_BY = {"acs": {"VTOPO-0044", "VTOPO-0045", "VTOPO-0046"}, "acs-detour": {"VTOPO-0043"}, "ats": {"VTOPO-0048"},
           "ats-later": {"VTOPO-0047"}, "unread": {"VTOPO-0042"}, "iommufd": {"VTOPO-0064"},
           "guest-iommu": {"VTOPO-0069"}}


class Plan:
    def __init__(self, plan, hidden):
        self.devices, self.hidden = plan["devices"], hidden
        self.pairs = [pair for pair in plan["pairs"] if pair["mode"] in ("p2p", "rdma")]
        self.findings = plan["findings"]
        self.overrides = [o for o in plan["overrides"] if o["name"] == CLIQUE and o["alias"] != RECORD]

    def found(self, code):
        return [f for f in self.findings if f["id"] == code]

    def name(self, pair):
        return "%s with %s" % (self.devices[pair["one"]]["host_bdf"], self.devices[pair["other"]]["host_bdf"])

    def given(self, place):
        """The clique that QEMU gets, or None."""
        clique = self.devices[place]["clique"]
        return clique["id"] if clique and clique["given"] else None

    def of_nvidia(self, pair):
        return all(self.devices[pair[end]]["vendor_device"].startswith(NVIDIA) for end in ("one", "other"))

    def in_one_clique(self, pair):
        one, other = self.given(pair["one"]), self.given(pair["other"])
        return one is not None and one == other

    def pair(self, one, other):
        for pair in self.pairs:
            if {self.devices[pair[end]]["host_bdf"] for end in ("one", "other")} == {one, other}:
                return pair
        return None


def check_verdicts(plan):
    for pair in plan.pairs:
        may, must = VERDICTS[pair["works"]]
        between = set(pair["obstacles"])
        if (may is not None and between - may) or (must is not None and not between & must):
            yield Violation("pairs", "%s is \"%s\", and between them is %s" % (
                plan.name(pair), pair["works"], sorted(between)))


def check_cliques(plan):
    for pair in plan.pairs:
        if pair["mode"] != "p2p" or not plan.of_nvidia(pair):
            continue
        lacks = plan.hidden or not plan.in_one_clique(pair)
        if lacks != ("clique" in pair["obstacles"]):
            yield Violation("pairs", "%s: obstacles %s, but the cliques are %s and %s" % (
                plan.name(pair), pair["obstacles"], plan.given(pair["one"]), plan.given(pair["other"])))
        sources = [plan.devices[pair[end]]["clique"] for end in ("one", "other")]
        if plan.in_one_clique(pair) and all(s["source"] == "host" for s in sources) and (
                {"acs", "acs-detour", "host"} & set(pair["obstacles"])):
            yield Violation("pairs", "%s are in one clique by the host, and between them is %s" % (
                plan.name(pair), pair["obstacles"]))
    written = sum(bool(d["clique"] and d["clique"]["given"] and d["clique"]["source"] != "domain") for d in plan.devices)
    if written != len(plan.overrides):
        yield Violation("pairs", "%d cliques are given, %d written" % (written, len(plan.overrides)))


OF_A_PAIR = {
    "VTOPO-0062": r"has no P2P clique, and (%s)" % BDF,
    "VTOPO-0066": r"gets no P2P clique with (%s)" % BDF,
    "VTOPO-0095": r"is in P2P clique \d+ by .*?, but has no safe way to (%s)" % BDF,
}


def pairs_of(plan, code):
    """(one, other) of each pair that such findings are about; "the same for B (C ...)" is about B with C."""
    for finding in plan.found(code):
        yield finding["subject"], re.match(OF_A_PAIR[code], finding["text"]).group(1)
        for subject in finding.get("subjects", [])[1:]:
            yield subject, re.search(r"%s \((%s)" % (re.escape(subject), BDF), finding["text"]).group(1)


def check_findings_of_cliques(plan):
    for code in ("VTOPO-0066", "VTOPO-0062"):
        for pair in filter(None, (plan.pair(*names) for names in pairs_of(plan, code))):
            if "clique" not in pair["obstacles"]:
                yield Violation("pairs", "%s says that %s have no common clique, the table that they do" % (
                    code, plan.name(pair)))
    for pair in filter(None, (plan.pair(*names) for names in pairs_of(plan, "VTOPO-0095"))):
        if pair["works"] != "no" or "acs" not in pair["obstacles"] or not plan.in_one_clique(pair):
            yield Violation("pairs", "VTOPO-0095 of %s, which is \"%s\": %s" % (
                plan.name(pair), pair["works"], pair["obstacles"]))
    for finding in plan.found("VTOPO-0070"):
        for device in plan.devices:
            if device["host_bdf"] and device["host_bdf"] in re.findall(BDF, finding["text"].split(" are not written")[0]) \
                    and device["clique"]["given"]:
                yield Violation("pairs", "VTOPO-0070 of %s, which has a clique" % device["host_bdf"])


def check_cliques_against_acs(plan):
    """Of each that is in a clique with another one in spite of ACS something is said."""
    told = {bdf for names in pairs_of(plan, "VTOPO-0095") for bdf in names}
    for pair in plan.pairs:
        ends = {plan.devices[pair[end]]["host_bdf"] for end in ("one", "other")}
        if pair["mode"] == "p2p" and plan.in_one_clique(pair) and "acs" in pair["obstacles"] and not plan.hidden \
                and not ends & told:
            yield Violation("pairs", "%s are in one clique, ACS is between them, and nothing says so" % plan.name(pair))


def check_findings_of_pairs(plan):
    ids = {f["id"] for f in plan.findings}
    for pair in plan.pairs:
        for obstacle, said_by in SAID_BY.items():
            if obstacle in pair["obstacles"] and not said_by & ids:
                yield Violation("pairs", "%s: \"%s\", and no finding says so" % (plan.name(pair), obstacle))
    for code, obstacle in (("VTOPO-0064", "iommufd"), ("VTOPO-0069", "guest-iommu")):
        missing = [pair for pair in plan.pairs if obstacle not in pair["obstacles"]]
        if code in ids and missing:
            yield Violation("pairs", "%s, and the table has nothing of it for %s" % (code, plan.name(missing[0])))
    for finding in plan.found("VTOPO-0064"):
        certain = re.search(r"says that QEMU is older|the host's kernel is \d", finding["text"])
        for pair in plan.pairs:
            if certain and pair["works"] != "no":
                yield Violation("pairs", "VTOPO-0064 is certain, and %s is \"%s\"" % (plan.name(pair), pair["works"]))


def check_pairs(plan, hidden):
    if plan["outcome"] == "unchanged":
        return
    seen = Plan(plan, hidden)
    for check in (check_verdicts, check_cliques, check_findings_of_cliques, check_cliques_against_acs,
                  check_findings_of_pairs):
        yield from check(seen)
