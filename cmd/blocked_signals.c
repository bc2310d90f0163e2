/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * blocked_signals.c - see blocked_signals.h
 *
 * Takes:  signals that would end the program.
 * Gives:  the same signals, later; meanwhile a file descriptor to poll.
 * Rule:   no handler, so nothing runs in between: a signal that is blocked can be waited for and
 *         takes its own effect once it is let through.
 * Not here: what is cleaned up (write_file.c).
 */
#include "blocked_signals.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* A blocked signal waits even if it is ignored (nohup), and must not count as one that has come. */
static void add_unless_ignored(sigset_t *set, int number)
{
    struct sigaction action;

    if (!sigaction(number, NULL, &action) && action.sa_handler != SIG_IGN)
        sigaddset(set, number);
}

void block_signals(struct blocked_signals *ret_blocked)
{
    /* All that end a process and come from outside it; what start_program() ignores cannot. */
    static const int numbers[] = {SIGHUP,  SIGINT,  SIGQUIT,   SIGTERM, SIGALRM, SIGUSR1,
                                  SIGUSR2, SIGPROF, SIGVTALRM, SIGXCPU, SIGIO,   SIGPWR};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        add_unless_ignored(&set, numbers[i]);
    sigprocmask(SIG_BLOCK, &set, &ret_blocked->before);
    ret_blocked->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool signal_has_come(const struct blocked_signals *blocked)
{
    struct pollfd come = {.fd = blocked->fd, .events = POLLIN};

    return poll(&come, 1, 0) > 0;
}

/* A pipe that poll() calls writable takes this many bytes without blocking (pipe(7)). */
bool write_until_signal(int fd, const char *text, size_t length,
                        const struct blocked_signals *blocked)
{
    while (length) {
        struct pollfd fds[] = {{.fd = fd, .events = POLLOUT},
                               {.fd = blocked->fd, .events = POLLIN}};
        ssize_t n;

        poll(fds, sizeof(fds) / sizeof(*fds), -1);
        errno = EINTR;
        if (fds[1].revents)
            return false;
        n = write(fd, text, length < PIPE_BUF ? length : PIPE_BUF);
        if (n > 0) {
            text += n;
            length -= (size_t)n;
        } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
            return false;
        }
    }
    return true;
}

void unblock_signals(struct blocked_signals *blocked)
{
    if (blocked->fd >= 0)
        close(blocked->fd);
    sigprocmask(SIG_SETMASK, &blocked->before, NULL);
}
