/* SPDX-License-Identifier: GPL-2.0-or-later */
/* use.c - a program of somebody else: plan a domain with the installed library */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vtopo/domain.h>
#include <vtopo/error.h>
#include <vtopo/host.h>
#include <vtopo/plan.h>
#include <vtopo/policy.h>

int main(int argc, char **argv)
{
    static char text[1 << 20];
    struct vtopo_domain *domain = NULL;
    struct vtopo_host *host = NULL;
    struct vtopo_plan *plan = NULL;
    struct vtopo_error *error = NULL;
    FILE *file = argc == 3 ? fopen(argv[2], "r") : NULL;
    char *output = NULL;
    size_t length = file ? fread(text, 1, sizeof(text), file) : 0;

    if (file)
        fclose(file);
    if (vtopo_domain_parse(text, length, "domain", &domain, &error) ||
        vtopo_host_read(argv[1], domain, &host, &error) ||
        vtopo_plan_make(host, domain, NULL, &plan, &error) ||
        vtopo_plan_apply(plan, domain, &output, &length, &error)) {
        fprintf(stderr, "%s\n", vtopo_error_message(error));
        vtopo_error_free(error);
        return 1;
    }
    fwrite(output, 1, length, stdout);
    free(output);
    vtopo_plan_free(plan);
    vtopo_host_free(host);
    vtopo_domain_free(domain);
    return 0;
}
