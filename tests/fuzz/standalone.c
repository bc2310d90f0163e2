/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * standalone.c - run a fuzz target over files, without libFuzzer
 *
 * Takes:  files and directories (not those below them).
 * Gives:  a line that says how many inputs were run; a crash says which input it was.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_directory(const char *path)
{
    struct stat status;

    return !stat(path, &status) && S_ISDIR(status.st_mode);
}

static void run_file(const char *path)
{
    FILE *file = fopen(path, "re");
    long size;
    uint8_t *data;

    if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET)) {
        perror(path);
        exit(1);
    }
    printf("%s\n", path);
    fflush(stdout);
    data = malloc((size_t)size ? (size_t)size : 1);
    must(data && fread(data, 1, (size_t)size, file) == (size_t)size);
    fclose(file);
    LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
}

static size_t run_directory(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    size_t ran = 0;
    char *full;

    for (int i = 0; i < count; i++) {
        must(asprintf(&full, "%s/%s", path, entries[i]->d_name) > 0);
        if (entries[i]->d_name[0] != '.' && !is_directory(full)) {
            run_file(full);
            ran++;
        }
        free(full);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return ran;
}

int main(int argc, char **argv)
{
    size_t ran = 0;

    for (int i = 1; i < argc; i++) {
        size_t more = 1;

        if (is_directory(argv[i]))
            more = run_directory(argv[i]);
        else
            run_file(argv[i]);
        if (!more)
            fprintf(stderr, "%s: no inputs\n", argv[i]);
        must(more != 0);
        ran += more;
    }
    printf("%zu inputs\n", ran);
    return ran ? 0 : 1;
}
