/* SPDX-License-Identifier: GPL-2.0-or-later */
/* digest.c - see digest.h */
#include "base/digest.h"

#include <stdint.h>
#include <stdio.h>

#define PRIME_LOW 0x13bU /* and 2^88 */

/* Two halves: not every compiler has a type of 128 bits. */
struct sum {
    uint64_t high, low;
};

static struct sum multiply(struct sum sum)
{
    uint64_t low = (sum.low & UINT32_MAX) * PRIME_LOW;
    uint64_t middle = (sum.low >> 32) * PRIME_LOW + (low >> 32);

    return (struct sum){
        .high = sum.high * PRIME_LOW + (middle >> 32) + (sum.low << 24),
        .low = middle << 32 | (low & UINT32_MAX),
    };
}

const char *digest_of(const char *text, char digest[DIGEST_LENGTH + 1])
{
    struct sum sum = {0x6c62272e07bb0142, 0x62b821756295c58d};

    for (; *text; text++) {
        sum.low ^= (unsigned char)*text;
        sum = multiply(sum);
    }
    snprintf(digest, DIGEST_LENGTH + 1, "%016llx%016llx", (unsigned long long)sum.high,
             (unsigned long long)sum.low);
    return digest;
}
