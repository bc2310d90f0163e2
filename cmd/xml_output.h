/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xml_output.h - what vtopo-xml writes: the product, findings, what --check has found */
#ifndef VTOPO_CMD_XML_OUTPUT_H
#define VTOPO_CMD_XML_OUTPUT_H

#include "print_findings.h"
#include "xml_options.h"

/* On stderr, those that --quiet and --verbose leave; @plan NULL: none.  @advice: print_findings.h
 */
int print_xml_findings(const struct xml_options *options, const struct vtopo_plan *plan,
                       const char *advice);
/* For --check: what is different, and the command that repairs it.  @plan NULL: --undo. */
void print_difference(const struct xml_options *options, const struct vtopo_plan *plan);
/* For --check: nothing is different, and yet the guest lacks its host's topology. */
void print_lack(const struct xml_options *options, const struct vtopo_plan *plan);

/*
 * Does what is written go to a file of its own, by whatever name?  STATUS_USAGE, and nothing is
 * touched, if not.  An --output that is where stdout goes becomes stdout.
 */
int check_files(struct xml_options *options);

/*
 * The product, to where the options say, and NCCL's file (NULL: none), both or neither.  @differs:
 * the product is another domain than the input.  A status.
 */
int write_results(const struct xml_options *options, const char *text, size_t length, bool differs,
                  const char *nccl_topo);

#endif
