/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz.h - what the fuzz targets share
 *
 * A target is one file with LLVMFuzzerTestOneInput().  It is linked twice: with standalone.c, which
 * runs the corpus in the ordinary tests, and with libFuzzer (CMake option VTOPO_FUZZ, clang).  A
 * target may be called from any directory.
 */
#ifndef VTOPO_TESTS_FUZZ_H
#define VTOPO_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vtopo/domain.h>
#include <vtopo/host.h>
#include <vtopo/plan.h>
#include <vtopo/policy.h>
#include <vtopo/report.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Says what is wrong and ends the program, as a crash does, unless @holds. */
#define must(holds) fuzz_must((holds), #holds, __FILE__, __LINE__)
void fuzz_must(bool holds, const char *what, const char *file, int line);

/* True if @code is 0.  Otherwise *@error must be there with that code, and be no bug; it is freed
 * and NULL then. */
bool fuzz_done(int code, struct vtopo_error **error);

/* A file below the source tree that must be readable. */
struct vtopo_host *fuzz_read_host(const char *path);
struct vtopo_domain *fuzz_read_domain(const char *path);

/* An unnamed file with this content; its name stays good until the next call. */
const char *fuzz_file(const uint8_t *data, size_t size);

/* Makes the plan and everything that can be made of it, and checks what must be true of every
 * domain. */
void fuzz_plan(const struct vtopo_host *host, const struct vtopo_domain *domain,
               const struct vtopo_policy *policy);

/* Draws, lists and describes the host; the description must say the same when it is read again. */
void fuzz_show_host(const struct vtopo_host *host);

#endif
