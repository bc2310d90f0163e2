/* SPDX-License-Identifier: GPL-2.0-or-later */
/* error.c - see error.h and vtopo/error.h */
#include "base/error.h"

#include "base/printable.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vtopo_error {
    int code;
    char message[];
};

/* Used when there is no memory for a real one; never freed. */
static struct vtopo_error out_of_memory = {.code = VTOPO_ERR_NOMEM};

int error_nomem(struct vtopo_error **reterr)
{
    if (reterr)
        *reterr = &out_of_memory;
    return VTOPO_ERR_NOMEM;
}

int error_set(struct vtopo_error **reterr, int code, const char *format, ...)
{
    struct vtopo_error *error;
    va_list ap;
    int n;

    if (!reterr)
        return code;
    va_start(ap, format);
    n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    error = n < 0 ? NULL : malloc(sizeof(*error) + (size_t)n + 1);
    if (!error)
        return error_nomem(reterr);
    error->code = code;
    va_start(ap, format);
    vsnprintf(error->message, (size_t)n + 1, format, ap);
    va_end(ap);
    printable(error->message, false);
    *reterr = error;
    return code;
}

int vtopo_error_code(const struct vtopo_error *error)
{
    return error->code;
}

const char *vtopo_error_message(const struct vtopo_error *error)
{
    return error == &out_of_memory ? vtopo_strerror(VTOPO_ERR_NOMEM) : error->message;
}

void vtopo_error_free(struct vtopo_error *error)
{
    if (error != &out_of_memory)
        free(error);
}

const char *vtopo_strerror(int code)
{
    switch (code) {
    case 0:
        return "done";
    case VTOPO_ERR_USAGE:
        return "wrong usage";
    case VTOPO_ERR_DOMAIN:
        return "the domain XML is unusable";
    case VTOPO_ERR_HOST:
        return "the host cannot be read or lacks a device";
    case VTOPO_ERR_REFUSED:
        return "refused";
    case VTOPO_ERR_FILE:
        return "a file cannot be read or written";
    case VTOPO_ERR_NOMEM:
        return "out of memory";
    case VTOPO_ERR_BUG:
        return "a bug in vtopo";
    default:
        return "unknown error";
    }
}
