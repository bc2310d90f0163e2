/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wish.h - which devices a request means, and whether the host has as much as it asks for
 */
#ifndef VTOPO_PLACE_WISH_H
#define VTOPO_PLACE_WISH_H

#include "place/room.h"

bool place_is_id(const struct host_function *function, const struct place_id *id);
/* Has the host a GPU or NIC of this kind, whoever has it? */
bool place_has_id(const struct vtopo_host *host, const struct place_id *id);
/* Is it one that the request takes, whoever has it? */
bool wish_has(const struct place_request *request, const struct stock *stock, size_t item);
/* VTOPO_ERR_REFUSED: the host has not so much, and whose the rest is. */
int place_check(const struct place_request *request, const struct stock *stock,
                const struct room *room, struct vtopo_error **reterr);

#endif
