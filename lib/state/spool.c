/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spool.c - see spool.h
 *
 * Takes:  a folder, UUIDs, digests.
 * Gives:  a file for each VM, called by its UUID, with a line for each definition, the oldest
 *         first: "done DIGEST", or "begun DIGEST" for each try that was begun.
 * Rule:   who is about to rewrite a definition writes "begun" first and "done" last, so that
 *         after a kill in between a rewrite that did not happen is tried again, and one that did
 *         is never made twice, whoever puts the old definition back.  Other lines are passed
 *         over.
 * Not here: what a rewrite is (cmd/vtopod_vm.c), how a file is written (folder.c).
 */
#include "state/spool.h"

#include "base/buffer.h"
#include "base/mem.h"
#include "state/folder.h"

#include <string.h>

#define FILE_MAX (64U << 10)
#define UUID_LENGTH 36

struct entry {
    char digest[DIGEST_LENGTH + 1];
    struct spooled state;
};

struct entries {
    struct entry *items;
    size_t count, cap;
};

/* --- the entries of a VM --- */

static struct entry *find(const struct entries *entries, const char *digest)
{
    for (size_t i = 0; i < entries->count; i++) {
        if (!strcmp(entries->items[i].digest, digest))
            return &entries->items[i];
    }
    return NULL;
}

/* NULL: out of memory. */
static struct entry *find_or_add(struct entries *entries, const char *digest)
{
    struct entry *entry = find(entries, digest);

    if (!entry)
        entry = vec_add(entries);
    if (entry && !*entry->digest)
        memcpy(entry->digest, digest, DIGEST_LENGTH);
    return entry;
}

/* "WORD DIGEST"; NULL: it is another line. */
static const char *read_digest(const char *line, size_t length, const char *word)
{
    size_t before = strlen(word);

    if (length != before + DIGEST_LENGTH || strncmp(line, word, before) != 0 ||
        strspn(line + before, "0123456789abcdef") < DIGEST_LENGTH)
        return NULL;
    return line + before;
}

static bool read_line(const char *line, size_t length, struct entries *entries)
{
    const char *done = read_digest(line, length, "done ");
    const char *begun = read_digest(line, length, "begun ");
    char digest[DIGEST_LENGTH + 1] = "";
    struct entry *entry;

    if (!done && !begun)
        return true;
    memcpy(digest, done ? done : begun, DIGEST_LENGTH);
    entry = find_or_add(entries, digest);
    if (!entry)
        return false;
    entry->state.done |= done != NULL;
    entry->state.tries += begun != NULL;
    return true;
}

static int read_entries(const struct folder *folder, const char *uuid, struct entries *entries,
                        struct vtopo_error **reterr)
{
    autofree char *text = NULL;
    int r = folder_read(folder, uuid, FILE_MAX, &text, reterr);

    for (const char *line = text; !r && line && *line;) {
        size_t length = strcspn(line, "\n");

        if (!read_line(line, length, entries))
            r = error_nomem(reterr);
        line += length + (line[length] == '\n');
    }
    return r;
}

static int write_entries(const struct folder *folder, const char *uuid,
                         const struct entries *entries, struct vtopo_error **reterr)
{
    autobuffer struct buffer text = {0};
    size_t first = entries->count > SPOOL_DEFINITIONS ? entries->count - SPOOL_DEFINITIONS : 0;

    for (size_t i = first; i < entries->count; i++) {
        const struct entry *entry = &entries->items[i];

        if (entry->state.done)
            buffer_printf(&text, "done %s\n", entry->digest);
        for (unsigned n = 0; n < entry->state.tries && !entry->state.done; n++)
            buffer_printf(&text, "begun %s\n", entry->digest);
    }
    if (text.failed)
        return error_nomem(reterr);
    return folder_write(folder, uuid, text.length ? text.text : "", reterr);
}

/* --- what is asked and done --- */

static int open_folder(const char *path, bool make, struct folder *ret, struct vtopo_error **reterr)
{
    return folder_open(path, "where vtopod remembers what it has rewritten", make, ret, reterr);
}

int spool_find(const char *folder, const char *uuid, const char *digest, struct spooled *ret,
               struct vtopo_error **reterr)
{
    struct entries entries = {0};
    const struct entry *entry;
    struct folder open;
    int r = open_folder(folder, false, &open, reterr);

    if (!r)
        r = read_entries(&open, uuid, &entries, reterr);
    entry = r ? NULL : find(&entries, digest);
    *ret = entry ? entry->state : (struct spooled){0};
    free(entries.items);
    folder_close(&open);
    return r;
}

static void count_try(struct spooled *state)
{
    state->tries++;
}

static void uncount_try(struct spooled *state)
{
    state->tries -= state->tries > 0;
}

static void set_done(struct spooled *state)
{
    state->done = true;
}

static int change(const char *folder, const char *uuid, const char *digest,
                  void (*how)(struct spooled *state), struct vtopo_error **reterr)
{
    struct entries entries = {0};
    struct entry *entry = NULL;
    struct folder open;
    int r = open_folder(folder, true, &open, reterr);

    if (!r)
        r = read_entries(&open, uuid, &entries, reterr);
    if (!r)
        entry = find_or_add(&entries, digest);
    if (!r && !entry)
        r = error_nomem(reterr);
    if (entry) {
        how(&entry->state);
        r = write_entries(&open, uuid, &entries, reterr);
    }
    free(entries.items);
    folder_close(&open);
    return r;
}

int spool_begin(const char *folder, const char *uuid, const char *digest,
                struct vtopo_error **reterr)
{
    return change(folder, uuid, digest, count_try, reterr);
}

int spool_finish(const char *folder, const char *uuid, const char *digest,
                 struct vtopo_error **reterr)
{
    return change(folder, uuid, digest, set_done, reterr);
}

int spool_cancel(const char *folder, const char *uuid, const char *digest,
                 struct vtopo_error **reterr)
{
    return change(folder, uuid, digest, uncount_try, reterr);
}

static bool settle_entries(struct entries *entries)
{
    bool any = false;

    for (size_t i = 0; i < entries->count; i++) {
        struct spooled *state = &entries->items[i].state;

        any |= state->tries && !state->done;
        state->done |= state->tries > 0;
    }
    return any;
}

int spool_settle(const char *folder, const char *uuid, struct vtopo_error **reterr)
{
    struct entries entries = {0};
    struct folder open;
    int r = open_folder(folder, false, &open, reterr);

    if (!r)
        r = read_entries(&open, uuid, &entries, reterr);
    if (!r && settle_entries(&entries))
        r = write_entries(&open, uuid, &entries, reterr);
    free(entries.items);
    folder_close(&open);
    return r;
}

/* --- all VMs --- */

struct known {
    const struct folder *folder;
    bool (*is_known)(const void *data, const char *uuid);
    const void *data;
};

/* Also of a file that was not finished, "UUID.new". */
static int forget(void *data, const char *name, struct vtopo_error **reterr)
{
    const struct known *known = data;
    char uuid[UUID_LENGTH + 1] = "";

    if (strlen(name) < UUID_LENGTH || *name == '.')
        return 0;
    memcpy(uuid, name, UUID_LENGTH);
    return known->is_known(known->data, uuid) ? 0 : folder_remove(known->folder, name, reterr);
}

int spool_keep_only(const char *folder, bool (*is_known)(const void *data, const char *uuid),
                    const void *data, struct vtopo_error **reterr)
{
    struct folder open;
    struct known known = {&open, is_known, data};
    int r = open_folder(folder, false, &open, reterr);

    if (!r && open.fd >= 0)
        r = folder_list(&open, forget, &known, reterr);
    folder_close(&open);
    return r;
}
