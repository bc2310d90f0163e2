/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.c - how long a plan takes, without processes, files and texts
 *
 * Takes:  a host and a domain.
 * Gives:  microseconds per vtopo_plan_make(): the median of many.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <vtopo/domain.h>
#include <vtopo/host.h>
#include <vtopo/plan.h>

#define RUNS 201
#define TEXT_MAX (1u << 20)

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
    const double *first = a, *second = b;

    return (*first > *second) - (*first < *second);
}

static int complain(struct vtopo_error *error)
{
    fprintf(stderr, "bench-plan: %s\n", vtopo_error_message(error));
    vtopo_error_free(error);
    return 1;
}

static int measure(const struct vtopo_host *host, const struct vtopo_domain *domain)
{
    static double times[RUNS];
    struct vtopo_error *error = NULL;
    struct vtopo_plan *plan;

    for (size_t i = 0; i < RUNS; i++) {
        double start = now();

        if (vtopo_plan_make(host, domain, NULL, &plan, &error))
            return complain(error);
        times[i] = now() - start;
        vtopo_plan_free(plan);
    }
    qsort(times, RUNS, sizeof(*times), compare);
    printf("%.1f\n", times[RUNS / 2]);
    return 0;
}

int main(int argc, char **argv)
{
    static char text[TEXT_MAX];
    struct vtopo_domain *domain = NULL;
    struct vtopo_host *host = NULL;
    struct vtopo_error *error = NULL;
    FILE *file = argc == 3 ? fopen(argv[2], "re") : NULL;
    size_t length;
    int status;

    if (!file) {
        fprintf(stderr, "usage: bench-plan HOST DOMAIN.xml\n");
        return 2;
    }
    length = fread(text, 1, sizeof(text), file);
    fclose(file);
    if (vtopo_domain_parse(text, length, argv[2], &domain, &error) ||
        vtopo_host_read(argv[1], domain, &host, &error))
        status = complain(error);
    else
        status = measure(host, domain);
    vtopo_domain_free(domain);
    vtopo_host_free(host);
    return status;
}
