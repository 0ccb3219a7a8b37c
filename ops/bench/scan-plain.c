// What Postgres gives when nothing is made of it: every row of `events` that a reader of the log reads, slice by slice by position, over one
// connection, binary, in pages. Prints one JSON object.
//
//   scan-plain DATABASE_URL SECONDS
//
// Reads the whole log again and again until so much time has passed, once at least; every byte of a row is looked at once.
#include <arpa/inet.h>
#include <endian.h>
#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { SLICES = 256, PAGE = 1000, INT2 = 21, INT8 = 20 };

static const char *query =
    "select slice, pos, version, stream_id, tenant_id, era, event_id, type, schema, recorded_at, meta, codec, body "
    "from events where slice = $1 and pos > $2 and pos <= $3 order by pos";

static PGconn *connection;
static unsigned long checksum;

static void fail(const char *what) {
    fprintf(stderr, "scan-plain: %s: %s\n", what, PQerrorMessage(connection));
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void look_at(const PGresult *rows) {
    for (int row = 0; row < PQntuples(rows); row++)
        for (int column = 0; column < PQnfields(rows); column++) {
            const unsigned char *bytes = (const unsigned char *)PQgetvalue(rows, row, column);
            for (int index = 0; index < PQgetlength(rows, row, column); index++) checksum += bytes[index];
        }
}

// Rows of one page of a slice after a position.
static int page(int slice, int64_t after) {
    uint16_t number = htons((uint16_t)slice);
    uint64_t from = htobe64((uint64_t)after), to = htobe64((uint64_t)after + PAGE);
    const char *values[] = {(const char *)&number, (const char *)&from, (const char *)&to};
    const int lengths[] = {2, 8, 8}, formats[] = {1, 1, 1};
    PGresult *rows = PQexecPrepared(connection, "page", 3, values, lengths, formats, 1);
    if (PQresultStatus(rows) != PGRES_TUPLES_OK) fail("page");
    look_at(rows);
    int count = PQntuples(rows);
    PQclear(rows);
    return count;
}

static long scan(void) {
    long total = 0;
    for (int slice = 0; slice < SLICES; slice++) {
        int64_t position = 0;
        int count;
        do {
            count = page(slice, position);
            position += count;
            total += count;
        } while (count == PAGE);
    }
    return total;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: scan-plain DATABASE_URL SECONDS\n");
        return 2;
    }
    connection = PQconnectdb(argv[1]);
    if (PQstatus(connection) != CONNECTION_OK) fail("connect");
    const Oid types[] = {INT2, INT8, INT8};
    PGresult *prepared = PQprepare(connection, "page", query, 3, types);
    if (PQresultStatus(prepared) != PGRES_COMMAND_OK) fail("prepare");
    PQclear(prepared);
    double begun = now(), ended = begun, limit = atof(argv[2]);
    long rows = 0;
    do {
        rows += scan();
        ended = now();
    } while (ended - begun < limit);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    printf("{\"rows\": %ld, \"seconds\": %.6f, \"cpuSeconds\": %.3f, \"checksum\": %lu}\n", rows, ended - begun, cpu, checksum);
    PQfinish(connection);
    return 0;
}
