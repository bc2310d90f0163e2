/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy_key.c - see policy_key.h
 *
 * Takes:  policy_keys.def.
 * Gives:  tables of the keys, and what can be done with any of them.
 * Rule:   a new key is a line there; nothing here knows one by its name.
 * Not here: the syntax around the values (json/policy_file.c, domxml/parse_policy.c, cmd).
 */
#include "model/policy_key.h"

#include "model/version_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const flag_words[] = {"no", "yes", NULL};

#define FLAG .kind = POLICY_FLAG, .low = 0, .high = 1, .words = flag_words
#define NUMBER(lowest, highest) .kind = POLICY_NUMBER, .low = (lowest), .high = (highest)
#define WORD(...)                                                                                  \
    .kind = POLICY_WORD, .low = 0,                                                                 \
    .high = (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)) - 1,                \
    .words = (const char *const[])                                                                 \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
#define VERSION(an_example)                                                                        \
    .kind = POLICY_VERSION, .low = 0, .high = VERSION_MAX, .example = (an_example)

#define SIZE_OF(name) sizeof(((struct vtopo_policy *)NULL)->name)
#define POLICY_KEY(key, type, initial, values, where)                                              \
    {.name = #key,                                                                                 \
     values,                                                                                       \
     .places = (where),                                                                            \
     .at = offsetof(struct vtopo_policy, key),                                                     \
     .size = SIZE_OF(key),                                                                         \
     .at_wish = offsetof(struct policy_wish, key)},
#define DEVICE_KEY(key, values, where)
const struct policy_key policy_keys[] = {
#include "model/policy_keys.def"
    {.name = NULL},
};
#undef POLICY_KEY
#undef DEVICE_KEY

#define POLICY_KEY(key, type, initial, values, where)
#define DEVICE_KEY(key, values, where)                                                             \
    {.name = #key, values, .places = (where), .at = offsetof(struct policy_device, key)},
const struct policy_key policy_device_keys[] = {
#include "model/policy_keys.def"
    {.name = NULL},
};
#undef POLICY_KEY
#undef DEVICE_KEY

#define POLICY_KEY(key, type, initial, values, where)
#define DEVICE_KEY(key, values, where)
#define POLICY_LIST(key, highest, where)                                                           \
    {.name = #key,                                                                                 \
     .high = (highest),                                                                            \
     .places = (where),                                                                            \
     .at = offsetof(struct vtopo_policy, key),                                                     \
     .at_wish = offsetof(struct policy_wish, key)},
const struct policy_list policy_lists[] = {
#include "model/policy_keys.def"
    {.name = NULL},
};
#undef POLICY_KEY
#undef DEVICE_KEY

/* Where each is in policy_keys. */
#define POLICY_KEY(key, type, initial, values, where) KEY_##key,
#define DEVICE_KEY(key, values, where)
enum {
#include "model/policy_keys.def"
};
#undef POLICY_KEY
#undef DEVICE_KEY

#define POLICY_KEY(key, type, initial, values, where)                                              \
    _Static_assert(SIZE_OF(key) == sizeof(bool) || SIZE_OF(key) == sizeof(int),                    \
                   "policy_set() knows the sizes of bool and int");
#define DEVICE_KEY(key, values, where)
#include "model/policy_keys.def"
#undef POLICY_KEY
#undef DEVICE_KEY

const struct policy_key *policy_key_find(const struct policy_key *keys, const char *name,
                                         unsigned places)
{
    for (; keys->name; keys++) {
        if ((keys->places & places) && !strcmp(keys->name, name))
            return keys;
    }
    return NULL;
}

/* Digits, with a minus before them if the key has negative numbers. */
static bool parse_number(const struct policy_key *key, const char *text, int *ret_number)
{
    const char *digits = text + (key->low < 0 && *text == '-');
    long number = strtol(text, NULL, 10); /* the largest of all if it is too large for a long */

    if (!*digits || digits[strspn(digits, "0123456789")] || number < key->low || number > key->high)
        return false;
    *ret_number = (int)number;
    return true;
}

static bool parse_word(const struct policy_key *key, const char *text, int *ret_place)
{
    for (int i = 0; key->words[i]; i++) {
        if (!strcmp(text, key->words[i])) {
            *ret_place = i;
            return true;
        }
    }
    return false;
}

bool policy_key_parse(const struct policy_key *key, const char *text, int *ret_value)
{
    switch (key->kind) {
    case POLICY_FLAG:
        if (!strcmp(text, "true") || !strcmp(text, "false")) {
            *ret_value = *text == 't';
            return true;
        }
        return parse_word(key, text, ret_value);
    case POLICY_WORD:
        return parse_word(key, text, ret_value);
    case POLICY_NUMBER:
        return parse_number(key, text, ret_value);
    case POLICY_VERSION:
        return version_parse(text, (unsigned *)ret_value);
    }
    return false;
}

const char *policy_key_format(const struct policy_key *key, int value, char text[POLICY_VALUE_SIZE])
{
    if (key->words)
        snprintf(text, POLICY_VALUE_SIZE, "%s", key->words[value]);
    else if (key->kind == POLICY_NUMBER)
        snprintf(text, POLICY_VALUE_SIZE, "%d", value);
    else if (value)
        snprintf(text, POLICY_VALUE_SIZE, "%s", VERSION_TEXT((unsigned)value));
    else
        *text = '\0';
    return text;
}

const char *policy_key_rule(const struct policy_key *key, char quote, char text[POLICY_RULE_SIZE])
{
    size_t used = 0;

    if (key->kind == POLICY_NUMBER)
        snprintf(text, POLICY_RULE_SIZE, "a whole number from %d to %d", key->low, key->high);
    else if (key->kind == POLICY_VERSION)
        snprintf(text, POLICY_RULE_SIZE, "a version like %c%s%c", quote, key->example, quote);
    for (int i = 0; key->words && key->words[i]; i++)
        used += (size_t)snprintf(text + used, POLICY_RULE_SIZE - used, "%s%c%s%c",
                                 i ? ", " : "one of ", quote, key->words[i], quote);
    if (key->kind == POLICY_FLAG)
        snprintf(text + used, POLICY_RULE_SIZE - used, ", %cfalse%c, %ctrue%c", quote, quote, quote,
                 quote);
    return text;
}

const char *policy_key_names(const struct policy_key *keys, unsigned places,
                             char text[POLICY_NAMES_SIZE])
{
    bool with_lists = keys == policy_keys;
    size_t used = 0;

    *text = '\0';
    for (; keys->name; keys++) {
        if (keys->places & places)
            used += (size_t)snprintf(text + used, POLICY_NAMES_SIZE - used, "%s%s",
                                     used ? ", " : "", keys->name);
    }
    if (with_lists) {
        for (const struct policy_list *list = policy_lists; list->name; list++) {
            if (list->places & places)
                used += (size_t)snprintf(text + used, POLICY_NAMES_SIZE - used, "%s%s",
                                         used ? ", " : "", list->name);
        }
    }
    return text;
}

void policy_set(struct vtopo_policy *policy, const struct policy_key *key, int value)
{
    void *field = (char *)policy + key->at;

    if (key->size == sizeof(bool))
        *(bool *)field = value;
    else
        *(int *)field = value;
}

int policy_get(const struct vtopo_policy *policy, const struct policy_key *key)
{
    const void *field = (const char *)policy + key->at;

    return key->size == sizeof(bool) ? *(const bool *)field : *(const int *)field;
}

int *policy_wish_value(struct policy_wish *wish, const struct policy_key *key)
{
    return (int *)((char *)wish + key->at_wish);
}

int *policy_device_value(struct policy_device *device, const struct policy_key *key)
{
    return (int *)((char *)device + key->at);
}

void policy_apply_wish(struct vtopo_policy *policy, const struct policy_wish *wish)
{
    for (const struct policy_key *key = policy_keys; key->name; key++) {
        int value = *(const int *)((const char *)wish + key->at_wish);

        if (value >= 0)
            policy_set(policy, key, value);
    }
}

const struct policy_list *policy_list_find(const char *name, unsigned places)
{
    for (const struct policy_list *list = policy_lists; list->name; list++) {
        if ((list->places & places) && !strcmp(list->name, name))
            return list;
    }
    return NULL;
}

struct idset *policy_list_of(struct vtopo_policy *policy, const struct policy_list *list)
{
    return (struct idset *)((char *)policy + list->at);
}

struct idset *policy_wish_list(struct policy_wish *wish, const struct policy_list *list)
{
    return (struct idset *)((char *)wish + list->at_wish);
}

enum idset_result policy_list_parse(const struct policy_list *list, const char *text,
                                    struct idset *ret_set)
{
    enum idset_result result = idset_parse(text, ret_set);

    if (result == IDSET_OK &&
        (idset_empty(ret_set) || idset_next(ret_set, list->high + 1) < IDSET_LIMIT)) {
        idset_free(ret_set);
        return IDSET_MALFORMED;
    }
    return result;
}

const char *policy_list_rule(const struct policy_list *list, char text[POLICY_RULE_SIZE])
{
    snprintf(text, POLICY_RULE_SIZE, "numbers from 0 to %zu, like 0-3,8", list->high);
    return text;
}

bool policy_apply_wish_lists(struct vtopo_policy *policy, const struct policy_wish *wish)
{
    for (const struct policy_list *list = policy_lists; list->name; list++) {
        const struct idset *from = (const struct idset *)((const char *)wish + list->at_wish);
        struct idset *to = policy_list_of(policy, list);

        if (idset_empty(from))
            continue;
        idset_free(to);
        if (!idset_copy(from, to))
            return false;
    }
    return true;
}

bool policy_copy_lists(const struct vtopo_policy *policy, struct vtopo_policy *ret)
{
    bool done = true;

    for (const struct policy_list *list = policy_lists; list->name; list++) {
        struct idset *to = policy_list_of(ret, list);

        *to = (struct idset){0};
        done = done && idset_copy((const struct idset *)((const char *)policy + list->at), to);
    }
    return done;
}

void policy_clear_lists(struct vtopo_policy *policy)
{
    for (const struct policy_list *list = policy_lists; list->name; list++)
        idset_free(policy_list_of(policy, list));
}

void policy_wish_clear_lists(struct policy_wish *wish)
{
    for (const struct policy_list *list = policy_lists; list->name; list++)
        idset_free(policy_wish_list(wish, list));
}

const char *mirror_word(enum mirror mirror)
{
    return policy_keys[KEY_mirror].words[mirror];
}
