/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vtopo-qemu-hook.c - libvirt's qemu hook: log each guest that starts otherwise than vtopo would
 * make it, and stop its start where the policy says so
 *
 * Takes:  [--host PATH] [--config FILE] NAME OPERATION SUB-OPERATION EXTRA; at "prepare begin",
 *         "restore begin" and "migrate begin" the domain on stdin.  Or, of a person, one option.
 * Gives:  lines in the journal, and on stderr if that is a terminal, where a person is told what
 *         was not asked for, too; nothing on stdout; STATUS_REFUSED and a line on stderr if the
 *         start is to be stopped, which 50-vtopo passes on, else status 0, always.
 * Rule:   libvirt stops the guest if a hook fails here, and waits for it with the domain locked
 *         (libvirt 9.0, virHookCall(); https://libvirt.org/hooks.html). So this one never calls
 *         libvirt, and it looks at the domain in a child process, because name and XML are
 *         somebody else's: no crash and no hanging read gets as far as libvirt.  Only a child
 *         that has come to its end stops a start.  The child has none of libvirt's pipes for
 *         output, because libvirt waits until they are closed, and a process that hangs in the
 *         kernel closes nothing, not even when it is killed.
 * Not here: what is found (check.c), what is stopped (guard.c); repairing: the line says which
 *         command does. --enable, --disable (enable.c), which have exit statuses like those of
 *         other programs.
 */
#include "../cmd/common.h"
#include "check.h"
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
#include <vtopo/version.h>

#define LIBVIRT_ARGUMENTS 4
#define CHECK_SECONDS 10 /* a check takes some milliseconds */

enum occasion { OCCASION_NONE, OCCASION_START, OCCASION_ARRIVAL };

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

static enum occasion occasion_of(const struct call *call)
{
    if (strcmp(call->sub_operation, "begin"))
        return OCCASION_NONE;
    if (!strcmp(call->operation, "prepare"))
        return OCCASION_START;
    if (!strcmp(call->operation, "restore") || !strcmp(call->operation, "migrate"))
        return OCCASION_ARRIVAL;
    return OCCASION_NONE;
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

/* What the child has come to. */
static enum check_result read_end(const struct call *call, int status)
{
    char why[64];

    if (WIFEXITED(status) &&
        (WEXITSTATUS(status) == CHECK_PASSES || WEXITSTATUS(status) == CHECK_REFUSES ||
         WEXITSTATUS(status) == CHECK_REPAIRS))
        return (enum check_result)WEXITSTATUS(status);
    if (WIFSIGNALED(status))
        snprintf(why, sizeof(why), "the check was ended by signal %d", WTERMSIG(status));
    else
        snprintf(why, sizeof(why), "the check ended with status %d", WEXITSTATUS(status));
    log_unchecked(call, why);
    return CHECK_PASSES;
}

/* @alive: the other end is the child's alone, so it is closed when the child has ended. */
static enum check_result wait_for_check(const struct call *call, pid_t child, int alive)
{
    struct pollfd end = {.fd = alive, .events = POLLIN};
    int status;

    if (poll(&end, 1, (CHECK_SECONDS + 1) * 1000) == 0) {
        kill(child, SIGKILL);
        log_unchecked(call, "the check hangs");
    } else if (waitpid(child, &status, 0) == child) {
        return read_end(call, status);
    }
    return CHECK_PASSES;
}

/* Nothing that the child prints goes to libvirt, which so does not wait for it; libvirt gives
 * pipes, a terminal is a person's. */
static bool close_libvirt_pipes(void)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    return null >= 0 && dup2(null, STDOUT_FILENO) >= 0 &&
           (isatty(STDERR_FILENO) || dup2(null, STDERR_FILENO) >= 0);
}

static void run_child(const struct call *call, enum occasion occasion)
{
    enum check_result result = CHECK_PASSES;

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a parent that gives up does not leave it behind */
    limit_time(CHECK_SECONDS, SIG_DFL);
    if (!close_libvirt_pipes())
        exit(1);
    if (occasion == OCCASION_START)
        result = check_start(call);
    else
        check_arrival(call);
    exit((int)result);
}

/* libvirt's error has it, behind the status. */
static void tell_libvirt(const struct call *call, enum check_result result)
{
    char name[QUOTED];

    fprintf(stderr,
            HOOK_PROGRAM
            ": domain %s is not started, because it is otherwise than vtopo would make it: %s\n",
            quote(call->name, name, sizeof(name)),
            result == CHECK_REPAIRS
                ? "vtopod is about to rewrite its definition, start it again"
                : "start it again to have it so, or rewrite its definition (vtopo-define) before");
}

static int run_check(const struct call *call, enum occasion occasion)
{
    enum check_result result;
    int alive[2];
    pid_t child;

    limit_time(CHECK_SECONDS + 2, exit_quietly); /* writing to the journal may hang as well */
    /* Where a person calls it, they see what the journal gets. */
    openlog(HOOK_PROGRAM, LOG_PID | (isatty(STDERR_FILENO) ? LOG_PERROR : 0), LOG_DAEMON);
    child = pipe2(alive, O_CLOEXEC) ? -1 : fork();
    if (child < 0) {
        log_unchecked(call, "no process can be started");
        return 0;
    }
    if (child == 0)
        run_child(call, occasion);
    close(alive[1]);
    result = wait_for_check(call, child, alive[0]);
    if (result == CHECK_PASSES)
        return 0;
    tell_libvirt(call, result);
    return STATUS_REFUSED;
}

static int print_introduction(const char *argument)
{
    if (!strcmp(argument, "--version"))
        printf(HOOK_PROGRAM " (vtopo) %s\n", VTOPO_VERSION);
    else
        puts("Usage: vtopo-qemu-hook --enable | --disable\n"
             "       vtopo-qemu-hook [--host PATH] [--config FILE] NAME OPERATION\n"
             "                       SUB-OPERATION EXTRA\n"
             "libvirt's hook for QEMU guests: logs to the journal which guests start without\n"
             "their host's topology, and stops those starts that the policy (on_start) says.\n\n"
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
        return enable_hook(HOOK_PROGRAM);
    if (!strcmp(argument, "--disable"))
        return disable_hook(HOOK_PROGRAM);
    complain(HOOK_PROGRAM, "nothing is done with these arguments, see --help");
    return STATUS_USAGE;
}

int main(int argc, char **argv)
{
    struct call call;

    if (!open_standard_files())
        return 0;
    if (argc == 2)
        return do_for_person(argv[1]);
    if (!read_arguments(argc, argv, &call)) {
        tell_person("", "nothing is done with these arguments, see --help");
        return 0;
    }
    if (occasion_of(&call) != OCCASION_NONE)
        return run_check(&call, occasion_of(&call));
    tell_of_domain(&call, ": nothing is done but at \"prepare begin\"");
    return 0;
}
