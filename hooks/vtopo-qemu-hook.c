/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vtopo-qemu-hook.c - libvirt's qemu hook: log each guest that starts otherwise than vtopo would
 * make it
 *
 * Takes:  [--host PATH] [--config FILE] NAME OPERATION SUB-OPERATION EXTRA; at "prepare begin" the
 *         domain on stdin.  Or, of a person, one option.
 * Gives:  at most one line in the journal, and on stderr if that is a terminal, where a person is
 *         told what was not asked for, too; nothing on stdout; status 0, always.
 * Rule:   libvirt stops the guest if a hook fails here, and waits for it with the domain locked
 *         (libvirt 9.0, virHookCall(); https://libvirt.org/hooks.html). So this one only watches:
 *         it never calls libvirt, and it looks at the domain in a child process, because name and
 *         XML are somebody else's: no crash and no hanging read gets as far as libvirt. The child
 *         has none of libvirt's pipes for output, because libvirt waits until they are closed, and
 *         a process that hangs in the kernel closes nothing, not even when it is killed.
 * Not here: repairing; the line says which command does. --enable, --disable (enable.c), which
 *         have exit statuses like those of other programs.
 */
#include "../cmd/common.h"
#include "../cmd/make_plan.h"
#include "../cmd/quote.h"
#include "enable.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>
#include <vtopo/domain.h>
#include <vtopo/plan.h>
#include <vtopo/version.h>

#define PROGRAM "vtopo-qemu-hook"
#define LIBVIRT_ARGUMENTS 4
#define CHECK_SECONDS 10        /* a check takes some milliseconds */
#define QUOTED QUOTED_SIZE(255) /* a name, or a path that is not too long for a line */

struct call {
    const char *name, *operation, *sub_operation;
    const char *host, *config; /* NULL: not given */
};

/*
 * libvirt's four arguments are always the last ones, so a domain called "--host" is never taken for
 * an option.
 */
static bool read_arguments(int argc, char **argv, struct call *ret_call)
{
    struct call call = {0};
    int options = argc - 1 - LIBVIRT_ARGUMENTS;

    if (options < 0 || options % 2)
        return false;
    for (int i = 1; i < options; i += 2) {
        if (!strcmp(argv[i], "--host"))
            call.host = argv[i + 1];
        else if (!strcmp(argv[i], "--config"))
            call.config = argv[i + 1];
        else
            return false;
    }
    call.name = argv[argc - 4];
    call.operation = argv[argc - 3];
    call.sub_operation = argv[argc - 2];
    *ret_call = call;
    return true;
}

/* --- for a person at a terminal --- */

/* libvirt gives a pipe.  @why: a sentence, behind what it is about. */
static void tell_person(const char *about, const char *why)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, PROGRAM ": %s%s\n", about, why);
}

static void tell_of_domain(const struct call *call, const char *why)
{
    char name[QUOTED], about[QUOTED + 16];

    snprintf(about, sizeof(about), "domain %s", quote(call->name, name, sizeof(name)));
    tell_person(about, why);
}

/* --- the line in the journal --- */

/* " --config 'FILE'", if there is one: whoever repairs has to use the same. */
static const char *option(const char *name, const char *value, char text[QUOTED + 16])
{
    char quoted[QUOTED];

    if (value)
        snprintf(text, QUOTED + 16, " %s %s", name, quote(value, quoted, sizeof(quoted)));
    else
        text[0] = '\0';
    return text;
}

static void log_unchecked(const struct call *call, const char *why)
{
    char name[QUOTED];

    syslog(LOG_WARNING, "domain %s: its topology was not checked: %s",
           quote(call->name, name, sizeof(name)), why);
}

/* One line: what is @wrong, the command that prints the domain, and what its output goes into. */
static void log_line(const struct call *call, int priority, const char *wrong, const char *dump,
                     const char *program, const char *more)
{
    char name[QUOTED], host[QUOTED + 16], config[QUOTED + 16];

    syslog(priority, "domain %s starts without its host's topology: %s: %s %s%s | %s%s%s%s",
           quote(call->name, name, sizeof(name)), wrong, dump, *call->name == '-' ? "-- " : "",
           name, program, option("--host", call->host, host),
           option("--config", call->config, config), more);
}

/* @refusal: what the policy's "strict" says of the same domain; NULL: nothing. */
static void log_plan(const struct call *call, const struct vtopo_plan *plan,
                     const struct vtopo_error *refusal)
{
    const char *lack = vtopo_plan_lack(plan);
    char wrong[512], name[QUOTED];

    if (!vtopo_plan_is_realised(plan) && refusal) {
        syslog(LOG_WARNING,
               "domain %s starts without its host's topology, and vtopo-xml would not give it: %s",
               quote(call->name, name, sizeof(name)), vtopo_error_message(refusal));
    } else if (!vtopo_plan_is_realised(plan)) {
        snprintf(wrong, sizeof(wrong), "%s; to have it from the next start on, run",
                 vtopo_plan_difference(plan));
        log_line(call, LOG_WARNING, wrong, "virsh dumpxml --inactive --security-info", "vtopo-xml",
                 " | virsh define /dev/stdin");
    } else if (lack) {
        snprintf(wrong, sizeof(wrong), "%s; to see what would help, run", lack);
        log_line(call, LOG_NOTICE, wrong, "virsh dumpxml --inactive", "vtopo-xml", " --explain");
    } else {
        tell_of_domain(call, ": nothing to report, it is as vtopo-xml would make it");
    }
}

/* --- the check --- */

/*
 * What strict refuses is planned nevertheless, to see whether the domain is so already.
 *
 * @ret_refusal  why strict refuses it; unchanged if it does not
 */
static int plan_domain(const struct call *call, const struct vtopo_domain *domain,
                       struct vtopo_plan **ret_plan, struct vtopo_error **ret_refusal,
                       struct vtopo_error **reterr)
{
    struct plan_request request = {.host = call->host, .config = call->config};
    struct vtopo_policy *policy = NULL;
    struct vtopo_host *host = NULL;
    struct vtopo_error *error = NULL;
    int r = make_policy(&request, domain, &policy, &error);

    if (!r)
        r = make_plan(&request, domain, policy, &host, ret_plan, &error);
    if (r == VTOPO_ERR_REFUSED) {
        *ret_refusal = error;
        error = NULL;
        vtopo_policy_set_strict(policy, false);
        r = make_plan(&request, domain, policy, &host, ret_plan, &error);
    }
    *reterr = error;
    vtopo_host_free(host);
    vtopo_policy_free(policy);
    return r;
}

/* Guests without host devices are nobody's business, and no reason to report a bad policy. */
static void check_domain(const struct call *call)
{
    struct vtopo_domain *domain = NULL;
    struct vtopo_error *error = NULL, *refusal = NULL;
    struct vtopo_plan *plan = NULL;
    char *text = NULL;
    size_t length;

    if (isatty(STDIN_FILENO))
        tell_person("", "reading a domain XML from the terminal; Ctrl-D ends it");
    if (read_input(PROGRAM, NULL, VTOPO_DOMAIN_MAX, &text, &length))
        log_unchecked(call, "its XML cannot be read from stdin");
    else if (vtopo_domain_parse(text, length, "stdin", &domain, &error))
        log_unchecked(call, vtopo_error_message(error));
    else if (!plan_domain(call, domain, &plan, &refusal, &error))
        log_plan(call, plan, refusal);
    else if (vtopo_domain_assigned_count(domain))
        log_unchecked(call, vtopo_error_message(error));
    else
        tell_of_domain(call, ": nothing to report, no host device is assigned");
    vtopo_error_free(refusal);
    vtopo_error_free(error);
    vtopo_plan_free(plan);
    vtopo_domain_free(domain);
    free(text);
}

static void exit_quietly(int signal_number)
{
    (void)signal_number;
    _exit(0);
}

/* After @seconds the process ends: itself quietly, or by SIGALRM, for its parent to see. */
static void limit_time(unsigned seconds, void (*handler)(int))
{
    sigset_t set;

    signal(SIGALRM, handler);
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    alarm(seconds);
}

static void log_end(const struct call *call, int status)
{
    char why[64];

    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return;
    if (WIFSIGNALED(status))
        snprintf(why, sizeof(why), "the check was ended by signal %d", WTERMSIG(status));
    else
        snprintf(why, sizeof(why), "the check ended with status %d", WEXITSTATUS(status));
    log_unchecked(call, why);
}

/* @alive: the other end is the child's alone, so it is closed when the child has ended. */
static void wait_for_check(const struct call *call, pid_t child, int alive)
{
    struct pollfd end = {.fd = alive, .events = POLLIN};
    int status;

    if (poll(&end, 1, (CHECK_SECONDS + 1) * 1000) == 0) {
        kill(child, SIGKILL);
        log_unchecked(call, "the check hangs");
    } else if (waitpid(child, &status, 0) == child) {
        log_end(call, status);
    }
}

/* Nothing that the child prints goes to libvirt, which so does not wait for it; libvirt gives
 * pipes, a terminal is a person's. */
static bool close_libvirt_pipes(void)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    return null >= 0 && dup2(null, STDOUT_FILENO) >= 0 &&
           (isatty(STDERR_FILENO) || dup2(null, STDERR_FILENO) >= 0);
}

static void run_child(const struct call *call)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a parent that gives up does not leave it behind */
    limit_time(CHECK_SECONDS, SIG_DFL);
    if (!close_libvirt_pipes())
        exit(1);
    check_domain(call);
    exit(0);
}

static void run_check(const struct call *call)
{
    int alive[2];
    pid_t child;

    limit_time(CHECK_SECONDS + 2, exit_quietly); /* writing to the journal may hang as well */
    /* Where a person calls it, they see what the journal gets. */
    openlog(PROGRAM, LOG_PID | (isatty(STDERR_FILENO) ? LOG_PERROR : 0), LOG_DAEMON);
    child = pipe2(alive, O_CLOEXEC) ? -1 : fork();
    if (child < 0) {
        log_unchecked(call, "no process can be started");
        return;
    }
    if (child == 0)
        run_child(call);
    close(alive[1]);
    wait_for_check(call, child, alive[0]);
}

static int print_introduction(const char *argument)
{
    if (!strcmp(argument, "--version"))
        printf(PROGRAM " (vtopo) %s\n", VTOPO_VERSION);
    else
        puts("Usage: vtopo-qemu-hook --enable | --disable\n"
             "       vtopo-qemu-hook [--host PATH] [--config FILE] NAME OPERATION\n"
             "                       SUB-OPERATION EXTRA\n"
             "libvirt's hook for QEMU guests: logs to the journal which guests start without\n"
             "their host's topology.\n\n"
             "  --enable    put 50-vtopo, the script that calls this program, where libvirt\n"
             "              looks: /etc/libvirt/hooks/qemu.d\n"
             "  --disable   take it away\n\n"
             "To see what it says of a guest:\n"
             "virsh dumpxml VM | vtopo-qemu-hook VM prepare begin -");
    return 0;
}

/* libvirt never gives a single argument, so this is a person, who wants to know how it went. */
static int do_for_person(const char *argument)
{
    if (!strcmp(argument, "--help") || !strcmp(argument, "--version"))
        return print_introduction(argument);
    if (!strcmp(argument, "--enable"))
        return enable_hook(PROGRAM);
    if (!strcmp(argument, "--disable"))
        return disable_hook(PROGRAM);
    complain(PROGRAM, "nothing is done with these arguments, see --help");
    return STATUS_USAGE;
}

int main(int argc, char **argv)
{
    struct call call;

    if (!open_standard_files())
        return 0;
    if (argc == 2)
        return do_for_person(argv[1]);
    if (!read_arguments(argc, argv, &call))
        tell_person("", "nothing is done with these arguments, see --help");
    else if (!strcmp(call.operation, "prepare") && !strcmp(call.sub_operation, "begin"))
        run_check(&call);
    else
        tell_of_domain(&call, ": nothing is done but at \"prepare begin\"");
    return 0;
}
