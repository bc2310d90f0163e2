/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpu_models.c - see cpu_models.h */
#include "domxml/cpu_models.h"

#include <stddef.h>
#include <string.h>

/* Does the name begin with one of these? */
static bool begins_with(const char *model, const char *const *names)
{
    for (size_t i = 0; model && names[i]; i++) {
        if (!strncmp(model, names[i], strlen(names[i])))
            return true;
    }
    return false;
}

bool cpu_model_has_pages_1g(const char *model)
{
    static const char *const names[] = {"ClearwaterForest", "Cascadelake",
                                        "Cooperlake",       "Denverton",
                                        "Dhyana",           "EPYC",
                                        "GraniteRapids",    "Icelake-Server",
                                        "KnightsMill",      "Opteron_G4",
                                        "Opteron_G5",       "SapphireRapids",
                                        "SierraForest",     "Skylake-Server",
                                        "Snowridge",        "max",
                                        "phenom",           NULL};

    return begins_with(model, names);
}

bool cpu_model_has_la57(const char *model)
{
    static const char *const names[] = {"ClearwaterForest",
                                        "EPYC-Genoa",
                                        "EPYC-Turin",
                                        "GraniteRapids",
                                        "Icelake-Server",
                                        "SapphireRapids",
                                        "SierraForest",
                                        "max",
                                        NULL};

    return begins_with(model, names);
}

char cpu_model_vendor(const char *model)
{
    static const char *const amd[] = {"EPYC",   "Opteron_", "athlon", "phenom",
                                      "qemu64", "max",      NULL};
    static const char *const others[] = {"Dhyana", "YongFeng", NULL};

    if (!model || begins_with(model, amd))
        return 'A';
    return begins_with(model, others) ? '?' : 'I';
}
