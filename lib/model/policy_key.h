/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy_key.h - the keys of policy_keys.def as tables: find one, check a value, set and get it
 *
 * Every value is an int: the place of a word, 0 or 1 of a flag, a number, a version as
 * major * 1000000 + minor * 1000 + micro.
 */
#ifndef VTOPO_MODEL_POLICY_KEY_H
#define VTOPO_MODEL_POLICY_KEY_H

#include "model/policy.h"

enum policy_kind { POLICY_FLAG, POLICY_NUMBER, POLICY_WORD, POLICY_VERSION };

/* Where a key may be written. */
enum policy_place { IN_FILE = 1, IN_METADATA = 2, AS_OPTION = 4 };

struct policy_key {
    const char *name;
    enum policy_kind kind;
    int low, high;            /* of all kinds, the limits included */
    const char *const *words; /* POLICY_WORD, POLICY_FLAG: their places are the values */
    const char *example;      /* POLICY_VERSION */
    unsigned places;
    /* In struct vtopo_policy and struct policy_wish, or in struct policy_device. */
    size_t at, size, at_wish;
};

/* They end with a name NULL. */
extern const struct policy_key policy_keys[], policy_device_keys[];

/* NULL: no key in @keys has that name and may be written in one of @places. */
const struct policy_key *policy_key_find(const struct policy_key *keys, const char *name,
                                         unsigned places);
/* The value that @text stands for; false: it is none of the key. */
bool policy_key_parse(const struct policy_key *key, const char *text, int *ret_value);
/* The opposite; "": a version that is not set. */
#define POLICY_VALUE_SIZE 16
const char *policy_key_format(const struct policy_key *key, int value,
                              char text[POLICY_VALUE_SIZE]);

/* What a value has to be, for "must be ...": words and examples are put between @quote. */
#define POLICY_RULE_SIZE 160
const char *policy_key_rule(const struct policy_key *key, char quote, char text[POLICY_RULE_SIZE]);
/* The names that may be written in one of @places, with ", " between them. */
#define POLICY_NAMES_SIZE 512
const char *policy_key_names(const struct policy_key *keys, unsigned places,
                             char text[POLICY_NAMES_SIZE]);

/* Of policy_keys; the value is one of the key. */
void policy_set(struct vtopo_policy *policy, const struct policy_key *key, int value);
int policy_get(const struct vtopo_policy *policy, const struct policy_key *key);
/* Where a wish has the value of one of policy_keys, and an entry that of one of policy_device_keys.
 */
int *policy_wish_value(struct policy_wish *wish, const struct policy_key *key);
int *policy_device_value(struct policy_device *device, const struct policy_key *key);
/* Sets what the wish sets, its devices excepted. */
void policy_apply_wish(struct vtopo_policy *policy, const struct policy_wish *wish);

/* A key whose value is a set of numbers. */
struct policy_list {
    const char *name;
    size_t high;
    unsigned places;
    size_t at, at_wish;
};

/* They end with a name NULL. */
extern const struct policy_list policy_lists[];

/* NULL: no list has that name and may be written in one of @places. */
const struct policy_list *policy_list_find(const char *name, unsigned places);
struct idset *policy_list_of(struct vtopo_policy *policy, const struct policy_list *list);
struct idset *policy_wish_list(struct policy_wish *wish, const struct policy_list *list);
/* "0-3,8"; @ret_set is empty before, and on failure. */
enum idset_result policy_list_parse(const struct policy_list *list, const char *text,
                                    struct idset *ret_set);
/* What it has to be, for "must be ...". */
const char *policy_list_rule(const struct policy_list *list, char text[POLICY_RULE_SIZE]);
/* The list becomes what the wish says, if that says anything; false: out of memory. */
bool policy_apply_wish_lists(struct vtopo_policy *policy, const struct policy_wish *wish);
bool policy_copy_lists(const struct vtopo_policy *policy, struct vtopo_policy *ret);
void policy_clear_lists(struct vtopo_policy *policy);
void policy_wish_clear_lists(struct policy_wish *wish);

const char *mirror_word(enum mirror mirror);

#endif
