/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parsed.h - a domain out of a text that is right, or the test fails */
#ifndef VTOPO_TESTS_PARSED_H
#define VTOPO_TESTS_PARSED_H

#include "domxml/domxml.h"
#include "vtopo/error.h"

#include <check.h>
#include <string.h>

static inline struct vtopo_domain *parsed_domain(const char *text)
{
    struct vtopo_domain *domain = NULL;
    struct vtopo_error *error = NULL;

    if (vtopo_domain_parse(text, strlen(text), "test", &domain, &error))
        ck_abort_msg("%s: %s", vtopo_error_message(error), text);
    return domain;
}

#endif
