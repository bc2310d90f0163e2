/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nccl_file.h - NCCL's topology file for a guest
 */
#ifndef VTOPO_PEER_NCCL_FILE_H
#define VTOPO_PEER_NCCL_FILE_H

#include "plan/ground/plan.h"

/*
 * What NCCL_TOPO_FILE is to name in the guest: the CPUs of the guest's cells, the host's switches
 * with its links below them, the assigned devices under their guest addresses.
 *
 * @ret_text  NUL-terminated; free with free()
 *
 * Returns 0; VTOPO_ERR_REFUSED if the guest address of a device cannot be told, if there is none to
 * describe, or if NCCL would have more nodes than it takes; VTOPO_ERR_NOMEM.
 */
int nccl_topo_file(const struct vtopo_plan *plan, char **ret_text, struct vtopo_error **reterr);

#endif
