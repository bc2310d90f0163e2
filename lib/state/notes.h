/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notes.h - what vtopod and libvirt's hook tell each other of a VM, until the machine is shut
 * down
 *
 * Each note is of one VM and one kind, and has a line of text.
 */
#ifndef VTOPO_STATE_NOTES_H
#define VTOPO_STATE_NOTES_H

#include "base/error.h"

#include <stdbool.h>

#define NOTES_FOLDER "/run/vtopo"

enum note {
    NOTE_PENDING, /* of vtopod: the definition with these places (a digest) is to be rewritten */
    NOTE_ARRIVES, /* of the hook: its guest is restored, or comes from another host */
    NOTE_STOPPED, /* of the hook: the last start, with these places, was stopped */
    NOTE_STARTED, /* of the hook: this process of libvirt has asked about a start */
    NOTES
};

/* A line, and a NUL. */
#define NOTE_SIZE 64

/*
 * In all of them:
 *
 * @folder  its path
 * @uuid    of the VM, as libvirt prints it
 * VTOPO_ERR_FILE: it cannot be read or written, or others than its owner can get at it
 */

/* @ret_text  "": there is no such note */
int note_read(const char *folder, const char *uuid, enum note note, char ret_text[NOTE_SIZE],
              struct vtopo_error **reterr);
/* The folder is made if it is not there. */
int note_write(const char *folder, const char *uuid, enum note note, const char *text,
               struct vtopo_error **reterr);
/* That there is none is fine. */
int note_remove(const char *folder, const char *uuid, enum note note, struct vtopo_error **reterr);
/* Of all VMs. */
int notes_remove(const char *folder, enum note note, struct vtopo_error **reterr);

#endif
