/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matrix_table.c - the tables of a matrix
 *
 * Takes:  rows.
 * Gives:  lines: a word for each pair, CPUs and NUMA node of each device.
 * Rule:   host and guest are side by side where both fit a line, else one below the other. A word
 *         of the guest's that is not the host's has a "*": a colour is not needed to see it. What
 *         is not known is not said to differ.
 * Not here: what the words mean (matrix.c).
 */
#include "report/matrix_parts.h"

#include "base/wrap.h"
#include "report/style.h"

#include <stdio.h>
#include <string.h>

#define INDENT 2
#define BETWEEN 2 /* of two tables in one line */
#define WORD_SIZE 8
#define CPUS "CPU Affinity"
#define NODE "NUMA"

/* One of the two tables. */
struct table {
    struct matrix *matrix;
    enum matrix_side side;
    const char *title;
    bool nvlink;
    size_t count;
    size_t name_width, word_width, cpus_width;
};

static struct table table_of(struct matrix *m, enum matrix_side side, const char *title,
                             bool nvlink, size_t count)
{
    struct table table = {m, side, title, nvlink, count, 0, sizeof("NODE*"), sizeof(CPUS)};

    for (size_t i = 0; i < count; i++) {
        size_t name = strlen(m->rows[i].name) + 2, cpus = strlen(m->rows[i].cpus[side]) + 1;

        table.name_width = name > table.name_width ? name : table.name_width;
        table.cpus_width = cpus > table.cpus_width ? cpus : table.cpus_width;
    }
    if (table.name_width > table.word_width)
        table.word_width = table.name_width;
    return table;
}

static size_t width_of(const struct table *table)
{
    return table->name_width + table->count * table->word_width + table->cpus_width + strlen(NODE) +
           1;
}

static void add_cell(const struct matrix *m, const char *text, bool differs, size_t width)
{
    size_t length = strlen(text);

    style_add(m->out, text, differs ? STYLE_WARNING : STYLE_PLAIN, m->colour && differs);
    buffer_add_times(m->out, " ", width > length ? width - length : 0);
}

static void add_title(const struct table *table, size_t width)
{
    size_t length = strlen(table->title);

    style_add(table->matrix->out, table->title, STYLE_HEADING, table->matrix->colour);
    buffer_add_times(table->matrix->out, " ", width > length ? width - length : 0);
}

static void add_heading(const struct table *table)
{
    const struct matrix *m = table->matrix;

    buffer_add_times(m->out, " ", table->name_width);
    style_start(m->out, STYLE_DIM, m->colour);
    for (size_t i = 0; i < table->count; i++)
        add_cell(m, m->rows[i].name, false, table->word_width);
    add_cell(m, CPUS, false, table->cpus_width);
    buffer_add(m->out, NODE);
    style_end(m->out, STYLE_DIM, m->colour);
    buffer_add(m->out, " ");
}

/* The word for a pair; of the guest's whether it is another than the host's. */
static bool make_word(const struct table *table, size_t row, size_t column, char text[WORD_SIZE])
{
    struct matrix *m = table->matrix;
    enum nvidia_path path = matrix_path(m, table->side, row, column);
    enum nvidia_nvlink link =
        table->nvlink ? nvidia_nvlink_between(m->plan, m->rows[row].device, m->rows[column].device)
                      : NVIDIA_NO_NVLINK;
    bool guest = table->side == MATRIX_GUEST;
    bool differs = guest && matrix_differs(m, row, column);

    if (link == NVIDIA_SWITCHED_NVLINK) {
        m->nvlink = true;
        snprintf(text, WORD_SIZE, "NV#%s", guest && m->fabric_unsure ? "?" : "");
        return false;
    }
    m->maybe_nvlink = m->maybe_nvlink || link == NVIDIA_MAYBE_NVLINK;
    m->words |= 1U << path;
    snprintf(text, WORD_SIZE, "%s%s", nvidia_path_name(path), differs ? "*" : "");
    return differs;
}

static void add_row(const struct table *table, size_t at)
{
    const struct matrix *m = table->matrix;
    const struct matrix_row *row = &m->rows[at];
    bool differs = table->side == MATRIX_GUEST && row->node_differs;
    char text[16];

    add_cell(m, row->name, false, table->name_width);
    for (size_t i = 0; i < table->count; i++) {
        bool word_differs = i != at && make_word(table, at, i, text);

        add_cell(m, i == at ? " X" : text, word_differs, table->word_width);
    }
    add_cell(m, *row->cpus[table->side] ? row->cpus[table->side] : "N/A", false, table->cpus_width);
    if (row->node[table->side] < 0)
        snprintf(text, sizeof(text), "N/A");
    else
        snprintf(text, sizeof(text), "%d", row->node[table->side]);
    snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s", differs ? "*" : "");
    add_cell(m, text, differs, sizeof(NODE));
}

/* The title, the heading, then the rows. */
static void add_line(const struct table *table, size_t line, bool last)
{
    if (!line)
        add_title(table, last ? 0 : width_of(table));
    else if (line == 1)
        add_heading(table);
    else
        add_row(table, line - 2);
}

static void add_side_by_side(const struct table *tables, size_t count)
{
    struct buffer *out = tables->matrix->out;

    buffer_add(out, "\n");
    for (size_t line = 0; line < tables->count + 2; line++) {
        for (size_t i = 0; i < count; i++) {
            buffer_add_times(out, " ", i ? BETWEEN : INDENT);
            add_line(&tables[i], line, i + 1 == count);
        }
        buffer_end_line(out);
    }
}

void matrix_add_tables(struct matrix *matrix, const char *host_title, const char *guest_title,
                       bool nvlink, size_t count)
{
    struct table tables[] = {
        table_of(matrix, MATRIX_HOST, host_title, nvlink, count),
        table_of(matrix, MATRIX_GUEST, guest_title, nvlink, count),
    };

    /* A column of the second one ends in blanks. */
    if (INDENT + width_of(&tables[0]) + BETWEEN + width_of(&tables[1]) - 1 <= WRAP_WIDTH) {
        add_side_by_side(tables, MATRIX_SIDES);
        return;
    }
    add_side_by_side(&tables[0], 1);
    add_side_by_side(&tables[1], 1);
}
