/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_apply.c - plans written into texts, and taken out again: exact bytes */
#include "domxml/domxml.h"

#include "base/error.h"

#include "parsed.h"
#include "suite.h"

#include <check.h>
#include <string.h>

/* A plan with an expander 2 on cell 1, a root port 3 below it, and device 0 behind that. */
static void fill_plan(struct vtopo_plan *plan, bool with_device)
{
    struct plan_controller *expander = vec_add(&plan->controllers), *port;

    *expander = (struct plan_controller){.model = CTRL_EXPANDER,
                                         .index = 2,
                                         .parent = PLAN_NONE,
                                         .slot = 0x1e,
                                         .bus_nr = 64,
                                         .cell = 1,
                                         .alias = strdup("ua-vtopo-2")};
    port = vec_add(&plan->controllers);
    *port = (struct plan_controller){.model = CTRL_ROOT_PORT,
                                     .index = 3,
                                     .parent_index = 2,
                                     .chassis = 3,
                                     .port = 0,
                                     .alias = strdup("ua-vtopo-3")};
    if (with_device) {
        struct plan_device *device = vec_add(&plan->devices);

        *device =
            (struct plan_device){.fate = FATE_MOVED, .after = {ADDRESS_PCI, {0, 3, 0, 0}, -1}};
    }
}

static void clear_plan(struct vtopo_plan *plan)
{
    for (size_t i = 0; i < plan->controllers.count; i++)
        free(plan->controllers.items[i].alias);
    free(plan->controllers.items);
    free(plan->devices.items);
    free(plan->bus_fixes.items);
}

static void check_text(const char *text, size_t length, const char *expected)
{
    ck_assert_str_eq(text, expected);
    ck_assert_uint_eq(length, strlen(expected));
}

static void check_plan(const char *input, const struct vtopo_plan *plan, const char *expected)
{
    struct vtopo_domain *domain = parsed_domain(input);
    struct vtopo_error *error = NULL;
    char *text = NULL;
    size_t length;

    if (domxml_apply(domain, NULL, plan, &text, &length, &error) != 0)
        ck_abort_msg("%s", vtopo_error_message(error));
    check_text(text, length, expected);
    free(text);
    vtopo_domain_free(domain);
}

static void check_apply(const char *input, bool with_device, const char *expected)
{
    struct vtopo_plan plan = {0};

    fill_plan(&plan, with_device);
    check_plan(input, &plan, expected);
    clear_plan(&plan);
}

#define EXPANDER_LINES                                                                             \
    "    <controller type='pci' index='2' model='pcie-expander-bus'>\n"                            \
    "      <model name='pxb-pcie'/>\n"                                                             \
    "      <target busNr='64'>\n"                                                                  \
    "        <node>1</node>\n"                                                                     \
    "      </target>\n"                                                                            \
    "      <alias name='ua-vtopo-2'/>\n"                                                           \
    "      <address type='pci' domain='0x0000' bus='0x00' slot='0x1e' function='0x0'/>\n"          \
    "    </controller>\n"
#define PORT_LINES                                                                                 \
    "    <controller type='pci' index='3' model='pcie-root-port'>\n"                               \
    "      <model name='pcie-root-port'/>\n"                                                       \
    "      <target chassis='3' port='0x0'/>\n"                                                     \
    "      <alias name='ua-vtopo-3'/>\n"                                                           \
    "      <address type='pci' domain='0x0000' bus='0x02' slot='0x00' function='0x0'/>\n"          \
    "    </controller>\n"
#define HEAD                                                                                       \
    "<domain type='kvm'>\n"                                                                        \
    "  <devices>\n"                                                                                \
    "    <emulator>/usr/bin/qemu</emulator>\n"                                                     \
    "    <controller type='usb' index='0' model='none'/>\n"                                        \
    "    <controller type='pci' index='0' model='pcie-root'/>\n"                                   \
    "    <controller type='pci' index='1' model='pcie-root-port'>\n"                               \
    "      <model name='pcie-root-port'/>\n"                                                       \
    "      <target chassis='1' port='0x8'/>\n"                                                     \
    "      <address type='pci' domain='0x0000' bus='0x00' slot='0x01' function='0x0'/>\n"          \
    "    </controller>\n"
#define TAIL                                                                                       \
    "  </devices>\n"                                                                               \
    "</domain>\n"
#define HOSTDEV(address)                                                                           \
    "    <hostdev mode='subsystem' type='pci' managed='yes'>\n"                                    \
    "      <source>\n"                                                                             \
    "        <address domain='0x0000' bus='0x41' slot='0x00' function='0x0'/>\n"                   \
    "      </source>\n" address "    </hostdev>\n"

#define DEVICES(inside) "<domain>\n  <devices>\n" inside "  </devices>\n</domain>\n"
#define EXPANDER_4                                                                                 \
    DEVICES("    <controller type='pci' index='4' model='pcie-expander-bus'>\n      %s\n    "      \
            "</controller>\n")

START_TEST(dump_form)
{
    check_apply(
        HEAD HOSTDEV("      <address type='pci' domain='0x0000' bus='0x01' slot='0x00' "
                     "function='0x0'/>\n") TAIL,
        true,
        HEAD EXPANDER_LINES PORT_LINES HOSTDEV(
            "      <address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>\n")
            TAIL);
}
END_TEST

START_TEST(address_is_added)
{
    check_apply(HEAD HOSTDEV("") TAIL, true,
                HEAD EXPANDER_LINES PORT_LINES HOSTDEV(
                    "      <address type='pci' domain='0x0000' bus='0x03' slot='0x00' "
                    "function='0x0'/>\n") TAIL);
}
END_TEST

/* All become libvirt's, so that what it prints of them is what was written; what is no number of
 * the address stays. */
START_TEST(values_in_other_notations)
{
    static const struct {
        const char *before, *after;
    } cases[] = {
        {"<address type='pci' bus='3'/>",
         "<address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>"},
        {"<address type='pci' bus='0x3' slot='00' domain='0'/>",
         "<address type='pci' bus='0x03' slot='0x00' function='0x0' domain='0x0000'/>"},
        {"<address function=\"0x1\" bus='4'  type='pci'/>",
         "<address function=\"0x0\" bus='0x03' slot=\"0x00\"  type='pci' domain=\"0x0000\"/>"},
        {"<address type='pci' domain='0x0000' slot='0x02' function='0x0'></address>",
         "<address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'></address>"},
        {"<address type='pci'/>",
         "<address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>"},
        {"<address type='pci' multifunction='on'/>",
         "<address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0' "
         "multifunction='on'/>"},
        {"<address type='pci' domain='0' bus='0' slot='0' function='9'/>",
         "<address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>"},
        {"<address type='pci' bus='&#x33;'/>",
         "<address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>"},
        {"<address xmlns:bus='x' bus:bus='7' type='pci' bus='3'/>",
         "<address xmlns:bus='x' bus:bus='0x03' slot='0x00' function='0x0' type='pci' "
         "domain='0x0000' bus='3'/>"},
        {"<address xmlns='urn:x' type='no'/><address type='pci' bus='1'/>",
         "<address xmlns='urn:x' type='no'/><address type='pci' domain='0x0000' bus='0x03' "
         "slot='0x00' function='0x0'/>"},
        {"<address type='pci' bus='1'/><address type='pci' bus='2'/>",
         "<address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>"
         "<address type='pci' bus='2'/>"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        autofree char *input =
            mem_printf(HEAD HOSTDEV("%s%s%s") TAIL, "      ", cases[i].before, "\n");
        autofree char *expected = mem_printf(HEAD EXPANDER_LINES PORT_LINES HOSTDEV("%s%s%s") TAIL,
                                             "      ", cases[i].after, "\n");

        check_apply(input, true, expected);
    }
}
END_TEST

START_TEST(multifunction)
{
    static const struct {
        const char *before, *after;
    } cases[] = {
        {"<address type='pci' bus='3' function='0x0'/>",
         "<address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0' "
         "multifunction='on'/>"},
        {"<address type='pci' bus='3' multifunction='off'/>",
         "<address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0' "
         "multifunction='on'/>"},
        {"<address type='pci' bus='3' multifunction='on'/>",
         "<address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0' "
         "multifunction='on'/>"},
        {"<!-- none -->",
         "<!-- none -->\n      <address type='pci' domain='0x0000' bus='0x03' slot='0x00' "
         "function='0x0' multifunction='on'/>"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct vtopo_plan plan = {0};
        autofree char *input =
            mem_printf(HEAD HOSTDEV("%s%s%s") TAIL, "      ", cases[i].before, "\n");
        autofree char *expected = mem_printf(HEAD EXPANDER_LINES PORT_LINES HOSTDEV("%s%s%s") TAIL,
                                             "      ", cases[i].after, "\n");

        fill_plan(&plan, true);
        plan.devices.items[0].multifunction = true;
        check_plan(input, &plan, expected);
        clear_plan(&plan);
    }
}
END_TEST

/* Neighbours decide about blanks, line ends and quotes. */
START_TEST(tabs_and_double_quotes)
{
    check_apply("<domain>\n"
                "\t<devices>\n"
                "\t\t<emulator>q</emulator>\n"
                "\t\t<hostdev type=\"pci\">\n"
                "\t\t\t<source><address bus=\"0x41\"></address></source>\n"
                "\t\t</hostdev>\n"
                "\t</devices>\n"
                "</domain>",
                true,
                "<domain>\n"
                "\t<devices>\n"
                "\t\t<emulator>q</emulator>\n"
                "\t\t<controller type=\"pci\" index=\"2\" model=\"pcie-expander-bus\">\n"
                "\t\t\t<model name=\"pxb-pcie\"/>\n"
                "\t\t\t<target busNr=\"64\">\n"
                "\t\t\t\t<node>1</node>\n"
                "\t\t\t</target>\n"
                "\t\t\t<alias name=\"ua-vtopo-2\"/>\n"
                "\t\t\t<address type=\"pci\" domain=\"0x0000\" bus=\"0x00\" slot=\"0x1e\" "
                "function=\"0x0\"/>\n"
                "\t\t</controller>\n"
                "\t\t<controller type=\"pci\" index=\"3\" model=\"pcie-root-port\">\n"
                "\t\t\t<model name=\"pcie-root-port\"/>\n"
                "\t\t\t<target chassis=\"3\" port=\"0x0\"/>\n"
                "\t\t\t<alias name=\"ua-vtopo-3\"/>\n"
                "\t\t\t<address type=\"pci\" domain=\"0x0000\" bus=\"0x02\" slot=\"0x00\" "
                "function=\"0x0\"/>\n"
                "\t\t</controller>\n"
                "\t\t<hostdev type=\"pci\">\n"
                "\t\t\t<source><address bus=\"0x41\"></address></source>\n"
                "\t\t\t<address type=\"pci\" domain=\"0x0000\" bus=\"0x03\" slot=\"0x00\" "
                "function=\"0x0\"/>\n"
                "\t\t</hostdev>\n"
                "\t</devices>\n"
                "</domain>");
}
END_TEST

START_TEST(crlf)
{
    struct vtopo_plan plan = {0};

    fill_plan(&plan, true);
    free(plan.controllers.items[--plan.controllers.count].alias);
    plan.controllers.items[0].cell = -1;
    check_plan("<domain id=\"x\">\r\n"
               " <devices>\r\n"
               "  <controller type=\"pci\" index=\"0\" model=\"pcie-root\"/>  <!-- root -->\r\n"
               "  <hostdev type=\"pci\"><source><address bus=\"1\"/></source></hostdev>\r\n"
               " </devices>\r\n"
               "</domain>\r\n",
               &plan,
               "<domain id=\"x\">\r\n"
               " <devices>\r\n"
               "  <controller type=\"pci\" index=\"0\" model=\"pcie-root\"/>  <!-- root -->\r\n"
               "  <controller type=\"pci\" index=\"2\" model=\"pcie-expander-bus\">\r\n"
               "   <model name=\"pxb-pcie\"/>\r\n"
               "   <target busNr=\"64\"/>\r\n"
               "   <alias name=\"ua-vtopo-2\"/>\r\n"
               "   <address type=\"pci\" domain=\"0x0000\" bus=\"0x00\" slot=\"0x1e\" "
               "function=\"0x0\"/>\r\n"
               "  </controller>\r\n"
               "  <hostdev type=\"pci\"><source><address bus=\"1\"/></source>"
               "<address type=\"pci\" domain=\"0x0000\" bus=\"0x03\" slot=\"0x00\" "
               "function=\"0x0\"/></hostdev>\r\n"
               " </devices>\r\n"
               "</domain>\r\n");
    clear_plan(&plan);
}
END_TEST

START_TEST(one_line)
{
    struct vtopo_plan plan = {0};

    fill_plan(&plan, true);
    free(plan.controllers.items[--plan.controllers.count].alias);
    plan.controllers.items[0].model = CTRL_UPSTREAM;
    plan.controllers.items[0].parent_index = 1;
    plan.controllers.items[0].slot = 0;
    check_plan("<domain><devices><hostdev type='pci'><source><address bus='1'/></source></hostdev>"
               "</devices></domain>",
               &plan,
               "<domain><devices><controller type='pci' index='2' "
               "model='pcie-switch-upstream-port'><model name='x3130-upstream'/>"
               "<alias name='ua-vtopo-2'/><address type='pci' domain='0x0000' bus='0x01' "
               "slot='0x00' function='0x0'/></controller>"
               "<hostdev type='pci'><source><address bus='1'/></source>"
               "<address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>"
               "</hostdev></devices></domain>");
    clear_plan(&plan);
}
END_TEST

#define ANNOUNCED "<!-- vtopo: libvirt would add this -->"

/* As if they had been there, and they go without a trace. */
START_TEST(announced_controllers)
{
    static const char *const inputs[] = {
        "<domain><devices><emulator>q</emulator></devices></domain>",
        "<domain>\r\n <devices>\r\n  <emulator>q</emulator>\r\n </devices>\r\n</domain>\r\n",
    };
    static const char *const parts[] = {
        "<controller type='pci' index='0' model='pcie-root'>" ANNOUNCED "</controller>",
        "<controller type='pci' index='1' model='pcie-root-port'>" ANNOUNCED "</controller>",
        "<controller type='pci' index='2' model='pcie-expander-bus'>",
        "<controller type='pci' index='3' model='pcie-root-port'>"};

    for (size_t i = 0; i < sizeof(inputs) / sizeof(*inputs); i++) {
        struct vtopo_domain *domain = parsed_domain(inputs[i]), *rewritten;
        struct vtopo_plan plan = {0};
        autofree char *text = NULL, *undone = NULL;
        size_t length;
        const char *at;

        fill_plan(&plan, false);
        for (unsigned n = 0; n < 2; n++) {
            unsigned *index = vec_add(&plan.announced);

            ck_assert_ptr_nonnull(index);
            *index = n;
        }
        ck_assert_int_eq(domxml_apply(domain, NULL, &plan, &text, &length, NULL), 0);
        at = text;
        for (size_t n = 0; n < sizeof(parts) / sizeof(*parts); n++) {
            at = strstr(at, parts[n]);
            ck_assert_msg(at, "%s is not in its place in %s", parts[n], text);
        }
        rewritten = parsed_domain(text);
        ck_assert_int_eq(vtopo_domain_undo(rewritten, &undone, &length, NULL), 0);
        ck_assert_str_eq(undone, inputs[i]);
        vtopo_domain_free(rewritten);
        vtopo_domain_free(domain);
        free(plan.announced.items);
        clear_plan(&plan);
    }
}
END_TEST

/* Behind the next lower index, unless that is behind a higher one; else before the first higher
 * one, else behind others, else first of all. */
START_TEST(place_of_controllers)
{
    struct vtopo_plan plan = {0};
    const char *ours = "    <controller type='pci' index='3' model='pcie-switch-downstream-port'>\n"
                       "      <model name='xio3130-downstream'/>\n"
                       "      <target chassis='3' port='0x1f' hotplug='off'/>\n"
                       "      <address type='pci' domain='0x0000' bus='0x02' slot='0x1f' "
                       "function='0x7' multifunction='on'/>\n"
                       "    </controller>\n";
    static const char *const cases[][2] = {
        {"    <controller type='pci' index='1' model='pcie-root-port'/>\n",
         "    <controller type='pci' index='5' model='pcie-root-port'/>\n"
         "    <controller type='pci' index='2' model='pcie-root-port'/>\n"},
        {"    <controller type='pci' index='2' model='pcie-root-port'/>\n",
         "    <controller type='pci' index='1' model='pcie-root-port'/>\n"
         "    <controller type='pci' index='5' model='pcie-root-port'/>\n"},
        {"    <controller type='pci' index='2' model='pcie-root-port'>\n    </controller>\n",
         "    <controller type='pci' index='4' model='pcie-root-port'/>\n"},
        {"    <emulator>q</emulator>\n",
         "    <controller type='pci' index='4' model='pcie-root-port'/>\n"},
        {"    <controller type='usb'/>\n    <disk/>\n    <controller type='sata'/>\n",
         "    <disk/>\n    <emulator>q</emulator>\n"},
        {"    <disk/>\n    <emulator>q</emulator>\n", "    <disk/>\n"},
        {"", "    <disk/>\n"},
        {"", ""},
    };

    fill_plan(&plan, false);
    free(plan.controllers.items[0].alias);
    free(plan.controllers.items[1].alias);
    plan.controllers.count = 1;
    plan.controllers.items[0] = (struct plan_controller){.model = CTRL_DOWNSTREAM,
                                                         .index = 3,
                                                         .parent_index = 2,
                                                         .chassis = 3,
                                                         .port = 0x1f,
                                                         .slot = 0x1f,
                                                         .function = 7,
                                                         .multifunction = true,
                                                         .hotplug_off = true};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        autofree char *input = mem_printf(DEVICES("%s%s%s"), cases[i][0], "", cases[i][1]);
        autofree char *expected = mem_printf(DEVICES("%s%s%s"), cases[i][0], ours, cases[i][1]);

        check_plan(input, &plan, expected);
    }
    clear_plan(&plan);
}
END_TEST

START_TEST(empty_elements_are_opened)
{
    struct vtopo_plan plan = {0};
    struct plan_bus_fix *fix = vec_add(&plan.bus_fixes);

    *fix = (struct plan_bus_fix){.index = 4, .bus_nr = 0x50};
    check_plan("<domain>\n"
               "  <devices>\n"
               "    <controller type='pci' index='4' model='pcie-expander-bus'/>\n"
               "  </devices>\n"
               "</domain>\n",
               &plan,
               "<domain>\n"
               "  <devices>\n"
               "    <controller type='pci' index='4' model='pcie-expander-bus'>\n"
               "      <target busNr='80'/>\n"
               "    </controller>\n"
               "  </devices>\n"
               "</domain>\n");
    clear_plan(&plan);
    plan = (struct vtopo_plan){0};
    fill_plan(&plan, false);
    free(plan.controllers.items[0].alias);
    plan.controllers.items[0] = plan.controllers.items[1];
    plan.controllers.count = 1;
    check_plan("<domain>\n  <devices/>\n</domain>\n", &plan,
               "<domain>\n  <devices>\n" PORT_LINES "  </devices>\n</domain>\n");
    check_plan("<domain>\n  <devices></devices>\n</domain>\n", &plan,
               "<domain>\n  <devices>\n" PORT_LINES "  </devices>\n</domain>\n");
    clear_plan(&plan);
}
END_TEST

START_TEST(bus_fixes)
{
    static const char *const cases[][2] = {
        {"<target busNr='7'/>", "<target busNr='80'/>"},
        {"<target busNr=\"0x50\"/>", "<target busNr=\"0x50\"/>"},
        {"<target/>", "<target busNr='80'/>"},
        {"<target foo='1'><node>0</node></target>",
         "<target foo='1' busNr='80'><node>0</node></target>"},
        {"<model name='pxb-pcie'/>\n      <address type='pci' slot='5'/>",
         "<model name='pxb-pcie'/>\n      <target busNr='80'/>\n      <address type='pci' "
         "slot='5'/>"},
        {"<address type='pci' slot='5'/>",
         "<target busNr='80'/>\n      <address type='pci' slot='5'/>"},
    };
    struct vtopo_plan plan = {0};
    struct plan_bus_fix *fix = vec_add(&plan.bus_fixes);

    *fix = (struct plan_bus_fix){.index = 4, .bus_nr = 0x50};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        autofree char *input = mem_printf(EXPANDER_4, cases[i][0]);
        autofree char *expected = mem_printf(EXPANDER_4, cases[i][1]);

        check_plan(input, &plan, expected);
    }
    clear_plan(&plan);
}
END_TEST

START_TEST(plan_of_another_domain)
{
    struct vtopo_domain *domain = parsed_domain(HEAD TAIL);
    struct vtopo_plan plan = {0};
    struct vtopo_error *error = NULL;
    char *text = NULL;
    size_t length;

    fill_plan(&plan, true); /* there is no device 0 */
    ck_assert_int_eq(domxml_apply(domain, NULL, &plan, &text, &length, &error), VTOPO_ERR_BUG);
    ck_assert_ptr_null(text);
    vtopo_error_free(error);
    plan.devices.count = 0;
    plan.controllers.items[0].index = 1; /* is there already */
    ck_assert_int_eq(domxml_apply(domain, NULL, &plan, &text, &length, NULL), VTOPO_ERR_BUG);
    plan.controllers.items[0].index = 2;
    plan.controllers.items[0].alias[3] = '\''; /* no alias to libvirt */
    ck_assert_int_eq(domxml_apply(domain, NULL, &plan, &text, &length, NULL), VTOPO_ERR_BUG);
    clear_plan(&plan);
    vtopo_domain_free(domain);
}
END_TEST

/* Undo by hand: every marked controller, and device 0 to @address. */
static char *undone(const char *input, struct address address)
{
    struct vtopo_domain *domain = parsed_domain(input);
    struct undo undo = {0};
    struct undo_device *device;
    char *text = NULL;
    size_t length;

    for (size_t i = 0; i < domain->model.controllers.count; i++) {
        size_t *place;

        if (!domain->model.controllers.items[i].marked)
            continue;
        place = vec_add(&undo.controllers);
        *place = i;
    }
    if (domain->model.devices.count) {
        device = vec_add(&undo.devices);
        *device = (struct undo_device){0, address};
    }
    ck_assert_int_eq(domxml_undo(domain, &undo, &text, &length, NULL), 0);
    ck_assert_uint_eq(length, strlen(text));
    free(undo.controllers.items);
    free(undo.devices.items);
    vtopo_domain_free(domain);
    return text;
}

#define ADDRESS_1                                                                                  \
    "      <address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>\n"
#define ADDRESS_3                                                                                  \
    "      <address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>\n"

START_TEST(undo_dump_form)
{
    const char *ours = HEAD EXPANDER_LINES PORT_LINES HOSTDEV(ADDRESS_3) TAIL;
    autofree char *moved = undone(ours, (struct address){ADDRESS_PCI, {0, 1, 0, 0}, -1});
    autofree char *without = undone(ours, (struct address){ADDRESS_NONE, {0}, -1});
    autofree char *function = undone(ours, (struct address){ADDRESS_PCI, {0, 1, 0, 2}, 1});

    ck_assert_str_eq(moved, HEAD HOSTDEV(ADDRESS_1) TAIL);
    check_apply(moved, true, ours);
    ck_assert_str_eq(without, HEAD HOSTDEV("") TAIL);
    check_apply(without, true, ours);
    ck_assert_str_eq(function,
                     HEAD HOSTDEV("      <address type='pci' domain='0x0000' bus='0x01' "
                                  "slot='0x00' function='0x2' multifunction='on'/>\n") TAIL);
}
END_TEST

START_TEST(undo_multifunction)
{
    autofree char *off =
        undone(HEAD HOSTDEV("<address type='pci' bus='3'\n multifunction='on' slot='0'/>") TAIL,
               (struct address){ADDRESS_PCI, {0, 1, 0, 0}, -1});

    ck_assert_str_eq(off, HEAD HOSTDEV("<address type='pci' domain='0x0000' bus='0x01' slot='0x00' "
                                       "function='0x0'/>") TAIL);
}
END_TEST

START_TEST(undo_shared_lines)
{
    autofree char *text = undone(
        "<domain><devices>\n"
        " <controller type='pci' index='5'><alias name='ua-vtopo-5'/></controller> <!-- a -->\n"
        " <!-- b --> <controller type='pci' index='6'><alias name='ua-vtopo-6'/></controller>\r\n"
        "\t<controller type='pci' index='7'><alias name='ua-vtopo-7'/>\r\n"
        "</controller> \t\r\n"
        " <controller type='pci' index='8'><alias name='ua-vtopo-8'/></controller><controller "
        "type='pci' index='9'><alias name='ua-vtopo-9'/></controller>\n"
        " <!-- c -->\n"
        "</devices></domain>",
        (struct address){0});

    ck_assert_str_eq(text, "<domain><devices>\n"
                           "  <!-- a -->\n"
                           " <!-- b --> \r\n"
                           " \n"
                           " <!-- c -->\n"
                           "</devices></domain>");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        dump_form,          address_is_added,       values_in_other_notations,
        multifunction,      tabs_and_double_quotes, crlf,
        one_line,           place_of_controllers,   empty_elements_are_opened,
        bus_fixes,          plan_of_another_domain, undo_dump_form,
        undo_multifunction, undo_shared_lines,      announced_controllers,
    };
    Suite *suite = suite_create("apply");
    TCase *tcase = tcase_create("apply");

    for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
