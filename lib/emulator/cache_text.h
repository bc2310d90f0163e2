/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cache_text.h - the text of a file of libvirt's capability cache
 */
#ifndef VTOPO_EMULATOR_CACHE_TEXT_H
#define VTOPO_EMULATOR_CACHE_TEXT_H

#include "model/host.h"

struct vtopo_error;

/* One with KVM and TCG has some 300 KiB. */
#define CACHE_TEXT_MAX (4u * 1024u * 1024u)

struct cache_text {
    struct host_emulator emulator; /* known */
    int64_t changed;               /* when it was changed last (ctime, in seconds) */
};

/*
 * @ret_valid  false: it is nothing that libvirt writes, or lacks something; @ret is then empty
 * Returns 0 or VTOPO_ERR_NOMEM.  Free with emulator_clear(&ret->emulator).
 */
int cache_text_parse(const char *text, size_t length, struct cache_text *ret, bool *ret_valid,
                     struct vtopo_error **reterr);

#endif
