/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain.h - a plan for people
 */
#ifndef VTOPO_REPORT_EXPLAIN_H
#define VTOPO_REPORT_EXPLAIN_H

#include "base/buffer.h"
#include "plan/ground/plan.h"

/*
 * Host and guest side by side, a table of devices, the budgets and the findings.
 *
 * @ret_text  NUL-terminated UTF-8; free with free()
 *
 * Returns 0, VTOPO_ERR_NOMEM.
 */
int explain_plan(const struct vtopo_plan *plan, bool colour, char **ret_text,
                 struct vtopo_error **reterr);

/* The parts (tree.c, tables.c). */
bool explain_tree(const struct vtopo_plan *plan, bool colour, struct buffer *out);
bool explain_devices(const struct vtopo_plan *plan, bool colour, struct buffer *out);
bool explain_pairs(const struct vtopo_plan *plan, bool colour, struct buffer *out);
void explain_budgets(const struct vtopo_plan *plan, bool colour, struct buffer *out);
void explain_space(const struct vtopo_plan *plan, bool colour, struct buffer *out);
void explain_findings(const struct vtopo_plan *plan, bool colour, struct buffer *out);

/* The name of the domain and what is planned, in a line. */
void explain_summary(const struct vtopo_plan *plan, bool colour, struct buffer *out);
/* "10de:2235  3D controller", "15b3:101e  VF of Ethernet controller"...: what a device is on the
 * host. */
void explain_what(const struct vtopo_plan *plan, const struct plan_device *device,
                  struct buffer *out);
/* The functions of a slot, of which each is a bit: "0000:41:00.0", "0000:41:00.0-3", ".0,2". */
void explain_functions(const struct bdf *slot, unsigned functions, struct buffer *out);
/* The same as explain_guest(). */
void explain_guest_functions(const struct bdf *slot, unsigned functions, struct buffer *out);
/* A guest BDF as lspci prints it in the guest: domain 0 is left out. */
void explain_guest(const struct bdf *bdf, struct buffer *out);

#endif
