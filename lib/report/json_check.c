/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_check.c - see json_check.h
 *
 * Rule:   keys are in a fixed order and never left out: what a finding has not is null. Registers
 *         are texts in hexadecimal, as lspci and setpci have them.
 * Not here: the same for people (host_check.c).
 */
#include "report/json_check.h"

#include "json/writer.h"

#include <stdio.h>

static void write_hex(struct json_writer *json, const char *key, int digits, size_t number)
{
    char text[2 + 16 + 1];

    snprintf(text, sizeof(text), "0x%0*zx", digits, number);
    json_text(json, key, text);
}

static void write_register(struct json_writer *json, const struct check_result *result)
{
    const struct check_register *reg = &result->reg;

    if (!result->has_reg) {
        json_nothing(json, "register");
        return;
    }
    json_open(json, "register", '{');
    json_text(json, "name", reg->name);
    json_text(json, "capability", reg->capability);
    json_flag(json, "extended", reg->extended);
    write_hex(json, "capability_id", reg->extended ? 4 : 2, reg->id);
    write_hex(json, "capability_offset", 3, reg->at);
    write_hex(json, "offset", 3, reg->offset);
    write_hex(json, "value", 4, reg->value);
    json_close(json, '}');
}

static void write_result(struct json_writer *json, const struct check_result *result)
{
    char address[BDF_TEXT_SIZE];
    autofree char *how = check_how(result);

    json->out.failed |= !how;
    json_open(json, NULL, '{');
    json_text(json, "id", finding_code(result->id));
    json_text(json, "severity", severity_name(finding_severity(result->id)));
    json_text(json, "title", finding_title(result->id));
    json_text(json, "subject", check_subject(result, address));
    json_text(json, "is", result->is);
    json_text(json, "means", result->means);
    json_text(json, "should", result->should);
    json_text(json, "how", how);
    write_register(json, result);
    json_close(json, '}');
}

/* Whether it may be run: null where that is unknown. */
static void write_hook(struct json_writer *json, const struct hook_access *hook)
{
    if (!hook || hook->verdict == HOOK_ABSENT) {
        json_nothing(json, "hook");
        return;
    }
    json_open(json, "hook", '{');
    json_text(json, "daemon", hook->daemon);
    json_text(json, "module", hook_module_name(hook->module));
    json_text(json, "label", hook->label);
    if (hook->verdict == HOOK_UNKNOWN)
        json_nothing(json, "may_run");
    else
        json_flag(json, "may_run", hook->verdict != HOOK_DENIED);
    json_close(json, '}');
}

void check_to_json(const struct check_set *set, const struct check_results *results,
                   struct buffer *out)
{
    struct json_writer json = {.out = *out};

    json_open(&json, NULL, '{');
    json_text(&json, "format", "vtopo-check");
    json_number(&json, "version", CHECK_JSON_VERSION);
    json_open(&json, "devices", '[');
    for (size_t i = 0; i < set->count; i++)
        json_text(&json, NULL, BDF_TEXT(&set->host->functions.items[set->devices[i].function].bdf));
    json_close(&json, ']');
    json_open(&json, "findings", '[');
    for (size_t i = 0; i < results->count; i++)
        write_result(&json, &results->items[i]);
    json_close(&json, ']');
    write_hook(&json, set->hook);
    json_close(&json, '}');
    *out = json.out;
}
