/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sentences.h - a list of sentences as it grows */
#ifndef VTOPO_REPORT_SENTENCES_H
#define VTOPO_REPORT_SENTENCES_H

#include "base/buffer.h"
#include "base/mem.h"

struct json_writer;

struct sentences {
    VEC(char *) items;
    bool failed; /* out of memory */
};

/* Takes the text over; NULL: out of memory. */
void sentences_add(struct sentences *sentences, char *text);
void sentences_clear(struct sentences *sentences);
/* As a list; they may have the names of VMs in them, which are UTF-8. */
void sentences_write(const struct sentences *sentences, const char *key, struct json_writer *json);

#endif
