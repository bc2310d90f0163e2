/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * obstacles.c - see obstacles.h
 *
 * Takes:  ACS Control of downstream ports, ATS Control of devices.
 * Gives:  what of them stands between two devices.
 * Rule:   the same answers as the checks of the two devices as one set give: check_acs_faults() and
 *         check_ats_state() are asked of each port and device, but every register is read once for
 *         all pairs. A port counts that has one of the two below it, if the topmost switch of its
 *         tree has both.
 * Not here: what is said of a register to people.
 */
#include "check/obstacles.h"

#include "model/host_tree.h"

/* What the registers of one function say. */
struct facts {
    size_t depth;       /* bridges above */
    size_t top;         /* topmost upstream port of the tree of switches above it, or HOST_NONE */
    enum acs_state acs; /* of a downstream port */
    unsigned control;   /* ACS Control */
    enum ats_state ats; /* of a device */
};

struct obstacles {
    const struct vtopo_host *host;
    struct facts facts[];
};

const char *pair_obstacle_name(enum pair_obstacle obstacle)
{
    switch (obstacle) {
    case OBSTACLE_HOST:
        return "host";
    case OBSTACLE_PLACEMENT:
        return "placement";
    case OBSTACLE_ACS:
        return "acs";
    case OBSTACLE_ACS_DETOUR:
        return "acs-detour";
    case OBSTACLE_ATS:
        return "ats";
    case OBSTACLE_CLIQUE:
        return "clique";
    case OBSTACLE_UNREAD:
        return "unread";
    case OBSTACLE_IOMMUFD:
        return "iommufd";
    case OBSTACLE_IOMMU:
        return "guest-iommu";
    case OBSTACLE_ATS_LATER:
        return "ats-later";
    }
    return "";
}

static void find_place(const struct vtopo_host *host, size_t at, struct facts *facts)
{
    bool inside = true; /* the tree of switches that the function is in goes on */

    facts->top = HOST_NONE;
    for (size_t above = host->functions.items[at].parent; above != HOST_NONE;
         above = host->functions.items[above].parent) {
        enum port_kind port = host->functions.items[above].port;

        facts->depth++;
        if (inside && port == PORT_UPSTREAM)
            facts->top = above;
        inside = inside && (port == PORT_UPSTREAM || port == PORT_DOWNSTREAM);
    }
}

struct obstacles *obstacles_new(const struct vtopo_host *host)
{
    size_t count = host->functions.count;
    struct obstacles *obstacles = calloc(1, sizeof(*obstacles) + count * sizeof(struct facts));

    if (!obstacles)
        return NULL;
    obstacles->host = host;
    for (size_t i = 0; i < count; i++) {
        const struct host_function *f = &host->functions.items[i];

        find_place(host, i, &obstacles->facts[i]);
        if (f->port == PORT_DOWNSTREAM)
            obstacles->facts[i].acs = check_acs_state(f, &obstacles->facts[i].control);
        else if (f->port == PORT_NONE)
            obstacles->facts[i].ats = check_ats_state(f);
    }
    return obstacles;
}

void obstacles_free(struct obstacles *obstacles)
{
    free(obstacles);
}

static size_t step_up(const struct obstacles *o, size_t at)
{
    return o->host->functions.items[at].parent;
}

/* The lowest bridge above both, or HOST_NONE. */
static size_t common_bridge(const struct obstacles *o, size_t one, size_t other)
{
    while (one != HOST_NONE && other != HOST_NONE && one != other) {
        if (o->facts[one].depth >= o->facts[other].depth)
            one = step_up(o, one);
        else
            other = step_up(o, other);
    }
    return one == other ? one : HOST_NONE;
}

/* Does a port count that is above one of two functions whose lowest bridge is @common? */
static bool is_between(const struct obstacles *o, size_t port, size_t common)
{
    const struct facts *facts = &o->facts[port];

    return o->host->functions.items[port].port == PORT_DOWNSTREAM && facts->top != HOST_NONE &&
           o->facts[facts->top].depth <= o->facts[common].depth;
}

static unsigned faults_of(const struct obstacles *o, size_t port, size_t common)
{
    const struct facts *facts = &o->facts[port];

    return check_acs_faults(facts->acs, facts->control, step_up(o, port) == common);
}

/* @translates: what is below may have ATS. */
static unsigned obstacles_of_faults(unsigned faults, bool translates)
{
    unsigned obstacles = 0;

    if (faults & ACS_FAULT_UNREAD)
        obstacles |= OBSTACLE_UNREAD;
    if (faults & (ACS_FAULT_ABSENT | ACS_FAULT_OPEN | ACS_FAULT_BLOCKS))
        obstacles |= OBSTACLE_ACS;
    if (translates && faults & ACS_FAULT_REDIRECTS)
        obstacles |= OBSTACLE_ACS_DETOUR;
    return obstacles;
}

/* Ports above a device and below @common, the lowest bridge above it and the other one. */
static unsigned path_obstacles(const struct obstacles *o, size_t device, size_t common)
{
    bool translates = check_may_translate(&o->host->functions.items[device]);
    unsigned obstacles = 0;

    for (size_t at = step_up(o, device); at != HOST_NONE && at != common; at = step_up(o, at)) {
        if (is_between(o, at, common))
            obstacles |= obstacles_of_faults(faults_of(o, at, common), translates);
    }
    return obstacles;
}

static bool find_port_above(const struct obstacles *o, size_t device, size_t common,
                            unsigned faults, struct obstacle_port *ret)
{
    for (size_t at = step_up(o, device); at != HOST_NONE && at != common; at = step_up(o, at)) {
        if (!is_between(o, at, common))
            continue;
        *ret = (struct obstacle_port){at, faults_of(o, at, common), o->facts[at].control};
        if (ret->faults & faults)
            return true;
    }
    return false;
}

bool obstacles_find_port(const struct obstacles *o, size_t one, size_t other, unsigned faults,
                         struct obstacle_port *ret_port)
{
    size_t common = common_bridge(o, one, other);

    return host_common_switch(o->host, one, other) != HOST_NONE &&
           (find_port_above(o, one, common, faults, ret_port) ||
            find_port_above(o, other, common, faults, ret_port));
}

static unsigned device_obstacles(const struct obstacles *o, size_t device)
{
    switch (o->facts[device].ats) {
    case ATS_UNREADABLE:
        return OBSTACLE_UNREAD;
    case ATS_NONE:
        return OBSTACLE_ATS;
    case ATS_OFF:
        return OBSTACLE_ATS_LATER;
    case ATS_CONVENTIONAL:
    case ATS_ON:
        break;
    }
    return 0;
}

unsigned obstacles_between(const struct obstacles *o, size_t one, size_t other)
{
    unsigned obstacles;
    size_t common;

    if (one == other)
        return 0;
    obstacles = device_obstacles(o, one) | device_obstacles(o, other);
    common = common_bridge(o, one, other);
    if (common == HOST_NONE)
        return obstacles;
    return obstacles | path_obstacles(o, one, common) | path_obstacles(o, other, common);
}
