/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * package.c - see package.h
 *
 * Takes:  dpkg's files about the package ovmf, or qemu-efi-aarch64 (dpkg(1), deb-md5sums(5)); files
 *         themselves.
 * Gives:  edk2's release, "2022.11" of "2022.11-6+deb12u2".
 * Rule:   the path is in the package's list, what is there has one of the package's sums, and the
 *         package is installed.  The sums show what somebody put into its place; they are no
 *         protection from somebody who wants to deceive, who would be root.
 *
 * Other distributions' packages are in a database that only their own library reads.
 */
#include "firmware/package.h"

#include "base/error.h"
#include "base/mem.h"
#include "firmware/trusted_file.h"
#include "model/version_text.h"

#include <nettle/md5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "/var/lib/dpkg"
#define LIST_MAX (1U << 20)
#define STATUS_MAX (64U << 20)
#define CODE_MAX (65U << 20) /* AAVMF's are 64 MiB */
#define NAME_MAX_LENGTH 64
#define SUM_SIZE (2 * MD5_DIGEST_SIZE + 1)

/* --- the version --- */

/* Where the package's paragraph of dpkg's status begins, which ends the text from there on; NULL:
 * there is none. */
static char *find_paragraph(const char *name, char *status, size_t length)
{
    char later[NAME_MAX_LENGTH + 16], *at = status, *end;
    const char *first = later + 2;

    snprintf(later, sizeof(later), "\n\nPackage: %.*s\n", NAME_MAX_LENGTH, name);
    if (strncmp(at, first, strlen(first)) != 0) {
        at = memmem(status, length, later, strlen(later));
        if (!at)
            return NULL;
        at += 2;
    }
    end = memmem(at, length - (size_t)(at - status), "\n\n", 2);
    if (end)
        end[1] = '\0';
    return at;
}

/* What a field of it says, with the lines behind it; NULL: it has none. */
static const char *find_field(const char *paragraph, const char *field)
{
    const char *at = strstr(paragraph, field);

    return at ? at + strlen(field) : NULL;
}

/* "2022.11" of "2022.11-6+deb12u2\n"; 0: it is no release of edk2's. */
static unsigned parse_version(const char *text)
{
    static const char form[] = "YYYY.YY-";
    char release[sizeof(form)];
    unsigned version;

    for (size_t i = 0; form[i]; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';

        if (form[i] == 'Y' ? !digit : text[i] != form[i])
            return 0;
    }
    snprintf(release, sizeof(release), "%.7s", text);
    return version_parse(release, &version) ? version : 0;
}

static unsigned find_version(const char *name, char *status, size_t length)
{
    static const char installed[] = " ok installed\n";
    const char *paragraph = find_paragraph(name, status, length);
    const char *state = paragraph ? find_field(paragraph, "\nStatus: ") : NULL;
    const char *version = paragraph ? find_field(paragraph, "\nVersion: ") : NULL;

    if (!state || !version)
        return 0;
    state += strcspn(state, " \n");
    return strncmp(state, installed, strlen(installed)) ? 0 : parse_version(version);
}

int package_open(const struct firmware_places *places, const char *name, struct package *ret,
                 struct vtopo_error **reterr)
{
    char list[NAME_MAX_LENGTH + 64], sums[NAME_MAX_LENGTH + 64];
    autofree char *status = NULL;
    size_t length;
    bool there;
    int r;

    *ret = (struct package){.places = places};
    snprintf(list, sizeof(list), FOLDER "/info/%.*s.list", NAME_MAX_LENGTH, name);
    snprintf(sums, sizeof(sums), FOLDER "/info/%.*s.md5sums", NAME_MAX_LENGTH, name);
    r = trusted_file_read(places, list, LIST_MAX, &ret->list, &length, &there, reterr);
    if (!r && ret->list)
        r = trusted_file_read(places, sums, LIST_MAX, &ret->sums, &length, &there, reterr);
    if (!r && ret->sums)
        r = trusted_file_read(places, FOLDER "/status", STATUS_MAX, &status, &length, &there,
                              reterr);
    ret->version = !r && status ? find_version(name, status, length) : 0;
    return r;
}

void package_close(struct package *package)
{
    free(package->list);
    free(package->sums);
    *package = (struct package){.places = NULL};
}

/* --- its files --- */

/* Is one of the lines the word, or does one begin with it and a blank? */
static bool has_line(const char *text, const char *word)
{
    size_t length = strlen(word);

    for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
        if (!strncmp(text, word, length) && (text[length] == '\n' || text[length] == ' '))
            return true;
    }
    return false;
}

/* "": there is no such file. */
static int sum_of(const struct firmware_places *places, const char *path, char ret_sum[SUM_SIZE],
                  struct vtopo_error **reterr)
{
    autofree char *bytes = NULL;
    struct md5_ctx context;
    uint8_t digest[MD5_DIGEST_SIZE];
    size_t length;
    bool there;
    int r = trusted_file_read(places, path, CODE_MAX, &bytes, &length, &there, reterr);

    *ret_sum = '\0';
    if (r || !bytes)
        return r;
    md5_init(&context);
    md5_update(&context, length, (const uint8_t *)bytes);
    md5_digest(&context, sizeof(digest), digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(ret_sum + 2 * i, 3, "%02x", digest[i]);
    return 0;
}

int package_identify(const struct package *package, const char *path, unsigned *ret_version,
                     struct vtopo_error **reterr)
{
    char sum[SUM_SIZE];
    int r;

    *ret_version = 0;
    if (!package->version || strpbrk(path, " \n") || !has_line(package->list, path))
        return 0;
    r = sum_of(package->places, path, sum, reterr);
    if (!r && *sum && has_line(package->sums, sum))
        *ret_version = package->version;
    return r;
}

static bool is_code(const char *path, size_t length)
{
    static const char end[] = ".fd";
    size_t tail = strlen(end);

    return length > tail && !memcmp(path + length - tail, end, tail) &&
           !memmem(path, length, "VARS", strlen("VARS"));
}

int package_list(const struct package *package, struct paths *ret, struct vtopo_error **reterr)
{
    for (const char *line = package->list; line && *line; line += *line == '\n') {
        size_t span = strcspn(line, "\n");

        if (is_code(line, span) && !paths_add(ret, line, span))
            return error_nomem(reterr);
        line += span;
    }
    return 0;
}
