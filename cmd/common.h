/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * common.h - what the programs share: exit statuses, messages, reading and printing whole texts
 *
 * Every function here that can fail has already told the user why, in one line on stderr, when it
 * returns another status than STATUS_DONE.
 */
#ifndef VTOPO_CMD_COMMON_H
#define VTOPO_CMD_COMMON_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <vtopo/error.h>

/* Exit statuses: 0, 1, and the library's codes with the sign turned. */
enum status {
    STATUS_DONE = 0,
    STATUS_DIFFERS = 1, /* --check and the like: something differs or was found */
    STATUS_LACKS = 8,   /* --check: nothing would change, and the guest lacks the host's topology */
    STATUS_USAGE = -VTOPO_ERR_USAGE,
    STATUS_DOMAIN = -VTOPO_ERR_DOMAIN,
    STATUS_HOST = -VTOPO_ERR_HOST,
    STATUS_REFUSED = -VTOPO_ERR_REFUSED,
    STATUS_FILE = -VTOPO_ERR_FILE,
    STATUS_NOMEM = -VTOPO_ERR_NOMEM,
    STATUS_BUG = -VTOPO_ERR_BUG,
};

/*
 * A closed stdin, stdout or stderr does not become the number of a file that is opened later.
 * false: one is closed, and there is no /dev/null.
 */
bool open_standard_files(void);

/*
 * The first call of main(): open_standard_files() or exit with STATUS_FILE; a reader that goes away
 * is an error of write(); wrong usage exits with STATUS_USAGE.
 */
void start_program(void);

/*
 * A child parser with --help, --usage and --version; parse with parse_arguments().
 * Put it last: {&common_argp, 0, NULL, -1}.
 */
extern const struct argp common_argp;

/* argp_parse() with its own --help left out, because that does not notice that stdout is full. */
int parse_arguments(const char *program, const struct argp *argp, int argc, char **argv,
                    void *input);

/* @ret becomes @arg; where it is something already, the program ends with STATUS_USAGE. */
void set_once(const char **ret, const char *what, const char *arg, struct argp_state *state);

/* Ends the program behind --help and the like; their output is a product like any other. */
void finish_stdout(const char *program) __attribute__((noreturn));

/* The help_filter of a program's struct argp: drops argp's two-line note, so that help fits a
 * screen. */
char *filter_help(int key, const char *text, void *input);

/* "PROGRAM: TEXT" on stderr: one line, which is wrapped on a terminal only. */
void print_message(const char *program, const char *text);

/* The same; control characters (of file names) become "?". */
void complain(const char *program, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints @error, frees it and returns its exit status. */
int fail(const char *program, struct vtopo_error *error);

/* Says so; returns the status. */
int no_memory(const char *program);

/*
 * Read a whole file, or stdin if @path is NULL or "-".  Of a longer input the first @limit + 1
 * bytes are given, so that whoever parses it can refuse it in its own words.
 *
 * @ret_text  on success: NUL-terminated; free with free()
 */
int read_input(const char *program, const char *path, size_t limit, char **ret_text,
               size_t *ret_length);

/* Write everything; false: errno says why not. */
bool write_all(int fd, const char *text, size_t length);

/* Write everything to stdout, and close it: a full disk may say so only then. */
int write_stdout(const char *program, const char *text, size_t length);

#endif
