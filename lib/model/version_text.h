/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * version_text.h - versions of QEMU and libvirt as text
 *
 * A version is one number, as libvirt has it: 7002022 is 7.2.22.
 */
#ifndef VTOPO_MODEL_VERSION_TEXT_H
#define VTOPO_MODEL_VERSION_TEXT_H

#include <stdbool.h>

#define VERSION_MAX 999999999 /* 999.999.999 */
#define VERSION_YEAR_MAX 2099 /* of firmware, which has the year in front */
#define VERSION_TEXT_SIZE 13

/* "8.0", "8.0.0": numbers up to 999 with dots between them, as virsh --version prints them;
 * "2025.02", "202502" of edk2.  False: something else, or all zeros. */
bool version_parse(const char *text, unsigned *ret_version);
/* "8.0.0" */
const char *version_format(unsigned version, char text[VERSION_TEXT_SIZE]);
#define VERSION_TEXT(version) version_format((version), (char[VERSION_TEXT_SIZE]){0})

#endif
