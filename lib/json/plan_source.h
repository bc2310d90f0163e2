/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_source.h - what the files share that read plans
 */
#ifndef VTOPO_JSON_PLAN_SOURCE_H
#define VTOPO_JSON_PLAN_SOURCE_H

#include "base/error.h"
#include "expect/expectation.h"

#include <jansson.h>

/* A plan that is being read. */
struct plan_source {
    const char *name; /* of the file, for messages */
    struct vtopo_error **reterr;
    struct expectation *list; /* what it expects */
};

/* An error about the value of @key.  @where: "devices[3]"; NULL: the document. */
#define plan_wrong(source, where, key, why)                                                        \
    error_set((source)->reterr, VTOPO_ERR_FILE, "%s: %s%s%s: %s", (source)->name,                  \
              (where) ? (where) : "", (where) ? "." : "", key, why)

/* NULL: it is not there, or no string. */
const char *plan_string(const json_t *object, const char *key);
/* A whole number from @min to @max, or @absent for null. */
int plan_read_number(struct plan_source *source, const char *where, const json_t *object,
                     const char *key, json_int_t min, json_int_t max, json_int_t absent,
                     json_int_t *ret_number);
/* An address, or null: then *ret_known is false. */
int plan_read_bdf(struct plan_source *source, const char *where, const json_t *object,
                  const char *key, struct bdf *ret_bdf, bool *ret_known);
/* "link" as plans write it; null, or no such key: not expected. */
int plan_read_link(struct plan_source *source, const char *where, const json_t *object,
                   struct host_link *ret_link);
/* "vendor_device": "10de:2330"; null, or no such key: not expected. */
int plan_read_ids(struct plan_source *source, const char *where, const json_t *object,
                  struct expected *item);
/* A further entry of the list; of the name a copy that is fit for a terminal.  NULL: out of memory.
 */
struct expected *plan_add(struct plan_source *source, const char *name);

/* Of each object of the list that is the value of @key. */
typedef int plan_entry_reader(struct plan_source *source, const char *where, const json_t *json);
int plan_read_list(struct plan_source *source, const json_t *json, const char *key,
                   plan_entry_reader *read);

/* guest_plan_read.c: @json is the document. */
int guest_plan_read(struct plan_source *source, const json_t *json);

#endif
