/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpu_models.h - what QEMU's models of processors have of that which decides about address space
 *
 * Rule:   seen in QEMU 7.2 (query-cpu-model-expansion); later models as their processors have it.
 */
#ifndef VTOPO_DOMXML_CPU_MODELS_H
#define VTOPO_DOMXML_CPU_MODELS_H

#include <stdbool.h>

/* NULL: QEMU's default model. */
bool cpu_model_has_pages_1g(const char *model);
bool cpu_model_has_la57(const char *model);
/* 'I'ntel, 'A'MD, '?' others: under TCG; KVM has the host's. */
char cpu_model_vendor(const char *model);

#endif
