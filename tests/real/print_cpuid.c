/* SPDX-License-Identifier: GPL-2.0-or-later */
/* print_cpuid.c - print_cpuid LEAF...: a line for each, LEAF EAX EBX ECX EDX, as the instruction
 * says it of subleaf 0 */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        unsigned leaf = (unsigned)strtoul(argv[i], NULL, 16), eax = leaf, ebx = 0, ecx = 0, edx = 0;

#if defined(__x86_64__)
        __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
#else
        return 1;
#endif
        printf("%x %x %x %x %x\n", leaf, eax, ebx, ecx, edx);
    }
    return 0;
}
