/* SPDX-License-Identifier: GPL-2.0-or-later */
/* common.c - see common.h */
#include "common.h"

#include "base/printable.h"
#include "base/readall.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vtopo/version.h>

bool open_standard_files(void)
{
    /*
     * Opened the wrong way round on purpose: reading a closed stdin, or writing to a closed stdout,
     * still fails with EBADF as it should.
     */
    static const int flags[] = {O_WRONLY, O_RDONLY, O_WRONLY};

    for (int fd = 0; fd < 3; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", flags[fd]) != fd)
            return false;
    }
    return true;
}

void start_program(void)
{
    if (!open_standard_files())
        _exit(STATUS_FILE);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* "ulimit -f": write() fails, and nothing is left half done */
    argp_err_exit_status = STATUS_USAGE;
}

enum { OPTION_VERSION = 0x100, OPTION_USAGE };

static const struct argp_option common_options[] = {
    {"help", 'h', NULL, 0, "print this help, the version", -1},
    {"version", OPTION_VERSION, NULL, OPTION_ALIAS, NULL, -1}, /* a line less */
    {"usage", OPTION_USAGE, NULL, OPTION_HIDDEN, NULL,
     -1}, /* argp's hint after an error names it */
    {0},
};

void finish_stdout(const char *program)
{
    if (ferror(stdout) || fclose(stdout)) {
        complain(program, "cannot write to stdout: %s", strerror(errno));
        exit(STATUS_FILE);
    }
    exit(STATUS_DONE);
}

static error_t parse_common(int key, char *arg, struct argp_state *state)
{
    (void)arg;
    switch (key) {
    case 'h':
        argp_state_help(state, stdout, ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC);
        finish_stdout(state->name);
        return 0;
    case OPTION_USAGE:
        argp_state_help(state, stdout, ARGP_HELP_USAGE);
        finish_stdout(state->name);
        return 0;
    case OPTION_VERSION:
        printf("%s (vtopo) %s\n", state->name, VTOPO_VERSION);
        finish_stdout(state->name);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

char *filter_help(int key, const char *text, void *input)
{
    (void)input;
    return key == ARGP_KEY_HELP_DUP_ARGS_NOTE ? NULL : (char *)text;
}

const struct argp common_argp = {.options = common_options, .parser = parse_common};

void print_message(const char *program, const char *text)
{
    unsigned width = message_width();

    fprintf(stderr, "%s: ", program);
    if (!width ||
        !print_wrapped(stderr, text, strlen(text), strlen(program) + 2, MESSAGE_INDENT, width))
        fprintf(stderr, "%s\n", text);
}

void complain(const char *program, const char *format, ...)
{
    char line[4096];
    va_list ap;

    va_start(ap, format);
    vsnprintf(line, sizeof(line), format, ap);
    va_end(ap);
    printable(line, false);
    print_message(program, line);
}

int fail(const char *program, struct vtopo_error *error)
{
    int status = -vtopo_error_code(error);

    /* Not through complain(): the library has cleaned the message, and it may be long. */
    print_message(program, vtopo_error_message(error));
    vtopo_error_free(error);
    return status;
}

int no_memory(const char *program)
{
    complain(program, "%s", vtopo_strerror(VTOPO_ERR_NOMEM));
    return STATUS_NOMEM;
}

void set_once(const char **ret, const char *what, const char *arg, struct argp_state *state)
{
    if (*ret)
        argp_error(state, "%s twice: '%s' and '%s'", what, *ret, arg);
    *ret = arg;
}

int parse_arguments(const char *program, const struct argp *argp, int argc, char **argv,
                    void *input)
{
    switch (argp_parse(argp, argc, argv, ARGP_NO_HELP, NULL, input)) {
    case 0:
        return STATUS_DONE;
    case ENOMEM:
        return no_memory(program);
    default:
        return STATUS_USAGE;
    }
}

int read_input(const char *program, const char *path, size_t limit, char **ret_text,
               size_t *ret_length)
{
    bool from_stdin = !path || !strcmp(path, "-");
    int fd = from_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int why;

    if (fd < 0) {
        complain(program, "cannot open '%s': %s", path, strerror(errno));
        return STATUS_FILE;
    }
    why = read_all(fd, limit, ret_text, ret_length);
    if (!from_stdin)
        close(fd);
    if (!why)
        return STATUS_DONE;
    if (why == ENOMEM)
        return no_memory(program);
    if (from_stdin)
        complain(program, "cannot read stdin: %s", strerror(why));
    else
        complain(program, "cannot read '%s': %s", path, strerror(why));
    return STATUS_FILE;
}

bool write_all(int fd, const char *text, size_t length)
{
    struct pollfd writable = {.fd = fd, .events = POLLOUT};

    while (length) {
        ssize_t n = write(fd, text, length);

        if (n > 0) {
            text += n;
            length -= (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            poll(&writable, 1, -1);
        } else if (n == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

int write_stdout(const char *program, const char *text, size_t length)
{
    if (write_all(STDOUT_FILENO, text, length) && !close(STDOUT_FILENO))
        return STATUS_DONE;
    complain(program, "cannot write to stdout: %s", strerror(errno));
    return STATUS_FILE;
}
