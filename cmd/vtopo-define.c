/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vtopo-define.c - give VMs of a libvirt their host's topology
 *
 * Takes:  options (define_options.c), the definitions of VMs as libvirt has them.
 * Gives:  new definitions, the old ones in a folder of their own (virt/history.h); with --check a
 *         table (define_check.c).
 * Rule:   nothing is defined that was not shown and agreed to.
 * Not here: what the definition should be (define_vm.c, libvtopo), what keeps it from being
 *         replaced (virt/replacement.c).
 */
#include "common.h"
#include "define_check.h"
#include "define_show.h"
#include "virt/client.h"
#include "virt/replacement.h"

static int replace(const struct define_options *options, const struct vm *vm)
{
    struct vtopo_error *error = NULL;
    enum replacement result =
        replace_definition(vm->definition, vm->xml, options->history, false, &error);

    if (result == REPLACED)
        return STATUS_DONE;
    if (vtopo_error_code(error) != VTOPO_ERR_REFUSED)
        return fail(DEFINE_PROGRAM, error);
    complain(DEFINE_PROGRAM, "%s: nothing is done; run this again to see what it would be now",
             vtopo_error_message(error));
    vtopo_error_free(error);
    return STATUS_REFUSED;
}

static int define_vm(const struct define_options *options, struct others *others,
                     const struct vm *vm)
{
    const struct definition *d = vm->definition;
    struct vtopo_error *error = NULL;
    int status = show_vm(options, vm);

    if (status)
        return status;
    if (!options->yes && !ask(d))
        return STATUS_DIFFERS;
    status = replace(options, vm);
    if (status)
        return status;
    report_next_start(options, d);
    return others_replace(others, d->uuid, vm->xml, &error) ? fail(DEFINE_PROGRAM, error)
                                                            : STATUS_DONE;
}

/* The first status that is not STATUS_DONE stands for all. */
static int define_all(const struct define_options *options, virConnectPtr conn,
                      struct others *others, const struct definitions *definitions)
{
    int worst = STATUS_DONE;

    for (size_t i = 0; i < definitions->count; i++) {
        struct vm vm;
        int status = STATUS_DONE;

        plan_vm(options, conn, others, &definitions->items[i], &vm);
        if (vm.verdict == VM_DIFFERS)
            status = define_vm(options, others, &vm);
        else
            status = report_vm(options, &vm);
        clear_vm(&vm);
        if (!worst)
            worst = status;
    }
    return worst;
}

static int read_definitions(const struct define_options *options, virConnectPtr conn,
                            struct definitions *definitions)
{
    struct vtopo_error *error = NULL;
    int r = 0;

    if (options->all)
        r = definitions_add(conn, NULL, definitions, &error);
    for (size_t i = 0; !r && i < options->name_count; i++)
        r = definitions_add(conn, options->names[i], definitions, &error);
    return r ? fail(DEFINE_PROGRAM, error) : STATUS_DONE;
}

/* Another machine's devices are not in this one's /sys. */
static int check_host(const struct define_options *options, virConnectPtr conn)
{
    if (options->policy.host || options->undo || options->restore || !connection_is_remote(conn))
        return STATUS_DONE;
    complain(
        DEFINE_PROGRAM,
        "libvirt is that of another machine, so its host has to be given: --host FILE, which 'vtopo-host save FILE' writes there");
    return STATUS_USAGE;
}

static int run(const struct define_options *options, virConnectPtr conn, struct others *others,
               struct definitions *definitions)
{
    struct vtopo_error *error = NULL;
    int status = check_host(options, conn);

    if (!status)
        status = read_definitions(options, conn, definitions);
    if (!status && others_read(others, conn, &error))
        return fail(DEFINE_PROGRAM, error);
    if (status)
        return status;
    return options->check ? check_all(options, conn, others, definitions)
                          : define_all(options, conn, others, definitions);
}

int main(int argc, char **argv)
{
    struct define_options options;
    struct definitions definitions = {0};
    struct others others = {0};
    struct vtopo_error *error = NULL;
    struct client client;
    int status;

    start_program();
    status = read_define_options(argc, argv, &options);
    if (status)
        return status;
    if (client_open(options.uri, &client, &error))
        return fail(DEFINE_PROGRAM, error);
    status = run(&options, client.conn, &others, &definitions);
    others_clear(&others);
    definitions_clear(&definitions);
    client_close(&client);
    return status;
}
