/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domain.h - what the planner knows of a libvirt domain, as plain data
 *
 * Filled by lib/domxml from XML.  "element" ties an entry to its XML element (an index that only
 * lib/domxml understands); the core copies it and never looks at it.
 */
#ifndef VTOPO_MODEL_DOMAIN_H
#define VTOPO_MODEL_DOMAIN_H

#include "base/bdf.h"
#include "base/idset.h"
#include "base/mem.h"
#include "model/additions.h"

#define DOMAIN_INDEXES 256 /* libvirt: the index of a PCI controller is at most 255 */

enum controller_model {
    CTRL_OTHER, /* a PCI controller model that vtopo does not know */
    CTRL_PCIE_ROOT,
    CTRL_PCI_ROOT,
    CTRL_EXPANDER,     /* pcie-expander-bus */
    CTRL_PCI_EXPANDER, /* pci-expander-bus (i440fx) */
    CTRL_ROOT_PORT,
    CTRL_UPSTREAM,   /* pcie-switch-upstream-port */
    CTRL_DOWNSTREAM, /* pcie-switch-downstream-port */
    CTRL_PCIE_TO_PCI,
    CTRL_PCI_BRIDGE,
    CTRL_DMI_TO_PCI,
};

/* libvirt's name of a model, "pcie-root-port"; NULL for CTRL_OTHER. */
const char *controller_model_name(enum controller_model model);
enum controller_model controller_model_of(const char *name);

enum address_kind {
    ADDRESS_NONE, /* absent, or a PCI address of all zeros, which libvirt reads as absent */
    ADDRESS_PCI,
    ADDRESS_UNASSIGNED, /* <address type='unassigned'/>: the device is not given to the guest */
    ADDRESS_OTHER,      /* drive, usb, ccw, virtio-mmio... */
};

/* The guest address as the XML gives it: "bus" is the index of a controller. */
struct address {
    enum address_kind kind;
    struct bdf at;
    int multifunction; /* -1: not given, 0: off, 1: on */
};

struct domain_controller { /* <controller type='pci'> only */
    unsigned index;        /* given, or as libvirt would choose it: the lowest free one */
    bool index_given;
    enum controller_model model;
    struct address address;
    int bus_nr;  /* <target busNr>; -1: not given */
    int node;    /* <target><node>; -1: not given */
    int chassis; /* -1: not given */
    /* What QEMU is told instead (bus_nr and chassis in <qemu:override>); 0: nothing. */
    unsigned told_bus_nr, told_chassis;
    int port;             /* -1: not given */
    int hotplug;          /* -1: not given, 0: off, 1: on */
    unsigned mem_reserve; /* <target memReserve>, KiB; 0: not given, UINT_MAX: more than there is */
    unsigned speed, width; /* <target speed width>, as in struct host_link; 0: not given */
    bool generic;          /* a port of QEMU's generic switch (target_link.h) */
    char *model_name;      /* <model name>; NULL: not given */
    char *alias;           /* NULL: none */
    bool marked;           /* vtopo's own (mark.h) */
    size_t element;
    long line; /* 1 is the first */
};

/*
 * A PCI controller that libvirt would add, pcie-root or a root port for a missing index, and that a
 * rewrite has written: libvirt 9.0 puts those that it adds behind all others, and then nobody could
 * tell from the text without vtopo's controllers where these had been.
 */
struct domain_announced {
    unsigned index;
    size_t element;
};

enum device_kind {
    DEVICE_OTHER,
    DEVICE_HOSTDEV_PCI,       /* <hostdev type='pci'> */
    DEVICE_HOSTDEV_MDEV,      /* <hostdev type='mdev' model='vfio-pci'> */
    DEVICE_INTERFACE_HOSTDEV, /* <interface type='hostdev'> */
    DEVICE_INTERFACE_VDPA,    /* <interface type='vdpa'> */
    DEVICE_DISK_NVME,         /* <disk type='nvme'> with <target bus='virtio'> */
    DEVICE_INTERFACE_NETWORK, /* <interface type='network'>: perhaps a pool of host devices */
};

/* How libvirt finds a place for a device without an address (plan/ground/libvirt_define.h). */
enum place_group { /* in the order in which libvirt serves them */
                   PLACE_NONE,
                   PLACE_FILESYSTEM,
                   PLACE_INTERFACE,
                   PLACE_SOUND,
                   PLACE_CONTROLLER,
                   PLACE_DISK,
                   PLACE_HOSTDEV,
                   PLACE_BALLOON,
                   PLACE_RNG,
                   PLACE_WATCHDOG,
                   PLACE_VIDEO,
                   PLACE_SHMEM,
                   PLACE_INPUT,
                   PLACE_SERIAL,
                   PLACE_IOMMU,
                   PLACE_VSOCK,
                   PLACE_MEMORY,
                   PLACE_CRYPTO,
                   PLACE_PANIC,
                   PLACE_PSTORE,
};

enum place_bus {
    PLACE_EXPRESS,
    PLACE_CONVENTIONAL,
    PLACE_INTEGRATED, /* on pcie.0 */
};

enum controller_kind { /* that libvirt adds unasked, or whose order counts */
                       CONTROLLER_OTHER,
                       CONTROLLER_USB,
                       CONTROLLER_SATA,
                       CONTROLLER_SCSI,
                       CONTROLLER_VIRTIO_SERIAL,
                       CONTROLLER_IDE,
                       CONTROLLER_KINDS
};

struct device_place {
    enum place_group group;
    enum place_bus bus;
    enum controller_kind controller; /* PLACE_CONTROLLER */
    int number;        /* order in the group: index of a controller, of a disk's target name (vda is
                          0)...; -1: none */
    bool usb2;         /* a part of an ICH9 USB 2 controller, */
    unsigned function; /* its function in their slot, */
    bool companion;    /* and it names its master */
    bool ich9_sound;
    bool not_in_all; /* libvirt 9.0 gives it no address, later ones do */
};

/* What of the XML makes libvirt add devices that are not there. */
struct domain_needs {
    bool has_usb;     /* a USB controller with index 0, also model='none' */
    bool has_video;   /* any <video>, also of a type that is no PCI device */
    bool has_balloon; /* any <memballoon>, also model='none' */
    bool has_graphics;
    unsigned sata, scsi;    /* controllers that disks refer to: all below this */
    unsigned scsi_hostdevs; /* that SCSI hostdevs refer to */
    uint32_t scsi_models;   /* a bit for each index below 32 that a SCSI hostdev refers to and none
                               before it reaches: libvirt makes new ones as the last one there */
    bool virtio_scsi;       /* there is a SCSI controller that is a PCIe device */
    uint32_t virtio_serial; /* controllers that channels and consoles refer to, a bit for each index
                               below 32 */
};

struct domain_device { /* any child of <devices> that has or may get a PCI address, controllers
                          type='pci' excepted */
    enum device_kind kind;
    struct address address; /* guest address */
    bool maybe_pci; /* without an address libvirt may give it a PCI one (so it may need a port) */
    bool unasked;   /* of a kind that libvirt adds unasked, or has a place for on pcie.0 */
    struct device_place place; /* maybe_pci: how libvirt finds one */
    char *label;       /* for messages: "hostdev 0000:41:00.0", "disk vda", "interface 52:54:00:..",
                          "controller scsi 0" */
    struct bdf source; /* host function: HOSTDEV_PCI, INTERFACE_HOSTDEV, DISK_NVME */
    char *source_id; /* HOSTDEV_MDEV: uuid; INTERFACE_VDPA: device path; INTERFACE_NETWORK: network;
                        else NULL */
    bool iommufd;    /* it is opened by iommufd */
    bool acpi;       /* HOSTDEV_PCI: <acpi> is there, */
    bool acpi_nodes; /* and names cells, */
    unsigned acpi_most; /* up to this one */
    bool managed; /* libvirt binds it to a VFIO driver when the guest starts (managed='yes') */
    unsigned nvme_namespace; /* DISK_NVME */
    char *alias;             /* NULL: none */
    char *target;            /* <target dev>, of disks and interfaces; NULL: none */
    bool placed_by_qemu;     /* a property for QEMU gives it another bus or place */
    bool teaming_transient;  /* <teaming type='transient'> */
    bool virtio;             /* DEVICE_OTHER that has a small 64-bit BAR, as all virtio devices */
    bool io_bar; /* DEVICE_OTHER that QEMU gives an I/O BAR below a PCIe port (e1000, transitional
                    virtio...) */
    size_t element;
    long line;
};

/* The attributes of an <address> that a rewrite changes. */
enum record_attribute {
    RECORD_DOMAIN,
    RECORD_BUS,
    RECORD_SLOT,
    RECORD_FUNCTION,
    RECORD_MULTIFUNCTION,
    RECORD_ATTRIBUTES
};

/* Where a device was before vtopo moved it (record.h). */
struct record_device {
    size_t device;                  /* place in domain.devices */
    bool made;                      /* it had no address, and the element is vtopo's */
    struct address address;         /* that it had */
    char *texts[RECORD_ATTRIBUTES]; /* as they were written; NULL: not there */
    char *alias;                    /* that vtopo's own took the place of; NULL: none */
};

/* What <target> of a controller of others was before vtopo wrote into it. */
struct record_target {
    unsigned index;
    bool bus_nr; /* it is busNr that was written, else hotplug */
    bool only;   /* <target> was there, and said nothing */
    bool on;     /* hotplug='on' was there; otherwise the attribute is vtopo's */
};

/* A controller of others that vtopo took out (policy adopt). */
struct record_controller {
    struct domain_controller controller; /* as it was */
    char *text;                          /* its bytes, with its line */
    size_t children; /* so many elements of <devices> came before it, those that went excepted, */
    size_t bytes;    /* and so many bytes between the last of them and it */
};

/* What a domain remembers of itself before vtopo rewrote it. */
struct domain_record {
    bool there;                        /* perhaps empty, because it cannot be used */
    char *problem;                     /* why not, one sentence; NULL: it can */
    bool made_metadata;                /* <metadata> is vtopo's, too */
    char *metadata;                    /* an empty <metadata> as it was written; NULL: it was not */
    VEC(struct record_device) devices; /* of each device at most one */
    VEC(struct record_target) targets;
    VEC(struct record_controller) controllers; /* of each index at most one */
    struct record_additions additions;
};

struct domain_cell {
    size_t element;
    unsigned id;
    struct idset vcpus;
    uint64_t memory_kib; /* 0: not given */
};

struct domain_pages { /* <memoryBacking><hugepages><page> */
    uint64_t size_kib;
    struct idset cells; /* empty: all that have none of their own */
    char *nodeset;      /* the same as it is written; NULL: not given */
};

struct domain_memory { /* <memory model=...> of <devices>: a DIMM, virtio-mem... */
    uint64_t size_kib;
    uint64_t taken_kib; /* of it from the host node of its cell when the guest starts: nothing where
                           its <source> is a file or names nodes, of virtio-mem what is requested */
    int node;           /* <target><node>: a cell; -1: not given */
};

struct domain_memnode { /* <numatune><memnode> */
    unsigned cell;
    struct idset nodes;
};

struct domain_pin { /* <cputune><vcpupin> */
    unsigned vcpu;
    struct idset cpus;
};

/* A property that QEMU gets for a device, whatever libvirt says of it. */
struct domain_override {
    char *alias;       /* of the device or controller */
    char *name;        /* of the property */
    char *type;        /* <qemu:property type>: "unsigned"...; NULL on the command line */
    char *value;       /* NULL: not given (type "remove") */
    bool command_line; /* <qemu:arg value='-set'/><qemu:arg value='device.ALIAS.NAME=VALUE'/>, else
                          <qemu:override> */
    bool marked;       /* vtopo's own (mark.h) */
    size_t element;    /* of the property, or the second argument */
    size_t option;     /* command_line: of the first argument */
};

/* A device that only QEMU knows: -device and the like of <qemu:commandline>. */
struct domain_qemu_device {
    char *driver;
    char *id, *bus;      /* NULL: not given */
    char *host;          /* the host's device that it assigns, as it is named there; NULL: none */
    struct bdf source;   /* the same, if it is a PCI function, */
    bool source_known;   /* which is then known */
    int slot, function;  /* -1: not given */
    int bus_nr, chassis; /* -1: not given */
    bool multifunction;  /* other functions may be in its slot */
    bool hotplug_off;
};

#define DOMAIN_QEMU_DEVICES 1024 /* more are not read: QEMU has no place for them */

/* What they have: model/machine.h. */
enum machine_kind {
    MACHINE_Q35,   /* q35, pc-q35-* of arch x86_64 or i686 */
    MACHINE_VIRT,  /* virt, virt-* of arch aarch64 */
    MACHINE_PC,    /* pc, pc-i440fx-* of arch x86_64 or i686 */
    MACHINE_OTHER, /* anything else: recognised and left alone */
};

/* Does the guest get QEMU's ACPI tables, which name the expanders and the cells? */
enum guest_acpi {
    ACPI_ON,
    ACPI_NOT_ASKED, /* no <acpi/> in <features>: libvirt turns it off */
    ACPI_OFF,       /* QEMU's command line turns it off */
};

enum firmware_kind { FIRMWARE_SEABIOS, FIRMWARE_OVMF };

/* Who says which file the guest's firmware is. */
enum firmware_choice {
    FIRMWARE_BY_QEMU,    /* nobody: it is QEMU's own */
    FIRMWARE_BY_LOADER,  /* domain.loader */
    FIRMWARE_BY_LIBVIRT, /* <os firmware='efi'> */
    FIRMWARE_UNCLEAR,    /* QEMU's command line may, or something that is not followed */
};

/* What besides the width of addresses decides where the guest's 64-bit window is
 * (plan/budget/guest_space.h). */
struct domain_space {
    bool host_features;    /* the processor has what the host's has (host-passthrough,
                              host-model) */
    bool takes_features;   /* a processor is named, so that libvirt takes features of it; not
                              qemu64, which it names itself where none is */
    bool pages_given;      /* somebody says of pdpe1gb that it is to be there, or not */
    int pages_1g, la57;    /* pdpe1gb and la57: 0 no, 1 yes, -1: as the host's */
    char vendor;           /* of the processor unless that is KVM's: 'I'ntel, 'A'MD, '?' */
    bool vendor_given;     /* also under KVM */
    bool limited;          /* domain.phys_bits are the host's, and not more than so many */
    bool width_given;      /* somebody chose the width: <maxphysaddr>, -cpu */
    bool cpu_argument;     /* all that is said of the processor is -cpu's */
    uint64_t most_kib;     /* <maxMemory>; 0: no memory can be plugged in */
    unsigned slots;        /* for that */
    uint64_t plugged_kib;  /* memory devices, a part of domain.memory_kib */
    uint64_t hole64_kib;   /* <pcihole64>; 0: QEMU's own */
    char *hole64_text;     /* that element as it is written; NULL: none */
    size_t pcie_root;      /* the first controller pcie-root, as an element; 0: there is none */
    bool takes_hole64;     /* one controller pcie-root is there, not announced, with none or that */
    unsigned paging_level; /* -fw_cfg opt/org.tianocore/PagingLevel, 4 or 5; 0: not given */
    int pci64;             /* -fw_cfg opt/org.seabios/pci64; -1: not given */
};

struct domain {
    char *name;     /* <name>, for messages; may be NULL */
    char uuid[37];  /* <uuid>, in lower case; "": not there, or not in the form with dashes */
    bool running;   /* has an id attribute: a dump of the running state */
    bool kvm;       /* type='kvm' */
    char *arch;     /* NULL: not given */
    char *machine;  /* NULL: not given */
    char *emulator; /* NULL: not given, libvirt takes the architecture's */
    enum machine_kind machine_kind;
    enum firmware_kind firmware;
    enum firmware_choice firmware_choice;
    char *loader;     /* <loader>, FIRMWARE_BY_LOADER; otherwise NULL */
    bool cpu_is_host; /* the guest's CPUID is the host's */
    int phys_bits;    /* guest physical address bits if the XML fixes them (maxphysaddr emulate); 0:
                         host's (passthrough); -1: QEMU's default */
    bool acpi_table; /* <os><acpi><table>, -acpitable: the guest gets a table that somebody wrote */
    enum guest_acpi acpi;
    bool kvm_hidden;    /* <features><kvm><hidden state='on'>: the guest does not see that it has a
                           hypervisor */
    bool kvm_shown;     /* <hidden> is there and does not say so */
    bool hyperv_vendor; /* <features><hyperv><vendor_id> is there */
    bool hyperv_host;   /* <hyperv mode='passthrough'>: what the host has, and nothing beside it */
    bool iommufd;       /* assigned devices are opened by iommufd, some or all */
    bool iommufd_for_all; /* but those that say otherwise */
    bool idle_prefix; /* the user declares a prefix for <qemu:override>, and uses it for nothing */
    bool delivered;   /* it has fw_cfg entries below opt/org.vtopo/ that are not vtopo's */
    uint64_t delivered_digest; /* of those that are arguments of QEMU, as of additions, added up */
    bool guest_iommu;          /* <iommu>: the guest has an IOMMU */
    struct domain_space space;
    uint64_t ovmf_mmio64_mib;   /* -fw_cfg opt/ovmf/X-PciMmio64Mb; 0: not given */
    bool ovmf_mmio64_in_file;   /* it is in a file, and not known */
    bool ovmf_mmio64_no_number; /* it is given, and OVMF makes no number of it */
    bool ovmf_mmio64_twice;     /* it is given more than once: QEMU does not start */
    char *ovmf_mmio64_text;     /* the argument that has the number; NULL: none */
    size_t ovmf_mmio64_at;      /* where the number's digits begin there */
    unsigned vcpus;
    unsigned threads;              /* of a guest core (<topology threads>); 0: not given */
    unsigned sockets, dies;        /* <topology>: sockets, 0: not given; dies of a socket */
    uint64_t memory_kib;           /* <memory>: of the cells and of memory devices */
    struct idset vcpu_cpuset;      /* <vcpu cpuset> */
    struct idset vcpus_off;        /* that are plugged in later (<vcpu current>, <vcpus>) */
    bool placement_auto;           /* numad chooses the nodes of vCPUs or memory */
    bool huge_pages;               /* <memoryBacking><hugepages>, perhaps without a size */
    struct idset memory_nodes;     /* <numatune><memory nodeset> */
    char *memory_mode;             /* <numatune><memory mode>; NULL: not given */
    VEC(struct domain_cell) cells; /* ascending by id */
    bool cell_distances;           /* one of them has <distances> */
    VEC(struct domain_memnode) memnodes;
    VEC(struct domain_pages) pages;
    VEC(struct domain_memory) memory_devices;
    VEC(struct domain_pin) pins;
    struct idset helper_cpus;                  /* those that <emulatorpin> and <iothreadpin> name */
    VEC(struct domain_controller) controllers; /* document order */
    VEC(struct domain_announced) announced;    /* document order; not among the controllers */
    VEC(struct domain_device) devices;         /* document order */
    struct domain_record record;
    struct domain_needs needs;
    VEC(struct domain_override) overrides;       /* document order */
    VEC(struct domain_qemu_device) qemu_devices; /* in the order of the command line */
    bool qemu_cells;      /* the command line has guest NUMA cells (-numa node) */
    bool qemu_reads_file; /* it has options in a file (-readconfig) */
    /* "DRIVER.PROPERTY" of what the command line gives to all ports (-global), if that decides how
     * many numbers and how much room firmware keeps for them; NULL: nothing. */
    char *qemu_global;
    /* The same for a kind of controllers that a domain may do without, if it may keep QEMU from
     * making one (addr, or a property that this version does not have); NULL: nothing. */
    char *qemu_global_unfit;
};

bool device_is_assigned(const struct domain_device *device); /* any kind but OTHER and NETWORK */
/* The controllers by their indexes; NULL: there is none. */
void domain_controllers_by_index(const struct domain *domain,
                                 const struct domain_controller *ret_at[DOMAIN_INDEXES]);
/* The controller with this index, or NULL.  For many of them: the function above. */
const struct domain_controller *domain_controller_at(const struct domain *domain, unsigned index);
/* What the domain says of this property of the device with this alias (NULL: no device): the last
 * word; NULL: nothing. */
const struct domain_override *domain_find_override(const struct domain *domain, const char *alias,
                                                   const char *name);
/*
 * The names that something in the domain has: aliases of controllers and devices, ids of devices of
 * <qemu:commandline>.  They stay the domain's.  @ret has room for domain_names_most().
 */
size_t domain_names_most(const struct domain *domain);
size_t domain_names(const struct domain *domain, const char **ret);

/* A deep copy, without the record and what is announced; false: out of memory (@ret is then empty).
 */
bool domain_copy(const struct domain *domain, struct domain *ret);
void domain_clear(struct domain *domain);
void record_clear(struct domain_record *record);
/*
 * A copy whose arrays of controllers, devices and overrides are its own, and that shares all else,
 * texts too, with @domain, which has to outlive it; false: out of memory (@ret is then empty).
 */
bool domain_view(const struct domain *domain, struct domain *ret);
void domain_view_clear(struct domain *view);

#endif
