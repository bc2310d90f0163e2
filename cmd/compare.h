/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare.h - what vtopo-host and vtopo-compare share: two options, and comparing
 */
#ifndef VTOPO_CMD_COMPARE_H
#define VTOPO_CMD_COMPARE_H

#include <argp.h>
#include <stdbool.h>
#include <vtopo/guest.h>

struct host_options {
    const char *host; /* a sysfs root or a host description */
    bool json;
};

enum { OPTION_HOST = 0x200, OPTION_JSON, OPTION_OF_PROGRAM /* a program's own go on from here */ };

/* Returns 0, or ARGP_ERR_UNKNOWN for what is neither of the two. */
error_t parse_host_option(int key, char *arg, struct host_options *options);
enum vtopo_host_style host_style(const struct host_options *options);

/* Where a guest finds its plan, below its sysfs root. */
#define GUEST_PLAN "firmware/qemu_fw_cfg/by_name/opt/org.vtopo/plan.json/raw"

/*
 * Reads the plan at @path ("-": stdin; NULL: GUEST_PLAN) and compares the guest with it.  Has told
 * the user why when it returns another status than STATUS_DONE.
 */
int compare_with_plan(const char *program, const struct vtopo_host *guest,
                      const struct host_options *options, const char *path, char **ret_text,
                      size_t *ret_differences);

#endif
