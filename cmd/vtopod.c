/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vtopod.c - keep the definitions of VMs as their host's topology wants them
 *
 * Takes:  options; what libvirt tells of its VMs; SIGHUP: look at all of them, SIGTERM: end.
 * Gives:  definitions that are as vtopo would make them (vtopod_vm.c), lines for the journal.
 * Rule:   libvirt comes and goes: it is connected to again, after a second, two, four, up to a
 *         minute, and then all VMs are looked at, because nobody told what happened meanwhile.
 *         Connecting starts a libvirt that a socket of systemd's stands for, libvirtd as
 *         virtqemud, and the connection keeps it from ending for want of clients.  Only while all
 *         is known of its VMs LOCK_WATCHES is held, without which libvirt's hook stops no start
 *         for us. One thread does one thing at a time; events only say what is to be looked at.
 * Not here: what is done with a VM (vtopod_vm.c), which is next (vtopod_vms.c), events
 *         (virt/events.c).
 */
#include "common.h"
#include "journal.h"
#include "state/lock.h"
#include "state/notes.h"
#include "state/spool.h"
#include "virt/events.h"
#include "virt/opening.h"
#include "vtopod_options.h"
#include "vtopod_vm.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define FIRST_PAUSE 1000 /* milliseconds between two attempts to connect */
#define LONGEST_PAUSE 60000

struct daemon {
    const struct daemon_options *options;
    struct keeper keeper;
    struct watched_vms vms;
    struct event_handlers handlers;
    struct event_source events;
    struct opening *opening;   /* NULL: none */
    int signals, timer, locks; /* -1: none */
    int opens;                 /* libvirt's watch for opening */
    bool quit, lost, ready;    /* ready: who started it was told so */
    bool watches;              /* every VM was looked at since it connected */
    bool forgetful;            /* there was no memory for an event */
    bool complained;           /* that libvirt cannot be reached */
    int64_t retry, pause;      /* when to connect, and how long to wait after that */
};

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void report_error(int priority, struct vtopo_error *error)
{
    journal(DAEMON_PROGRAM, priority, "%s", vtopo_error_message(error));
    vtopo_error_free(error);
}

static void notify_state(struct daemon *d, const char *state)
{
    char text[200];

    snprintf(text, sizeof(text), "%sSTATUS=%s\n", d->ready ? "" : "READY=1\n", state);
    d->ready = true;
    notify_manager(text);
}

/* --- what is told --- */

static void on_event(void *data, const char *uuid, enum vm_event event)
{
    struct daemon *d = data;
    struct watched *vm;

    others_clear(&d->keeper.others);
    if (event == VM_EVENT_OTHER)
        return;
    vm = watched_get(&d->vms, uuid);
    if (!vm) {
        d->forgetful = true;
        return;
    }
    if (event == VM_EVENT_ADDED && vm->replaced && vm->undefined)
        journal(DAEMON_PROGRAM, LOG_WARNING,
                "VM %s was undefined by somebody else in the moment in which its definition was "
                "rewritten, and so it is defined again",
                uuid);
    if (event == VM_EVENT_UNDEFINED)
        vm->undefined = true;
    else if (event != VM_EVENT_STOPPED)
        vm->replaced = false;
    if (!vm->due || vm->at > now_ms())
        watched_later(vm, now_ms());
}

static void on_closed(void *data)
{
    struct daemon *d = data;

    d->lost = true;
}

static void on_signal(int watch, int fd, int events, void *data)
{
    struct daemon *d = data;
    struct signalfd_siginfo info;

    (void)watch;
    (void)events;
    if (read(fd, &info, sizeof(info)) != sizeof(info))
        return;
    if (info.ssi_signo == SIGHUP)
        watched_all(&d->vms);
    else
        d->quit = true;
}

/* It only ends the wait for events. */
static void on_timer(int timer, void *data)
{
    (void)data;
    virEventUpdateTimeout(timer, -1);
}

/* --- libvirt --- */

static bool is_known(const void *data, const char *uuid)
{
    const struct watched_vms *vms = data;

    for (size_t i = 0; i < vms->count; i++) {
        if (!strcmp(vms->items[i].uuid, uuid))
            return true;
    }
    return false;
}

static int list_vms(struct daemon *d, struct vtopo_error **reterr)
{
    autofree virDomainPtr *domains = NULL;
    int count = virConnectListAllDomains(d->keeper.conn, &domains, 0);
    char uuid[VIR_UUID_STRING_BUFLEN];
    bool ok = true;

    if (count < 0)
        return connection_error(reterr, "the VMs cannot be listed");
    for (int i = 0; i < count; i++) {
        ok = ok && !virDomainGetUUIDString(domains[i], uuid) && watched_get(&d->vms, uuid);
        virDomainFree(domains[i]);
    }
    watched_all(&d->vms);
    return ok ? 0 : error_nomem(reterr);
}

/* What is there of VMs that are not is of no use.  Where it cannot be taken away, it does no harm.
 */
static void clean_up(struct daemon *d)
{
    spool_keep_only(d->keeper.spool, is_known, &d->vms, NULL);
    notes_remove(d->keeper.notes, NOTE_PENDING, NULL);
}

/* It only ends the wait for events. */
static void on_opened(int watch, int fd, int events, void *data)
{
    (void)fd;
    (void)events;
    (void)data;
    virEventUpdateHandle(watch, 0);
}

static int begin_opening(struct daemon *d, struct vtopo_error **reterr)
{
    int r = opening_begin(d->options->uri, &d->opening, reterr);

    if (r)
        return r;
    d->opens =
        virEventAddHandle(opening_fd(d->opening), VIR_EVENT_HANDLE_READABLE, on_opened, NULL, NULL);
    return d->opens < 0 ? error_nomem(reterr) : 0;
}

static void end_opening(struct daemon *d)
{
    if (!d->opening)
        return;
    if (d->opens >= 0)
        virEventRemoveHandle(d->opens);
    opening_release(d->opening);
    d->opening = NULL;
}

static int end_connecting(struct daemon *d, struct vtopo_error **reterr)
{
    int r = opening_take(d->opening, &d->keeper.conn, reterr);

    if (r)
        return r;
    if (!d->options->host && connection_is_remote(d->keeper.conn))
        r = error_set(reterr, VTOPO_ERR_FILE,
                      "libvirt is that of another machine, so its host has to be given (--host)");
    if (!r)
        r = events_begin(d->keeper.conn, &d->handlers, &d->events, reterr);
    if (!r)
        r = list_vms(d, reterr);
    return r;
}

static void close_connection(struct daemon *d)
{
    if (d->locks >= 0)
        lock_give(d->locks, LOCK_WATCHES);
    d->watches = d->lost = false;
    notes_remove(d->keeper.notes, NOTE_PENDING, NULL);
    others_clear(&d->keeper.others);
    end_opening(d);
    if (!d->keeper.conn)
        return;
    if (d->events.conn)
        events_end(&d->events);
    d->events = (struct event_source){0};
    virConnectClose(d->keeper.conn);
    d->keeper.conn = NULL;
}

/* The same reason is told once, until it was connected. */
static void connect_later(struct daemon *d, struct vtopo_error *error)
{
    close_connection(d);
    if (!d->complained)
        report_error(LOG_WARNING, error);
    else
        vtopo_error_free(error);
    d->complained = true;
    d->retry = now_ms() + d->pause;
    d->pause = d->pause * 2 < LONGEST_PAUSE ? d->pause * 2 : LONGEST_PAUSE;
    notify_state(d, "waiting for libvirt");
}

static void use_connection(struct daemon *d)
{
    end_opening(d);
    if (d->complained)
        journal(DAEMON_PROGRAM, LOG_INFO, "connected to libvirt");
    d->complained = false;
    d->pause = FIRST_PAUSE;
    clean_up(d);
}

/* A libvirt that does not answer is waited for: it may start guests before it does. */
static void connect_libvirt(struct daemon *d)
{
    struct vtopo_error *error = NULL;
    int r;

    if (!d->opening && d->retry > now_ms())
        return;
    r = d->opening ? 0 : begin_opening(d, &error);
    if (!r && !opening_has_ended(d->opening))
        return;
    if (!r)
        r = end_connecting(d, &error);
    if (r)
        connect_later(d, error);
    else
        use_connection(d);
}

static void reconnect(struct daemon *d)
{
    close_connection(d);
    journal(DAEMON_PROGRAM, LOG_INFO, "the connection to libvirt has ended");
    d->complained = true;
    d->retry = now_ms() + d->pause;
    notify_state(d, "waiting for libvirt");
}

/* --- VMs --- */

static void look_at(struct daemon *d, struct watched *vm)
{
    int64_t now = now_ms();
    bool there = keep_vm(&d->keeper, vm, now);

    if (virConnectIsAlive(d->keeper.conn) != 1)
        d->lost = true;
    else if (!there && pace_is_over(&vm->pace, now))
        watched_remove(&d->vms, vm);
    else if (!there)
        watched_later(vm, now + PACE_QUIET + 1); /* it is remembered until then */
}

static void report_watching(struct daemon *d)
{
    char text[100];

    d->watches = true;
    if (d->locks >= 0 && !lock_take(d->locks, LOCK_WATCHES))
        journal(DAEMON_PROGRAM, LOG_WARNING, "libvirt's hook does not know that this is here");
    snprintf(text, sizeof(text), "watching %zu VMs, %zu definitions rewritten", d->vms.count,
             d->keeper.rewritten);
    notify_state(d, text);
}

/* One of them, so that events and signals are heard in between. */
static void work(struct daemon *d)
{
    struct watched *vm;

    if (d->forgetful) {
        d->forgetful = false;
        watched_all(&d->vms);
    }
    vm = watched_next(&d->vms, now_ms());
    if (vm)
        look_at(d, vm);
    else if (!d->watches)
        report_watching(d);
}

/* --- all --- */

static int wait_of(const struct daemon *d)
{
    int64_t now = now_ms();

    if (d->keeper.conn)
        return d->watches ? watched_wait(&d->vms, now) : 0;
    if (d->opening)
        return opening_has_ended(d->opening) ? 0 : -1;
    return d->retry > now ? (int)(d->retry - now) : 0;
}

/* libvirt may take minutes to begin (it starts guests first), so who waits for us is told before.
 */
static int run(struct daemon *d)
{
    notify_state(d, "connecting to libvirt");
    while (!d->quit) {
        if (d->lost)
            reconnect(d);
        if (!d->keeper.conn)
            connect_libvirt(d);
        virEventUpdateTimeout(d->timer, wait_of(d));
        if (virEventRunDefaultImpl() < 0) {
            journal(DAEMON_PROGRAM, LOG_ERR, "events cannot be waited for");
            return STATUS_FILE;
        }
        if (d->keeper.conn && !d->lost && !d->quit)
            work(d);
    }
    return STATUS_DONE;
}

/* Two of them would do no harm, and everything twice. */
static int take_lock(struct daemon *d)
{
    struct vtopo_error *error = NULL;

    if (lock_open(d->options->run, &d->locks, &error)) {
        report_error(LOG_WARNING, error);
        return STATUS_DONE;
    }
    if (lock_take(d->locks, LOCK_RUNS))
        return STATUS_DONE;
    journal(DAEMON_PROGRAM, LOG_ERR, "another vtopod runs");
    return STATUS_REFUSED;
}

static bool listen_to_signals(struct daemon *d)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return d->signals >= 0;
}

static int begin(struct daemon *d)
{
    int status = take_lock(d);

    if (status)
        return status;
    if (!listen_to_signals(d) || virEventRegisterDefaultImpl() < 0 ||
        virEventAddHandle(d->signals, VIR_EVENT_HANDLE_READABLE, on_signal, d, NULL) < 0)
        return no_memory(DAEMON_PROGRAM);
    d->timer = virEventAddTimeout(-1, on_timer, NULL, NULL);
    return d->timer < 0 ? no_memory(DAEMON_PROGRAM) : STATUS_DONE;
}

int main(int argc, char **argv)
{
    struct daemon_options options;
    struct daemon d = {.options = &options, .opens = -1, .signals = -1, .timer = -1, .locks = -1};
    int status;

    start_program();
    status = read_daemon_options(argc, argv, &options);
    if (status)
        return status;
    d.keeper = (struct keeper){.request = {.host = options.host, .config = options.config},
                               .history = options.history,
                               .spool = options.spool,
                               .notes = options.run};
    d.handlers = (struct event_handlers){on_event, on_closed, &d};
    d.pause = FIRST_PAUSE;
    status = begin(&d);
    if (status)
        return status;
    status = run(&d);
    notify_manager("STOPPING=1\n");
    close_connection(&d);
    watched_clear(&d.vms);
    return status;
}
