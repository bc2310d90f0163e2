/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mediated.h - mdevs and vDPA devices, which are made on PCI functions
 */
#ifndef VTOPO_SYSFS_MEDIATED_H
#define VTOPO_SYSFS_MEDIATED_H

#include "model/domain.h"
#include "sysfs/functions.h"

/* All mdevs; a name that is no UUID is an error. */
int mdevs_read(struct functions *functions);
/* The mdev with this UUID, in any case of letters; what is no UUID, and what the host lacks, is
 * left out. */
int mdev_read(struct functions *functions, const char *uuid);
/*
 * The vDPA devices whose character devices the domain names, NULL: all of them.  The bus has no
 * index of its character devices, so each vDPA device is read: one directory each.
 */
int vdpas_read(struct functions *functions, const struct domain *domain);

#endif
