/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * findings.c - the register of findings as the public header gives it (vtopo/findings.h)
 *
 * Takes:  an id, or a name.
 * Gives:  what the register says of it.
 * Rule:   the public ids and severities have the numbers of the register's.
 * Not here: the register (model/finding.c), the findings of a plan (plan.c).
 */
#include "vtopo/findings.h"

#include "model/finding.h"

#include <stddef.h>
#include <string.h>

_Static_assert(VTOPO_INFO == (int)SEVERITY_INFO && VTOPO_WARNING == (int)SEVERITY_WARNING &&
                   VTOPO_REFUSAL == (int)SEVERITY_REFUSAL,
               "the public severities are the register's");

/* clang-format off */
static const enum vtopo_finding_id ids[] = {
#define FINDING(number, name, severity, strict, title) VTOPO_FINDING_##name,
#include "model/findings.def"
#undef FINDING
};
#define FINDING(number, name, severity, strict, title)                                             \
    _Static_assert(VTOPO_FINDING_##name == (number), "vtopo/findings.h is the register's");
#include "model/findings.def"
#undef FINDING
static const struct help {
    enum vtopo_finding_id id;
    const char *meaning, *cause, *remedy;
} helps[] = {
#define FINDING(number, name, severity, strict, title) {VTOPO_FINDING_##name,
#define HELP(meaning, cause, remedy) meaning, cause, remedy},
#include "model/findings.def"
#undef FINDING
};
/* clang-format on */

const char *vtopo_finding_name(enum vtopo_finding_id id)
{
    return finding_code((enum finding_id)id);
}

bool vtopo_finding_parse(const char *name, enum vtopo_finding_id *ret_id)
{
    for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
        if (strcmp(vtopo_finding_name(ids[i]), name) == 0) {
            *ret_id = ids[i];
            return true;
        }
    }
    return false;
}

enum vtopo_severity vtopo_finding_severity(enum vtopo_finding_id id)
{
    return (enum vtopo_severity)finding_severity((enum finding_id)id);
}

bool vtopo_finding_is_strict(enum vtopo_finding_id id)
{
    return finding_is_strict((enum finding_id)id);
}

const char *vtopo_finding_title(enum vtopo_finding_id id)
{
    return finding_title((enum finding_id)id);
}

static const struct help *find_help(enum vtopo_finding_id id)
{
    static const struct help none = {0, "", "", ""};

    for (size_t i = 0; i < sizeof(helps) / sizeof(*helps); i++) {
        if (helps[i].id == id)
            return &helps[i];
    }
    return &none;
}

const char *vtopo_finding_meaning(enum vtopo_finding_id id)
{
    return find_help(id)->meaning;
}

const char *vtopo_finding_cause(enum vtopo_finding_id id)
{
    return find_help(id)->cause;
}

const char *vtopo_finding_remedy(enum vtopo_finding_id id)
{
    return find_help(id)->remedy;
}

const char *vtopo_severity_name(enum vtopo_severity severity)
{
    bool known = severity >= VTOPO_INFO && severity <= VTOPO_REFUSAL;

    return severity_name(known ? (enum severity)severity : SEVERITY_WARNING);
}
