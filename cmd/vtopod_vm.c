/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vtopod_vm.c - see vtopod_vm.h
 *
 * Takes:  a VM of which something has changed, or may have.
 * Gives:  another definition of it, or a line that says why not; notes for libvirt's hook.
 * Rule:   only where the policy says so (rewrite), only while its guest does not run, never twice
 *         for one definition, and not without a spool that remembers it: VMs whose definition
 *         others keep as it is would be defined to and fro for ever.  The steps are such that a
 *         kill between any two of them leaves the old definition or the new one, and the next
 *         vtopod goes on from there: pending (the hook may stop a start, as long as this process
 *         lives), begun, kept, defined, done, no longer pending.
 * Not here: when it is looked at (vtopod_vms.c), what the definition should be (vm_plan.c),
 *         replacing it (virt/replacement.c).
 */
#include "vtopod_vm.h"

#include "journal.h"
#include "quote.h"
#include "state/notes.h"
#include "state/spool.h"
#include "virt/replacement.h"

#include <stdarg.h>
#include <string.h>
#include <syslog.h>

#define QUOTED QUOTED_SIZE(255)
#define AGAIN (10 * 60 * 1000)   /* milliseconds until what failed is tried again */
#define FAILED_START (60 * 1000) /* until a guest that runs is looked at again */

/* One look at one VM. */
struct look {
    struct keeper *keeper;
    struct watched *watched;
    struct vm vm;
    int64_t now;
    char digest[DIGEST_LENGTH + 1]; /* of the definition */
};

/* --- what is said --- */

/* The same twice is said once.  @more: behind ": ", if it is not "". */
static void say(const struct look *look, int priority, const char *what, const char *more)
{
    const char *name = look->vm.definition->name;
    autofree char *text = mem_printf("VM '%s': %s%s%s", name, what, *more ? ": " : "", more);
    char digest[DIGEST_LENGTH + 1];

    if (text && !strcmp(look->watched->said, digest_of(text, digest)))
        return;
    memcpy(look->watched->said, text ? digest : "", text ? sizeof(digest) : 1);
    journal(DAEMON_PROGRAM, priority, "%s", text ? text : "out of memory");
}

static void say_error(const struct look *look, const char *what, struct vtopo_error *error)
{
    say(look, LOG_WARNING, what, error ? vtopo_error_message(error) : "");
    vtopo_error_free(error);
}

static void say_left(const struct look *look, const char *why)
{
    const char *name = look->vm.definition->name;
    char quoted[QUOTED];
    autofree char *text =
        mem_printf("%s: its definition stays as it is; to rewrite it, run: "
                   "vtopo-define %s%s",
                   why, *name == '-' ? "-- " : "", quote(name, quoted, sizeof(quoted)));

    say(look, LOG_WARNING, text ? text : why, "");
}

static void look_again(const struct look *look, int64_t in)
{
    watched_later(look->watched, look->now + in);
}

/* A folder that cannot be used now may be usable later. */
static void say_unusable(const struct look *look, struct vtopo_error *error)
{
    say_error(look, "its definition stays as it is", error);
    look_again(look, AGAIN);
}

/* --- the note for libvirt's hook --- */

static void set_pending(const struct look *look)
{
    struct vtopo_error *error = NULL;
    autofree char *places = NULL;
    char digest[DIGEST_LENGTH + 1];
    int r = vtopo_domain_places(look->vm.domain, &places, &error);

    if (!r)
        r = note_write(look->keeper->notes, look->watched->uuid, NOTE_PENDING,
                       digest_of(places, digest), &error);
    if (r)
        say_error(look, "libvirt's hook will not stop a start without its host's topology", error);
}

/* The hook asks whether a vtopod lives before it believes a note, and passes what it has stopped.
 */
static void clear_pending(const struct look *look)
{
    note_remove(look->keeper->notes, look->watched->uuid, NOTE_PENDING, NULL);
}

/* --- a rewrite --- */

/* @result of a try that was begun. */
static int end_try(const struct look *look, enum replacement result, struct vtopo_error **reterr)
{
    const char *spool = look->keeper->spool, *uuid = look->watched->uuid;

    switch (result) {
    case REPLACED:
        return spool_finish(spool, uuid, look->digest, reterr);
    case REPLACEMENT_UNSURE:  /* the next look shows which of them stands */
    case REPLACEMENT_REFUSED: /* an upgrade or a full disk goes by: so often it is tried again */
        return 0;
    default:
        return spool_cancel(spool, uuid, look->digest, reterr);
    }
}

static void report_rewritten(const struct look *look)
{
    autofree char *what =
        mem_printf("its definition is rewritten%s",
                   look->vm.definition->has_managed_save
                       ? " (its managed-save image brings its old devices back at the next start)"
                       : "");

    say(look, LOG_NOTICE, what ? what : "its definition is rewritten", describe_vm(&look->vm));
    look->watched->replaced = true;
    look->watched->undefined = false;
    others_clear(&look->keeper->others); /* libvirt's event of it may come after the next look */
    pace_add(&look->watched->pace, look->now);
    look->keeper->rewritten++;
}

static void report_result(const struct look *look, enum replacement result,
                          struct vtopo_error *error)
{
    switch (result) {
    case REPLACED:
        report_rewritten(look);
        break;
    case REPLACEMENT_CHANGED:
        look_again(look, 0);
        break;
    case REPLACEMENT_UNSURE: /* all are looked at when libvirt is back */
        break;
    case REPLACEMENT_NOT_KEPT:
        say_unusable(look, error);
        return;
    case REPLACEMENT_REFUSED:
        say_error(look, "its definition stays as it is", error);
        look_again(look, AGAIN);
        return;
    }
    vtopo_error_free(error);
}

static void rewrite(const struct look *look)
{
    struct keeper *keeper = look->keeper;
    struct vtopo_error *error = NULL;
    enum replacement result;

    set_pending(look);
    if (spool_begin(keeper->spool, look->watched->uuid, look->digest, &error)) {
        say_unusable(look, error);
    } else {
        result =
            replace_definition(look->vm.definition, look->vm.xml, keeper->history, true, &error);
        report_result(look, result, error);
        error = NULL;
        if (end_try(look, result, &error))
            say_error(look, "what was done with its definition cannot be remembered", error);
    }
    clear_pending(look);
}

/* --- whether --- */

static const char *find_reason_to_leave(const struct spooled *spooled)
{
    if (spooled->done)
        return "vtopod has rewritten this definition before, and it is back";
    if (spooled->tries >= SPOOL_TRIES)
        return "it was tried several times to rewrite it, without success";
    return NULL;
}

/* Others define it again and again. */
static void postpone(const struct look *look, int64_t until)
{
    int64_t minutes = (until - look->now) / 60000;
    autofree char *text =
        mem_printf("it is defined otherwise again and again, and so it is rewritten "
                   "in %lld minutes",
                   (long long)minutes);

    clear_pending(look);
    look_again(look, until - look->now);
    if (minutes && text)
        say(look, LOG_WARNING, text, "");
}

static void decide(const struct look *look)
{
    struct vtopo_error *error = NULL;
    struct spooled spooled;
    const char *why;

    if (spool_find(look->keeper->spool, look->watched->uuid, look->digest, &spooled, &error)) {
        clear_pending(look);
        say_unusable(look, error);
        return;
    }
    why = find_reason_to_leave(&spooled);
    if (why) {
        clear_pending(look);
        say_left(look, why);
    } else if (look->vm.definition->running) {
        set_pending(look);
        say(look, LOG_INFO, "its definition is rewritten when its guest is shut off",
            describe_vm(&look->vm));
        look_again(look, FAILED_START); /* of a start that fails libvirt may tell nothing */
    } else if (pace_next(&look->watched->pace) > look->now && look->watched->pace.count) {
        postpone(look, pace_next(&look->watched->pace));
    } else {
        rewrite(look);
    }
}

/* --- a look --- */

static int is_wanted(struct vm *vm, bool *ret_wanted)
{
    autofree char *word = NULL;
    int r = vtopo_policy_get(vm->policy, "rewrite", &word, &vm->error);

    *ret_wanted = !r && !strcmp(word, "auto");
    return r;
}

/* @ret_wanted: false: the policy does not ask for it, and there is no plan. */
static int plan(struct look *look, bool *ret_wanted)
{
    struct keeper *keeper = look->keeper;
    struct vm *vm = &look->vm;
    int r = vm_make_policy(&keeper->request, keeper->conn, &keeper->others, vm);

    *ret_wanted = false;
    if (!r)
        r = is_wanted(vm, ret_wanted);
    if (!r && *ret_wanted)
        r = vm_make_plan(&keeper->request, vm);
    if (!r && *ret_wanted)
        vm->verdict = vm_judge(vm);
    return r;
}

/* A rewrite that a kill has kept from being remembered is remembered now. */
static void settle(const struct look *look)
{
    struct vtopo_error *error = NULL;

    clear_pending(look);
    if (spool_settle(look->keeper->spool, look->watched->uuid, &error))
        say_error(look, "whether a rewrite of it was ended is not known", error);
}

/* Whoever asked for "auto" and sees nothing happen is told why. */
static void report_lack(const struct look *look)
{
    if (look->vm.verdict == VM_LACKS)
        say(look, LOG_NOTICE,
            "its definition stays as it is, and yet its guest starts without its host's topology",
            describe_vm(&look->vm));
}

/* Of VMs without host devices nobody wants to hear. */
static void report_failure(struct look *look)
{
    if (!look->vm.domain || vtopo_domain_assigned_count(look->vm.domain))
        say(look, LOG_WARNING, "its definition cannot be checked",
            vtopo_error_message(look->vm.error));
}

static void look_at(struct look *look, const struct definition *definition)
{
    bool wanted = false;
    int r = vm_parse(definition, &look->vm);

    if (!r)
        r = plan(look, &wanted);
    if (r)
        report_failure(look);
    if (r || !wanted) {
        clear_pending(look);
    } else if (look->vm.verdict == VM_DIFFERS) {
        digest_of(definition->xml, look->digest);
        decide(look);
    } else {
        settle(look);
        report_lack(look);
    }
    clear_vm(&look->vm);
}

bool keep_vm(struct keeper *keeper, struct watched *vm, int64_t now)
{
    struct look look = {.keeper = keeper, .watched = vm, .now = now};
    struct definitions one = {0};
    struct vtopo_error *error = NULL;
    bool there = true;

    vm->due = false;
    if (definitions_add_uuid(keeper->conn, vm->uuid, &one, &error)) {
        journal(DAEMON_PROGRAM, LOG_WARNING, "%s", vtopo_error_message(error));
        vtopo_error_free(error);
        clear_pending(&look);
        look_again(&look, AGAIN); /* where libvirt is gone, it is looked at before */
    } else {
        there = one.count;
        if (there && one.items->xml)
            look_at(&look, one.items);
        else
            clear_pending(&look);
    }
    definitions_clear(&one);
    return there;
}
