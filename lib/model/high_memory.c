/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * high_memory.c - see high_memory.h
 *
 * Takes:  BARs of functions, and those that only a guest sees (coherent_gpu.h).
 * Gives:  sums.
 */
#include "model/high_memory.h"

#include "model/coherent_gpu.h"

uint64_t host_high_memory(const struct host_function *function)
{
    const struct coherent_gpu_bars more = coherent_gpu_bars(function);
    uint64_t sum = more.memory + more.reserved;

    for (unsigned i = 0; i < HOST_BARS; i++) {
        const struct host_bar *bar = &function->bars[i];

        if (bar->io || !bar->wide || !bar->prefetch)
            continue;
        sum = bar->size > UINT64_MAX - sum ? UINT64_MAX : sum + bar->size;
    }
    return sum;
}

bool host_has_high_memory(const struct vtopo_host *host)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < host->functions.count; i++) {
        uint64_t size = host_high_memory(&host->functions.items[i]);

        sum = size > UINT64_MAX - sum ? UINT64_MAX : sum + size;
    }
    return sum >= HOST_HIGH_MEMORY;
}
