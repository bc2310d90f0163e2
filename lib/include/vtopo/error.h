/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file vtopo/error.h
 * Why a call failed.
 *
 * Every call of libvtopo that can fail returns 0 or one of these negative codes and, if asked, an
 * error with one sentence.  A call that fails sets none of its other results.  Any of them can
 * return #VTOPO_ERR_NOMEM, and #VTOPO_ERR_BUG if vtopo finds its own work wrong.
 */
#ifndef VTOPO_ERROR_H
#define VTOPO_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** The caller broke the contract of a function or an option. @since 0.1 */
#define VTOPO_ERR_USAGE (-2)
/** The domain XML cannot be used. @since 0.1 */
#define VTOPO_ERR_DOMAIN (-3)
/** The host cannot be read, contradicts itself, or lacks a device that the domain names. @since 0.1
 */
#define VTOPO_ERR_HOST (-4)
/** Refused: a limit, or a strict policy. @since 0.1 */
#define VTOPO_ERR_REFUSED (-5)
/** Another file (policy, schema, output) cannot be read, is wrong, or cannot be written. @since 0.1
 */
#define VTOPO_ERR_FILE (-6)
/** Out of memory. @since 0.1 */
#define VTOPO_ERR_NOMEM (-7)
/** A bug in vtopo. @since 0.1 */
#define VTOPO_ERR_BUG (-70)

/**
 * @struct vtopo_error
 * Why a call failed: a code and a sentence.  Free with vtopo_error_free().
 * @since 0.1
 */
struct vtopo_error;

/**
 * The code of an error: what the call that made it returned.
 *
 * @param error  the error
 * @return one of VTOPO_ERR_*
 * @since 0.1
 */
int vtopo_error_code(const struct vtopo_error *error);

/**
 * The sentence of an error: what, where (file, line, element or PCI address) and why.
 *
 * For people; it may change between versions.
 *
 * @param error  the error
 * @return UTF-8 without control characters and without a final newline; lives as long as @p error
 * @since 0.1
 */
const char *vtopo_error_message(const struct vtopo_error *error);

/**
 * Free an error.
 *
 * @param error  the error; NULL is fine
 * @since 0.1
 */
void vtopo_error_free(struct vtopo_error *error);

/**
 * What a code means in a few words.
 *
 * @param code  0, one of VTOPO_ERR_*, or any other number
 * @return a static string
 * @since 0.1
 */
const char *vtopo_strerror(int code);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
