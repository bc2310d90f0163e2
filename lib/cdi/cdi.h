/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cdi.h - what CDI specs (Container Device Interface) say of the host's PCI devices
 *
 * A spec is YAML or JSON. Of its devices three annotations are vtopo's: "bdf" names the function,
 * "clique-id" puts it into a P2P clique, "attach-pci" wants it behind a PCIe-to-PCI bridge. All
 * else is for container runtimes.
 */
#ifndef VTOPO_CDI_CDI_H
#define VTOPO_CDI_CDI_H

#include "model/policy.h"
#include "vtopo/error.h"

#include <stddef.h>

/* A spec for the largest machines, with every MIG slice a device, has some hundred KiB. */
#define CDI_SPEC_MAX (4u * 1024u * 1024u)

/*
 * Adds what the spec in @text says to @policy; @name is its file. Returns 0, VTOPO_ERR_FILE
 * ("FILE:LINE: why"), VTOPO_ERR_NOMEM; on failure @policy is as it was.
 */
int cdi_parse(const char *text, size_t length, const char *name, struct vtopo_policy *policy,
              struct vtopo_error **reterr);

/*
 * All specs of a folder, by file name. @lenient: a folder that is not there is fine, and a spec
 * that is wrong is noted in policy->problems and passed over.
 */
int cdi_read_folder(const char *folder, bool lenient, struct vtopo_policy *policy,
                    struct vtopo_error **reterr);

#endif
