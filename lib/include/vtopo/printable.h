/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file vtopo/printable.h
 * Names of others, made fit for a terminal or a log.
 */
#ifndef VTOPO_PRINTABLE_H
#define VTOPO_PRINTABLE_H

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Control characters, line feeds and U+0080 to U+009F among them, and what is not UTF-8 become "?",
 * byte by byte: the length stays.
 */
void vtopo_printable(char *text);

#ifdef __cplusplus
}
#endif
#endif
