/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_make.c - plans as a whole: the laws, what is left unchanged, strict, and every allocation
 * failing once
 *
 * Linked with --wrap (tests/CMakeLists.txt), so that the core's own allocations can be made to
 * fail.
 */
#include "build.h"
#include "failing_alloc.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct world w;

/* Node 0: a switch with GPU 43 (two functions) and NIC 44, and NIC 45 alone.  Node 1: GPUs 81
 * and 82. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, GPU},
        {"43:00.1", "42:00.0", PORT_NONE, 0, AUDIO},
        {"44:00.0", "42:01.0", PORT_NONE, 0, NIC},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"45:00.0", "40:02.0", PORT_NONE, 0, NIC},
        {"80:01.0", NULL, PORT_ROOT, 1},
        {"80:02.0", NULL, PORT_ROOT, 1},
        {"81:00.0", "80:01.0", PORT_NONE, 1, GPU},
        {"82:00.0", "80:02.0", PORT_NONE, 1, GPU},
    };

    world_init(&w);
    add_bound_cells(&w, 2);
    ADD_FUNCTIONS(&w, rows);
}

static void teardown(void)
{
    world_clear(&w);
}

/* As libvirt dumps it: five cards and a disk on six root ports. */
static void add_dump(void)
{
    for (unsigned i = 1; i <= 6; i++) {
        char place[32];

        snprintf(place, sizeof(place), "00:02.%u", i - 1);
        add_controller(&w, i, CTRL_ROOT_PORT, place);
    }
    add_other(&w, "disk vda", "01:00.0");
    add_hostdev(&w, "43:00.0", "02:00.0")->address.multifunction = 1;
    add_hostdev(&w, "43:00.1", "02:00.1");
    add_hostdev(&w, "44:00.0", "03:00.0");
    add_hostdev(&w, "45:00.0", "04:00.0");
    add_hostdev(&w, "81:00.0", "05:00.0");
    add_hostdev(&w, "82:00.0", "06:00.0");
}

/* As people write it. */
static void add_bare(void)
{
    add_other(&w, "disk vda", NULL);
    add_hostdev(&w, "82:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL);
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "45:00.0", NULL);
}

/* What is written to the XML and carries a mark, as text. */
static char *writing(void)
{
    char *text = NULL;

    plan_or_fail(&w);
    text_append(&text, "%s", "");
    for (size_t i = 0; i < w.plan->controllers.count; i++) {
        const struct plan_controller *c = &w.plan->controllers.items[i];

        if (c->filler)
            continue;
        text_append(&text, "%s %u at %u:%02x.%x%s bus %u cell %d chassis %u port %u\n", c->alias,
                    c->index, c->parent_index, c->slot, c->function, c->multifunction ? "*" : "",
                    c->bus_nr, c->cell, c->chassis, c->port);
    }
    for (size_t i = 0; i < w.plan->devices.count; i++) {
        const struct plan_device *d = &w.plan->devices.items[i];

        if (d->fate == FATE_MOVED)
            text_append(&text, "%s at %s\n", BDF_TEXT(&d->host), BDF_TEXT(&d->after.at));
    }
    return text;
}

static struct domain_controller *named(const char *alias)
{
    for (size_t i = 0; i < w.domain.controllers.count; i++) {
        if (w.domain.controllers.items[i].alias &&
            !strcmp(w.domain.controllers.items[i].alias, alias))
            return &w.domain.controllers.items[i];
    }
    ck_abort_msg("no controller %s", alias);
    return NULL;
}

/* --- laws --- */

static void rewriting_twice_is_rewriting_once(void)
{
    autofree char *first = NULL, *second = NULL;

    for (enum mirror mirror = MIRROR_NUMA; mirror <= MIRROR_EXACT; mirror++) {
        w.policy.mirror = mirror;
        free(first);
        free(second);
        first = writing();
        ck_assert(mirror != MIRROR_NUMA || !w.plan->realised);
        ck_assert_int_eq(w.plan->realised, !w.plan->difference);
        rewrite(&w);
        second = writing();
        ck_assert(w.plan->realised);
        ck_assert_ptr_null(w.plan->difference);
        ck_assert_str_eq(first, second);
    }
}

START_TEST(a_dump_rewritten_twice)
{
    add_dump();
    rewriting_twice_is_rewriting_once();
}
END_TEST

START_TEST(a_bare_domain_rewritten_twice)
{
    add_bare();
    rewriting_twice_is_rewriting_once();
}
END_TEST

/* libvirt gives the disks addresses, and the number of ports that OVMF has to serve is the
 * same. */
START_TEST(a_bare_domain_for_ovmf_rewritten_before_and_after_libvirt)
{
    w.domain.firmware = FIRMWARE_OVMF;
    w.domain.controllers.count = 0; /* no pcie-root */
    add_bare();
    for (unsigned i = 1; i < 8; i++)
        add_other(&w, "disk", NULL);
    rewrite(&w);
    ck_assert_int_eq(named("ua-vtopo-rp-0000-45-00-0")->hotplug, 0);
    w.domain.announced.count = 0; /* libvirt drops comments */
    add_controller(&w, 0, CTRL_PCIE_ROOT, NULL);
    for (unsigned i = 0; i < 8; i++) {
        char place[32];

        snprintf(place, sizeof(place), "00:02.%u", i);
        add_controller(&w, 1 + i, CTRL_ROOT_PORT, place);
        w.domain.devices.items[i ? 4 + i : 0].address =
            (struct address){ADDRESS_PCI, {0, (uint8_t)(1 + i), 0, 0}, -1};
    }
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
    undo(&w);
    plan_or_fail(&w);
    ck_assert(port_of(&w, "45:00.0")->hotplug_off);
}
END_TEST

START_TEST(with_spare_ports_rewritten_twice)
{
    w.policy.spare_ports = 3;
    add_dump();
    rewriting_twice_is_rewriting_once();
}
END_TEST

START_TEST(with_expanders_of_others_rewritten_twice)
{
    add_dump();
    add_controller(&w, 7, CTRL_EXPANDER, "00:05.0");
    add_controller(&w, 8, CTRL_ROOT_PORT, "07:00.0");
    rewriting_twice_is_rewriting_once();
}
END_TEST

START_TEST(adopted_and_rewritten_twice)
{
    w.policy.adopt = true;
    add_controller(&w, 3, CTRL_EXPANDER, "00:05.0")->bus_nr = 100;
    for (unsigned i = 4; i <= 9; i++) {
        char place[32];

        snprintf(place, sizeof(place), "03:%02x.0", i);
        add_controller(&w, i, CTRL_ROOT_PORT, place);
    }
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, "00:02.1");
    add_controller(&w, 10, CTRL_ROOT_PORT, "00:02.2");
    add_other(&w, "disk vda", "0a:00.0");
    add_hostdev(&w, "81:00.0", "04:00.0");
    add_hostdev(&w, "82:00.0", "05:00.0");
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w),
                     "cell1{rp(81:00.0) rp(82:00.0)} pcie.0{filler filler filler filler}");
    ck_assert_uint_eq(expander(&w, 0)->index, 3);
    rewriting_twice_is_rewriting_once();
}
END_TEST

/* More bus numbers are counted for a bare domain than libvirt's dump then needs. */
START_TEST(ranges_that_had_to_be_packed_stay_so)
{
    static const int aligned[] = {224, 240}, packed[] = {247, 253}; /* 6 and 3 numbers */
    size_t n = 0;

    add_dump();
    rewrite(&w);
    for (int pass = 0; pass < 3; pass++) {
        n = 0;
        for (size_t i = 0; i < w.domain.controllers.count; i++) {
            struct domain_controller *c = &w.domain.controllers.items[i];

            if (c->model != CTRL_EXPANDER)
                continue;
            if (!pass)
                ck_assert_int_eq(c->bus_nr, aligned[n]);
            c->bus_nr =
                pass && n ? packed[n] : aligned[n]; /* all as planned; then one of each kind */
            if (pass == 2)
                c->bus_nr = packed[n];
            n++;
        }
        plan_or_fail(&w);
        ck_assert_int_eq(w.plan->realised, pass != 1);
    }
}
END_TEST

/* R'(R(x)) = R'(U(R(x))) */
static void changed_as_if_undone(void (*change)(void))
{
    autofree char *direct = NULL, *undone = NULL;

    w.policy.mirror = MIRROR_SWITCH;
    rewrite(&w);
    change();
    direct = writing();
    undo(&w);
    undone = writing();
    ck_assert_str_eq(direct, undone);
}

static void to_numa(void)
{
    w.policy.mirror = MIRROR_NUMA;
}

static void one_card_less(void)
{
    struct domain_device *last = &w.domain.devices.items[--w.domain.devices.count];

    free(last->label);
}

static void one_kept(void)
{
    add_wish(&w, "44:00.0")->keep = 1;
}

static void one_more_disk(void)
{
    add_other(&w, "disk vdb", NULL);
}

static void fewer_cells(void)
{
    idset_free(&w.domain.memnodes.items[--w.domain.memnodes.count].nodes);
}

START_TEST(a_change_after_a_rewrite)
{
    static void (*const changes[])(void) = {to_numa, one_card_less, one_kept, one_more_disk,
                                            fewer_cells};

    if (_i % 2)
        add_dump();
    else
        add_bare();
    changed_as_if_undone(changes[_i / 2]);
}
END_TEST

START_TEST(nothing_left_to_place_takes_out_what_was_built)
{
    add_hostdev(&w, "81:00.0", NULL);
    rewrite(&w);
    one_card_less();
    plan_or_fail(&w);
    ck_assert_int_eq(w.plan->outcome, PLAN_UNCHANGED);
    ck_assert(!w.plan->realised);
    ck_assert_uint_eq(w.plan->undo.controllers.count, 2);
    rewrite(&w);
    ck_assert_uint_eq(w.domain.controllers.count, 1);
}
END_TEST

/* After a rewrite a tool adds a port with a NIC behind all others; nothing moves any more, and the
 * NIC must not either. */
static void a_nic_is_added_and_all_is_taken_out(enum plan_outcome outcome)
{
    autofree char *direct = NULL, *undone = NULL;

    add_dump();
    rewrite(&w);
    add_controller(&w, 16, CTRL_ROOT_PORT, "00:18.0");
    add_other(&w, "interface tap0", "10:00.0");
    if (outcome == PLAN_LAYOUT)
        w.policy.unmapped_node = UNMAPPED_STAY;
    for (size_t i = w.domain.memnodes.count; i > 0; i--)
        fewer_cells();
    while (outcome == PLAN_UNCHANGED && w.domain.devices.items[1].kind == DEVICE_HOSTDEV_PCI) {
        struct domain_device gone = w.domain.devices.items[1];

        memmove(&w.domain.devices.items[1], &w.domain.devices.items[2],
                (--w.domain.devices.count - 1) * sizeof(gone));
        free(gone.label);
    }
    plan_or_fail(&w);
    ck_assert_int_eq(w.plan->outcome, outcome);
    ck_assert_str_eq(layout(&w),
                     "pcie.0{filler filler filler filler filler filler filler filler filler}");
    for (size_t i = 0; i < w.plan->controllers.count; i++) {
        ck_assert_uint_eq(w.plan->controllers.items[i].index, 7 + i);
        ck_assert_uint_eq(w.plan->controllers.items[i].slot, i < 8 ? 0x1c : 0x1e);
        ck_assert_uint_eq(w.plan->controllers.items[i].function, i % 8);
        ck_assert_int_eq(w.plan->controllers.items[i].multifunction, i == 0);
        ck_assert_int_eq(w.plan->controllers.items[i].hotplug_off,
                         w.domain.firmware == FIRMWARE_OVMF);
    }
    for (size_t i = 0; i < w.plan->findings.count; i++)
        ck_assert_str_ne(w.plan->findings.items[i].subject, "interface tap0");
    ck_assert(!w.plan->realised);
}

START_TEST(gaps_are_filled_where_nothing_moves_any_more)
{
    a_nic_is_added_and_all_is_taken_out(PLAN_LAYOUT);
    undo(&w);
    plan_or_fail(&w); /* the same after an undo */
    ck_assert_uint_eq(w.plan->controllers.count, 9);
    rewrite(&w);
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
}
END_TEST

START_TEST(gaps_are_filled_where_nothing_is_assigned_any_more)
{
    w.domain.firmware = FIRMWARE_OVMF;
    a_nic_is_added_and_all_is_taken_out(PLAN_UNCHANGED);
    rewrite(&w);
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
}
END_TEST

START_TEST(gaps_of_a_domain_without_our_doing_are_not_ours)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_hostdev(&w, "81:00.0", "04:00.0"); /* where no controller is listed */
    add_wish(&w, "81:00.0")->keep = 1;
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
    ck_assert_uint_eq(w.plan->controllers.count, 0);
}
END_TEST

/* libvirt puts a device that is added later into a spare port. */
START_TEST(others_in_a_spare_port_take_it_along_and_no_card_moves)
{
    autofree char *before = NULL, *after = NULL;
    unsigned spare;
    char place[32];

    w.policy.spare_ports = 1;
    add_dump();
    rewrite(&w);
    plan_or_fail(&w);
    before = strdup(places(&w));
    spare = w.plan->controllers.items[w.plan->controllers.count - 1].index;
    snprintf(place, sizeof(place), "%02x:00.0", spare);
    add_other(&w, "interface", place);
    plan_or_fail(&w);
    after = strdup(places(&w));
    ck_assert_str_eq(before, after);
    ck_assert_str_eq(layout(&w), "cell0{rp-up(dp(43:00.0) dp(44:00.0)) rp(45:00.0) spare} "
                                 "cell1{rp(81:00.0) rp(82:00.0) spare} pcie.0{filler}");
    ck_assert(!w.plan->realised);
    ck_assert_uint_eq(w.domain.devices.items[w.domain.devices.count - 1].address.at.bus, spare);
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_GUEST_BDF_CHANGES), "was in a port of vtopo's"));
    rewrite(&w);
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
}
END_TEST

/* Leaves the controllers; devices are listed in the order of the domain. */
static void cut_devices(char *text)
{
    char *at = strstr(text, "\n0000:");

    ck_assert_ptr_nonnull(at);
    *at = '\0';
}

START_TEST(the_order_of_devices_in_the_domain_does_not_matter)
{
    autofree char *first = NULL, *second = NULL;
    struct domain_device *d;

    add_bare();
    first = writing();
    d = w.domain.devices.items;
    for (size_t i = 0; i < 2; i++) {
        struct domain_device keep = d[1 + i];

        d[1 + i] = d[4 - i];
        d[4 - i] = keep;
    }
    second = writing();
    cut_devices(first);
    cut_devices(second);
    ck_assert_str_eq(first, second);
    ck_assert_str_eq(layout(&w),
                     "cell0{rp-up(dp(43:00.0) dp(44:00.0)) rp(45:00.0)} cell1{rp(82:00.0)}");
}
END_TEST

START_TEST(nothing_depends_on_where_moving_devices_were)
{
    autofree char *first = NULL, *second = NULL;

    add_dump();
    first = writing();
    w.domain.devices.items[4].address.at = bdf_of("00:09.0");
    w.domain.devices.items[5].address.kind = ADDRESS_NONE;
    second = writing();
    ck_assert_str_eq(first, second);
}
END_TEST

/* --- realised --- */

static struct domain_controller *controller_of(enum controller_model model)
{
    for (size_t i = 0; i < w.domain.controllers.count; i++) {
        if (w.domain.controllers.items[i].marked && w.domain.controllers.items[i].model == model)
            return &w.domain.controllers.items[i];
    }
    ck_abort_msg("no such controller of vtopo's");
    return NULL;
}

START_TEST(what_libvirt_adds_is_no_difference)
{
    add_dump();
    rewrite(&w);
    for (size_t i = 0; i < w.domain.controllers.count; i++)
        w.domain.controllers.items[i].model_name = strdup("x");
    controller_of(CTRL_ROOT_PORT)->hotplug = 1;
    controller_of(CTRL_EXPANDER)->address.at.slot = 0x10;
    controller_of(CTRL_DOWNSTREAM)->chassis =
        -1; /* KubeVirt loses them: the defaults are the same */
    controller_of(CTRL_DOWNSTREAM)->port = -1;
    w.domain.devices.items[1].address.multifunction = -1;
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
}
END_TEST

START_TEST(every_change_is_a_difference)
{
    add_dump();
    add_wish(&w, "45:00.0")->hotplug = 1;
    rewrite(&w);
    switch (_i) {
    case 0:
        controller_of(CTRL_EXPANDER)->bus_nr--;
        break;
    case 1:
        controller_of(CTRL_EXPANDER)->node = 1;
        break;
    case 2:
        controller_of(CTRL_EXPANDER)->address.kind = ADDRESS_NONE;
        break;
    case 3:
        controller_of(CTRL_ROOT_PORT)->chassis = 77;
        break;
    case 4:
        controller_of(CTRL_ROOT_PORT)->port = 77;
        break;
    case 5:
        named("ua-vtopo-rp-0000-45-00-0")->hotplug = 0;
        break; /* policy hotplug */
    case 6:
        controller_of(CTRL_DOWNSTREAM)->hotplug = -1;
        break;
    case 7:
        controller_of(CTRL_DOWNSTREAM)->address.at.slot = 9;
        break;
    case 8:
        controller_of(CTRL_DOWNSTREAM)->alias[9] = 'x';
        break;
    case 9:
        controller_of(CTRL_UPSTREAM)->model = CTRL_PCIE_TO_PCI;
        break;
    case 10:
        w.domain.devices.items[1].address.multifunction = 0;
        break;
    case 11:
        w.domain.devices.items[5].address.at.bus++;
        break;
    case 12:
        w.domain.devices.items[5].address.kind = ADDRESS_NONE;
        break;
    case 13:
        add_controller(&w, 100, CTRL_ROOT_PORT, "00:07.0")->marked = true;
        break;
    default:
        ck_abort();
    }
    plan_or_fail(&w);
    ck_assert(!w.plan->realised);
    ck_assert_ptr_nonnull(w.plan->difference);
}
END_TEST

/* --- unchanged, strict --- */

START_TEST(other_machine_types_are_left_as_they_are)
{
    add_dump();
    w.domain.machine_kind = MACHINE_OTHER;
    plan_or_fail(&w);
    ck_assert_int_eq(w.plan->outcome, PLAN_UNCHANGED);
    ck_assert(w.plan->realised);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_MACHINE));
    w.policy.strict = true;
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
}
END_TEST

START_TEST(other_machine_types_without_host_devices_are_nobodys_business)
{
    add_other(&w, "disk vda", "00:05.0");
    w.domain.machine_kind = MACHINE_OTHER;
    w.policy.strict = true;
    plan_or_fail(&w);
    ck_assert_int_eq(w.plan->outcome, PLAN_UNCHANGED);
    ck_assert_ptr_null(finding_of(&w, FINDING_MACHINE));
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_NOTHING_ASSIGNED));
    ck_assert_ptr_null(w.plan->lack);
}
END_TEST

START_TEST(other_machine_types_need_no_host)
{
    add_hostdev(&w, "99:00.0", NULL);
    w.domain.machine_kind = MACHINE_OTHER;
    plan_or_fail(&w);
}
END_TEST

/* Guests of aarch64's virt find expanders by ACPI alone, and that comes with UEFI. */
START_TEST(machine_virt_needs_uefi_and_acpi)
{
    static const struct {
        enum firmware_kind firmware;
        enum guest_acpi acpi;
        enum finding_id why;
    } rows[] = {
        {FIRMWARE_SEABIOS, ACPI_ON, FINDING_NO_UEFI},
        {FIRMWARE_SEABIOS, ACPI_NOT_ASKED, FINDING_NO_UEFI},
        {FIRMWARE_OVMF, ACPI_NOT_ASKED, FINDING_NO_ACPI},
        {FIRMWARE_OVMF, ACPI_OFF, FINDING_NO_ACPI},
    };

    add_dump();
    w.domain.machine_kind = MACHINE_VIRT;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        w.domain.firmware = rows[i].firmware;
        w.domain.acpi = rows[i].acpi;
        plan_or_fail(&w);
        ck_assert_int_eq(w.plan->outcome, PLAN_UNCHANGED);
        ck_assert_ptr_nonnull(finding_of(&w, rows[i].why));
    }
    w.domain.acpi = ACPI_ON;
    plan_or_fail(&w);
    ck_assert_int_eq(w.plan->outcome, PLAN_LAYOUT);
}
END_TEST

START_TEST(old_firmware_of_machine_virt_hides_cells)
{
    static const struct {
        unsigned version;
        bool old, unsure;
    } rows[] = {{0, false, true}, {2022011000, true, false}, {2023002000, false, false}};

    add_dump();
    w.domain.machine_kind = MACHINE_VIRT;
    w.domain.firmware = FIRMWARE_OVMF;
    w.domain.firmware_choice = FIRMWARE_BY_LIBVIRT;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        w.policy.ovmf_version = rows[i].version;
        plan_or_fail(&w);
        ck_assert_int_eq(w.plan->outcome, PLAN_LAYOUT);
        ck_assert_int_eq(finding_of(&w, FINDING_FIRMWARE_WITHOUT_CELLS) != NULL, rows[i].old);
        ck_assert_int_eq(finding_of(&w, FINDING_FIRMWARE_CELLS_UNSURE) != NULL, rows[i].unsure);
    }
    w.domain.machine_kind = MACHINE_Q35;
    w.policy.ovmf_version = 0;
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_FIRMWARE_CELLS_UNSURE));
}
END_TEST

START_TEST(without_assigned_devices_the_domain_is_left_as_it_is)
{
    add_other(&w, "disk", "00:05.0");
    w.policy.strict = true;
    plan_or_fail(&w);
    ck_assert_int_eq(w.plan->outcome, PLAN_UNCHANGED);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_NOTHING_ASSIGNED));
}
END_TEST

START_TEST(a_running_domain_gets_a_finding)
{
    add_dump();
    w.domain.running = true;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_RUNNING), "--security-info"));
}
END_TEST

START_TEST(a_refusal_leaves_no_plan)
{
    add_hostdev(&w, "99:00.0", NULL);
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_HOST);
    ck_assert_ptr_null(w.plan);
    ck_assert_ptr_nonnull(w.error);
}
END_TEST

/* --- no memory --- */

/* Returns what the call returned, and in @ret_seen how many allocations it made. */
static int plan_failing_at(size_t number, size_t *ret_seen)
{
    int r;

    failing_alloc_start(number);
    r = make_plan(&w);
    *ret_seen = failing_alloc_stop();
    return r;
}

static void fail_every_allocation_once(void)
{
    size_t number = 1, seen;
    int r;

    for (; (r = plan_failing_at(number, &seen)) != 0; number++) {
        ck_assert_msg(r == VTOPO_ERR_NOMEM, "%d when allocation %zu fails", r, number);
        ck_assert_ptr_null(w.plan);
        ck_assert_int_eq(vtopo_error_code(w.error), VTOPO_ERR_NOMEM);
    }
    ck_assert_uint_gt(number, 50); /* the last one failed nothing */
    ck_assert_uint_lt(seen, number);
}

START_TEST(no_memory_for_a_dump_that_was_rewritten)
{
    add_dump();
    add_named(&w, DEVICE_INTERFACE_NETWORK, "pool", "00:05.0");
    w.policy.mirror = MIRROR_EXACT;
    rewrite(&w);
    w.policy.mirror = MIRROR_NUMA; /* findings of nearer cards */
    w.policy.spare_ports = 2;
    fail_every_allocation_once();
}
END_TEST

START_TEST(no_memory_for_a_bare_domain_with_all_kinds_of_trouble)
{
    add_bare();
    fewer_cells(); /* node 1 has none */
    add_controller(&w, 1, CTRL_EXPANDER, NULL);
    add_controller(&w, 2, CTRL_EXPANDER, "00:06.0")->bus_nr = 255; /* broken */
    add_controller(&w, 3, CTRL_ROOT_PORT, "02:00.0");
    add_hostdev(&w, "81:00.0", "03:00.0"); /* placed on purpose */
    add_controller(&w, 4, CTRL_ROOT_PORT, "02:01.0");
    add_other(&w, "disk vdb", "04:00.0"); /* and so not adopted */
    add_wish(&w, "45:00.0")->keep = 1;
    add_wish(&w, "44:00.0")->hotplug = 1;
    w.domain.running = true;
    w.policy.adopt = true;
    fail_every_allocation_once();
}
END_TEST

START_TEST(no_memory_for_advice)
{
    add_dump();
    for (size_t i = 0; i < w.domain.cells.count; i++)
        idset_free(&w.domain.cells.items[i].vcpus);
    w.domain.cells.count = 0;
    w.domain.vcpus = 4;
    w.policy.without_numa = WITHOUT_NUMA_GROUP;
    fail_every_allocation_once();
}
END_TEST

START_TEST(no_memory_for_the_error)
{
    add_dump();
    add_hostdev(&w, "99:00.0", NULL);
    for (size_t number = 1;; number++) {
        size_t seen;
        int r = plan_failing_at(number, &seen);

        ck_assert_ptr_nonnull(w.error);
        if (seen < number) {
            ck_assert_int_eq(r, VTOPO_ERR_HOST);
            break;
        }
        ck_assert_int_eq(r, VTOPO_ERR_NOMEM);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("make");
    TCase *tcase = tcase_create("make");

    suite_add_tcase(suite, tcase);
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_dump_rewritten_twice);
    tcase_add_test(tcase, a_bare_domain_rewritten_twice);
    tcase_add_test(tcase, a_bare_domain_for_ovmf_rewritten_before_and_after_libvirt);
    tcase_add_test(tcase, with_spare_ports_rewritten_twice);
    tcase_add_test(tcase, with_expanders_of_others_rewritten_twice);
    tcase_add_test(tcase, adopted_and_rewritten_twice);
    tcase_add_test(tcase, ranges_that_had_to_be_packed_stay_so);
    tcase_add_loop_test(tcase, a_change_after_a_rewrite, 0, 10);
    tcase_add_test(tcase, nothing_left_to_place_takes_out_what_was_built);
    tcase_add_test(tcase, gaps_are_filled_where_nothing_moves_any_more);
    tcase_add_test(tcase, gaps_are_filled_where_nothing_is_assigned_any_more);
    tcase_add_test(tcase, gaps_of_a_domain_without_our_doing_are_not_ours);
    tcase_add_test(tcase, others_in_a_spare_port_take_it_along_and_no_card_moves);
    tcase_add_test(tcase, the_order_of_devices_in_the_domain_does_not_matter);
    tcase_add_test(tcase, nothing_depends_on_where_moving_devices_were);
    tcase_add_test(tcase, what_libvirt_adds_is_no_difference);
    tcase_add_loop_test(tcase, every_change_is_a_difference, 0, 14);
    tcase_add_test(tcase, other_machine_types_are_left_as_they_are);
    tcase_add_test(tcase, other_machine_types_without_host_devices_are_nobodys_business);
    tcase_add_test(tcase, machine_virt_needs_uefi_and_acpi);
    tcase_add_test(tcase, old_firmware_of_machine_virt_hides_cells);
    tcase_add_test(tcase, other_machine_types_need_no_host);
    tcase_add_test(tcase, without_assigned_devices_the_domain_is_left_as_it_is);
    tcase_add_test(tcase, a_running_domain_gets_a_finding);
    tcase_add_test(tcase, a_refusal_leaves_no_plan);
    tcase_add_test(tcase, no_memory_for_a_dump_that_was_rewritten);
    tcase_add_test(tcase, no_memory_for_a_bare_domain_with_all_kinds_of_trouble);
    tcase_add_test(tcase, no_memory_for_advice);
    tcase_add_test(tcase, no_memory_for_the_error);
    return run_suite(suite);
}
