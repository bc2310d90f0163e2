/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_place.c - see host_place.h
 *
 * Takes:  how many GPUs, NICs, CPUs and how much memory a new guest is to have, or a device and the
 *         guest that it is plugged into; the host; libvirt's address, if VMs are to be asked.
 * Gives:  proposals, or the element for virsh attach-device.
 * Not here: which devices (lib/place), which port (lib/attach).
 */
#include "host_place.h"

#include "common.h"
#include "compare.h"
#include "owned_devices.h"

#include <stdlib.h>
#include <string.h>
#include <vtopo/domain.h>
#include <vtopo/place.h>

#define PROGRAM "vtopo-host place"

enum {
    OPTION_GPUS = OPTION_OF_PROGRAM,
    OPTION_NICS,
    OPTION_CPUS,
    OPTION_MEMORY,
    OPTION_ONLY,
    OPTION_AVOID,
    OPTION_MOST,
    OPTION_XML,
    OPTION_CONNECT,
    OPTION_DOMAIN,
    OPTION_END
};

static const struct argp_option option_list[] = {
    {"gpus", OPTION_GPUS, "N", 0, "so many GPUs", 1},
    {"nics", OPTION_NICS, "N", 0, "so many NICs (virtual functions, too)", 1},
    {"cpus", OPTION_CPUS, "N", 0, "so many CPUs, in whole cores", 1},
    {"memory", OPTION_MEMORY, "SIZE", 0, "so much memory: 64G", 1},
    {"only", OPTION_ONLY, "IDS", 0, "only such GPUs or NICs: 10de:20b5,15b3:a2d6", 2},
    {"avoid-cpus", OPTION_AVOID, "LIST", 0, "CPUs that are not for the guest", 2},
    {"connect", OPTION_CONNECT, "URI", 0, "ask this libvirt what its VMs have", 2},
    {"domain", OPTION_DOMAIN, "VM", 0,
     "where BDF is plugged in: a VM of --connect, else a file with its XML ('-' is stdin)", 2},
    {"host", OPTION_HOST, "PATH", 0, "a sysfs root, or a host description (default /sys)", 2},
    {"most", OPTION_MOST, "N", 0, "print at most so many proposals (3)", 3},
    {"xml", OPTION_XML, NULL, 0, "print the elements of the best one alone", 3},
    {"json", OPTION_JSON, NULL, 0, "print JSON", 3},
    {0},
};

/* The keys of vtopo_request_set() for the options that are such. */
static const char *const keys[OPTION_END - OPTION_OF_PROGRAM] = {
    [OPTION_GPUS - OPTION_OF_PROGRAM] = "gpus", [OPTION_NICS - OPTION_OF_PROGRAM] = "nics",
    [OPTION_CPUS - OPTION_OF_PROGRAM] = "cpus", [OPTION_MEMORY - OPTION_OF_PROGRAM] = "memory",
    [OPTION_ONLY - OPTION_OF_PROGRAM] = "only", [OPTION_AVOID - OPTION_OF_PROGRAM] = "avoid_cpus",
    [OPTION_MOST - OPTION_OF_PROGRAM] = "most",
};

struct options {
    struct host_options common;
    struct vtopo_request *request;
    const char *uri;    /* NULL: VMs are not asked */
    const char *device; /* to plug in; NULL: a new guest is meant */
    const char *domain;
    bool xml, wanted, said; /* wanted: GPUs or NICs; said: anything of a new guest */
};

static error_t set(struct options *options, int key, const char *value, struct argp_state *state)
{
    struct vtopo_error *error = NULL;

    if (!vtopo_request_set(options->request, keys[key - OPTION_OF_PROGRAM], value, &error)) {
        options->wanted |= key == OPTION_GPUS || key == OPTION_NICS;
        options->said = true;
        return 0;
    }
    if (vtopo_error_code(error) == VTOPO_ERR_NOMEM) {
        vtopo_error_free(error);
        return ENOMEM;
    }
    argp_error(state, "--%s", vtopo_error_message(error));
    return EINVAL;
}

static void check(const struct options *options, struct argp_state *state)
{
    if (options->device && !options->domain)
        argp_error(state, "%s: say with --domain into which guest", options->device);
    else if (options->domain && !options->device)
        argp_error(state, "--domain is for a device that is plugged in: name it");
    else if (options->device && options->said)
        argp_error(state, "a device is plugged in, or a new guest gets so many: give one");
    else if (!options->device && !options->wanted)
        argp_error(state, "say how many: --gpus N, --nics N");
    else if (options->xml && options->common.json)
        argp_error(state, "--xml and --json contradict each other: give one");
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case OPTION_XML:
        options->xml = true;
        return 0;
    case OPTION_CONNECT:
        set_once(&options->uri, "--connect", arg, state);
        return 0;
    case OPTION_DOMAIN:
        set_once(&options->domain, "--domain", arg, state);
        return 0;
    case ARGP_KEY_ARG:
        if (options->device)
            argp_error(state, "one device is plugged in at a time: '%s' or '%s'", options->device,
                       arg);
        options->device = arg;
        return 0;
    case ARGP_KEY_END:
        check(options, state);
        return 0;
    default:
        if (key >= OPTION_OF_PROGRAM && key < OPTION_END && keys[key - OPTION_OF_PROGRAM])
            return set(options, key, arg, state);
        return parse_host_option(key, arg, &options->common);
    }
}

static const struct argp_child children[] = {{&common_argp, 0, NULL, -1}, {0}};

static const struct argp argp = {
    .options = option_list,
    .parser = parse_option,
    .args_doc = "\nBDF --domain=VM",
    .doc = "Which free devices of the host belong together, with CPUs and memory; or into which "
           "port of a guest a device is plugged.\v"
           "A proposal says what is given up in it; vtopo-host-place(1) says how they are ranked.",
    .children = children,
};

/* Devices, CPUs that are pinned to, and the VM that is named. */
static int ask_vms(const struct options *options, struct owner_lists *lists,
                   struct vtopo_error **reterr)
{
    int r = read_owners(options->uri, options->domain, lists, reterr);

    if (!r)
        r = vtopo_request_set_owners(options->request, (const char *const *)lists->devices,
                                     (const char *const *)lists->names, lists->claims, lists->count,
                                     reterr);
    return r ? r : vtopo_request_set(options->request, "avoid_cpus", lists->cpus, reterr);
}

static enum vtopo_place_style style_of(const struct options *options)
{
    if (options->xml)
        return VTOPO_PLACE_XML;
    return options->common.json ? VTOPO_PLACE_JSON : VTOPO_PLACE_TEXT;
}

/* --- a device that is plugged in --- */

struct vm {
    struct vtopo_domain *now;        /* what its guest runs with, else its definition */
    struct vtopo_domain *definition; /* of a guest that runs; NULL: it has none */
};

static int parse(const char *xml, const char *name, struct vtopo_domain **ret,
                 struct vtopo_error **reterr)
{
    return xml ? vtopo_domain_parse(xml, strlen(xml), name, ret, reterr) : 0;
}

static int read_vm(const struct options *options, const struct owner_lists *lists, struct vm *ret,
                   struct vtopo_error **reterr)
{
    bool runs = lists->live_xml;
    int r = parse(runs ? lists->live_xml : lists->xml, options->domain, &ret->now, reterr);

    return r || !runs ? r : parse(lists->xml, options->domain, &ret->definition, reterr);
}

/* Returns an exit status; has told why. */
static int read_file_of_vm(const char *path, struct vm *ret)
{
    struct vtopo_error *error = NULL;
    char *text = NULL;
    size_t length;
    int status = read_input(PROGRAM, path, VTOPO_DOMAIN_MAX, &text, &length);

    if (!status &&
        vtopo_domain_parse(text, length, strcmp(path, "-") ? path : "stdin", &ret->now, &error))
        status = fail(PROGRAM, error);
    free(text);
    return status;
}

/* --- */

static int find_text(const struct options *options, const struct vtopo_host *host,
                     const struct vm *vm, char **ret_text, struct vtopo_error **reterr)
{
    if (options->device)
        return vtopo_host_place_port(host, vm->now, vm->definition, options->device,
                                     options->request, style_of(options), ret_text, reterr);
    return vtopo_host_place(host, options->request, style_of(options), ret_text, reterr);
}

static int print_answer(const struct options *options, const struct vm *vm)
{
    struct vtopo_host *host = NULL;
    struct vtopo_error *error = NULL;
    char *text = NULL;
    int r = vtopo_host_read(options->common.host, NULL, &host, &error);
    int status;

    if (!r)
        r = find_text(options, host, vm, &text, &error);
    status = r ? fail(PROGRAM, error) : write_stdout(PROGRAM, text, strlen(text));
    free(text);
    vtopo_host_free(host);
    return status;
}

static int run(const struct options *options)
{
    struct owner_lists lists = {0};
    struct vtopo_error *error = NULL;
    struct vm vm = {0};
    int r = options->uri ? ask_vms(options, &lists, &error) : 0, status;

    if (!r && options->uri && options->device)
        r = read_vm(options, &lists, &vm, &error);
    status = r ? fail(PROGRAM, error) : 0;
    if (!status && !options->uri && options->device)
        status = read_file_of_vm(options->domain, &vm);
    if (!status)
        status = print_answer(options, &vm);
    owner_lists_clear(&lists);
    vtopo_domain_free(vm.definition);
    vtopo_domain_free(vm.now);
    return status;
}

int host_place(int argc, char **argv)
{
    struct options options = {.common.host = "/sys"};
    int status;

    if (vtopo_request_new(&options.request, NULL))
        return no_memory(PROGRAM);
    status = parse_arguments(PROGRAM, &argp, argc, argv, &options);
    if (!status)
        status = run(&options);
    vtopo_request_free(options.request);
    return status;
}
