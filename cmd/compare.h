/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare.h - what `vtopo-host compare` and vtopo-compare share
 */
#ifndef VTOPO_CMD_COMPARE_H
#define VTOPO_CMD_COMPARE_H

#include <vtopo/guest.h>

/*
 * Reads the plan at @path ("-": stdin) and compares the guest with it.  Has told the user why when
 * it returns another status than STATUS_DONE.
 */
int compare_with_plan(const char *program, const struct vtopo_host *guest, const char *path,
                      enum vtopo_host_style style, char **ret_text, size_t *ret_differences);

#endif
