/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rewrite.c - rewrite a libvirt domain with libvtopo
 *
 *     cc -o rewrite rewrite.c $(pkg-config --cflags --libs libvtopo)
 *     virsh dumpxml --inactive --security-info VM | ./rewrite
 *     ./rewrite HOST.json <VM.xml
 *
 * HOST.json is what "vtopo-host save" prints; without it the host is this machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <vtopo/vtopo.h>

static int report(struct vtopo_error *error)
{
    int code = vtopo_error_code(error);

    fprintf(stderr, "rewrite: %s\n", vtopo_error_message(error));
    vtopo_error_free(error);
    return -code;
}

/* What the guest does not get, and what would change that. */
static void print_findings(const struct vtopo_plan *plan)
{
    for (size_t i = 0; i < vtopo_plan_finding_count(plan); i++) {
        if (vtopo_plan_finding_severity(plan, i) == VTOPO_INFO)
            continue;
        fprintf(stderr, "rewrite: %s %s: %s\n", vtopo_finding_name(vtopo_plan_finding_id(plan, i)),
                vtopo_plan_finding_subject(plan, i), vtopo_plan_finding_text(plan, i));
    }
}

static int rewrite(const char *xml, size_t length, const struct vtopo_host *host)
{
    struct vtopo_error *error = NULL;
    struct vtopo_plan *plan = NULL;
    char *text = NULL;

    if (vtopo_rewrite(xml, length, host, NULL, &text, &length, &plan, &error))
        return report(error);
    print_findings(plan);
    fwrite(text, 1, length, stdout);
    vtopo_plan_free(plan);
    free(text);
    return 0;
}

int main(int argc, char **argv)
{
    static char xml[VTOPO_DOMAIN_MAX];
    struct vtopo_error *error = NULL;
    struct vtopo_host *host = NULL;
    size_t length = fread(xml, 1, sizeof(xml), stdin);
    int status;

    if (argc > 1 && vtopo_host_read(argv[1], NULL, &host, &error))
        return report(error);
    status = rewrite(xml, length, host);
    vtopo_host_free(host);
    return status;
}
