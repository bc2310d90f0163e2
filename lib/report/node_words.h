/* SPDX-License-Identifier: GPL-2.0-or-later */
/* node_words.h - NUMA nodes in words, where a host has many without CPUs and memory */
#ifndef VTOPO_REPORT_NODE_WORDS_H
#define VTOPO_REPORT_NODE_WORDS_H

#include "base/buffer.h"
#include "model/host.h"

/* How many nodes, from the one at @first on, are told of in one line: bare ones that follow each
 * other and are as far from the others; of others, one. */
size_t node_run(const struct vtopo_host *host, size_t first);

/* ", distances 10 40, 80 to 2-9": to those that are not bare, in their order, and to runs of bare
 * ones. Of a bare one only the first.  Nothing, where they are not known. */
void node_distances(const struct vtopo_host *host, size_t at, struct buffer *out);

#endif
