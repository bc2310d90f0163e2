/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_read.h - what a plan (--explain=json) expects of the guest
 */
#ifndef VTOPO_JSON_PLAN_READ_H
#define VTOPO_JSON_PLAN_READ_H

#include "expect/expectation.h"
#include "vtopo/error.h"

#define PLAN_READ_MAX (64u << 20)

/*
 * The assigned devices whose guest address the plan knows, and the ports whose link it knows.
 *
 * @name      of the file, for messages
 * @ret_list  empty before; on failure, too
 *
 * Returns 0; VTOPO_ERR_FILE if it is no plan, or contradicts itself; VTOPO_ERR_NOMEM.
 */
int plan_read(const char *text, size_t length, const char *name, struct expectation *ret_list,
              struct vtopo_error **reterr);

#endif
