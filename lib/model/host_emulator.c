/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_emulator.c - see host_emulator.h */
#include "model/host_emulator.h"

#include "base/error.h"
#include "base/search.h"
#include "base/utf8.h"

#include <string.h>

static const char *const state_names[] = {"known", "stale", "unreadable", "unusable"};

bool emulator_is_path(const char *text)
{
    size_t length = strlen(text);

    if (*text != '/' || length > EMULATOR_PATH_MAX || utf8_span(text, length) != length)
        return false;
    for (size_t i = 0; i < length; i += utf8_length(text + i, length - i)) {
        if (utf8_is_control(text + i))
            return false;
    }
    return true;
}

bool emulator_is_name(const char *text)
{
    size_t length = strlen(text);

    return length && length <= EMULATOR_NAME_MAX &&
           length == strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-_.+");
}

const char *emulator_state_name(enum emulator_state state)
{
    return state_names[state];
}

bool emulator_state_parse(const char *text, enum emulator_state *ret_state)
{
    for (size_t i = 0; i < sizeof(state_names) / sizeof(*state_names); i++) {
        if (!strcmp(text, state_names[i])) {
            *ret_state = (enum emulator_state)i;
            return true;
        }
    }
    return false;
}

static int compare_with_emulator(const void *key, const void *item)
{
    return strcmp(key, ((const struct host_emulator *)item)->path);
}

static int compare_emulators(const void *a, const void *b)
{
    return compare_with_emulator(((const struct host_emulator *)a)->path, b);
}

static const struct host_emulator *find_default(const struct host_emulators *emulators,
                                                const char *arch)
{
    for (size_t i = 0; i < emulators->count; i++) {
        const struct host_emulator *emulator = &emulators->items[i];

        if (emulator->is_default && !strcmp(emulator->arch, arch ? arch : "x86_64"))
            return emulator;
    }
    return NULL;
}

const struct host_emulator *emulators_find(const struct host_emulators *emulators, const char *path,
                                           const char *arch)
{
    if (!path)
        return find_default(emulators, arch);
    return search_find(path, emulators->items, emulators->count, sizeof(*emulators->items),
                       compare_with_emulator);
}

static int compare_with_machine(const void *key, const void *item)
{
    return strcmp(key, ((const struct host_machine *)item)->alias);
}

const char *emulator_machine(const struct host_emulator *emulator, const char *machine)
{
    const struct host_machine *found = NULL;

    if (emulator && machine)
        found = search_find(machine, emulator->machines.items, emulator->machines.count,
                            sizeof(*emulator->machines.items), compare_with_machine);
    return found ? found->name : machine;
}

/* A new entry at its place; NULL: out of memory. */
static struct host_machine *insert_machine(struct host_emulator *emulator, size_t place)
{
    struct host_machine *last = vec_add(&emulator->machines), *at;

    if (!last)
        return NULL;
    at = emulator->machines.items + place;
    memmove(at + 1, at, (size_t)(last - at) * sizeof(*at));
    *at = (struct host_machine){0};
    return at;
}

/* libvirt lists each machine type for KVM and for TCG. */
bool emulator_add_machine(struct host_emulator *emulator, const char *alias, const char *name)
{
    size_t place = search_lower_bound(alias, emulator->machines.items, emulator->machines.count,
                                      sizeof(*emulator->machines.items), compare_with_machine);
    const struct host_machine *items = emulator->machines.items;
    struct host_machine *added;
    autofree char *alias_copy = NULL, *name_copy = NULL;

    if (place < emulator->machines.count && !strcmp(items[place].alias, alias))
        return true;
    alias_copy = strdup(alias);
    name_copy = strdup(name);
    added = alias_copy && name_copy ? insert_machine(emulator, place) : NULL;
    if (!added)
        return false;
    *added = (struct host_machine){steal(alias_copy), steal(name_copy)};
    return true;
}

int emulators_finish(struct host_emulators *emulators, struct vtopo_error **reterr)
{
    struct host_emulator *items = emulators->items;
    size_t count = emulators->count;

    if (count)
        qsort(items, count, sizeof(*items), compare_emulators);
    for (size_t i = 1; i < count; i++) {
        if (!strcmp(items[i - 1].path, items[i].path))
            return error_set(reterr, VTOPO_ERR_HOST, "emulator %s is there twice", items[i].path);
    }
    for (size_t i = 0; i < count; i++) {
        if (items[i].is_default && find_default(emulators, items[i].arch) != &items[i])
            return error_set(
                reterr, VTOPO_ERR_HOST, "emulators %s and %s are both the default one of %s",
                find_default(emulators, items[i].arch)->path, items[i].path, items[i].arch);
    }
    return 0;
}

void emulator_clear(struct host_emulator *emulator)
{
    for (size_t i = 0; i < emulator->machines.count; i++) {
        free(emulator->machines.items[i].alias);
        free(emulator->machines.items[i].name);
    }
    free(emulator->machines.items);
    free(emulator->path);
    free(emulator->arch);
    *emulator = (struct host_emulator){0};
}

void emulators_clear(struct host_emulators *emulators)
{
    for (size_t i = 0; i < emulators->count; i++)
        emulator_clear(&emulators->items[i]);
    free(emulators->items);
    *emulators = (struct host_emulators){0};
}
