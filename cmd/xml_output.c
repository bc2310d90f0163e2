/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xml_output.c - see xml_output.h
 *
 * Takes:  options, a plan, texts.
 * Gives:  stdout or files for programs, stderr for people.
 * Rule:   a command that is printed can be copied into a shell as it is; of two files both are
 *         written or none, and never two into one.
 * Not here: how a file is written whole or not at all (write_file.c).
 */
#include "xml_output.h"

#include "base/printable.h"
#include "blocked_signals.h"
#include "common.h"
#include "quote.h"
#include "terminal.h"
#include "write_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --explain has the findings in its product. */
int print_xml_findings(const struct xml_options *o, const struct vtopo_plan *plan,
                       const char *advice)
{
    struct message_options options = {XML_PROGRAM, o->quiet, o->verbose};

    return !plan || o->explain ? STATUS_DONE : print_findings(&options, plan, advice);
}

/* --- what --check found --- */

/* The copy of an argument that may be printed.  Nothing longer than PATH_MAX could be opened. */
static const char *clean(const char *word, char text[PATH_MAX])
{
    snprintf(text, PATH_MAX, "%s", word);
    printable(text, false);
    return text;
}

static void print_option(const char *name, const char *value)
{
    char quoted[QUOTED_SIZE(PATH_MAX)];

    if (value)
        fprintf(stderr, " %s %s", name, quote_if_needed(value, quoted, sizeof(quoted)));
}

static void print_policy_options(const struct xml_options *options)
{
    for (size_t i = 0; i < POLICY_OPTIONS; i++) {
        if (!policy_option_table[i].is_flag)
            print_option(policy_option_table[i].name, options->policy.values[i]);
        else if (options->policy.values[i])
            fprintf(stderr, " %s", policy_option_table[i].name);
    }
}

/* The command that makes the domain what --check wants.  What is @running must not be defined. */
static void print_repair(const struct xml_options *o, bool running)
{
    const char *end = o->input && *o->input == '-' ? " --" : "";
    bool file = o->input && !running;
    char quoted[QUOTED_SIZE(PATH_MAX)];

    if (!file)
        fputs(" virsh dumpxml --inactive --security-info VM |", stderr);
    fputs(" " XML_PROGRAM, stderr);
    print_option("--host", o->policy.host);
    print_option("--config", o->policy.config);
    print_policy_options(o);
    for (size_t i = 0; i < o->policy.cdi_dir_count; i++)
        print_option("--cdi-dir", o->policy.cdi_dirs[i]);
    if (o->undo)
        fputs(" --undo", stderr);
    if (!file) {
        fputs(" | virsh define /dev/stdin", stderr);
        return;
    }
    quote_if_needed(o->input, quoted, sizeof(quoted));
    fprintf(stderr, " --in-place%s %s && virsh define%s %s", end, quoted, end, quoted);
}

static bool is_of_running_guest(const struct vtopo_plan *plan)
{
    for (size_t i = 0; i < vtopo_plan_finding_count(plan); i++) {
        if (vtopo_plan_finding_id(plan, i) == VTOPO_FINDING_RUNNING)
            return true;
    }
    return false;
}

void print_difference(const struct xml_options *options, const struct vtopo_plan *plan)
{
    const char *what = plan ? vtopo_plan_difference(plan) : "vtopo's controllers go";
    char name[PATH_MAX];

    clean(input_name(options), name);
    what = what ? what : "other text";
    /* On a terminal the command has a line of its own, so that it can be copied. */
    if (message_width()) {
        complain(XML_PROGRAM, "%s would change: %s; to repair:", name, what);
        fputs("   ", stderr);
    } else {
        fprintf(stderr, XML_PROGRAM ": %s would change: %s; to repair:", name, what);
    }
    print_repair(options, plan && is_of_running_guest(plan));
    fputc('\n', stderr);
}

/* The same words as the qemu hook's (hooks/vtopo-qemu-hook.c). */
void print_lack(const struct xml_options *options, const struct vtopo_plan *plan)
{
    char name[PATH_MAX];

    complain(
        XML_PROGRAM,
        "nothing would change in %s, but its guest starts without its host's topology: %s; --explain says what would help",
        clean(input_name(options), name), vtopo_plan_lack(plan));
}

/* --- which files --- */

/* The file that the product goes to; NULL: stdout, or nowhere. */
static const char *product_file(const struct xml_options *o)
{
    return o->in_place ? o->input : o->output;
}

static bool is_given(const char *option, const char *path)
{
    return option && is_same_file(option, path);
}

static bool is_input(const struct xml_options *o, const char *path)
{
    return o->input ? is_same_file(o->input, path) : is_open_file(path, STDIN_FILENO);
}

static bool is_setting(const struct xml_options *o, const char *path)
{
    return is_given(o->policy.host, path) ||
           is_same_file(o->policy.config ? o->policy.config : DEFAULT_CONFIG, path);
}

/* NULL: nothing is wrong with it. */
static const char *find_clash_of_nccl(const struct xml_options *o)
{
    if (!o->nccl_topo)
        return NULL;
    if (is_given(product_file(o), o->nccl_topo))
        return "--nccl-topo and the domain go to different files: give two";
    if (is_input(o, o->nccl_topo))
        return "--nccl-topo would replace the domain that is read: name another file";
    if (is_setting(o, o->nccl_topo))
        return "--nccl-topo would replace the file of --host or --config: name another file";
    if (is_open_file(o->nccl_topo, STDOUT_FILENO) || is_open_file(o->nccl_topo, STDERR_FILENO))
        return "--nccl-topo names the file that stdout or stderr goes to: name another file";
    return NULL;
}

static const char *find_clash_of_output(const struct xml_options *o)
{
    if (!o->output)
        return NULL;
    if (is_setting(o, o->output))
        return "--output would replace the file of --host or --config: name another file";
    if ((o->explain || o->diff) && is_input(o, o->output))
        return "--output would replace the domain with what is none: name another file";
    return NULL;
}

/* "-o /dev/stdout", where stdout is a pipe or appends to a file. */
static bool is_stdout(const char *path)
{
    struct stat file, out;

    return !stat(path, &file) && !fstat(STDOUT_FILENO, &out) && file.st_dev == out.st_dev &&
           file.st_ino == out.st_ino;
}

int check_files(struct xml_options *options)
{
    const char *clash = find_clash_of_nccl(options);

    if (!clash)
        clash = find_clash_of_output(options);
    if (clash) {
        complain(XML_PROGRAM, "%s", clash);
        return STATUS_USAGE;
    }
    if (options->output && is_stdout(options->output))
        options->output = NULL;
    return STATUS_DONE;
}

/* --- the product --- */

struct product {
    const char *text;
    size_t length;
    const char *file; /* NULL: stdout */
    bool is_wanted;
};

static struct product product_of(const struct xml_options *o, const char *text, size_t length,
                                 bool differs)
{
    return (struct product){
        .text = text,
        .length = length,
        .file = product_file(o),
        .is_wanted = o->in_place ? differs : !o->check || o->diff,
    };
}

static int write_one(const struct product *product)
{
    if (!product->is_wanted)
        return STATUS_DONE;
    if (product->file)
        return write_file(XML_PROGRAM, product->file, product->text, product->length);
    return write_stdout(XML_PROGRAM, product->text, product->length);
}

static int write_stdout_until_signal(const struct product *product,
                                     const struct blocked_signals *blocked)
{
    if (write_until_signal(STDOUT_FILENO, product->text, product->length, blocked) &&
        !close(STDOUT_FILENO))
        return STATUS_DONE;
    if (!signal_has_come(blocked))
        complain(XML_PROGRAM, "cannot write to stdout: %s", strerror(errno));
    return STATUS_FILE;
}

/* What can be taken back comes first: bytes on stdout cannot. */
static int place_both(struct new_file *nccl, struct new_file *file, const struct product *product,
                      const struct blocked_signals *blocked)
{
    int status = signal_has_come(blocked) ? STATUS_FILE : new_file_place(XML_PROGRAM, nccl);

    if (!status && file)
        return new_file_place(XML_PROGRAM, file);
    if (!status && product->is_wanted)
        return write_stdout_until_signal(product, blocked);
    return status;
}

static int write_both(const struct xml_options *o, const struct product *product,
                      const char *nccl_topo, const struct blocked_signals *blocked)
{
    struct new_file *nccl = NULL, *file = NULL;
    int status = new_file(XML_PROGRAM, o->nccl_topo, nccl_topo, strlen(nccl_topo), &nccl);

    if (!status && product->is_wanted && product->file)
        status = new_file(XML_PROGRAM, product->file, product->text, product->length, &file);
    if (!status)
        status = place_both(nccl, file, product, blocked);
    if (status) {
        new_file_drop(file);
        new_file_drop(nccl);
        return status;
    }
    new_file_keep(file);
    new_file_keep(nccl);
    return STATUS_DONE;
}

int write_results(const struct xml_options *options, const char *text, size_t length, bool differs,
                  const char *nccl_topo)
{
    struct product product = product_of(options, text, length, differs);
    struct blocked_signals blocked;
    int status;

    if (!nccl_topo)
        return write_one(&product);
    block_signals(&blocked);
    status = write_both(options, &product, nccl_topo, &blocked);
    unblock_signals(&blocked);
    return status;
}
