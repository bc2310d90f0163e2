/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * held_signals.c - see held_signals.h
 *
 * Takes:  signals that would end the program.
 * Gives:  the same signals, later; meanwhile a file descriptor to poll.
 * Rule:   no handler, so nothing runs in between: a signal that is blocked can be waited for and
 *         takes its own effect once it is let through.
 * Not here: what is cleaned up (write_file.c).
 */
#include "held_signals.h"

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

void hold_signals(struct held_signals *ret_held)
{
    static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        add_unless_ignored(&set, numbers[i]);
    sigprocmask(SIG_BLOCK, &set, &ret_held->before);
    ret_held->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool signal_has_come(const struct held_signals *held)
{
    struct pollfd come = {.fd = held->fd, .events = POLLIN};

    return poll(&come, 1, 0) > 0;
}

/* A pipe that poll() calls writable takes this many bytes without blocking (pipe(7)). */
bool write_until_signal(int fd, const char *text, size_t length, const struct held_signals *held)
{
    while (length) {
        struct pollfd fds[] = {{.fd = fd, .events = POLLOUT}, {.fd = held->fd, .events = POLLIN}};
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

void release_signals(struct held_signals *held)
{
    if (held->fd >= 0)
        close(held->fd);
    sigprocmask(SIG_SETMASK, &held->before, NULL);
}
