/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pairs_table.c - what every two GPUs, and every GPU and NIC, can do, and how NCCL sees them
 *
 * Takes:  the pairs of a plan (pairs.h).
 * Gives:  tables with a column for each of them, so that sixteen fit 100 columns, and what their
 *         letters mean.
 * Rule:   only letters that are there are explained. Pairs that the same things stand between have
 *         the same letter. The long form is the JSON (json_plan.c).
 */
#include "base/wrap.h"
#include "peer/pairs.h"
#include "report/explain.h"
#include "report/style.h"

#include <stdio.h>
#include <string.h>

#define PEERS_MAX 48 /* that many columns nobody reads; GPUs and NICs of two large hosts */
#define LABEL_WIDTH 21
#define INDENT 2

/* a-z, A-Z: more different reasons nobody can tell apart. */
#define REASONS_MAX 52

/* What stands between pairs: each different set of obstacles, in the order in which they come. */
struct reasons {
    unsigned sets[REASONS_MAX];
    size_t count;
    bool more;
};

struct table {
    const struct vtopo_plan *plan;
    const struct pairs *pairs;
    const struct pair **at; /* peers x peers; NULL: two NICs, or one and the same */
    struct buffer *out;
    bool colour;
    struct reasons reasons;
};

/* REASONS_MAX: it has no letter. */
static size_t reason_at(const struct reasons *reasons, unsigned set)
{
    size_t at = 0;

    while (at < reasons->count && reasons->sets[at] != set)
        at++;
    return at < reasons->count ? at : REASONS_MAX;
}

static char reason_letter(size_t at)
{
    return "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[at];
}

static void find_reasons(struct table *table)
{
    struct reasons *reasons = &table->reasons;

    for (size_t i = 0; i < table->pairs->items.count; i++) {
        unsigned set = table->pairs->items.items[i].obstacles;

        if (!set || reason_at(reasons, set) < REASONS_MAX)
            continue;
        if (reasons->count < REASONS_MAX)
            reasons->sets[reasons->count++] = set;
        else
            reasons->more = true;
    }
}

static size_t peer_at(const struct pairs *pairs, size_t device)
{
    size_t at = 0;

    while (pairs->peers.items[at] != device)
        at++;
    return at;
}

static const struct pair *pair_at(const struct table *table, size_t row, size_t column)
{
    return table->at[row * table->pairs->peers.count + column];
}

static bool place_pairs(struct table *table)
{
    size_t count = table->pairs->peers.count;

    table->at = calloc(count * count, sizeof(const struct pair *));
    for (size_t i = 0; table->at && i < table->pairs->items.count; i++) {
        const struct pair *pair = &table->pairs->items.items[i];
        size_t one = peer_at(table->pairs, pair->one), other = peer_at(table->pairs, pair->other);

        table->at[one * count + other] = table->at[other * count + one] = pair;
    }
    return table->at;
}

/* "X48", "H0.2": kind and GB/s; one that is not known is a "?". */
static const char *nccl_cell(const struct nccl_path *path, char text[16])
{
    static const char letters[] = {
        [NCCL_PIX] = 'X', [NCCL_PXB] = 'B', [NCCL_PHB] = 'H', [NCCL_SYS] = 'S'};
    unsigned tenths = (path->bandwidth * 10 + NCCL_PER_GB / 2) / NCCL_PER_GB;

    if (path->at_most)
        snprintf(text, 16, "%c?", letters[path->type]);
    else if (tenths >= 100 || tenths % 10 == 0)
        snprintf(text, 16, "%c%u", letters[path->type], tenths / 10);
    else
        snprintf(text, 16, "%c%u.%u", letters[path->type], tenths / 10, tenths % 10);
    return text;
}

static const char *mode_cell(const struct table *table, const struct pair *pair, char text[16])
{
    static const char *const modes[] = {
        [PAIR_NONE] = "-", [PAIR_NVLINK] = "N", [PAIR_P2P] = "P", [PAIR_RDMA] = "R"};
    static const char *const verdicts[] = {
        [PAIR_WORKS] = "",  [PAIR_LATER] = "+",  [PAIR_DETOUR] = "~",
        [PAIR_FAILS] = "!", [PAIR_UNSURE] = "?",
    };
    bool pcie = pair->mode == PAIR_P2P || pair->mode == PAIR_RDMA;
    size_t reason = reason_at(&table->reasons, pair->obstacles);

    snprintf(text, 16, "%s%s", modes[pair->mode], pcie ? verdicts[pair->verdict] : "");
    if (reason < REASONS_MAX)
        snprintf(text + strlen(text), 16 - strlen(text), "%c", reason_letter(reason));
    return text;
}

enum about { ABOUT_NCCL, ABOUT_LINKS, ABOUT_MODES };

/* Without the file above the diagonal, with it below; else above only. */
static const char *cell(const struct table *table, enum about about, size_t row, size_t column,
                        char text[16])
{
    const struct pair *pair = pair_at(table, row, column);

    if (!pair || (about != ABOUT_NCCL && row > column))
        return row == column ? "." : "";
    if (about == ABOUT_MODES)
        return mode_cell(table, pair, text);
    if (about == ABOUT_LINKS)
        return nccl_cell(&pair->links, text);
    return nccl_cell(row < column ? &pair->guest : &pair->with_file, text);
}

static void add_label(const struct table *table, size_t row)
{
    static const char *const kinds[] = {
        [PEER_NONE] = "",   [PEER_GPU] = "GPU", [PEER_VGPU] = "vGPU",
        [PEER_MIG] = "MIG", [PEER_NIC] = "NIC", [PEER_VDPA] = "vDPA",
    };
    const struct plan_device *device = &table->plan->devices.items[table->pairs->peers.items[row]];
    size_t start = table->out->length;

    buffer_printf(table->out, "  %2zu ", row);
    explain_guest(&device->guest_after, table->out);
    buffer_printf(table->out, " %s", kinds[device->peer]);
    buffer_pad(table->out, start, LABEL_WIDTH);
}

static void add_table(const struct table *table, const char *title, enum about about)
{
    size_t count = table->pairs->peers.count, width = about == ABOUT_MODES ? 4 : 5;
    char text[16];

    buffer_add(table->out, "\n");
    style_start(table->out, STYLE_DIM, table->colour);
    buffer_printf(table->out, "  %-*s", LABEL_WIDTH - 2, title);
    for (size_t column = 0; column < count; column++)
        buffer_printf(table->out, "%-*zu", column + 1 < count ? (int)width : 1, column);
    style_end(table->out, STYLE_DIM, table->colour);
    buffer_add(table->out, "\n");
    for (size_t row = 0; row < count; row++) {
        add_label(table, row);
        for (size_t column = 0; column < count; column++)
            buffer_printf(table->out, "%-*s", (int)width, cell(table, about, row, column, text));
        buffer_end_line(table->out);
    }
}

struct letter {
    unsigned bit;
    const char *text;
};

/* "X PIX, H PHB: more words" of those letters that are there. */
static void add_legend(const struct table *table, const char *start, unsigned present,
                       const struct letter *letters, size_t count, const char *end)
{
    autobuffer struct buffer line = {0};
    size_t length = strlen(start);

    buffer_add(&line, start);

    for (size_t i = 0; i < count; i++) {
        if (present & letters[i].bit)
            buffer_printf(&line, "%s%s", line.length > length ? length ? "; " : ", " : "",
                          letters[i].text);
    }
    buffer_add(&line, end);
    if (line.failed)
        table->out->failed = true;
    else if (line.length)
        wrap_add(table->out, line.text, line.length, INDENT, INDENT + length);
}

static bool same_path(const struct nccl_path *a, const struct nccl_path *b)
{
    return a->type == b->type && a->bandwidth == b->bandwidth && a->at_most == b->at_most;
}

/* Does --links host change anything, and not just to what the file says? */
static void compare_links(const struct table *table, bool *ret_as_now, bool *ret_as_file)
{
    *ret_as_now = *ret_as_file = true;
    for (size_t i = 0; i < table->pairs->items.count; i++) {
        const struct pair *pair = &table->pairs->items.items[i];

        *ret_as_now = *ret_as_now && same_path(&pair->links, &pair->guest);
        *ret_as_file = *ret_as_file && same_path(&pair->links, &pair->with_file);
    }
}

static void explain_nccl_letters(const struct table *table, const char *end)
{
    static const struct letter letters[] = {
        {1 << NCCL_PIX, "X PIX"},
        {1 << NCCL_PXB, "B PXB"},
        {1 << NCCL_PHB, "H PHB"},
        {1 << NCCL_SYS, "S SYS"},
    };
    static const struct letter unknown = {1,
                                          "? as fast as the processor says, and that is not known"};
    unsigned present = 0;
    bool at_most = false;

    for (size_t i = 0; i < table->pairs->items.count; i++) {
        const struct pair *pair = &table->pairs->items.items[i];

        present |= 1U << pair->guest.type | 1U << pair->with_file.type;
        at_most = at_most || pair->guest.at_most || pair->links.at_most || pair->with_file.at_most;
    }
    add_legend(table, "", present, letters, sizeof(letters) / sizeof(*letters), end);
    add_legend(table, "", at_most, &unknown, 1, "");
}

/* Of a plan that has them already there is nothing more to say. */
static void explain_nccl(const struct table *table)
{
    bool as_now, as_file;

    compare_links(table, &as_now, &as_file);
    add_table(table, "NCCL SEES", ABOUT_NCCL);
    explain_nccl_letters(
        table,
        !as_now && as_file
            ? " and GB/s as NCCL counts them: above the diagonal by the guest's /sys, below it with "
              "the file of --nccl-topo, and the same with --links host"
            : " and GB/s as NCCL counts them: above the diagonal by the guest's /sys, below it with "
              "the file of --nccl-topo");
    if (!as_now && !as_file)
        add_table(table, "WITH --links host", ABOUT_LINKS);
}

static void explain_mode_letters(const struct table *table)
{
    static const struct letter modes[] = {
        {1 << PAIR_P2P, "P P2P"},
        {1 << PAIR_RDMA, "R RDMA"},
        {1 << PAIR_NVLINK, "N P2P over NVLink only"},
        {1 << PAIR_NONE, "- none"},
        {1 << (4 + PAIR_LATER), "+ when the guest has started"},
        {1 << (4 + PAIR_DETOUR), "~ by way of the root complex"},
        {1 << (4 + PAIR_FAILS), "! does not happen over PCIe by default"},
        {1 << (4 + PAIR_UNSURE), "? cannot be told"},
    };
    unsigned present = 0;

    for (size_t i = 0; i < table->pairs->items.count; i++) {
        const struct pair *pair = &table->pairs->items.items[i];

        present |= 1U << pair->mode;
        if (pair->mode == PAIR_P2P || pair->mode == PAIR_RDMA)
            present |= 1U << (4 + pair->verdict);
    }
    add_legend(table, "", present, modes, sizeof(modes) / sizeof(*modes), "");
}

static void explain_reason(const struct table *table, size_t at)
{
    const struct letter obstacles[] = {
        {OBSTACLE_HOST,
         "no common switch on the host, without which NCCL does not try (on AMD it does where there are two GPUs in all)"},
        {OBSTACLE_PLACEMENT, "no common switch in the guest, without which NCCL does not try"},
        {OBSTACLE_ACS,
         "ACS of a port between them is missing, open, or stops it (vtopo-host check)"},
        {OBSTACLE_ACS_DETOUR, "ACS redirects everything"},
        {OBSTACLE_ATS, "one of them has no ATS"},
        {OBSTACLE_ATS_LATER,
         table->plan->extract.domain.running
             ? "ATS is off though the guest runs (VTOPO-0047)"
             : "ATS is off, and Linux turns it on when a guest gets the device"},
        {OBSTACLE_CLIQUE,
         table->plan->extract.domain.kvm_hidden
             ? "the guest's driver heeds P2P cliques only where it sees a hypervisor, and this one is hidden"
             : "no common P2P clique, without which the guest's driver does none"},
        {OBSTACLE_UNREAD, "config space could not be read (run as root)"},
        {OBSTACLE_IOMMUFD,
         "with iommufd it takes QEMU 11.0 and a host kernel of 6.19, or later (VTOPO-0064)"},
        {OBSTACLE_IOMMU, "the guest's own IOMMU has to be wide enough and let devices pass"},
    };
    char start[] = "a  ";

    start[0] = reason_letter(at);
    add_legend(table, start, table->reasons.sets[at], obstacles,
               sizeof(obstacles) / sizeof(*obstacles), "");
}

static bool any_nvlink(const struct table *table, enum pair_nvlink nvlink)
{
    for (size_t i = 0; i < table->pairs->items.count; i++) {
        if (table->pairs->items.items[i].nvlink == nvlink)
            return true;
    }
    return false;
}

#define VENDOR_AMD 0x1002

static bool any_of_amd(const struct table *table)
{
    const struct vtopo_plan *plan = table->plan;

    for (size_t i = 0; i < table->pairs->items.count; i++) {
        const struct pair *pair = &table->pairs->items.items[i];
        size_t function = plan->devices.items[pair->one].function;

        if (pair->mode == PAIR_P2P &&
            plan->extract.host.functions.items[function].vendor == VENDOR_AMD)
            return true;
    }
    return false;
}

/* What the table is not about. */
static void explain_other_links(const struct table *table)
{
    static const char board[] =
        "NVLink is not in this table: GPUs that are modules (SXM) are peers by that, whatever stands here, where the guest has what it needs (VTOPO-0096 says where that is not sure)";
    static const char maybe[] =
        "NVLink is not in this table: nothing in /sys says whether GPUs have bridges";
    static const char amd[] = "XGMI between GPUs of AMD is not in this table";

    if (any_nvlink(table, PAIR_BOARD_NVLINK))
        wrap_add(table->out, board, strlen(board), INDENT, INDENT);
    else if (any_nvlink(table, PAIR_MAYBE_NVLINK))
        wrap_add(table->out, maybe, strlen(maybe), INDENT, INDENT);
    if (any_of_amd(table))
        wrap_add(table->out, amd, strlen(amd), INDENT, INDENT);
}

static void explain_modes(struct table *table)
{
    find_reasons(table);
    add_table(table, "GPUDIRECT, PCIE", ABOUT_MODES);
    explain_mode_letters(table);
    for (size_t i = 0; i < table->reasons.count; i++)
        explain_reason(table, i);
    if (table->reasons.more)
        buffer_add(table->out, "  pairs without a letter: --explain=json says why\n");
    explain_other_links(table);
}

static bool add_tables(struct table *table)
{
    if (!place_pairs(table))
        return false;
    explain_nccl(table);
    explain_modes(table);
    free(table->at);
    return true;
}

bool explain_pairs(const struct vtopo_plan *plan, bool colour, struct buffer *out)
{
    struct pairs pairs;
    struct table table = {.plan = plan, .pairs = &pairs, .out = out, .colour = colour};
    bool done = true;

    if (!pairs_make(plan, PEERS_MAX, &pairs))
        return false;
    if (pairs.items.count)
        done = add_tables(&table);
    else if (pairs.gpus && pairs.peers.count > PEERS_MAX)
        buffer_printf(out, "\n  %zu GPUs and NICs: --explain=json says what each pair can do\n",
                      pairs.peers.count);
    pairs_clear(&pairs);
    return done;
}
