/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peak.c - run a program and say how much memory it had at most
 *
 * Takes:  a program and its arguments.
 * Gives:  KiB on stderr; the program's status.
 * Rule:   a process inherits the peak of the one that starts it by vfork(), as Python does; so it
 *         is started from this small one, by fork().
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct rusage usage;
    int status;
    pid_t child = argc > 1 ? fork() : -1;

    if (!child) {
        execvp(argv[1], argv + 1);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child || !WIFEXITED(status))
        return 126;
    fprintf(stderr, "%ld\n", usage.ru_maxrss);
    return WEXITSTATUS(status);
}
