/* test_pool.c - connections kept: last in first out, caps, age, many peers, and a long
 * random life beside a slow obvious model.
 * SPDX-License-Identifier: MIT */
#include "lib/machine.h"
#include "lib/peer.h"
#include "net/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const ferry_pool wide = {.idle = INT64_MAX,
    .idle_per_key = INT64_MAX,
    .open_per_key = INT64_MAX,
    .idle_ms = INT64_MAX,
    .age_ms = INT64_MAX};

static machine m;
static peer other;
static fy_pool pool;
static fy_error x;

static int set_up(void **state)
{
    (void)state;
    machine_init(&m);
    memset(&other, 0, sizeof other);
    return (int)fy_pool_init(&pool, &m.memory.platform, &x);
}

static int tear_down(void **state)
{
    (void)state;
    fy_pool_fini(&pool);
    assert_int_equal(other.live, 0);
    return memory_is_clean(&m.memory) ? 0 : -1;
}

static fy_origin *origin(const char *key)
{
    fy_origin *o = fy_pool_origin(&pool, fy_str(key));
    assert_non_null(o);
    return o;
}

/* A connection as it is after an exchange. */
static fy_conn *open_to(fy_origin *o, int64_t now_ms)
{
    ferry_dialer d = peer_dialer(&other);
    ferry_fault fault;
    fy_conn *c = fy_pool_open(&pool, o, now_ms);
    assert_non_null(c);
    assert_int_equal(d.dial(d.ctx, "host", 80, NULL, &c->transport, &fault), 0);
    return c;
}

static void give(fy_conn *c, const ferry_pool *caps, int64_t now_ms)
{
    fy_pool_give(&pool, c, caps, INT64_MAX, now_ms);
}

/* --- one peer -------------------------------------------------------------------- */

static void the_connection_given_last_is_taken_first(void **state)
{
    fy_origin *o = origin("a");
    fy_conn *first = open_to(o, 0), *second = open_to(o, 0);
    (void)state;
    assert_null(fy_pool_take(&pool, o, 0));
    give(first, &wide, 1);
    give(second, &wide, 2);
    assert_ptr_equal(fy_pool_take(&pool, o, 3), second);
    give(second, &wide, 4);
    assert_ptr_equal(fy_pool_take(&pool, o, 5), second);
    assert_ptr_equal(fy_pool_take(&pool, o, 5), first);
    assert_null(fy_pool_take(&pool, o, 5));
    assert_int_equal(o->n_open, 2);
    assert_int_equal(o->n_idle, 0);
    fy_pool_drop(&pool, first);
    fy_pool_drop(&pool, second);
    assert_int_equal(o->n_open, 0);
}

static void a_connection_counts_what_it_served_and_since_when_it_idles(void **state)
{
    fy_origin *o = origin("a");
    fy_conn *c = open_to(o, 7);
    (void)state;
    assert_int_equal(c->born_ms, 7);
    assert_int_equal(c->served, 0);
    give(c, &wide, 10);
    give(fy_pool_take(&pool, o, 11), &wide, 20);
    assert_int_equal(c->served, 2);
    assert_int_equal(c->idle_since_ms, 20);
}

static void beyond_the_cap_of_one_peer_the_one_idle_for_longest_goes(void **state)
{
    ferry_pool caps = wide;
    fy_origin *o = origin("a"), *elsewhere = origin("b");
    fy_conn *c[4];
    (void)state;
    caps.idle_per_key = 2;
    give(open_to(elsewhere, 0), &caps, 0);
    for (int i = 0; i < 4; i++)
        c[i] = open_to(o, 0);
    for (int i = 0; i < 4; i++)
        give(c[i], &caps, i);
    assert_int_equal(o->n_idle, 2);
    assert_int_equal(o->n_open, 2);
    assert_int_equal(elsewhere->n_idle, 1);
    assert_ptr_equal(o->newest_idle, c[3]);
    assert_ptr_equal(o->oldest_idle, c[2]);
    assert_int_equal(other.live, 3);
}

static void beyond_the_cap_of_all_the_one_idle_for_longest_goes(void **state)
{
    ferry_pool caps = wide;
    fy_origin *a = origin("a"), *b = origin("b");
    (void)state;
    caps.idle = 2;
    give(open_to(a, 0), &caps, 1);
    give(open_to(b, 0), &caps, 2);
    give(open_to(b, 0), &caps, 3);
    assert_int_equal(a->n_idle, 0);
    assert_int_equal(b->n_idle, 2);
    assert_int_equal(pool.n_idle, 2);
    assert_int_equal(other.live, 2);
}

static void a_cap_of_none_keeps_none(void **state)
{
    ferry_pool caps = wide;
    fy_origin *o = origin("a");
    (void)state;
    caps.idle = 0;
    give(open_to(o, 0), &caps, 1);
    caps.idle = INT64_MAX;
    caps.idle_per_key = 0;
    give(open_to(o, 0), &caps, 1);
    assert_int_equal(pool.n_idle, 0);
    assert_int_equal(o->n_open, 0);
    assert_int_equal(other.live, 0);
}

static void closing_the_idle_ones_leaves_those_in_use(void **state)
{
    fy_origin *a = origin("a"), *b = origin("b");
    fy_conn *busy = open_to(a, 0);
    (void)state;
    give(open_to(a, 0), &wide, 1);
    give(open_to(b, 0), &wide, 1);
    fy_pool_close_idle(&pool);
    assert_int_equal(other.live, 1);
    assert_int_equal(a->n_open, 1);
    assert_int_equal(b->n_open, 0);
    fy_pool_drop(&pool, busy);
}

/* --- time ------------------------------------------------------------------------ */

static void an_idle_connection_expires(void **state)
{
    static const struct {
        int64_t idle_ms, age_ms, keep_ms, lives_until;
    } cases[] = {
        {50, INT64_MAX, INT64_MAX, 150},
        {INT64_MAX, 130, INT64_MAX, 130}, /* born at 0, given at 100 */
        {INT64_MAX, INT64_MAX, 20, 120},
        {50, 130, 20, 120},
        {50, 110, 20, 110},
        {10, 130, 20, 110},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_pool caps = wide;
        fy_origin *o = origin("a");
        fy_conn *c = open_to(o, 0);
        caps.idle_ms = cases[i].idle_ms;
        caps.age_ms = cases[i].age_ms;
        fy_pool_give(&pool, c, &caps, cases[i].keep_ms, 100);
        assert_ptr_equal(fy_pool_take(&pool, o, cases[i].lives_until - 1), c);
        fy_pool_give(&pool, c, &caps, cases[i].keep_ms, 100);
        assert_null(fy_pool_take(&pool, o, cases[i].lives_until));
        assert_int_equal(other.live, 0);
    }
}

static void a_connection_without_limits_lives_for_ever(void **state)
{
    fy_origin *o = origin("a");
    (void)state;
    give(open_to(o, 0), &wide, 1);
    fy_conn *c = fy_pool_take(&pool, o, INT64_MAX - 1);
    assert_non_null(c);
    fy_pool_drop(&pool, c);
}

static void one_that_expired_does_not_hide_one_that_did_not(void **state)
{
    fy_origin *o = origin("a");
    fy_conn *lasting = open_to(o, 0);
    (void)state;
    give(lasting, &wide, 1);
    fy_pool_give(&pool, open_to(o, 0), &wide, 5, 2);
    assert_ptr_equal(fy_pool_take(&pool, o, 50), lasting);
    assert_int_equal(other.live, 1);
    fy_pool_drop(&pool, lasting);
}

static void a_connection_that_expires_at_once_is_not_kept(void **state)
{
    ferry_pool caps = wide;
    (void)state;
    fy_pool_give(&pool, open_to(origin("a"), 0), &wide, 0, 1);
    assert_int_equal(other.live, 0);
    caps.idle_ms = 0;
    give(open_to(origin("a"), 0), &caps, 1);
    assert_int_equal(other.live, 0);
    caps = wide;
    caps.age_ms = 10;
    give(open_to(origin("a"), 0), &caps, 10);
    assert_int_equal(other.live, 0);
}

/* Peers that nobody asks for again must not hold their connections for ever. */
static void those_of_forgotten_peers_go_with_the_next_ones_given(void **state)
{
    ferry_pool caps = wide;
    char key[8];
    (void)state;
    caps.idle_ms = 10;
    for (int i = 0; i < 20; i++) {
        sprintf(key, "%d", i);
        give(open_to(origin(key), 0), &caps, 0);
    }
    fy_origin *o = origin("later");
    for (int i = 0; i < 10; i++) {
        fy_conn *c = open_to(o, 100);
        give(c, &caps, 100);
        fy_pool_drop(&pool, fy_pool_take(&pool, o, 100));
    }
    assert_int_equal(other.live, 0);
}

/* --- many peers ------------------------------------------------------------------ */

static void one_key_is_one_peer_and_another_is_another(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
    } keys[] = {{"", 0}, {"a", 1}, {"b", 1}, {"a\0", 2}, {"a\0b", 3}, {"aaaaaaaa", 8},
        {"aaaaaaaab", 9}, {"aaaaaaaaaaaaaaaa", 16}, {"aaaaaaabaaaaaaaa", 16}};
    fy_origin *seen[COUNT(keys)];
    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        seen[i] = fy_pool_origin(&pool, (ferry_str){keys[i].bytes, keys[i].n});
        assert_int_equal(seen[i]->minor, -1);
        for (size_t j = 0; j < i; j++)
            assert_ptr_not_equal(seen[i], seen[j]);
    }
    for (size_t i = 0; i < COUNT(keys); i++)
        assert_ptr_equal(
            fy_pool_origin(&pool, (ferry_str){keys[i].bytes, keys[i].n}), seen[i]);
    assert_int_equal(pool.n_origins, COUNT(keys));
}

static void number_key(char key[16], int i)
{
    sprintf(key, "key %d", i);
}

static void peers_without_connections_are_forgotten_in_time(void **state)
{
    char key[16];
    fy_origin *kept = origin("kept");
    fy_conn *c = open_to(kept, 0);
    (void)state;
    for (int i = 0; i < 10000; i++) {
        number_key(key, i);
        origin(key);
        assert_true(pool.n_origins <= 256);
    }
    assert_ptr_equal(origin("kept"), kept);
    fy_pool_drop(&pool, c);
}

/* What the longest list of a bucket holds. */
static size_t longest_list(void)
{
    size_t longest = 0;
    for (size_t i = 0; i < pool.n_buckets; i++) {
        size_t n = 0;
        for (const fy_origin *o = pool.buckets[i]; o; o = o->next)
            n++;
        longest = n > longest ? n : longest;
    }
    return longest;
}

enum { MANY = 5000 };

static fy_conn *conns[MANY];

static void expect_short_lists(const char *format)
{
    char key[64];
    for (int i = 0; i < MANY; i++) {
        sprintf(key, format, i);
        conns[i] = fy_pool_open(&pool, origin(key), 0);
    }
    assert_int_equal(pool.n_origins, MANY);
    assert_true(pool.n_buckets >= MANY / 2);
    if (longest_list() > 16)
        fail_msg("\"%s\": %d in one list", format, (int)longest_list());
    for (int i = 0; i < MANY; i++) {
        sprintf(key, format, i);
        assert_ptr_equal(origin(key), conns[i]->origin);
    }
    for (int i = 0; i < MANY; i++)
        fy_pool_drop(&pool, conns[i]);
}

/* Names that differ in one place only, wherever that falls in words of eight bytes. */
static void the_table_grows_with_its_peers_and_its_lists_stay_short(void **state)
{
    static const char *const formats[] = {"%05d", "x%05d", "xx%05d", "xxx%05d",
        "xxxx%05d", "%05d.example", "www.%05d.example.com", "%05dxxx",
        "xxxxxxxx%05dxxx", "%05dxxxxxxxxxxxxxxxxxxx", "x%05dxxxxxxxxxxxxxxxxxx"};
    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        fy_pool_fini(&pool);
        assert_int_equal(fy_pool_init(&pool, &m.memory.platform, &x), FERRY_OK);
        expect_short_lists(formats[i]);
    }
}

static void another_seed_is_another_order(void **state)
{
    uint64_t before = origin("a")->hash;
    (void)state;
    fy_pool_fini(&pool);
    m.entropy = 0x5a;
    assert_int_equal(fy_pool_init(&pool, &m.memory.platform, &x), FERRY_OK);
    assert_true(origin("a")->hash != before);
}

/* --- a long life beside a model -------------------------------------------------- */

enum { MODEL_KEYS = 7, MODEL_IDLE = 12, MODEL_PER_KEY = 4 };

/* All idle connections in the order in which they went idle. */
static struct {
    fy_conn *conn;
    int key;
    int64_t expires;
} model[64];
static size_t model_n;

static void model_remove(size_t i)
{
    memmove(&model[i], &model[i + 1], (--model_n - i) * sizeof *model);
}

static void model_remove_first_of(int key)
{
    for (size_t i = 0; i < model_n; i++)
        if (key < 0 || model[i].key == key) {
            model_remove(i);
            return;
        }
}

static size_t model_count(int key)
{
    size_t n = 0;
    for (size_t i = 0; i < model_n; i++)
        n += key < 0 || model[i].key == key;
    return n;
}

static void model_give(fy_conn *c, int key, int64_t expires, int64_t now)
{
    for (int i = 0; i < 2 && model_n && model[0].expires <= now; i++)
        model_remove(0);
    model[model_n].conn = c;
    model[model_n].key = key;
    model[model_n++].expires = expires;
    if (model_count(key) > MODEL_PER_KEY)
        model_remove_first_of(key);
    if (model_n > MODEL_IDLE)
        model_remove_first_of(-1);
}

static fy_conn *model_take(int key, int64_t now)
{
    for (size_t i = model_n; i--;)
        if (model[i].key == key) {
            fy_conn *c = model[i].conn;
            bool is_fresh = model[i].expires > now;
            model_remove(i);
            if (is_fresh)
                return c;
        }
    return NULL;
}

static unsigned random_below(unsigned n)
{
    static uint64_t seed = 42;
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

/* Both lists of the pool, both ways, against the model. */
static void expect_model(fy_origin *const *origins)
{
    size_t i = 0;
    for (const fy_conn *c = pool.oldest; c; c = c->newer, i++) {
        assert_true(i < model_n);
        assert_ptr_equal(c, model[i].conn);
        assert_ptr_equal(c->newer ? c->newer->older : pool.newest, c);
    }
    assert_int_equal(i, model_n);
    assert_int_equal(pool.n_idle, model_n);
    for (int key = 0; key < MODEL_KEYS; key++) {
        size_t n = 0;
        for (const fy_conn *c = origins[key]->newest_idle; c; c = c->below, n++)
            assert_ptr_equal(c->below ? c->below->above : origins[key]->oldest_idle, c);
        assert_int_equal(n, model_count(key));
        assert_int_equal(origins[key]->n_idle, n);
    }
}

static void a_random_life_goes_as_a_slow_model_says(void **state)
{
    ferry_pool caps = wide;
    fy_origin *origins[MODEL_KEYS];
    fy_conn *anchors[MODEL_KEYS], *busy[8]; /* an origin stays while it has one */
    int busy_key[8];
    size_t n_busy = 0;
    (void)state;
    caps.idle = MODEL_IDLE;
    caps.idle_per_key = MODEL_PER_KEY;
    model_n = 0;
    for (int key = 0; key < MODEL_KEYS; key++) {
        char name[16];
        number_key(name, key);
        origins[key] = origin(name);
        anchors[key] = fy_pool_open(&pool, origins[key], 0);
    }
    for (int64_t now = 1; now < 20000; now++) {
        int key = (int)random_below(MODEL_KEYS);
        if (n_busy && (n_busy == 8 || random_below(2))) {
            size_t i = random_below((unsigned)n_busy);
            fy_conn *c = busy[i];
            int64_t keep = 1 + random_below(60);
            fy_pool_give(&pool, c, &caps, keep, now);
            model_give(c, busy_key[i], now + keep, now);
            busy[i] = busy[--n_busy];
            busy_key[i] = busy_key[n_busy];
        } else {
            fy_conn *c = fy_pool_take(&pool, origins[key], now);
            assert_ptr_equal(c, model_take(key, now));
            busy[n_busy] = c ? c : open_to(origins[key], now);
            busy_key[n_busy++] = key;
        }
        expect_model(origins);
    }
    while (n_busy)
        fy_pool_drop(&pool, busy[--n_busy]);
    for (int key = 0; key < MODEL_KEYS; key++)
        fy_pool_drop(&pool, anchors[key]);
}

/* --- what fails ------------------------------------------------------------------ */

static void without_entropy_there_is_no_pool(void **state)
{
    fy_pool p;
    (void)state;
    m.has_no_entropy = true;
    assert_int_equal(fy_pool_init(&p, &m.memory.platform, &x), FERRY_ERR_USAGE);
    assert_string_equal(x.what, "the platform gives no entropy");
    fy_pool_fini(&p);
}

static void without_memory_there_is_no_pool_peer_or_connection(void **state)
{
    fy_pool p;
    (void)state;
    m.memory.fail_at = m.memory.calls + 1;
    assert_int_equal(fy_pool_init(&p, &m.memory.platform, &x), FERRY_ERR_NOMEM);
    fy_pool_fini(&p);
    m.memory.fail_at = m.memory.calls + 1;
    assert_null(fy_pool_origin(&pool, FY_S("a")));
    fy_origin *o = origin("a");
    m.memory.fail_at = m.memory.calls + 1;
    assert_null(fy_pool_open(&pool, o, 0));
    assert_int_equal(o->n_open, 0);
}

static void without_memory_for_a_larger_table_the_old_one_serves(void **state)
{
    char key[16];
    (void)state;
    for (int i = 0; i < 16; i++) {
        number_key(key, i);
        origin(key);
    }
    m.memory.fail_at = m.memory.calls + 1;
    origin("one more");
    assert_int_equal(pool.n_buckets, 16);
    assert_int_equal(pool.n_origins, 17);
    number_key(key, 3);
    assert_int_equal(fy_pool_origin(&pool, fy_str(key))->minor, -1);
    assert_int_equal(pool.n_origins, 17);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_connection_given_last_is_taken_first),
        TEST(a_connection_counts_what_it_served_and_since_when_it_idles),
        TEST(beyond_the_cap_of_one_peer_the_one_idle_for_longest_goes),
        TEST(beyond_the_cap_of_all_the_one_idle_for_longest_goes),
        TEST(a_cap_of_none_keeps_none),
        TEST(closing_the_idle_ones_leaves_those_in_use),
        TEST(an_idle_connection_expires),
        TEST(a_connection_without_limits_lives_for_ever),
        TEST(one_that_expired_does_not_hide_one_that_did_not),
        TEST(a_connection_that_expires_at_once_is_not_kept),
        TEST(those_of_forgotten_peers_go_with_the_next_ones_given),
        TEST(one_key_is_one_peer_and_another_is_another),
        TEST(peers_without_connections_are_forgotten_in_time),
        TEST(the_table_grows_with_its_peers_and_its_lists_stay_short),
        TEST(another_seed_is_another_order),
        TEST(a_random_life_goes_as_a_slow_model_says),
        TEST(without_entropy_there_is_no_pool),
        TEST(without_memory_there_is_no_pool_peer_or_connection),
        TEST(without_memory_for_a_larger_table_the_old_one_serves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
