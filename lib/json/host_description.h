/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_description.h - a host as a JSON file (schemas/host.schema.json)
 */
#ifndef VTOPO_JSON_HOST_DESCRIPTION_H
#define VTOPO_JSON_HOST_DESCRIPTION_H

#include "model/host.h"
#include "vtopo/error.h"

#include <stddef.h>

/* The only version of the format so far. */
#define HOST_DESCRIPTION_VERSION 1
/* The description of a host with 10,000 functions and all their config space has some 30 MiB. */
#define HOST_DESCRIPTION_MAX (64u * 1024u * 1024u)

/*
 * Reads a host description. Unknown keys, wrong types and doubled keys are errors
 * (VTOPO_ERR_HOST) with @name and the place in the text.
 *
 * @name  what to call the text in messages
 * @host  empty before; on failure the caller clears it, too
 */
int host_description_parse(const char *text, size_t length, const char *name,
                           struct vtopo_host *host, struct vtopo_error **reterr);

/* The same host gives the same bytes; what is unknown is left out. @ret_text: free with free(). */
int host_description_format(const struct vtopo_host *host, char **ret_text,
                            struct vtopo_error **reterr);

#endif
