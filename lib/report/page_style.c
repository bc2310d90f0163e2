/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page_style.c - how a page looks, and what is shown of it
 *
 * Takes:  how many models there are to choose from.
 * Gives:  a style sheet.
 * Rule:   choosing works without script: a row of another model than the chosen one is not shown. A
 *         browser that does not know :has() shows all. Words say what colours say.
 */
#include "report/page.h"

#include "draw/svg.h"

static const char style[] =
    ":root{color-scheme:light dark}"
    "body{font:16px/1.45 system-ui,'DejaVu Sans',sans-serif;margin:1.5rem auto;max-width:96rem;"
    "padding:0 1rem;color:#1a1a1a;background:#fff}"
    "h1{font-size:1.7rem}h2{font-size:1.3rem;margin-top:2rem}h3{font-size:1.1rem;margin-bottom:0}"
    "a{color:#0b57a4}code,pre{font-family:'DejaVu Sans Mono',monospace;font-size:.9em}"
    "fieldset{border:1px solid #8a8a8a;border-radius:4px;margin:.5rem 0}"
    "fieldset label{display:inline-block;margin:.15rem 1rem .15rem 0;overflow-wrap:anywhere}"
    ".scroll{overflow-x:auto}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .7rem;border-bottom:1px solid #c4c4c4;"
    "overflow-wrap:anywhere}"
    "th{background:#eef0f3;white-space:nowrap}.gpu td:nth-child(2){white-space:nowrap}"
    "td:first-child,td:nth-child(2){min-width:8em}"
    ".state{border-left:.4rem solid #777}"
    ".free .state{border-left-color:#00805c}.used .state{border-left-color:#0b66a3}"
    ".conflict .state{border-left-color:#d55e00;font-weight:bold}"
    "summary{cursor:pointer;padding:.2rem 0}pre{padding:.5rem;background:#f4f5f7}"
    "@media screen and (prefers-color-scheme:dark){"
    "body{color:#eee;background:#15181c}a{color:#8ec5ff}th{background:#262c34}"
    "pre{background:#1e242b}th,td{border-bottom-color:#4a525c}"
    ".free .state{border-left-color:#2cb88c}.used .state{border-left-color:#56b4e9}}"
    "@media print{fieldset,nav{display:none}body{max-width:none}}";

/* Of the row or host with a class what is not of the chosen one goes. */
static void add_choice(struct buffer *out, const char *letter, size_t number)
{
    buffer_printf(out, "body:has(#%s%zu:checked) .pick:not(.%s%zu){display:none}", letter, number,
                  letter, number);
}

void page_add_style(size_t models, struct buffer *out)
{
    buffer_add(out, style);
    svg_style(out);
    for (size_t i = 0; i < models; i++)
        add_choice(out, "m", i);
    buffer_add(out, "body:has(#free:checked) .gpu:not(.free){display:none}");
}

const char *page_state_class(enum page_state state)
{
    static const char *const names[PAGE_STATES] = {
        [PAGE_FREE] = "free", [PAGE_USED] = "used",       [PAGE_CONFLICT] = "conflict",
        [PAGE_HOST] = "host", [PAGE_UNKNOWN] = "unknown",
    };

    return names[state];
}
