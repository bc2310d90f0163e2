/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * history.h - the definitions that were replaced, some generations of each VM
 *
 * They have passwords in them: the folder is for its owner alone, and so is every file.
 */
#ifndef VTOPO_VIRT_HISTORY_H
#define VTOPO_VIRT_HISTORY_H

#include "base/error.h"

#include <stddef.h>

#define HISTORY_FOLDER "/var/lib/vtopo/definitions"
/* Of each VM. */
#define HISTORY_GENERATIONS 10

/*
 * Keep a definition: on the disk when this returns.  One that is kept already as the newest is
 * not written again; what is older than HISTORY_GENERATIONS goes.
 *
 * @folder  made if it is not there, with the folder above it
 * @uuid    as libvirt prints it
 * VTOPO_ERR_FILE: it cannot be written, or others than its owner can get at the folder
 */
int history_keep(const char *folder, const char *uuid, const char *xml,
                 struct vtopo_error **reterr);

/*
 * The newest kept definition that is not @current.
 *
 * @current  NULL: any
 * @ret_xml  free with free(); NULL: none is kept
 */
int history_find(const char *folder, const char *uuid, const char *current, char **ret_xml,
                 struct vtopo_error **reterr);

#endif
