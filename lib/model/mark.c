/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mark.c - see mark.h */
#include "model/mark.h"

#include "base/buffer.h"
#include "base/search.h"

#include <string.h>

#define EXPANDER "pxb"
#define DEVICE_PREFIX MARK_PREFIX "dev-"
#define PORTS_OFF "-off-"
#define PORTS_END "-ports"
#define ARGUMENT_PREFIX "0x"

static bool starts_with(const char *text, const char *prefix)
{
    return !strncmp(text, prefix, strlen(prefix));
}

bool alias_is_user(const char *alias)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

    return alias && starts_with(alias, "ua-") && !alias[strspn(alias, allowed)];
}

/* --- aliases --- */

static char *put(char *at, const char *text)
{
    size_t length = strlen(text);

    memcpy(at, text, length + 1);
    return at + length;
}

/* Colons and dots are not for aliases: libvirt drops such an alias silently (tried with 9.0).  By
 * hand, not with printf(): there is one for every port. */
static char *alias_of(const char *part, const struct bdf *bdf, const char *suffix)
{
    char text[BDF_TEXT_SIZE], *at;
    char *alias =
        malloc(sizeof(MARK_PREFIX) + strlen(part) + sizeof("-") + sizeof(text) + strlen(suffix));

    if (!alias)
        return NULL;
    bdf_format(bdf, text);
    for (at = text; *at; at++)
        *at = *at == ':' || *at == '.' ? '-' : *at;
    put(put(put(put(put(alias, MARK_PREFIX), part), "-"), text), suffix);
    return alias;
}

char *mark_port_alias(const char *part, const struct bdf *host, const char *suffix)
{
    return alias_of(part, host, suffix);
}

char *mark_expander_alias(const struct bdf *root, const char *suffix)
{
    if (!root)
        return mem_printf(MARK_PREFIX EXPANDER "%s", suffix);
    return mem_printf(MARK_PREFIX EXPANDER "-%04x-%02x%s", root->domain, root->bus, suffix);
}

char *mark_spare_alias(const char *expander, unsigned n)
{
    return mem_printf(MARK_PREFIX "spare%s-%u", expander + strlen(MARK_PREFIX EXPANDER), n);
}

char *mark_gap_alias(unsigned index)
{
    return mem_printf(MARK_PREFIX "gap-%u", index);
}

char *mark_back_alias(unsigned index)
{
    return mem_printf(MARK_BACK "%u", index);
}

char *mark_device_alias(const struct bdf *host)
{
    return alias_of("dev", host, "");
}

char *mark_another_alias(const char *alias, unsigned n)
{
    return mem_printf("%s-%u", alias, n);
}

bool mark_is_of_controller(const char *alias)
{
    return alias && starts_with(alias, MARK_PREFIX) && !mark_is_of_back(alias);
}

bool mark_is_of_back(const char *alias)
{
    return alias && starts_with(alias, MARK_BACK);
}

bool mark_is_of_gap(const char *alias)
{
    return starts_with(alias, MARK_PREFIX "gap-");
}

bool mark_is_of_card(const char *alias)
{
    return alias && starts_with(alias, MARK_PREFIX "rp-");
}

bool mark_is_of_device(const struct domain_device *device)
{
    return device_is_assigned(device) && device->alias && starts_with(device->alias, DEVICE_PREFIX);
}

/* --- ports of others --- */

bool mark_is_of_port_off(const char *alias)
{
    const char *at = mark_is_of_controller(alias) ? strstr(alias, MARK_PORT_OFF) : NULL;

    /* "-off", or "-off-2" where another one has that alias. */
    return at && !at[strspn(at + strlen(MARK_PORT_OFF), "-0123456789") + strlen(MARK_PORT_OFF)];
}

bool mark_add_ports_off(char **alias, const unsigned *indexes, size_t count)
{
    struct buffer longer = {0};
    char *text;

    if (!count)
        return true;
    buffer_add(&longer, *alias);
    for (size_t i = count; i-- > 0;)
        buffer_printf(&longer, "%s%u", i + 1 < count ? "-" : PORTS_OFF, indexes[i]);
    buffer_add(&longer, PORTS_END);
    text = buffer_steal(&longer);
    if (!text)
        return false;
    free(*alias);
    *alias = text;
    return true;
}

void mark_read_ports_off(const char *alias, bool off[DOMAIN_INDEXES])
{
    const char *at = strstr(alias, PORTS_OFF), *end = at ? strstr(at, PORTS_END) : NULL;

    if (!end)
        return;
    for (at += strlen(PORTS_OFF) - 1; at < end && *at == '-'; at++) {
        unsigned index = 0;

        for (; at[1] >= '0' && at[1] <= '9' && index < DOMAIN_INDEXES; at++)
            index = index * 10 + (unsigned)(at[1] - '0');
        if (index < DOMAIN_INDEXES)
            off[index] = true;
    }
}

/* --- overrides --- */

char *mark_argument(const char *number)
{
    return mem_printf(ARGUMENT_PREFIX "%lx", strtoul(number, NULL, 10));
}

/* A line of the record. */
struct entry {
    const char *alias, *name;
};

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = strcmp(a->alias, b->alias);

    return order ? order : strcmp(a->name, b->name);
}

static bool is_record(const struct domain_override *o)
{
    return !o->command_line && !strcmp(o->alias, MARK_RECORD);
}

bool mark_prefix_is_theirs(const struct domain *domain)
{
    for (size_t i = 0; i < domain->overrides.count; i++) {
        const struct domain_override *o = &domain->overrides.items[i];

        if (is_record(o) && !strcmp(o->name, MARK_PREFIX_IS_THEIRS))
            return true;
    }
    return false;
}

static size_t read_record(const struct domain *domain, struct entry *entries)
{
    size_t n = 0;

    for (size_t i = 0; i < domain->overrides.count; i++) {
        const struct domain_override *o = &domain->overrides.items[i];

        if (is_record(o) && o->value)
            entries[n++] = (struct entry){o->value, o->name};
    }
    qsort(entries, n, sizeof(*entries), compare_entries);
    return n;
}

static bool is_marked(const struct domain_override *o, const struct entry *entries, size_t count)
{
    struct entry wanted = {o->alias, o->name};

    if (starts_with(o->alias, MARK_PREFIX) && !mark_is_of_back(o->alias))
        return true;
    if (o->command_line)
        return !strcmp(o->name, PROPERTY_CLIQUE) && o->value &&
               starts_with(o->value, ARGUMENT_PREFIX);
    return search_find(&wanted, entries, count, sizeof(*entries), compare_entries);
}

bool mark_overrides(struct domain *domain)
{
    autofree struct entry *entries = calloc(domain->overrides.count + 1, sizeof(*entries));
    size_t n = entries ? read_record(domain, entries) : 0;

    for (size_t i = 0; entries && i < domain->overrides.count; i++)
        domain->overrides.items[i].marked = is_marked(&domain->overrides.items[i], entries, n);
    return entries;
}
