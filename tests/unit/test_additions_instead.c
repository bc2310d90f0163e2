/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_additions_instead.c - <pcihole64> of the controller pcie-root: written, raised, put back */
#include "domxml/additions.h"

#include "build.h"
#include "parsed.h"
#include "vtopo/error.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define ROOT "<controller type='pci' index='0' model='pcie-root'"
#define HOLE "<pcihole64 unit='KiB'>1073741824</pcihole64>"
#define OLD "<pcihole64 unit=\"GiB\">512</pcihole64>"
#define DEVICES(content)                                                                           \
    "<domain>\n  <name>a</name>\n  <devices>\n    <controller type='usb' index='0'/>\n"            \
    "    " content "\n    <controller type='pci' index='1' model='pcie-root-port'/>\n"             \
    "  </devices>\n</domain>\n"

/* NULL: the plan is none of this domain. */
static char *written(const char *text, const char *old)
{
    struct vtopo_domain *domain = parsed_domain(text);
    struct additions additions = {0};
    char *result = NULL;
    size_t length;
    int r;

    ck_assert(old ? additions_replace(&additions, ADDITION_PCIHOLE64, old, strdup(HOLE))
                  : additions_add(&additions, ADDITION_PCIHOLE64, strdup(HOLE)));
    r = domxml_add(domain, &additions, &result, &length, NULL);
    ck_assert(r ? !result : result != NULL);
    if (!r) {
        struct vtopo_domain *again = parsed_domain(result);

        ck_assert_ptr_null(vtopo_domain_record_problem(again));
        ck_assert(additions_are_recorded(&additions, &domxml_plain(again)->model.record.additions));
        ck_assert_uint_eq(again->model.space.hole64_kib, 1 << 30);
        ck_assert_uint_eq(domxml_plain(again)->model.space.hole64_kib,
                          domain->model.space.hole64_kib);
        vtopo_domain_free(again);
    }
    vtopo_domain_free(domain);
    additions_clear(&additions);
    return result;
}

static char *undone(const char *text)
{
    struct vtopo_domain *domain = parsed_domain(text);
    char *result = NULL;
    size_t length;

    ck_assert_int_eq(vtopo_domain_undo(domain, &result, &length, NULL), 0);
    vtopo_domain_free(domain);
    return result;
}

static const struct {
    const char *before, *old, *after;
} rows[] = {
    {DEVICES(ROOT "/>"), NULL, ROOT ">\n      " HOLE "\n    </controller>\n"},
    {DEVICES(ROOT "></controller>"), NULL, ROOT ">\n      " HOLE "\n    </controller>\n"},
    {DEVICES(ROOT ">\n      <alias name='pcie.0'/>\n    </controller>"), NULL,
     ROOT ">\n      " HOLE "\n      <alias name='pcie.0'/>\n"},
    {DEVICES(ROOT ">\n      <model name='x'/>\n      <target index='0'/>\n    </controller>"), NULL,
     "<target index='0'/>\n      " HOLE "\n    </controller>"},
    {DEVICES(ROOT ">\n      " OLD "\n    </controller>"), OLD,
     ROOT ">\n      " HOLE "\n    </controller>\n"},
    {DEVICES(ROOT ">" OLD "<alias name='a'/></controller>"), OLD,
     ROOT ">" HOLE "<alias name='a'/></controller>\n"},
    {DEVICES(ROOT "><pcihole64 >  7 </pcihole64 ></controller>"), "<pcihole64 >  7 </pcihole64 >",
     ROOT ">" HOLE "</controller>\n"},
};

START_TEST(an_undo_gives_the_same_bytes)
{
    autofree char *text = written(rows[_i].before, rows[_i].old), *back = NULL;

    ck_assert_ptr_nonnull(text);
    ck_assert_msg(strstr(text, rows[_i].after), "%s", text);
    back = undone(text);
    ck_assert_str_eq(back, rows[_i].before);
}
END_TEST

/* In one that libvirt would add: it goes, too, and what libvirt makes of it is as libvirt prints
 * it.
 */
START_TEST(an_announced_controller)
{
    static const char before[] =
        DEVICES(ROOT "><!-- vtopo: libvirt would add this --></controller>");
    autofree char *text = written(before, NULL), *back = NULL;
    struct vtopo_domain *domain = parsed_domain(text);
    char *comment;

    ck_assert_str_eq(domxml_plain(domain)->text, before);
    vtopo_domain_free(domain);
    comment = strstr(text, "<!--");
    memmove(comment, comment + strcspn(comment, ">") + 1, strlen(comment + strcspn(comment, ">")));
    back = undone(text);
    ck_assert_str_eq(back, DEVICES(ROOT "/>"));
}
END_TEST

/* As libvirt prints the one that was hand-written; what somebody wrote since is theirs. */
START_TEST(what_somebody_changed_stays)
{
    autofree char *text = written(rows[4].before, OLD), *back = NULL;
    char *at = strstr(text, "1073741824</pcihole64>");

    *at = '2';
    back = undone(text);
    ck_assert_str_eq(
        back,
        DEVICES(ROOT ">\n      <pcihole64 unit='KiB'>2073741824</pcihole64>\n    </controller>"));
}
END_TEST

START_TEST(no_plan_of_this_domain)
{
    ck_assert_ptr_null(written(DEVICES(""), NULL));
    ck_assert_ptr_null(written("<domain><name>a</name></domain>", NULL));
    ck_assert_ptr_null(written(DEVICES(ROOT "/>"), OLD));
    ck_assert_ptr_null(written(DEVICES(ROOT "><pcihole64>1</pcihole64></controller>"), OLD));
    ck_assert_ptr_null(written(DEVICES(ROOT ">" OLD OLD "</controller>"), OLD));
}
END_TEST

START_TEST(only_what_can_be_put_back_is_replaced)
{
    static const char *const good[] = {"<pcihole64>1</pcihole64>", OLD,
                                       "<pcihole64  unit='b' > 12 </pcihole64 >"};
    static const char *const bad[] = {"",
                                      "<pcihole64/>",
                                      "<pcihole64></pcihole64>",
                                      "<pcihole64>1</pcihole64> ",
                                      "<pcihole64>1</pcihole64><a/>",
                                      "<pcihole64>1<!-- a --></pcihole64>",
                                      "<pcihole64>&#49;</pcihole64>",
                                      "<pcihole64>1 2</pcihole64>",
                                      "<pcihole64>1\n</pcihole64>",
                                      "<pcihole64 unit='KiB\">1</pcihole64>",
                                      "<pcihole64 unit=KiB>1</pcihole64>",
                                      "<pcihole64 unit='K' a='b'>1</pcihole64>",
                                      "<pcihole641>1</pcihole641>",
                                      "<pcihole64>1</pcihole6>",
                                      "<pcihole64"};

    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
        ck_assert_msg(addition_may_replace(good[i], "pcihole64"), "%s", good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        ck_assert_msg(!addition_may_replace(bad[i], "pcihole64"), "%s", bad[i]);
}
END_TEST

START_TEST(controllers_that_take_one)
{
    static const struct {
        const char *text;
        bool takes;
    } cases[] = {
        {DEVICES(""), false},
        {DEVICES(ROOT "/>"), true},
        {DEVICES(ROOT ">" OLD "</controller>"), true},
        {DEVICES(ROOT ">" OLD OLD "</controller>"), false},
        {DEVICES(ROOT "><pcihole64>1<!-- a --></pcihole64></controller>"), false},
        {DEVICES(ROOT "><!-- vtopo: libvirt would add this --></controller>"), false},
        {DEVICES("<controller type='pci' index='0' model='pci-root'/>"), false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct vtopo_domain *domain = parsed_domain(cases[i].text);

        ck_assert_msg(domain->model.space.takes_hole64 == cases[i].takes, "%s", cases[i].text);
        vtopo_domain_free(domain);
    }
}
END_TEST

#define IN "<vtopo:added in='devices/controller[pcie-root]' what='pcihole64' "
#define DIGEST "0123456789abcdef"
#define GOOD "instead='&lt;pcihole64>1&lt;/pcihole64>' "

/* A record is anybody's input. */
START_TEST(a_damaged_record_is_not_used)
{
    static const char *const entries[] = {
        IN "instead='' digests='" DIGEST "'/>",
        IN "instead='&lt;hostdev/>' digests='" DIGEST "'/>",
        IN "instead='&lt;pcihole64>1&lt;/pcihole64>&lt;a/>' digests='" DIGEST "'/>",
        IN GOOD "was='closed' digests='" DIGEST "'/>",
        IN GOOD "made='1' digests='" DIGEST "'/>",
        IN GOOD "attribute='unit' digests='" DIGEST "'/>",
        IN GOOD "digests='" DIGEST " " DIGEST "'/>",
        "<vtopo:added in='cpu' what='numa' " GOOD "digests='" DIGEST "'/>",
    };
    static const char start[] = "<domain><metadata><vtopo:record "
                                "xmlns:vtopo='http://vtopo.io/record/1.0'>";

    for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
        autofree char *text =
            mem_printf("%s%s</vtopo:record></metadata><devices>" ROOT "/></devices></domain>",
                       start, entries[i]);
        struct vtopo_domain *domain = parsed_domain(text);

        ck_assert_msg(vtopo_domain_record_problem(domain), "%s", text);
        vtopo_domain_free(domain);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("additions_instead");
    TCase *tcase = tcase_create("additions_instead");

    suite_add_tcase(suite, tcase);
    tcase_add_loop_test(tcase, an_undo_gives_the_same_bytes, 0, sizeof(rows) / sizeof(*rows));
    tcase_add_test(tcase, an_announced_controller);
    tcase_add_test(tcase, what_somebody_changed_stays);
    tcase_add_test(tcase, no_plan_of_this_domain);
    tcase_add_test(tcase, only_what_can_be_put_back_is_replaced);
    tcase_add_test(tcase, controllers_that_take_one);
    tcase_add_test(tcase, a_damaged_record_is_not_used);
    return run_suite(suite);
}
