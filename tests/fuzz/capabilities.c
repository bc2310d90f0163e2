/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capabilities.c - fuzz files of libvirt's capability cache
 *
 * Takes:  a file, which may be damaged.
 */
#include "emulator/cache_text.h"

#include "base/error.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cache_text text;
    bool valid;

    must(!cache_text_parse((const char *)data, size, &text, &valid, NULL));
    must(valid == (text.emulator.path != NULL));
    if (valid) {
        must(emulator_is_path(text.emulator.path) && emulator_is_name(text.emulator.arch));
        must(text.emulator.qemu_version && text.emulator.libvirt_version && text.changed >= 0);
    }
    emulator_clear(&text.emulator);
    return 0;
}
