/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checker.h - what the check_*.c files share: one checker answers its questions for one set of
 * devices
 *
 * Every question returns false only when out of memory.
 */
#ifndef VTOPO_CHECK_CHECKER_H
#define VTOPO_CHECK_CHECKER_H

#include "base/buffer.h"
#include "check/check.h"
#include "model/pcicap.h"

struct checker {
    const struct check_set *set;
    const struct vtopo_host *host;
    struct check_results *results;
    unsigned questions;
    bool *unread; /* per host function: a question needed more of its config space than there is */
};

bool check_groups(struct checker *c);
bool check_no_group(struct checker *c); /* check_groups.c, too */
bool check_acs(struct checker *c);
bool check_ats(struct checker *c);
bool check_ordering(struct checker *c);
bool check_links(struct checker *c);
bool check_nodes(struct checker *c);
bool check_drivers(struct checker *c);
bool check_coherent(struct checker *c);
bool check_unread(struct checker *c);
bool check_hook(struct checker *c);

/* May it be what the host itself works with: its network, disk, display, chipset?  check_drivers.c
 */
bool check_may_be_in_use(const struct host_function *function);
bool check_is_usb(const struct host_function *function);

/* As check_read(), but nothing is remembered for check_unread(). */
enum pcicap_result check_read_register(const struct host_function *function, size_t offset,
                                       struct check_register *reg);
/*
 * The 16-bit register at @offset of a capability.  @reg comes with name, capability, extended and
 * id.  What cannot be read is remembered for check_unread().
 */
enum pcicap_result check_read(struct checker *c, size_t function, size_t offset,
                              struct check_register *reg);

/* The physical function of a virtual one, whose registers count for both where they are reserved
 * in the virtual one; any other function is its own. */
size_t check_physical(const struct checker *c, size_t function);

/* The texts of a kind of result, the same for all functions. */
struct check_advice {
    enum finding_id id;
    const char *means, *should, *how;
    struct check_brief brief;
};

/* Adds a result; @is, which may be NULL for out of memory, is taken over. */
bool check_add(struct checker *c, size_t function, const struct check_advice *advice,
               const struct check_register *reg, char *is);

/* The same, with what in the short sentence is of this function alone; taken over, too. */
bool check_add_detail(struct checker *c, size_t function, const struct check_advice *advice,
                      const struct check_register *reg, char *is, char *detail);

/* A list in words as it grows: at most eight, then how many more. */
struct check_list {
    struct buffer text;
    size_t count;
};
void check_list_add(struct check_list *list, const char *word);
/* "A, B and 3 more"; the caller's to free, NULL: out of memory. */
char *check_list_steal(struct check_list *list);

#endif
