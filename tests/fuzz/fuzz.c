/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz.c - see fuzz.h
 *
 * Takes:  what the targets have parsed.
 * Gives:  nothing, or a crash.
 * Rule:   uses the public headers as a program does; the laws are those of a rewrite R and of
 *         taking it back, U: R(R(x)) = R(x), R(U(R(x))) = R(x) but for the order of lines (ports
 *         that libvirt would add are written down and stay; libvirt sorts controllers), and U(x)
 *         has nothing left to take back.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void fuzz_must(bool holds, const char *what, const char *file, int line)
{
    if (holds)
        return;
    fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
    abort();
}

bool fuzz_done(int code, struct vtopo_error **error)
{
    const char *message;

    if (!code)
        return true;
    must(*error != NULL);
    message = vtopo_error_message(*error);
    if (code == VTOPO_ERR_BUG)
        fprintf(stderr, "%s\n", message);
    must(code == vtopo_error_code(*error) && code != VTOPO_ERR_BUG);
    must(!strpbrk(message, "\n\033"));
    vtopo_error_free(*error);
    *error = NULL;
    return false;
}

static char *source_path(const char *path)
{
    char *full = NULL;

    must(asprintf(&full, "%s/%s", FUZZ_SOURCE, path) > 0);
    return full;
}

struct vtopo_host *fuzz_read_host(const char *path)
{
    char *full = source_path(path);
    struct vtopo_host *host = NULL;

    must(!vtopo_host_read(full, NULL, &host, NULL));
    free(full);
    return host;
}

struct vtopo_domain *fuzz_read_domain(const char *path)
{
    static char text[65536];
    char *full = source_path(path);
    struct vtopo_domain *domain = NULL;
    FILE *file = fopen(full, "re");
    size_t length;

    must(file != NULL);
    length = fread(text, 1, sizeof(text), file);
    must(length < sizeof(text) && !fclose(file));
    must(!vtopo_domain_parse(text, length, full, &domain, NULL));
    free(full);
    return domain;
}

const char *fuzz_file(const uint8_t *data, size_t size)
{
    static char name[64];
    static int fd = -1;

    if (fd < 0)
        fd = memfd_create("fuzz", MFD_CLOEXEC);
    must(fd >= 0 && !ftruncate(fd, 0));
    must(pwrite(fd, data, size, 0) == (ssize_t)size);
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    return name;
}

static struct vtopo_domain *parse_output(const char *text, size_t length)
{
    struct vtopo_domain *domain = NULL;
    struct vtopo_error *error = NULL;
    int code;

    must(text[length] == '\0' && strlen(text) == length);
    code = vtopo_domain_parse(text, length, "output", &domain, &error);
    if (code)
        fprintf(stderr, "%s\n%s\n", vtopo_error_message(error), text);
    must(!code);
    return domain;
}

/* NULL: refused. */
static char *rewrite(const struct vtopo_host *host, const struct vtopo_domain *domain,
                     const struct vtopo_policy *policy, size_t *ret_length)
{
    struct vtopo_plan *plan = NULL;
    struct vtopo_error *error = NULL;
    char *text = NULL;

    if (!fuzz_done(vtopo_plan_make(host, domain, policy, &plan, &error), &error))
        return NULL;
    if (!fuzz_done(vtopo_plan_apply(plan, domain, &text, ret_length, &error), &error))
        text = NULL;
    vtopo_plan_free(plan);
    return text;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Puts the lines of the text, or what else is between separators, in order, in its place. */
static void sort_parts(char *text, const char *separator)
{
    size_t count = 0, size = strlen(text) + 1;
    char **lines = malloc(size * sizeof(*lines)), *sorted = malloc(size), *end = sorted,
         *save = NULL;

    must(lines && sorted);
    for (char *line = strtok_r(text, separator, &save); line;
         line = strtok_r(NULL, separator, &save))
        lines[count++] = line;
    if (count)
        qsort(lines, count, sizeof(*lines), compare_lines);
    *end = '\0';
    for (size_t i = 0; i < count; i++)
        end = stpcpy(stpcpy(end, lines[i]), i + 1 < count ? separator : "");
    strcpy(text, sorted);
    free(lines);
    free(sorted);
}

/* The number that an attribute of a tag says; 0: none. */
static unsigned long number_of(const char *tag, const char *end, const char *name)
{
    const char *at = memmem(tag, (size_t)(end - tag), name, strlen(name));

    at = at ? strpbrk(at, "'\"") : NULL;
    return at && at < end ? strtoul(at + 1, NULL, 0) : 0;
}

/* A copy without blanks, in which addresses are numbers. */
static char *in_one_spelling(const char *text)
{
    char *out = malloc(strlen(text) * 4 + 1), *end = out;

    must(out != NULL);
    while (*text) {
        const char *tag_end = strchr(text, '>');

        if (!strncmp(text, "<address", strlen("<address")) && tag_end) {
            end += sprintf(end, "<%lx %lx %lx %lx", number_of(text, tag_end, "domain"),
                           number_of(text, tag_end, "bus"), number_of(text, tag_end, "slot"),
                           number_of(text, tag_end, " function"));
            text = tag_end;
        } else if (!strncmp(text, "</address>", strlen("</address>"))) {
            text += strlen("</address");
        } else if (!strchr(" \t\r\n", *text)) {
            *end++ = *text;
        }
        text++;
    }
    *end = '\0';
    return out;
}

static bool same_parts(char *first, char *second, const char *separator)
{
    bool same;

    must(first && second);
    sort_parts(first, separator);
    sort_parts(second, separator);
    same = !strcmp(first, second);
    free(first);
    free(second);
    return same;
}

/* Of a place that is not remembered, because libvirt puts something else there, neither the
 * spelling nor where in its line it was is known after an undo. */
static bool same_lines(const char *a, const char *b)
{
    return same_parts(strdup(a), strdup(b), "\n") ||
           (strstr(a, "made=\"address\"") &&
            same_parts(in_one_spelling(a), in_one_spelling(b), "<"));
}

static void must_become(const struct vtopo_host *host, const struct vtopo_domain *domain,
                        const struct vtopo_policy *policy, const char *text,
                        bool (*same)(const char *, const char *), const char *law)
{
    size_t length;
    char *again = rewrite(host, domain, policy, &length);
    bool good = again && same(again, text);

    if (!good)
        fprintf(stderr, "%s\n---- once:\n%s\n---- again:\n%s\n", law, text,
                again ? again : "refused");
    must(good);
    free(again);
}

static bool same_text(const char *a, const char *b)
{
    return !strcmp(a, b);
}

/* Does the rewrite of @without undo to the text of @without? */
static bool undoes_to_itself(const struct vtopo_host *host, const struct vtopo_domain *without,
                             const struct vtopo_policy *policy)
{
    struct vtopo_domain *output;
    char *undone = NULL, *again;
    size_t length;
    bool good;

    again = rewrite(host, without, policy, &length);
    if (!again)
        return false;
    output = parse_output(again, length);
    must(!vtopo_domain_undo(output, &undone, &length, NULL));
    good = same_lines(undone, vtopo_domain_text(without, NULL));
    vtopo_domain_free(output);
    free(undone);
    free(again);
    return good;
}

/* Has vtopo built something for a device? */
static bool has_built(const char *text)
{
    return strstr(text, "<alias name='ua-vtopo-pxb") || strstr(text, "<alias name='ua-vtopo-rp") ||
           strstr(text, "<alias name='ua-vtopo-b");
}

/* A copy without the ports that only take an index. */
static char *without_gap_ports(const char *text)
{
    static const char end[] = "</controller>";
    char *copy = strdup(text), *alias;

    must(copy != NULL);
    while ((alias = strstr(copy, "<alias name='ua-vtopo-gap-"))) {
        char *from = alias, *to = strstr(alias, end);

        while (from > copy && strncmp(from, "<controller ", strlen("<controller ")) != 0)
            from--;
        to = to ? to + strlen(end) : alias + strlen(alias);
        memmove(from, to, strlen(to) + 1);
    }
    return copy;
}

/* Where nothing is built, indexes are filled only if something was taken out. */
static bool same_but_gaps(const char *a, const char *b)
{
    char *first, *second;
    bool same = same_lines(a, b);

    if (same || has_built(a) || has_built(b))
        return same;
    first = without_gap_ports(a);
    second = without_gap_ports(b);
    same = same_parts(in_one_spelling(first), in_one_spelling(second), "<");
    free(first);
    free(second);
    return same;
}

/*
 * @untouched: the text was the input, too. What others have put into a controller of vtopo's (text,
 * comments) survives as long as nothing is to be done, and goes with the controller.
 */
static void check_undo(const struct vtopo_host *host, const struct vtopo_domain *domain,
                       const struct vtopo_policy *policy, const char *text, bool untouched)
{
    struct vtopo_error *error = NULL;
    struct vtopo_domain *without;
    char *undone = NULL, *twice = NULL;
    size_t length;

    if (!fuzz_done(vtopo_domain_undo(domain, &undone, &length, &error), &error))
        return;
    without = parse_output(undone, length);
    must(!vtopo_domain_undo(without, &twice, &length, NULL));
    must(!strcmp(undone, twice));
    if (text && !(untouched && undoes_to_itself(host, without, policy)))
        must_become(host, without, policy, text, same_but_gaps, "R(U(R(x))) = R(x)");
    vtopo_domain_free(without);
    free(undone);
    free(twice);
}

static void check_text(const struct vtopo_host *host, const struct vtopo_policy *policy,
                       const char *text, size_t length, bool untouched)
{
    struct vtopo_domain *output = parse_output(text, length);

    must_become(host, output, policy, text, same_text, "R(R(x)) = R(x)");
    check_undo(host, output, policy, text, untouched);
    vtopo_domain_free(output);
}

static bool is_xml(const char *text)
{
    xmlDoc *document =
        xmlReadMemory(text, (int)strlen(text), NULL, NULL,
                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE);
    bool is = document;

    xmlFreeDoc(document);
    return is;
}

static void check_explanation(const struct vtopo_plan *plan)
{
    char *text = NULL;
    json_t *json;

    must(!vtopo_plan_format(plan, VTOPO_PLAN_TREE, true, &text, NULL));
    free(text);
    must(!vtopo_plan_format(plan, VTOPO_PLAN_JSON, false, &text, NULL));
    json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    must(json != NULL);
    json_decref(json);
    free(text);
    must(!vtopo_plan_format(plan, VTOPO_PLAN_MATRIX, true, &text, NULL));
    free(text);
    must(!vtopo_plan_format(plan, VTOPO_PLAN_DOT, false, &text, NULL));
    free(text);
    must(!vtopo_plan_format(plan, VTOPO_PLAN_SVG, false, &text, NULL));
    must(is_xml(text));
    free(text);
}

void fuzz_plan(const struct vtopo_host *host, const struct vtopo_domain *domain,
               const struct vtopo_policy *policy)
{
    struct vtopo_plan *plan = NULL;
    struct vtopo_error *error = NULL;
    char *text = NULL;
    size_t length;

    if (!fuzz_done(vtopo_plan_make(host, domain, policy, &plan, &error), &error))
        return;
    check_explanation(plan);
    if (fuzz_done(vtopo_plan_apply(plan, domain, &text, &length, &error), &error)) {
        must(vtopo_plan_is_realised(plan) == !strcmp(text, vtopo_domain_text(domain, NULL)));
        check_text(host, policy, text, length, vtopo_plan_is_realised(plan));
    }
    vtopo_plan_free(plan);
    free(text);
}

/* Findings there or not: what comes out is text of the right kind. */
static void check_host(const struct vtopo_host *host)
{
    char *text = NULL, *json = NULL;
    size_t found, again;

    must(!vtopo_host_check(host, NULL, 0, false, VTOPO_HOST_TEXT, &text, &found, NULL));
    must(!vtopo_host_check(host, NULL, 0, false, VTOPO_HOST_JSON, &json, &again, NULL));
    must(found == again && *text &&
         !found == !strncmp(text, "nothing found", strlen("nothing found")));
    free(text);
    free(json);
}

/* A picture is XML, and so is what a page has of it. */
static void check_pictures(const struct vtopo_host *host)
{
    struct vtopo_report *report = NULL;
    char *text = NULL;

    must(!vtopo_host_draw(host, VTOPO_HOST_SVG, &text, NULL));
    must(is_xml(text));
    free(text);
    must(!vtopo_report_new(&report, NULL) && !vtopo_report_add(report, "<&\"'>", host, NULL));
    must(!vtopo_report_format(report, &text, NULL));
    must(!strstr(text, "<script") && strstr(text, "&lt;&amp;&quot;&#39;&gt;"));
    vtopo_report_free(report);
    free(text);
}

void fuzz_show_host(const struct vtopo_host *host)
{
    struct vtopo_host *again = NULL;
    struct vtopo_error *error = NULL;
    char *text = NULL, *same = NULL;

    must(!vtopo_host_format(host, &text, NULL));
    if (!fuzz_done(vtopo_host_read(fuzz_file((uint8_t *)text, strlen(text)), NULL, &again, &error),
                   &error))
        fprintf(stderr, "%s\n", text);
    must(again && !vtopo_host_format(again, &same, NULL));
    must(!strcmp(text, same));
    check_host(host);
    check_pictures(host);
    vtopo_host_free(again);
    free(text);
    free(same);
}
