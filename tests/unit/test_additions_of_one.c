/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_additions_of_one.c - additions to one of several cells or host devices */
#include "build.h"
#include "domxml/domxml.h"
#include "model/additions.h"
#include "parsed.h"
#include "vtopo/error.h"

#include <check.h>
#include <string.h>

#define HOSTDEV(domain, body)                                                                      \
    "<hostdev mode='subsystem' type='pci'><source><address domain='" domain                        \
    "' bus='1' slot='0' function='0'/></source>" body "</hostdev>"

static const struct {
    enum addition_kind kind;
    const char *of, *text;
} all[] = {
    {ADDITION_CELL_DISTANCES, "0", "<distances>\n  <sibling id='1' value='40'/>\n</distances>"},
    {ADDITION_CELL_SIBLING, "1", "<sibling id='2' value='80'/>"},
    {ADDITION_CELL_SIBLING, "1", "<sibling id='3' value='120'/>"},
    {ADDITION_NUMA_CELL, "", "<cell id='2' memory='0' unit='KiB'/>"},
    {ADDITION_NUMA_CELL, "",
     "<cell id='3' memory='0' unit='KiB'>\n  <distances>\n    <sibling id='0' value='80'/>\n"
     "  </distances>\n</cell>"},
    {ADDITION_DEVICE_ACPI, "0009:01:00.0", "<acpi nodeset='2'/>"},
    {ADDITION_DEVICE_ACPI, "12345:01:00.0", "<acpi nodeset='3'/>"},
};

#define ALL (sizeof(all) / sizeof(*all))
#define EVERYTHING ((1u << ALL) - 1)

static int try_adding(const char *text, unsigned which, char **ret)
{
    struct vtopo_domain *domain = parsed_domain(text);
    struct additions additions = {0};
    size_t length;
    int r;

    for (size_t i = 0; i < ALL; i++) {
        if (which >> i & 1)
            ck_assert(additions_add_to(&additions, all[i].kind, all[i].of, strdup(all[i].text)));
    }
    r = domxml_add(domain, &additions, ret, &length, NULL);
    vtopo_domain_free(domain);
    additions_clear(&additions);
    return r;
}

static char *added(const char *text, unsigned which)
{
    char *result = NULL;

    ck_assert_int_eq(try_adding(text, which, &result), 0);
    return result;
}

static char *undone(const char *text)
{
    struct vtopo_domain *domain = parsed_domain(text);
    char *result = NULL;
    size_t length;

    ck_assert_msg(!vtopo_domain_record_problem(domain), "%s: %s",
                  vtopo_domain_record_problem(domain), text);
    ck_assert_int_eq(vtopo_domain_undo(domain, &result, &length, NULL), 0);
    vtopo_domain_free(domain);
    return result;
}

#define CELLS(one, other)                                                                          \
    "<domain>\n  <vcpu>2</vcpu>\n  <cpu>\n    <numa>\n" one "\n" other                             \
    "\n    </numa>\n  </cpu>\n  <devices>\n    " HOSTDEV("9", "") "\n    " HOSTDEV(                \
        "0x12345", "<address type='pci' bus='1' slot='0'/>") "\n  </devices>\n</domain>\n"

static const char *const texts[] = {
    CELLS("      <cell id='0' cpus='0' memory='1'/>", "      <cell id='1' cpus='1' memory='1'/>"),
    CELLS("      <cell cpus='0' memory='1'></cell>", "<!-- a --><cell cpus='1' memory='1' />"),
    CELLS("      <cell id='1' cpus='0' memory='1'>\n        <distances>\n"
          "          <sibling id='0' value='20'/>\n        </distances>\n      </cell>",
          "      <cell id='0' cpus='1' memory='1'>\n        <cache level='1'/>\n      </cell>"),
    CELLS("      <cell id='0' cpus='0' memory='1'/>",
          "      <cell id='1' cpus='1' memory='1'><distances/></cell>\n      <interconnects/>"),
};

START_TEST(they_are_where_libvirt_prints_them)
{
    autofree char *text = added(texts[0], EVERYTHING);

    ck_assert_msg(strstr(text, "      <cell id='0' cpus='0' memory='1'>\n"
                               "        <distances>\n"
                               "          <sibling id='1' value='40'/>\n"
                               "        </distances>\n"
                               "      </cell>\n"
                               "      <cell id='1' cpus='1' memory='1'>\n"
                               "        <distances>\n"
                               "          <sibling id='2' value='80'/>\n"
                               "          <sibling id='3' value='120'/>\n"
                               "        </distances>\n"
                               "      </cell>\n"
                               "      <cell id='2' memory='0' unit='KiB'/>\n"
                               "      <cell id='3' memory='0' unit='KiB'>\n"
                               "        <distances>\n"
                               "          <sibling id='0' value='80'/>\n"
                               "        </distances>\n"
                               "      </cell>\n"
                               "    </numa>\n"),
                  "%s", text);
    ck_assert_msg(strstr(text, "</source><acpi nodeset='2'/></hostdev>"), "%s", text);
    ck_assert_msg(strstr(text, "</source><acpi nodeset='3'/><address type"), "%s", text);
}
END_TEST

START_TEST(an_undo_gives_the_same_bytes)
{
    for (unsigned which = 1; which <= EVERYTHING; which++) {
        if ((which & 0x18) == 0x10) /* a cell without the one before */
            continue;
        autofree char *text = added(texts[_i], which), *back = undone(text);

        ck_assert_msg(!strcmp(back, texts[_i]), "%x:\n%s\n%s", which, text, back);
    }
}
END_TEST

/* Each is known again as of its own cell or device. */
START_TEST(what_is_recorded_is_what_is_wanted)
{
    autofree char *text = added(texts[0], EVERYTHING);
    struct vtopo_domain *domain = parsed_domain(text);
    const struct record_additions *recorded = &domain->plain->model.record.additions;
    struct additions wanted = {0};

    for (size_t i = 0; i < ALL; i++)
        ck_assert(additions_add_to(&wanted, all[i].kind, all[i].of, strdup(all[i].text)));
    ck_assert(additions_are_recorded(&wanted, recorded));
    strcpy(wanted.items[0].of, "1");
    ck_assert(!additions_are_recorded(&wanted, recorded));
    additions_clear(&wanted);
    vtopo_domain_free(domain);
}
END_TEST

static char *replaced(const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);

    ck_assert_msg(at, "%s: %s", old, text);
    return mem_printf("%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
}

/* Who changes a cell has them all, and what names them. */
START_TEST(cells_stand_together)
{
    autofree char *text = added(texts[0], EVERYTHING);
    autofree char *changed = replaced(text, "<cell id='2' memory='0'", "<cell id='2' memory='9'");
    autofree char *back = undone(changed);

    ck_assert_ptr_nonnull(strstr(back, "<cell id='3'"));
    ck_assert_ptr_nonnull(strstr(back, "<sibling id='3' value='120'/>"));
    ck_assert_ptr_nonnull(strstr(back, "<acpi nodeset='3'/>"));
    ck_assert_ptr_null(strstr(back, "<metadata>"));
}
END_TEST

/* A device that is taken out leaves the cells to vtopo. */
START_TEST(a_device_that_is_gone)
{
    autofree char *text = added(texts[0], EVERYTHING);
    autofree char *gone = replaced(text, HOSTDEV("9", "<acpi nodeset='2'/>"), "");
    autofree char *want = replaced(texts[0], HOSTDEV("9", ""), "");
    autofree char *back = undone(gone);

    ck_assert_str_eq(back, want);
}
END_TEST

/* Who names cells of vtopo's for a device of theirs has them, and what names the others. */
START_TEST(a_device_that_names_others)
{
    autofree char *text = added(texts[0], EVERYTHING);
    autofree char *ours = replaced(text, "<acpi nodeset='3'/>", "<acpi nodeset='2-3'/>");
    autofree char *theirs = replaced(text, "<acpi nodeset='3'/>", "<acpi nodeset='1'/>");
    autofree char *kept = undone(ours), *without = undone(theirs);

    ck_assert_ptr_nonnull(strstr(kept, "<cell id='3'"));
    ck_assert_ptr_nonnull(strstr(kept, "<acpi nodeset='2-3'/>"));
    ck_assert_ptr_nonnull(strstr(kept, "<acpi nodeset='2'/>"));
    ck_assert_ptr_null(strstr(kept, "<metadata>"));
    ck_assert_ptr_null(strstr(without, "<cell id='2'"));
    ck_assert_ptr_nonnull(strstr(without, "<acpi nodeset='1'/>"));
}
END_TEST

START_TEST(what_is_not_there_is_no_plan_of_this_domain)
{
    char *text = NULL;

    ck_assert_int_ne(try_adding("<domain><devices/></domain>", EVERYTHING, &text), 0);
    ck_assert_int_ne(try_adding("<domain><devices>" HOSTDEV("9", "") "</devices></domain>",
                                1u << (ALL - 1), &text),
                     0);
    ck_assert_ptr_null(text);
}
END_TEST

#define RECORD(entries)                                                                            \
    "<domain><metadata><vtopo:record xmlns:vtopo='http://vtopo.io/record/1.0'>" entries            \
    "</vtopo:record></metadata><devices/></domain>"
#define ONE "digests='0123456789abcdef'/>"

static const char *const damaged[] = {
    RECORD("<vtopo:added in='cpu/numa/cell[id]' what='distances' " ONE),
    RECORD("<vtopo:added in='cpu/numa' of='0' what='cell' " ONE),
    RECORD("<vtopo:added in='devices/hostdev[source]' of='12345678:01:00.00' what='acpi' " ONE),
    RECORD("<vtopo:added in='cpu/numa/cell[id]' of='0' what='distances' " ONE
           "<vtopo:added in='cpu/numa/cell[id]' of='1' what='distances' " ONE
           "<vtopo:added in='cpu/numa/cell[id]' of='0' what='distances' " ONE),
    RECORD("<vtopo:added in='cpu/numa' what='cell' " ONE
           "<vtopo:added in='cpu/numa/cell[id]' of='1' what='distances' " ONE),
};

START_TEST(a_damaged_record_is_not_used)
{
    struct vtopo_domain *domain = parsed_domain(damaged[_i]);

    ck_assert_msg(vtopo_domain_record_problem(domain), "%s", damaged[_i]);
    vtopo_domain_free(domain);
}
END_TEST

START_TEST(a_record_may_name_what_is_not_there)
{
    static const char *const others[] = {
        RECORD("<vtopo:added in='cpu/numa/cell[id]' of='7' what='distances' " ONE),
        RECORD("<vtopo:added in='devices/hostdev[source]' of='' what='acpi' " ONE),
        RECORD("<vtopo:added in='devices/hostdev[source]' of='9:1:0.0' what='acpi' " ONE),
    };

    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        autofree char *back = undone(others[i]);

        ck_assert_str_eq(back, "<domain><metadata></metadata><devices/></domain>");
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("additions_of_one");
    TCase *tcase = tcase_create("additions_of_one");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, they_are_where_libvirt_prints_them);
    tcase_add_loop_test(tcase, an_undo_gives_the_same_bytes, 0, sizeof(texts) / sizeof(*texts));
    tcase_add_test(tcase, what_is_recorded_is_what_is_wanted);
    tcase_add_test(tcase, cells_stand_together);
    tcase_add_test(tcase, a_device_that_is_gone);
    tcase_add_test(tcase, a_device_that_names_others);
    tcase_add_test(tcase, what_is_not_there_is_no_plan_of_this_domain);
    tcase_add_loop_test(tcase, a_damaged_record_is_not_used, 0, sizeof(damaged) / sizeof(*damaged));
    tcase_add_test(tcase, a_record_may_name_what_is_not_there);
    return run_suite(suite);
}
