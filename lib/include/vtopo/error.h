/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file vtopo/error.h
 * Why a call failed.
 *
 * Every call of libvtopo that can fail returns 0 or one of these negative codes and, if asked, an
 * error with one sentence: what, where (file, line, element or PCI address) and why.
 */
#ifndef VTOPO_ERROR_H
#define VTOPO_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** The caller broke the contract of a function or an option. */
#define VTOPO_ERR_USAGE (-2)
/** The domain XML cannot be used. */
#define VTOPO_ERR_DOMAIN (-3)
/** The host cannot be read, contradicts itself, or lacks a device that the domain names. */
#define VTOPO_ERR_HOST (-4)
/** Refused: a limit, or a strict policy. */
#define VTOPO_ERR_REFUSED (-5)
/** Another file (policy, schema, output) cannot be read, is wrong, or cannot be written. */
#define VTOPO_ERR_FILE (-6)
/** Out of memory. */
#define VTOPO_ERR_NOMEM (-7)
/** A bug in vtopo. */
#define VTOPO_ERR_BUG (-70)

struct vtopo_error;

/** The code, one of VTOPO_ERR_*. */
int vtopo_error_code(const struct vtopo_error *error);

/** One sentence without a final newline, in UTF-8, for people; lives as long as @error. */
const char *vtopo_error_message(const struct vtopo_error *error);

/** Frees @error; NULL is fine. */
void vtopo_error_free(struct vtopo_error *error);

/** What a code means in a few words; a static string. */
const char *vtopo_strerror(int code);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
