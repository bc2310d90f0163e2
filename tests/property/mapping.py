# SPDX-License-Identifier: GPL-2.0-or-later
"""
mapping.py - which guest cell a host node's devices belong to

Takes:  a domain.Domain, a hostmodel.Host, a node.
Gives:  the set of cells that the rules allow; {None} where the node has no cell.
Rule:   memnode, then vcpupin, then a single cell whose memory or CPUs are inside one node; a node that one rule
        leaves out falls to the next.  More than one cell is allowed only where "pinned most" can be
        counted in more than one way: by whole virtual CPUs, by host CPUs, or with the cell that is on this
        node alone first.
Not here: expanders and their order (checker.py).
"""


def by_memnode(domain, node):
    found = [cell for cell in domain.cells if node in domain.memnodes.get(cell, ())]
    alone = [cell for cell in found if domain.memnodes[cell] == {node}]
    return {min(alone or found)} if found else set()


def scores(pins, vcpus, cpus):
    """How much a cell is on @cpus, by each way of counting."""
    most = sum(1 for pin in pins if 2 * len(pin & cpus) > len(pin))
    inside = sum(1 for pin in pins if pin and pin <= cpus)
    touching = sum(1 for pin in pins if pin & cpus)
    host_cpus = sum(len(pin & cpus) for pin in pins)
    parts = sum(len(pin & cpus) / len(pin) for pin in pins if pin)
    size = max(1, len(vcpus))
    return (most, round(most / size, 9), inside, round(inside / size, 9), touching, round(touching / size, 9),
            host_cpus, round(parts, 9), round(parts / size, 9))


def cpus_of(host, node):
    """A host without NUMA information is one node 0 with all CPUs."""
    if not host.nodes and node == 0:
        return set(range(16384))
    return host.nodes[node].cpus if node in host.nodes else set()


def by_pin(domain, host, node):
    """The allowed cells; None is among them where no virtual CPU is on this node for the most part."""
    cpus = cpus_of(host, node)
    pins = {cell: [domain.pins[vcpu] for vcpu in vcpus if vcpu in domain.pins]
            for cell, vcpus in domain.cells.items()}
    counted = {cell: scores(pins[cell], domain.cells[cell], cpus) for cell in pins}
    touching = [cell for cell in counted if counted[cell][4]]
    if not touching:
        return set()
    alone = [cell for cell in touching if all(pin <= cpus for pin in pins[cell])]
    allowed = {min(alone)} if alone else set()
    for way in range(9):
        best = max(counted[cell][way] for cell in touching)
        if not best:
            allowed |= {None} if way == 0 else set()
            continue
        winners = [cell for cell in touching if counted[cell][way] == best]
        allowed.add(min([cell for cell in winners if cell in alone] or winners))
    return allowed


def by_single_cell(domain, host, node):
    if len(domain.cells) != 1:
        return set()
    cell = set(domain.cells)
    if domain.memory_nodes == {node}:
        return cell
    cpus = cpus_of(host, node)
    if domain.cpuset and domain.cpuset <= cpus:
        return cell
    return set()


def cells_of_node(domain, host, node):
    """The cells that are allowed for the node's devices; empty or with None in it: it may have none."""
    if node is None or node < 0:
        return set()
    pinned = by_memnode(domain, node) or by_pin(domain, host, node)
    if pinned and None not in pinned:
        return pinned
    return pinned - {None} | (by_single_cell(domain, host, node) or ({None} if pinned else set()))


def nearest_cells(domain, host, node):
    """The cells of the nodes nearest to @node that have one."""
    here = host.nodes.get(node)
    mapped = {other: cells_of_node(domain, host, other) for other in host.nodes}
    mapped = {other: cells for other, cells in mapped.items() if cells}
    if here is None or not mapped:
        return {None}
    if here.distances is None or any(None in cells for cells in mapped.values()):
        return {None}.union(*mapped.values())
    least = min(here.distances[other] for other in mapped)
    return set().union(*(cells for other, cells in mapped.items() if here.distances[other] == least))


def allowed_cells(domain, host, node, unmapped="expander"):
    """The cells allowed for devices of @node; None stands for an expander without a node."""
    cells = cells_of_node(domain, host, node)
    if cells and None not in cells:
        return cells
    return cells - {None} | (nearest_cells(domain, host, node) if unmapped == "nearest" else {None})
