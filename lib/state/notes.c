/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notes.c - see notes.h
 *
 * Takes:  a folder, UUIDs, lines.
 * Gives:  a file UUID.KIND for each note.
 * Rule:   a note that cannot be read is an error, and never one that is not there: whoever asks
 *         has to know the difference.
 * Not here: what follows from them (hooks/guard.c, cmd/vtopod_vm.c).
 */
#include "state/notes.h"

#include "base/mem.h"
#include "state/folder.h"

#include <stdio.h>
#include <string.h>

#define UUID_LENGTH 36
#define NAME_SIZE (UUID_LENGTH + sizeof(".pending"))

static const char *const kinds[NOTES] = {
    [NOTE_PENDING] = "pending",
    [NOTE_ARRIVES] = "arrives",
    [NOTE_STOPPED] = "stopped",
    [NOTE_STARTED] = "started",
};

static void name_file(const char *uuid, enum note note, char name[NAME_SIZE])
{
    snprintf(name, NAME_SIZE, "%.*s.%s", UUID_LENGTH, uuid, kinds[note]);
}

static int open_folder(const char *path, bool make, struct folder *ret, struct vtopo_error **reterr)
{
    return folder_open(path, "where vtopo's notes of starts are", make, ret, reterr);
}

int note_read(const char *folder, const char *uuid, enum note note, char ret_text[NOTE_SIZE],
              struct vtopo_error **reterr)
{
    autofree char *text = NULL;
    char name[NAME_SIZE];
    struct folder open;
    int r = open_folder(folder, false, &open, reterr);

    name_file(uuid, note, name);
    if (!r)
        r = folder_read(&open, name, NOTE_SIZE, &text, reterr);
    folder_close(&open);
    snprintf(ret_text, NOTE_SIZE, "%.*s", text ? (int)strcspn(text, "\n") : 0, text ? text : "");
    return r;
}

int note_write(const char *folder, const char *uuid, enum note note, const char *text,
               struct vtopo_error **reterr)
{
    char name[NAME_SIZE], line[NOTE_SIZE + 1];
    struct folder open;
    int r = open_folder(folder, true, &open, reterr);

    name_file(uuid, note, name);
    snprintf(line, sizeof(line), "%.*s\n", NOTE_SIZE - 1, text);
    if (!r)
        r = folder_write(&open, name, line, reterr);
    folder_close(&open);
    return r;
}

int note_remove(const char *folder, const char *uuid, enum note note, struct vtopo_error **reterr)
{
    char name[NAME_SIZE];
    struct folder open;
    int r = open_folder(folder, false, &open, reterr);

    name_file(uuid, note, name);
    if (!r)
        r = folder_remove(&open, name, reterr);
    folder_close(&open);
    return r;
}

struct removal {
    const struct folder *folder;
    const char *kind;
};

static int remove_one(void *data, const char *name, struct vtopo_error **reterr)
{
    const struct removal *removal = data;

    if (strlen(name) < UUID_LENGTH + 1 || strcmp(name + UUID_LENGTH + 1, removal->kind) != 0)
        return 0;
    return folder_remove(removal->folder, name, reterr);
}

int notes_remove(const char *folder, enum note note, struct vtopo_error **reterr)
{
    struct folder open;
    struct removal removal = {&open, kinds[note]};
    int r = open_folder(folder, false, &open, reterr);

    if (!r && open.fd >= 0)
        r = folder_list(&open, remove_one, &removal, reterr);
    folder_close(&open);
    return r;
}
