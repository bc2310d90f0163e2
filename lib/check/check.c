/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check.c - results in order and in words, and which devices are checked
 * Not here: the table of questions (questions.c), what they share (checker.c), each of them
 * (check_QUESTION.c).
 */
#include "check/check.h"

#include "base/buffer.h"
#include "model/pci_class.h"

#include <string.h>

#define PLACEHOLDER "BDF"

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
    for (size_t i = 0; i < results->count; i++) {
        free(results->items[i].is);
        free(results->items[i].detail);
    }
    free(results->items);
    *results = (struct check_results){0};
}

const char *check_subject(const struct check_result *result, char text[BDF_TEXT_SIZE])
{
    return result->of_host ? "host" : bdf_format(&result->bdf, text);
}

/* With the subject's address in place of "BDF". */
static char *put_address(const struct check_result *result, const char *rest)
{
    const char *at;
    struct buffer text = {0};

    for (; (at = strstr(rest, PLACEHOLDER)); rest = at + strlen(PLACEHOLDER)) {
        buffer_add_bytes(&text, rest, (size_t)(at - rest));
        buffer_add(&text, BDF_TEXT(&result->bdf));
    }
    buffer_add(&text, rest);
    return buffer_steal(&text);
}

char *check_how(const struct check_result *result)
{
    return put_address(result, result->how);
}

/* The short sentence in its parts; the caller's to free, false: out of memory. */
static bool make_brief(const struct check_result *result, char **ret_before, char **ret_after)
{
    autofree char *how = NULL;

    if (result->brief.before) {
        *ret_before = put_address(result, result->brief.before);
        *ret_after = put_address(result, result->brief.after);
    } else {
        how = check_how(result);
        *ret_before = how ? mem_printf("%s: %s; %s", result->is, result->means, how) : NULL;
        *ret_after = mem_printf("%s", "");
    }
    if (*ret_before && *ret_after)
        return true;
    free(steal(*ret_before));
    free(steal(*ret_after));
    return false;
}

bool check_add_finding(const struct check_result *result, struct findings *findings)
{
    char address[BDF_TEXT_SIZE];
    autofree char *before = NULL, *after = NULL;

    return make_brief(result, &before, &after) &&
           finding_add_detail(findings, result->id, check_subject(result, address), before,
                              result->detail ? result->detail : "", after);
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
    if (function->parent != HOST_NONE &&
        host->functions.items[function->parent].port == PORT_BRIDGE)
        return false;
    return function->port == PORT_NONE &&
           (class_is_gpu(function->class_code) || class_is_network(function->class_code));
}
