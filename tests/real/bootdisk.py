# SPDX-License-Identifier: GPL-2.0-or-later
"""
bootdisk.py - the smallest disks from which firmware can boot

Takes:  a text.
Gives:  a disk image that writes this text to the first serial port when it is booted: a boot
        sector for SeaBIOS, a FAT16 file system with \\EFI\\BOOT\\BOOTX64.EFI for OVMF.
Rule:   no assembler, no mkfs: the few bytes are here, with what they mean.
Not here: QEMU (guest.py).
"""

import struct

SECTOR = 512
SECTORS = 16384  # 8 MiB; with one sector per cluster this is FAT16


def boot_sector(text):
    code = bytes.fromhex(
        "31c0 8ed8 be1e7c"       # xor ax,ax; mov ds,ax; mov si,0x7c1e (the text)
        "bafd03 ec a820 74fb"    # 1: mov dx,0x3fd; 2: in al,dx; test al,0x20; jz 2b
        "baf803 ac 84c0 7403"    # mov dx,0x3f8; lodsb; test al,al; jz 3f
        "ee ebed"                # out dx,al; jmp 1b
        "f4 ebfd")               # 3: hlt; jmp 3b
    code += bytes(0x1e - len(code)) + text.encode() + b"\0"
    return code + bytes(510 - len(code)) + b"\x55\xaa"


def efi_program(text):
    """A PE32+ image for x86-64 with one section, at no fixed address."""
    code = bytes.fromhex(
        "488d351b000000"           # lea rsi,[rip+27] (the text)
        "66bafd03 ec a820 74fb"    # 1: mov dx,0x3fd; 2: in al,dx; test al,0x20; jz 2b
        "ac 84c0 7407"             # lodsb; test al,al; jz 3f
        "66baf803 ee ebeb"         # mov dx,0x3f8; out dx,al; jmp 1b
        "f3 90 ebfc")              # 3: pause; jmp 3b
    code += bytes(34 - len(code)) + text.encode() + b"\0"
    dos = b"MZ" + bytes(58) + struct.pack("<I", 64)
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 0xf0, 0x0022)
    optional = struct.pack(
        "<HBBIIIII QIIHHHHHHIIIIHHQQQQII", 0x20b, 0, 0, SECTOR, 0, 0, 0x1000, 0x1000,
        0, 0x1000, SECTOR, 0, 0, 0, 0, 0, 0, 0, 0x2000, SECTOR, 0, 10, 0, 0, 0, 0, 0, 0, 16)
    section = struct.pack("<8sIIIIIIHHI", b".text", len(code), 0x1000, SECTOR, SECTOR,
                          0, 0, 0, 0, 0x60000020)
    headers = dos + coff + optional + bytes(16 * 8) + section
    return headers + bytes(SECTOR - len(headers)) + code + bytes(SECTOR - len(code))


def entry(name, attribute, cluster, size=0):
    return struct.pack("<11sB8xHHHHI", name, attribute, 0, 0, 0, cluster, size)


def fat16(program):
    fat_sectors, root_entries = 64, 512
    boot = struct.pack("<3s8sHBHBHHBHHHII", b"\xeb\x3c\x90", b"vtopo   ", SECTOR, 1, 1, 2,
                       root_entries, SECTORS, 0xf8, fat_sectors, 32, 2, 0, 0)
    boot += struct.pack("<BBBI11s8s", 0x80, 0, 0x29, 0x76746f70, b"VTOPO      ", b"FAT16   ")
    boot += bytes(510 - len(boot)) + b"\x55\xaa"
    clusters = -(-len(program) // SECTOR)
    # cluster 2: \EFI, 3: \EFI\BOOT, from 4: the program
    chain = [0xfff8, 0xffff, 0xffff, 0xffff] + list(range(5, 4 + clusters)) + [0xffff]
    fat = struct.pack("<%dH" % len(chain), *chain)
    fat += bytes(fat_sectors * SECTOR - len(fat))
    root = entry(b"EFI        ", 0x10, 2)
    efi = entry(b".          ", 0x10, 2) + entry(b"..         ", 0x10, 0) + entry(
        b"BOOT       ", 0x10, 3)
    folder = entry(b".          ", 0x10, 3) + entry(b"..         ", 0x10, 2) + entry(
        b"BOOTX64 EFI", 0x20, 4, len(program))
    image = boot + fat + fat + root + bytes(root_entries * 32 - len(root))
    for part in (efi, folder, program):
        image += part + bytes(-len(part) % SECTOR)
    return image


def write(path, firmware, text):
    image = boot_sector(text) if firmware == "seabios" else fat16(efi_program(text))
    with open(path, "wb") as out:
        out.write(image)
        out.truncate(SECTORS * SECTOR)
