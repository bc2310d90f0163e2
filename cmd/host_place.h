/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_place.h - vtopo-host place: which free devices belong together */
#ifndef VTOPO_CMD_HOST_PLACE_H
#define VTOPO_CMD_HOST_PLACE_H

/* What main() gets, without the word "place", and argv[0] "vtopo-host place"; returns an exit
 * status. */
int host_place(int argc, char **argv);

#endif
