/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * define_show.c - see define_show.h
 *
 * Takes:  what a VM's definition would become.
 * Gives:  text for the person who decides, and their answer.
 * Rule:   what is asked about has been shown before, whole.
 * Not here: many VMs at once (define_check.c).
 */
#include "define_show.h"

#include "base/buffer.h"
#include "common.h"
#include "terminal.h"
#include "vm_versions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool print_text(char *text)
{
    bool done = text && fputs(text, stdout) >= 0;

    free(text);
    return done && !fflush(stdout);
}

static int print_tree(const struct vm *vm)
{
    struct vtopo_error *error = NULL;
    char *text = NULL;

    if (!vm->plan)
        return STATUS_DONE;
    if (vtopo_plan_format(vm->plan, VTOPO_PLAN_TREE, use_colour(STDOUT_FILENO), &text, &error))
        return fail(DEFINE_PROGRAM, error);
    return print_text(text) ? STATUS_DONE : STATUS_FILE;
}

static int print_diff(const struct vm *vm)
{
    struct vtopo_error *error = NULL;
    char *text = NULL;

    if (vtopo_domain_diff(vm->domain, vm->xml, strlen(vm->xml), &text, &error))
        return fail(DEFINE_PROGRAM, error);
    return print_text(text) ? STATUS_DONE : STATUS_FILE;
}

static const char *explain(enum verdict verdict)
{
    static const char *const texts[VERDICTS] = {
        [VM_AS_WANTED] = "nothing to do, it is defined so already",
        [VM_NOTHING] = "nothing to do, no host device is assigned to it",
        [VM_TRANSIENT] =
            "it is transient and has no definition: whoever starts it has to pass its XML through vtopo-xml",
        [VM_LACKS] = "nothing would change, but its guest starts without its host's topology",
        [VM_FAILED] = "nothing is done",
    };

    return texts[verdict];
}

static void report_shared(const struct vm *vm)
{
    const char *line = vm->shared ? vm->shared : "";

    while (*line) {
        size_t length = strcspn(line, "\n");

        complain(DEFINE_PROGRAM, "warning: VM '%s': %.*s", vm->definition->name, (int)length, line);
        line += length + 1;
    }
}

/* The elements that --cells make would add are long, and it shows them itself. */
static int report_findings(const struct define_options *options, const struct vm *vm)
{
    static const char advice[] = "  vtopo-define --cells make shows what that is, and asks\n";

    return vm->plan ? print_findings(&options->messages, vm->plan, advice) : STATUS_DONE;
}

/* What the plan was made with. */
static int report_versions(const struct vm *vm)
{
    static const char *const names[VM_VERSIONS] = {"libvirt", "QEMU"};
    autobuffer struct buffer text = {0};

    for (size_t i = 0; vm->policy && i < VM_VERSIONS; i++) {
        autofree char *version = NULL;

        if (vtopo_policy_get(vm->policy, vm_version_keys[i], &version, NULL))
            return no_memory(DEFINE_PROGRAM);
        if (*version)
            buffer_printf(&text, "%s%s %s", text.length ? ", " : "", names[i], version);
    }
    if (text.failed)
        return no_memory(DEFINE_PROGRAM);
    if (text.length)
        complain(DEFINE_PROGRAM, "VM '%s': %s", vm->definition->name, text.text);
    return STATUS_DONE;
}

static void report_managed_save(const struct definition *definition)
{
    if (definition->has_managed_save)
        complain(
            DEFINE_PROGRAM,
            "VM '%s' has a managed-save image, which brings back its old devices at the next start: 'virsh managedsave-remove' drops it, with the guest's memory",
            definition->name);
}

/* The tree ends with the findings. */
int show_vm(const struct define_options *options, const struct vm *vm)
{
    int status = options->messages.quiet ? STATUS_DONE : print_tree(vm);

    if (!status && !options->messages.quiet)
        status = print_diff(vm);
    if (!status && options->messages.verbose)
        status = report_versions(vm);
    if (!status && !options->messages.quiet)
        report_shared(vm);
    if (!status)
        report_managed_save(vm->definition);
    return status;
}

int report_vm(const struct define_options *options, const struct vm *vm)
{
    const char *why = describe_vm(vm);
    bool failed = vm->verdict == VM_FAILED;

    if (options->messages.verbose && report_versions(vm))
        return STATUS_NOMEM;
    if (!options->messages.quiet)
        report_shared(vm);
    if (failed || !options->messages.quiet)
        complain(DEFINE_PROGRAM, "VM '%s': %s%s%s", vm->definition->name, explain(vm->verdict),
                 *why ? ": " : "", why);
    return failed ? -vtopo_error_code(vm->error) : report_findings(options, vm);
}

void report_next_start(const struct define_options *options, const struct definition *definition)
{
    const char *name = definition->name;

    if (options->messages.quiet)
        return;
    if (definition->running)
        complain(
            DEFINE_PROGRAM,
            "VM '%s' is defined; it is running, and has its new devices after it was shut down and started again (a reboot from inside is not enough)",
            name);
    else
        complain(DEFINE_PROGRAM, "VM '%s' is defined, for its next start", name);
}

bool ask(const struct definition *definition)
{
    char answer[16];

    if (!isatty(STDIN_FILENO)) {
        complain(DEFINE_PROGRAM, "VM '%s' is not defined: there is nobody to ask (--yes answers)",
                 definition->name);
        return false;
    }
    fprintf(stderr, "Define VM '%s' so? [y/N] ", definition->name);
    if (!fgets(answer, sizeof(answer), stdin))
        return false;
    return !strcmp(answer, "y\n") || !strcmp(answer, "yes\n");
}
