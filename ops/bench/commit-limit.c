// What Postgres takes when nothing is checked: `insert ... select from unnest` of rows as the server writes them, one connection,
// binary arrays, one statement and one commit a batch. Prints one JSON object.
//
//   commit-limit DATABASE_URL events|inbox ROWS SECONDS
//
// The rows are copies of one that the server wrote (the newest of `events`, or the one in `bench_inbox_row`), each with ids, position,
// version and key of its own, put into a table of the same columns and indexes. Events go to 64 streams in 64 slices in turn.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>

// Type numbers of pg_type.dat.
enum { BYTEA = 17, INT8 = 20, INT2 = 21, INT4 = 23, TEXT = 25, DATE = 1082, TIMESTAMPTZ = 1184, UUID = 2950 };
enum { STREAMS = 64, MAX_COLUMNS = 16, MAX_SAMPLES = 1 << 20 };

struct column {
    unsigned char *bytes;
    size_t length, room;
};

// The row that is copied; text columns are as the server sends them, bytea in binary.
struct text {
    char *bytes;
    int length;
};

static PGconn *connection;
static struct column columns[MAX_COLUMNS];
static int column_count;
static struct text type, meta, body, key;
static unsigned char tenant[16], streams[STREAMS][16], ids[16], hash[32];
static int64_t row_number;
static uint32_t samples[MAX_SAMPLES];
static long sample_count;

static void fail(const char *what) {
    fprintf(stderr, "commit-limit: %s: %s\n", what, PQerrorMessage(connection));
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static PGresult *run(const char *sql) {
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK) fail(sql);
    return result;
}

static void put(struct column *column, const void *bytes, size_t count) {
    if (column->length + count > column->room) {
        column->room = 2 * (column->length + count);
        column->bytes = realloc(column->bytes, column->room);
    }
    memcpy(column->bytes + column->length, bytes, count);
    column->length += count;
}

static void put_number(struct column *column, uint32_t number) {
    number = htonl(number);
    put(column, &number, 4);
}

// The head of a one-dimensional array without nulls. Source: array_send in the sources of PostgreSQL.
static struct column *array(int type, int rows) {
    struct column *column = &columns[column_count++];
    column->length = 0;
    put_number(column, 1);
    put_number(column, 0);
    put_number(column, (uint32_t)type);
    put_number(column, (uint32_t)rows);
    put_number(column, 1);
    return column;
}

static void element(struct column *column, const void *bytes, size_t count) {
    put_number(column, (uint32_t)count);
    put(column, bytes, count);
}

static void short_element(struct column *column, int16_t number) {
    number = (int16_t)htons((uint16_t)number);
    element(column, &number, 2);
}

static void int_element(struct column *column, int32_t number) {
    number = (int32_t)htonl((uint32_t)number);
    element(column, &number, 4);
}

static void long_element(struct column *column, int64_t number) {
    number = (int64_t)htobe64((uint64_t)number);
    element(column, &number, 8);
}

// Ids grow with time in their first bytes, as the server's do, so that indexes are filled at the same end.
static void id_element(struct column *column, int64_t number) {
    uint64_t high = htobe64((uint64_t)number);
    memcpy(ids, &high, 8);
    element(column, ids, 16);
}

static void make_events(int rows) {
    struct column *slice = array(INT2, rows), *position = array(INT8, rows), *era = array(DATE, rows), *owner = array(UUID, rows),
                  *stream = array(UUID, rows), *version = array(INT4, rows), *id = array(UUID, rows), *types = array(TEXT, rows),
                  *schema = array(INT2, rows), *recorded = array(TIMESTAMPTZ, rows), *epoch = array(INT8, rows), *metas = array(BYTEA, rows),
                  *bodies = array(BYTEA, rows), *codec = array(INT2, rows), *hashes = array(BYTEA, rows);
    for (int i = 0; i < rows; i++, row_number++) {
        int place = (int)(row_number % STREAMS);
        short_element(slice, (int16_t)place);
        long_element(position, row_number / STREAMS + 1);
        int_element(era, INT32_MIN);
        element(owner, tenant, 16);
        element(stream, streams[place], 16);
        int_element(version, (int32_t)(row_number / STREAMS + 1));
        id_element(id, row_number);
        element(types, type.bytes, (size_t)type.length);
        short_element(schema, 1);
        long_element(recorded, 800000000000000 + row_number);
        long_element(epoch, 1);
        element(metas, meta.bytes, (size_t)meta.length);
        element(bodies, body.bytes, (size_t)body.length);
        short_element(codec, 1);
        element(hashes, hash, sizeof hash);
    }
}

static void make_deliveries(int rows) {
    struct column *slice = array(INT2, rows), *owner = array(UUID, rows), *keys = array(TEXT, rows), *id = array(UUID, rows),
                  *types = array(TEXT, rows), *schema = array(INT2, rows), *metas = array(BYTEA, rows),
                  *bodies = array(BYTEA, rows), *codec = array(INT2, rows);
    for (int i = 0; i < rows; i++, row_number++) {
        char text[512];
        // The end of a key is what tells deliveries apart.
        int digits = snprintf(text, sizeof text, "%.*s", key.length, key.bytes);
        char number[24];
        int tail = snprintf(number, sizeof number, "%016lx", row_number);
        memcpy(text + digits - tail, number, (size_t)tail);
        short_element(slice, 7);
        element(owner, tenant, 16);
        element(keys, text, (size_t)digits);
        id_element(id, row_number);
        element(types, type.bytes, (size_t)type.length);
        short_element(schema, 1);
        element(metas, meta.bytes, (size_t)meta.length);
        element(bodies, body.bytes, (size_t)body.length);
        short_element(codec, 2);
    }
}

struct target {
    const char *name, *setup, *sample, *insert;
    void (*make)(int rows);
};

static const struct target targets[] = {
    {"events",
     "drop table if exists bench_events; create table bench_events (like events including all)",
     "select type, meta, body, ''::text from events order by recorded_at desc limit 1",
     "insert into bench_events (slice, pos, era, tenant_id, stream_id, version, event_id, type, schema, recorded_at, epoch, meta, body, codec, "
     "chain_hash) select * from unnest($1::int2[], $2::int8[], $3::date[], $4::uuid[], $5::uuid[], $6::int4[], $7::uuid[], $8::text[], $9::int2[], "
     "$10::timestamptz[], $11::int8[], $12::bytea[], $13::bytea[], $14::int2[], $15::bytea[])",
     make_events},
    {"inbox",
     "drop table if exists bench_inbox; create table bench_inbox (like inbox including all) with (fillfactor = 70)",
     "select type, meta, body, dedup_key from bench_inbox_row limit 1",
     "insert into bench_inbox (slice, tenant_id, dedup_key, state, event_id, type, schema, meta, body, codec) "
     "select a, b, c, 0, d, e, f, g, h, i from unnest($1::int2[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::int2[], "
     "$7::bytea[], $8::bytea[], $9::int2[]) as r(a, b, c, d, e, f, g, h, i)",
     make_deliveries},
};

static void read_sample(const char *sql) {
    PGresult *result = PQexecParams(connection, sql, 0, NULL, NULL, NULL, NULL, 1);
    if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1) fail("no row to copy");
    struct text *parts[] = {&type, &meta, &body, &key};
    for (int i = 0; i < 4; i++) {
        parts[i]->length = PQgetlength(result, 0, i);
        parts[i]->bytes = memcpy(malloc((size_t)parts[i]->length + 1), PQgetvalue(result, 0, i), (size_t)parts[i]->length);
    }
    if (getrandom(tenant, sizeof tenant, 0) < 0 || getrandom(streams, sizeof streams, 0) < 0 || getrandom(ids, sizeof ids, 0) < 0) fail("getrandom");
}

static void commit(const struct target *target, int rows) {
    const char *values[MAX_COLUMNS];
    int lengths[MAX_COLUMNS], formats[MAX_COLUMNS];
    column_count = 0;
    target->make(rows);
    for (int i = 0; i < column_count; i++) {
        values[i] = (const char *)columns[i].bytes;
        lengths[i] = (int)columns[i].length;
        formats[i] = 1;
    }
    PGresult *result = PQexecPrepared(connection, "put", column_count, values, lengths, formats, 1);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) fail("insert");
    PQclear(result);
}

static double drive(const struct target *target, int rows, double seconds) {
    double begun = now(), before = begun;
    while (before < begun + seconds) {
        commit(target, rows);
        double after = now();
        if (sample_count < MAX_SAMPLES) samples[sample_count++] = (uint32_t)((after - before) * 1e6);
        before = after;
    }
    return before - begun;
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int main(int count, char **words) {
    if (count != 5) return 2;
    const struct target *target = !strcmp(words[2], "events") ? &targets[0] : &targets[1];
    int rows = atoi(words[3]);
    connection = PQconnectdb(words[1]);
    if (PQstatus(connection) != CONNECTION_OK) fail("cannot connect");
    PQclear(run("set client_min_messages = warning"));
    PQclear(run(target->setup));
    read_sample(target->sample);
    PGresult *prepared = PQprepare(connection, "put", target->insert, 0, NULL);
    if (PQresultStatus(prepared) != PGRES_COMMAND_OK) fail("prepare");
    // Past the five plans that Postgres makes before it keeps one.
    drive(target, rows, 0.1);
    sample_count = 0;
    int64_t first = row_number;
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    double seconds = drive(target, rows, atof(words[4]));
    getrusage(RUSAGE_SELF, &after);
    double cpu = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec + after.ru_stime.tv_sec - before.ru_stime.tv_sec) +
                 (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec + after.ru_stime.tv_usec - before.ru_stime.tv_usec) / 1e6;
    qsort(samples, (size_t)sample_count, sizeof *samples, ascending);
    printf(
        "{\"rows\": %ld, \"seconds\": %.6f, \"p50\": %.4f, \"cpuSeconds\": %.3f}\n", (long)(row_number - first), seconds,
        sample_count ? samples[sample_count / 2] / 1000.0 : 0, cpu);
    PQfinish(connection);
    return 0;
}
