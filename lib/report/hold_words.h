/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hold_words.h - words for what keeps a function from a new guest (place/holds.h) */
#ifndef VTOPO_REPORT_HOLD_WORDS_H
#define VTOPO_REPORT_HOLD_WORDS_H

#include "base/buffer.h"
#include "place/holds.h"
#include "report/sentences.h"

/* "driver", for programs. */
const char *hold_name(enum hold hold);

/*
 * What comes behind the function's address: "is in VM 'a', which runs", "has the default route
 * (eth0)".  @owners may be NULL.  Nothing is added for HOLD_NONE.
 */
void hold_describe(const struct vtopo_host *host, const struct owners *owners, size_t function,
                   enum hold hold, struct buffer *out);

/* The same in a word or two, after a space: " (eth0, default route)", or nothing. */
void hold_describe_short(const struct host_function *function, enum hold hold, struct buffer *out);

/* A function, and what keeps it: perhaps another one, which it goes with. */
struct held {
    size_t function, holder;
    enum hold hold; /* of the holder */
};

/* A sentence for each, and one for all of which the same is to be said. */
void hold_describe_all(const struct vtopo_host *host, const struct owners *owners,
                       const struct held *held, size_t count, struct sentences *ret);

#endif
