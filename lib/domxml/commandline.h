/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * commandline.h - options of QEMU's command line that make devices (commandline_devices.c), and
 * what -global gives to these (commandline_defaults.c)
 */
#ifndef VTOPO_DOMXML_COMMANDLINE_H
#define VTOPO_DOMXML_COMMANDLINE_H

#include "domxml/parse.h"

#define COMMANDLINE_DRIVERS 8

/* Numbers that -global gives to devices of the command line that do not name them; 0: none. */
struct commandline_defaults {
    int of[COMMANDLINE_DRIVERS];
};

/* An option and its value. */
struct argument {
    const struct node *option, *value;
    const char *text; /* of the value; "" for an option that has none */
    struct commandline_defaults *defaults;
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

/* -set device.ID.NAME=VALUE, for a device that is there already. */
int commandline_set(const struct reader *reader, const char *id, const char *name,
                    const char *value);

/* -global DRIVER.PROPERTY=VALUE; what takes no number of a guest's is passed over. */
void commandline_note_default(struct commandline_defaults *defaults, const char *driver,
                              const char *property, const char *value);
/* When all devices are there. */
void commandline_apply_defaults(struct domain *domain, const struct commandline_defaults *defaults);

#endif
