/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request.c - what a new guest is to get, as the public header gives it
 *
 * Takes:  keys and values.
 * Gives:  a request.
 * Not here: what comes of it (place.c).
 */
#include "vtopo/place.h"

#include "api/request.h"
#include "base/error.h"
#include "base/hex.h"
#include "model/link_text.h"

#include <string.h>

#define MOST_DEFAULT 3
#define MOST_MAX 1000
#define KIB 1024u

int vtopo_request_new(struct vtopo_request **ret_request, struct vtopo_error **reterr)
{
    struct vtopo_request *request = calloc(1, sizeof(*request));

    if (!request)
        return error_nomem(reterr);
    request->most = MOST_DEFAULT;
    *ret_request = request;
    return 0;
}

/* --- values --- */

static int set_number(const char *key, const char *value, unsigned least, unsigned most,
                      unsigned *ret, struct vtopo_error **reterr)
{
    unsigned number = 0;
    bool good = *value;

    for (const char *c = value; *c && good; c++) {
        good = *c >= '0' && *c <= '9' && number <= most;
        number = number * 10 + (unsigned)(*c - '0');
    }
    if (!good || number < least || number > most)
        return error_set(reterr, VTOPO_ERR_USAGE, "%s: '%.40s' is not a number %s%u", key, value,
                         least ? "from 1 to " : "up to ", most);
    *ret = number;
    return 0;
}

/* "64G", "64GiB" */
static int set_size(const char *value, uint64_t *ret_kib, struct vtopo_error **reterr)
{
    char text[SIZE_TEXT_SIZE];
    size_t length = strlen(value);
    uint64_t size;

    if (length > 3 && !strcmp(value + length - 2, "iB"))
        length -= 2;
    if (length < sizeof(text) && length && strchr("KMGT", value[length - 1])) {
        memcpy(text, value, length);
        text[length] = '\0';
        if (size_parse(text, &size)) {
            *ret_kib = size / KIB;
            return 0;
        }
    }
    return error_set(reterr, VTOPO_ERR_USAGE, "memory: '%.40s' is not a size like 64G or 512M",
                     value);
}

static bool parse_hex(const char **text, char end, uint16_t *ret_number)
{
    unsigned number = 0;

    for (int i = 0; i < 4; i++, (*text)++) {
        int digit = hex_digit(**text);

        if (digit < 0)
            return false;
        number = number << 4 | (unsigned)digit;
    }
    *ret_number = (uint16_t)number;
    if (**text != end && !(end == ',' && !**text))
        return false;
    *text += **text != '\0';
    return true;
}

/* "10de:20b5,15b3:a2d6" */
static int add_ids(struct vtopo_request *request, const char *value, struct vtopo_error **reterr)
{
    const char *at = value;

    do {
        struct place_id id, *added;

        if (!parse_hex(&at, ':', &id.vendor) || !parse_hex(&at, ',', &id.device) ||
            (!*at && at[-1] == ','))
            return error_set(reterr, VTOPO_ERR_USAGE,
                             "only: '%.40s' is not a list of ids like 10de:20b5,15b3:a2d6", value);
        added = vec_add(&request->only);
        if (!added)
            return error_nomem(reterr);
        *added = id;
    } while (*at);
    return 0;
}

static int add_cpus(struct vtopo_request *request, const char *value, struct vtopo_error **reterr)
{
    struct idset set = {0};
    enum idset_result result = idset_parse(value, &set);
    bool done = result == IDSET_OK && idset_add_all(&request->avoid, &set);

    idset_free(&set);
    if (result == IDSET_MALFORMED)
        return error_set(reterr, VTOPO_ERR_USAGE, "avoid_cpus: '%.40s' is not a list of CPUs",
                         value);
    return done ? 0 : error_nomem(reterr);
}

int vtopo_request_set(struct vtopo_request *request, const char *key, const char *value,
                      struct vtopo_error **reterr)
{
    if (!strcmp(key, "gpus"))
        return set_number(key, value, 0, PLACE_GPUS_MAX, &request->gpus, reterr);
    if (!strcmp(key, "nics"))
        return set_number(key, value, 0, PLACE_NICS_MAX, &request->nics, reterr);
    if (!strcmp(key, "cpus"))
        return set_number(key, value, 0, IDSET_LIMIT, &request->cpus, reterr);
    if (!strcmp(key, "most"))
        return set_number(key, value, 1, MOST_MAX, &request->most, reterr);
    if (!strcmp(key, "memory"))
        return set_size(value, &request->memory_kib, reterr);
    if (!strcmp(key, "only"))
        return add_ids(request, value, reterr);
    if (!strcmp(key, "avoid_cpus"))
        return add_cpus(request, value, reterr);
    return error_set(reterr, VTOPO_ERR_USAGE, "a request has no '%.40s'", key);
}

/* --- owners --- */

static void clear_owners(struct vtopo_request *request)
{
    for (size_t i = 0; request->texts && i < 2 * request->owners.count; i++)
        free(request->texts[i]);
    free(request->texts);
    free(request->owners.items);
    request->texts = NULL;
    request->owners = (struct owners){0};
}

int vtopo_request_set_owners(struct vtopo_request *request, const char *const *devices,
                             const char *const *names, const unsigned *claims, size_t count,
                             struct vtopo_error **reterr)
{
    bool done;

    clear_owners(request);
    request->texts = calloc(2 * count + 1, sizeof(*request->texts));
    request->owners.items = calloc(count + 1, sizeof(*request->owners.items));
    done = request->texts && request->owners.items;
    for (size_t i = 0; done && i < count; i++) {
        char *device = request->texts[2 * i] = strdup(devices[i]);
        char *name = request->texts[2 * i + 1] = strdup(names[i]);

        request->owners.items[i] =
            (struct owner){device, name, claims[i] & VTOPO_CLAIM_NOW, claims[i] & VTOPO_CLAIM_NEXT};
        done = device && name;
    }
    request->owners.count = request->texts ? count : 0;
    if (!done) {
        clear_owners(request);
        return error_nomem(reterr);
    }
    owners_sort(&request->owners);
    request->asked = true;
    return 0;
}

void vtopo_request_free(struct vtopo_request *request)
{
    if (request) {
        clear_owners(request);
        idset_free(&request->avoid);
        free(request->only.items);
    }
    free(request);
}
