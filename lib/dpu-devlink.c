/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "lib/dpu-devlink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/devlink.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "lib/dpu-error.h"
#include "lib/dpu-netlink.h"

struct dpu_devlink {
    struct dpu_netlink *netlink;
    uint16_t family;
    uint32_t group;             /* Of notifications. */
};

const char *
dpu_eswitch_mode_to_string(enum dpu_eswitch_mode mode)
{
    switch (mode) {
    case DPU_ESWITCH_LEGACY:
        return "legacy";
    case DPU_ESWITCH_SWITCHDEV:
        return "switchdev";
    case DPU_ESWITCH_NONE:
    default:
        return "none";
    }
}

const char *
dpu_function_state_to_string(enum dpu_function_state state)
{
    switch (state) {
    case DPU_FUNCTION_STATE_INACTIVE:
        return "inactive";
    case DPU_FUNCTION_STATE_ACTIVE:
        return "active";
    case DPU_FUNCTION_STATE_NONE:
    default:
        return "none";
    }
}

int
dpu_devlink_open(struct dpu_devlink **devlinkp, char **error)
{
    struct dpu_devlink *devlink = calloc(1, sizeof *devlink);
    int code;

    *error = NULL;
    *devlinkp = NULL;
    if (!devlink) {
        return ENOMEM;
    }
    code = dpu_netlink_open(NETLINK_GENERIC, &devlink->netlink, error);
    if (code) {
        goto error_free;
    }
    code = dpu_netlink_family(devlink->netlink, DEVLINK_GENL_NAME,
                              DEVLINK_GENL_MCGRP_CONFIG_NAME,
                              &devlink->family, &devlink->group, error);
    if (code) {
        if (code == ENOENT) {
            free(*error);
            dpu_error(error, code, "this kernel has no devlink, so no device "
                      "with an embedded switch (CONFIG_NET_DEVLINK)");
        }
        goto error_close;
    }
    *devlinkp = devlink;
    return 0;

error_close:
    dpu_netlink_close(devlink->netlink);
error_free:
    free(devlink);
    return code;
}

void
dpu_devlink_close(struct dpu_devlink *devlink)
{
    if (devlink) {
        dpu_netlink_close(devlink->netlink);
        free(devlink);
    }
}

/* Requests. */

static struct nlmsghdr *
request_all(struct dpu_devlink *devlink, uint8_t command)
{
    return dpu_netlink_request_generic(devlink->netlink, devlink->family,
                                       DEVLINK_GENL_VERSION, command,
                                       NLM_F_DUMP);
}

static struct nlmsghdr *
request_one(struct dpu_devlink *devlink, uint8_t command,
            const struct dpu_devlink_handle *handle)
{
    struct nlmsghdr *request;

    request = dpu_netlink_request_generic(devlink->netlink, devlink->family,
                                          DEVLINK_GENL_VERSION, command, 0);
    mnl_attr_put_strz(request, DEVLINK_ATTR_BUS_NAME, handle->bus);
    mnl_attr_put_strz(request, DEVLINK_ATTR_DEV_NAME, handle->device);
    return request;
}

static int
transact(struct dpu_devlink *devlink, struct nlmsghdr *request,
         dpu_netlink_cb *cb, void *aux, char **error)
{
    return dpu_netlink_transact(devlink->netlink, request, cb, aux, error);
}

/* Answers. */

/* An array that grows; 'code' says if it could not. */
struct array {
    char *elements;
    size_t size;                /* Of an element. */
    size_t n, allocated;
    int code;
};

/* Returns a new element, zeroed, or NULL. */
static void *
array_add(struct array *array)
{
    void *element;

    if (array->n == array->allocated) {
        size_t allocated = array->allocated ? 2 * array->allocated : 8;
        void *elements = realloc(array->elements, allocated * array->size);

        if (!elements) {
            array->code = ENOMEM;
            return NULL;
        }
        array->elements = elements;
        array->allocated = allocated;
    }
    element = array->elements + array->n++ * array->size;
    memset(element, 0, array->size);
    return element;
}

static int
get_all(struct dpu_devlink *devlink, uint8_t command, dpu_netlink_cb *cb,
        size_t size, void *elements, size_t *n, char **error)
{
    struct array array = { .size = size };
    int code;

    code = transact(devlink, request_all(devlink, command), cb, &array,
                    error);
    if (!code && array.code) {
        code = dpu_error(error, array.code, "%s", strerror(array.code));
    }
    if (code) {
        free(array.elements);
        array.elements = NULL;
        array.n = 0;
    }
    memcpy(elements, &array.elements, sizeof array.elements);
    *n = array.n;
    return code;
}

/* The attributes of one level of a message, by type; those that are not of
 * the length that their type has are left out. */
struct attributes {
    const struct nlattr *of[DEVLINK_ATTR_MAX + 1];
};

static enum mnl_attr_data_type
attribute_type(uint16_t attribute)
{
    switch (attribute) {
    case DEVLINK_ATTR_BUS_NAME:
    case DEVLINK_ATTR_DEV_NAME:
        return MNL_TYPE_NUL_STRING;
    case DEVLINK_ATTR_PORT_EXTERNAL:
        return MNL_TYPE_U8;
    case DEVLINK_ATTR_PORT_FLAVOUR:
    case DEVLINK_ATTR_PORT_PCI_PF_NUMBER:
    case DEVLINK_ATTR_PORT_PCI_VF_NUMBER:
    case DEVLINK_ATTR_ESWITCH_MODE:
        return MNL_TYPE_U16;
    case DEVLINK_ATTR_PORT_INDEX:
    case DEVLINK_ATTR_PORT_NUMBER:
    case DEVLINK_ATTR_PORT_NETDEV_IFINDEX:
    case DEVLINK_ATTR_PORT_CONTROLLER_NUMBER:
    case DEVLINK_ATTR_PORT_PCI_SF_NUMBER:
    case DEVLINK_ATTR_PORT_SPLIT_GROUP:
        return MNL_TYPE_U32;
    case DEVLINK_ATTR_PORT_FUNCTION:
        return MNL_TYPE_NESTED;
    default:
        return MNL_TYPE_UNSPEC;
    }
}

static void
read_attributes(const struct nlmsghdr *message, struct attributes *attrs)
{
    const struct nlattr *attr;

    memset(attrs, 0, sizeof *attrs);
    mnl_attr_for_each (attr, message, sizeof(struct genlmsghdr)) {
        uint16_t type = mnl_attr_get_type(attr);

        if (type <= DEVLINK_ATTR_MAX
            && mnl_attr_validate(attr, attribute_type(type)) >= 0) {
            attrs->of[type] = attr;
        }
    }
}

static uint32_t
get_number(const struct attributes *attrs, uint16_t type)
{
    const struct nlattr *attr = attrs->of[type];

    if (!attr) {
        return 0;
    }
    switch (mnl_attr_get_payload_len(attr)) {
    case sizeof(uint8_t):
        return mnl_attr_get_u8(attr);
    case sizeof(uint16_t):
        return mnl_attr_get_u16(attr);
    default:
        return mnl_attr_get_u32(attr);
    }
}

static bool
read_handle(const struct attributes *attrs, struct dpu_devlink_handle *handle)
{
    const struct nlattr *bus = attrs->of[DEVLINK_ATTR_BUS_NAME];
    const struct nlattr *device = attrs->of[DEVLINK_ATTR_DEV_NAME];

    return (bus && device
            && snprintf(handle->bus, sizeof handle->bus, "%s",
                        mnl_attr_get_str(bus)) < sizeof handle->bus
            && snprintf(handle->device, sizeof handle->device, "%s",
                        mnl_attr_get_str(device)) < sizeof handle->device);
}

static void
read_device(const struct nlmsghdr *message, void *array)
{
    struct dpu_devlink_handle handle, *added;
    struct attributes attrs;

    read_attributes(message, &attrs);
    if (read_handle(&attrs, &handle)) {
        added = array_add(array);
        if (added) {
            *added = handle;
        }
    }
}

int
dpu_devlink_get_devices(struct dpu_devlink *devlink,
                        struct dpu_devlink_handle **handles, size_t *n,
                        char **error)
{
    return get_all(devlink, DEVLINK_CMD_GET, read_device, sizeof **handles,
                   handles, n, error);
}

/* Reads what is behind a port.  Returns false for ports of switches of other
 * kinds, ports that nothing is behind, and parts of a split one. */
static bool
read_representor(const struct attributes *attrs, struct dpu_representor *rep)
{
    if (!attrs->of[DEVLINK_ATTR_PORT_FLAVOUR]
        || attrs->of[DEVLINK_ATTR_PORT_SPLIT_GROUP]) {
        return false;
    }
    rep->controller = (get_number(attrs, DEVLINK_ATTR_PORT_EXTERNAL)
                       ? (int) get_number(attrs,
                                          DEVLINK_ATTR_PORT_CONTROLLER_NUMBER)
                       : DPU_REPRESENTOR_OWN);
    rep->pf = get_number(attrs, DEVLINK_ATTR_PORT_PCI_PF_NUMBER);
    rep->number = 0;
    switch (get_number(attrs, DEVLINK_ATTR_PORT_FLAVOUR)) {
    case DEVLINK_PORT_FLAVOUR_PHYSICAL:
        rep->function = DPU_FUNCTION_UPLINK;
        rep->pf = get_number(attrs, DEVLINK_ATTR_PORT_NUMBER);
        return true;
    case DEVLINK_PORT_FLAVOUR_PCI_PF:
        rep->function = DPU_FUNCTION_HPF;
        return true;
    case DEVLINK_PORT_FLAVOUR_PCI_VF:
        rep->function = DPU_FUNCTION_VF;
        rep->number = get_number(attrs, DEVLINK_ATTR_PORT_PCI_VF_NUMBER);
        return true;
    case DEVLINK_PORT_FLAVOUR_PCI_SF:
        rep->function = DPU_FUNCTION_SF;
        rep->number = get_number(attrs, DEVLINK_ATTR_PORT_PCI_SF_NUMBER);
        return true;
    default:
        return false;
    }
}

static void
read_function(const struct nlattr *function, struct dpu_devlink_port *port)
{
    const struct nlattr *attr;

    mnl_attr_for_each_nested (attr, function) {
        switch (mnl_attr_get_type(attr)) {
        case DEVLINK_PORT_FUNCTION_ATTR_HW_ADDR:
            if (mnl_attr_get_payload_len(attr) == sizeof port->mac) {
                memcpy(port->mac, mnl_attr_get_payload(attr),
                       sizeof port->mac);
                port->has_mac = true;
            }
            break;
        case DEVLINK_PORT_FN_ATTR_STATE:
            if (mnl_attr_validate(attr, MNL_TYPE_U8) >= 0) {
                port->state = (mnl_attr_get_u8(attr)
                               == DEVLINK_PORT_FN_STATE_ACTIVE
                               ? DPU_FUNCTION_STATE_ACTIVE
                               : DPU_FUNCTION_STATE_INACTIVE);
            }
            break;
        }
    }
}

static void
read_port(const struct nlmsghdr *message, void *array)
{
    struct dpu_devlink_port port, *added;
    struct attributes attrs;

    memset(&port, 0, sizeof port);
    read_attributes(message, &attrs);
    if (!read_handle(&attrs, &port.handle)
        || !attrs.of[DEVLINK_ATTR_PORT_INDEX]
        || !read_representor(&attrs, &port.representor)) {
        return;
    }
    port.index = get_number(&attrs, DEVLINK_ATTR_PORT_INDEX);
    port.ifindex = get_number(&attrs, DEVLINK_ATTR_PORT_NETDEV_IFINDEX);
    if (attrs.of[DEVLINK_ATTR_PORT_FUNCTION]) {
        read_function(attrs.of[DEVLINK_ATTR_PORT_FUNCTION], &port);
    }
    added = array_add(array);
    if (added) {
        *added = port;
    }
}

int
dpu_devlink_get_ports(struct dpu_devlink *devlink,
                      struct dpu_devlink_port **ports, size_t *n,
                      char **error)
{
    return get_all(devlink, DEVLINK_CMD_PORT_GET, read_port, sizeof **ports,
                   ports, n, error);
}

/* The embedded switch. */

static void
read_mode(const struct nlmsghdr *message, void *mode_)
{
    enum dpu_eswitch_mode *mode = mode_;
    struct attributes attrs;

    read_attributes(message, &attrs);
    if (attrs.of[DEVLINK_ATTR_ESWITCH_MODE]) {
        *mode = (get_number(&attrs, DEVLINK_ATTR_ESWITCH_MODE)
                 == DEVLINK_ESWITCH_MODE_SWITCHDEV ? DPU_ESWITCH_SWITCHDEV
                 : DPU_ESWITCH_LEGACY);
    }
}

int
dpu_devlink_get_mode(struct dpu_devlink *devlink,
                     const struct dpu_devlink_handle *handle,
                     enum dpu_eswitch_mode *mode, char **error)
{
    int code;

    *mode = DPU_ESWITCH_NONE;
    code = transact(devlink, request_one(devlink, DEVLINK_CMD_ESWITCH_GET,
                                         handle), read_mode, mode, error);
    if (code == EOPNOTSUPP) {
        free(*error);
        *error = NULL;
        return 0;
    }
    return code;
}

int
dpu_devlink_set_mode(struct dpu_devlink *devlink,
                     const struct dpu_devlink_handle *handle,
                     enum dpu_eswitch_mode mode, char **error)
{
    struct nlmsghdr *request;

    request = request_one(devlink, DEVLINK_CMD_ESWITCH_SET, handle);
    mnl_attr_put_u16(request, DEVLINK_ATTR_ESWITCH_MODE,
                     (mode == DPU_ESWITCH_SWITCHDEV
                      ? DEVLINK_ESWITCH_MODE_SWITCHDEV
                      : DEVLINK_ESWITCH_MODE_LEGACY));
    return transact(devlink, request, NULL, NULL, error);
}

/* Functions. */

int
dpu_devlink_set_mac(struct dpu_devlink *devlink,
                    const struct dpu_devlink_handle *handle, uint32_t index,
                    const uint8_t mac[6], char **error)
{
    struct nlmsghdr *request;
    struct nlattr *function;

    request = request_one(devlink, DEVLINK_CMD_PORT_SET, handle);
    mnl_attr_put_u32(request, DEVLINK_ATTR_PORT_INDEX, index);
    function = mnl_attr_nest_start(request, DEVLINK_ATTR_PORT_FUNCTION);
    mnl_attr_put(request, DEVLINK_PORT_FUNCTION_ATTR_HW_ADDR, 6, mac);
    mnl_attr_nest_end(request, function);
    return transact(devlink, request, NULL, NULL, error);
}

int
dpu_devlink_set_state(struct dpu_devlink *devlink,
                      const struct dpu_devlink_handle *handle, uint32_t index,
                      enum dpu_function_state state, char **error)
{
    struct nlmsghdr *request;
    struct nlattr *function;

    request = request_one(devlink, DEVLINK_CMD_PORT_SET, handle);
    mnl_attr_put_u32(request, DEVLINK_ATTR_PORT_INDEX, index);
    function = mnl_attr_nest_start(request, DEVLINK_ATTR_PORT_FUNCTION);
    mnl_attr_put_u8(request, DEVLINK_PORT_FN_ATTR_STATE,
                    (state == DPU_FUNCTION_STATE_ACTIVE
                     ? DEVLINK_PORT_FN_STATE_ACTIVE
                     : DEVLINK_PORT_FN_STATE_INACTIVE));
    mnl_attr_nest_end(request, function);
    return transact(devlink, request, NULL, NULL, error);
}

static void
read_index(const struct nlmsghdr *message, void *index)
{
    struct attributes attrs;

    read_attributes(message, &attrs);
    *(uint32_t *) index = get_number(&attrs, DEVLINK_ATTR_PORT_INDEX);
}

int
dpu_devlink_add_sf(struct dpu_devlink *devlink,
                   const struct dpu_devlink_handle *handle, int pf,
                   int number, uint32_t *index, char **error)
{
    struct nlmsghdr *request;

    request = request_one(devlink, DEVLINK_CMD_PORT_NEW, handle);
    mnl_attr_put_u16(request, DEVLINK_ATTR_PORT_FLAVOUR,
                     DEVLINK_PORT_FLAVOUR_PCI_SF);
    mnl_attr_put_u16(request, DEVLINK_ATTR_PORT_PCI_PF_NUMBER, pf);
    mnl_attr_put_u32(request, DEVLINK_ATTR_PORT_PCI_SF_NUMBER, number);
    return transact(devlink, request, read_index, index, error);
}

int
dpu_devlink_del_port(struct dpu_devlink *devlink,
                     const struct dpu_devlink_handle *handle, uint32_t index,
                     char **error)
{
    struct nlmsghdr *request;

    request = request_one(devlink, DEVLINK_CMD_PORT_DEL, handle);
    mnl_attr_put_u32(request, DEVLINK_ATTR_PORT_INDEX, index);
    return transact(devlink, request, NULL, NULL, error);
}

/* Notifications. */

int
dpu_devlink_subscribe(struct dpu_devlink *devlink, char **error)
{
    return dpu_netlink_join(devlink->netlink, devlink->group, error);
}

static void
read_event(const struct nlmsghdr *message, void *changed)
{
    const struct genlmsghdr *header = mnl_nlmsg_get_payload(message);

    switch (header->cmd) {
    case DEVLINK_CMD_NEW:
    case DEVLINK_CMD_DEL:
    case DEVLINK_CMD_PORT_NEW:
    case DEVLINK_CMD_PORT_DEL:
        *(bool *) changed = true;
        break;
    }
}

int
dpu_devlink_wait(struct dpu_devlink *devlink, int timeout, char **error)
{
    bool changed = false;
    int code;

    code = dpu_netlink_receive(devlink->netlink, timeout, read_event,
                               &changed, error);
    return code || changed ? code : EAGAIN;
}
