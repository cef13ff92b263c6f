/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "utilities/guard/guard-json.h"
#include "utilities/guard/guard-request.h"
#include "utilities/guard/guard-transaction.h"
#include "util.h"

#define UUID "01234567-89ab-cdef-0123-456789abcdef"
#define OTHER "11234567-89ab-cdef-0123-456789abcdef"
#define WHERE "'where':[['_uuid','==',['uuid','" UUID "']]]"

/* What becomes of a map is told by what it was. */
#define WAIT(OLD) "{'op':'wait','table':'Interface'," WHERE ",'timeout':0," \
    "'until':'==','columns':['external_ids']," \
    "'rows':[{'external_ids':['map',[" OLD "]]}]}"
#define UPDATE_IDS(NEW) "{'op':'update','table':'Interface'," WHERE "," \
    "'row':{'external_ids':['map',[" NEW "]]}}"
#define UPDATE(TABLE, ROW) "{'op':'update','table':'" TABLE "'," WHERE "," \
    "'row':{" ROW "}}"
#define MUTATE(TABLE, M) "{'op':'mutate','table':'" TABLE "'," WHERE "," \
    "'mutations':[" M "]}"
#define OWNER_CLAUSE "['external_ids','includes',['map',[['ovs-dpu-owner'," \
    "'h']]]]"

/* JSON with ' in place of ". */
static struct json *
parse(const char *text)
{
    char *copy = xstrdup(text);
    struct json *json;

    for (char *p = copy; *p; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    json = json_from_string(copy);
    if (json->type == JSON_STRING) {
        fail_msg("%s: %s", text, json_string(json));
    }
    free(copy);
    return json;
}

static void
assert_json(const struct json *json, const char *expected)
{
    struct json *other = parse(expected);

    if (!json_equal(json, other)) {
        char *text = json_to_string(json, JSSF_SORT);
        char *want = json_to_string(other, JSSF_SORT);

        fail_msg("\n%s\nin place of\n%s", text, want);
    }
    json_destroy(other);
}

/* Has the guard judge a transaction of 'ops'; its database if 'ops' has no
 * other in front. */
static struct json *
judge(const char *ops, struct guard_transaction *txn, struct json **refusal)
{
    char *text = xasprintf("['Open_vSwitch',%s]", ops);
    struct json *params = parse(text);
    struct json *sent = guard_transaction_judge(txn, params, "h", refusal);

    json_destroy(params);
    free(text);
    return sent;
}

static void
allow(const char *ops)
{
    struct guard_transaction txn;
    struct json *refusal;
    struct json *sent = judge(ops, &txn, &refusal);

    if (!sent) {
        fail_msg("%s: refused: %s", ops, json_to_string(refusal, 0));
    }
    /* Each row that is the host's is asked for, in front. */
    for (size_t i = 0; i < txn.n_rows; i++) {
        char *wait = xasprintf(
            "{'op':'wait','table':'%s','timeout':0,'columns':['_uuid'],"
            "'until':'!=','rows':[],'where':[['_uuid','==',['uuid','%s']],"
            OWNER_CLAUSE"]}", txn.rows[i].table, txn.rows[i].uuid);

        assert_json(json_array(sent)->elems[1 + i], wait);
        free(wait);
    }
    assert_int_equal(json_array(sent)->n, 1 + txn.n_rows + txn.n_ops);
    json_destroy(sent);
    guard_transaction_destroy(&txn);
}

/* Refused, and 'why' is said of operation 'op'. */
static void
refuse(const char *ops, size_t op, const char *why)
{
    struct guard_transaction txn;
    struct json *refusal, *sent = judge(ops, &txn, &refusal);
    const struct json *error;
    const char *details;

    if (sent) {
        fail_msg("%s: accepted", ops);
    }
    assert_true(json_array(refusal)->n > op);
    error = json_array(refusal)->elems[op];
    assert_string_equal(guard_json_text(guard_json_member(error, "error")),
                        "permission error");
    details = guard_json_text(guard_json_member(error, "details"));
    if (!strstr(details, why)) {
        fail_msg("%s: '%s' lacks '%s'", ops, details, why);
    }
    json_destroy(refusal);
    guard_transaction_destroy(&txn);
}

/* What a host may do to its own rows. */
static void
test_own(void **state OVS_UNUSED)
{
    allow(UPDATE("Interface", "'ingress_policing_rate':1,"
                  "'ingress_policing_burst':1"));
    allow(UPDATE("Port", "'tag':3,'trunks':['set',[]]"));
    allow(UPDATE("Port", "'vlan_mode':'access'"));
    allow(MUTATE("Port", "['trunks','insert',['set',[3]]]"));
    allow(MUTATE("Interface", "['external_ids','insert',['map',"
                  "[['iface-id','a'],['vm-id','b']]]],"
                  "['external_ids','delete',['set',['attached-mac']]],"
                  "['external_ids','delete','vm-uuid'],"
                  "['external_ids','delete',['map',[['vm-id','x']]]]"));
    allow(WAIT("['iface-id','a'],['x','y']") ","
           UPDATE_IDS("['x','y'],['vm-id','b']"));
    allow(WAIT("") "," UPDATE_IDS("['vm-id','b']"));
    allow("{'op':'mutate','table':'Open_vSwitch'," WHERE ","
           "'mutations':[['next_cfg','+=',1]]},"
           "{'op':'select','table':'Open_vSwitch'," WHERE ","
           "'columns':['next_cfg']},{'op':'comment','comment':'x'},"
           "{'op':'abort'}");
}

/* Columns, keys and values that it may not. */
static void
test_columns(void **state OVS_UNUSED)
{
    char *ops, *value;

    refuse(UPDATE("Interface", "'type':'internal'"), 0,
           "change type of Interface; it may change external_ids");
    refuse(UPDATE("Interface", "'ingress_policing_rate':1,'options':"
                  "['map',[]]"), 0, "change options");
    refuse(UPDATE("Port", "'external_ids':['map',[]]"), 0,
           "change external_ids of Port; it may change tag");
    refuse(MUTATE("Interface", "['options','delete','x']"), 0,
           "change options");
    refuse(MUTATE("Interface", "['external_ids','insert',['map',"
                  "[['ovs-dpu-owner','x']]]]"), 0,
           "change external_ids:ovs-dpu-owner; it may change attached-mac");
    refuse(MUTATE("Interface", "['external_ids','delete',['set',"
                  "['iface-id','ovs-dpu-owner']]]"), 0, "ovs-dpu-owner");
    refuse(MUTATE("Interface", "['external_ids','delete','ovs-dpu-owner']"),
           0, "ovs-dpu-owner");
    refuse(MUTATE("Interface", "['external_ids','delete',['map',"
                  "[['ovs-dpu-owner','h']]]]"), 0, "ovs-dpu-owner");
    refuse(MUTATE("Interface", "['external_ids','+=',1]"), 0,
           "\"insert\" into external_ids");
    value = xmalloc(257);
    memset(value, 'x', 256);
    value[256] = '\0';
    ops = xasprintf(MUTATE("Interface", "['external_ids','insert',['map',"
                           "[['iface-id','%s']]]]"), value);
    refuse(ops, 0, "external_ids:iface-id has 256 bytes; 255 are enough");
    free(ops);
    value[255] = '\0';
    ops = xasprintf(MUTATE("Interface", "['external_ids','insert',['map',"
                           "[['iface-id','%s']]]]"), value);
    allow(ops);
    free(ops);
    free(value);
}

/* The whole map, with keys in it that are not the host's. */
static void
test_whole_map(void **state OVS_UNUSED)
{
    refuse(UPDATE_IDS("['iface-id','a']"), 0, "it must name them");
    refuse(WAIT("['x','y']") "," UPDATE_IDS("['iface-id','a']"), 1,
           "change external_ids:x");
    refuse(WAIT("['x','y']") "," UPDATE_IDS("['x','z']"), 1,
           "change external_ids:x");
    refuse(WAIT("") "," UPDATE_IDS("['x','z']"), 1, "change external_ids:x");
    /* A "wait" behind it says nothing of what was in front. */
    refuse(UPDATE_IDS("['x','y']") "," WAIT("['x','y']"), 0,
           "it must name them");
    /* Nor one for another row, column, table or result. */
    refuse("{'op':'wait','table':'Interface','where':[['_uuid','==',['uuid',"
           "'" OTHER "']]],'timeout':0,'until':'==','columns':"
           "['external_ids'],'rows':[{'external_ids':['map',[['x','y']]]}]},"
           UPDATE_IDS("['x','y']"), 1, "it must name them");
    refuse("{'op':'wait','table':'Interface'," WHERE ",'timeout':0,'until':"
           "'==','columns':['name'],'rows':[{'external_ids':['map',"
           "[['x','y']]]}]}," UPDATE_IDS("['x','y']"), 1,
           "it must name them");
    refuse("{'op':'wait','table':'Interface'," WHERE ",'timeout':0,'until':"
           "'!=','columns':['external_ids'],'rows':[{'external_ids':['map',"
           "[['x','y']]]}]}," UPDATE_IDS("['x','y']"), 1,
           "it must name them");
    refuse("{'op':'wait','table':'Interface'," WHERE ",'timeout':0,'until':"
           "'==','columns':['external_ids'],'rows':[{'external_ids':['map',"
           "[['x','y']]]},{}]}," UPDATE_IDS("['x','y']"), 1,
           "it must name them");
    refuse(WAIT("['x','y'],['x','z']") "," UPDATE_IDS("['x','z']"), 1,
           "a map of strings");
    refuse(WAIT("") "," UPDATE("Interface", "'external_ids':3"), 1,
           "a map of strings");
    /* A row without the column has none. */
    refuse("{'op':'wait','table':'Interface'," WHERE ",'timeout':0,'until':"
           "'==','columns':['external_ids'],'rows':[{}]},"
           UPDATE_IDS("['x','y']"), 1, "change external_ids:x");
}

/* Rows that are not named, and tables that are nobody's. */
static void
test_rows(void **state OVS_UNUSED)
{
    static const char *const wheres[] = {
        "[]", "3", "[['name','==','a']]", "[['_uuid','!=',['uuid','" UUID
        "']]]", "[['_uuid','==',['named-uuid','a']]]",
        "[['_uuid','==',['uuid','x']]]", "[true]",
        "[['_uuid','==',['uuid','" UUID "']],['name','==','a']]",
    };

    for (size_t i = 0; i < ARRAY_SIZE(wheres); i++) {
        char *ops = xasprintf("{'op':'update','table':'Port','where':%s,"
                              "'row':{'tag':1}}", wheres[i]);

        refuse(ops, 0, "is to name one row of Port, by its _uuid");
        free(ops);
    }
    refuse("{'op':'update','table':'Port','row':{'tag':1}}", 0,
           "is to name one row");
    refuse("{'op':'update','table':'Interface','row':{'external_ids':['map',"
           "[]]}}", 0, "it must name them");
    refuse(UPDATE("Bridge", "'name':'x'"), 0, "table Bridge");
    refuse(UPDATE("Open_vSwitch", "'next_cfg':9"), 0, "table Open_vSwitch");
    refuse(MUTATE("Open_vSwitch", "['next_cfg','+=',2]"), 0, "Open_vSwitch");
    refuse(MUTATE("Open_vSwitch", "['next_cfg','+=',1],['next_cfg','+=',1]"),
           0, "Open_vSwitch");
    refuse(MUTATE("Open_vSwitch", "['cur_cfg','+=',1]"), 0, "Open_vSwitch");
    refuse("{'op':'select','table':'SSL','where':[]}", 0, "table SSL");
    refuse("{'op':'select','table':'Bridge','where':[['other_config',"
           "'includes',['map',[['x','y']]]]]}", 0, "one row of Bridge");
    refuse("{'op':'wait','table':'SSL'," WHERE ",'timeout':0,'until':'==',"
           "'columns':[],'rows':[]}", 0, "table SSL");
    refuse("{'op':'wait','table':'Port'," WHERE ",'timeout':9,'until':'==',"
           "'columns':[],'rows':[]}", 0, "with a timeout of 0");
    refuse("{'op':'wait','table':'Port'," WHERE ",'until':'==',"
           "'columns':[],'rows':[]}", 0, "with a timeout of 0");
}

/* Other operations, and what is none.  One is enough. */
static void
test_operations(void **state OVS_UNUSED)
{
    static const char *const ops[] = {
        "insert", "delete", "commit", "assert", "steal", "",
    };
    struct guard_transaction txn;
    struct json *refusal, *params;

    for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
        char *text = xasprintf("{'op':'comment','comment':'x'},{'op':'%s',"
                               "'table':'Port'," WHERE "},"
                               "{'op':'comment','comment':'y'}", ops[i]);

        refuse(text, 1, "a host may not \"");
        free(text);
    }
    refuse("3", 0, "an operation is an object");
    refuse("{'op':3}", 0, "an operation is an object");
    refuse("{'op':'update'}", 0, "table ;");
    refuse("{'op':'update','table':'Port'," WHERE "}", 0, "wants a \"row\"");
    refuse("{'op':'mutate','table':'Port'," WHERE "}", 0,
           "wants \"mutations\"");
    refuse(MUTATE("Port", "3"), 0, "a mutation is");
    refuse("{'op':'comment'}", 0, "wants a \"comment\"");
    params = parse("['_Server',{'op':'comment','comment':'x'}]");
    assert_null(guard_transaction_judge(&txn, params, "h", &refusal));
    assert_json(refusal, "[{'error':'permission error','details':'a host may "
                "change database Open_vSwitch'}]");
    json_destroy(refusal);
    json_destroy(params);
    guard_transaction_destroy(&txn);
}

/* What is sent in place of what was said. */
static void
test_sent(void **state OVS_UNUSED)
{
    struct guard_transaction txn;
    struct json *refusal;
    struct json *sent = judge(
        UPDATE("Port", "'tag':1") "," UPDATE("Port", "'tag':2") ","
        "{'op':'select','table':'Port','where':[],'columns':['tag']},"
        "{'op':'select','table':'Bridge'," WHERE "},"
        "{'op':'comment','comment':'x'}", &txn, &refusal);

    assert_non_null(sent);
    assert_int_equal(txn.n_rows, 1);
    assert_true(txn.changes);
    assert_json(json_array(sent)->elems[2], UPDATE("Port", "'tag':1"));
    assert_json(json_array(sent)->elems[4], "{'op':'select','table':'Port',"
                "'where':["OWNER_CLAUSE"],'columns':['tag']}");
    assert_json(json_array(sent)->elems[5], "{'op':'select','table':'Bridge',"
                WHERE ",'columns':['datapath_id','datapath_type','name']}");
    assert_json(json_array(sent)->elems[6],
                "{'op':'comment','comment':'host h: x'}");
    json_destroy(sent);
    guard_transaction_destroy(&txn);
}

/* What is told of what ovsdb-server says. */
static void
test_reply(void **state OVS_UNUSED)
{
    const struct json *error;
    struct guard_transaction txn;
    struct json *refusal, *result;
    struct json *sent = judge(
        "{'op':'comment','comment':'x'}," UPDATE("Port", "'tag':1"),
        &txn, &refusal);

    result = guard_transaction_reply(&txn, parse("[{},{},{'count':1}]"),
                                     &error);
    assert_json(result, "[{},{'count':1}]");
    assert_null(error);
    json_destroy(result);
    /* Not the host's row. */
    result = guard_transaction_reply(&txn, parse(
        "[{'error':'timed out'},null,null]"), &error);
    assert_non_null(error);
    assert_int_equal(json_array(result)->n, 2);
    assert_ptr_equal(json_array(result)->elems[1], error);
    assert_true(guard_json_is(guard_json_member(error, "error"),
                              "permission error"));
    assert_non_null(strstr(guard_json_text(guard_json_member(error,
                                                             "details")),
                           "Port " UUID " is not host h's"));
    json_destroy(result);
    /* What its own operations and the commit say is told. */
    result = guard_transaction_reply(&txn, parse(
        "[{},{},{'count':1},{'error':'constraint violation'}]"), &error);
    assert_json(result, "[{},{'count':1},{'error':'constraint violation'}]");
    assert_null(error);
    json_destroy(result);
    json_destroy(sent);
    guard_transaction_destroy(&txn);
}

/* 'method' with 'before' is sent with 'after'; NULL: it is refused. */
static void
check_request(const char *method, const char *before, const char *after)
{
    struct json *params = parse(before);
    struct json *error = guard_request_judge(method, "h", &params);

    if (after) {
        assert_null(error);
        assert_json(params, after);
    } else {
        assert_non_null(error);
        assert_true(guard_json_is(guard_json_member(error, "error"),
                                  "permission error"));
    }
    json_destroy(error);
    json_destroy(params);
}

static void
test_requests(void **state OVS_UNUSED)
{
    static const char *const refused[] = {
        "monitor", "lock", "steal", "unlock", "convert", "cancel", "",
    };

    check_request("get_schema", "['Open_vSwitch']", "['Open_vSwitch']");
    check_request("monitor", "['_Server',null,{}]", "['_Server',null,{}]");
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
        check_request(refused[i], "['Open_vSwitch',null,{}]", NULL);
    }
    check_request("monitor_cond",
                  "['Open_vSwitch','m',{'Interface':[{'columns':['name'],"
                  "'where':[['name','==','x'],true]},{'where':[false]},3],"
                  "'Port':{},'SSL':[{}],"
                  "'Bridge':[{'columns':['ports','name']}]}]",
                  "['Open_vSwitch','m',{'Interface':[{'columns':['name'],"
                  "'where':["OWNER_CLAUSE"]},{'where':[false]},3],"
                  "'Port':{'where':["OWNER_CLAUSE"]},"
                  "'SSL':[{'where':[false]}],"
                  "'Bridge':[{'columns':['name','ports'],"
                  "'where':[true]}]}]");
    check_request("monitor_cond_since", "['Open_vSwitch','m',{'Port':[{}]},"
                  "'1234']", "['Open_vSwitch','m',{'Port':[{'where':["
                  OWNER_CLAUSE"]}]},'00000000-0000-0000-0000-000000000000']");
    /* A monitor may have the name of a database that is nobody's. */
    check_request("monitor_cond_change",
                  "['_Server','m',{'Port':[{'where':[true]}],"
                  "'Bridge':[{'where':[true]}]}]",
                  "['_Server','m',{'Port':[{'where':["OWNER_CLAUSE"]}],"
                  "'Bridge':[{'where':[true]}]}]");
    check_request("monitor_cond", "{}", NULL);
    check_request("monitor_cond", "[]", "[]");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_whole_map),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_operations),
        cmocka_unit_test(test_sent),
        cmocka_unit_test(test_reply),
        cmocka_unit_test(test_requests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
