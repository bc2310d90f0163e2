# fish completion for vtopo-host
# SPDX-License-Identifier: GPL-2.0-or-later
complete -c vtopo-host -f -n __fish_use_subcommand -a 'show save devices check compare'
complete -c vtopo-host -l host -r -F -d 'a sysfs root, or a host description that save wrote (default /sys)'
complete -c vtopo-host -l connect -x -a 'qemu:///system' -d 'devices: ask this libvirt who has each of them'
complete -c vtopo-host -l json -d 'show, devices, check, compare: print JSON'
complete -c vtopo-host -l svg -d 'show: print a picture'
complete -c vtopo-host -l warnings -d 'check: leave out what is only worth knowing'
complete -c vtopo-host -s h -l help -d 'print this help'
complete -c vtopo-host -l version -d 'print the version'
