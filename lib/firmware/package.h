/* SPDX-License-Identifier: GPL-2.0-or-later */
/* package.h - the package that OVMF, or AAVMF, is of */
#ifndef VTOPO_FIRMWARE_PACKAGE_H
#define VTOPO_FIRMWARE_PACKAGE_H

#include "firmware/paths.h"
#include "firmware/places.h"

struct vtopo_error;

struct package {
    const struct firmware_places *places;
    char *list, *sums; /* of its files; NULL: nothing is known of it */
    unsigned version;  /* 2022011000; 0: not known */
};

/* All three return 0 or VTOPO_ERR_NOMEM. */
/* @ret: free with package_close(), also after a failure */
int package_open(const struct firmware_places *places, const char *name, struct package *ret,
                 struct vtopo_error **reterr);
void package_close(struct package *package);
/* @ret_version: of the file with this path; 0: it is not known, or not of the package. */
int package_identify(const struct package *package, const char *path, unsigned *ret_version,
                     struct vtopo_error **reterr);
/* Its files of code, added to @ret. */
int package_list(const struct package *package, struct paths *ret, struct vtopo_error **reterr);

#endif
