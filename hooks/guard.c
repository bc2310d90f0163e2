/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guard.c - see guard.h
 *
 * Takes:  a domain that starts and its policy; what libvirt has on the disk; notes of vtopod and
 *         of earlier calls (state/notes.h).
 * Gives:  whether it starts, and a note of that for the next start.
 * Rule:   a start is stopped only where all of this is known: the domain has a definition, and
 *         what starts has the same places; the start before, with these places, was not stopped;
 *         with "repair" vtopod lives, knows libvirt's VMs, and is about to rewrite a definition
 *         with these places.  Whatever is unclear passes.  So does what nobody would start again:
 *         a guest that is restored or comes from another host (libvirt calls its hook for that
 *         before the start), one that goes back to a snapshot of another definition (for which it
 *         calls none), the first start, since libvirt began, of one that it starts by itself.
 * Not here: whether vtopo would make it otherwise, and who is told (check.c).
 */
#include "guard.h"

#include "base/digest.h"
#include "base/mem.h"
#include "libvirt_state.h"
#include "state/lock.h"
#include "state/notes.h"

#include <string.h>

/* The digest of the places, and whether they could be found. */
static bool digest_places(const struct vtopo_domain *domain, char digest[DIGEST_LENGTH + 1])
{
    autofree char *places = NULL;

    if (vtopo_domain_places(domain, &places, NULL))
        return false;
    digest_of(places, digest);
    return true;
}

/* --- notes --- */

/* NULL: it cannot be read; "": there is none. */
static const char *read_note(const struct guarded *start, enum note note, char text[NOTE_SIZE])
{
    return note_read(NOTES_FOLDER, start->uuid, note, text, NULL) ? NULL : text;
}

static bool write_note(const struct guarded *start, enum note note, const char *text)
{
    return start->trial || !note_write(NOTES_FOLDER, start->uuid, note, text, NULL);
}

static void remove_note(const struct guarded *start, enum note note)
{
    if (!start->trial)
        note_remove(NOTES_FOLDER, start->uuid, note, NULL);
}

bool guard_note_arrival(const struct guarded *start)
{
    return write_note(start, NOTE_ARRIVES, "yes");
}

/* --- reasons to pass; NULL: none --- */

static const char *const unreadable = "what is noted of it cannot be read";

static const char *check_arrival(const struct guarded *start)
{
    char text[NOTE_SIZE];
    const char *note = read_note(start, NOTE_ARRIVES, text);

    if (!note)
        return unreadable;
    if (!*note)
        return NULL;
    remove_note(start, NOTE_ARRIVES);
    return "its guest is restored, or comes from another host";
}

/* Nobody starts it again if libvirt itself has started it. */
static const char *check_first_start(const struct guarded *start)
{
    char text[NOTE_SIZE], process[LIBVIRT_PROCESS_SIZE];
    const char *note;

    if (!libvirt_starts_it(start->name))
        return NULL;
    note = read_note(start, NOTE_STARTED, text);
    if (!note)
        return unreadable;
    if (!libvirt_find_process(process))
        return "it is not known whether libvirt starts it by itself";
    if (!strcmp(note, process))
        return NULL;
    if (!write_note(start, NOTE_STARTED, process))
        return "that it was started cannot be noted";
    return "libvirt may be starting it by itself (autostart)";
}

static const char *check_definition(const struct guarded *start, const char *digest)
{
    struct vtopo_domain *definition;
    char defined[DIGEST_LENGTH + 1];
    const char *uuid, *reason = NULL;

    if (!libvirt_read_definition(start->name, &definition))
        return "its definition cannot be read";
    if (!definition)
        return "it has no definition (it is transient)";
    uuid = vtopo_domain_uuid(definition);
    if (!digest_places(definition, defined))
        reason = "there is no memory";
    else if (!uuid || strcmp(uuid, start->uuid) || strcmp(defined, digest))
        reason = "it starts with something else than its definition (a snapshot, say)";
    vtopo_domain_free(definition);
    return reason;
}

static const char *check_daemon(const struct guarded *start, const char *digest)
{
    char text[NOTE_SIZE];
    const char *note;
    bool held;

    if (lock_is_held(NOTES_FOLDER, LOCK_WATCHES, &held, NULL))
        return "it is not known whether vtopod runs";
    if (!held)
        return "vtopod does not run, or does not know libvirt's VMs yet";
    note = read_note(start, NOTE_PENDING, text);
    if (!note)
        return unreadable;
    return strcmp(note, digest) ? "vtopod is not about to rewrite its definition" : NULL;
}

static const char *check_last_start(const struct guarded *start, const char *digest)
{
    char text[NOTE_SIZE];
    const char *note = read_note(start, NOTE_STOPPED, text);

    if (!note)
        return unreadable;
    return strcmp(note, digest) ? NULL : "its last start was stopped";
}

static const char *find_reason(const struct guarded *start)
{
    char digest[DIGEST_LENGTH + 1];
    const char *reason;

    if (!digest_places(start->domain, digest))
        return "there is no memory";
    reason = check_definition(start, digest);
    if (!reason && start->repair)
        reason = check_daemon(start, digest);
    if (!reason)
        reason = check_last_start(start, digest);
    if (!reason && !write_note(start, NOTE_STOPPED, digest))
        reason = "that it was stopped could not be noted";
    return reason;
}

const char *guard_decide(const struct guarded *start, bool differs)
{
    const char *arrival = check_arrival(start), *first = check_first_start(start);
    const char *reason = !differs ? "it is as it should be" : arrival ? arrival : first;

    if (!reason)
        reason = find_reason(start);
    if (reason)
        remove_note(start, NOTE_STOPPED);
    return reason;
}
