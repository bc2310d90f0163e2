/* SPDX-License-Identifier: GPL-2.0-or-later */
/* common.c - see common.h */
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vtopo/printable.h>

bool open_standard_files(void)
{
    /*
     * Opened the wrong way round on purpose: reading a closed stdin, or writing to a closed stdout, still
     * fails with EBADF as it should.
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
    argp_err_exit_status = STATUS_USAGE;
}

enum { OPTION_VERSION = 0x100, OPTION_USAGE };

static const struct argp_option common_options[] = {
    {"help", 'h', NULL, 0, "print this help", -1},
    {"usage", OPTION_USAGE, NULL, OPTION_HIDDEN, NULL, -1}, /* argp's hint after an error names it */
    {"version", OPTION_VERSION, NULL, 0, "print the version", -1},
    {0},
};

/* --help and --version end the program; their output is a product like any other. */
static void finish_stdout(const char *program)
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

void complain(const char *program, const char *format, ...)
{
    char line[4096];
    va_list ap;

    va_start(ap, format);
    vsnprintf(line, sizeof(line), format, ap);
    va_end(ap);
    vtopo_printable(line);
    fprintf(stderr, "%s: %s\n", program, line);
}

int fail(const char *program, struct vtopo_error *error)
{
    int status = -vtopo_error_code(error);

    /* Not through complain(): the library has cleaned the message, and it may be long. */
    fprintf(stderr, "%s: %s\n", program, vtopo_error_message(error));
    vtopo_error_free(error);
    return status;
}

static int no_memory(const char *program)
{
    complain(program, "%s", vtopo_strerror(VTOPO_ERR_NOMEM));
    return STATUS_NOMEM;
}

int parse_arguments(const char *program, const struct argp *argp, int argc, char **argv, void *input)
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

static void wait_for(int fd, short events)
{
    struct pollfd poll_fd = {.fd = fd, .events = events};

    poll(&poll_fd, 1, -1);
}

/* Reads up to @limit + 1 bytes; NULL and errno on failure. */
static char *read_all(int fd, size_t limit, size_t *ret_length)
{
    size_t used = 0, size = 0;
    char *text = NULL, *grown;
    ssize_t n;

    do {
        if (used + 1 >= size) {
            size = size ? size * 2 : 65536;
            if (size > limit + 2)
                size = limit + 2;
            grown = realloc(text, size);
            if (!grown)
                goto fail;
            text = grown;
        }
        n = read(fd, text + used, size - used - 1);
        if (n < 0 && errno == EAGAIN)
            wait_for(fd, POLLIN);
        else if (n < 0 && errno != EINTR)
            goto fail;
        if (n > 0)
            used += (size_t)n;
    } while (n && used <= limit);
    text[used] = '\0';
    *ret_length = used;
    return text;

fail:
    free(text);
    return NULL;
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
    *ret_text = read_all(fd, limit, ret_length);
    why = errno;
    if (!from_stdin)
        close(fd);
    if (*ret_text)
        return STATUS_DONE;
    if (why == ENOMEM)
        return no_memory(program);
    if (from_stdin)
        complain(program, "cannot read stdin: %s", strerror(why));
    else
        complain(program, "cannot read '%s': %s", path, strerror(why));
    return STATUS_FILE;
}

static bool write_all(int fd, const char *text, size_t length)
{
    while (length) {
        ssize_t n = write(fd, text, length);

        if (n > 0) {
            text += n;
            length -= (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            wait_for(fd, POLLOUT);
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

#define MAX_LINKS 40 /* as many symbolic links as Linux follows */

/* What will be replaced: its real path, and how it is now. */
struct target {
    char path[PATH_MAX];
    char directory[PATH_MAX];
    bool exists;
    bool planted; /* by somebody else */
    struct stat now;
};

/* The directory of @path and the name in it, with the directory's real path. */
static bool split(const char *path, struct target *ret)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    char directory[PATH_MAX];
    int length = snprintf(directory, sizeof(directory), "%.*s", (int)(name - path), path);

    if (length >= (int)sizeof(directory) || strlen(name) >= sizeof(ret->path)) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (!realpath(length ? directory : ".", ret->directory))
        return false;
    length = snprintf(ret->path, sizeof(ret->path), "%s/%s",
                      strcmp(ret->directory, "/") ? ret->directory : "", name);
    errno = ENAMETOOLONG;
    return length < (int)sizeof(ret->path);
}

/*
 * Where everybody may make files, such as /tmp, somebody else's link or file can have been put there for us to fall
 * into.  Linux has the same rule for opening files (fs.protected_symlinks, fs.protected_regular), but a file that is
 * replaced is never opened.
 */
static bool is_planted(const struct target *target)
{
    struct stat directory;

    return !stat(target->directory, &directory) && (directory.st_mode & S_ISVTX) &&
           (directory.st_mode & S_IWOTH) && target->now.st_uid != geteuid() &&
           target->now.st_uid != 0;
}

/* @path or, if that is a symbolic link, what it names, becomes @path. */
static bool read_link(const struct target *target, char path[PATH_MAX])
{
    char to[PATH_MAX];
    ssize_t length = readlink(target->path, to, sizeof(to));

    if (length < 0)
        return false;
    errno = ENAMETOOLONG;
    if (length >= (ssize_t)sizeof(to))
        return false;
    to[length] = '\0';
    return snprintf(path, PATH_MAX, "%s%s%s", *to == '/' ? "" : target->directory,
                    *to == '/' ? "" : "/", to) < PATH_MAX;
}

static bool follow_links(const char *start, struct target *ret)
{
    char path[PATH_MAX];

    ret->planted = false;
    errno = ENAMETOOLONG;
    if (snprintf(path, sizeof(path), "%s", start) >= (int)sizeof(path))
        return false;
    for (int links = 0; links <= MAX_LINKS; links++) {
        if (!split(path, ret))
            return false;
        ret->exists = !lstat(ret->path, &ret->now);
        if (!ret->exists)
            return errno == ENOENT && !links;
        ret->planted = is_planted(ret);
        if (ret->planted)
            return false;
        if (!S_ISLNK(ret->now.st_mode))
            return true;
        if (!read_link(ret, path))
            return false;
    }
    errno = ELOOP;
    return false;
}

static int find_target(const char *program, const char *path, struct target *ret)
{
    if (!follow_links(path, ret)) {
        complain(program, "cannot write '%s': %s", path,
                 ret->planted ? "it is somebody else's, in a directory where everybody may make files"
                              : strerror(errno));
        return STATUS_FILE;
    }
    if (ret->exists && !S_ISREG(ret->now.st_mode)) {
        complain(program, "cannot write '%s': not a regular file", path);
        return STATUS_FILE;
    }
    return STATUS_DONE;
}

/* The owner first: chown() takes the set-user-id bits of the mode away. */
static bool copy_mode_and_owner(int fd, const struct target *target)
{
    mode_t mask;

    if (!target->exists) {
        mask = umask(0);
        umask(mask);
        return !fchmod(fd, 0666 & ~mask);
    }
    return !fchown(fd, target->now.st_uid, target->now.st_gid) &&
           !fchmod(fd, target->now.st_mode & 07777);
}

/* False: nothing has changed. */
static bool replace(const struct target *target, const char *text, size_t length)
{
    int directory = open(target->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char temporary[PATH_MAX + 16];
    bool done;
    int fd, why;

    snprintf(temporary, sizeof(temporary), "%s/.vtopo-XXXXXX", target->directory);
    fd = mkostemp(temporary, O_CLOEXEC);
    done = fd >= 0 && write_all(fd, text, length) && copy_mode_and_owner(fd, target) && !fsync(fd);
    why = errno;
    if (fd >= 0 && close(fd) && done) {
        done = false;
        why = errno;
    }
    if (done && rename(temporary, target->path)) {
        done = false;
        why = errno;
    }
    if (fd >= 0 && !done)
        unlink(temporary);
    /* A rename is on the disk only when its directory is; but it is done, so this cannot fail any more. */
    if (directory >= 0 && done)
        fsync(directory);
    if (directory >= 0)
        close(directory);
    errno = why;
    return done;
}

int write_file(const char *program, const char *path, const char *text, size_t length)
{
    struct target target;
    int status = find_target(program, path, &target);

    if (status)
        return status;
    if (replace(&target, text, length))
        return STATUS_DONE;
    complain(program, "cannot write '%s': %s", path, strerror(errno));
    return STATUS_FILE;
}
