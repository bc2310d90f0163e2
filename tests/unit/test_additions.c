/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_additions.c - additions: their digests, into a text and out again, what is somebody's */
#include "model/additions.h"

#include "base/buffer.h"
#include "build.h"
#include "domxml/domxml.h"
#include "parsed.h"
#include "vtopo/error.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define RECORD(entries)                                                                            \
    "<metadata><vtopo:record xmlns:vtopo='http://vtopo.io/record/1.0'>" entries                    \
    "</vtopo:record></metadata>"

static uint64_t digest(const char *text)
{
    uint64_t number;

    ck_assert(addition_digest(text, &number));
    return number;
}

/* --- digests --- */

START_TEST(a_digest_is_of_what_an_element_means)
{
    static const struct {
        const char *one, *other;
        bool same;
    } cases[] = {
        {"<memnode cellid='0' nodeset='0'/>", "<memnode cellid='1' nodeset='1'/>", false},
        {"<hidden state='on'/>", "<hidden state='on'></hidden>", true},
        {"<hidden state='on'/>", "<hidden state='off'/>", false},
        {"<hidden state='on'/>", "<hidden/>", false},
        {"<hidden state='on'/>", "<hint state='on'/>", false},
        {"<a b='1' c='2'/>", "<a c='2' b='1'/>", true},
        {"<a b='1' c='2'/>", "<a b='2' c='1'/>", false},
        {"<a b='1'/>", "<a b='1' b2=''/>", false},
        {"<topology sockets='2'/>", "<topology sockets='2' dies='1' clusters='1'/>", true},
        {"<topology sockets='2'/>", "<topology sockets='2' dies='2'/>", false},
        {"<cell dies='1'/>", "<cell/>", false},
        {"<numa>\n  <cell id='0'/>\n  <cell id='1'/>\n</numa>",
         "<numa><cell id='1'/><cell id='0'/></numa>", true},
        {"<numa><cell id='0'/></numa>", "<numa><cell id='0'/><cell id='0'/></numa>", false},
        {"<a><b><c/></b></a>", "<a><b/><c/></a>", false},
        {"<entry name='n'>text</entry>", "<entry name='n'> text\n</entry>", true},
        {"<entry name='n'>text</entry>", "<entry name='n'>texts</entry>", false},
        {"<entry>a&lt;b&#10;c</entry>", "<entry>a<b\nc</entry>", false}, /* not our text */
        {"<a b='&amp;&apos;'/>", "<a b='&amp;&apos;'></a>", true},
        {"<a b='&amp;'/>", "<a b='&amp;amp;'/>", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        ck_assert_msg((digest(cases[i].one) == digest(cases[i].other)) == cases[i].same, "%s %s",
                      cases[i].one, cases[i].other);
}
END_TEST

/* It is in records of domains: nobody may change it. */
START_TEST(a_digest_stays_what_it_is)
{
    ck_assert_uint_eq(digest("<hidden state='on'/>"), UINT64_C(0x14c5b50298c586dd));
    ck_assert_uint_eq(digest("<vendor_id state='on' value='unspecified'/>"),
                      UINT64_C(0x10f2f1204af18c74));
}
END_TEST

START_TEST(kinds_have_places)
{
    ck_assert_int_eq(addition_kind_of("features/kvm", "hidden", NULL), ADDITION_KVM_HIDDEN);
    ck_assert_int_eq(addition_kind_of("", "sysinfo", NULL), ADDITION_SYSINFO);
    ck_assert_int_eq(addition_kind_of("devices", "hostdev", NULL), ADDITION_KINDS);
    ck_assert_int_eq(addition_kind_of("features", "hidden", NULL), ADDITION_KINDS);
    ck_assert_int_eq(addition_kind_of("qemu:commandline", "qemu:arg", NULL), ADDITION_QEMU_ARG);
    ck_assert_int_eq(addition_kind_of("qemu:commandline", "qemu:arg", "value"),
                     ADDITION_QEMU_ARG_VALUE);
    ck_assert_int_eq(addition_kind_of("features/kvm", "hidden", "state"), ADDITION_KINDS);
    ck_assert_uint_eq(addition_depth(ADDITION_KVM_HIDDEN), 2);
    ck_assert_uint_eq(addition_depth(ADDITION_CPU_NUMA), 1);
    ck_assert_uint_eq(addition_depth(ADDITION_SYSINFO), 0);
}
END_TEST

/* --- the list --- */

static void add(struct additions *additions, enum addition_kind kind, const char *text)
{
    ck_assert(additions_add(additions, kind, strdup(text)));
}

START_TEST(additions_are_in_the_order_of_their_kinds)
{
    struct additions additions = {0};

    add(&additions, ADDITION_CPU_NUMA, "<numa/>");
    add(&additions, ADDITION_VCPUPIN, "<vcpupin vcpu='0'/>");
    add(&additions, ADDITION_KVM_HIDDEN, "<hidden/>");
    add(&additions, ADDITION_VCPUPIN, "<vcpupin vcpu='1'/>");
    ck_assert_uint_eq(additions.count, 4);
    ck_assert_str_eq(additions.items[0].text, "<vcpupin vcpu='0'/>");
    ck_assert_str_eq(additions.items[1].text, "<vcpupin vcpu='1'/>");
    ck_assert_str_eq(additions.items[2].text, "<hidden/>");
    ck_assert_str_eq(additions.items[3].text, "<numa/>");
    ck_assert(additions_have(&additions, ADDITION_KVM_HIDDEN));
    ck_assert(!additions_have(&additions, ADDITION_QEMU_ARG));
    ck_assert(!additions_add(&additions, ADDITION_QEMU_ARG, NULL));
    additions_clear(&additions);
    ck_assert_uint_eq(additions.count, 0);
}
END_TEST

START_TEST(what_is_recorded_is_what_is_wanted)
{
    struct additions wanted = {0};
    struct record_additions recorded = {0};
    struct record_addition *one;

    ck_assert(additions_are_recorded(&wanted, &recorded));
    add(&wanted, ADDITION_KVM_HIDDEN, "<hidden state='on'/>");
    ck_assert(!additions_are_recorded(&wanted, &recorded));
    one = vec_add(&recorded);
    ck_assert_ptr_nonnull(one);
    *one = (struct record_addition){
        .kind = ADDITION_KVM_HIDDEN, .digest = digest("<hidden state='on'/>"), .element = 4};
    ck_assert(additions_are_recorded(&wanted, &recorded));
    one->element = SIZE_MAX;
    ck_assert(!additions_are_recorded(&wanted, &recorded));
    one->element = 4;
    one->digest++;
    ck_assert(!additions_are_recorded(&wanted, &recorded));
    one->digest--;
    one->kind = ADDITION_CPU_NUMA;
    ck_assert(!additions_are_recorded(&wanted, &recorded));
    additions_clear(&wanted);
    ck_assert(!additions_are_recorded(&wanted, &recorded));
    free(recorded.items);
}
END_TEST

/* --- into a text and out again --- */

static const struct {
    enum addition_kind kind;
    const char *text;
} all[] = {
    {ADDITION_VCPUPIN, "<vcpupin vcpu='0' cpuset='0-3'/>"},
    {ADDITION_VCPUPIN, "<vcpupin vcpu='1' cpuset='0-3'/>"},
    {ADDITION_NUMATUNE_MEMORY, "<memory mode='strict' nodeset='0'/>"},
    {ADDITION_NUMATUNE_MEMNODE, "<memnode cellid='0' mode='strict' nodeset='0'/>"},
    {ADDITION_SYSINFO,
     "<sysinfo type='fwcfg'>\n  <entry name='opt/a'>b&amp;&#10;c</entry>\n</sysinfo>"},
    {ADDITION_HYPERV_VENDOR_ID, "<vendor_id state='on' value='x'/>"},
    {ADDITION_KVM_HIDDEN, "<hidden state='on'/>"},
    {ADDITION_CPU_TOPOLOGY, "<topology sockets='1' cores='2' threads='1'/>"},
    {ADDITION_CPU_MAXPHYSADDR, "<maxphysaddr mode='passthrough'/>"},
    {ADDITION_CPU_FEATURE, "<feature policy='require' name='pdpe1gb'/>"},
    {ADDITION_CPU_NUMA, "<numa>\n  <cell id='0' cpus='0-1' memory='1' unit='KiB'/>\n</numa>"},
    {ADDITION_IOMMU, "<iommu model='smmuv3'>\n  <driver pciBus='1'/>\n</iommu>"},
    {ADDITION_IOMMU, "<iommu model='smmuv3'>\n  <driver pciBus='4'/>\n</iommu>"},
    {ADDITION_QEMU_ARG, "<qemu:arg value='-fw_cfg'/>"},
    {ADDITION_QEMU_ARG, "<qemu:arg value='name=a,string=1'/>"},
};

#define ALL (sizeof(all) / sizeof(*all))

/* The text with those of @all whose bits are set. */
static char *added(const char *text, unsigned which)
{
    struct vtopo_domain *domain = parsed_domain(text);
    struct additions additions = {0};
    char *result = NULL;
    size_t length;

    for (size_t i = 0; i < ALL; i++) {
        if (which >> i & 1)
            add(&additions, all[i].kind, all[i].text);
    }
    ck_assert_int_eq(domxml_add(domain, &additions, &result, &length, NULL), 0);
    ck_assert_uint_eq(length, strlen(result));
    vtopo_domain_free(domain);
    additions_clear(&additions);
    return result;
}

static char *undone(const char *text)
{
    struct vtopo_domain *domain = parsed_domain(text);
    char *result = NULL;
    size_t length;

    ck_assert_ptr_null(vtopo_domain_record_problem(domain));
    ck_assert_int_eq(vtopo_domain_undo(domain, &result, &length, NULL), 0);
    vtopo_domain_free(domain);
    return result;
}

#define EVERYTHING ((1u << ALL) - 1)

START_TEST(parents_are_made_and_everything_is_where_libvirt_prints_it)
{
    autofree char *text = added("<domain type='kvm'>\n  <name>a</name>\n  <vcpu>2</vcpu>\n"
                                "  <os/>\n  <devices/>\n</domain>\n",
                                EVERYTHING);
    const char *record = strstr(text, "  <metadata>"), *behind = strstr(text, "  <vcpu>");

    ck_assert(record && behind && record < behind);
    ck_assert_str_eq(behind, "  <vcpu>2</vcpu>\n"
                             "  <cputune>\n"
                             "    <vcpupin vcpu='0' cpuset='0-3'/>\n"
                             "    <vcpupin vcpu='1' cpuset='0-3'/>\n"
                             "  </cputune>\n"
                             "  <numatune>\n"
                             "    <memory mode='strict' nodeset='0'/>\n"
                             "    <memnode cellid='0' mode='strict' nodeset='0'/>\n"
                             "  </numatune>\n"
                             "  <sysinfo type='fwcfg'>\n"
                             "    <entry name='opt/a'>b&amp;&#10;c</entry>\n"
                             "  </sysinfo>\n"
                             "  <os/>\n"
                             "  <features>\n"
                             "    <hyperv>\n"
                             "      <vendor_id state='on' value='x'/>\n"
                             "    </hyperv>\n"
                             "    <kvm>\n"
                             "      <hidden state='on'/>\n"
                             "    </kvm>\n"
                             "  </features>\n"
                             "  <cpu>\n"
                             "    <topology sockets='1' cores='2' threads='1'/>\n"
                             "    <maxphysaddr mode='passthrough'/>\n"
                             "    <feature policy='require' name='pdpe1gb'/>\n"
                             "    <numa>\n"
                             "      <cell id='0' cpus='0-1' memory='1' unit='KiB'/>\n"
                             "    </numa>\n"
                             "  </cpu>\n"
                             "  <devices>\n"
                             "    <iommu model='smmuv3'>\n"
                             "      <driver pciBus='1'/>\n"
                             "    </iommu>\n"
                             "    <iommu model='smmuv3'>\n"
                             "      <driver pciBus='4'/>\n"
                             "    </iommu>\n"
                             "  </devices>\n"
                             "  <qemu:commandline>\n"
                             "    <qemu:arg value='-fw_cfg'/>\n"
                             "    <qemu:arg value='name=a,string=1'/>\n"
                             "  </qemu:commandline>\n"
                             "</domain>\n");
    ck_assert_ptr_nonnull(strstr(text, "<domain type='kvm' xmlns:qemu='http://libvirt.org/"));
}
END_TEST

#define NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"

static const char *const texts[] = {
    "<domain><name>a</name><vcpu>2</vcpu><devices/></domain>",
    "<domain>\n  <name>a</name>\n  <metadata/>\n  <vcpu>2</vcpu>\n  <features/>\n  <cpu "
    "mode='host-passthrough' />\n  <devices/>\n</domain>\n",
    "<domain>\r\n\t<name>a</name>\r\n\t<vcpu>2</vcpu>\r\n\t<features></features>\r\n\t<cpu>\r\n"
    "\t</cpu>\r\n\t<cputune/>\r\n\t<numatune> </numatune>\r\n\t<devices/>\r\n</domain>",
    "<domain>\n<name>a</name>\n<cputune><!-- none --></cputune>\n<numatune>\n <!-- none\n -->\n"
    "</numatune><features><acpi/><kvm/><hyperv><relaxed state='on'/></hyperv>\n</features>\n"
    "<cpu\n mode='custom'><model>a</model> <!-- b -->\n<cache/></cpu><devices/></domain>",
    "<domain>\n    <cpu>\n        <feature name='a'/>\n        <cache mode='x'/>\n    </cpu>\n"
    "    <features>\n        <vmport/>\n        <acpi/> <!-- a\n b -->\n    </features>\n"
    "    <sysinfo type='smbios'/>\n    <cputune>\n        <shares>1</shares>\n"
    "        <emulatorpin cpuset='1'/>\n    </cputune>\n    <metadata>\n    </metadata>\n"
    "    <devices/>\n</domain>\n",
    "<domain xmlns:qemu='" NAMESPACE "'>\n <devices/>\n <qemu:commandline>\n  <qemu:arg "
    "value='-fw_cfg'/>\n  <qemu:arg value='name=b,string=2'/>\n </qemu:commandline>\n</domain>\n",
    "<domain xmlns:q=\"" NAMESPACE "\">\n <devices/>\n <q:commandline/>\n</domain>\n",
    "<domain xmlns:q=\"" NAMESPACE "\">\n <devices/>\n</domain>\n",
    "<domain xmlns:qemu='urn:x'>\n <devices/>\n <qemu:commandline/>\n</domain>\n",
    "<domain>\n <devices><target qemu:a='1'/><qemu2:b/></devices>\n</domain>\n",
    "<domain>\n <devices/>\n <commandline xmlns='" NAMESPACE "'></commandline>\n</domain>\n",
    "<domain xmlns:qemu='" NAMESPACE "'>\n <devices/>\n <qemu:deprecation behavior='omit'/>\n"
    "</domain>\n",
    "<domain>\n <devices>\n  <hostdev/> <!-- a -->\n  <memballoon model='none'/>\n\n  <vsock/>\n"
    " </devices>\n</domain>\n",
};

#define TEXTS (sizeof(texts) / sizeof(*texts))

/* Each alone, neighbours, halves, and all. */
START_TEST(an_undo_gives_the_same_bytes)
{
    for (size_t i = 0; i < 3 * ALL + 3; i++) {
        unsigned which = i < ALL            ? 1u << i
                         : i < 2 * ALL      ? 3u << (i - ALL) & EVERYTHING
                         : i < 3 * ALL      ? EVERYTHING & ~(1u << (i - 2 * ALL))
                         : i == 3 * ALL     ? EVERYTHING & 0x5555
                         : i == 3 * ALL + 1 ? EVERYTHING & 0xaaaa
                                            : EVERYTHING;
        autofree char *text = added(texts[_i], which), *back = undone(text);

        ck_assert_msg(!strcmp(back, texts[_i]), "%x:\n%s\n%s", which, text, back);
    }
}
END_TEST

START_TEST(a_plan_is_made_from_the_domain_without_them)
{
    autofree char *text = added(texts[1], EVERYTHING);
    struct vtopo_domain *domain = parsed_domain(text);
    const struct domain *plain = &domxml_plain(domain)->model;

    ck_assert_ptr_nonnull(domain->plain);
    ck_assert(domain->model.kvm_hidden && !plain->kvm_hidden);
    ck_assert_uint_eq(domain->model.cells.count, 1);
    ck_assert_uint_eq(plain->cells.count, 0);
    ck_assert_uint_eq(plain->pins.count, 0);
    ck_assert_uint_eq(plain->record.additions.count, ALL);
    for (size_t i = 0; i < ALL; i++) {
        ck_assert_uint_eq(plain->record.additions.items[i].digest, digest(all[i].text));
        ck_assert_uint_ne(plain->record.additions.items[i].element, SIZE_MAX);
    }
    ck_assert_uint_eq(domain->model.record.additions.count, 0);
    vtopo_domain_free(domain);
}
END_TEST

/* --- what somebody did since --- */

/* @text with @what in place of its first @old. */
static char *changed(const char *text, const char *old, const char *what)
{
    const char *at = strstr(text, old);

    ck_assert_msg(at, "%s in %s", old, text);
    return mem_printf("%.*s%s%s", (int)(at - text), text, what, at + strlen(old));
}

#define CELLS (1u << 0 | 1u << 3 | 1u << 7 | 1u << 10)
#define ONE "<domain><name>a</name><cpu mode='x'/><devices/></domain>"

static const struct {
    unsigned which;
    const char *old, *what; /* the change */
    const char *wanted;     /* the undone text */
} changes[] = {
    /* As libvirt prints it. */
    {1u << 7, "threads='1'/>", "threads='1' dies='1' clusters='1'></topology>", ONE},
    {1u << 7, "<topology sockets='1' cores='2'", "\n<topology\tcores=\"2\" sockets=\"1\"", ONE},
    {3u << 5, "<hyperv>", "<hyperv mode='custom'>", ONE},
    {1u << 10, "<cell", "\n   <cell", ONE},
    {3, "<vcpupin vcpu='0' cpuset='0-3'/><vcpupin vcpu='1' cpuset='0-3'/>",
     "<vcpupin vcpu='1' cpuset='0-3'/><vcpupin vcpu='0' cpuset='0-3'/>", ONE},
    /* Somebody's. */
    {1u << 7, "cores='2'", "cores='3'",
     "<domain><name>a</name><cpu mode='x'><topology sockets='1' cores='3' "
     "threads='1'/></cpu><devices/></domain>"},
    {1u << 7, "threads='1'/>", "threads='1' dies='2'/>",
     "<domain><name>a</name><cpu mode='x'><topology sockets='1' cores='2' threads='1' "
     "dies='2'/></cpu><devices/></domain>"},
    {1u << 10, "<cell", "<!-- mine --><cell",
     "<domain><name>a</name><cpu mode='x'><numa><!-- mine --><cell id='0' cpus='0-1' memory='1' "
     "unit='KiB'/></numa></cpu><devices/></domain>"},
    {1u << 7, "threads='1'/>", "threads='1'/><!-- mine -->",
     "<domain><name>a</name><cpu mode='x'><!-- mine --></cpu><devices/></domain>"},
    {3, "<vcpupin vcpu='1' cpuset='0-3'/>", "<vcpupin vcpu='1' cpuset='0-4'/>",
     "<domain><name>a</name><cputune><vcpupin vcpu='0' cpuset='0-3'/><vcpupin vcpu='1' "
     "cpuset='0-4'/></cputune><cpu mode='x'/><devices/></domain>"},
    /* Cells and what binds them go together or not at all; the hypervisor is something else. */
    {CELLS | 1u << 6, "mode='strict'", "mode='preferred'",
     "<domain><name>a</name><cputune><vcpupin vcpu='0' cpuset='0-3'/></cputune><numatune><memnode "
     "cellid='0' mode='preferred' nodeset='0'/></numatune><cpu mode='x'><topology sockets='1' "
     "cores='2' threads='1'/><numa><cell id='0' cpus='0-1' memory='1' unit='KiB'/></numa></cpu>"
     "<devices/></domain>"},
    {CELLS, "<vcpupin vcpu='0' cpuset='0-3'/>", "",
     "<domain><name>a</name><cputune></cputune><numatune><memnode cellid='0' mode='strict' "
     "nodeset='0'/></numatune><cpu mode='x'><topology sockets='1' cores='2' threads='1'/><numa>"
     "<cell id='0' cpus='0-1' memory='1' unit='KiB'/></numa></cpu><devices/></domain>"},
    {CELLS | 1u << 6, "<hidden state='on'/>", "<hidden state='off'/>",
     "<domain><name>a</name><features><kvm><hidden state='off'/></kvm></features><cpu mode='x'/>"
     "<devices/></domain>"},
    {3u << 5, "<kvm><hidden state='on'/>", "<kvm><hidden state='on'/><poll-control state='on'/>",
     "<domain><name>a</name><features><kvm><poll-control state='on'/></kvm></features><cpu "
     "mode='x'/><devices/></domain>"},
    {3u << 5, "<hyperv>", "<hyperv mode='passthrough'>",
     "<domain><name>a</name><features><hyperv mode='passthrough'></hyperv></features><cpu "
     "mode='x'/><devices/></domain>"},
    {3u << 5, "<kvm><hidden state='on'/></kvm>", "", ONE},
    /* An option and its value come out together or not at all. */
    {3u << 13, "string=1", "string=2",
     "<domain xmlns:qemu='" NAMESPACE "'><name>a</name><cpu mode='x'/><devices/>"
     "<qemu:commandline><qemu:arg value='-fw_cfg'/><qemu:arg value='name=a,string=2'/>"
     "</qemu:commandline></domain>"},
    {3u << 13, "<qemu:arg value='name=a", "<qemu:arg value='-x'/><qemu:arg value='name=a",
     "<domain xmlns:qemu='" NAMESPACE "'><name>a</name><cpu mode='x'/><devices/>"
     "<qemu:commandline><qemu:arg value='-fw_cfg'/><qemu:arg value='-x'/><qemu:arg "
     "value='name=a,string=1'/></qemu:commandline></domain>"},
    {3u << 13, "</qemu:commandline>", "<qemu:arg value='-fw_cfg'/></qemu:commandline>",
     "<domain xmlns:qemu='" NAMESPACE "'><name>a</name><cpu mode='x'/><devices/>"
     "<qemu:commandline><qemu:arg value='-fw_cfg'/></qemu:commandline></domain>"},
};

START_TEST(what_somebody_changed_stays)
{
    autofree char *text = added(ONE, changes[_i].which),
                  *other = changed(text, changes[_i].old, changes[_i].what), *back = undone(other);

    ck_assert_str_eq(back, changes[_i].wanted);
}
END_TEST

/* A memnode that somebody tied to a made cell: without the cell it would be of no cell. */
START_TEST(what_does_not_stand_without_them_keeps_them)
{
    autofree char *text = added(ONE, 1u << 10);
    autofree char *other = changed(text, "<devices/>",
                                   "<devices><controller type='pci' index='1' "
                                   "model='pcie-expander-bus'><target busNr='9'><node>0</node>"
                                   "</target></controller></devices>");
    struct vtopo_domain *domain = parsed_domain(other);

    ck_assert_ptr_nonnull(domain->plain);
    vtopo_domain_free(domain);
}
END_TEST

/* --- attributes --- */

/* A domain with pages and arguments for QEMU. */
#define COMMANDLINE(arguments)                                                                     \
    "<domain xmlns:q='" NAMESPACE "'>\n <memoryBacking>\n  <hugepages>\n   <page size='1' "        \
    "unit='G'/>\n   <page size='2' nodeset='1'/>\n  </hugepages>\n </memoryBacking>\n"             \
    " <devices/>\n <q:commandline>" arguments "</q:commandline>\n</domain>\n"

static const struct {
    enum addition_kind kind;
    const char *old, *value; /* the change */
    const char *before, *after;
    const char *since; /* in place of the new value; NULL: nobody changed it */
} values[] = {
    {ADDITION_QEMU_ARG_VALUE, "string=1", "string=2",
     "<q:arg value='-x'/><q:arg value='string=1'/>", "<q:arg value='-x'/><q:arg value='string=2'/>",
     NULL},
    /* The last one counts for QEMU. */
    {ADDITION_QEMU_ARG_VALUE, "a", "b", "<q:arg value='a'/><q:arg value='a'/>",
     "<q:arg value='a'/><q:arg value='b'/>", NULL},
    {ADDITION_QEMU_ARG_VALUE, "a<\"'&", "'\"<&", "<q:arg value='a&lt;\"&#39;&#x26;'/>",
     "<q:arg value='&apos;&quot;&lt;&amp;'/>", NULL},
    {ADDITION_QEMU_ARG_VALUE, "it's", "x", "<q:arg value=\"it's\"/>", "<q:arg value=\"x\"/>", NULL},
    {ADDITION_QEMU_ARG_VALUE, "a", "b", "<q:arg\n value = 'a' />", "<q:arg\n value = 'b' />", NULL},
    {ADDITION_QEMU_ARG_VALUE, NULL, "b", "<q:arg/>", "<q:arg value='b'/>", NULL},
    {ADDITION_QEMU_ARG_VALUE, "a", "b", "<q:arg value='a'/>", "<q:arg value='b'/>", "value='c'"},
    {ADDITION_PAGE_NODESET, "1", "0-1", "", "", NULL},
    {ADDITION_PAGE_NODESET, NULL, "0", "", "", NULL},
};

START_TEST(a_value_comes_back_with_its_bytes)
{
    autofree char *text = NULL, *wanted = NULL, *other = NULL, *back = NULL;
    struct additions additions = {0};
    struct vtopo_domain *domain, *again;
    size_t length;

    other = mem_printf(COMMANDLINE("%s"), values[_i].before);
    domain = parsed_domain(other);
    ck_assert(
        additions_change(&additions, values[_i].kind, values[_i].old, strdup(values[_i].value)));
    ck_assert_int_eq(domxml_add(domain, &additions, &text, &length, NULL), 0);
    ck_assert_msg(strstr(text, values[_i].after), "%s", text);
    again = parsed_domain(text);
    ck_assert(additions_are_recorded(&additions, &domxml_plain(again)->model.record.additions));
    back = undone(text);
    ck_assert_str_eq(back, other);
    if (values[_i].since) {
        autofree char *since = NULL, *kept = NULL, *as_it_is = NULL;

        since = changed(text, "value='b'", values[_i].since);
        kept = undone(since);
        as_it_is = changed(other, "value='a'", values[_i].since);
        ck_assert_str_eq(kept, as_it_is);
    }
    vtopo_domain_free(domain);
    vtopo_domain_free(again);
    additions_clear(&additions);
}
END_TEST

START_TEST(a_value_that_is_not_there_is_no_plan_of_this_domain)
{
    struct vtopo_domain *domain = parsed_domain(COMMANDLINE("<q:arg value='a'/>"));
    struct additions additions = {0};
    char *text = NULL;
    size_t length;

    ck_assert(additions_change(&additions, ADDITION_QEMU_ARG_VALUE, "b", strdup("c")));
    ck_assert_int_eq(domxml_add(domain, &additions, &text, &length, NULL), VTOPO_ERR_BUG);
    ck_assert(!additions_change(&additions, ADDITION_QEMU_ARG_VALUE, "b", NULL));
    additions_clear(&additions);
    vtopo_domain_free(domain);
}
END_TEST

/* libvirt writes other quotes; and one record may speak twice of one element. */
START_TEST(a_record_of_values_may_say_anything)
{
    unsigned long long value = addition_digest_attribute("qemu:arg", "value", "b");
    autofree char *one = mem_printf(
        "<vtopo:added in='qemu:commandline' what='qemu:arg' attribute='value' was='it&apos;s "
        "&quot;a&quot;' digests='%016llx'/>",
        value);
    autofree char *run =
        mem_printf("<vtopo:added in='qemu:commandline' what='qemu:arg' digests='%016llx'/>",
                   (unsigned long long)digest("<qemu:arg value='b'/>"));
    autofree char *text =
        mem_printf("<domain xmlns:q='" NAMESPACE
                   "'>" RECORD("%s%s%s") "<devices/><q:commandline><q:arg value='a'/><q:arg "
                                         "value='b'/></q:commandline></domain>",
                   one, one, _i ? run : "");
    autofree char *back = undone(text);

    ck_assert_msg(strstr(back, _i ? "<q:commandline><q:arg value='a'/></q:commandline>"
                                  : "<q:arg value='it&apos;s \"a\"'/>"),
                  "%s", back);
}
END_TEST

/* --- a damaged record --- */

#define DIGEST "0123456789abcdef"

static const char *const damaged[] = {
    RECORD("<vtopo:added/>"),
    RECORD("<vtopo:added in='features/kvm' what='hidden'/>"),
    RECORD("<vtopo:added what='hidden' digests='" DIGEST "'/>"),
    RECORD("<vtopo:added in='devices' what='hostdev' digests='" DIGEST "'/>"),
    RECORD("<vtopo:added in='features/kvm' what='hidden' digests=''/>"),
    RECORD("<vtopo:added in='features/kvm' what='hidden' digests='0123456789abcde'/>"),
    RECORD("<vtopo:added in='features/kvm' what='hidden' digests='0123456789abcdeF'/>"),
    RECORD("<vtopo:added in='features/kvm' what='hidden' digests='" DIGEST "0'/>"),
    RECORD("<vtopo:added in='features/kvm' what='hidden' digests='" DIGEST " '/>"),
    RECORD("<vtopo:added in='features/kvm' what='hidden' digests='" DIGEST "  " DIGEST "'/>"),
    RECORD("<vtopo:added in='features/kvm' what='hidden' made='3' digests='" DIGEST "'/>"),
    RECORD("<vtopo:added in='features/kvm' what='hidden' made='0' digests='" DIGEST "'/>"),
    RECORD("<vtopo:added in='features/kvm' what='hidden' made='-1' digests='" DIGEST "'/>"),
    RECORD("<vtopo:added in='features/kvm' what='hidden' was='open' digests='" DIGEST "'/>"),
    RECORD("<vtopo:added in='features/kvm' what='hidden' declared='qemu' digests='" DIGEST "'/>"),
    RECORD("<vtopo:added in='features/kvm' what='hidden' x='' digests='" DIGEST "'/>"),
    RECORD("<vtopo:added in='features/kvm' what='hidden' digests='" DIGEST "'>x</vtopo:added>"),
    RECORD("<vtopo:added in='cpu' what='numa' digests='" DIGEST "'/>"
           "<vtopo:added in='cpu' what='topology' digests='" DIGEST "'/>"),
    RECORD("<vtopo:added in='cpu' what='numa' digests='" DIGEST "'/>"
           "<vtopo:added in='cpu' what='numa' digests='" DIGEST "'/>"),
    RECORD("<vtopo:added in='cpu' what='numa' digests='" DIGEST "'/><vtopo:odd/>"),
    RECORD("<vtopo:added in='cpu' what='numa' attribute='x' digests='" DIGEST "'/>"),
    RECORD("<vtopo:added in='qemu:commandline' what='qemu:arg' attribute='value' was='&lt;' "
           "digests='" DIGEST "'/>"),
    RECORD("<vtopo:added in='qemu:commandline' what='qemu:arg' attribute='value' made='1' "
           "digests='" DIGEST "'/>"),
    RECORD("<vtopo:added in='qemu:commandline' what='qemu:arg' attribute='value' digests='" DIGEST
           " " DIGEST "'/>"),
};

START_TEST(a_damaged_record_is_not_used)
{
    autofree char *text = mem_printf("<domain>%s<devices/></domain>", damaged[_i]);
    struct vtopo_domain *domain = parsed_domain(text);

    ck_assert_msg(vtopo_domain_record_problem(domain), "%s", text);
    ck_assert_ptr_null(domain->plain);
    vtopo_domain_free(domain);
}
END_TEST

START_TEST(more_digests_than_there_can_be_are_not_read)
{
    struct buffer digests = {0};
    autofree char *text = NULL;
    struct vtopo_domain *domain;

    for (size_t i = 0; i < 8193; i++)
        buffer_add(&digests, i ? " " DIGEST : DIGEST);
    text = mem_printf(
        "<domain>" RECORD("<vtopo:added in='cpu' what='numa' digests='%s'/>") "<devices/></domain>",
        digests.text);
    domain = parsed_domain(text);
    ck_assert_ptr_nonnull(vtopo_domain_record_problem(domain));
    vtopo_domain_free(domain);
    buffer_clear(&digests);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("additions");
    TCase *tcase = tcase_create("additions");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_digest_is_of_what_an_element_means);
    tcase_add_test(tcase, a_digest_stays_what_it_is);
    tcase_add_test(tcase, kinds_have_places);
    tcase_add_test(tcase, additions_are_in_the_order_of_their_kinds);
    tcase_add_test(tcase, what_is_recorded_is_what_is_wanted);
    tcase_add_test(tcase, parents_are_made_and_everything_is_where_libvirt_prints_it);
    tcase_add_loop_test(tcase, an_undo_gives_the_same_bytes, 0, TEXTS);
    tcase_add_test(tcase, a_plan_is_made_from_the_domain_without_them);
    tcase_add_loop_test(tcase, what_somebody_changed_stays, 0, sizeof(changes) / sizeof(*changes));
    tcase_add_test(tcase, what_does_not_stand_without_them_keeps_them);
    tcase_add_loop_test(tcase, a_value_comes_back_with_its_bytes, 0,
                        sizeof(values) / sizeof(*values));
    tcase_add_test(tcase, a_value_that_is_not_there_is_no_plan_of_this_domain);
    tcase_add_loop_test(tcase, a_record_of_values_may_say_anything, 0, 2);
    tcase_add_loop_test(tcase, a_damaged_record_is_not_used, 0, sizeof(damaged) / sizeof(*damaged));
    tcase_add_test(tcase, more_digests_than_there_can_be_are_not_read);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
