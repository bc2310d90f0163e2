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
    size_t used = 0;

    *text = '\0';
    for (; keys->name; keys++) {
        if (keys->places & places)
            used += (size_t)snprintf(text + used, POLICY_NAMES_SIZE - used, "%s%s",
                                     used ? ", " : "", keys->name);
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

const char *mirror_word(enum mirror mirror)
{
    return policy_keys[KEY_mirror].words[mirror];
}
