/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bios.c - see bios.h
 *
 * Takes:  a file.
 * Gives:  the release that it was built of.
 * Rule:   scripts/buildversion.sh of SeaBIOS makes a text of its own for the version, as git
 *         describes it ("rel-1.16.3-0-ga6ed6b701f0a-prebuilt.qemu.org") or as who built it says
 *         ("1.16.2-debian-1.16.2-1").  What git counts commits after a release is none, and of two
 *         such texts that differ neither counts.
 */
#include "firmware/bios.h"

#include "base/mem.h"
#include "firmware/trusted_file.h"
#include "model/version_text.h"

#include <string.h>

#define BIOS_MAX (1U << 20)
#define MARK "SeaBIOS (version %s)"
#define TAG "rel-"
#define DIGITS "0123456789"
#define NUMBER_SIZE 16

/* Which folder comes first is compiled into QEMU (CONFIG_QEMU_FIRMWAREPATH).  This is the name that
 * machine types have since 2.0. */
const char *const bios_paths[] = {
    "/usr/share/qemu-kvm/bios-256k.bin",
    "/usr/share/qemu/bios-256k.bin",
    "/usr/share/seabios/bios-256k.bin",
    NULL,
};

bool bios_is_known(const char *path)
{
    for (size_t i = 0; bios_paths[i]; i++) {
        if (!strcmp(path, bios_paths[i]))
            return true;
    }
    return false;
}

/* The length of "1.16.2", 0: it is something else. */
static size_t number_length(const char *text)
{
    size_t length = 0;

    for (unsigned part = 0; part < 3; part++) {
        size_t digits = strspn(text + length, DIGITS);

        if (!digits || digits > 3 || (part < 2 && text[length + digits] != '.'))
            return 0;
        length += digits + (part < 2);
    }
    return text[length] == '-' || !text[length] ? length : 0;
}

/* Is it the release itself, as git has it: nothing, or "-0-g..."? */
static bool is_release(const char *behind)
{
    return !*behind || !strncmp(behind, "-0-", 3);
}

/* @bytes: with a NUL behind them. */
static bool find_number(const char *bytes, size_t length, char ret[NUMBER_SIZE])
{
    *ret = '\0';
    if (!memmem(bytes, length, MARK, strlen(MARK)))
        return false;
    for (const char *text = bytes; text < bytes + length; text += strlen(text) + 1) {
        bool tagged = !strncmp(text, TAG, strlen(TAG));
        const char *number = tagged ? text + strlen(TAG) : text;
        size_t digits = number_length(number);

        if (!digits)
            continue;
        if ((tagged && !is_release(number + digits)) ||
            (*ret && (strlen(ret) != digits || strncmp(ret, number, digits) != 0)))
            return false;
        memcpy(ret, number, digits);
        ret[digits] = '\0';
    }
    return *ret;
}

int bios_identify(const struct firmware_places *places, const char *path, unsigned *ret_version,
                  bool *ret_there, struct vtopo_error **reterr)
{
    char number[NUMBER_SIZE];
    autofree char *bytes = NULL;
    size_t length;
    int r = trusted_file_read(places, path, BIOS_MAX, &bytes, &length, ret_there, reterr);

    *ret_version = 0;
    if (r || !bytes || !find_number(bytes, length, number) || !version_parse(number, ret_version))
        *ret_version = 0;
    return r;
}
