/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vtopo-guest.c - in a guest, once at boot: use what vtopo-xml --deliver put into the domain
 *
 * Takes:  fw_cfg entries opt/org.vtopo/nccl-topo.xml and plan.json, as Linux shows them in /sys.
 * Gives:  the first where NCCL looks by itself, the second compared with the guest, and one line
 *         that says both.
 * Rule:   a file that is there already is somebody else's and stays; what was not delivered is not
 *         missed.
 */
#include "base/mem.h"
#include "common.h"
#include "compare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#define PROGRAM "vtopo-guest"
#define ENTRIES "firmware/qemu_fw_cfg/by_name/opt/org.vtopo"
#define ENTRY_MAX (1u << 20)
/* ncclTopoGetSystem(): NCCL reads this file where nobody names another (src/graph/topo.cc). */
#define NCCL_FOLDER "nvidia-topologyd"
#define NCCL_FILE "virtualTopology.xml"
#define NCCL_TEMPORARY ".virtualTopology.xml.vtopo"

struct options {
    struct host_options common;
    const char *run;
};

enum { OPTION_RUN = OPTION_OF_PROGRAM };

static const struct argp_option option_list[] = {
    {"host", OPTION_HOST, "PATH", 0, "a sysfs root (default /sys)", 0},
    {"run", OPTION_RUN, "DIR", 0, "where " NCCL_FOLDER "/" NCCL_FILE " goes (default /var/run)", 0},
    {0},
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case OPTION_HOST:
        options->common.host = arg;
        return 0;
    case OPTION_RUN:
        options->run = arg;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "too many operands: '%s'", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- the journal --- */

/* Is it the journal that reads @fd? (systemd.exec(5): a variable alone may be inherited.) */
static bool is_journal(int fd)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat status;

    return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && !fstat(fd, &status) &&
           status.st_dev == device && status.st_ino == inode;
}

/* In front of messages: systemd takes the level away (sd-daemon(3)), and nobody else wants one. */
static const char *program(void)
{
    return is_journal(STDERR_FILENO) ? "<3>" PROGRAM : PROGRAM;
}

/* --- what was delivered --- */

/* *ret_text NULL: it was not. */
static int read_entry(const struct options *options, const char *name, char **ret_text,
                      size_t *ret_length)
{
    autofree char *path = mem_printf("%s/%s/%s/raw", options->common.host, ENTRIES, name);
    int status;

    *ret_text = NULL;
    if (!path)
        return no_memory(program());
    if (access(path, F_OK) && (errno == ENOENT || errno == ENOTDIR))
        return STATUS_DONE;
    status = read_input(program(), path, ENTRY_MAX, ret_text, ret_length);
    if (status || *ret_length <= ENTRY_MAX)
        return status;
    free(*ret_text);
    *ret_text = NULL;
    complain(program(), "'%s' has more than %u bytes", path, ENTRY_MAX);
    return STATUS_FILE;
}

/* --- NCCL's file --- */

struct placing {
    const struct options *options;
    const char *text;
    size_t length;
    const char *result; /* what became of it, a part of a sentence */
    int level;          /* how much that matters, as syslog(3) counts */
};

static void set_result(struct placing *p, const char *result, int level)
{
    p->result = result;
    p->level = level;
}

static void set_in_place(struct placing *p)
{
    set_result(p, "NCCL's topology is in", LOG_INFO);
}

static void set_kept(struct placing *p)
{
    set_result(p, "a topology of somebody else stays in", LOG_NOTICE);
}

/* None is better than a file that NCCL cannot parse. This is no parser: it sees what is cut off. */
static bool is_whole(const char *text, size_t length)
{
    static const char start[] = "<system ", end[] = "</system>";
    const size_t first = sizeof(start) - 1, last = sizeof(end) - 1;

    while (length && (text[length - 1] == '\n' || text[length - 1] == ' '))
        length--;
    return length > first + last && !memchr(text, '\0', length) && !memcmp(text, start, first) &&
           !memcmp(text + length - last, end, last);
}

static int complain_about(const struct placing *p, const char *what)
{
    complain(program(), "%s %s/%s: %s", what, p->options->run, NCCL_FOLDER, strerror(errno));
    return STATUS_FILE;
}

/* Nobody else may be able to exchange what is in it. */
static bool is_ours(int folder)
{
    struct stat status;

    return !fstat(folder, &status) && (!status.st_uid || status.st_uid == geteuid()) &&
           !(status.st_mode & (S_IWGRP | S_IWOTH));
}

static int open_folder(const struct placing *p, int *ret_folder)
{
    int run = open(p->options->run, O_PATH | O_DIRECTORY | O_CLOEXEC), folder = -1;

    if (run >= 0) {
        if (mkdirat(run, NCCL_FOLDER, 0755) && errno != EEXIST)
            folder = -1;
        else
            folder = openat(run, NCCL_FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    if (folder < 0) {
        int status = complain_about(p, "cannot use");

        if (run >= 0)
            close(run);
        return status;
    }
    close(run);
    *ret_folder = folder;
    return STATUS_DONE;
}

/* What is there: the same, or another's; a link leads nowhere.  @ret_there false: nothing is. */
static int find_file(struct placing *p, int folder, bool *ret_there)
{
    autofree char *there = malloc(p->length + 1);
    ssize_t length = -1;
    int fd;

    if (!there)
        return no_memory(program());
    fd = openat(folder, NCCL_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    *ret_there = fd >= 0 || errno != ENOENT;
    if (fd >= 0) {
        length = read(fd, there, p->length + 1);
        close(fd);
    }
    if (length == (ssize_t)p->length && !memcmp(there, p->text, p->length))
        set_in_place(p);
    else
        set_kept(p);
    return STATUS_DONE;
}

/* A link never takes the place of a file, not even of one that has just come. */
static int add_file(struct placing *p, int folder)
{
    int fd, status = STATUS_DONE;

    unlinkat(folder, NCCL_TEMPORARY, 0);
    fd = openat(folder, NCCL_TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return complain_about(p, "cannot write into");
    if (!write_all(fd, p->text, p->length) || fchmod(fd, 0644))
        status = complain_about(p, "cannot write into");
    close(fd);
    if (!status && !linkat(folder, NCCL_TEMPORARY, folder, NCCL_FILE, 0))
        set_in_place(p);
    else if (!status && errno == EEXIST)
        set_kept(p);
    else if (!status)
        status = complain_about(p, "cannot write into");
    unlinkat(folder, NCCL_TEMPORARY, 0);
    return status;
}

static int place_file(struct placing *p)
{
    bool there = false;
    int folder = -1, status = open_folder(p, &folder);

    if (status)
        return status;
    status = find_file(p, folder, &there);
    if (!status && !is_ours(folder))
        set_result(p, "nothing is written where others may write:", LOG_WARNING);
    else if (!status && !there)
        status = add_file(p, folder);
    close(folder);
    return status;
}

static int use_text(struct placing *p)
{
    if (is_whole(p->text, p->length))
        return place_file(p);
    complain(program(), "'%s/%s/nccl-topo.xml/raw' is no topology of NCCL's, or a part of one",
             p->options->common.host, ENTRIES);
    return STATUS_FILE;
}

/* *ret_result: "" if none was delivered. */
static int use_nccl(const struct options *options, char **ret_result, int *ret_level)
{
    autofree char *text = NULL;
    struct placing placing = {.options = options, .level = LOG_INFO};
    int status = read_entry(options, "nccl-topo.xml", &text, &placing.length);

    placing.text = text;
    if (!status && text)
        status = use_text(&placing);
    if (status)
        return status;
    if (text)
        *ret_result =
            mem_printf("%s %s/%s/%s", placing.result, options->run, NCCL_FOLDER, NCCL_FILE);
    else
        *ret_result = strdup("");
    *ret_level = placing.level;
    return *ret_result ? STATUS_DONE : no_memory(program());
}

/* --- the plan --- */

/* The last line of the table says how many are as planned. */
static char *last_line(char *table)
{
    size_t length = strlen(table);
    char *line;

    if (length && table[length - 1] == '\n')
        table[length - 1] = '\0';
    line = strrchr(table, '\n');
    return strdup(line ? line + 1 : table);
}

static int compare(const struct options *options, const char *plan, size_t length,
                   char **ret_result, size_t *ret_differences)
{
    struct vtopo_host *guest = NULL;
    struct vtopo_error *error = NULL;
    autofree char *table = NULL;
    int code = vtopo_host_read(options->common.host, NULL, &guest, &error);

    if (!code)
        code = vtopo_guest_compare(guest, plan, length, "opt/org.vtopo/plan.json", VTOPO_HOST_TEXT,
                                   &table, ret_differences, &error);
    vtopo_host_free(guest);
    if (code)
        return fail(program(), error);
    *ret_result = last_line(table);
    return *ret_result ? STATUS_DONE : no_memory(program());
}

static int use_plan(const struct options *options, char **ret_result, size_t *ret_differences)
{
    autofree char *plan = NULL;
    size_t length = 0;
    int status = read_entry(options, "plan.json", &plan, &length);

    if (status)
        return status;
    if (plan)
        return compare(options, plan, length, ret_result, ret_differences);
    *ret_result = strdup("no plan was delivered");
    return *ret_result ? STATUS_DONE : no_memory(program());
}

/* --- */

static int print_line(const char *plan, size_t differences, const char *nccl, int level)
{
    const char *hint = differences ? " (vtopo-compare says which)" : "";
    autofree char *line = NULL;
    char prefix[] = "<0>";

    prefix[1] = (char)('0' + (differences ? LOG_WARNING : level));
    line = mem_printf("%s%s%s%s%s\n", is_journal(STDOUT_FILENO) ? prefix : "", plan, hint,
                      *nccl ? "; " : "", nccl);
    return line ? write_stdout(program(), line, strlen(line)) : no_memory(program());
}

static int run(const struct options *options)
{
    autofree char *nccl = NULL, *plan = NULL;
    size_t differences = 0;
    int level = LOG_INFO, status = use_nccl(options, &nccl, &level);
    int compared = use_plan(options, &plan, &differences);

    if (!status)
        status = compared;
    if (plan && nccl)
        compared = print_line(plan, differences, nccl, level);
    if (!status)
        status = compared;
    return !status && differences ? STATUS_DIFFERS : status;
}

int main(int argc, char **argv)
{
    static const struct argp_child children[] = {{&common_argp, 0, NULL, -1}, {0}};
    static const struct argp argp = {
        .options = option_list,
        .parser = parse_option,
        .doc = "In a guest, at boot: put NCCL's topology file where NCCL looks, and compare the "
               "guest with its plan, as vtopo-xml --deliver has put them into the domain.",
        .children = children,
    };
    struct options options = {.common.host = "/sys", .run = "/var/run"};
    int status;

    start_program();
    umask(022); /* who runs it by hand may have another one, and everybody shall read the file */
    status = parse_arguments(PROGRAM, &argp, argc, argv, &options);
    return status ? status : run(&options);
}
