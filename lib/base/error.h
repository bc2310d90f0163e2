/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * error.h - make errors (vtopo/error.h is how callers read them)
 */
#ifndef VTOPO_BASE_ERROR_H
#define VTOPO_BASE_ERROR_H

#include "vtopo/error.h"

/*
 * Stores a new error in *@reterr (unless @reterr is NULL) and returns @code.  Control characters in
 * the message (names come from others' files) are replaced by "?" (printable.h).  Never fails:
 * without memory the error is a static one that says so, and the code VTOPO_ERR_NOMEM.
 */
int error_set(struct vtopo_error **reterr, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* error_set() for out of memory. */
int error_nomem(struct vtopo_error **reterr);

#endif
