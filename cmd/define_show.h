/* SPDX-License-Identifier: GPL-2.0-or-later */
/* define_show.h - what a person sees of a VM before it is defined, and after */
#ifndef VTOPO_CMD_DEFINE_SHOW_H
#define VTOPO_CMD_DEFINE_SHOW_H

#include "define_vm.h"

/* Tree, findings and diff on stdout, what else is to be known on stderr.  A status. */
int show_vm(const struct define_options *options, const struct vm *vm);
/* A line for a VM of which nothing is to be defined, and its findings.  A status. */
int report_vm(const struct define_options *options, const struct vm *vm);
/* What has to happen until the guest has it. */
void report_next_start(const struct define_options *options, const struct definition *definition);
/* Is "yes" the answer?  A question that nobody can answer is told, and is "no". */
bool ask(const struct definition *definition);

#endif
