/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check.c - the table of questions, and what all of them need
 *
 * Takes:  a set of devices and the questions to ask about it.
 * Gives:  results, in the order of the table.
 * Rule:   a register is believed only if all of it was read and it is not all ones, which a
 * function that sleeps or is gone says. Not here: each question, in check_QUESTION.c.
 */
#include "check/checker.h"

#include <string.h>

#define LIST_MAX 8 /* words of a list; a group can have 65536 members */
#define PLACEHOLDER "BDF"

static const struct {
    enum check_question question;
    bool (*ask)(struct checker *);
} table[] = {
    {CHECK_GROUPS, check_groups},     {CHECK_NO_GROUP, check_no_group},
    {CHECK_DRIVERS, check_drivers},   {CHECK_NODES, check_nodes},
    {CHECK_ACS, check_acs},           {CHECK_ATS, check_ats},
    {CHECK_ORDERING, check_ordering}, {CHECK_LINKS, check_links},
    {CHECK_UNREAD, check_unread}, /* the last: it tells of the others */
};

bool check_host(const struct check_set *set, unsigned questions, struct check_results *results)
{
    autofree bool *unread = calloc(set->host->functions.count + 1, sizeof(*unread));
    struct checker c = {.set = set,
                        .host = set->host,
                        .results = results,
                        .questions = questions,
                        .unread = unread};
    bool done = unread;

    for (size_t i = 0; done && i < sizeof(table) / sizeof(*table); i++) {
        if (questions & table[i].question)
            done = table[i].ask(&c);
    }
    return done;
}

bool check_sort(struct check_results *results)
{
    struct check_result *sorted = calloc(results->count + 1, sizeof(*sorted));
    size_t n = 0;

    if (!sorted)
        return false;
    for (int severity = SEVERITY_REFUSAL; severity >= SEVERITY_INFO; severity--) {
        for (size_t i = 0; i < results->count; i++) {
            if (finding_severity(results->items[i].id) == (enum severity)severity)
                sorted[n++] = results->items[i];
        }
    }
    free(results->items);
    results->items = sorted;
    results->cap = results->count + 1;
    return true;
}

void check_results_clear(struct check_results *results)
{
    for (size_t i = 0; i < results->count; i++)
        free(results->items[i].is);
    free(results->items);
    *results = (struct check_results){0};
}

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
    };
    if (function != HOST_NONE)
        result->bdf = c->host->functions.items[function].bdf;
    if (reg)
        result->reg = *reg;
    return true;
}

void check_list_add(struct check_list *list, const char *word)
{
    if (list->count++ < LIST_MAX && !list->failed)
        list->failed = !mem_append(&list->text, "%s%s", list->count > 1 ? ", " : "", word);
}

char *check_list_take(struct check_list *list)
{
    char *text, *last;

    if (!list->failed && list->count > LIST_MAX)
        list->failed = !mem_append(&list->text, " and %zu more", list->count - LIST_MAX);
    if (list->failed || !list->text) {
        free(list->text);
        *list = (struct check_list){0};
        return NULL;
    }
    /* The last comma is an "and": there is room for it if the list is made anew. */
    last = list->count > 1 && list->count <= LIST_MAX ? strrchr(list->text, ',') : NULL;
    text = last ? mem_printf("%.*s and %s", (int)(last - list->text), list->text, last + 2)
                : steal(list->text);
    free(list->text);
    *list = (struct check_list){0};
    return text;
}

const char *check_subject(const struct check_result *result, char text[BDF_TEXT_SIZE])
{
    return result->of_host ? "host" : bdf_format(&result->bdf, text);
}

char *check_how(const struct check_result *result)
{
    const char *rest = result->how, *at;
    char address[BDF_TEXT_SIZE];
    char *text = NULL;
    bool done = true;

    bdf_format(&result->bdf, address);
    while (done && (at = strstr(rest, PLACEHOLDER))) {
        done = mem_append(&text, "%.*s%s", (int)(at - rest), rest, address);
        rest = at + strlen(PLACEHOLDER);
    }
    if (done)
        done = mem_append(&text, "%s", rest);
    if (done)
        return text;
    free(text);
    return NULL;
}

char *check_register_text(const struct check_register *reg)
{
    return mem_printf("%s (%s%0*x at 0x%02zx, register 0x%02zx) is 0x%04x", reg->name,
                      reg->extended ? "extended capability " : "capability ", reg->extended ? 4 : 2,
                      reg->id, reg->at, reg->offset, (unsigned)reg->value);
}

/* Display controllers, accelerators and network controllers: PCI Code and ID Assignment
 * Specification. */
bool check_is_gpu_or_nic(const struct vtopo_host *host, const struct host_function *function)
{
    uint32_t base = function->class_code >> 16;

    if (function->parent != HOST_NONE &&
        host->functions.items[function->parent].port == PORT_BRIDGE)
        return false;
    return function->port == PORT_NONE && (base == 0x03 || base == 0x12 || base == 0x02);
}
