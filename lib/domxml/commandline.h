/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * commandline.h - options of QEMU's command line that make devices (commandline_devices.c)
 */
#ifndef VTOPO_DOMXML_COMMANDLINE_H
#define VTOPO_DOMXML_COMMANDLINE_H

#include "domxml/parse.h"

/* An option and its value. */
struct argument {
    const struct node *option, *value;
    const char *text; /* of the value; "" for an option that has none */
};

/* A device of this driver as -device without a bus makes it. */
int commandline_add_anywhere(const struct reader *reader, const char *driver);

/* Each for the options of its name. */
int commandline_device(const struct reader *reader, const struct argument *argument);
int commandline_nic(const struct reader *reader, const struct argument *argument);
int commandline_net(const struct reader *reader, const struct argument *argument);
int commandline_vga(const struct reader *reader, const struct argument *argument);
int commandline_audio(const struct reader *reader, const struct argument *argument);
int commandline_soundhw(const struct reader *reader, const struct argument *argument);
int commandline_virtfs(const struct reader *reader, const struct argument *argument);
int commandline_watchdog(const struct reader *reader, const struct argument *argument);
int commandline_balloon(const struct reader *reader, const struct argument *argument);

#endif
