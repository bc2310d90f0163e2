/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_parse_policy.c - the policy in a domain's metadata: what is read, what is refused, and that
 * the schema agrees */
#include "domxml/domxml.h"

#include "base/error.h"
#include "vtopo/policy.h"

#include "suite.h"

#include <check.h>
#include <string.h>

#define SCHEMA TEST_DATA "/../schemas/domain-policy.rng"
#define V "xmlns:v='http://vtopo.io/domain/1.0'"
#define POLICY(content) "<v:policy " V content "</v:policy>"

static int parse(const char *metadata, struct vtopo_domain **ret_domain,
                 struct vtopo_error **reterr)
{
    autofree char *text =
        mem_printf("<domain>\n<metadata>\n%s\n</metadata>\n</domain>\n", metadata);

    return vtopo_domain_parse(text, strlen(text), "test", ret_domain, reterr);
}

static struct vtopo_domain *parse_or_fail(const char *metadata)
{
    struct vtopo_domain *domain = NULL;
    struct vtopo_error *error = NULL;

    if (parse(metadata, &domain, &error))
        ck_abort_msg("%s: %s", metadata, vtopo_error_message(error));
    return domain;
}

static bool schema_accepts(const char *policy)
{
    struct vtopo_error *error = NULL;
    int r = vtopo_domain_validate(policy, strlen(policy), SCHEMA, &error);

    ck_assert_msg(!r || r == VTOPO_ERR_DOMAIN, "%s", error ? vtopo_error_message(error) : "");
    vtopo_error_free(error);
    return !r;
}

START_TEST(what_is_said_is_read)
{
    struct vtopo_domain *domain = parse_or_fail(
        "<a:b xmlns:a='urn:a' mirror='none'/>\n"
        "<policy xmlns='http://vtopo.io/domain/1.0' mirror='exact' strict='no' spare_ports='3'>\n"
        " <!-- a comment -->\n"
        " <device bdf='41:00.0' keep='yes' node='-1'/>\n"
        " <device id='10DE:2235' hotplug='no'></device>\n"
        "</policy>");
    const struct policy_wish *policy = &domain->policy;
    const struct policy_device *device = policy->devices.items;

    ck_assert_int_eq(policy->mirror, MIRROR_EXACT);
    ck_assert_int_eq(policy->strict, 0);
    ck_assert_int_eq(policy->spare_ports, 3);
    ck_assert_uint_eq(policy->devices.count, 2);
    ck_assert(device[0].by_bdf && device[0].bdf.bus == 0x41 && device[0].keep == 1 &&
              device[0].node == -1);
    ck_assert_int_eq(device[0].hotplug, -1);
    ck_assert(!device[1].by_bdf && device[1].vendor == 0x10de && device[1].device == 0x2235);
    ck_assert(device[1].hotplug == 0 && device[1].keep == -1 && device[1].node == -2);
    vtopo_domain_free(domain);
}
END_TEST

/* Elements of others, and of ours elsewhere, are nobody's business here. */
START_TEST(what_is_not_said_is_left_open)
{
    static const char *const texts[] = {
        "",
        "<a:policy xmlns:a='urn:b' mirror='none'/>",
        "<policy mirror='none'/>",
        "<a:x xmlns:a='urn:a'><v:policy " V " mirror='none'/></a:x>",
        POLICY(">"),
        "<v:policy " V "/>",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct vtopo_domain *domain = parse_or_fail(texts[i]);

        ck_assert_msg(domain->policy.mirror == -1 && domain->policy.strict == -1 &&
                          domain->policy.spare_ports == -1 && !domain->policy.devices.count,
                      "%s", texts[i]);
        vtopo_domain_free(domain);
    }
}
END_TEST

START_TEST(what_is_right_is_right_by_the_schema_too)
{
    static const char *const texts[] = {
        POLICY(">"),
        POLICY(" mirror='numa'>"),
        POLICY(" mirror='root' strict='yes' spare_ports='255'><!-- c -->"),
        POLICY(" mirror='switch' strict='no' spare_ports='007'>"),
        POLICY(" clique='off' links='stock'>"),
        POLICY(" links='host'>"),
        POLICY(" cells='make' cells_nodes='0-1,1023' cells_pin='core' cells_memory='preferred'>"),
        POLICY(
            " clique='auto'><v:device bdf='41:00.0' clique='15'/><v:device bdf='42:00.0' clique='0' hotplug='no'/>"),
        POLICY("><v:device bdf='0001:41:1f.7' keep='no'/>"),
        POLICY("><v:device bdf='abcd1234:41:00.0' node='1023'/><v:device bdf='41:0.0' node='0'/>"),
        POLICY(
            "><v:device id='10de:2235' node='-1' hotplug='yes'/><v:device id='10DE:2236' hotplug='no'/>"),
        POLICY("><v:device keep='yes' node='-0' hotplug='yes' id='10de:2235'> </v:device>"),
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        vtopo_domain_free(parse_or_fail(texts[i]));
        ck_assert_msg(schema_accepts(texts[i]), "%s", texts[i]);
    }
}
END_TEST

START_TEST(a_namespace_that_is_nearly_ours_is_told)
{
    static const struct {
        const char *name;
        bool ours;
    } cases[] = {{"http://vtopo.io/domain/1.1", true},  {"http://vtopo.io/domain", true},
                 {"http://vtopo.io/domain/1.0/", true}, {"https://vtopo.io/domain/1.0", true},
                 {"HTTP://vtopo.io/domain/1.0", true},  {"http://VTOPO.io/domain/1.0", true},
                 {"http://vtopo.io/Domain/1.0", true},  {"vtopo.io/domain/1.0", true},
                 {"https://vtopo.io/record/1.0", true}, {"http://vtopo.io/Record/1.0", true},
                 {"http://vtopo.io/other/1.0", false},  {"ftp://vtopo.io/domain/1.0", false},
                 {"http://vtopo.io.org/domain", false}, {"http://org/vtopo.io/domain", false}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        autofree char *text = mem_printf(
            "<domain><name>x</name><metadata><v:policy xmlns:v='%s'/></metadata></domain>",
            cases[i].name);
        struct vtopo_domain *domain = NULL;
        struct vtopo_error *error = NULL;
        int r = vtopo_domain_parse(text, strlen(text), "test", &domain, &error);

        ck_assert_msg(r == (cases[i].ours ? VTOPO_ERR_DOMAIN : 0), "%s", cases[i].name);
        ck_assert(!cases[i].ours || strstr(vtopo_error_message(error), "of another version"));
        vtopo_error_free(error);
        vtopo_domain_free(domain);
    }
}
END_TEST

START_TEST(what_is_wrong_is_wrong_by_the_schema_too)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"<v:policy xmlns:v='http://vtopo.io/domain/2.0'/>",
         "test:3: <policy>: namespace 'http://vtopo.io/domain/2.0' is of another version"},
        {"<v:polizy " V "/>", "test:3: <polizy>: unknown element in <metadata> (known: policy)"},
        {POLICY(" miror='numa'>"),
         "test:3: <policy>: unknown attribute 'miror' (known: mirror, strict, "},
        {POLICY(" v:mirror='numa'>"), "unknown attribute '...:mirror'"},
        {POLICY(" bdf='41:00.0'>"), "unknown attribute 'bdf'"},
        {POLICY(" mirror='Numa'>"),
         "'mirror' must be one of 'numa', 'root', 'switch', 'exact', not 'Numa'"},
        {POLICY(" mirror=''>"), "'mirror' must be one of"},
        {POLICY(" strict='on'>"), "'strict' must be one of 'no', 'yes', 'false', 'true', not 'on'"},
        {POLICY(" links='true'>"), "'links' must be one of 'stock', 'host', not 'true'"},
        {POLICY(" clique='on'>"), "'clique' must be one of 'off', 'cdi', 'auto', not 'on'"},
        {POLICY("><v:device bdf='41:00.0' clique='16'/>"),
         "'clique' must be a whole number from 0 to 15"},
        {POLICY(" spare_ports='256'>"),
         "'spare_ports' must be a whole number from 0 to 255, not '256'"},
        {POLICY(" spare_ports='-1'>"), "'spare_ports' must be"},
        {POLICY(" spare_ports=''>"), "'spare_ports' must be"},
        {POLICY(" spare_ports=' 1'>"), "'spare_ports' must be"},
        {POLICY(" spare_ports='+1'>"), "'spare_ports' must be"},
        {POLICY(" spare_ports='1x'>"), "'spare_ports' must be"},
        {POLICY(" spare_ports='99999999999999999999'>"), "'spare_ports' must be"},
        {POLICY(">mirror"), "test:3: <policy>: text is not expected here"},
        {POLICY("><![CDATA[x]]>"), "text is not expected here"},
        {POLICY(">\n<v:mirror/>"),
         "test:4: <mirror>: unknown element in <policy> (known: device, in namespace http://vtopo.io/domain/1.0)"},
        {POLICY("><device bdf='41:00.0' keep='yes'/>"), "<device>: unknown element in <policy>"},
        {POLICY("><v:device/>"), "a device needs 'bdf' or 'id'"},
        {POLICY("><v:device keep='yes'/>"), "a device needs 'bdf' or 'id'"},
        {POLICY("><v:device bdf='41:00.0' id='10de:2235' keep='yes'/>"), "'bdf' or 'id', not both"},
        {POLICY(">\n\n<v:device bdf='41:00.0'/>"),
         "test:5: <device>: a device needs something that is to be done with it"},
        {POLICY("><v:device bdf='41:20.0' keep='yes'/>"),
         "'bdf' must be a PCI address like '0000:41:00.0', not '41:20.0'"},
        {POLICY("><v:device bdf='41:00.8' keep='yes'/>"), "'bdf' must be"},
        {POLICY("><v:device bdf='' keep='yes'/>"), "'bdf' must be"},
        {POLICY("><v:device id='10de' keep='yes'/>"),
         "'id' must be vendor and device like '10de:2235', not '10de'"},
        {POLICY("><v:device id='10de:22355' keep='yes'/>"), "'id' must be"},
        {POLICY("><v:device id='10de:+235' keep='yes'/>"), "'id' must be"},
        {POLICY("><v:device bdf='41:00.0' keep='1'/>"), "'keep' must be one of"},
        {POLICY("><v:device bdf='41:00.0' node='1024'/>"),
         "'node' must be a whole number from -1 to 1023"},
        {POLICY("><v:device bdf='41:00.0' node='-2'/>"), "'node' must be"},
        {POLICY("><v:device bdf='41:00.0' node='-'/>"), "'node' must be"},
        {POLICY("><v:device bdf='41:00.0' node='--1'/>"), "'node' must be"},
        {POLICY(" cells_nodes='0-'>"),
         "'cells_nodes' must be numbers from 0 to 1023, like 0-3,8, not '0-'"},
        {POLICY(" cells_nodes='1024'>"), "'cells_nodes' must be numbers"},
        {POLICY(" cells_nodes=''>"), "'cells_nodes' must be numbers"},
        {POLICY(" avoid_cpus='0'>"), "unknown attribute 'avoid_cpus'"},
        {POLICY("><v:device bdf='41:00.0' hotplug=''/>"), "'hotplug' must be one of"},
        {POLICY("><v:device bdf='41:00.0' keep='yes' mirror='numa'/>"),
         "unknown attribute 'mirror' (known: bdf, id, keep, "},
        {POLICY("><v:device bdf='41:00.0' keep='yes'>x</v:device>"), "text is not expected here"},
        {POLICY("><v:device bdf='41:00.0' keep='yes'><v:device/></v:device>"),
         "unknown element in <device>"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct vtopo_domain *domain = NULL;
        struct vtopo_error *error = NULL;

        ck_assert_msg(parse(cases[i].text, &domain, &error) == VTOPO_ERR_DOMAIN, "%s",
                      cases[i].text);
        ck_assert_msg(strstr(vtopo_error_message(error), cases[i].message), "%s",
                      vtopo_error_message(error));
        vtopo_error_free(error);
        ck_assert_msg(!schema_accepts(cases[i].text), "%s", cases[i].text);
    }
}
END_TEST

/* More than a schema can say. */
START_TEST(nothing_is_said_twice)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"<v:policy " V "/>\n<v:policy " V "/>", "test:4: <policy>: is here twice"},
        {POLICY(">\n<v:device bdf='41:00.0' keep='yes'/>\n<v:device bdf='0000:41:0.0' node='1'/>"),
         "test:5: <device>: device '0000:41:0.0' is here twice"},
        {POLICY("><v:device id='10de:2235' keep='yes'/><v:device id='10DE:2235' node='1'/>"),
         "is here twice"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct vtopo_domain *domain = NULL;
        struct vtopo_error *error = NULL;

        ck_assert_msg(parse(cases[i].text, &domain, &error) == VTOPO_ERR_DOMAIN, "%s",
                      cases[i].text);
        ck_assert_msg(strstr(vtopo_error_message(error), cases[i].message), "%s",
                      vtopo_error_message(error));
        vtopo_error_free(error);
    }
}
END_TEST

START_TEST(it_goes_over_a_policy_key_by_key)
{
    struct vtopo_domain *domain = parse_or_fail(
        POLICY(" mirror='root' links='host' clique='off'><v:device id='10de:2235' keep='yes'/>"));
    struct vtopo_domain *other = parse_or_fail(POLICY(" strict='no' spare_ports='0'>"));
    struct vtopo_policy *policy;

    ck_assert(!vtopo_policy_new(&policy, NULL));
    vtopo_policy_set_strict(policy, true);
    vtopo_policy_set_spare_ports(policy, 2);
    ck_assert(!vtopo_policy_apply_domain(policy, domain, NULL));
    ck_assert_int_eq(policy->mirror, MIRROR_ROOT);
    ck_assert_int_eq(policy->links, LINKS_HOST);
    ck_assert_int_eq(policy->clique, CLIQUE_OFF);
    ck_assert(policy->strict);
    ck_assert_uint_eq(policy->spare_ports, 2);
    ck_assert_uint_eq(policy->domain_devices.count, 1);
    ck_assert_uint_eq(policy->devices.count, 0);
    ck_assert(!vtopo_policy_apply_domain(policy, other, NULL));
    ck_assert(!policy->strict);
    ck_assert_uint_eq(policy->spare_ports, 0);
    ck_assert_uint_eq(policy->domain_devices.count, 0);
    vtopo_policy_free(policy);
    vtopo_domain_free(domain);
    vtopo_domain_free(other);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parse_policy");
    TCase *tcase = tcase_create("parse_policy");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, what_is_said_is_read);
    tcase_add_test(tcase, what_is_not_said_is_left_open);
    tcase_add_test(tcase, what_is_right_is_right_by_the_schema_too);
    tcase_add_test(tcase, a_namespace_that_is_nearly_ours_is_told);
    tcase_add_test(tcase, what_is_wrong_is_wrong_by_the_schema_too);
    tcase_add_test(tcase, nothing_is_said_twice);
    tcase_add_test(tcase, it_goes_over_a_policy_key_by_key);
    return run_suite(suite);
}
