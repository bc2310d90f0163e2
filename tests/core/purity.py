#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The core is pure: its objects call nothing of the outside.

Arguments: nm, and the core's object files.  Every undefined symbol must be defined by another core object or be on
the short list of libc functions that neither read nor write anything but their arguments.
"""
import re
import subprocess
import sys

ALLOWED = set("""
    malloc calloc realloc free
    memchr memcpy memmove memset memcmp memmem strlen strcmp strncmp strchr strstr strrchr strcspn strspn strtoul strtol
    strdup strndup strcasecmp snprintf vsnprintf qsort bsearch __stack_chk_fail _GLOBAL_OFFSET_TABLE_ __popcountdi2
    __isoc23_strtol __isoc23_strtoul
    __snprintf_chk __vsnprintf_chk __memcpy_chk __memmove_chk __memset_chk
""".split())
SANITIZER = re.compile(r"__(asan|ubsan|sanitizer|lsan|gcov|llvm|profile)_|__(odr_asan|start_|stop_)")


def symbols(nm, objects):
    defined, undefined = set(), {}
    for line in subprocess.run([nm, "--print-file-name", *objects], check=True, capture_output=True,
                               text=True).stdout.splitlines():
        path, rest = line.rsplit(":", 1)
        kind, name = rest.split()[-2:]
        if kind == "U":
            undefined.setdefault(name, path)
        else:
            defined.add(name)
    return defined, undefined


def main():
    nm, objects = sys.argv[1], [o for arg in sys.argv[2:] for o in arg.split(";")]
    objects = [o for o in objects if not o.endswith(("/readfile.c.o", "/readall.c.o"))]  # of base, for adapters: whoever calls it is not pure
    defined, undefined = symbols(nm, objects)
    if "plan_make" not in defined:
        sys.exit("plan_make() is not in these objects: this is not the core")
    outside = {name: path for name, path in undefined.items()
               if name not in defined and name not in ALLOWED and not SANITIZER.match(name)}
    for name, path in sorted(outside.items()):
        print(f"{path} calls {name}()")
    print(f"{len(objects)} objects, {len(undefined)} symbols from elsewhere, {len(outside)} of the outside")
    sys.exit(1 if outside or not objects else 0)


main()
