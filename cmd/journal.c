/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal.c - see journal.h
 *
 * Takes:  lines, states; what systemd says in the environment: JOURNAL_STREAM, NOTIFY_SOCKET.
 * Gives:  the same to whom it may concern.
 * Rule:   the two protocols are a number before a line (sd-daemon(3)) and a datagram
 *         (sd_notify(3)), so no library is needed for them.  What cannot be said keeps nobody
 *         from working.
 */
#include "journal.h"

#include "base/mem.h"
#include "base/printable.h"
#include "common.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Is stderr the very stream that systemd has connected to the journal? */
static bool is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat st;

    return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
           !fstat(STDERR_FILENO, &st) && st.st_dev == device && st.st_ino == inode;
}

void journal(const char *program, int priority, const char *format, ...)
{
    autofree char *text = NULL;
    va_list ap;

    va_start(ap, format);
    text = mem_vprintf(format, ap);
    va_end(ap);
    if (!text) {
        no_memory(program);
        return;
    }
    printable(text, false);
    if (is_journal())
        fprintf(stderr, "<%d>%s\n", priority, text);
    else
        print_message(program, text);
}

void notify_manager(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = path ? strlen(path) : 0;
    int fd;

    if (!length || length >= sizeof(address.sun_path) || !strchr("/@", *path))
        return;
    memcpy(address.sun_path, path, length);
    if (*path == '@')
        address.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address,
           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
    close(fd);
}
