/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * svg.c - see svg.h
 *
 * Takes:  numbers and texts.
 * Gives:  elements of SVG 1.1, a line each.
 * Rule:   nothing is fetched and nothing runs: no script, no link, no font, no image. Colours are
 *         told apart by people who see few of them (the palette of Okabe and Ito), and nothing is
 *         said by colour alone.
 */
#include "draw/svg.h"

#include "draw/markup.h"

/* Dark is for screens: on paper it is light. */
static const char style[] =
    ".vt text{font:12px 'DejaVu Sans Mono','Liberation Mono',Menlo,Consolas,monospace;fill:#1a1a1a}"
    ".vt .vt-title{font-size:16px;font-weight:bold}"
    ".vt .vt-heading{font-weight:bold}"
    ".vt .vt-quiet{font-size:11px;fill:#555}"
    ".vt .vt-mark{font-weight:bold;fill:#a33c00}"
    ".vt .vt-link{font-size:11px;fill:#333}"
    ".vt .vt-link-mark{font-size:11px;font-weight:bold;fill:#a33c00}"
    ".vt .vt-paper{fill:#fff}"
    ".vt .vt-box{stroke-width:1}"
    ".vt .vt-node{fill:#f1f3f6;stroke:#6b7785;stroke-width:2}"
    ".vt .vt-root{fill:#fff;stroke:#6b7785}"
    ".vt .vt-switch{fill:#fdf6e3;stroke:#b58900}"
    ".vt .vt-gpu{fill:#dcf3ea;stroke:#00805c}"
    ".vt .vt-nic{fill:#dcebf7;stroke:#0b66a3}"
    ".vt .vt-device{fill:#f6f6f6;stroke:#777}"
    ".vt .vt-none{fill:none;stroke:#999;stroke-dasharray:2 3}"
    ".vt .vt-dashed{stroke-dasharray:6 4}"
    ".vt .vt-marked{stroke:#d55e00;stroke-width:2.5}"
    ".vt .vt-bus{stroke:#444;fill:none}"
    ".vt .vt-port{fill:#fff;stroke:#444}"
    ".vt .vt-join{stroke:#444;stroke-width:1.5;fill:none}"
    ".vt .vt-head{fill:#444}"
    "@media screen and (prefers-color-scheme:dark){"
    ".vt text{fill:#eee}.vt .vt-quiet{fill:#b5b5b5}.vt .vt-link{fill:#ddd}"
    ".vt .vt-mark,.vt .vt-link-mark{fill:#ffa05c}"
    ".vt .vt-paper{fill:#15181c}"
    ".vt .vt-node{fill:#1e242b;stroke:#8492a3}"
    ".vt .vt-root{fill:#15181c;stroke:#8492a3}"
    ".vt .vt-switch{fill:#2b2616;stroke:#c79a17}"
    ".vt .vt-gpu{fill:#0f3328;stroke:#2cb88c}"
    ".vt .vt-nic{fill:#11304a;stroke:#56b4e9}"
    ".vt .vt-device{fill:#262626;stroke:#999}"
    ".vt .vt-none{fill:none;stroke:#888}"
    ".vt .vt-marked{stroke:#ff7f2a}"
    ".vt .vt-bus,.vt .vt-join{stroke:#ccc}.vt .vt-port{fill:#15181c;stroke:#ccc}"
    ".vt .vt-head{fill:#ccc}}"
    "@media print{svg.vt{max-width:100%;max-height:100vh}.vt *{-webkit-print-color-adjust:exact;"
    "print-color-adjust:exact}}";

void svg_style(struct buffer *out)
{
    buffer_add(out, style);
}

static void add_title(struct buffer *out, const char *title)
{
    buffer_add(out, "<title>");
    markup_add(out, title);
    buffer_add(out, "</title>\n");
}

void svg_open(struct buffer *out, int width, int height, const char *title, bool alone)
{
    buffer_printf(out,
                  "<svg class=\"vt\"%s role=\"img\" width=\"%d\" height=\"%d\" "
                  "viewBox=\"0 0 %d %d\">\n",
                  alone ? " xmlns=\"http://www.w3.org/2000/svg\"" : "", width, height, width,
                  height);
    add_title(out, title);
    if (alone) {
        buffer_add(out, "<style>");
        svg_style(out);
        buffer_add(out, "</style>\n");
    }
    svg_rect(out, "vt-paper", 0, 0, width, height, 0);
}

void svg_close(struct buffer *out)
{
    buffer_add(out, "</svg>\n");
}

void svg_open_group(struct buffer *out, const char *class, const char *title)
{
    buffer_printf(out, "<g class=\"%s\">\n", class);
    if (title)
        add_title(out, title);
}

void svg_close_group(struct buffer *out)
{
    buffer_add(out, "</g>\n");
}

void svg_rect(struct buffer *out, const char *class, int x, int y, int width, int height,
              int radius)
{
    buffer_printf(out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"", class, x,
                  y, width, height);
    if (radius)
        buffer_printf(out, " rx=\"%d\"", radius);
    buffer_add(out, "/>\n");
}

void svg_line(struct buffer *out, const char *class, int x1, int y1, int x2, int y2)
{
    buffer_printf(out, "<line class=\"%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", class, x1,
                  y1, x2, y2);
}

void svg_curve(struct buffer *out, const char *class, int x1, int y1, int x2, int y2)
{
    int middle = x1 + (x2 - x1) / 2;

    buffer_printf(out, "<path class=\"%s\" d=\"M%d %dC%d %d %d %d %d %d\"/>\n", class, x1, y1,
                  middle, y1, middle, y2, x2, y2);
}

void svg_arrow_head(struct buffer *out, const char *class, int x, int y)
{
    buffer_printf(out, "<path class=\"%s\" d=\"M%d %dl-8 -4v8z\"/>\n", class, x, y);
}

void svg_text(struct buffer *out, const char *class, int x, int y, const char *text)
{
    buffer_printf(out, "<text%s%s%s x=\"%d\" y=\"%d\">", *class ? " class=\"" : "", class,
                  *class ? "\"" : "", x, y);
    markup_add(out, text);
    buffer_add(out, "</text>\n");
}
