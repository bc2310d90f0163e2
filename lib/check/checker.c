/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checker.c - see checker.h
 *
 * Rule:   a register is believed only if all of it was read and it is not all ones, which is what
 *         a function that sleeps or is gone reads as.
 */
#include "check/checker.h"

#include <string.h>

#define LIST_MAX 8 /* words of a list; a group can have 65536 members */

enum pcicap_result check_read_register(const struct host_function *f, size_t offset,
                                       struct check_register *reg)
{
    enum pcicap_result found =
        reg->extended ? pcicap_find_extended(f->config, f->config_size, (uint16_t)reg->id, &reg->at)
                      : pcicap_find(f->config, f->config_size, (uint8_t)reg->id, &reg->at);

    if (found == PCICAP_FOUND) {
        reg->offset = reg->at + offset;
        if (!pcicap_read16(f->config, f->config_size, reg->offset, &reg->value) ||
            reg->value == UINT16_MAX)
            found = PCICAP_UNREADABLE;
    }
    return found;
}

enum pcicap_result check_read(struct checker *c, size_t function, size_t offset,
                              struct check_register *reg)
{
    enum pcicap_result found =
        check_read_register(&c->host->functions.items[function], offset, reg);

    if (found == PCICAP_UNREADABLE)
        c->unread[function] = true;
    return found;
}

size_t check_physical(const struct checker *c, size_t function)
{
    const struct host_function *f = &c->host->functions.items[function];
    size_t physfn = f->is_vf ? host_find(c->host, &f->physfn) : HOST_NONE;

    return physfn == HOST_NONE ? function : physfn;
}

bool check_add(struct checker *c, size_t function, const struct check_advice *advice,
               const struct check_register *reg, char *is)
{
    struct check_result *result = is ? vec_add(c->results) : NULL;

    if (!result) {
        free(is);
        return false;
    }
    *result = (struct check_result){
        .id = advice->id,
        .of_host = function == HOST_NONE,
        .has_reg = reg,
        .is = is,
        .means = advice->means,
        .should = advice->should,
        .how = advice->how,
        .brief = advice->brief,
    };
    if (function != HOST_NONE)
        result->bdf = c->host->functions.items[function].bdf;
    if (reg)
        result->reg = *reg;
    return true;
}

bool check_add_detail(struct checker *c, size_t function, const struct check_advice *advice,
                      const struct check_register *reg, char *is, char *detail)
{
    if (!detail || !check_add(c, function, advice, reg, steal(is))) {
        free(is);
        free(detail);
        return false;
    }
    c->results->items[c->results->count - 1].detail = detail;
    return true;
}

void check_list_add(struct check_list *list, const char *word)
{
    if (list->count++ < LIST_MAX)
        buffer_printf(&list->text, "%s%s", list->count > 1 ? ", " : "", word);
}

char *check_list_steal(struct check_list *list)
{
    size_t count = list->count;
    autofree char *text = NULL;
    char *last;

    list->count = 0;
    if (count > LIST_MAX)
        buffer_printf(&list->text, " and %zu more", count - LIST_MAX);
    text = count ? buffer_steal(&list->text) : NULL;
    if (!text)
        return NULL;
    /* The last comma is an "and": there is room for it if the list is made anew. */
    last = count > 1 && count <= LIST_MAX ? strrchr(text, ',') : NULL;
    return last ? mem_printf("%.*s and %s", (int)(last - text), text, last + 2) : steal(text);
}
