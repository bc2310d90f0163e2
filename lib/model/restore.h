/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restore.h - which of the controllers that were taken over come back
 *
 * Takes:  the controllers that the domain remembers, which ones go.
 * Gives:  those that come back.
 * Rule:   each with its index and address, if these are free then and what it is on is there;
 *         otherwise it stays out, with all below it, and their devices go elsewhere.
 * Not here: where its bytes go (domxml/removed.h).
 */
#ifndef VTOPO_MODEL_RESTORE_H
#define VTOPO_MODEL_RESTORE_H

#include "model/undo_places.h"

/* Sets buses.restored. */
void restore_find(const struct domain *domain, struct undo_buses *buses);

#endif
