/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check.h - what on the host keeps devices of a guest from their speed, or the guest from starting
 *
 * Takes:  a host, and the devices that are meant for one guest.
 * Gives:  results: which register or fact it is, its value, the value that a guest needs, and
 *         how to set it.
 * Rule:   nothing is claimed that was not seen: what needs config space that could not be read is
 *         reported as unknown, once. Each question has a file of its own: check_QUESTION.c.
 * Not here: how results are printed (lib/report), which of them a plan reports (host_checks.c).
 */
#ifndef VTOPO_CHECK_CHECK_H
#define VTOPO_CHECK_CHECK_H

#include "model/finding.h"
#include "model/hook_access.h"
#include "model/host.h"

/* A device that is meant for the guest. */
struct check_device {
    size_t function; /* in host.functions */
    bool whole;      /* the function itself is given, not an mdev or vDPA device on it */
    bool managed;    /* libvirt binds it to a VFIO driver when the guest starts */
};

struct check_set {
    const struct vtopo_host *host;
    const struct check_device *devices; /* ascending by function, each once */
    size_t count;
    bool everything; /* all GPUs and NICs of the host: it is not known which of them one guest gets
                      */
    const struct hook_access *hook; /* NULL: not asked */
};

/* A register of configuration space as it was read. */
struct check_register {
    const char *name;       /* "ACS Control" */
    const char *capability; /* "Access Control Services" */
    bool extended;          /* of the list that begins at 0x100 */
    unsigned id;            /* of the capability */
    size_t at;              /* of the capability in config space */
    size_t offset;          /* of the register in config space */
    uint16_t value;
};

/* All of it in one short sentence, "BEFOREDETAILAFTER", in which "BDF" stands for the subject's
 * address; NULL, NULL: the parts of the result will do. */
struct check_brief {
    const char *before, *after;
};

struct check_result {
    enum finding_id id;
    bool of_host;   /* the subject is not one function */
    struct bdf bdf; /* the subject */
    bool has_reg;
    struct check_register reg;
    char *is;           /* its value, in words */
    const char *means;  /* what follows from that */
    const char *should; /* the value that a guest needs */
    const char *how;    /* how to get there; "BDF" stands for the subject's address */
    struct check_brief brief;
    char *detail; /* what in the short sentence is of this function alone; NULL: nothing */
};

struct check_results {
    struct check_result *items;
    size_t count, cap;
};

/* Which questions to answer. */
enum check_question {
    CHECK_GROUPS = 1 << 0,    /* who else is in the devices' IOMMU groups */
    CHECK_ACS = 1 << 1,       /* Access Control Services of ports between two cards of a switch */
    CHECK_ATS = 1 << 2,       /* Address Translation Services of the devices */
    CHECK_ORDERING = 1 << 3,  /* relaxed ordering of the devices */
    CHECK_LINKS = 1 << 4,     /* links of the devices and of the switches above them */
    CHECK_NODES = 1 << 5,     /* devices whose node the host does not know */
    CHECK_DRIVERS = 1 << 6,   /* devices without a VFIO driver */
    CHECK_UNREAD = 1 << 7,    /* what is unknown because config space could not be read */
    CHECK_NO_GROUP = 1 << 8,  /* devices without an IOMMU group */
    CHECK_HOOK = 1 << 9,      /* may libvirt run vtopo's hook? */
    CHECK_COHERENT = 1 << 10, /* GPUs with coherent memory: their driver and their nodes */
    CHECK_ALL = (1 << 11) - 1,
};

/* Adds to @results, question by question, ascending by address in each.  False: out of memory. */
bool check_host(const struct check_set *set, unsigned questions, struct check_results *results);
/* Warnings first; otherwise the order stays.  False: out of memory. */
bool check_sort(struct check_results *results);
void check_results_clear(struct check_results *results);

/* The subject: an address, or "host". */
const char *check_subject(const struct check_result *result, char text[BDF_TEXT_SIZE]);
/* How to set it, with the subject's address in place of "BDF"; the caller's to free, NULL: out of
 * memory. */
char *check_how(const struct check_result *result);
/* The short sentence as a finding, so that results of one cause can be told
 * (finding_groups.h); false: out of memory. */
bool check_add_finding(const struct check_result *result, struct findings *findings);
/* "ACS Control (extended capability 000d at 0x148, register 0x14e) is 0x001d"; NULL: out of memory.
 */
char *check_register_text(const struct check_register *reg);

/* Bits of ACS Control (PCI Express Base Specification 6.0, 7.7.11.3). */
enum acs_control {
    ACS_SOURCE_VALIDATION = 0x01,
    ACS_TRANSLATION_BLOCKING = 0x02,
    ACS_REQUEST_REDIRECT = 0x04,
    ACS_COMPLETION_REDIRECT = 0x08,
    ACS_UPSTREAM_FORWARDING = 0x10,
    ACS_EGRESS_CONTROL = 0x20,
    ACS_DIRECT_TRANSLATED = 0x40,
};

/* What a port does with requests from one card below its switch to another. */
enum acs_state {
    ACS_UNREADABLE,
    ACS_NONE,     /* no capability: they go straight across */
    ACS_OPEN,     /* not all of the redirection is on */
    ACS_REDIRECT, /* they go up to the root complex, all of them */
    ACS_DIRECT,   /* but those that ATS has translated */
    ACS_BLOCK,    /* egress control or translation blocking is on */
};
/* @ret_control may be NULL; 0 where there is none. */
enum acs_state check_acs_state(const struct host_function *port, unsigned *ret_control);
/* "direct", NULL for ACS_UNREADABLE. */
const char *acs_state_name(enum acs_state state);
/* What is wrong with a port between two cards of a switch; bits. */
enum acs_fault {
    ACS_FAULT_UNREAD = 1,    /* unknown: it could not be read */
    ACS_FAULT_ABSENT = 2,    /* no capability, where the ways to the two part */
    ACS_FAULT_OPEN = 4,      /* it takes what a guest sends for addresses of the host */
    ACS_FAULT_REDIRECTS = 8, /* all goes up to the root complex, where the ways to the two part */
    ACS_FAULT_BLOCKS = 16,   /* it stops requests between the cards */
};
/* @parts: the ways to the two part at the switch right above the port, otherwise further up. */
unsigned check_acs_faults(enum acs_state state, unsigned control, bool parts);

/* What a device does about Address Translation Services. */
enum ats_state {
    ATS_UNREADABLE,
    ATS_CONVENTIONAL, /* it is not PCI Express, and nobody expects it to */
    ATS_NONE,         /* no capability */
    ATS_OFF,
    ATS_ON,
};
enum ats_state check_ats_state(const struct host_function *device);
/* May it use ATS in the guest, as far as is known?  NICs get it by the same visit to the host. */
bool check_may_translate(const struct host_function *device);

/*
 * Does a driver of the host hold it?  Not one of VFIO, nor pci-stub, which does nothing with it;
 * and a virtual function with a vGPU type is VFIO's by its own driver.
 */
bool check_is_held_by_host(const struct host_function *function);

/* Is the link slower or narrower than the function could? Unknown counts as no. */
bool check_is_link_low(const struct host_function *function);

/* A GPU (or another accelerator) or a NIC, by class; not what is on a conventional bus, as the VGA
 * of a BMC. */
bool check_is_gpu_or_nic(const struct vtopo_host *host, const struct host_function *function);

#endif
