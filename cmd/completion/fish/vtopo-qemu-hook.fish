# fish completion for vtopo-qemu-hook
# SPDX-License-Identifier: GPL-2.0-or-later
complete -c vtopo-qemu-hook -f
complete -c vtopo-qemu-hook -l enable -d 'put 50-vtopo where libvirt looks for hooks'
complete -c vtopo-qemu-hook -l disable -d 'take it away'
complete -c vtopo-qemu-hook -l host -r -F -d 'where the host is described (default /sys)'
complete -c vtopo-qemu-hook -l config -r -F -d 'the policy (default /etc/vtopo/vtopo.json)'
complete -c vtopo-qemu-hook -l help -d 'print a short help'
complete -c vtopo-qemu-hook -l version -d 'print the version'
