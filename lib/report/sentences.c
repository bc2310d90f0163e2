/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sentences.c - see sentences.h */
#include "report/sentences.h"

#include "json/writer.h"

void sentences_add(struct sentences *sentences, char *text)
{
    char **item = text ? vec_add(&sentences->items) : NULL;

    if (item)
        *item = text;
    else
        free(text);
    sentences->failed = sentences->failed || !item;
}

void sentences_clear(struct sentences *sentences)
{
    for (size_t i = 0; i < sentences->items.count; i++)
        free(sentences->items.items[i]);
    free(sentences->items.items);
    *sentences = (struct sentences){0};
}

void sentences_write(const struct sentences *sentences, const char *key, struct json_writer *json)
{
    bool ascii = json->ascii;

    json_open(json, key, '[');
    json->ascii = false;
    for (size_t i = 0; i < sentences->items.count; i++)
        json_text(json, NULL, sentences->items.items[i]);
    json->ascii = ascii;
    json_close(json, ']');
    json->out.failed |= sentences->failed;
}
