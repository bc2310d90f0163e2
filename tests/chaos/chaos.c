/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chaos.c - the programs, with one allocation failing
 *
 * Takes:  folders of golden cases, also of KubeVirt's hook; names of host descriptions; archives of
 *         sysfs trees.
 * Gives:  a line for each job: how many allocations it makes, and how many of them were made to
 *         fail.
 * Rule:   a program whose allocation fails ends with status 7, writes nothing, touches no file and
 *         frees everything; or it can do without and gives the very same output. The programs'
 *         main() runs in this process.
 *
 * Which allocations fail: of those that the same chain of calls makes, the first one in all jobs
 * together, and besides some of each job at even distances.  VTOPO_EVERY in the environment: every
 * one.  (libxml2's tables have random seeds, so that the number of a job's last allocations differs
 * a little from run to run.)
 */
#include "../fuzz/archive.h"
#include "../fuzz/fuzz.h"
#include "memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libxml/xmlerror.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Per chain of calls in all, and per job besides. */
#define TRIES_PER_PLACE 1
#define TRIES_PER_JOB 4
#define ALLOCATIONS_MAX 1000000
#define PLACES (1u << 18)
#define ARGUMENTS 16
#define STATUS_NOMEM 7

typedef int program_main(int argc, char **argv);
program_main vtopo_xml_main, vtopo_host_main, kubevirt_main;

struct job {
    program_main *main;
    char *argv[ARGUMENTS + 1];
    int argc;
    const char *file; /* that the job writes; NULL: none */
};

/* What a run of a job gives. */
struct result {
    int status;
    char *output, *messages, *file; /* file NULL: it is not there */
};

static int real_stderr;
static int captured[3]; /* what the job's stdout and stderr are */
static bool in_program;

static size_t seen[PLACES]; /* hash table: place */
static unsigned char tried[PLACES];

/* Blocks are counted here, and those that backtrace() makes ld.so keep are no leak.  The rest is
 * for speed. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0:quarantine_size_mb=4:malloc_context_size=8";
}

/* --- running a program in this process --- */

/* argp_error() and the like: an allocation that fails must not look like wrong usage. */
static void on_exit_in_program(void)
{
    if (!in_program)
        return;
    dprintf(real_stderr, "the program called exit()\n");
    _exit(1);
}

static char *read_fd(int fd)
{
    struct stat status;
    char *text;

    must(!fstat(fd, &status));
    text = malloc((size_t)status.st_size + 1);
    must(text && pread(fd, text, (size_t)status.st_size, 0) == status.st_size);
    text[status.st_size] = '\0';
    return text;
}

static char *read_path(const char *path)
{
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    char *text;

    if (fd < 0)
        return NULL;
    text = read_fd(fd);
    close(fd);
    return text;
}

static void write_path(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

/* The programs close stdout when they have written to it. */
static void capture(int fd)
{
    must(!ftruncate(captured[fd], 0) && !lseek(captured[fd], 0, SEEK_SET));
    must(dup2(captured[fd], fd) == fd);
}

static struct result run(const struct job *job, struct memory_count *ret_count)
{
    char *argv[ARGUMENTS + 1]; /* getopt() puts them into another order */
    struct result result;

    memcpy(argv, job->argv, sizeof(argv));
    capture(STDOUT_FILENO);
    capture(STDERR_FILENO);
    in_program = true;
    result.status = job->main(job->argc, argv);
    in_program = false;
    xmlResetLastError(); /* libxml2 remembers it, for nobody here */
    *ret_count = memory_stop();
    must(dup2(real_stderr, STDERR_FILENO) == STDERR_FILENO);
    result.output = read_fd(captured[STDOUT_FILENO]);
    result.messages = read_fd(captured[STDERR_FILENO]);
    result.file = read_path(job->file);
    return result;
}

static void clear(struct result *result)
{
    free(result->output);
    free(result->messages);
    free(result->file);
}

/* --- one job, with this or that allocation failing --- */

static void say_job(const struct job *job, FILE *out)
{
    /* A domain can be an argument. */
    for (int i = 0; i < job->argc; i++)
        fprintf(out, "%s%.*s", i ? " " : "", (int)strcspn(job->argv[i], "\n"), job->argv[i]);
}

static bool same(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

/* libxml2 prints a line of its own where it can do without some memory, before the program's. */
static bool same_messages(const char *a, const char *b)
{
    size_t length = strlen(a), wanted = strlen(b);

    return length >= wanted && !strcmp(a + length - wanted, b);
}

/* What is wrong with the @result, NULL: nothing. @file is what the job's file was before. */
static const char *judge(const struct result *result, const struct result *good, const char *file)
{
    if (result->status == good->status)
        return !same(result->output, good->output)                ? "another output"
               : !same_messages(result->messages, good->messages) ? "other messages"
               : !same(result->file, good->file)                  ? "another file"
                                                                  : NULL;
    if (result->status != STATUS_NOMEM)
        return "neither status 7 nor success";
    if (*result->output)
        return "output in spite of failure";
    if (!strstr(result->messages, "memory"))
        return "nobody was told that there is no memory";
    return same(result->file, file) ? NULL : "a file was touched in spite of failure";
}

static void restore_file(const struct job *job, const char *file)
{
    if (!job->file)
        return;
    if (file)
        write_path(job->file, file);
    else
        must(!unlink(job->file) || errno == ENOENT);
}

static void try_job(const struct job *job, size_t fail, const struct result *good, const char *file)
{
    struct memory_count count;
    struct result result;
    const char *wrong;

    restore_file(job, file);
    memory_start(fail);
    result = run(job, &count);
    wrong = judge(&result, good, file);
    if (!wrong && count.kept)
        wrong = "memory is not freed";
    if (wrong) {
        say_job(job, stderr);
        fprintf(stderr, ": allocation %zu fails: %s (status %d, %ld blocks kept)\n%s", fail, wrong,
                result.status, count.kept, result.messages);
        exit(1);
    }
    clear(&result);
}

/* Has this chain of calls been tried often enough? */
static bool is_new(size_t place)
{
    size_t at = place % PLACES;

    while (seen[at] && seen[at] != place)
        at = (at + 1) % PLACES;
    seen[at] = place;
    if (tried[at] >= TRIES_PER_PLACE)
        return false;
    tried[at]++;
    return true;
}

static void do_job(const struct job *job)
{
    static size_t places[ALLOCATIONS_MAX];
    char *file = read_path(job->file);
    struct memory_count count, again;
    struct result good, warm;
    size_t stride, failures = 0;

    memory_start(0);
    warm = run(job, &count); /* libxml2 keeps what it makes at its first use */
    restore_file(job, file);
    memory_record(places, ALLOCATIONS_MAX);
    good = run(job, &again);
    must(!judge(&good, &warm, file) && !again.kept && again.allocations <= ALLOCATIONS_MAX);
    stride = getenv("VTOPO_EVERY") ? 1 : again.allocations / TRIES_PER_JOB + 1;
    for (size_t n = 1; n <= again.allocations; n++) {
        if (places[n - 1] == MEMORY_SPARED || (!is_new(places[n - 1]) && n % stride))
            continue;
        try_job(job, n, &good, file);
        failures++;
    }
    restore_file(job, file);
    say_job(job, stdout);
    printf(": %zu allocations, %zu made to fail\n", again.allocations, failures);
    fflush(stdout);
    clear(&good);
    clear(&warm);
    free(file);
}

/* --- jobs --- */

static void add(struct job *job, const char *argument)
{
    must(job->argc < ARGUMENTS);
    job->argv[job->argc] = strdup(argument);
    must(job->argv[job->argc++] != NULL);
}

static struct job new_job(program_main *main, const char *name, const char *host)
{
    struct job job = {.main = main};

    add(&job, name);
    add(&job, "--host");
    add(&job, host);
    return job;
}

static void free_job(struct job *job)
{
    for (int i = 0; i < job->argc; i++)
        free(job->argv[i]);
}

/* Adds each line of the text, and frees it. */
static void add_lines(struct job *job, char *text)
{
    char *save = NULL;

    for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
         line = strtok_r(NULL, "\n", &save))
        add(job, line);
    free(text);
}

#define PLAN FUZZ_SOURCE "/tests/golden/small/plan.json"

static char work_path[] = "/dev/shm/vtopo-chaos-XXXXXX";

/* The jobs of one input: as the options say, and what else can be made of it. */
static void do_domain(const struct job *base, const char *domain)
{
    static const char *const more[] = {NULL,
                                       "--explain",
                                       "--explain=json",
                                       "--explain=matrix",
                                       "--explain=svg",
                                       "--explain=dot",
                                       "--diff",
                                       "--undo"};

    for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++) {
        struct job job = *base;

        job.argv[job.argc++] = (char *)(more[i] ? more[i] : "-v");
        job.argv[job.argc++] = (char *)domain;
        do_job(&job);
    }
}

/* The rewritten domain is an input, too, and a file in its place. */
static void do_rewritten(const struct job *base, const char *domain)
{
    struct job job = *base;
    struct memory_count count;
    struct result result;

    job.argv[job.argc++] = (char *)domain;
    memory_start(0);
    result = run(&job, &count);
    job.argc--;
    if (!result.status && strstr(result.output, "ua-vtopo-")) {
        write_path(work_path, result.output);
        do_domain(base, work_path);
        job.argv[job.argc++] = (char *)"--undo";
        job.argv[job.argc++] = (char *)"--in-place";
        job.argv[job.argc++] = work_path;
        job.file = work_path;
        do_job(&job);
    }
    clear(&result);
}

static void do_nccl_topo(const struct job *base, const char *domain)
{
    struct job job = *base;

    job.argv[job.argc++] = (char *)"--nccl-topo";
    job.argv[job.argc++] = work_path;
    job.argv[job.argc++] = (char *)domain;
    job.file = work_path;
    do_job(&job);
}

static bool has_mode(const struct job *job)
{
    for (int i = 0; i < job->argc; i++) {
        if (!strcmp(job->argv[i], "--check") || !strcmp(job->argv[i], "--undo"))
            return true;
    }
    return false;
}

static char *first_line(const char *path)
{
    char *text = read_path(path);

    if (text)
        text[strcspn(text, "\n")] = '\0';
    return text;
}

static char *host_path(const char *name)
{
    static const char *const folders[] = {"../../../examples/hosts", "../../hosts",
                                          "../../../../examples/hosts", "../../../hosts"};
    char *path = NULL;

    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
        free(path);
        must(asprintf(&path, "%s/%s.json", folders[i], name) > 0);
        if (!access(path, R_OK))
            return path;
    }
    fprintf(stderr, "no host '%s'\n", name);
    exit(1);
}

/* A case: its folder is the current one from here on. */
struct inputs {
    char *host, *domain;
};

static struct inputs enter_case(const char *folder)
{
    struct inputs inputs;
    char *name;

    printf("%s\n", folder);
    must(!chdir(folder));
    name = first_line("host");
    must(name != NULL);
    inputs.host = host_path(name);
    inputs.domain = first_line("domain");
    if (!inputs.domain)
        must((inputs.domain = strdup("domain.xml")) != NULL);
    free(name);
    return inputs;
}

static void leave_case(struct inputs *inputs, struct job *job)
{
    free_job(job);
    free(inputs->host);
    free(inputs->domain);
}

static void do_golden(const char *folder)
{
    struct inputs inputs = enter_case(folder);
    struct job job = new_job(vtopo_xml_main, "vtopo-xml", inputs.host);

    add_lines(&job, read_path("options"));
    if (has_mode(&job)) {
        add(&job, inputs.domain);
        do_job(&job);
    } else {
        do_domain(&job, inputs.domain);
        do_rewritten(&job, inputs.domain);
    }
    if (!access("nccl.xml", R_OK))
        do_nccl_topo(&job, inputs.domain);
    leave_case(&inputs, &job);
}

static void add_text(struct job *job, const char *option, const char *path)
{
    char *text = read_path(path);

    must(text != NULL);
    add(job, option);
    add(job, text);
    free(text);
}

static void do_hook(const char *folder)
{
    struct inputs inputs = enter_case(folder);
    struct job job = new_job(kubevirt_main, "onDefineDomain", inputs.host);

    add_text(&job, "--vmi", "vmi.json");
    add_text(&job, "--domain", inputs.domain);
    if (!access("policy.json", R_OK)) {
        add(&job, "--config");
        add(&job, "policy.json");
    }
    do_job(&job);
    leave_case(&inputs, &job);
}

static void do_place(const char *path, const char *style)
{
    struct job job = new_job(vtopo_host_main, "vtopo-host", path);

    add(&job, "place");
    add(&job, "--nics=1");
    add(&job, "--cpus=2");
    add(&job, "--memory=1G");
    add(&job, style);
    do_job(&job);
    free_job(&job);
}

static void do_prepare(const char *path)
{
    static const char *const forms[] = {"text",      "json", "cmdline",  "modprobe",
                                        "driverctl", "nova", "kubevirt", "proxmox"};

    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        struct job job = new_job(vtopo_host_main, "vtopo-host", path);

        add(&job, "prepare");
        add(&job, "--node=pve1");
        add(&job, "--format");
        add(&job, forms[i]);
        do_job(&job);
        free_job(&job);
    }
}

static void do_host(const char *path)
{
    static const char *const commands[][2] = {
        {"show", NULL},      {"show", "--json"},    {"show", "--svg"},
        {"devices", NULL},   {"devices", "--json"}, {"check", NULL},
        {"check", "--json"}, {"compare", PLAN},     {"save", work_path},
    };

    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
        struct job job = new_job(vtopo_host_main, "vtopo-host", path);

        add(&job, commands[i][0]);
        if (commands[i][1])
            add(&job, commands[i][1]);
        if (!strcmp(commands[i][0], "save"))
            job.file = work_path;
        do_job(&job);
        free_job(&job);
    }
    do_place(path, "--most=2");
    do_place(path, "--json");
    do_prepare(path);
}

/* A page of two hosts. */
static void do_report(const char *path)
{
    struct job job = {.main = vtopo_host_main};

    add(&job, "vtopo-host");
    add(&job, "report");
    add(&job, path);
    add(&job, path);
    do_job(&job);
    add(&job, "-o");
    add(&job, work_path);
    job.file = work_path;
    do_job(&job);
    free_job(&job);
}

/* Into which port a device is plugged: one of the host of golden case "small", and one that it
 * lacks. */
static void do_port(const char *path)
{
    struct job job = new_job(vtopo_host_main, "vtopo-host", path);

    add(&job, "place");
    add(&job, "0000:3d:00.1");
    add(&job, "--domain");
    add(&job, FUZZ_SOURCE "/tests/domains/small.xml");
    do_job(&job);
    add(&job, "--json");
    do_job(&job);
    free_job(&job);
}

static void do_host_and_report(const char *path)
{
    do_host(path);
    do_port(path);
    do_report(path);
}

static void do_archive(const char *path)
{
    char *text = read_path(path);
    const char *tree;
    struct job job;

    must(text != NULL);
    tree = archive_unpack((const uint8_t *)text, strlen(text));
    job = new_job(vtopo_xml_main, "vtopo-xml", tree);
    add(&job, FUZZ_SOURCE "/tests/fuzz/devices.xml");
    do_job(&job);
    free(job.argv[--job.argc]);
    add(&job, FUZZ_SOURCE "/tests/fuzz/mediated.xml");
    do_job(&job);
    free_job(&job);
    do_host_and_report(tree);
    free(text);
}

static void remove_work(void)
{
    unlink(work_path);
}

static void start(void)
{
    int fd = mkstemp(work_path);

    must(fd >= 0);
    close(fd);
    atexit(remove_work);
    atexit(on_exit_in_program);
    real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    for (int i = STDOUT_FILENO; i <= STDERR_FILENO; i++)
        captured[i] = fcntl(memfd_create("chaos", MFD_CLOEXEC), F_DUPFD_CLOEXEC, 10);
    must(real_stderr > 0 && captured[1] > 0 && captured[2] > 0);
    stdout = fdopen(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10), "w");
    must(stdout != NULL);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*act)(const char *path);
    } kinds[] = {{"--golden", do_golden},
                 {"--hook", do_hook},
                 {"--host", do_host_and_report},
                 {"--archive", do_archive}};
    void (*act)(const char *path) = NULL;
    size_t jobs = 0;

    start();
    for (int i = 1; i < argc; i++) {
        bool is_kind = false;

        for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
            if (!strcmp(argv[i], kinds[k].name)) {
                act = kinds[k].act;
                is_kind = true;
            }
        }
        if (is_kind)
            continue;
        must(act != NULL);
        act(argv[i]);
        jobs++;
    }
    return jobs ? 0 : 1;
}
